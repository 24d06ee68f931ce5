"""Who we are in each workspace, and with which client we speak there: one workspace by its token, or many by their installations."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.slack.connection import TIMEOUT, WORLD, SlackError, code_of, insisting, make_client
from bot.chat.slack.departure import Departure
from bot.chat.slack.payload import SERVICE, Us
from bot.ports import Installation, Installations, StoreError

_log = structlog.get_logger(__name__)

FRESH: Final = 60.0
"""Seconds for which an installation is believed without looking it up again."""
LOST: Final = frozenset({"invalid_auth", "account_inactive", "token_revoked", "token_expired"})
"""What Slack says of a token that is good for nothing any more."""
CLOCKS_DIFFER: Final = 300
"""Seconds that Slack's clock and ours may be apart."""


class Clients:
    """Makes clients that share one session. Only Slack or this machine may see a token, unless that is allowed."""

    def __init__(self, api_url: str, allow_any_url: bool, tell: Callable[[str], None] = lambda kind: None) -> None:
        """`tell` hears the kind of every failure."""
        self._api_url, self._allow, self._tell = api_url, allow_any_url, tell
        self._session: aiohttp.ClientSession | None = None
        self.plain = self.client("")
        """For calls that bring their own token."""

    def client(self, token: str) -> AsyncWebClient:
        """A client for this token; raises SlackError where the address may not see it."""
        client = make_client(token, self._api_url, self._allow, self._tell)
        client.session = self._session
        return client

    def open(self) -> None:
        """Open the session; needs a running loop."""
        self._session = self.plain.session = aiohttp.ClientSession(timeout=TIMEOUT, cookie_jar=aiohttp.DummyCookieJar())

    async def close(self) -> None:
        """Close the session with all its connections."""
        if self._session is not None:
            await self._session.close()


@dataclass(frozen=True, slots=True)
class Workspace:
    """Who we are there, and the client that bears our token."""

    us: Us
    client: AsyncWebClient


class Workspaces(Protocol):
    """The one place that knows where Spellout is installed."""

    async def start(self) -> None:
        """Make sure that we can speak; raises SlackError when Slack refuses us."""
        ...

    async def of(self, team: str) -> Workspace | None:
        """The workspace (or organisation) under whose id places are kept; None: not installed there. Raises StoreError."""
        ...

    def known(self, team: str) -> Us | None:
        """Who we are there, at once and from memory, however old; None: it has to be looked up."""
        ...

    def doubt(self, team: str) -> None:
        """Look it up again at the next occasion: its token was refused, or it was just installed."""
        ...

    async def leave(self, departure: Departure) -> None:
        """Delete the installation and all that was stored of it; raises StoreError when that could not be done or found out."""
        ...


class OneWorkspace:
    """The workspace of the bot token that the operator set; whatever comes in belongs to it."""

    def __init__(
        self, clients: Clients, token: str, installations: Installations | None, pause: Callable[[float], Awaitable[None]]
    ) -> None:
        self._clients, self._token = clients, token
        self._installations = installations
        self._pause = pause
        self._here: Workspace | None = None

    async def start(self) -> None:
        """Ask Slack who we are, however long it takes; raises SlackError when it refuses the token."""
        client = self._clients.client(self._token)
        me = await insisting(client.auth_test, "SLACK_BOT_TOKEN", "OAuth & Permissions", self._pause)
        if not me.get("bot_id"):
            raise SlackError("SLACK_BOT_TOKEN is not a bot's token: copy the Bot User OAuth Token, which starts with xoxb-.")
        us = Us(me.get("user_id") or "", me.get("team_id") or "", me.get("enterprise_id") or "")
        self._here = Workspace(us, client)
        _log.info("slack_workspace", team=us.team, bot=us.user)

    async def of(self, team: str) -> Workspace | None:
        """The one that there is."""
        return self._here

    def known(self, team: str) -> Us | None:
        """Who we are in the one that there is."""
        return self._here.us if self._here else None

    def doubt(self, team: str) -> None:
        """There is no other token: the operator has to mend it."""

    async def leave(self, departure: Departure) -> None:
        """Delete what was stored, unless our token still works: then another one was revoked, in exchange for it."""
        if self._installations is None:
            return
        if await _works(self._clients.client(self._token), departure.team):
            _log.info("departure_outdated", team=departure.team)
            return
        await asyncio.to_thread(self._installations.uninstall, SERVICE, departure.team)
        _log.warning("uninstalled", team=departure.team)


@dataclass(frozen=True, slots=True)
class _Kept:
    workspace: Workspace
    until: float


class ManyWorkspaces:
    """Every workspace that installed Spellout, each with its own token, looked up in the store."""

    def __init__(self, clients: Clients, installations: Installations, clock: Callable[[], float] = time.monotonic) -> None:
        self._clients, self._installations, self._clock = clients, installations, clock
        self._kept: dict[str, _Kept] = {}
        self._us: dict[str, Us] = {}
        self._looking: dict[str, asyncio.Task[Workspace | None]] = {}

    async def start(self) -> None:
        """Nothing to do: each workspace is looked up when it is first heard of."""

    async def of(self, team: str) -> Workspace | None:
        """What is known since a minute at most, else what the store says; all who ask meanwhile get the same answer, in their order."""
        kept = self._kept.get(team)
        if kept is not None and self._clock() < kept.until:
            return kept.workspace
        if team not in self._looking:
            self._looking[team] = asyncio.create_task(self._look_up(team))
            self._looking[team].add_done_callback(_seen)
        return await asyncio.shield(self._looking[team])

    def known(self, team: str) -> Us | None:
        """Who we were when it was last looked up: a token goes stale, a bot's name does not."""
        return self._us.get(team)

    async def _look_up(self, team: str) -> Workspace | None:
        try:
            found = await asyncio.to_thread(self._installations.installation, SERVICE, team)
            workspace = None if found is None else self._workspace(found)
            if self._looking.get(team) is asyncio.current_task():  # else it was doubted meanwhile
                self._keep(team, workspace)
            return workspace
        finally:
            if self._looking.get(team) is asyncio.current_task():
                del self._looking[team]

    def _workspace(self, found: Installation) -> Workspace:
        return Workspace(Us(found.bot_user, found.team, found.enterprise), self._clients.client(found.token))

    def _keep(self, team: str, workspace: Workspace | None) -> None:
        now = self._clock()
        self._kept = {name: kept for name, kept in self._kept.items() if now < kept.until and name != team}
        if workspace is not None:
            self._kept[team] = _Kept(workspace, now + FRESH)
            self._us[team] = workspace.us
        else:
            self._us.pop(team, None)

    def doubt(self, team: str) -> None:
        """Look it up again at the next occasion."""
        self._kept.pop(team, None)
        self._us.pop(team, None)
        self._looking.pop(team, None)

    async def leave(self, departure: Departure) -> None:
        """Delete it, unless it was installed anew since: Slack may deliver its word late."""
        team = departure.team
        self.doubt(team)
        found = await asyncio.to_thread(self._installations.installation, SERVICE, team)
        if found is not None and await self._came_back(found, departure):
            _log.info("departure_outdated", team=team)
            return
        await asyncio.to_thread(self._installations.uninstall, SERVICE, team)
        self.doubt(team)
        _log.warning("uninstalled", team=team)

    async def _came_back(self, found: Installation, departure: Departure) -> bool:
        """Whether this installation is younger than the departure; where the clocks cannot tell, whether its token is good."""
        younger_by = found.installed_at - departure.at
        if abs(younger_by) > CLOCKS_DIFFER:
            return younger_by > 0
        return await _works(self._clients.client(found.token), departure.team)


async def _works(client: AsyncWebClient, team: str) -> bool:
    """Whether Slack still takes the client's token; raises StoreError where it does not say."""
    try:
        await client.auth_test()
    except WORLD as error:
        code = code_of(error) if isinstance(error, SlackApiError) else ""
        if code in LOST:
            return False
        raise StoreError(f"Slack could not be asked whether {team} has left: it will be told again.") from None
    return True


def _seen(task: "asyncio.Task[Workspace | None]") -> None:
    """Its failure is told to whoever still waits for it; nobody has to."""
    if not task.cancelled():
        task.exception()
