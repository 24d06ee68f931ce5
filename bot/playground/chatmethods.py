"""chat.*, reactions.* and the answers to an interaction's address."""

import json

from bot.playground.methods import Calls, Json, Method, SlackError, read_content, warned
from bot.playground.tickets import AnswerLink


def post_message(calls: Calls, arguments: Json) -> Json:
    """chat.postMessage."""
    channel = calls.postable(arguments)
    content = read_content(arguments)
    thread = calls.thread(arguments, channel)
    message = calls.post(channel, content, thread, broadcast=bool(arguments.get("reply_broadcast")))
    message.metadata = metadata(arguments)
    return warned({"channel": channel.id, "ts": message.ts, "message": calls.space.wire(message)}, content.warnings)


def metadata(arguments: Json) -> Json | None:
    """What the app attaches: an event type with a payload, or the error that Slack gives for anything else."""
    given = arguments.get("metadata")
    if given in (None, ""):
        return None
    try:
        read = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        raise SlackError("invalid_metadata_format") from None
    if not isinstance(read, dict) or not isinstance(read.get("event_type"), str) or not isinstance(read.get("event_payload"), dict):
        raise SlackError("invalid_metadata_schema")
    return read


def post_ephemeral(calls: Calls, arguments: Json) -> Json:
    """chat.postEphemeral."""
    channel = calls.postable(arguments)
    content = read_content(arguments)
    person = arguments.get("user")
    if person not in calls.space.people:
        raise SlackError("user_not_found")
    if person not in channel.members:
        raise SlackError("user_not_in_channel")
    message = calls.post(channel, content, calls.thread(arguments, channel), to=str(person))
    return warned({"message_ts": message.ts}, content.warnings)


def update(calls: Calls, arguments: Json) -> Json:
    """chat.update: blocks stay when neither they nor a text are given, and go when only a text is."""
    message = calls.message(arguments)
    if message.user != calls.space.bot.id:
        raise SlackError("cant_update_message")
    content = read_content(arguments)
    calls.space.edit(message, content.text or message.text, content.blocks, marked=content.blocks is None)
    answer = {"channel": message.channel, "ts": message.ts, "text": message.text, "message": calls.space.wire(message)}
    return warned(answer, content.warnings)


def delete(calls: Calls, arguments: Json) -> Json:
    """chat.delete."""
    message = calls.message(arguments)
    if message.user != calls.space.bot.id:
        raise SlackError("cant_delete_message")
    calls.space.remove(message)
    return {"channel": message.channel, "ts": message.ts}


def permalink(calls: Calls, arguments: Json) -> Json:
    """chat.getPermalink."""
    message = calls.message(arguments, field="message_ts")
    where = f"https://{calls.space.domain}.slack.com/archives/{message.channel}/p{message.ts.replace('.', '')}"
    return {"channel": message.channel, "permalink": where}


def react(calls: Calls, arguments: Json) -> Json:
    """reactions.add."""
    name = str(arguments.get("name", ""))
    if not name:
        raise SlackError("invalid_name")
    if not calls.space.react(calls.message(arguments, field="timestamp"), name, calls.space.bot.id):
        raise SlackError("already_reacted")
    return {}


def answer_link(calls: Calls, link: AnswerLink, arguments: Json) -> None:
    """What the app posts to a response_url: replace, delete, or a new message, ephemeral unless it says otherwise."""
    source = calls.space.find(link.channel, link.source) if link.source else None
    if arguments.get("delete_original") and source is not None:
        calls.space.remove(source)
        return
    content = read_content(arguments, limited=False)
    if arguments.get("replace_original") and source is not None and source.user == calls.space.bot.id:
        calls.space.edit(source, content.text, content.blocks, marked=False)
        return
    channel = calls.space.channels[link.channel]
    public = arguments.get("response_type") == "in_channel"
    calls.post(channel, content, calls.thread(arguments, channel), to=None if public else link.person)


CHAT = {
    "chat.postMessage": Method(post_message, ("chat:write",)),
    "chat.postEphemeral": Method(post_ephemeral, ("chat:write",)),
    "chat.update": Method(update, ("chat:write",)),
    "chat.delete": Method(delete, ("chat:write",)),
    "chat.getPermalink": Method(permalink),
    "reactions.add": Method(react, ("reactions:write",)),
}
