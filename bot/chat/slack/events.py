"""What Slack sends -> what Spellout understands. Pure, and never an exception: what is not for us, or not as Slack writes it, is None."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Literal, cast

from bot.chat.slack.limits import BUTTON_VALUE
from bot.chat.slack.markup import plain_text
from bot.core.messages import Commanded, Deleted, Event, Place, Pointed, Pressed, Said, Submitted

SERVICE: Final = "slack"
MESSAGE_EVENTS: Final = ("message", "app_mention")
SUBTYPES: Final = (None, "file_share", "thread_broadcast", "me_message")
"""The kinds of message that somebody wrote just now; all others report edits, deletions, joins, bots."""
COMMANDS: Final[Mapping[str, Literal["spellout", "classify"]]] = {"/spellout": "spellout", "/classify": "classify"}
SHORTCUTS: Final[Mapping[str, Literal["explain", "choose", "why", "classify"]]] = {
    "explain_acronyms": "explain",
    "choose_model": "choose",
    "why_silent": "why",
    "classify_work": "classify",
}
ACTION: Final = "spellout"
"""How the action and block ids of our own buttons begin."""
IN_THREAD: Final = "#in-thread"
"""Ends an answer URL whose answer belongs into the thread, because the person is looking at it. Never sent to Slack."""

_CHANNEL = re.compile(r"[CDG][A-Z0-9]{1,30}")
_PERSON = re.compile(r"[UW][A-Z0-9]{1,30}")
_TEAM = re.compile(r"[TE][A-Z0-9]{1,30}")
_TS = re.compile(r"[0-9]{1,12}\.[0-9]{1,9}")
_OTHER = re.compile(r"[A-Za-z0-9.]{1,120}")
_THREAD = re.compile(rf"dm|new-[A-Za-z0-9]{{1,120}}|{_TS.pattern}")
_OUR_THREAD = re.compile(rf"{ACTION}:({_THREAD.pattern}):[0-9]+")
_SLACKBOT = "USLACKBOT"

Payload = Mapping[str, Any]


class _NotForUs(Exception):
    """The payload is none that we answer."""


def translate(payload: object, me: str) -> Event | None:
    """The event of a request body as Slack sends it, or None. `me` is the bot's own user id."""
    try:
        body = _mapping(payload)
        match body.get("type"):
            case "event_callback":
                return _happened(body, me)
            case "block_actions":
                return _pressed(body)
            case "view_submission":
                return _submitted(body)
            case "message_action":
                return _pointed(body, me)
            case None if "command" in body:
                return _commanded(body, me)
    except _NotForUs:
        pass
    return None


def trigger_of(payload: object) -> str | None:
    """The trigger id that lets a window be opened within three seconds."""
    trigger = payload.get("trigger_id") if isinstance(payload, Mapping) else None
    return trigger if isinstance(trigger, str) and _OTHER.fullmatch(trigger) else None


# --------------------------------------------------------------------------- the four kinds


def _happened(body: Payload, me: str) -> Event:
    """A message that is new, in new words, or gone."""
    event = _mapping(body.get("event"))
    if event.get("type") == "message" and event.get("subtype") == "message_changed":
        return _changed(body, event, me)
    if event.get("type") == "message" and event.get("subtype") == "message_deleted":
        return _deleted(body, event, event.get("deleted_ts"), me)
    return _said(body, event, me)


def _changed(body: Payload, event: Payload, me: str) -> Event:
    """New words for an old message; a link's preview changes a message too, but not its words."""
    message, before = _mapping(event.get("message")), _mapping(event.get("previous_message"))
    if message.get("subtype") == "tombstone":
        return _deleted(body, event, message.get("ts"), me)
    if not message.get("edited") or message.get("text") == before.get("text"):
        raise _NotForUs
    words = {key: value for key, value in message.items() if key != "edited"} | {"type": "message", "channel": event.get("channel")}
    said = _said({**body, "event_id": None}, words, me)
    return replace(said, edited=True, marks=_event_mark(body, said.place.team))


def _deleted(body: Payload, event: Payload, ts: object, me: str) -> Deleted:
    before = _mapping(event.get("previous_message"))
    person, channel = _shaped(before.get("user"), _PERSON), _shaped(event.get("channel"), _CHANNEL)
    if person == me or before.get("bot_id"):
        raise _NotForUs
    message, team = _shaped(ts, _TS), _team(body)
    head = _shaped(before["thread_ts"], _TS) if before.get("thread_ts") is not None else None
    thread = head or ("dm" if _is_direct(channel) else message)
    return Deleted(_place(team, channel, thread), person, message, _event_mark(body, team))


def _event_mark(body: Payload, team: str) -> tuple[str, ...]:
    return _marks(team, f"event:{_shaped(body['event_id'], _OTHER)}") if body.get("event_id") is not None else ()


def _said(body: Payload, event: Payload, me: str) -> Said:
    subtype = event.get("subtype")
    if event.get("type") not in MESSAGE_EVENTS or subtype not in SUBTYPES:
        raise _NotForUs
    if any(event.get(sign) for sign in ("bot_id", "bot_profile", "hidden", "edited")):
        raise _NotForUs
    person = _shaped(event.get("user"), _PERSON)
    channel, ts = _shaped(event.get("channel"), _CHANNEL), _shaped(event.get("ts"), _TS)
    head = _shaped(event["thread_ts"], _TS) if event.get("thread_ts") is not None else None
    text, mentioned = plain_text(_string(event.get("text")), me)
    direct = _is_direct(channel)
    addressed = mentioned or direct or event["type"] == "app_mention"
    if person in (me, _SLACKBOT) or not (text or mentioned):
        raise _NotForUs
    team = _team(body)
    thread = head or ("dm" if direct else ts)
    marks = [f"message:{channel}:{ts}"]
    if body.get("event_id") is not None:
        marks.insert(0, f"event:{_shaped(body['event_id'], _OTHER)}")
    return Said(
        _place(team, channel, thread),
        person,
        text,
        _marks(team, *marks),
        addressed,
        reply=head not in (None, ts),
        message=ts,
        outside=body.get("is_ext_shared_channel") is True,
    )


def _pressed(body: Payload) -> Pressed:
    action = _ours(body.get("actions"))
    option = action.get("selected_option")
    choice = _string((option if isinstance(option, Mapping) else action).get("value"))
    if not (0 < len(choice) <= BUTTON_VALUE and choice.isprintable()):
        raise _NotForUs
    team, person = _team(body), _shaped(_mapping(body.get("user")).get("id"), _PERSON)
    trigger = _shaped(body.get("trigger_id"), _OTHER)
    channel, thread, in_thread = _where_pressed(body, action, trigger)
    marks = _marks(team, f"trigger:{trigger}")
    if action.get("action_ts") is not None:
        marks += _marks(team, f"press:{channel}:{person}:{_shaped(action['action_ts'], _TS)}")
    return Pressed(_place(team, channel, thread), person, choice, marks, _answer_url(body, in_thread))


def _submitted(body: Payload) -> Submitted:
    """A window that was sent off: what is chosen in each of its fields."""
    view = _mapping(body.get("view"))
    window = _string(view.get("callback_id")).removeprefix(f"{ACTION}:")
    if not window.isidentifier() or not _string(view.get("callback_id")).startswith(f"{ACTION}:"):
        raise _NotForUs
    team, person = _team(body), _shaped(_mapping(body.get("user")).get("id"), _PERSON)
    channel, _, thread = _string(view.get("private_metadata")).partition(":")
    place = _place(team, _shaped(channel, _CHANNEL), _shaped(thread, _THREAD))
    blocks = _mapping(_mapping(view.get("state")).get("values"))
    values = {
        name.removeprefix(f"{ACTION}:"): _chosen(element)
        for block in blocks.values()
        for name, element in _mapping(block).items()
        if name.startswith(f"{ACTION}:")
    }
    return Submitted(place, person, window, values, _marks(team, f"trigger:{_shaped(body.get('trigger_id'), _OTHER)}"))


def _chosen(element: object) -> tuple[str, ...]:
    """The values of the options that are chosen in a field, or the text that is typed in it."""
    chosen = _mapping(element)
    if chosen.get("type") == "plain_text_input":
        return tuple(filter(None, (_string(chosen.get("value")),)))
    options = chosen.get("selected_options")
    if not isinstance(options, list):
        options = [chosen.get("selected_option")]
    return tuple(_string(option.get("value")) for option in options if isinstance(option, Mapping))


def _commanded(body: Payload, me: str) -> Commanded:
    command = COMMANDS.get(_string(body.get("command")))
    if command is None:
        raise _NotForUs
    team, channel = _team(body), _shaped(body.get("channel_id"), _CHANNEL)
    person, trigger = _shaped(body.get("user_id"), _PERSON), _shaped(body.get("trigger_id"), _OTHER)
    words, _ = plain_text(_string(body.get("text")), me)
    thread = "dm" if _is_direct(channel) else _new_thread(trigger)
    place, marks = _place(team, channel, thread), _marks(team, f"trigger:{trigger}")
    return Commanded(place, person, words, marks, _answer_url(body, False), command)


def _pointed(body: Payload, me: str) -> Pointed:
    action = SHORTCUTS.get(_string(body.get("callback_id")))
    if action is None:
        raise _NotForUs
    team, person = _team(body), _shaped(_mapping(body.get("user")).get("id"), _PERSON)
    channel, trigger = _shaped(_mapping(body.get("channel")).get("id"), _CHANNEL), _shaped(body.get("trigger_id"), _OTHER)
    message = _mapping(body.get("message"))
    head, ts = message.get("thread_ts"), message.get("ts") or body.get("message_ts")
    thread = "dm" if _is_direct(channel) and head is None else _shaped(head or ts, _TS)
    text, _ = plain_text(_string(message.get("text")), me)
    url = _answer_url(body, in_thread=head is not None)
    outside = body.get("is_ext_shared_channel") is True
    return Pointed(_place(team, channel, thread), person, action, text, _marks(team, f"trigger:{trigger}"), url, outside)


# --------------------------------------------------------------------------- where and who


def _where_pressed(body: Payload, action: Payload, trigger: str) -> tuple[str, str, bool]:
    """The channel, the thread, and whether the person sees the button inside a thread."""
    container = _mapping(body.get("container"))
    if container.get("type") == "view":
        channel, _, thread = _string(_mapping(body.get("view")).get("private_metadata")).partition(":")
        return _shaped(channel, _CHANNEL), _shaped(thread, _THREAD), False
    channel = _shaped(container.get("channel_id") or _mapping(body.get("channel")).get("id"), _CHANNEL)
    message = body.get("message") if isinstance(body.get("message"), Mapping) else {}
    head = container.get("thread_ts") or cast(Payload, message).get("thread_ts")
    if ours := _our_thread(action.get("block_id")):
        return channel, ours, head is not None
    if head is not None:
        return channel, _shaped(head, _TS), True
    if _is_direct(channel):
        return channel, "dm", False
    if container.get("is_ephemeral") is True:
        return channel, _new_thread(trigger), False
    return channel, _shaped(container.get("message_ts"), _TS), False


def _ours(actions: object) -> Payload:
    """The button of ours that was pressed."""
    if isinstance(actions, list):
        for action in actions:
            if (
                isinstance(action, Mapping)
                and action.get("type") in ("button", "overflow")
                and _string(action.get("action_id")).startswith(f"{ACTION}:")
            ):
                return action
    raise _NotForUs


def _our_thread(block_id: object) -> str | None:
    """The conversation that a whisper's buttons belong to: a whisper is in no thread, so that they carry it."""
    found = _OUR_THREAD.fullmatch(block_id) if isinstance(block_id, str) else None
    return found[1] if found else None


def _place(team: str, channel: str, thread: str) -> Place:
    return Place(SERVICE, team, channel, thread, _is_direct(channel))


def _is_direct(channel: str) -> bool:
    return channel.startswith("D")


def _new_thread(trigger: str) -> str:
    return "new-" + trigger.replace(".", "")


def _team(body: Payload) -> str:
    """Whose app this is: the organisation where it is installed for all of it, else the workspace (in shared channels, ours)."""
    granted = body.get("authorizations")
    source = _mapping(granted[0]) if isinstance(granted, list) and granted else body
    if source.get("is_enterprise_install") in (True, "true"):
        return _shaped(source.get("enterprise_id") or _id_of(source.get("enterprise")), _TEAM)
    user = body.get("user")
    home = user.get("team_id") if isinstance(user, Mapping) else None
    return _shaped(source.get("team_id") or _id_of(source.get("team")) or home, _TEAM)


def _id_of(value: object) -> object:
    return value.get("id") if isinstance(value, Mapping) else value


def _answer_url(body: Payload, in_thread: bool) -> str | None:
    url = body.get("response_url")
    if not isinstance(url, str) or not 0 < len(url) <= 1_000 or not url.isprintable():
        return None
    return url.partition("#")[0] + (IN_THREAD if in_thread else "")


def _marks(team: str, *marks: str) -> tuple[str, ...]:
    return tuple(f"{SERVICE}:{team}:{mark}" for mark in marks)


# --------------------------------------------------------------------------- shapes


def _mapping(value: object) -> Payload:
    if not isinstance(value, Mapping):
        raise _NotForUs
    return value


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _shaped(value: object, shape: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise _NotForUs
    return value
