"""The barest stage: the brain alone, with its memory in a dictionary."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Literal

from bot.core.brain import Brain
from bot.core.memory import Channel, Memory, Person, Record, Thread
from bot.core.messages import (
    Choice,
    Choices,
    Code,
    Commanded,
    Deleted,
    Event,
    Fact,
    Field,
    Heading,
    Items,
    Line,
    Note,
    Place,
    Pointed,
    Pressed,
    Reply,
    Said,
    Span,
    Submitted,
    Text,
)
from tests.stories import NAMES, OUTSIDERS, Kind, Shown, Where

NOW = 1_790_000_000


@dataclass
class Seen:
    """A message of the bot as it stands."""

    place: Place
    reply: Reply
    to: str


@dataclass
class CoreStage:
    """Plays stories on `Brain.decide`."""

    brain: Brain
    threads: dict[str, Thread] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    news: list[Shown] = field(default_factory=list)
    windows: dict[str, tuple[Place, Reply]] = field(default_factory=dict)
    channel: str = "C1"
    head: str = ""
    last: str = ""
    last_said: Said | None = None
    text: str = ""
    ids: Iterator[int] = field(default_factory=lambda: count(1))
    now: int = NOW

    async def say(self, person: str, text: str, where: Where) -> None:
        reply = where == "thread" and bool(self.head)
        if where == "private":
            place = self._private(person)
            self.last = f"m{next(self.ids)}"
        else:
            if not reply:
                self.head, self.text = f"m{next(self.ids)}", text
                self.channel = "C2" if where.endswith("shared") else "C1"
            place = self._thread()
            self.last = f"m{next(self.ids)}" if reply else self.head
        said = Said(place, person, text, (), addressed=where in {"bot", "private", "bot shared"}, reply=reply, message=self.last)
        self.last_said = replace(said, outside=place.channel == "C2", outsider=person in OUTSIDERS)
        self._hear(self.last_said)

    @staticmethod
    def _private(person: str) -> Place:
        return Place("core", "T1", f"D{person}", "dm", direct=True)

    def _thread(self) -> Place:
        return Place("core", "T1", self.channel, self.head)

    async def edit(self, person: str, text: str) -> None:
        assert self.last_said is not None, "nothing to edit"
        self._hear(replace(self.last_said, text=text, edited=True))

    async def delete(self, person: str) -> None:
        assert self.last_said is not None, "nothing to delete"
        self._hear(Deleted(self.last_said.place, person, self.last_said.message, (), outsider=person in OUTSIDERS))

    async def submit(self, person: str, choices: Mapping[str, Sequence[str]]) -> None:
        place, window = self.windows[person]
        fields = [part for part in window.parts if isinstance(part, Field)]
        values = {part.id: part.chosen for part in fields}
        for part in fields:
            if part.label in choices:
                given = choices[part.label]
                values[part.id] = tuple(given) if part.typed else tuple(each.id for each in part.options if each.label in given)
        offered = {part.id: tuple(choice.id for choice in part.options) for part in fields}
        outsider = person in OUTSIDERS
        self._hear(Submitted(place, person, window.window, values, (), offered=offered, outsider=outsider))

    async def press(self, person: str, label: str) -> None:
        self._press(person, *self._button(person, label))

    async def press_together(self, presses: Sequence[tuple[str, str]]) -> None:
        buttons = [(person, *self._button(person, label)) for person, label in presses]
        for person, place, choice in buttons:
            self._press(person, place, choice)

    def _button(self, person: str, label: str) -> tuple[Place, Choice]:
        for seen in reversed(self.seen):
            for choice in reversed(choices_of(seen.reply)):
                if (label in {choice.label, choice.says} or choice.says.endswith(f" {label}")) and seen.to in {"", person}:
                    return seen.place, choice
        raise AssertionError(f"no button {label!r} is to be seen")

    def _press(self, person: str, place: Place, choice: Choice) -> None:
        self._hear(Pressed(place, person, choice.id, (), outsider=person in OUTSIDERS))

    async def command(self, person: str, words: str, where: Where) -> None:
        place = Place("core", "T1", "C2" if where == "shared" else "C1", f"new-{next(self.ids)}")
        place = self._private(person) if where == "private" else place
        name, _, rest = words.partition(" ")
        command: Literal["spellout", "classify"] = "classify" if name == "/classify" else "spellout"
        self._hear(Commanded(place, person, rest.strip(), (), outsider=person in OUTSIDERS, command=command))

    async def point(self, person: str, shortcut: str) -> None:
        actions: dict[str, Literal["explain", "choose", "why", "classify"]] = {
            "Explain the acronyms": "explain",
            "Choose operating model": "choose",
            "Why did Spellout do that": "why",
            "Classify this work": "classify",
        }
        action = actions[shortcut]
        self._hear(Pointed(self._thread(), person, action, self.text, (), outsider=person in OUTSIDERS, message=self.head))

    async def restart(self) -> None:
        dumped = {key: thread.model_dump_json() for key, thread in self.threads.items()}
        self.threads = {key: Thread.model_validate_json(text) for key, text in dumped.items()}

    async def wait(self, seconds: int) -> None:
        self.now += seconds

    async def shown(self) -> list[Shown]:
        news, self.news = self.news, []
        return news

    def _hear(self, event: Event) -> None:
        if not self.brain.concerns(event):
            return
        place = event.place
        if self.brain.depends(event) and place.key not in self.threads:
            return
        record = self.records.get(self.brain.about(event))
        if record:
            place = replace(place, thread=record.conversation.removeprefix(f"{record.channel}:"))
        who = place.person_key(event.person)
        memory = Memory(
            thread=self.threads.get(place.key, Thread()),
            channel=self.channels.get(place.channel_key, Channel()),
            person=self.people.get(who, Person()),
            record=record,
        )
        decision = self.brain.decide(event, place, memory, self.now)
        self.threads[place.key], self.channels[place.channel_key] = decision.memory.thread, decision.memory.channel
        self.people[who] = decision.memory.person
        self.records |= {each.id: _kept(each, self.records.get(each.id)) for each in decision.records}
        for reply in decision.replies:
            self._show(place, reply)

    def _show(self, place: Place, reply: Reply) -> None:
        if reply.gone:
            gone = [seen for seen in self.seen if (seen.place.key, seen.reply.slot) == (place.key, reply.slot)]
            self.seen = [seen for seen in self.seen if seen not in gone]
            self.news += [Shown("removes", visible(seen.reply)) for seen in gone]
            return
        old = next((seen for seen in self.seen if reply.slot and seen.place.key == place.key and seen.reply.slot == reply.slot), None)
        if reply.surface == "window":
            self.windows[reply.to] = (place, reply)
        kind: Kind = {"window": "opens", "whisper": "whispers"}.get(reply.surface, "changes" if old else "says")  # type: ignore[assignment]
        if kind == "whispers" and place.direct:
            kind = "says"
        to = reply.to if kind in {"opens", "whispers"} else ""
        self.news.append(Shown(kind, visible(reply), to))
        if old:
            old.reply = reply
        else:
            self.seen.append(Seen(place, reply, to))


def _kept(record: Record, before: Record | None) -> Record:
    """A kept description stays with its record."""
    return record if record.description or before is None else record.model_copy(update={"description": before.description})


def choices_of(reply: Reply) -> list[Choice]:
    """The buttons of a reply, in their order."""
    found: list[Choice] = []
    for part in reply.parts:
        if isinstance(part, Choices):
            found.extend((*part.choices, *part.more))
        elif isinstance(part, Text) and part.beside:
            found.append(part.beside)
    return found


def visible(reply: Reply) -> str:
    """What a person sees of a reply, as text."""
    lines: list[str] = []
    for part in reply.parts:
        if isinstance(part, Heading):
            lines.append(part.text)
        elif isinstance(part, (Text, Note)):
            lines.append(_text(part.line))
        elif isinstance(part, Code):
            lines.append(part.text)
        elif isinstance(part, Items):
            lines.extend(_text(line) for line in part.lines)
        elif isinstance(part, Fact):
            lines.append(part.label)
            lines.extend(_text(line) for line in part.lines)
        elif isinstance(part, Field):
            lines += [part.label, *(choice.label for choice in part.options)]
    return "\n".join([*lines, *(choice.label for choice in choices_of(reply))])


def _text(line: Line) -> str:
    return "".join(part.text if isinstance(part, Span) else NAMES.get(part.person, part.person) for part in line)
