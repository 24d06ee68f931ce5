"""One decision in the making: what is remembered so far and what will be said."""

from dataclasses import dataclass, field
from typing import Any

from bot.core.memory import Asked, Channel, Described, Meaning, Memory, Person, Record, Thread
from bot.core.messages import Place, Reply

WORKS = 30
"""How many descriptions of a conversation are remembered: a direct message is one conversation for ever."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The new memory, the replies in the order to be sent, and why: a short word for logs and counters, never user text."""

    memory: Memory
    replies: tuple[Reply, ...] = ()
    reason: str = ""
    records: tuple[Record, ...] = ()
    """Decision records to be saved, new or changed."""
    happened: tuple[str, ...] = ()
    """Every step that led there, each in a short word like `reason`, which is the last of them."""


@dataclass(slots=True)
class Turn:
    """Who acts where and when, the memory as it changes, and the replies as they gather."""

    place: Place
    person: str
    now: int
    thread: Thread
    channel: Channel
    who: Person = field(default_factory=Person)
    replies: list[Reply] = field(default_factory=list)
    reason: str = "silent"
    outsider: bool = False
    """Whether the person belongs to another company."""
    reuse: str = ""
    """The slot that the next remark about a term takes: that of what an edited message had caused."""

    record: Record | None = None
    """The decision record that the event is about."""
    records: dict[str, Record] = field(default_factory=dict)
    """Decision records to be saved, by their ids."""
    said: list[str] = field(default_factory=list)
    """Why each reply was added."""

    def say(self, reply: Reply | None, reason: str) -> None:
        """Add a reply (None: nothing to say) and note why."""
        if reply is not None:
            self.replies.append(reply)
        self.said.append(reason)
        self.reason = reason

    @property
    def meanings(self) -> dict[str, Meaning]:
        """What terms mean in the matter at hand. What was settled for an earlier one is remembered for its own buttons alone."""
        return {term: meaning for term, meaning in self.thread.meanings.items() if meaning.at >= self.thread.matter_at}

    @property
    def asked(self) -> dict[str, Asked]:
        """What was asked about terms in the matter at hand."""
        return {term: asked for term, asked in self.thread.asked.items() if asked.at >= self.thread.matter_at}

    def remember(self, **thread: Any) -> None:
        """Change fields of the thread's memory."""
        self.thread = self.thread.model_copy(update=thread)

    def note_channel(self, **channel: Any) -> None:
        """Change fields of the channel's memory."""
        self.channel = self.channel.model_copy(update=channel)

    def note_person(self, **person: Any) -> None:
        """Change fields of the person's memory."""
        self.who = self.who.model_copy(update=person)

    def work(self, number: int) -> Described | None:
        """The described work of this number, where it is still remembered."""
        return next((work for work in self.thread.works if work.number == number), None)

    def keep_work(self, work: Described) -> None:
        """Remember this description, new or changed; of many the newest."""
        works = [each if each.number != work.number else work for each in self.thread.works]
        self.remember(works=tuple(works if work in works else [*works, work])[-WORKS:])

    def fresh_slot(self, name: str) -> str:
        """A name for a new message of this conversation, never used before."""
        self.remember(posts=self.thread.posts + 1)
        return f"{name}:{self.thread.posts}"

    def decision(self) -> Decision:
        """The turn as the outside sees it."""
        memory = Memory(thread=self.thread, channel=self.channel, person=self.who)
        happened = tuple(self.said) if self.said and self.said[-1] == self.reason else (*self.said, self.reason)
        return Decision(memory, tuple(self.replies), self.reason, tuple(self.records.values()), happened)
