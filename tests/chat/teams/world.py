"""Teams' part, played on loopback: the connector that takes messages, the keys that tokens are checked by, and tokens signed with them."""

import asyncio
import html
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import aiohttp
import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.chat.teams.app import TeamsChat
from bot.service import Service
from tests import leaks

APP = "11111111-2222-4333-8444-555555555555"
BOT = f"28:{APP}"
TENANT = "99999999-8888-4777-8666-555555555555"
ELSEWHERE = "77777777-8888-4777-8666-555555555555"
SECRET = "abc8Q~0123456789-0123456789"
ISSUER = "https://api.botframework.com"
OUTBOUND = jwt.encode({"aud": "connector", "exp": 4_000_000_000}, "x" * 32, algorithm="HS256")
"""What the bot shows to the connector."""

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
FIRST = 1_795_251_600_000
"""The first message's id: Saturday, 21 November 2026, 09:00 UTC, in milliseconds."""


@dataclass
class Message:
    """A message as it stands at Teams."""

    id: str
    conversation: str
    card: dict[str, Any]
    summary: str
    to: str = ""
    dialog: bool = False
    edits: int = 0


@dataclass
class Call:
    """A request that the connector got."""

    method: str
    path: str
    body: dict[str, Any]
    headers: dict[str, str]
    query: dict[str, str]


@dataclass
class World:
    """The connector and the keys, on one port."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    """What the next calls are refused with: status and headers."""
    homes: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    teams: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    """Of each team: its name, and its channels by their ids."""
    watch: Callable[[str, Message], None] = lambda kind, message: None
    keys_broken: bool = False
    keys_hold: asyncio.Event | None = None
    keys_fetched: int = 0
    hold: asyncio.Event | None = None
    cannot_delete: int = 0
    """The status that every deletion is refused with, as Microsoft's Agents Playground does with 501."""
    logins: list[dict[str, str]] = field(default_factory=list)
    login_answers: list[tuple[int, Any]] = field(default_factory=list)
    """What the next requests for a token are answered with: status and body."""
    login_hold: asyncio.Event | None = None
    login_asked: asyncio.Event = field(default_factory=asyncio.Event)
    token_seconds: int = 3_600
    ids: Any = field(default_factory=lambda: count(FIRST))

    # ----------------------------------------------------------------------- what the bot asks of it

    async def keys(self, request: web.Request) -> web.Response:
        """The public keys."""
        self.keys_fetched += 1
        if self.keys_hold:
            await self.keys_hold.wait()
        if self.keys_broken:
            return web.Response(status=503)
        entry = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
        return web.json_response({"keys": [{**entry, "kid": "one", "use": "sig", "endorsements": ["msteams"]}]})

    async def login(self, request: web.Request) -> web.Response:
        """A token for the bot."""
        self.logins.append({"tenant": request.match_info["tenant"], **{name: str(value) for name, value in (await request.post()).items()}})
        self.login_asked.set()
        if self.login_hold:
            await self.login_hold.wait()
        if self.login_answers:
            status, body = self.login_answers.pop(0)
            elsewhere = {"Location": f"{self.url}/{ELSEWHERE}/oauth2/v2.0/token"} if 300 <= status < 400 else {}
            return web.json_response(body, status=status, headers=elsewhere)
        return web.json_response({"token_type": "Bearer", "expires_in": self.token_seconds, "access_token": OUTBOUND})

    async def connector(self, request: web.Request) -> web.StreamResponse:
        """Post, replace, delete, look up a member, open a personal chat."""
        body = await request.json() if request.can_read_body else {}
        self.calls.append(Call(request.method, request.path, body, dict(request.headers), dict(request.query)))
        if self.hold:
            await self.hold.wait()
        if self.answers:
            status, headers = self.answers.pop(0)
            if status:
                return web.Response(status=status, headers=headers)
        parts = request.path.split("/")[3:]
        if request.path.startswith("/v3/teams/"):
            return self._team(*parts)
        match request.method, parts:
            case "POST", []:
                return web.json_response({"id": f"a:{body['members'][0]['id'].removeprefix('29:')}"}, status=201)
            case "POST", [conversation, "activities"]:
                return web.json_response({"id": self._posted(conversation, body, request.query)}, status=201)
            case "PUT", [_, "activities", message]:
                return self._changed(message, body)
            case "DELETE", [_, "activities", _] if self.cannot_delete:
                return web.Response(status=self.cannot_delete)
            case "DELETE", [_, "activities", message]:
                gone = self.messages.pop(message, None)
                if gone:
                    self.watch("removes", gone)
                return web.Response(status=200 if gone else 404)
            case "GET", [_, "members", person]:
                home = self.homes.get(person, TENANT)
                return web.json_response({"id": person, "name": self.names.get(person, ""), "tenantId": home})
        return web.Response(status=404)

    def _team(self, team: str, *conversations: str) -> web.Response:
        if team not in self.teams:
            return web.Response(status=404)
        name, channels = self.teams[team]
        if conversations:
            return web.json_response({"conversations": [{"id": key, "name": called or None} for key, called in channels.items()]})
        return web.json_response({"id": team, "name": name})

    def _posted(self, conversation: str, body: dict[str, Any], query: Any) -> str:
        targeted = query.get("isTargetedActivity") == "true"
        assert (body.get("recipient") or {}).get("isTargeted", False) is targeted
        to = body["recipient"]["id"] if targeted else ""
        message = Message(str(next(self.ids)), conversation, body["attachments"][0]["content"], body["summary"], to)
        self.messages[message.id] = message
        self.watch("says", message)
        return message.id

    def _changed(self, message_id: str, body: dict[str, Any]) -> web.Response:
        message = self.messages.get(message_id)
        if message is None:
            return web.Response(status=404)
        message.card, message.summary, message.edits = body["attachments"][0]["content"], body["summary"], message.edits + 1
        self.watch("changes", message)
        return web.json_response({"id": message_id})

    @property
    def keys_url(self) -> str:
        return f"{self.url}/v1/.well-known/openidconfiguration"

    # ----------------------------------------------------------------------- what it sends

    def activity(self, kind: str, **more: Any) -> dict[str, Any]:
        """An activity as Teams writes it: Maya, in a channel."""
        return {
            "type": kind,
            "id": str(next(self.ids)),
            "timestamp": "2026-11-21T09:00:00.000Z",
            "channelId": "msteams",
            "serviceUrl": self.url,
            "from": {"id": "29:maya", "name": "Maya Ortiz", "aadObjectId": "0a0a0a0a-0000-4000-8000-000000000001"},
            "recipient": {"id": BOT, "name": "Spellout"},
            "conversation": {
                "id": "19:vendor@thread.tacv2;messageid=1",
                "conversationType": "channel",
                "tenantId": TENANT,
                "isGroup": True,
            },
            "channelData": {"tenant": {"id": TENANT}, "channel": {"id": "19:vendor@thread.tacv2", "type": "standard"}},
            **more,
        }

    def token(self, *, key: Any = KEY, kid: str = "one", algorithm: str = "RS256", leave_out: str = "", **changes: Any) -> str:
        """A token as Teams signs it."""
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": APP, "serviceurl": self.url, "nbf": now - 60, "iat": now - 60, "exp": now + 600, **changes}
        claims.pop(leave_out, None)
        return str(jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid}))


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    """A connector that is up."""
    made = World()
    application = web.Application(client_max_size=1 << 20)
    application.router.add_get("/v1/.well-known/keys", made.keys)
    application.router.add_post("/{tenant}/oauth2/v2.0/token", made.login)
    application.router.add_route("*", "/v3/conversations", made.connector)
    application.router.add_route("GET", "/v3/teams/{rest:.*}", made.connector)
    application.router.add_route("*", "/v3/conversations/{rest:.*}", made.connector)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()


async def listening(mount: Callable[[web.Application], None]) -> tuple[web.AppRunner, str]:
    """A web server with these routes, and its address."""
    application = web.Application()
    mount(application)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


@asynccontextmanager
async def at_work(chat: TeamsChat, service: Service) -> AsyncIterator[str]:
    """The adapter and its service at work, until the end of the block; the address where Teams reaches them."""
    async with AsyncExitStack() as running:
        running.push_async_callback(chat.close)
        running.push_async_callback(service.stop, 1)
        running.push_async_callback(chat.stop, 1)
        runner, url = await listening(chat.mount)
        running.push_async_callback(runner.cleanup)
        await chat.start(service.hear)
        await service.start()
        yield url


def written(value: Any, name: str = "") -> Iterable[str]:
    """Everything in an activity that a person wrote: messages, whole and as they are pointed at, and what is typed into a card."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from written(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from written(part, name)
    elif isinstance(value, str) and (name in ("text", "content") or name.startswith("spellout.")):
        yield from (value, html.unescape(value))


async def deliver(url: str, activity: Any, token: str | None = None) -> tuple[int, Any]:
    """Send an activity to the bot; the status and body of its answer. What is written in it, and every secret, must not be logged."""
    leaks.current.plant(SECRET, OUTBOUND, token or "", *written(activity))
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with aiohttp.ClientSession() as session, session.post(f"{url}/api/messages", json=activity, headers=headers) as response:
        text = await response.text()
        return response.status, json.loads(text) if text else None
