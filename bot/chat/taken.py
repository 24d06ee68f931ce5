"""What an adapter took and still hears: nothing of it is dropped without a word."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Generic, TypeVar

import structlog

_log = structlog.get_logger(__name__)

T = TypeVar("T")
FirstTry = asyncio.Future[T | None]
"""What came of hearing a request the first time, as soon as that is known."""


class Taken(Generic[T]):
    """The requests that are being heard, each in a task that goes on when its request has been answered."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def running(self) -> frozenset[asyncio.Task[None]]:
        """The tasks of all that is being heard."""
        return frozenset(self._tasks)

    async def take(self, listen: Callable[[FirstTry[T]], Coroutine[Any, Any, None]], patience: float) -> T | None:
        """Begin to hear a request, by what never raises; what came of its first try, or None where that took longer than `patience`
        (seconds)."""
        first_try: FirstTry[T] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(listen(first_try))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
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
