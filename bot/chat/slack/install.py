"""How workspaces add Spellout by themselves: Slack's OAuth, run by Bolt, over our own store and with our own pages."""

import asyncio
import re
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from logging import Logger
from typing import Any, Final
from urllib.parse import urlencode, urljoin

import structlog
from aiohttp import web
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.oauth import OAuthStateUtils
from slack_sdk.oauth.installation_store import Installation as SlacksInstallation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.slack.connection import WORLD, address, quiet_logger
from bot.chat.slack.manifest import REDIRECT_PATH, SCOPES
from bot.chat.slack.pages import Pages
from bot.chat.slack.payload import PERSON, SERVICE, TEAM
from bot.chat.slack.workspaces import Workspaces
from bot.ports import Installation, Installations, StoreError

_log = structlog.get_logger(__name__)

INSTALL_PATH: Final = "/slack/install"
STATE_SECONDS: Final = 600
_COOKIE = "spellout-install"
_STATE = re.compile(r"[A-Za-z0-9_-]{20,100}")
_APP = re.compile(r"A[A-Z0-9]{1,30}")
_WORD = re.compile(r"[a-z_]{1,60}")


@dataclass(frozen=True, slots=True)
class Distribution:
    """What it takes to be installed by others: the app's credentials, where Slack sends people back to, and who is welcome."""

    client_id: str
    client_secret: str = field(repr=False)
    public_url: str
    """Where this process is reached from outside, without a slash at its end."""
    welcome: frozenset[str] = frozenset()
    """The ids of the workspaces and organisations that may install it; empty: all."""
    support: str = ""
    """Where people get help: a mail address or an https address."""
    keep_days: int = 180
    keep_records_days: int | None = None


class NotTaken(BoltError):
    """The installation was not kept; the text is the reason, one of those in html/failures.yml."""


class _States(AsyncOAuthStateStore):
    """Ties the way back from Slack to the page where it began. Each state is good once, for ten minutes."""

    def __init__(self, installations: Installations, clock: Callable[[], float]) -> None:
        self._installations, self._clock = installations, clock

    async def async_issue(self, *args: Any, **kwargs: Any) -> str:
        state = secrets.token_urlsafe(32)
        await asyncio.to_thread(self._installations.issue_state, state, int(self._clock()) + STATE_SECONDS)
        return state

    async def async_consume(self, state: str) -> bool:
        return bool(_STATE.fullmatch(state)) and await asyncio.to_thread(self._installations.consume_state, state, int(self._clock()))


class _Keeper(AsyncInstallationStore):
    """Keeps what Slack granted. Nothing else of Bolt asks it: who is installed where, `Workspaces` knows."""

    def __init__(self, installations: Installations, welcome: frozenset[str], client: AsyncWebClient) -> None:
        self._installations, self._welcome, self._client = installations, welcome, client

    @property
    def logger(self) -> Logger:
        return quiet_logger()

    async def async_save(self, installation: SlacksInstallation) -> None:
        taken = _understood(installation)
        if self._welcome and not self._welcome & {taken.team, taken.enterprise}:
            await self._give_back(taken)
            raise NotTaken("not_allowed")
        try:
            await asyncio.to_thread(self._installations.install, taken)
        except StoreError as error:
            _log.error("installation_not_kept", team=taken.team, why=str(error))
            raise NotTaken("storage_error") from None
        if missing := SCOPES - set(taken.scopes):
            _log.warning("scopes_missing", team=taken.team, scopes=sorted(missing))
        _log.info("installed", team=taken.team, by=taken.installed_by, everywhere=taken.everywhere)

    async def _give_back(self, taken: Installation) -> None:
        """Revoke what was just granted to us, unless it is the very token that a workspace of ours works with."""
        if await asyncio.to_thread(self._installations.installation, SERVICE, taken.team) is None:
            with suppress(*WORLD):
                await self._client.auth_revoke(token=taken.token)
        _log.warning("installation_refused", team=taken.team)


def _understood(granted: SlacksInstallation) -> Installation:
    """What Slack granted, in our words; raises NotTaken where it is not what we can work with."""
    if granted.bot_refresh_token:
        raise NotTaken("token_rotation")
    everywhere = bool(granted.is_enterprise_install)
    team = (granted.enterprise_id if everywhere else granted.team_id) or ""
    whole = TEAM.fullmatch(team) and granted.bot_token and PERSON.fullmatch(granted.bot_user_id or "")
    if not whole:
        raise NotTaken("incomplete")
    return Installation(
        service=SERVICE,
        team=team,
        token=granted.bot_token or "",
        bot_user=granted.bot_user_id or "",
        bot=granted.bot_id or "",
        app=granted.app_id or "",
        enterprise=granted.enterprise_id or "",
        everywhere=everywhere,
        scopes=tuple(granted.bot_scopes or ()),
        installed_by=granted.user_id or "",
        installed_at=int(granted.installed_at),
    )


class _Cookie(OAuthStateUtils):
    """The state once more, in the browser where it began. `__Host-`: this very host has set it, no other of its domain.
    Over plain http, which only this machine may use, no browser keeps `Secure`."""

    def __init__(self, secure: bool) -> None:
        super().__init__(cookie_name=f"__Host-{_COOKIE}" if secure else _COOKIE, expiration_seconds=STATE_SECONDS)
        self._how = f"{'Secure; ' if secure else ''}HttpOnly; SameSite=Lax; Path=/"

    def build_set_cookie_for_new_state(self, state: str) -> str:
        return f"{self.cookie_name}={state}; {self._how}; Max-Age={self.expiration_seconds}"

    def build_set_cookie_for_deletion(self) -> str:
        return f"{self.cookie_name}=; {self._how}; Max-Age=0"


class _Flow(AsyncOAuthFlow):
    """Bolt's flow; a workspace that the address asks for is passed on to Slack only where it can be one."""

    async def build_authorize_url(self, state: str, request: AsyncBoltRequest) -> str:
        asked = (request.query.get("team") or [""])[0]
        return self.settings.authorize_url_generator.generate(state, asked if TEAM.fullmatch(asked) else None)


class Reception:
    """The pages where Spellout is added to a workspace."""

    def __init__(
        self,
        distribution: Distribution,
        installations: Installations,
        workspaces: Workspaces,
        client: AsyncWebClient,
        clock: Callable[[], float] = time.time,
        installed: Callable[[], None] = lambda: None,
    ) -> None:
        """`installed` is called when a workspace has installed Spellout, or installed it anew."""
        self._pages = Pages(distribution.public_url, distribution.support, distribution.keep_days, distribution.keep_records_days)
        self._workspaces = workspaces
        self._installed = installed
        settings = AsyncOAuthSettings(
            client_id=distribution.client_id,
            client_secret=distribution.client_secret,
            scopes=sorted(SCOPES),
            user_scopes=[],
            redirect_uri=distribution.public_url + REDIRECT_PATH,
            install_path=INSTALL_PATH,
            redirect_uri_path=REDIRECT_PATH,
            authorization_url=urljoin(client.base_url, "/oauth/v2/authorize"),
            installation_store=_Keeper(installations, distribution.welcome, client),
            installation_store_bot_only=True,
            state_store=_States(installations, clock),
            state_expiration_seconds=STATE_SECONDS,
            callback_options=AsyncCallbackOptions(success=self._succeeded, failure=self._failed),
            logger=quiet_logger(),
        )
        settings.state_utils = self._cookie = _Cookie(distribution.public_url.startswith("https://"))
        self._flow = _Flow(client=client, logger=quiet_logger(), settings=settings)

    def mount(self, application: web.Application) -> None:
        """Add the routes."""
        application.router.add_get(INSTALL_PATH, self._begin, allow_head=False)
        application.router.add_get(REDIRECT_PATH, self._finish, allow_head=False)
        application.router.add_get("/support", self._pages.support)
        application.router.add_get("/privacy", self._pages.privacy)

    async def _begin(self, request: web.Request) -> web.Response:
        """The page with the button."""
        asked = _without_body(request)
        try:
            state = await self._flow.issue_new_state(asked)
        except StoreError as error:
            _log.error("installation_not_begun", why=str(error))
            return self._pages.failed("storage_error")
        page = self._pages.install(await self._flow.build_authorize_url(state, asked))
        page.headers["Set-Cookie"] = self._cookie.build_set_cookie_for_new_state(state)
        return page

    async def _finish(self, request: web.Request) -> web.Response:
        """The page that says what came of it."""
        try:
            shown = await self._flow.handle_callback(_without_body(request))
            page = shown.page if isinstance(shown, _Shown) else self._pages.failed("other")
        except StoreError as error:
            _log.error("installation_not_kept", why=str(error))
            page = self._pages.failed("storage_error")
        except WORLD as error:
            _log.error("installation_not_finished", why=type(error).__name__)
            page = self._pages.failed("unreachable")
        except Exception as error:  # Bolt stumbles over answers that lack what it counts on
            _log.error("installation_not_understood", why=type(error).__name__)
            page = self._pages.failed("incomplete")
        page.headers["Set-Cookie"] = self._cookie.build_set_cookie_for_deletion()
        return page

    async def _succeeded(self, came: AsyncSuccessArgs) -> BoltResponse:
        granted = came.installation
        team = (granted.enterprise_id if granted.is_enterprise_install else granted.team_id) or ""
        self._workspaces.doubt(team)
        self._installed()
        name = (granted.enterprise_name if granted.is_enterprise_install else granted.team_name) or team
        return _Shown(self._pages.installed(name, _way_into(granted)))

    async def _failed(self, came: AsyncFailureArgs) -> BoltResponse:
        reason = str(came.error) if isinstance(came.error, NotTaken) else came.reason
        if "error" in came.request.query and reason != "access_denied":
            reason = reason if _WORD.fullmatch(reason) and not self._pages.knows(reason) else "unknown"
        _log.warning("installation_failed", reason=reason if _WORD.fullmatch(reason) else "unknown")
        return _Shown(self._pages.failed(reason))


def _without_body(request: web.Request) -> AsyncBoltRequest:
    """A page is asked for by its address and cookies alone."""
    return AsyncBoltRequest(body="", query=request.query_string, headers=dict(request.headers))


class _Shown(BoltResponse):
    """A page on its way through Bolt."""

    def __init__(self, page: web.Response) -> None:
        super().__init__(status=page.status, body=page.text or "")
        self.page = page


def _way_into(granted: SlacksInstallation) -> str:
    """Where the one who installed it goes on: to the app's page in Slack, or to the choice of the organisation's workspaces."""
    app, url = granted.app_id or "", granted.enterprise_url or ""
    if not _APP.fullmatch(app):
        return "https://slack.com/"
    if granted.is_enterprise_install:
        return f"{url}manage/organization/apps/profile/{app}/workspaces/add" if address(url) == "slack" else "https://slack.com/"
    return "https://slack.com/app_redirect?" + urlencode({"app": app, "team": granted.team_id})
