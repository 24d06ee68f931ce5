"""Requests of Teams that wait for an answer of ours: what is said to them need not be posted elsewhere."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

from bot.chat.teams.cards import Card
from bot.core.messages import Reply
from bot.ports import Outgoing

Render = Callable[[bool], Card]
"""The card of a reply; true: for a window."""

Happened = Literal["private", "below", "elsewhere", "done", "coming", "unchanged"]
"""What is to be told of a request that no card answers: that it went to the person's own chat, stands below or in another conversation,
was done without a word, is on its way, or changed nothing."""


@dataclass(eq=False)
class Waiting:
    """One request that waits. A window shows what is for its person alone; a card shows what replaces it, or, where it is a form that
    was sent off, what is answered to that."""

    message: str = ""
    conversation: str = ""
    """Where the request was made."""
    place: str = ""
    """The key of the place that it is about."""
    window: bool = False
    form: bool = False
    person: str = ""
    title: str = ""
    card: Card | None = None
    seen: int = 0
    expected: int | None = None
    went: set[Happened] = field(default_factory=set)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, outgoing: Outgoing, render: Render) -> bool:
        """Take the reply if it can be shown here; True: it is said thereby."""
        reply = outgoing.reply
        private = reply.surface != "thread" and reply.to == self.person
        if self.card is None and not reply.gone and self.window and private:
            self.show(reply, render(True))
            return True
        if self.card is None and self.form and private:
            self.show(reply, render(False))
            return True
        if self.card is None and self.message and outgoing.message == self.message and not reply.gone:
            self.show(reply, render(False))
        return False

    def show(self, reply: Reply, card: Card) -> None:
        """Answer with this card."""
        self.card, self.title = card, reply.title
        self._news.set()

    def posted(self, conversation: str, *, private: bool = False) -> None:
        """One of the replies was posted there."""
        self.went.add("below" if conversation == self.conversation else "private" if private else "elsewhere")

    @property
    def happened(self) -> Happened:
        """What became of it: the most telling of all that is known."""
        known: tuple[Happened, ...] = ("private", "below", "elsewhere", "done")
        return next((each for each in known if each in self.went), "coming" if self.lacks else "unchanged")

    @property
    def lacks(self) -> bool:
        """Whether replies are to come, as far as is known."""
        return self.expected is None or self.seen < self.expected

    def note(self) -> None:
        """One of the replies is dealt with."""
        self.seen += 1
        self._news.set()

    async def answered(self, replies: int, patience: float) -> None:
        """Wait until there is a card, or all replies are dealt with, or it takes too long (seconds)."""
        self.expected = replies
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while self.card is None and self.seen < replies:
                    self._news.clear()
                    await self._news.wait()


class WaitingRoom:
    """All requests that wait, by the answer URL of their events."""

    def __init__(self) -> None:
        self._waiting: dict[str, Waiting] = {}

    @contextmanager
    def enter(self, url: str, waiting: Waiting) -> Iterator[Waiting]:
        """Wait here until the end of the block."""
        self._waiting[url] = waiting
        try:
            yield waiting
        finally:
            if self._waiting.get(url) is waiting:
                del self._waiting[url]

    def find(self, outgoing: Outgoing, conversation: str) -> Waiting | None:
        """The request that this reply answers, if it still waits: what is for one person names it; what is for everybody, and is posted in
        this conversation, belongs to whoever waits for that message, or was the first to wait there."""
        if outgoing.answer_url or outgoing.reply.surface != "thread":
            return self._waiting.get(outgoing.answer_url or "")
        near = (each for each in self._waiting.values() if outgoing.place.key == each.place or conversation == each.conversation)
        there = [each for each in near if each.lacks]
        return next((each for each in there if outgoing.message and each.message == outgoing.message), next(iter(there), None))
