"""What Teams sends -> what Spellout understands. Pure, and never an exception: what is not for us, or not as Teams writes it, is None."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Final, Literal

from bot.chat.payload import NotForUs, Payload, mapping, part, shaped, string
from bot.chat.teams.limits import CARRIED
from bot.chat.teams.markup import fit, plain_text, text_of_html
from bot.chat.teams.payload import ACTIVITY, FIELD, OURS, PERSON, TASK, THREAD, Seals, Where, day, is_shared, marks, new_thread, where
from bot.core.messages import Commanded, Deleted, Event, Place, Pointed, Pressed, Said, Submitted

PRESSED: Final = "adaptiveCard/action"
POINTED: Final = "composeExtension/fetchTask"
SENT_OFF: Final = "composeExtension/submitAction"
INVOKES: Final = (PRESSED, POINTED, SENT_OFF)
"""The requests that wait for an answer of ours."""

SHORTCUTS: Final[Mapping[str, Literal["explain", "choose", "why", "classify"]]] = {
    "explainAcronyms": "explain",
    "chooseModel": "choose",
    "classifyWork": "classify",
    "whySilent": "why",
}
"""The commands of the message's menu, by their ids in the app package."""

_SLASH = re.compile(r"/(spellout|classify)(?![\w-])\s*(.*)", re.DOTALL)
_NOT_SAID = re.compile(r"<(?:blockquote|code|pre)\b", re.IGNORECASE)
_BARE = re.compile(r"\W*classify\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Us:
    """Who we are at Teams: the tenant whose people are at home ("" where nobody is a stranger), and our seal on what cards carry."""

    tenant: str
    seals: Seals = field(repr=False)


def translate(activity: object, us: Us, home: str | None = None) -> Event | None:
    """The event of an activity as Teams sends it, or None. `home` is the person's own tenant, where it had to be looked up."""
    try:
        return _translated(mapping(activity), us, home)
    except NotForUs:
        return None


def person_of(activity: Payload) -> str:
    """Who acted; "" where that is nobody."""
    person = string(part(activity.get("from"), "id"))
    return person if PERSON.fullmatch(person) else ""


def _translated(activity: Payload, us: Us, home: str | None) -> Event:
    author = _author(activity)
    at, outsider = where(activity), bool(us.tenant) and home is not None and home != us.tenant
    match activity.get("type"), activity.get("name"):
        case "message", _ if _ours(activity.get("value")) is not None:
            return _pressed(activity, mapping(activity.get("value")), at, us, author, outsider)
        case "message", _:
            return _said(activity, at, author, outsider)
        case "messageUpdate", _ if _kind(activity) in ("editMessage", "undeleteMessage"):
            return _said(activity, at, author, outsider, edited=True)
        case "messageDelete", _ if _kind(activity) == "softDeleteMessage":
            return _deleted(activity, at, author, outsider)
        case "invoke", "adaptiveCard/action":
            data = part(part(activity.get("value"), "action"), "data")
            return _pressed(activity, mapping(data), at, us, author, outsider)
        case "invoke", "composeExtension/submitAction":
            return _pressed(activity, mapping(part(activity.get("value"), "data")), at, us, author, outsider)
        case "invoke", "composeExtension/fetchTask":
            return _pointed(activity, at, author, outsider)
    raise NotForUs


def _author(activity: Payload) -> str:
    """Who did it; nobody of ours, and no bot."""
    sender = mapping(activity.get("from"))
    person = shaped(sender.get("id"), PERSON)
    if person == part(activity.get("recipient"), "id") or person.startswith("28:") or sender.get("role") == "bot":
        raise NotForUs
    return person


def _kind(activity: Payload) -> object:
    return part(activity.get("channelData"), "eventType")


def _name(activity: Payload) -> str:
    """The activity's name among all of its conversation: an edit has the id of its message, and may follow an edit."""
    stamp = activity.get("timestamp") if activity.get("type") != "message" else ""
    return f"{activity.get('type')}:{string(part(activity.get('conversation'), 'id'))}:{_id(activity)}:{string(stamp)[:40]}"


def _id(activity: Payload) -> str:
    return shaped(activity.get("id"), ACTIVITY)


# --------------------------------------------------------------------------- messages


def _said(activity: Payload, at: Where, author: str, outsider: bool, *, edited: bool = False) -> Event:
    text, mentioned = _text(activity)
    message, marked = _id(activity), marks(at.tenant, _name(activity))
    private = part(activity.get("recipient"), "isTargeted") is True
    reply = at.root not in ("", message)
    command = _command(text, private, wishes=not reply and (mentioned or at.personal))
    if command and not edited:
        thread = _thread(at, activity) if at.root or not private else new_thread(message)
        name, words = command
        return Commanded(at.place(_flat(at, activity) or thread), author, words, marked, name, outsider=outsider)
    if not (text or mentioned) or private:
        raise NotForUs
    return Said(
        at.place(_thread(at, activity)),
        author,
        text,
        marked,
        mentioned or (at.personal and bool(text)),
        reply=at.group or reply,
        message=message,
        edited=edited,
        outside=is_shared(activity),
        outsider=outsider,
        opens_windows=True,
    )


def _text(activity: Payload) -> tuple[str, bool]:
    """The words, and whether they address us."""
    us = part(activity.get("recipient"), "id")
    entities = activity.get("entities")
    mentions = [entity for entity in entities if part(entity, "type") == "mention"] if isinstance(entities, list) else []
    mine = [string(part(entity, "text")) for entity in mentions if part(part(entity, "mentioned"), "id") == us]
    rich = _rich(activity.get("attachments"))
    if rich:
        own = [f"@{plain_text(mention, ())[0].removeprefix('@')}" for mention in mine if mention]
        text, found = plain_text(escape(text_of_html(rich), quote=False), [escape(name, quote=False) for name in own])
    else:
        text, found = plain_text(string(activity.get("text")), [mention for mention in mine if mention])
    return text, found or bool(mine)


def _rich(attachments: object) -> str:
    """The message as HTML, which Teams sends beside its words, where these hold a quote or code: the words alone do not show it."""
    for each in attachments if isinstance(attachments, list) else ():
        content = string(part(each, "content"))
        if part(each, "contentType") == "text/html" and _NOT_SAID.search(content):
            return content
    return ""


def _command(text: str, private: bool, wishes: bool) -> tuple[Literal["spellout", "classify"], str] | None:
    """A command and its words: what follows `/spellout` or `/classify`, whatever is said to us in private within a conversation, or, said
    to us as the first message of its thread (`wishes`), the bare wish to classify, which a form answers."""
    slash = _SLASH.match(text)
    if slash:
        return ("classify" if slash[1] == "classify" else "spellout"), slash[2].strip()
    if (private or wishes) and _BARE.fullmatch(text):
        return "classify", ""
    return ("spellout", text) if private else None


def _thread(at: Where, activity: Payload) -> str:
    """The thread that a message belongs to."""
    return _flat(at, activity) or at.root or _id(activity)


def _flat(at: Where, activity: Payload) -> str:
    """The one thread of a conversation that has none."""
    return "dm" if at.personal else day(activity.get("id"), activity.get("timestamp")) if at.group else ""


def _deleted(activity: Payload, at: Where, author: str, outsider: bool) -> Deleted:
    return Deleted(at.place(_thread(at, activity)), author, _id(activity), marks(at.tenant, _name(activity)), outsider=outsider)


# --------------------------------------------------------------------------- buttons and windows


def _ours(data: object) -> Payload | None:
    ours = part(data, OURS)
    return ours if isinstance(ours, Mapping) else None


def _pressed(activity: Payload, data: Payload, at: Where, us: Us, person: str, outsider: bool) -> Event:
    """A button of ours, or a window that was sent off."""
    ours = mapping(data.get(OURS))
    here, marked = _carried_place(ours, at, us, person), marks(at.tenant, _name(activity))
    url = TASK + _id(activity) if activity.get("type") == "invoke" else None
    window = string(ours.get("window"))
    if window:
        if not window.isidentifier():
            raise NotForUs
        offered = _offered(ours.get("offered"))
        values = {name: _values(data, name, options) for name, options in offered.items()}
        return Submitted(here, person, window, values, marked, {k: v for k, v in offered.items() if v}, answer_url=url, outsider=outsider)
    choice = string(ours.get("choice"))
    if not (0 < len(choice) <= CARRIED and choice.isprintable()):
        raise NotForUs
    return Pressed(here, person, choice, marked, answer_url=url, outsider=outsider)


def _carried_place(ours: Payload, at: Where, us: Us, person: str) -> Place:
    """The conversation that a card says it belongs to: the one it stands in, or one that we sealed for this person."""
    said = string(ours.get("at"))
    conversation, _, thread = said.partition("|")
    shaped(thread, THREAD)
    if conversation == at.conversation:
        return at.place(thread)
    if not us.seals.hold(at.tenant, said, person, ours.get("seal")):
        raise NotForUs
    return Where(at.tenant, conversation, "", "channel").place(thread)


def _offered(fields: object) -> dict[str, tuple[str, ...]]:
    """What there was to choose from in each field; nothing for a field that takes a text."""
    if not isinstance(fields, Mapping):
        return {}
    named = [(name, options) for name, options in fields.items() if isinstance(name, str) and isinstance(options, list)]
    return {name: tuple(option for option in options if isinstance(option, str)) for name, options in named}


def _values(data: Payload, name: str, options: tuple[str, ...]) -> tuple[str, ...]:
    """What is chosen or typed in a field; several choices come joined by commas."""
    given = fit(string(data.get(f"{FIELD}{name}")))
    if not options:
        return (given,) if given.strip() else ()
    chosen = set(given.split(","))
    return tuple(option for option in options if option in chosen)


# --------------------------------------------------------------------------- the menu of a message


def _pointed(activity: Payload, at: Where, person: str, outsider: bool) -> Pointed:
    value = mapping(activity.get("value"))
    action = SHORTCUTS.get(string(value.get("commandId")))
    message = mapping(value.get("messagePayload"))
    if action is None:
        raise NotForUs
    pointed = shaped(message.get("id"), ACTIVITY)
    head = string(message.get("replyToId")) or at.root or pointed
    thread = "dm" if at.personal else day(pointed, message.get("createdDateTime")) if at.group else shaped(head, ACTIVITY)
    body = mapping(message.get("body"))
    content = string(body.get("content"))
    text = text_of_html(content) if body.get("contentType") != "text" else plain_text(content, ())[0]
    return Pointed(
        at.place(thread),
        person,
        action,
        text,
        marks(at.tenant, _name(activity)),
        answer_url=TASK + _id(activity),
        outside=is_shared(activity),
        outsider=outsider,
        message=pointed,
    )
