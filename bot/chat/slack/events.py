"""What Slack sends -> what Spellout understands. Pure, and never an exception: what is not for us, or not as Slack writes it, is None."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal

from bot.chat.payload import NotForUs, Payload, mapping, part, shaped, string
from bot.chat.slack.limits import BUTTON_VALUE, OPTION_VALUE
from bot.chat.slack.markup import plain_text
from bot.chat.slack.payload import (
    ACTION,
    CHANNEL,
    OTHER,
    PERSON,
    SERVICE,
    THREAD,
    TS,
    Us,
    answer_url,
    author_is_outsider,
    channel_name,
    is_direct,
    is_outsider,
    marks,
    new_thread,
    place,
    team_of,
)
from bot.core.messages import Commanded, Deleted, Event, Place, Pointed, Pressed, Said, Submitted

MESSAGE_EVENTS: Final = ("message", "app_mention")
SUBTYPES: Final = (None, "file_share", "thread_broadcast", "me_message")
"""The kinds of message that somebody wrote; all others report joins, topics, bots."""
COMMANDS: Final[Mapping[str, Literal["spellout", "classify"]]] = {"/spellout": "spellout", "/classify": "classify"}
SHORTCUTS: Final[Mapping[str, Literal["explain", "choose", "why", "classify"]]] = {
    "explain_acronyms": "explain",
    "choose_model": "choose",
    "why_silent": "why",
    "classify_work": "classify",
}

TYPED: Final = "plain_text_input"
"""The kind of element that takes a text."""

_OUR_THREAD = re.compile(rf"{ACTION}:({THREAD.pattern}):[0-9]+")
_SLACKBOT = "USLACKBOT"
_ANYWHERE = Place(SERVICE, "", "", "")


def translate(payload: object, us: Us) -> Event | None:
    """The event of a request body as Slack sends it, or None."""
    try:
        body = mapping(payload)
        match body.get("type"):
            case "event_callback":
                return _happened(body, us)
            case "block_actions":
                return _pressed(body, us)
            case "view_submission":
                return _submitted(body, us)
            case "message_action":
                return _pointed(body, us)
            case None if "command" in body:
                return _commanded(body, us)
    except NotForUs:
        pass
    return None


def trigger_of(payload: object) -> str | None:
    """The trigger id that lets a window be opened within three seconds."""
    trigger = part(payload, "trigger_id")
    return trigger if isinstance(trigger, str) and OTHER.fullmatch(trigger) else None


# --------------------------------------------------------------------------- messages


def overheard(body: Payload, us: Us) -> Said | None:
    """What somebody says in a channel to nobody in particular, for a quick look whether it matters: the text alone, not who or where.

    None: it is something else, or nothing, which `translate` knows.
    """
    try:
        _, _, ts, head, text, addressed = _written(mapping(body.get("event")), us)
    except NotForUs:
        return None
    return None if addressed or head not in (None, ts) or not text else Said(_ANYWHERE, "", text, ())


def _happened(body: Payload, us: Us) -> Event:
    """A message that is new, in new words, or gone."""
    event = mapping(body.get("event"))
    match event.get("type"), event.get("subtype"):
        case "message", "message_changed":
            return _changed(body, event, us)
        case "message", "message_deleted":
            return _deleted(body, event, event.get("deleted_ts"), us)
    said = _said(body, event, us)
    if not (said.text or said.addressed):
        raise NotForUs
    return said


def _changed(body: Payload, event: Payload, us: Us) -> Event:
    """New words for an old message; a link's preview, a pin or a reply changes a message too, but not its words.

    Its only mark is the event: the message's own mark is that of its first words, and an edit may follow an edit.
    """
    message, before = mapping(event.get("message")), mapping(event.get("previous_message"))
    if message.get("subtype") == "tombstone":
        return _deleted(body, event, message.get("ts"), us)
    if not message.get("edited") or message.get("text") == before.get("text"):
        raise NotForUs
    words = {key: value for key, value in message.items() if key != "edited"}
    said = _said(body, words | {"type": "message", "channel": event.get("channel")}, us)
    return replace(said, edited=True, marks=_event_mark(body, said.place.team))


def _deleted(body: Payload, event: Payload, ts: object, us: Us) -> Deleted:
    """A message that is gone, or (where its thread goes on) only its tombstone is left. The tombstone's own end is nobody's doing."""
    before = mapping(event.get("previous_message"))
    author, channel, message = _author(before, us), shaped(event.get("channel"), CHANNEL), shaped(ts, TS)
    team, head = team_of(body), _head(before)
    thread = head or ("dm" if is_direct(channel) else message)
    outsider = author_is_outsider(body, before, us)
    return Deleted(place(team, channel, thread), author, message, _event_mark(body, team), outsider=outsider)


def _said(body: Payload, event: Payload, us: Us) -> Said:
    author, channel, ts, head, text, addressed = _written(event, us)
    team = team_of(body)
    return Said(
        place(team, channel, head or ("dm" if is_direct(channel) else ts)),
        author,
        text,
        (*_event_mark(body, team), *marks(team, f"message:{channel}:{ts}")),
        addressed,
        reply=head not in (None, ts),
        message=ts,
        outside=body.get("is_ext_shared_channel") is True,
        outsider=author_is_outsider(body, event, us),
    )


def _written(event: Payload, us: Us) -> tuple[str, str, str, str | None, str, bool]:
    """Of a message that somebody wrote: who, in which channel, its id, its thread's, its text, and whether it is addressed to us."""
    if event.get("type") not in MESSAGE_EVENTS or event.get("hidden") or event.get("edited"):
        raise NotForUs
    author, channel, ts = _author(event, us), shaped(event.get("channel"), CHANNEL), shaped(event.get("ts"), TS)
    text, mentioned = plain_text(string(event.get("text")), us.user)
    addressed = mentioned or (is_direct(channel) and text != "") or event["type"] == "app_mention"
    return author, channel, ts, _head(event), text, addressed


def _author(message: Payload, us: Us) -> str:
    """Who wrote a message; nobody of ours, and no bot."""
    if message.get("subtype") not in SUBTYPES or message.get("bot_id") or message.get("bot_profile"):
        raise NotForUs
    author = shaped(message.get("user"), PERSON)
    if author in (us.user, _SLACKBOT):
        raise NotForUs
    return author


def _head(message: Payload) -> str | None:
    return shaped(message["thread_ts"], TS) if message.get("thread_ts") is not None else None


def _event_mark(body: Payload, team: str) -> tuple[str, ...]:
    return marks(team, f"event:{shaped(body['event_id'], OTHER)}") if body.get("event_id") is not None else ()


# --------------------------------------------------------------------------- interactions


def _pressed(body: Payload, us: Us) -> Pressed:
    action = _ours(body.get("actions"))
    option = action.get("selected_option")
    choice = string((option if isinstance(option, Mapping) else action).get("value"))
    if not (0 < len(choice) <= BUTTON_VALUE and choice.isprintable()):
        raise NotForUs
    team, person, trigger = _who(body)
    channel, thread, in_thread = _where_pressed(body, action, trigger)
    names = [f"trigger:{trigger}"]
    if action.get("action_ts") is not None:
        names.append(f"press:{channel}:{person}:{shaped(action['action_ts'], TS)}")
    where, url, outsider = place(team, channel, thread), answer_url(body, in_thread), is_outsider(body, us)
    name = channel_name(part(body.get("channel"), "name"))
    return Pressed(where, person, choice, marks(team, *names), answer_url=url, outsider=outsider, channel_name=name)


def _submitted(body: Payload, us: Us) -> Submitted:
    """A window that was sent off. Only what it offered can be chosen in it."""
    view = mapping(body.get("view"))
    ours, _, window = string(view.get("callback_id")).partition(":")
    if ours != ACTION or not window.isidentifier():
        raise NotForUs
    team, person, trigger = _who(body)
    channel, _, thread = string(view.get("private_metadata")).partition(":")
    offered = _offered(view.get("blocks"))
    filled = part(view.get("state"), "values")
    elements = [entry for block in (filled.values() if isinstance(filled, Mapping) else ()) for entry in mapping(block).items()]
    chosen = {name.removeprefix(f"{ACTION}:"): _chosen(element) for name, element in elements if isinstance(name, str)}
    values = {name: tuple(value for value in chosen.get(name, ()) if value in options) for name, options in offered.items()}
    values |= {name: chosen[name] for name in _typed(view.get("blocks")) if name in chosen}
    where = place(team, shaped(channel, CHANNEL), shaped(thread, THREAD))
    return Submitted(where, person, window, values, marks(team, f"trigger:{trigger}"), offered, outsider=is_outsider(body, us))


def _offered(blocks: object) -> dict[str, tuple[str, ...]]:
    """The options of each of our fields in a window."""
    elements = [part(block, "element") for block in blocks] if isinstance(blocks, list) else []
    named = [(string(part(element, "action_id")), part(element, "options")) for element in elements]
    return {
        name.removeprefix(f"{ACTION}:"): tuple(value for option in options if (value := _value(option)))
        for name, options in named
        if name.startswith(f"{ACTION}:") and isinstance(options, list)
    }


def _typed(blocks: object) -> tuple[str, ...]:
    """Our fields in a window that take a text."""
    elements = [part(block, "element") for block in blocks] if isinstance(blocks, list) else []
    names = (string(part(element, "action_id")) for element in elements if part(element, "type") == TYPED)
    return tuple(name.removeprefix(f"{ACTION}:") for name in names if name.startswith(f"{ACTION}:"))


def _chosen(element: object) -> tuple[str, ...]:
    """The values of the options that are chosen in a field, or the text that is typed in it."""
    if part(element, "type") == TYPED:
        return tuple(filter(None, (string(part(element, "value")),)))
    options = part(element, "selected_options")
    if not isinstance(options, list):
        options = [part(element, "selected_option")]
    return tuple(value for option in options if (value := _value(option)))


def _value(option: object) -> str:
    value = string(part(option, "value"))
    return value if len(value) <= OPTION_VALUE and value.isprintable() else ""


def _commanded(body: Payload, us: Us) -> Commanded:
    command = COMMANDS.get(string(body.get("command")))
    if command is None:
        raise NotForUs
    team, channel = team_of(body), shaped(body.get("channel_id"), CHANNEL)
    person, trigger = shaped(body.get("user_id"), PERSON), shaped(body.get("trigger_id"), OTHER)
    words, _ = plain_text(string(body.get("text")), us.user)
    where = place(team, channel, "dm" if is_direct(channel) else new_thread(trigger))
    url, outsider, name = answer_url(body, in_thread=False), is_outsider(body, us), channel_name(body.get("channel_name"))
    marked = marks(team, f"trigger:{trigger}")
    return Commanded(where, person, words, marked, command, answer_url=url, outsider=outsider, channel_name=name)


def _pointed(body: Payload, us: Us) -> Pointed:
    action = SHORTCUTS.get(string(body.get("callback_id")))
    if action is None:
        raise NotForUs
    team, person, trigger = _who(body)
    channel, message = shaped(part(body.get("channel"), "id"), CHANNEL), mapping(body.get("message"))
    head = _head(message)
    thread = "dm" if is_direct(channel) and head is None else shaped(head or message.get("ts") or body.get("message_ts"), TS)
    text, _ = plain_text(string(message.get("text")), us.user)
    return Pointed(
        place(team, channel, thread),
        person,
        action,
        text,
        marks(team, f"trigger:{trigger}"),
        answer_url=answer_url(body, in_thread=head is not None),
        outside=body.get("is_ext_shared_channel") is True,
        outsider=is_outsider(body, us),
        message=shaped(message.get("ts") or body.get("message_ts"), TS),
        channel_name=channel_name(part(body.get("channel"), "name")),
    )


def _who(body: Payload) -> tuple[str, str, str]:
    """Whose app, which person, and the interaction's trigger."""
    return team_of(body), shaped(part(body.get("user"), "id"), PERSON), shaped(body.get("trigger_id"), OTHER)


def _where_pressed(body: Payload, action: Payload, trigger: str) -> tuple[str, str, bool]:
    """The channel, the thread, and whether the person sees the button inside a thread."""
    container = mapping(body.get("container"))
    if container.get("type") == "view":
        channel, _, thread = string(part(body.get("view"), "private_metadata")).partition(":")
        return shaped(channel, CHANNEL), shaped(thread, THREAD), False
    channel = shaped(container.get("channel_id") or part(body.get("channel"), "id"), CHANNEL)
    head = container.get("thread_ts") or part(body.get("message"), "thread_ts")
    if ours := _our_thread(action.get("block_id")):
        return channel, ours, head is not None
    if head is not None:
        return channel, shaped(head, TS), True
    if is_direct(channel):
        return channel, "dm", False
    if container.get("is_ephemeral") is True:
        return channel, new_thread(trigger), False
    return channel, shaped(container.get("message_ts"), TS), False


def _ours(actions: object) -> Payload:
    """The button of ours that was pressed, or the menu that was chosen from."""
    if isinstance(actions, list):
        for action in actions:
            ours = string(part(action, "action_id")).startswith(f"{ACTION}:")
            if ours and part(action, "type") in ("button", "overflow"):
                return mapping(action)
    raise NotForUs


def _our_thread(block_id: object) -> str | None:
    """The conversation that a whisper's buttons belong to: a whisper is in no thread, so that they carry it."""
    found = _OUR_THREAD.fullmatch(block_id) if isinstance(block_id, str) else None
    return found[1] if found else None
