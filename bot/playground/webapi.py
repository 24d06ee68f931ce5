"""The Web API's door: arguments from wherever they come, tokens, faults, and Slack's way of answering."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.playground.chatmethods import answer_link
from bot.playground.faults import Call, Fault, Faults
from bot.playground.methods import SlackError
from bot.playground.team import Team

Json = dict[str, Any]
STRUCTURED = ("blocks", "view", "attachments", "metadata")


@dataclass(frozen=True, slots=True)
class AppMethod:
    """A method that belongs to no workspace: what it does with arguments and authorisation, and whether it wants the app's token."""

    run: Callable[[Json, str], Json]
    app_token: bool = False


class Tokens:
    """Which tokens are good for what."""

    def __init__(self, app: str, teams: Sequence[Team]) -> None:
        self.app = app
        self.revoked: set[str] = set()
        self._teams = teams

    def check(self, given: str, *, app_token: bool) -> list[Team]:
        """The workspaces that it opens; refuses what Slack refuses."""
        if not given:
            raise SlackError("not_authed")
        if given in self.revoked:
            raise SlackError("token_revoked")
        opened = [team for team in self._teams if team.token == given]
        if given != self.app and not opened:
            raise SlackError("invalid_auth")
        if (given == self.app) != app_token:
            raise SlackError("not_allowed_token_type")
        return opened


async def read_arguments(request: web.Request) -> Json:
    """Query, form and JSON arguments in one; what is JSON inside a form field is opened."""
    arguments: Json = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.text() or "{}")
        except ValueError as error:
            raise SlackError("invalid_json") from error
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        arguments |= body
    else:
        arguments |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    for name in STRUCTURED:
        if isinstance(arguments.get(name), str):
            arguments[name] = _opened(arguments[name])
    return arguments


def _opened(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


class WebApi:
    """Answers `/api/<method>` and the addresses given out for answers."""

    def __init__(self, teams: Sequence[Team], methods: dict[str, AppMethod], tokens: Tokens, faults: Faults) -> None:
        self._teams = teams
        self._methods = methods
        self._tokens = tokens
        self._faults = faults
        self.under_way = 0

    async def called(self, request: web.Request) -> web.StreamResponse:
        """One method call."""
        method, authorization = request.match_info["method"], request.headers.get("Authorization", "")

        def run(arguments: Json) -> Json:
            own = self._methods.get(method)
            if own is not None and not own.app_token:
                return own.run(arguments, authorization)
            token = str(arguments.pop("token", "") or authorization.removeprefix("Bearer ").strip())
            return self._run(method, token, arguments)

        return await self._answer(request, method, run)

    async def answered(self, request: web.Request) -> web.StreamResponse:
        """A POST to a response_url."""
        ident = request.match_info["link"]

        def run(arguments: Json) -> Json:
            team = next((each for each in self._teams if each.tickets.gave(ident)), self._teams[0])
            link = team.tickets.use_link(ident)
            if isinstance(link, str):
                raise SlackError(link)
            answer_link(team.calls, link, arguments)
            return {}

        return await self._answer(request, "response_url", run)

    def _run(self, name: str, token: str, arguments: Json) -> Json:
        if own := self._methods.get(name):
            self._tokens.check(token, app_token=True)
            return own.run(arguments, token)
        method = self._teams[0].methods.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        opened = self._teams if name == "api.test" else self._tokens.check(token, app_token=False)
        team = _meant(opened, arguments)
        if method.scopes:
            team.calls.need(*method.scopes)
        return team.methods[name].run(team.calls, arguments)

    async def _answer(self, request: web.Request, name: str, run: Callable[[Json], Json]) -> web.StreamResponse:
        self.under_way += 1
        arguments: Json = {}
        status = 200
        try:
            arguments = await read_arguments(request)
            fault = await self._faults.meet(name)
            status = fault.status if fault else 200
            answer = {"ok": True, **run(arguments)} if _takes_effect(fault) else _faulty(fault)
        except SlackError as error:
            answer, fault = error.answer, None
            status = 404 if name == "response_url" else 200
        finally:
            self.under_way -= 1
        self._faults.note(Call(name, arguments, answer, status))
        if fault and fault.kind in ("drop", "lose"):
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        headers = {"x-oauth-scopes": ",".join(sorted(self._teams[0].calls.manifest.scopes))}
        if fault and fault.status == 429:
            headers["Retry-After"] = f"{fault.retry_after:g}"
        if name == "response_url" and answer["ok"]:
            return web.Response(text="ok", headers=headers)
        return web.json_response(answer, status=status, headers=headers)


def _meant(opened: Sequence[Team], arguments: Json) -> Team:
    """Of the workspaces that one token opens, the one that has the channel or gave the trigger."""
    channel, trigger = str(arguments.get("channel", "")), str(arguments.get("trigger_id", ""))
    return next((team for team in opened if channel in team.workspace.channels or team.tickets.gave(trigger)), opened[0])


def _takes_effect(fault: Fault | None) -> bool:
    return fault is None or fault.kind == "lose"


def _faulty(fault: Fault | None) -> Json:
    if fault is None or fault.kind == "drop":
        return {"ok": False, "error": "dropped"}
    errors = {429: "ratelimited", 503: "service_unavailable"}
    return {"ok": False, "error": fault.error or errors.get(fault.status, "internal_error")}
