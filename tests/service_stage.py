"""A service on a real database file, with a chat service and a clock that obey the test."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bot.core.memory import Meaning, Memory, Thread
from bot.core.messages import Commanded, Event, Place, Pressed, Reply, Said
from bot.core.turn import Decision
from bot.metrics import Metrics
from bot.pacing import Pace
from bot.ports import Outgoing
from bot.service import Service
from bot.store import SqlStore
from tests import leaks

SECRET = "the merger is called Bluebird"
QUICK = Pace(store_pause=0, apart=0)


class Clock:
    """A time that passes only when told."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Chat:
    """The chat service: shows what is sent, unless told to refuse, to fail or to be slow."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.outgoing: list[Outgoing] = []
        self.answers: dict[str, list[Exception]] = {}
        self.slow: dict[str, asyncio.Event] = {}
        self.started = asyncio.Event()
        self._showed = asyncio.Event()

    async def has_shown(self, many: int) -> None:
        """Wait until so many messages are shown."""
        while len(self.shown) < many:
            self._showed.clear()
            await self._showed.wait()

    async def send(self, outgoing: Outgoing) -> str | None:
        said = outgoing.reply.fallback
        self.started.set()
        if said in self.slow:
            await self.slow[said].wait()
        if self.answers.get(said):
            raise self.answers[said].pop(0)
        self.shown.append(said)
        self.outgoing.append(outgoing)
        self._showed.set()
        return None if outgoing.reply.surface == "whisper" else outgoing.message or f"m{len(self.shown)}"


def said(text: str, thread: str = "1.0", **marks: str) -> Said:
    if marks:
        leaks.current.plant(text)
    return Said(Place("chat", "T1", "C1", thread), "U1", text, tuple(marks.values()) or (f"{thread}/{text}",))


def echo(event: Event, place: Place, memory: Memory, now: int) -> Decision:
    """Stands for the rules: answers every word, and remembers how it was marked."""
    words = event.text.split() if isinstance(event, Said) else [event.choice] if isinstance(event, Pressed) else ["answer"]
    meanings = memory.thread.meanings | {event.marks[0]: Meaning(sense="heard", how="noted")}
    replies = tuple(Reply((), word) for word in words)
    if isinstance(event, Commanded):
        replies = tuple(replace(reply, surface="whisper", to=event.person) for reply in replies)
    return Decision(Memory(thread=Thread(meanings=meanings), channel=memory.channel), replies, "echo")


@dataclass(frozen=True)
class Rules:
    """Stands for the rules: decides as it is told."""

    decide: Callable[[Event, Place, Memory, int], Decision] = echo
    concerns: Callable[[Event], bool] = lambda event: True
    depends: Callable[[Event], bool] = lambda event: False
    about: Callable[[Event], str] = lambda event: ""


class Stage:
    """A service on a real database file, its chat service and its clock."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "spellout.db"
        self.chat = Chat()
        self.clock = Clock()
        self.decide: Callable[[Event, Place, Memory, int], Decision] = echo
        self.concerns: Callable[[Event], bool] = lambda event: True
        self.depends: Callable[[Event], bool] = lambda event: False
        self.metrics = Metrics(self.clock)

    def counted(self, name: str, **labels: str) -> float:
        """What a metric stands at; 0 where it was never touched."""
        return self.metrics.registry.get_sample_value(f"spellout_{name}", labels) or 0

    @asynccontextmanager
    async def running(self, pace: Pace = QUICK, grace: float = 10) -> AsyncIterator[Service]:
        self.store = store = SqlStore.open(f"sqlite:///{self.path}?timeout=0.01")
        rules = Rules(self.decide, self.concerns, self.depends)
        service = Service(store, self.chat, rules, clock=self.clock, pace=pace, metrics=self.metrics)
        await service.start()
        try:
            yield service
        finally:
            await service.stop(grace)
            store.close()

    def memory(self, thread: str = "1.0") -> set[str]:
        store = SqlStore.open(f"sqlite:///{self.path}")
        seen: set[str] = set()

        def look(place: Place, memory: Memory) -> Decision:
            seen.update(memory.thread.meanings)
            return Decision(memory)

        store.step(Place("chat", "T1", "C1", thread), (), 0, look)
        store.close()
        return seen
