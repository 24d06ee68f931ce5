"""The wiring: Slack's requests in, by Socket Mode or signed HTTP, acknowledged at once and heard afterwards."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final

import aiohttp
import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.chat.slack.connection import API_URL, TIMEOUT, SlackError, insisting, make_client, quiet_logger
from bot.chat.slack.events import translate, trigger_of
from bot.chat.slack.payload import Us
from bot.chat.slack.sender import SlackSender
from bot.chat.slack.socket import NOT_NOW, Socket
from bot.core.messages import Deleted, Event, Field, Reply, Said
from bot.metrics import Metrics
from bot.ports import Outgoing, Refused, Stepped, StoreError, TryLater

_log = structlog.get_logger(__name__)

EVENTS_PATH: Final = "/slack/events"
HEALTH_PATH: Final = "/healthz"

Hear = Callable[[Event], Awaitable[Stepped]]


@dataclass(frozen=True, slots=True)
class Words:
    """The few words that this adapter needs itself: the button that closes a window, what to say when a window with fields came too late
    to open (a message cannot show fields), and what to tell a person per refusal of Slack."""

    close: str
    not_opened: Reply
    apologies: Mapping[str, Reply] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient the adapter is. All times in seconds."""

    ping: float = 10
    patience: float = 30
    """How long the socket may be dead before it is replaced."""
    store: tuple[float, ...] = (0.5, 2, 5, 15)
    """The pauses before an event is given to a failing store again."""
    acknowledge: float = 2
    """How long an acknowledgement waits for the store; Slack waits for three."""
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep


class _Ear(AsyncMiddleware):
    """Takes every request that Bolt has verified, of any kind, and answers as soon as its outcome is saved.

    One ear instead of listeners: nothing is unhandled (Slack would deliver it again), nothing waits for Bolt's polling of `ack`, and no
    failure of ours can take an acknowledgement back, as an exception in a Bolt listener does.
    """

    def __init__(self, take: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]) -> None:
        self._take = take

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        """Never calls the next one."""
        return await self._take(req)


class SlackChat:
    """Spellout at Slack. Start it with the service's `hear`; give the service its `sender`."""

    def __init__(
        self,
        *,
        bot_token: str,
        words: Words,
        app_token: str | None = None,
        signing_secret: str | None = None,
        api_url: str = API_URL,
        allow_any_url: bool = False,
        pace: Pace | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        if not app_token and not signing_secret:
            raise SlackError("Slack needs SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP): set one of them.")
        self._pace = pace or Pace()
        self._signed = bool(signing_secret)
        self._client = make_client(bot_token, api_url, allow_any_url, (metrics or Metrics()).slack_error)
        self._hear: Hear | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._identity = AuthorizeResult(enterprise_id=None, team_id=None)
        self._us = Us("")

        async def authorize() -> AuthorizeResult:  # no method: Bolt would ask for a value of `self` by name
            return self._identity

        self._app = AsyncApp(
            name="spellout",
            logger=quiet_logger(),
            client=self._client,
            signing_secret=signing_secret or "",
            authorize=authorize,
            attaching_conversation_kwargs_enabled=False,
        )
        self._app.use(_Ear(self._take))
        self._socket = self._make_socket(app_token) if app_token else None
        self._not_opened = words.not_opened
        self.sender = SlackSender(self._client, words.close, words.apologies)

    def speak(self, words: Words) -> None:
        """Use these words from now on."""
        self._not_opened = words.not_opened
        self.sender.speak(words.close, words.apologies)

    def _make_socket(self, app_token: str) -> Socket:
        pace = self._pace
        return Socket(self._app, self._client, app_token, logger=quiet_logger(), ping=pace.ping, patience=pace.patience, pause=pace.pause)

    # ----------------------------------------------------------------------- from start to stop

    def mount(self, application: web.Application) -> None:
        """Add the routes: signed requests where there is a signing secret, and the health check."""
        if self._signed:
            application.router.add_post(EVENTS_PATH, self._receive)
        application.router.add_get(HEALTH_PATH, self._health)

    async def start(self, hear: Hear) -> None:
        """Find out who we are at Slack, then listen; waits for a Slack that cannot be reached, raises SlackError when it refuses us."""
        self._client.session = aiohttp.ClientSession(timeout=TIMEOUT, cookie_jar=aiohttp.DummyCookieJar())
        try:
            me = await insisting(self._client.auth_test, "SLACK_BOT_TOKEN", "OAuth & Permissions", self._pace.pause)
            if not me.get("bot_id"):
                raise SlackError("SLACK_BOT_TOKEN is not a bot's token: copy the Bot User OAuth Token, which starts with xoxb-.")
            self._identity = AuthorizeResult.from_auth_test_response(bot_token=self._client.token, auth_test_response=me)
            self._us = Us(me.get("user_id") or "", me.get("team_id") or "", me.get("enterprise_id") or "")
            self._hear = hear
            if self._socket:
                await self._socket.start()
        except BaseException:
            await self.stop(0)
            await self.close()
            raise
        _log.info("slack_connected", team=me.get("team_id"), bot=me.get("user_id"), socket=self._socket is not None)

    async def stop(self, grace: float = 10) -> None:
        """Take nothing new, and wait for what was taken. The sender still works, so that the service can send what is due.

        The socket stays open for as long as acknowledgements may still go out on it.
        """
        self._hear = None
        until = time.monotonic() + grace
        if self._socket:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=min(grace, self._pace.acknowledge))
            await self._socket.stop()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=max(until - time.monotonic(), 0))
            for task in late:
                task.cancel()
            if late:
                _log.error("events_cut_off", count=len(late))
                await asyncio.wait(late)

    async def close(self) -> None:
        """Let go of Slack; nothing can be sent afterwards."""
        if self._client.session:
            await self._client.session.close()

    async def rest(self) -> None:
        """Wait until everything that was taken so far has been heard."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def connected(self) -> bool:
        """Whether we listen: in Socket Mode, whether the socket is alive."""
        return self._hear is not None and (self._socket is None or await self._socket.alive())

    def socket_age(self) -> float | None:
        """Seconds since Slack last answered on the socket; None without one."""
        return self._socket.age() if self._socket else None

    # ----------------------------------------------------------------------- coming in

    async def _receive(self, request: web.Request) -> web.Response:
        try:
            bolt_request = await to_bolt_request(request)
        except web.HTTPException:
            raise
        except Exception as error:
            _log.warning("request_not_understood", why=type(error).__name__)
            return web.Response(status=400)
        if not _bears_signature(bolt_request):
            return web.Response(status=401)
        response = await self._app.async_dispatch(bolt_request)
        if response.status == 500:
            _log.error("request_not_handled")
            return web.Response(status=200)
        return await to_aiohttp_response(response)

    async def _health(self, request: web.Request) -> web.Response:
        connected = await self.connected()
        return web.json_response({"ok": connected}, status=200 if connected else 503)

    async def _take(self, request: AsyncBoltRequest) -> BoltResponse:
        """Start the work, and acknowledge once its outcome is saved: what is acknowledged is never lost.

        What cannot be saved in time is not acknowledged where Slack would deliver it again, which our marks then notice; a press or a
        command comes only once, so that it is acknowledged and tried on.
        """
        if self._hear is None:
            return BoltResponse(status=NOT_NOW)
        event = translate(request.body, self._us)
        saved = True
        if event is not None:
            _tell_repeats(request, event)
            saved = await self._saved(self._hear, event, trigger_of(request.body))
        if not saved and isinstance(event, Said | Deleted):
            return BoltResponse(status=NOT_NOW)
        offered: dict[str, Any] | str = {"options": []} if request.body.get("type") == "block_suggestion" else ""
        return BoltResponse(status=200, body=offered)

    async def _saved(self, hear: Hear, event: Event, trigger: str | None) -> bool:
        """Begin to hear it; whether its outcome was saved at the first try and in time."""
        first_try: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._listen(hear, event, trigger, first_try))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.wait({first_try}, timeout=self._pace.acknowledge)
        return first_try.done() and first_try.result()

    async def _listen(self, hear: Hear, event: Event, trigger: str | None, first_try: "asyncio.Future[bool]") -> None:
        """Everything that an event leads to; never raises."""
        try:
            stepped = await self._heard(hear, event, first_try)
            for window in stepped.windows if stepped else ():
                await self._open(window, event, trigger)
        except Exception as error:
            _log.error("event_failed", marks=event.marks, why=type(error).__name__)
            if not first_try.done():
                first_try.set_result(True)  # it would fail again
        finally:
            if not first_try.done():
                first_try.set_result(False)

    async def _heard(self, hear: Hear, event: Event, first_try: "asyncio.Future[bool]") -> Stepped | None:
        for pause in self._pace.store:
            with suppress(StoreError):
                stepped = await hear(event)
                if not first_try.done():
                    first_try.set_result(True)
                return stepped
            if not first_try.done():
                first_try.set_result(False)
            await self._pace.pause(pause)
        try:
            return await hear(event)
        except StoreError:
            _log.error("event_lost", marks=event.marks)
            return None

    async def _open(self, window: Reply, event: Event, trigger: str | None) -> None:
        """Open the window; where it comes too late, whisper what would stand in it."""
        try:
            if trigger is None:
                raise Refused("no_trigger")
            await self.sender.open(trigger, window, event.place)
        except (Refused, TryLater) as failure:
            _log.warning("window_not_opened", why=str(failure))
            shown = self._not_opened if any(isinstance(part, Field) for part in window.parts) else window
            whisper = replace(shown, surface="whisper", to=window.to or event.person)
            url = None if isinstance(event, Said | Deleted) else event.answer_url
            try:
                await self.sender.send(Outgoing(0, event.place, whisper, event.place.thread, None, url, 0))
            except (Refused, TryLater) as why:
                _log.error("window_not_whispered", why=str(why))


def _bears_signature(request: AsyncBoltRequest) -> bool:
    """Whether there is anything to verify; Bolt stumbles over stamps and signatures of another shape. Slack's check of the certificate
    (`ssl_check`) bears none, and Bolt answers it without letting it in."""
    stamp = (request.headers.get("x-slack-request-timestamp") or [""])[0]
    signature = (request.headers.get("x-slack-signature") or [""])[0]
    shaped = re.fullmatch("[0-9]{1,12}", stamp) and re.fullmatch("v0=[0-9a-f]{64}", signature)
    return bool(shaped) or request.body.get("ssl_check") == "1"


def _tell_repeats(request: AsyncBoltRequest, event: Event) -> None:
    """Slack counts deliveries from 0; what comes again is heard like anything else, since it may never have arrived."""
    number = (request.headers.get("x-slack-retry-num") or ["0"])[0]
    if number != "0":
        reason = (request.headers.get("x-slack-retry-reason") or [""])[0]
        _log.info("delivered_again", marks=event.marks, number=number, reason=reason)
