"""What comes in (events, past tense) and what goes out (replies, things): the same for every chat service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

# --------------------------------------------------------------------------- where and who


@dataclass(frozen=True, slots=True)
class Place:
    """Where something happened. `thread` is the id of the message that heads the thread (`"dm"` for the unthreaded part of a direct
    message, `"new-<id>"` for a thread that a command is about to open)."""

    service: str
    team: str
    channel: str
    thread: str
    direct: bool = False

    @property
    def key(self) -> str:
        """The conversation's one name across all services: `service:team:channel:thread`."""
        return f"{self.service}:{self.team}:{self.channel}:{self.thread}"

    @property
    def team_key(self) -> str:
        """The workspace's one name across all services: `service:team`."""
        return f"{self.service}:{self.team}"

    @property
    def channel_key(self) -> str:
        """The channel's one name across all services: `service:team:channel`."""
        return f"{self.service}:{self.team}:{self.channel}"

    def person_key(self, person: str) -> str:
        """A person's one name across all services: `service:team:person`."""
        return f"{self.service}:{self.team}:{person}"

    @property
    def endless(self) -> bool:
        """Whether this is the one conversation of a direct message, which has no threads: one matter follows another in it for ever."""
        return self.direct and self.thread == "dm"

    @property
    def opening(self) -> bool:
        """Whether the thread does not exist yet: the first reply opens it."""
        return self.thread.startswith("new-")


# --------------------------------------------------------------------------- events


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody did something somewhere."""

    place: Place
    person: str
    outsider: bool = field(default=False, kw_only=True)
    """Whether the person belongs to another company."""


@dataclass(frozen=True, slots=True)
class Request(Act):
    """Somebody asked something of us by other means than a message. Answers to the person alone are sent to `answer_url` where given."""

    answer_url: str | None = field(default=None, kw_only=True)
    channel_name: str = field(default="", kw_only=True, compare=False)
    """What the channel is called, where the service says so: evidence for what terms mean there."""


@dataclass(frozen=True, slots=True)
class Said(Act):
    """Somebody wrote a message. `text` is plain text: service markup already translated, the bot's own mention removed.

    `marks` are the names under which this delivery may be repeated (event id, channel + message id): any of them seen before makes
    it a duplicate. `addressed` is true for a mention of the bot and for a direct message.
    """

    text: str
    marks: tuple[str, ...]
    addressed: bool = False
    reply: bool = False
    """Whether it was written inside an existing thread."""
    message: str = ""
    """The message's id within its channel."""
    edited: bool = False
    """Whether it is an earlier message in new words."""
    outside: bool = False
    """Whether people of another company listen there."""
    opens_windows: bool = False
    """Whether what would be a window can be shown in answer to a message; elsewhere only a button or a command can bring one."""


@dataclass(frozen=True, slots=True)
class Pressed(Request):
    """Somebody pressed a button. `choice` is the `Choice.id` that the core gave the button; it is not trusted."""

    choice: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Commanded(Request):
    """Somebody used a slash command: `words` is what followed it."""

    words: str
    marks: tuple[str, ...]
    command: Literal["spellout", "classify"] = "spellout"


@dataclass(frozen=True, slots=True)
class Pointed(Request):
    """Somebody used a message shortcut at a message with this text."""

    action: Literal["explain", "choose", "why", "classify"]
    text: str
    marks: tuple[str, ...]
    outside: bool = False
    """Whether people of another company are known to listen there."""
    message: str = ""
    """The id of the message that was pointed at, within its channel."""


@dataclass(frozen=True, slots=True)
class Deleted(Act):
    """Somebody deleted their message."""

    message: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Submitted(Request):
    """Somebody sent a window off: `window` is the `Reply.window` it was opened with, `values` what is chosen or typed per `Field.id`, and
    `offered` what there was to choose from: the window may be older than what is remembered now."""

    window: str
    values: Mapping[str, tuple[str, ...]]
    marks: tuple[str, ...]
    offered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


Event = Said | Pressed | Commanded | Pointed | Deleted | Submitted

# --------------------------------------------------------------------------- replies

Style = Literal["plain", "bold", "italic"]


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style. Never parsed by any service: what a person wrote can stand in it."""

    text: str
    style: Style = "plain"
    link: str = ""
    """The web address that it leads to, from the rules alone."""
    kind: Literal["span"] = "span"


@dataclass(frozen=True, slots=True)
class Who:
    """A person, shown by name without notifying them where the service can."""

    person: str
    kind: Literal["who"] = "who"


Line = tuple[Span | Who, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a tall message."""

    text: str
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Choice:
    """A button. `id` comes back in `Pressed.choice`; `says` is what a screen reader says where the label is short."""

    id: str
    label: str
    says: str = ""
    main: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph, with a button beside it where the service can (below it where not)."""

    line: Line
    beside: Choice | None = None
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Items:
    """A list, one line each; numbered from 1 where the number can be typed as an answer."""

    lines: tuple[Line, ...]
    numbered: bool = False
    kind: Literal["items"] = "items"


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled paragraph or list of the result card (`label` is bold)."""

    label: str
    lines: tuple[Line, ...]
    kind: Literal["fact"] = "fact"


@dataclass(frozen=True, slots=True)
class Note:
    """A small grey line."""

    line: Line
    kind: Literal["note"] = "note"


@dataclass(frozen=True, slots=True)
class Code:
    """Text to be copied as it stands, in letters of one width."""

    text: str
    kind: Literal["code"] = "code"


@dataclass(frozen=True, slots=True)
class Divider:
    """A thin line between parts of a tall message."""

    kind: Literal["divider"] = "divider"


@dataclass(frozen=True, slots=True)
class Choices:
    """A row of buttons."""

    choices: tuple[Choice, ...]
    more: tuple[Choice, ...] = ()
    """Rarer ones, behind a menu where the service has one."""
    kind: Literal["choices"] = "choices"


@dataclass(frozen=True, slots=True)
class Field:
    """Something to fill in in a window: one of the options to choose, any of them, or a text to type."""

    id: str
    label: str
    options: tuple[Choice, ...]
    chosen: tuple[str, ...] = ()
    """The ids of the options that are chosen at first."""
    many: bool = False
    typed: bool = False
    """Whether it is a text of several lines, and has no options."""
    optional: bool = False
    """Whether it may be left empty, as any choice of many may."""
    kind: Literal["field"] = "field"


Part = Heading | Text | Items | Fact | Note | Code | Divider | Choices | Field

Surface = Literal["thread", "whisper", "window"]


@dataclass(frozen=True, slots=True)
class Reply:
    """Something to say. `fallback` is a full sentence for notifications and screen readers.

    `slot` names the message within its conversation: a reply with a slot that was posted before replaces that message in place; `""`
    is always a new message. `surface`: in the thread for everybody; a whisper that only `to` sees; a window opened for `to` (where a
    service has none: a whisper). `opens` posts it in the channel itself and makes it the head of a new thread. Rules: whispers and
    windows have a `to` and no slot.
    """

    parts: tuple[Part, ...]
    fallback: str
    slot: str = ""
    surface: Surface = "thread"
    to: str = ""
    opens: bool = False
    title: str = ""
    """The window's title (24 characters at most)."""
    window: str = ""
    """The name under which a window with fields is sent off (`Submitted.window`); empty: there is nothing to send."""
    submit: str = ""
    """The label of the button that sends the window off."""
    gone: bool = False
    """Take the message of this slot away."""
