"""The log: one line an event on standard error, key=value on a terminal and JSON elsewhere; ids only, never texts or tokens."""

import logging
import re
import sys
from typing import Any

import structlog

from bot.settings import Local

_SECRET = re.compile(
    r"\bx(?:ox[a-z]|app|wfp)(?:\.x[a-z]+)?-[\w.-]+|(?<=hooks\.slack\.com/)[\w./-]+"
    r"|\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*|(?<![\w~.-])[\w~.-]{3}[0-9]Q~[\w~.-]{20,}"
)
"""Slack's tokens, and what makes an address of Slack's a secret; Microsoft's tokens and client secrets."""
_META = frozenset({"_record", "_from_structlog"})
"""What structlog itself puts into the line of a library, and takes out before it is shown."""


def to_stderr(settings: Local, level: str) -> None:
    """Set logging up, once. Libraries only warn: what they log below that may hold messages."""
    text = settings.log_format == "text" or (settings.log_format == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_secrets,
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        if text
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=[_without_quotes, *shared]))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def _without_quotes(logger: Any, method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Of a fault that a library tells, only its kind: the fault, its traceback and all below the first line may quote what people wrote."""
    line.pop("stack_info", None)
    fault = line.pop("exc_info", None)
    if fault:
        line["event"] = str(line["event"]).split("\n", 1)[0]
        line["why"] = fault[0].__name__ if isinstance(fault, tuple) and fault[0] else type(fault).__name__
    return line


def _without_secrets(logger: Any, method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """The last guard: nothing of ours logs a token, and what a library quotes of one is struck out."""
    return {name: value if name in _META else _struck(value) for name, value in line.items()}


def _struck(value: Any) -> Any:
    """The value as it will be shown, without tokens at any depth."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, dict):
        return {_struck(name): _struck(part) for name, part in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_struck(part) for part in value]
    return _SECRET.sub("...", value if isinstance(value, str) else repr(value))
