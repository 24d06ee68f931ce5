"""auth.test and the methods that look things up."""

from bot.playground.methods import Calls, Json, Method, SlackError
from bot.playground.workspace import CHANNEL_TYPES, Channel, Message, Person

READS = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}


def auth_test(calls: Calls, arguments: Json) -> Json:
    """auth.test."""
    space = calls.space
    return {
        "url": f"https://{space.domain}.slack.com/",
        "team": space.name,
        "user": space.bot.name,
        "team_id": space.enterprise if space.everywhere else space.team,
        "user_id": space.bot.id,
        "bot_id": space.bot_id,
        "is_enterprise_install": space.everywhere,
        **({"enterprise_id": space.enterprise} if space.enterprise else {}),
    }


def conversation(calls: Calls, channel: Channel) -> Json:
    """A channel as Slack shows it."""
    kind = CHANNEL_TYPES[channel.kind]
    wire: Json = {
        "id": channel.id,
        "created": 1700000000,
        "is_channel": kind == "channel",
        "is_group": kind == "group",
        "is_im": kind == "im",
        "is_mpim": kind == "mpim",
        "is_private": channel.kind != "public",
        "is_archived": False,
        "is_ext_shared": channel.shared,
        "context_team_id": calls.space.team,
    }
    if channel.kind == "im":
        return wire | {"user": channel.name, "is_open": True}
    topic = {"value": channel.topic, "creator": "", "last_set": 0}
    is_member = calls.space.bot.id in channel.members
    return wire | {"name": channel.name, "is_member": is_member, "topic": topic, "purpose": topic, "num_members": len(channel.members)}


def info(calls: Calls, arguments: Json) -> Json:
    """conversations.info."""
    channel = calls.channel(arguments)
    calls.need(f"{READS[channel.kind]}:read")
    return {"channel": conversation(calls, channel)}


def open_direct(calls: Calls, arguments: Json) -> Json:
    """conversations.open, for one person."""
    people = [each for each in str(arguments.get("users", "")).split(",") if each]
    if len(people) != 1:
        raise SlackError("users_list_not_supplied" if not people else "not_enough_users")
    if people[0] not in calls.space.people or people[0] == calls.space.bot.id:
        raise SlackError("user_not_found")
    return {"channel": {"id": calls.space.direct(people[0]).id}, "already_open": True, "no_op": True}


def replies(calls: Calls, arguments: Json) -> Json:
    """conversations.replies: the head and its replies."""
    channel = calls.channel(arguments)
    calls.need(f"{READS[channel.kind]}:history")
    head = calls.message(arguments, "thread_not_found")
    if head.thread_ts:
        head = calls.space.find(channel.id, head.thread_ts) or head
    thread = [head, *calls.space.replies(channel.id, head.ts)]
    oldest = str(arguments.get("oldest") or "")
    shown = [each for each in thread if each is head or each.ts >= oldest]
    return {"messages": [_with_metadata(calls, each, arguments) for each in shown], "has_more": False}


def history(calls: Calls, arguments: Json) -> Json:
    """conversations.history: newest first."""
    channel = calls.channel(arguments)
    calls.need(f"{READS[channel.kind]}:history")
    limit = min(int(arguments.get("limit") or 100), 999)
    oldest = str(arguments.get("oldest") or "")
    newest = [each for each in calls.space.history(channel.id) if each.ts >= oldest][-limit:][::-1]
    return {"messages": [_with_metadata(calls, each, arguments) for each in newest], "has_more": False}


def _with_metadata(calls: Calls, message: Message, arguments: Json) -> Json:
    """The message; with what the app attached to its own, where it asks for that."""
    wire = calls.space.wire(message)
    wanted = str(arguments.get("include_all_metadata", "")).lower() in ("1", "true")
    return wire | {"metadata": message.metadata} if wanted and message.metadata else wire


def person(calls: Calls, member: Person) -> Json:
    """A member as Slack shows one."""
    return {
        "id": member.id,
        "team_id": calls.space.team,
        "name": member.name,
        "real_name": member.real_name,
        "tz": "Europe/Berlin",
        "profile": {"real_name": member.real_name, "display_name": member.name, "title": member.title, "team": calls.space.team},
        "is_bot": member.bot,
        "is_restricted": False,
        "deleted": False,
    }


def user_info(calls: Calls, arguments: Json) -> Json:
    """users.info."""
    found = calls.space.people.get(str(arguments.get("user", "")))
    if found is None:
        raise SlackError("user_not_found")
    return {"user": person(calls, found)}


def team_info(calls: Calls, arguments: Json) -> Json:
    """team.info."""
    return {"team": {"id": calls.space.team, "name": calls.space.name, "domain": calls.space.domain, "email_domain": ""}}


def bot_info(calls: Calls, arguments: Json) -> Json:
    """bots.info."""
    if arguments.get("bot", calls.space.bot_id) != calls.space.bot_id:
        raise SlackError("bot_not_found")
    return {"bot": {**calls.space.bot_profile(), "user_id": calls.space.bot.id}}


READING = {
    "api.test": Method(lambda calls, arguments: {"args": arguments}),
    "auth.test": Method(auth_test),
    "conversations.info": Method(info),
    "conversations.open": Method(open_direct, ("im:write",)),
    "conversations.replies": Method(replies),
    "conversations.history": Method(history),
    "users.info": Method(user_info, ("users:read",)),
    "team.info": Method(team_info, ("team:read",)),
    "bots.info": Method(bot_info, ("users:read",)),
}
