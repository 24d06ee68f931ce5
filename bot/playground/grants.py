"""How an app gets into workspaces: the page where somebody allows it, the code that is exchanged for a token, and the way out."""

import base64
import html
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from bot.playground.guard import LOOPBACK
from bot.playground.methods import Json, SlackError
from bot.playground.team import Team

AUTHORIZE = "/oauth/v2/authorize"
CODE_LIFE = 600


@dataclass(frozen=True, slots=True)
class _Code:
    team: Team
    redirect_uri: str
    scope: str
    born: float


class Grants:
    """Which workspaces let the app in. An organisation's workspaces share one token."""

    def __init__(self, teams: Sequence[Team], clock: Callable[[], float]) -> None:
        self.client_id = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}"
        self.client_secret = secrets.token_hex(16)
        self.refuses = False
        """Whether the person presses Cancel on the page."""
        self.more: Json = {}
        """What else the answer to a code holds."""
        self._teams = teams
        self._clock = clock
        self._codes: dict[str, _Code] = {}

    # ----------------------------------------------------------------- the page

    async def authorize(self, request: web.Request) -> web.StreamResponse:
        """Somebody came to allow the app: with `team`, that workspace lets it in at once; else they choose one."""
        asked = request.query
        if asked.get("client_id") != self.client_id:
            return web.Response(status=400, text="invalid_client_id")
        back = asked.get("redirect_uri", "")
        if urlsplit(back).hostname not in LOOPBACK:
            return web.Response(status=400, text="bad_redirect_uri")
        if self.refuses:
            raise web.HTTPFound(f"{back}?{urlencode({'error': 'access_denied', 'state': asked.get('state', '')})}")
        team = next((each for each in self._teams if each.workspace.team == asked.get("team")), None)
        if team is None:
            return web.Response(text=self._choices(asked), content_type="text/html")
        code = secrets.token_urlsafe(16)
        self._codes[code] = _Code(team, back, asked.get("scope", ""), self._clock())
        raise web.HTTPFound(f"{back}?{urlencode({'code': code, 'state': asked.get('state', '')})}")

    def _choices(self, asked: Mapping[str, str]) -> str:
        links = "".join(
            f'<li><a href="{html.escape(AUTHORIZE + "?" + urlencode({**asked, "team": each.workspace.team}))}">'
            f"Allow in {html.escape(each.workspace.name)}</a></li>"
            for each in self._teams
        )
        return f"<!doctype html><title>The stand-in for Slack</title><h1>Which workspace?</h1><ul>{links}</ul>"

    # ----------------------------------------------------------------- the code

    def exchange(self, arguments: Json, authorization: str) -> Json:
        """oauth.v2.access: a code for a token, once."""
        given = _basic(authorization) or (str(arguments.get("client_id", "")), str(arguments.get("client_secret", "")))
        if given[0] != self.client_id:
            raise SlackError("invalid_client_id")
        if given[1] != self.client_secret:
            raise SlackError("bad_client_secret")
        code = self._codes.pop(str(arguments.get("code", "")), None)
        if code is None or self._clock() - code.born > CODE_LIFE:
            raise SlackError("invalid_code")
        if arguments.get("redirect_uri", "") != code.redirect_uri:
            raise SlackError("bad_redirect_uri")
        space = code.team.workspace
        token = code.team.token or f"xoxb-{secrets.token_hex(12)}"
        for team in self._reach(code.team):
            team.token = token
        organisation = {"id": space.enterprise, "name": space.enterprise} if space.enterprise else None
        return {
            "app_id": space.app,
            "authed_user": {"id": next(iter(space.people))},
            "scope": code.scope,
            "token_type": "bot",
            "access_token": token,
            "bot_user_id": space.bot.id,
            "team": None if space.everywhere else {"id": space.team, "name": space.name},
            "enterprise": organisation,
            "is_enterprise_install": space.everywhere,
            **self.more,
        }

    def _reach(self, team: Team) -> list[Team]:
        """The workspaces that the app gets into with this one."""
        if not team.workspace.everywhere:
            return [team]
        return [each for each in self._teams if each.workspace.everywhere and each.workspace.enterprise == team.workspace.enterprise]

    # ----------------------------------------------------------------- the way out

    def end(self, team: Team) -> None:
        """Take the app out of this workspace (or organisation): its token is good for nothing from now on."""
        for each in self._reach(team):
            each.token = ""


def _basic(header: str) -> tuple[str, str] | None:
    """Name and password of HTTP's basic authorisation."""
    kind, _, content = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, _, password = base64.b64decode(content, validate=True).decode().partition(":")
    except ValueError:
        return None
    return name, password
