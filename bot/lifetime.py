"""The life of the process: it runs until told to stop, and then has one stretch of time for everything that is to be finished."""

import asyncio
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

_log = structlog.get_logger(__name__)

_MARGIN = 0.1
"""The share of the time that is kept for letting go of connections."""

_COLLECT_AFTER = (50_000, 20, 100)
"""New objects (and younger collections) after which the garbage collector looks; Python's own 700 are for small programs."""


def settle() -> None:
    """What has been made by now, the rules above all, stays: the garbage collector never looks at it again, and more rarely at the rest.

    Without this the slowest of the messages that are answered now and then wait several times as long as the others.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


class Lifetime:
    """From start to stop. `seconds`: how long a stop may take in all, whatever hangs."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._until: float | None = None
        self._cut_off: threading.Timer | None = None
        self.on_stop: Callable[[], None] = lambda: None
        """Called at once when the stop begins."""

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._until is not None

    def left(self) -> float:
        """Seconds to finish what was begun."""
        if self._until is None:
            return self._seconds * (1 - _MARGIN)
        return max(self._until - self._clock() - self._seconds * _MARGIN, 0)

    @staticmethod
    def on_hangup(call: Callable[[], None]) -> None:
        """Call this for every SIGHUP, where there is such a signal."""
        with suppress(NotImplementedError, AttributeError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, call)

    def run(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run until SIGINT or SIGTERM, which let the work finish what it began; a second one ends it at once."""
        try:
            asyncio.run(self._until_told(work))
        finally:
            if self._cut_off:
                self._cut_off.cancel()

    async def _until_told(self, work: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.ensure_future(work())
        loop = asyncio.get_running_loop()

        def stop() -> None:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)
            self._begin_to_stop()
            task.cancel()

        with suppress(NotImplementedError):  # where signals do not reach the loop, Ctrl-C still ends it
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, stop)
        with suppress(asyncio.CancelledError):
            await task

    def _begin_to_stop(self) -> None:
        self._until = self._clock() + self._seconds
        self._cut_off = threading.Timer(self._seconds, _end)
        self._cut_off.daemon = True
        self._cut_off.start()
        _log.info("stopping", seconds=self._seconds)
        self.on_stop()


def _end() -> None:
    """End whatever hangs: what was acknowledged is saved, what was not sent waits in the outbox."""
    _log.error("stop_cut_off")
    sys.stderr.flush()
    os._exit(0)
