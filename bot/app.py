"""The composition root: the only file that knows every part. Settings in, a running Spellout out."""

import asyncio
import errno
import logging
import os
import signal
import sys
import webbrowser
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from typing import Any, Literal

import structlog
from aiohttp import web

from bot import app_teams
from bot.chat.slack.app import Distribution, SlackChat, Words
from bot.chat.slack.connection import SlackError
from bot.chat.slack.manifest import http_manifest, load_manifest
from bot.core.brain import Brain
from bot.core.messages import Reply, Text
from bot.core.rulebook import Rulebook
from bot.playground import StandIn
from bot.rulefiles import load
from bot.service import Service
from bot.settings import Local, OperatorError, Settings
from bot.settings_teams import TeamsSettings
from bot.store import SqlStore
from bot.together import Chat, Together

LARGEST_REQUEST = 1 << 20
"""Bytes; Slack's requests are far smaller."""

TRY_PORT = 8642
NOTHING_KEPT = "sqlite://"
"""A database in memory: what is tried out never meets what is real."""

_log = structlog.get_logger(__name__)


# --------------------------------------------------------------------------- commands


def serve(settings: Settings, mode: Literal["socket", "http"] | None, teams: TeamsSettings | None = None) -> None:
    """Work in Slack (`mode` says how), in Teams, or in both, until told to stop (SIGINT or SIGTERM), then finish what was begun."""
    _log_to_stderr(settings, settings.log)
    _run(_serve(settings, mode, teams))


def try_out(settings: Local, port: int | None, browser: bool, say: Callable[[str], None]) -> None:
    """Run the playground with Spellout in it until told to stop; `say` gets its address."""
    _log_to_stderr(settings, settings.log if "log" in settings.model_fields_set else "warning")
    _run(_try_out(settings, port, browser, say))


def manifest(url: str | None = None) -> dict[str, Any]:
    """Slack's app manifest as plain data: for Socket Mode, or for HTTP at this address."""
    try:
        return (http_manifest(url) if url else load_manifest()).as_slack_reads_it()
    except SlackError as error:
        raise OperatorError(str(error)) from None


async def _serve(settings: Settings, mode: Literal["socket", "http"] | None, teams: TeamsSettings | None) -> None:
    rules = load(settings.rules)
    async with AsyncExitStack() as running:
        keys, keep_records = settings.encryption_keys, settings.keep_records_days
        store = SqlStore.open(settings.database_url, settings.keep_days, keys=keys, keep_records_days=keep_records)
        running.callback(store.close)
        chats: dict[str, Chat] = {} if mode is None else {"slack": _slack(settings, mode, store, rules)}
        if teams:
            chats["teams"] = app_teams.make(teams, rules)
        chat = Together(chats)
        if mode == "http" or teams:
            await _listen(chat, settings.host, settings.port, running)
        await _start(chat, store, rules, running)
        _log.info("ready", mode=mode, services=sorted(chats), rules=rules.version)
        await asyncio.Event().wait()


def _slack(settings: Settings, mode: Literal["socket", "http"], store: SqlStore, rules: Rulebook) -> SlackChat:
    return SlackChat(
        bot_token=settings.bot_token.get_secret_value() if settings.bot_token else "",
        app_token=settings.app_token.get_secret_value() if settings.app_token and mode == "socket" else None,
        signing_secret=settings.signing_secret.get_secret_value() if settings.signing_secret and mode == "http" else None,
        installations=store,
        distribution=_distribution(settings) if settings.many else None,
        words=_words(rules),
        api_url=settings.api_url,
        allow_any_url=settings.allow_api_url,
    )


async def _try_out(settings: Local, port: int | None, browser: bool, say: Callable[[str], None]) -> None:
    rules = load(settings.rules)
    async with AsyncExitStack() as running:
        slack = StandIn(manifest(), history=True)
        running.push_async_callback(slack.stop)
        await _start_page(slack, port)
        store = SqlStore.open(NOTHING_KEPT)
        running.callback(store.close)
        chat = SlackChat(bot_token=slack.bot_token, app_token=slack.app_token, words=_words(rules), api_url=slack.api_url)
        await _start(chat, store, rules, running, grace=1)
        say(f"Spellout is open at {slack.page_url} until you press Ctrl-C. Nothing is kept, and nothing leaves this machine.")
        if browser and _has_display():
            await asyncio.to_thread(webbrowser.open, slack.page_url)
        await asyncio.Event().wait()


# --------------------------------------------------------------------------- parts


async def _start(chat: Chat, store: SqlStore, rules: Rulebook, running: AsyncExitStack, grace: float = 10) -> None:
    """Connect chat, service and store; on the way out nothing new is taken, then everything begun is finished."""
    brain = Brain(rules)
    service = Service(store, chat.sender, brain.decide, concerns=brain.concerns)
    running.push_async_callback(chat.close)
    running.push_async_callback(service.stop, grace)
    running.push_async_callback(chat.stop, grace)
    await chat.start(service.hear)
    await service.start()


async def _listen(chat: Chat, host: str, port: int, running: AsyncExitStack) -> None:
    application = web.Application(client_max_size=LARGEST_REQUEST)
    chat.mount(application)
    runner = web.AppRunner(application, access_log=None)
    running.push_async_callback(runner.cleanup)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise _unusable(host, port, error, "PORT (or SPELLOUT_HOST)") from None
    _log.info("listening", host=host, port=port)


async def _start_page(slack: StandIn, port: int | None) -> None:
    """Listen on the port that was asked for, or else on the usual one, or else on a free one."""
    try:
        await slack.start(port=port or TRY_PORT)
    except OSError as error:
        if port is not None:
            raise _unusable("127.0.0.1", port, error, "--port") from None
        await slack.start()


def _unusable(host: str, port: int, error: OSError, setting: str) -> OperatorError:
    why = "is taken by another program" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
    return OperatorError(f"Port {port} of {host} {why}: stop that program, or set {setting} to another one.")


def _words(rules: Rulebook) -> Words:
    """What the Slack adapter itself has to say."""
    say = rules.wording

    def whisper(key: str) -> Reply:
        return Reply((Text(say.line(key)),), say.text(key), surface="whisper")

    missing = whisper("fault.not_in_channel")
    return Words(
        close=say.text("shared.close"),
        not_opened=whisper("fault.not_opened"),
        apologies={"not_in_channel": missing, "channel_not_found": missing},
    )


def _distribution(settings: Settings) -> Distribution:
    """How workspaces add Spellout by themselves."""
    return Distribution(
        client_id=settings.client_id or "",
        client_secret=settings.client_secret.get_secret_value() if settings.client_secret else "",
        public_url=settings.public_url or "",
        welcome=settings.welcome,
        support=settings.support or "",
        keep_days=settings.keep_days,
        keep_records_days=settings.keep_records_days,
    )


def _has_display() -> bool:
    """Whether a browser window could be seen; a text browser in the terminal is not meant."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


# --------------------------------------------------------------------------- process


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run until SIGINT or SIGTERM, which let the work finish what it began; a second one ends it at once."""

    async def until_told() -> None:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()

        def stop() -> None:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)
            task.cancel()

        with suppress(NotImplementedError):  # where signals do not reach the loop, Ctrl-C still ends it
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, stop)
        with suppress(asyncio.CancelledError):
            await task

    try:
        asyncio.run(until_told())
    except SlackError as error:
        raise OperatorError(str(error)) from None


def _log_to_stderr(settings: Local, level: str) -> None:
    """Set logging up, once: key=value on a terminal, JSON elsewhere. Libraries only warn: what they log below that may hold messages."""
    text = settings.log_format == "text" or (settings.log_format == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
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
