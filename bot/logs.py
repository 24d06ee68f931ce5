"""The log: one line an event on standard error, key=value on a terminal and JSON elsewhere; ids only, never texts or tokens."""

import logging
import re
import sys
from typing import Any

import structlog

from bot.settings import Local

_SECRET = re.compile(r"\bx(?:ox[a-z]|app|wfp)(?:\.x[a-z]+)?-[\w.-]+|(?<=hooks\.slack\.com/)[\w./-]+")
"""Slack's tokens, and what makes an address of Slack's a secret."""


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
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def _without_secrets(logger: Any, method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """The last guard: nothing of ours logs a token, and what a library quotes of one is struck out."""
    return {name: _SECRET.sub("...", value) if isinstance(value, str) else value for name, value in line.items()}
