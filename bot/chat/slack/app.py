"""The wiring: Slack's requests in, by Socket Mode or signed HTTP, for one workspace or for all that installed Spellout."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog
from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.chat.slack.connection import API_URL, SlackError, quiet_logger
from bot.chat.slack.door import EVENTS_PATH, Door, discreet, unnamed
from bot.chat.slack.ear import Ear, Hear, Pace
from bot.chat.slack.gate import Gate, Ignores
from bot.chat.slack.install import Distribution, Reception
from bot.chat.slack.messenger import Messenger
from bot.chat.slack.socket import Socket
from bot.chat.slack.workspaces import Clients, ManyWorkspaces, OneWorkspace, Workspaces
from bot.core.messages import Reply
from bot.metrics import Metrics
from bot.ports import Installations

__all__ = ["EVENTS_PATH", "Distribution", "Pace", "SlackChat", "Words"]

_log = structlog.get_logger(__name__)

HEALTH_PATH: Final = "/healthz"


@dataclass(frozen=True, slots=True)
class Words:
    """The few words that this adapter needs itself: the button that closes a window, what to say when a window with fields came too late
    to open (a message cannot show fields), what to say when something that was acknowledged could not be saved, and what to tell a person
    per refusal of Slack."""

    close: str
    not_opened: Reply
    not_saved: Reply
    apologies: Mapping[str, Reply] = field(default_factory=dict)


class SlackChat:
    """Spellout at Slack. Start it with the service's `hear`; give the service its `sender`.

    With a bot token it is in one workspace. With a distribution it is in every workspace that installed it. `installations` is where
    those are kept, and where all that was stored of a workspace is deleted when Slack says that we are no longer in it.
    """

    def __init__(
        self,
        *,
        words: Words,
        bot_token: str = "",
        app_token: str | None = None,
        signing_secret: str | None = None,
        installations: Installations | None = None,
        distribution: Distribution | None = None,
        api_url: str = API_URL,
        allow_any_url: bool = False,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.time,
        metrics: Metrics | None = None,
    ) -> None:
        if not app_token and not signing_secret:
            raise SlackError("Slack needs SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP): set one of them.")
        pace, metrics = pace or Pace(), metrics or Metrics()
        self.on_installed: Callable[[], None] = lambda: None
        """Called when a workspace has a new token: what waited for it can be sent."""
        self._clients = Clients(api_url, allow_any_url, metrics.slack_error)
        self._workspaces: Workspaces
        self._reception: Reception | None = None
        if distribution is not None:
            if installations is None:
                raise SlackError("Installations by OAuth have to be kept somewhere: give a store.")
            self._workspaces = ManyWorkspaces(self._clients, installations)
            self._reception = Reception(distribution, installations, self._workspaces, self._clients.plain, clock, self._installed)
        else:
            self._workspaces = OneWorkspace(self._clients, bot_token, installations, pace.pause)
        self.sender = Messenger(self._workspaces, self._clients.plain, words.close, words.apologies)
        self._ear = Ear(self._workspaces, self.sender, words.not_opened, words.not_saved, pace, metrics.put_off)
        self._gate = Gate(self._workspaces)
        app = self._app()
        self._door = Door(app, signing_secret, self._gate) if signing_secret else None
        self._socket = self._make_socket(app, app_token, pace) if app_token else None

    def _installed(self) -> None:
        self.on_installed()

    def speak(self, words: Words) -> None:
        """Use these words from now on."""
        self.sender.speak(words.close, words.apologies)
        self._ear.speak(words.not_opened, words.not_saved)

    def _app(self) -> AsyncApp:
        """Bolt, as far as we use it. The door verifies what comes over HTTP; whose a request is, the ear finds out."""

        async def authorize() -> AuthorizeResult:  # no method: Bolt would ask for a value of `self` by name
            return AuthorizeResult(enterprise_id=None, team_id=None)

        app = AsyncApp(
            name="spellout",
            logger=quiet_logger(),
            client=self._clients.plain,
            signing_secret="",
            request_verification_enabled=False,
            ignoring_self_events_enabled=False,
            authorize=authorize,
            attaching_conversation_kwargs_enabled=False,
        )
        app.use(self._ear)
        return app

    def _make_socket(self, app: AsyncApp, app_token: str, pace: Pace) -> Socket:
        client = self._clients.plain
        return Socket(app, client, app_token, self._gate, logger=quiet_logger(), ping=pace.ping, patience=pace.patience, pause=pace.pause)

    # ----------------------------------------------------------------------- from start to stop

    def mount(self, application: web.Application) -> None:
        """Add the routes: signed requests where there is a signing secret, the pages for installing, and the health check."""
        application.middlewares.append(discreet)
        application.on_response_prepare.append(unnamed)
        if self._door:
            application.router.add_post(EVENTS_PATH, self._door.enter)
        if self._reception:
            self._reception.mount(application)
        application.router.add_get(HEALTH_PATH, self._health)

    async def start(self, hear: Hear, ignores: Ignores | None = None) -> None:
        """Find out who we are at Slack, then listen; waits for a Slack that cannot be reached, raises SlackError when it refuses us.

        What `ignores` says yes to is acknowledged and never heard.
        """
        self._clients.open()
        try:
            await self._workspaces.start()
            self._ear.hear, self._gate.ignores = hear, ignores
            if self._socket:
                await self._socket.start()
        except BaseException:
            await self.stop(0)
            await self.close()
            raise
        _log.info("slack_connected", socket=self._socket is not None, many=self._reception is not None)

    async def stop(self, grace: float = 10) -> None:
        """Take nothing new, and wait for what was taken. The sender still works, so that the service can send what is due.

        The socket stays open for as long as acknowledgements may still go out on it.
        """
        self._ear.hear = self._gate.ignores = None
        until = time.monotonic() + grace
        if self._socket:
            await self._ear.acknowledged(grace)
            await self._socket.stop()
        await self._ear.stop(max(until - time.monotonic(), 0))

    async def close(self) -> None:
        """Let go of Slack; nothing can be sent afterwards."""
        await self._clients.close()

    async def rest(self) -> None:
        """Wait until everything that was taken so far has been heard."""
        await self._ear.rest()

    async def connected(self) -> bool:
        """Whether we listen: in Socket Mode, whether the socket is alive."""
        return self._ear.hear is not None and (self._socket is None or await self._socket.alive())

    def socket_age(self) -> float | None:
        """Seconds since Slack last answered on the socket, also while there is none; None without Socket Mode."""
        return self._socket.age() if self._socket else None

    async def _health(self, request: web.Request) -> web.Response:
        connected = await self.connected()
        return web.json_response({"ok": connected}, status=200 if connected else 503)
