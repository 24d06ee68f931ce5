"""The composition root: the only file that knows every part. Settings in, a running Spellout out."""

import asyncio
import errno
import os
import sys
import webbrowser
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import structlog
from aiohttp import web

from bot import app_teams, logs, status
from bot.chat.slack.app import Distribution, SlackChat, Words
from bot.chat.slack.connection import SlackError
from bot.chat.slack.manifest import http_manifest, load_manifest
from bot.chat.teams.sdk import TeamsError
from bot.core.brain import Brain
from bot.core.messages import Reply, Text
from bot.core.rulebook import Rulebook
from bot.lifetime import Lifetime, settle
from bot.listening import Runner
from bot.metrics import Metrics
from bot.ports import Unreachable
from bot.rulewatch import RuleWatch
from bot.service import Service
from bot.settings import Local, OperatorError, Settings
from bot.settings_teams import TeamsSettings
from bot.status import Vitals
from bot.store import SqlStore
from bot.together import Chat, Together

if TYPE_CHECKING:
    from bot.playground import StandIn

LARGEST_REQUEST = 1 << 20
"""Bytes; Slack's requests are far smaller."""

TRY_PORT = 8642
TRY_STOPS_WITHIN = 2.0
SHUTDOWN = 0.5
"""Seconds; connections still open then are closed, when everything that was taken is finished."""
NOTHING_KEPT = "sqlite://"
"""A database in memory: what is tried out never meets what is real."""

_BACK_OFF = (1, 2, 5, 10, 30)
"""Seconds between two attempts to reach the database; the last one repeats."""

_log = structlog.get_logger(__name__)

T = TypeVar("T")


# --------------------------------------------------------------------------- commands


def serve(settings: Settings, mode: Literal["socket", "http"] | None, teams: TeamsSettings | None = None) -> None:
    """Work in Slack (`mode` says how), in Teams, or in both, until told to stop (SIGINT or SIGTERM), then finish what was begun."""
    logs.to_stderr(settings, settings.log)
    life = Lifetime(settings.stop_seconds)
    _run(life, lambda: _serve(settings, mode, teams, life))


def try_out(settings: Local, port: int | None, browser: bool, say: Callable[[str], None]) -> None:
    """Run the playground with Spellout in it until told to stop; `say` gets its address."""
    logs.to_stderr(settings, settings.log if "log" in settings.model_fields_set else "warning")
    life = Lifetime(TRY_STOPS_WITHIN)
    _run(life, lambda: _try_out(settings, port, browser, say, life))


def manifest(url: str | None = None) -> dict[str, Any]:
    """Slack's app manifest as plain data: for Socket Mode, or for HTTP at this address."""
    try:
        return (http_manifest(url) if url else load_manifest()).as_slack_reads_it()
    except SlackError as error:
        raise OperatorError(str(error)) from None


async def _serve(settings: Settings, mode: Literal["socket", "http"] | None, teams: TeamsSettings | None, life: Lifetime) -> None:
    metrics = Metrics()
    watch = RuleWatch(settings.rules, metrics)
    vitals = Vitals(metrics, lambda: life.stopping, watch)
    life.on_stop = metrics.draining
    life.on_hangup(watch.ask)
    async with AsyncExitStack() as running:
        if settings.status_port:
            at = settings.status_host, settings.status_port
            await _listen(status.application(vitals), *at, "SPELLOUT_STATUS_PORT (or SPELLOUT_STATUS_HOST)", running)
        store = await _insisting(partial(asyncio.to_thread, _open_store, settings), vitals)
        running.callback(store.close)
        in_slack = _slack(settings, mode, store, watch.rules, metrics) if mode else None
        in_teams = app_teams.make(teams, watch.rules, metrics) if teams else None
        chat = Together(**({"slack": in_slack} if in_slack else {}), **({"teams": in_teams} if in_teams else {}))
        if mode == "http" or teams:
            application = web.Application(client_max_size=LARGEST_REQUEST)
            chat.mount(application)
            await _listen(application, settings.host, settings.port, "PORT (or SPELLOUT_HOST)", running)
        if in_teams:
            await app_teams.introduce(in_teams)
        service = await _start(chat, store, watch.brain, running, life, metrics, vitals)
        vitals.service, vitals.chat, vitals.teams = service, in_slack, in_teams
        if in_slack:
            in_slack.on_installed = service.wake
        speaking = [lambda rules: in_slack.speak(_words(rules))] if in_slack else []
        speaking += [lambda rules: in_teams.speak(app_teams.words(rules))] if in_teams else []
        await _follow(watch, service, speaking, running)
        settle()
        _log.info("ready", mode=mode, services=chat.services, rules=watch.rules.version)
        await asyncio.Event().wait()


async def _try_out(settings: Local, port: int | None, browser: bool, say: Callable[[str], None], life: Lifetime) -> None:
    from bot.playground import StandIn  # noqa: PLC0415 - whoever serves Slack itself has no use for a stand-in

    watch = RuleWatch(settings.rules, Metrics())
    async with AsyncExitStack() as running:
        slack = StandIn(manifest(), history=True)
        running.push_async_callback(slack.stop)
        await _start_page(slack, port)
        store = SqlStore.open(NOTHING_KEPT)
        running.callback(store.close)
        chat = SlackChat(bot_token=slack.bot_token, app_token=slack.app_token, words=_words(watch.rules), api_url=slack.api_url)
        service = await _start(chat, store, watch.brain, running, life)
        await _follow(watch, service, [lambda rules: chat.speak(_words(rules))], running)
        say(f"Spellout is open at {slack.page_url} until you press Ctrl-C. Nothing is kept, and nothing leaves this machine.")
        if browser and _has_display():
            await asyncio.to_thread(webbrowser.open, slack.page_url)
        await asyncio.Event().wait()


# --------------------------------------------------------------------------- parts


async def _insisting(work: Callable[[], Awaitable[T]], vitals: Vitals) -> T:
    """What comes of it, however long the database is away; what waiting cannot mend is a StoreError at once."""
    attempt = 0
    while True:
        try:
            done = await work()
        except Unreachable as error:
            seconds = _BACK_OFF[min(attempt, len(_BACK_OFF) - 1)]
            vitals.database = "cannot be reached; the log says why (database_unreachable)"
            _log.warning("database_unreachable", why=str(error), seconds=seconds)
            attempt += 1
        else:
            vitals.database = ""
            return done
        await asyncio.sleep(seconds)


def _slack(settings: Settings, mode: Literal["socket", "http"], store: SqlStore, rules: Rulebook, metrics: Metrics) -> SlackChat:
    return SlackChat(
        bot_token=settings.bot_token.get_secret_value() if settings.bot_token else "",
        app_token=settings.app_token.get_secret_value() if settings.app_token and mode == "socket" else None,
        signing_secret=settings.signing_secret.get_secret_value() if settings.signing_secret and mode == "http" else None,
        installations=store,
        distribution=_distribution(settings) if settings.many else None,
        words=_words(rules),
        api_url=settings.api_url,
        allow_any_url=settings.allow_api_url,
        metrics=metrics,
    )


def _open_store(settings: Settings) -> SqlStore:
    keys, keep_records = settings.encryption_keys, settings.keep_records_days
    store = SqlStore.open(settings.database_url, settings.keep_days, keys=keys, keep_records_days=keep_records)
    store.claim()
    return store


async def _start(
    chat: Chat,
    store: SqlStore,
    brain: Brain,
    running: AsyncExitStack,
    life: Lifetime,
    metrics: Metrics | None = None,
    vitals: Vitals | None = None,
) -> Service:
    """Connect chat, service and store; on the way out nothing new is taken, then everything begun is finished, as far as time allows."""
    service = Service(store, chat.sender, brain, metrics=metrics)

    async def stop() -> None:
        await chat.stop(life.left() / 2)
        await service.stop(life.left())
        await chat.close()

    running.push_async_callback(stop)
    await chat.start(service.hear, service.ignores)
    await _insisting(service.start, vitals or Vitals(Metrics(), lambda: life.stopping))
    return service


async def _follow(watch: RuleWatch, service: Service, speaking: Sequence[Callable[[Rulebook], None]], running: AsyncExitStack) -> None:
    """Let the next edit of the rules take effect between two events, in all parts at once."""

    def take(rules: Rulebook, brain: Brain) -> None:
        service.think_with(brain)
        for speak in speaking:
            speak(rules)

    following = asyncio.create_task(watch.run(take), name="rules")

    async def unfollow() -> None:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)

    running.push_async_callback(unfollow)


async def _listen(application: web.Application, host: str, port: int, setting: str, running: AsyncExitStack) -> None:
    runner = Runner(application, access_log=None, shutdown_timeout=SHUTDOWN)
    running.push_async_callback(runner.cleanup)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise _unusable(host, port, error, setting) from None
    _log.info("listening", host=host, port=port)


async def _start_page(slack: "StandIn", port: int | None) -> None:
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
        not_saved=whisper("fault.not_saved"),
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


def _run(life: Lifetime, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    try:
        life.run(work)
    except (SlackError, TeamsError) as error:
        raise OperatorError(str(error)) from None
