"""Whether the database can be used: told once when it fails, and once when it works again."""

import time
from collections.abc import Callable

import structlog

from bot.metrics import Metrics

_log = structlog.get_logger(__name__)


class StoreHealth:
    """Failures and successes of the store as they come. Only a success at writing ends a trouble: a full disk can still be read."""

    def __init__(self, metrics: Metrics, clock: Callable[[], float] = time.monotonic) -> None:
        self._metrics = metrics
        self._clock = clock
        self._since: float | None = None
        self._why = ""

    @property
    def troubled(self) -> bool:
        """Whether the last write, or a read since then, failed."""
        return self._since is not None

    def failed(self, why: str) -> None:
        """Note a failure; what is new about it goes to the log."""
        self._metrics.database_failed()
        if why != self._why:
            _log.error("store_failed", why=why)
        if self._since is None:
            self._since = self._clock()
        self._why = why

    def wrote(self) -> None:
        """Note that something was written."""
        if self._since is not None:
            _log.info("store_recovered", seconds=round(self._clock() - self._since))
            self._since, self._why = None, ""
            self._metrics.database_works()
