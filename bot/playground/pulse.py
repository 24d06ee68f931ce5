"""Waiting for something to have happened, without polling."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


class Pulse:
    """Wakes everybody who waits, in the order they came, whenever anything changed."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Future[None], None] = {}

    def beat(self) -> None:
        """Something changed."""
        waiting, self._waiting = self._waiting, {}
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def next(self) -> None:
        """Return at the next change."""
        future = asyncio.get_running_loop().create_future()
        self._waiting[future] = None
        try:
            await future
        finally:
            self._waiting.pop(future, None)

    async def until(self, look: Callable[[], Found], timeout: float | None) -> Found:  # noqa: ASYNC109 - waiting is its promise
        """What `look` sees as soon as it is truthy; TimeoutError when it never is."""
        async with asyncio.timeout(timeout):
            while not (found := look()):
                await self.next()
            return found
