"""What an adapter took and still hears: no more than it can hold, and nothing of it is dropped without a word."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, Final, Generic, TypeVar

import structlog

from bot.ports import StoreError

_log = structlog.get_logger(__name__)

AT_ONCE: Final = 2_000
"""Requests that are heard at once. A working database has done with each in milliseconds, so that so many are there only when it hangs or
fails; they then cost some 25 MB, and are heard within seconds of its coming back."""
_TOLD_EVERY: Final = 1.0
"""Seconds between two lines of the log about what is put off."""

T = TypeVar("T")
R = TypeVar("R")
FirstTry = asyncio.Future[T | None]
"""What came of hearing a request the first time, as soon as that is known."""


async def insisting(
    attempt: Callable[[], Awaitable[R]],
    first_try: FirstTry[T],
    means: Callable[[R], T],
    pauses: Sequence[float],
    pause: Callable[[float], Awaitable[None]],
) -> R:
    """What an attempt to hear a request brings, made again after each pause (seconds) while the store fails; raises StoreError in the end.

    What the first one brought (by `means`, None: nothing) is known at once.
    """

    async def once() -> R:
        result = await attempt()
        _known(first_try, means(result))
        return result

    for seconds in pauses:
        with suppress(StoreError):
            return await once()
        _known(first_try, None)
        await pause(seconds)
    return await once()


def _known(first_try: FirstTry[T], outcome: T | None) -> None:
    if not first_try.done():
        first_try.set_result(outcome)


class Taken(Generic[T]):
    """The requests that are being heard, each in a task that goes on when its request has been answered."""

    def __init__(
        self, at_once: int = AT_ONCE, count: Callable[[], None] = lambda: None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`count` hears of each request that is put off."""
        self._at_once = at_once
        self._count = count
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._untold, self._told_at = 0, -_TOLD_EVERY

    @property
    def running(self) -> frozenset[asyncio.Task[None]]:
        """The tasks of all that is being heard."""
        return frozenset(self._tasks)

    def puts_off(self) -> bool:
        """Whether a request that comes now is one too many, which is then counted and told: it must not be taken."""
        if len(self._tasks) < self._at_once:
            return False
        self._count()
        self._untold += 1
        if (now := self._clock()) - self._told_at >= _TOLD_EVERY:
            _log.warning("put_off", count=self._untold, held=len(self._tasks))
            self._untold, self._told_at = 0, now
        return True

    async def take(self, listen: Callable[[FirstTry[T]], Coroutine[Any, Any, None]], patience: float) -> T | None:
        """Begin to hear a request, by what never raises; what came of its first try, or None where that took longer than `patience`
        (seconds)."""
        first_try: FirstTry[T] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(listen(first_try))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: _known(first_try, None))
        await asyncio.wait({first_try}, timeout=patience)
        return first_try.result() if first_try.done() else None

    async def rest(self, patience: float | None = None) -> None:
        """Wait until everything that was taken has been heard, or for `patience` (seconds)."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while self._tasks:
                    await asyncio.wait(self._tasks)

    async def stop(self, grace: float) -> None:
        """Wait for what was taken, for `grace` (seconds) at most; what still runs then is cut off."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=grace)
        for task in late:
            task.cancel()
        if late:
            _log.error("events_cut_off", count=len(late))
            await asyncio.wait(late)
