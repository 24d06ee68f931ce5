"""No log line holds what a person wrote, or a secret: every line of every test is looked at, at debug level.

What must not be there is planted by the tests themselves: all that a stand-in delivers or gives out, and what a stage is told.
"""

import json
import logging
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from bot.playground import StandIn

TOKEN = re.compile(r"\bx(?:ox[a-z]|app|wfp)-[\w-]{4,}")
LOUD = ("sqlalchemy", "hypothesis", "slack_sdk.webhook.async_client")
"""Loggers that copy their data when they are told to, which the program never does; the last one is used by the tests' echo bot alone."""
WRITTEN = frozenset({"text", "value", "response_url"})
"""The fields of a delivery that hold what a person wrote, or an address that is a secret."""


class Watch:
    """The log of one test, and what must not stand in it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.planted: set[str] = set()
        self.standins: list[StandIn] = []

    def plant(self, *texts: str) -> None:
        """These must not be logged; of a text so short that it could stand there by accident, nothing can be said."""
        self.planted |= {text for text in texts if len(text) >= 12 or (" " in text and len(text) >= 8)}

    def note(self, line: str) -> None:
        """One line of the log."""
        self.lines.append(line)

    def note_output(self, text: str) -> None:
        """What another process logged, as JSON or as text."""
        for line in text.splitlines():
            try:
                self.note("\n".join(_strings(json.loads(line))))
            except ValueError:
                self.note(line)

    def found(self) -> list[str]:
        """Every secret that was logged, with its line."""
        for standin in self.standins:
            self.plant(standin.bot_token, standin.app_token, standin.signing_secret)
            for delivered in standin.dispatcher.delivered:
                self.plant(*_written(delivered.attempt.payload))
        log = "\n".join(self.lines)
        secrets = {secret for secret in self.planted if secret in log} | set(TOKEN.findall(log))
        return [f"{secret!r} in {line!r}" for secret in sorted(secrets) for line in self.lines if secret in line]


current = Watch()
"""The watch of the test that runs."""


class _Overheard(structlog.make_filtering_bound_logger("debug")):  # type: ignore[misc]  # made at run time
    """Notes each line before anything, `capture_logs` included, can take it away."""

    def _proxy_to_logger(self, method_name: str, event: str | None = None, **event_kw: Any) -> Any:
        current.note("\n".join(_strings({"event": event, **self._context, **event_kw})))
        return super()._proxy_to_logger(method_name, event, **event_kw)


class _Ear(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        current.note(f"{record.name} {record.getMessage()} {record.exc_info or ''}")


@contextmanager
def watching() -> Iterator[Watch]:
    """Look at the log until the end of the block."""
    global current  # noqa: PLW0603 - loggers are global, and so is who listens to them
    current = watch = Watch()
    root, ear, make = logging.getLogger(), _Ear(logging.DEBUG), StandIn.__init__
    level = root.level

    def made(self: StandIn, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        watch.standins.append(self)

    StandIn.__init__ = made  # type: ignore[method-assign]
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
    if structlog.get_config()["wrapper_class"] is not _Overheard:
        _listen_to_structlog()
    try:
        yield watch
    finally:
        StandIn.__init__ = make  # type: ignore[method-assign]
        root.removeHandler(ear)
        root.setLevel(level)


def _listen_to_structlog() -> None:
    """Also after a test that set the program's own logging up, whose loggers are kept for ever."""
    structlog.reset_defaults()
    structlog.configure(wrapper_class=_Overheard, cache_logger_on_first_use=False)
    for name, module in list(sys.modules.items()):
        if name.startswith("bot.") and hasattr(module, "_log"):
            vars(module._log).pop("bind", None)


def _strings(value: Any) -> Iterable[str]:
    """Every string in it, as it would be shown."""
    if isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for part in value:
            yield from _strings(part)
    else:
        yield value if isinstance(value, str) else repr(value)


def _written(value: Any, name: str = "") -> Iterable[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _written(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from _written(part, name)
    elif isinstance(value, str) and name in WRITTEN:
        yield value
