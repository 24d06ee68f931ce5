"""Getting events, commands and presses to the app: once, again when it stays silent, and never more than Slack would."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Json = dict[str, Any]
Kind = Literal["events_api", "slash_commands", "interactive"]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the stand-in waits; Slack's own times unless a test shortens them."""

    acknowledged_within: float = 3.0
    retry_after: tuple[float, ...] = (1.0, 60.0, 300.0)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One delivery: the first (number 0) or a retry, and why it is one."""

    kind: Kind
    payload: Json
    number: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: whether it was acknowledged in time, what with, and if not, why not."""

    ok: bool
    body: Json | None = None
    why: str = ""
    final: bool = False
    """The app asked not to be tried again."""
    sent_as: Attempt | None = None
    """The attempt as it went out, where the line made a retry of it."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """An attempt and its outcome, for assertions."""

    attempt: Attempt
    answer: Answer


class Line(Protocol):
    """A way to the app: sockets or signed HTTP."""

    async def deliver(self, attempt: Attempt) -> Answer:
        """Hand it over and wait for the acknowledgement."""
        ...


class Dispatcher:
    """Sends over the line that is in use and keeps count of what is under way."""

    def __init__(self, line: Line, patience: Patience, beat: Callable[[], None]) -> None:
        self.line = line
        self.patience = patience
        self.delivered: deque[Delivered] = deque(maxlen=5000)
        self._beat = beat
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def busy(self) -> bool:
        """Whether anything is still unacknowledged and not given up."""
        return bool(self._tasks)

    def event(self, payload: Json) -> None:
        """Deliver an event in the background, with retries."""
        self._spawn(self._event(payload))

    async def ask(self, kind: Kind, payload: Json) -> Answer:
        """Deliver a command or an interaction; it is never retried."""
        answer: Answer = await self._spawn(self._once(Attempt(kind, payload)))
        return answer

    async def stop(self) -> None:
        """Give up everything that is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        self._beat()

    async def _event(self, payload: Json) -> None:
        answer = await self._once(Attempt("events_api", payload))
        for number, pause in enumerate(self.patience.retry_after, start=1):
            if answer.ok or answer.final:
                return
            await asyncio.sleep(pause)
            answer = await self._once(Attempt("events_api", payload, number, answer.why))

    async def _once(self, attempt: Attempt) -> Answer:
        answer = await self.line.deliver(attempt)
        self.delivered.append(Delivered(answer.sent_as or attempt, answer))
        return answer
