"""Whether the database can be used: told once when it fails, and once when it works again."""

import time
from collections.abc import Callable

import structlog

from bot.metrics import Metrics

_log = structlog.get_logger(__name__)


AGAIN_AFTER = 60.0
"""Seconds; a trouble that comes back sooner is not told anew."""


class StoreTrouble:
    """Failures and successes of the store as they come. Only a success at writing ends a trouble: a full disk can still be read."""

    def __init__(self, metrics: Metrics, clock: Callable[[], float] = time.monotonic) -> None:
        self._metrics = metrics
        self._clock = clock
        self._since: float | None = None
        self._told = ""
        self._told_at = 0.0
        self._telling = False

    @property
    def troubled(self) -> bool:
        """Whether the store failed and was not written to since."""
        return self._since is not None

    def failed(self, why: str) -> None:
        """Note a failure; it goes to the log when it begins, and when its reason changes."""
        self._metrics.database_failed()
        now = self._clock()
        if why != self._told or (not self.troubled and now - self._told_at >= AGAIN_AFTER):
            _log.error("store_failed", why=why)
            self._told, self._told_at, self._telling = why, now, True
        if self._since is None:
            self._since = now

    def wrote(self) -> None:
        """Note that something was written."""
        if self._since is None:
            return
        if self._telling:
            _log.info("store_recovered", seconds=round(self._clock() - self._since))
        self._since, self._telling = None, False
        self._metrics.database_works()
