"""The stand-in for Slack: one small server with a Web API, Socket Mode, signed HTTP delivery, people, and a page."""

import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from aiohttp import web

from bot.playground.cast import open_workspace
from bot.playground.delivery import Dispatcher, Patience
from bot.playground.faults import Faults
from bot.playground.grants import AUTHORIZE, Grants
from bot.playground.guard import check_bind, loopback_only
from bot.playground.manifest import Manifest
from bot.playground.methods import Json
from bot.playground.page import Page
from bot.playground.payloads import VERIFICATION
from bot.playground.pulse import Pulse
from bot.playground.signedhttp import HttpLine
from bot.playground.sockets import SocketLine
from bot.playground.team import Surroundings, Team
from bot.playground.webapi import AppMethod, Tokens, WebApi
from bot.playground.workspace import Change

Found = TypeVar("Found")
LARGEST_BODY = 1 << 20


class StandIn:
    """Workspaces that an unmodified Slack app can talk to. Start it, point the app's `base_url` at `api_url`, and act as people.

    In the first workspace the app is installed from the start; `workspace`, `people` and `bot_token` are of that one.
    """

    def __init__(
        self,
        manifest: Mapping[str, Any],
        *,
        history: bool = False,
        limit: int = 2000,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.manifest = Manifest(manifest)
        self.signing_secret = secrets.token_hex(16)
        self.pulse = Pulse()
        self.faults = Faults(self.pulse.beat)
        patience = patience or Patience()
        self.workspace = open_workspace(self.manifest.name, history=history, limit=limit, clock=clock)
        self.sockets = SocketLine(self.workspace.app, patience.acknowledged_within, lambda: self.workspace.tell(Change("app")))
        self.dispatcher = Dispatcher(self.sockets, patience, self.pulse.beat)
        self._around = Surroundings(self.manifest, self.dispatcher, clock, lambda: f"http://{self._address}/answer/", self.pulse.beat)
        self.home = Team(self.workspace, self._around, f"xoxb-{secrets.token_hex(12)}")
        self.teams = [self.home]
        self.tokens = Tokens(f"xapp-1-{secrets.token_hex(12)}", self.teams)
        self.grants = Grants(self.teams, clock)
        self._patience = patience
        self._tickets = self.home.tickets
        self.people = self.home.people
        self._api = WebApi(self.teams, self._methods(), self.tokens, self.faults)
        self._runner: web.AppRunner | None = None
        self._page: Page | None = None
        self._http: HttpLine | None = None
        self._address = ""

    # ----------------------------------------------------------------- workspaces

    def add_team(self, team: str, name: str, *, enterprise: str = "", everywhere: bool = False) -> Team:
        """One more workspace with the same people and channels; the app is not installed there yet."""
        around = self._around
        space = open_workspace(
            self.manifest.name, history=False, clock=around.clock, team=team, name=name, enterprise=enterprise, everywhere=everywhere
        )
        self.teams.append(Team(space, around))
        return self.teams[-1]

    def uninstall(self, team: Team) -> None:
        """Somebody takes the app out of a workspace: its token is revoked, and the app is told so twice, as Slack does."""
        self.tokens.revoked.add(team.token)
        self.grants.end(team)
        for event in (team.payloads.revoked(), team.payloads.uninstalled()):
            self.dispatcher.event(team.payloads.event(event, None))

    # ----------------------------------------------------------------- life

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen on this machine only; port 0 takes a free one."""
        check_bind(host)
        app = web.Application(middlewares=[loopback_only], client_max_size=LARGEST_BODY)
        app.add_routes(
            [
                web.route("*", "/api/{method}", self._api.called),
                web.post("/answer/{link}", self._api.answered),
                web.get("/link", self.sockets.connected),
                web.get(AUTHORIZE, self.grants.authorize),
            ]
        )
        self._page = Page(self.workspace, self.manifest, self.people, lambda: self.connected)
        app.add_routes(self._page.routes())
        self._runner = web.AppRunner(app, shutdown_timeout=1.0, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        bound = self._runner.addresses[0]
        self._address = f"[{host}]:{bound[1]}" if ":" in host else f"{host}:{bound[1]}"

    async def stop(self) -> None:
        """Close every connection and stop listening."""
        await self.dispatcher.stop()
        await self.sockets.close()
        if self._page is not None:
            self._page.stop()
        if self._http is not None:
            await self._http.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> "StandIn":
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()

    # ----------------------------------------------------------------- where it is

    @property
    def api_url(self) -> str:
        """For the app: SLACK_API_URL, or the client's `base_url`."""
        return f"http://{self._address}/api/"

    @property
    def page_url(self) -> str:
        """For people: the page."""
        return f"http://{self._address}/"

    @property
    def bot_token(self) -> str:
        """For the app: SLACK_BOT_TOKEN."""
        return self.home.token

    @property
    def app_token(self) -> str:
        """For the app: SLACK_APP_TOKEN."""
        return self.tokens.app

    @property
    def connected(self) -> bool:
        """Whether the app is there: a socket is open, or a request URL was verified."""
        return bool(self.sockets.open) or self.dispatcher.line is not self.sockets

    def trigger(self, person: str) -> str:
        """A trigger id, as an interaction of this person would carry it."""
        return self._tickets.trigger(self.workspace.person(person).id)

    def answer_url(self, person: str, channel: str, source: str | None = None) -> str:
        """An address for answers, as an interaction of this person would carry it; `source` is the ts of the message it came from."""
        link = self._tickets.link(self.workspace.person(person).id, self.workspace.channel(channel).id, source)
        return f"http://{self._address}/answer/{link}"

    # ----------------------------------------------------------------- delivery and waiting

    async def deliver_http(self, url: str, signing_secret: str | None = None) -> None:
        """From now on deliver by signed requests to this URL, after asking it Slack's verification question."""
        line = HttpLine(url, signing_secret or self.signing_secret, self._patience.acknowledged_within)
        before, self._http = self._http, line
        if before is not None:
            await before.close()
        await line.verify(VERIFICATION)
        self.dispatcher.line = line
        self.workspace.tell(Change("app"))

    async def until(self, look: Callable[[], Found], timeout: float = 5.0) -> Found:  # noqa: ASYNC109 - waiting is its promise
        """What `look` sees as soon as it is truthy; it is asked again at every change, never on a timer."""
        try:
            return await self.pulse.until(look, timeout)
        except TimeoutError:
            raise TimeoutError(f"It did not happen within {timeout:g} s. {self._lately()}") from None

    async def settled(self, timeout: float = 5.0) -> None:  # noqa: ASYNC109 - waiting is its promise
        """Everything delivered is acknowledged (or given up) and no call is being answered. What the app does later, it cannot know."""
        await self.until(lambda: not self.dispatcher.busy and not self._api.under_way, timeout)

    def said(self, channel: str, thread: str | None = None) -> list[Json]:
        """What the bot's messages in a channel (or a thread) are now, oldest first, as Slack shows them."""
        where = self.workspace.channel(channel).id
        messages = self.workspace.replies(where, thread) if thread else self.workspace.history(where)
        return [self.workspace.wire(each) for each in messages if each.user == self.workspace.bot.id]

    def _lately(self) -> str:
        calls = ", ".join(f"{call.method} {call.answer.get('error', 'ok')}" for call in list(self.faults.calls)[-8:])
        return f"The last calls of the app: {calls or 'none'}. Open sockets: {len(self.sockets.open)}."

    # ----------------------------------------------------------------- wiring

    def _methods(self) -> dict[str, AppMethod]:
        return {
            "apps.connections.open": AppMethod(self._open_connection, app_token=True),
            "oauth.v2.access": AppMethod(self.grants.exchange),
            "auth.revoke": AppMethod(self._revoke),
        }

    def _open_connection(self, arguments: Json, token: str) -> Json:
        return {"url": f"ws://{self._address}/link?ticket={self.sockets.ticket()}"}

    def _revoke(self, arguments: Json, authorization: str) -> Json:
        """auth.revoke: the last token of a workspace takes the app with it."""
        given = str(arguments.get("token", "") or authorization.removeprefix("Bearer ").strip())
        (team, *_) = self.tokens.check(given, app_token=False)
        if str(arguments.get("test", "")).lower() not in ("1", "true"):
            self.uninstall(team)
        return {"revoked": True}
