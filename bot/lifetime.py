"""The life of the process: it runs until told to stop, and then has one stretch of time for everything that is to be finished."""

import asyncio
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from types import FrameType

import structlog

_log = structlog.get_logger(__name__)

_MARGIN = 0.1
"""The share of the time that is kept for letting go of connections."""

_ENDING: Mapping[signal.Signals, Callable[[int, FrameType | None], object] | signal.Handlers] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
}
"""The signals that end us, with what they do where nothing is to be finished."""

_COLLECT_AFTER = (50_000, 20, 100)
"""New objects (and younger collections) after which the garbage collector looks; Python's own 700 are for small programs."""


def collect_rarely() -> None:
    """Let the garbage collector look rarely: what rules and libraries are made of stays, and looking at it is a seventh of a start."""
    gc.set_threshold(*_COLLECT_AFTER)


def settle() -> None:
    """What has been made by now, the rules above all, stays: the garbage collector never looks at it again, and more rarely at the rest.

    Without this the slowest of the messages that are answered now and then wait several times as long as the others.
    """
    gc.collect()
    gc.freeze()
    collect_rarely()


_TOLD_WITHIN = 0.5
"""Seconds that the last word may take: whoever should read the log may be what hangs."""


class Lifetime:
    """From start to stop. `seconds`: how long a stop may take in all, whatever hangs."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._until: float | None = None
        self._news: SimpleQueue[None] = SimpleQueue()
        """That it was told to stop, then that it has: the one queue that a signal's handler may safely put something into."""
        self._hangups = False
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

    def on_hangup(self, call: Callable[[], None]) -> None:
        """Call this for every SIGHUP, where there is such a signal, until told to stop; later ones are ignored."""
        loop = asyncio.get_running_loop()
        with suppress(AttributeError):
            signal.signal(signal.SIGHUP, lambda number, frame: _soon(loop, call))
            self._hangups = True

    def run(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run until SIGINT or SIGTERM, which let the work finish what it began; a second one ends it at once."""
        threading.Thread(target=self._watch, name="stop", daemon=True).start()
        try:
            asyncio.run(self._until_told(work))
        finally:
            _as_usual()
            self._news.put(None)
            self._news.put(None)

    async def _until_told(self, work: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.ensure_future(work())
        loop = asyncio.get_running_loop()

        def stop() -> None:
            _log.info("stopping", seconds=self._seconds)
            self.on_stop()
            task.cancel()

        def told(number: int, frame: FrameType | None) -> None:
            """Not in the loop, which may be busy or stand still: the time runs from here."""
            _as_usual()
            if self._hangups:
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
            self._until = self._clock() + self._seconds
            self._news.put(None)
            _soon(loop, stop)

        for number in _ENDING:
            with suppress(NotImplementedError):  # Windows
                loop.add_signal_handler(number, lambda: None)  # so that a signal wakes the loop from its sleep
            signal.signal(number, told)
        with suppress(asyncio.CancelledError):
            await task

    def _watch(self) -> None:
        """Cut off a stop that takes too long."""
        self._news.get()
        try:
            self._news.get(timeout=self._seconds)
        except Empty:
            _end()


def _soon(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    """Call it in the loop, if that still runs."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(call)


def _as_usual() -> None:
    """From now on SIGINT and SIGTERM end the process."""
    for number, usual in _ENDING.items():
        signal.signal(number, usual)


def _end() -> None:
    """End whatever hangs: what was acknowledged is saved, what was not sent waits in the outbox."""
    telling = threading.Thread(target=_tell_end, daemon=True)
    telling.start()
    telling.join(_TOLD_WITHIN)
    os._exit(0)


def _tell_end() -> None:
    _log.error("stop_cut_off")
    sys.stderr.flush()
