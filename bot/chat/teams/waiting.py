"""Requests of Teams that wait for an answer of ours: what is said to them need not be posted elsewhere."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from bot.chat.teams.cards import Card
from bot.core.messages import Reply
from bot.ports import Outgoing

Render = Callable[[bool], Card]
"""The card of a reply; true: for a window."""


@dataclass(eq=False)
class Waiting:
    """One request that waits. A window shows what is for its person alone; a card shows what replaces it, or, where it is a form that
    was sent off, what is answered to that."""

    message: str = ""
    window: bool = False
    form: bool = False
    person: str = ""
    title: str = ""
    card: Card | None = None
    seen: int = 0
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

    def note(self) -> None:
        """One of the replies is dealt with."""
        self.seen += 1
        self._news.set()

    async def answered(self, replies: int, patience: float) -> None:
        """Wait until there is a card, or all replies are dealt with, or it takes too long (seconds)."""
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

    def find(self, url: str | None) -> Waiting | None:
        """The request that this answer URL names, if it still waits."""
        return self._waiting.get(url) if url else None
