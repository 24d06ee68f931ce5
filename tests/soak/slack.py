"""A lean Slack for many workspaces: the Web API that a reply takes, with bad days by chance, and a tally of everything that was posted."""

import asyncio
import json
import random
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.soak.people import BOT, Json, team_of

_BURST = 3
"""How many messages in a row a channel takes before it wants one a second."""


@dataclass(frozen=True, slots=True)
class BadLuck:
    """How often which fault meets a call, in parts of one."""

    rate_limited: float = 0.01
    unavailable: float = 0.01
    internal_error: float = 0.003
    dropped: float = 0.005
    """The connection breaks before the call takes effect."""
    lost: float = 0.005
    """It takes effect, and the connection breaks before the answer."""
    workspace_limited: float = 0.0005
    """The whole workspace is told to wait for three seconds."""


@dataclass(slots=True)
class Post:
    """A message of the bot."""

    ts: str
    channel: str
    thread: str
    text: str
    blocks: list[Json]
    mark: str
    answer_lost: bool = False

    def wire(self) -> Json:
        """As Slack shows it."""
        metadata = {"event_type": "spellout_reply", "event_payload": {"mark": self.mark}}
        return {"type": "message", "user": BOT, "ts": self.ts, "text": self.text, "blocks": self.blocks, "metadata": metadata}


class _Error(Exception):
    """An answer that begins with `"ok": false`."""


@dataclass(slots=True)
class _Tally:
    """What was counted."""

    calls: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    marks: Counter[str] = field(default_factory=Counter)
    leaks: list[str] = field(default_factory=list)
    whispers_unsure: set[str] = field(default_factory=set)
    """Addresses for answers that were used, and the answer lost."""


class Slack:
    """Listens on a free port of this machine; `tokens` says which workspace each token belongs to."""

    def __init__(self, tokens: dict[str, str], dice: random.Random, luck: BadLuck) -> None:
        self.tokens, self._dice, self.luck = tokens, dice, luck
        self.threads: dict[tuple[str, str], dict[str, Post]] = defaultdict(dict)
        self.whispers: dict[str, list[str]] = defaultdict(list)
        self.whispered_at: dict[str, list[float]] = defaultdict(list)
        self.tally = _Tally()
        self._posts: dict[tuple[str, str], Post] = {}
        self._paid: dict[str, float] = defaultdict(float)
        self._closed: dict[str, float] = defaultdict(float)
        self._number = 0
        self._changes: dict[tuple[str, str], asyncio.Event] = defaultdict(asyncio.Event)
        self._runner: web.AppRunner | None = None
        self.address = ""

    async def start(self) -> None:
        """Listen."""
        app = web.Application(client_max_size=1 << 20)
        app.add_routes([web.route("*", "/api/{method}", self._called), web.post("/answer/{link}", self._answered)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner:
            await self._runner.cleanup()

    @property
    def answers_at(self) -> str:
        """How addresses for answers begin."""
        return f"{self.address}/answer/"

    def texts(self, channel: str, thread: str) -> tuple[str, ...]:
        """What the bot's messages in a thread say now."""
        return tuple(post.text for post in self.threads.get((channel, thread), {}).values())

    async def changed(self, channel: str, thread: str, within: float) -> None:
        """Wait for the next change of a thread, or so many seconds."""
        change = self._changes[(channel, thread)]
        change.clear()
        try:
            async with asyncio.timeout(within):
                await change.wait()
        except TimeoutError:
            return

    # ----------------------------------------------------------------------- calls

    async def _called(self, request: web.Request) -> web.StreamResponse:
        method, token = request.match_info["method"], request.headers.get("Authorization", "").removeprefix("Bearer ")
        arguments = await _arguments(request)
        self.tally.calls[method] += 1
        return await self._meet(request, method, str(arguments.get("channel", "")), lambda: self._run(method, token, arguments))

    async def _answered(self, request: web.Request) -> web.StreamResponse:
        link, arguments = request.match_info["link"], await _arguments(request)
        self.tally.calls["response_url"] += 1

        def whisper() -> Json:
            self.whispers[link].append(str(arguments["text"]))
            self.whispered_at[link].append(time.monotonic())
            return {}

        return await self._meet(request, "response_url", "", whisper, link)

    async def _meet(self, request: web.Request, method: str, channel: str, run: Any, link: str = "") -> web.StreamResponse:
        fault = self._fault(method, channel)
        if fault:
            self.tally.faults[f"{fault} ({method})"] += 1
        match fault:
            case "429" | "429 for the channel" | "429 for the workspace":
                wait = max(1, round(self._closed[team_of(channel)] - time.monotonic() + 0.5)) if fault.endswith("workspace") else 1
                return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": str(wait)})
            case "503":
                return web.Response(status=503, text="<html>upstream</html>")
            case "internal_error":
                return web.json_response({"ok": False, "error": "internal_error"}, status=200)
            case "dropped":
                _abort(request)
                return web.Response(status=500)
        try:
            answer = {"ok": True, **run()}
        except _Error as error:
            answer = {"ok": False, "error": str(error)}
        if fault == "lost":
            if method == "chat.postMessage" and answer["ok"]:
                self._posts[(str(answer["channel"]), str(answer["ts"]))].answer_lost = True
            self.tally.whispers_unsure.add(link)
            _abort(request)
        return web.json_response(answer)

    def _fault(self, method: str, channel: str) -> str:
        now, team = time.monotonic(), team_of(channel) if channel else ""
        if self._closed[team] > now and method.startswith("chat."):
            return "429 for the workspace"
        if method == "chat.postMessage":
            self._paid[channel] = max(self._paid[channel], now - _BURST) + 1
            if self._paid[channel] > now + 1:
                self._paid[channel] -= 1
                return "429 for the channel"
        if method == "auth.test":
            return ""
        thrown, luck = self._dice.random(), self.luck
        for name, chance in (
            ("429", luck.rate_limited),
            ("503", luck.unavailable),
            ("internal_error", luck.internal_error if method != "response_url" else 0),
            ("dropped", luck.dropped),
            ("lost", luck.lost),
        ):
            if thrown < chance:
                return name
            thrown -= chance
        if team and thrown < luck.workspace_limited:
            self._closed[team] = now + 3
        return ""

    def _run(self, method: str, token: str, arguments: Json) -> Json:
        if token not in self.tokens:
            raise _Error("invalid_auth")
        channel = str(arguments.get("channel", ""))
        if channel and self.tokens[token] != team_of(channel):
            self.tally.leaks.append(f"{method} in {channel} with the token of {self.tokens[token]}")
            raise _Error("channel_not_found")
        match method:
            case "auth.test":
                return self._identity(token)
            case "chat.postMessage":
                return self._post(channel, arguments)
            case "chat.update":
                return self._update(channel, arguments)
            case "conversations.replies" | "conversations.history":
                return self._look_up(channel, arguments)
        raise _Error("unknown_method")

    def _identity(self, token: str) -> Json:
        return {
            "url": "https://soak.slack.com/",
            "team": "Soak",
            "team_id": self.tokens[token],
            "user_id": BOT,
            "bot_id": "B0SPELL",
        }

    def _post(self, channel: str, arguments: Json) -> Json:
        self._number += 1
        ts = f"1796000000.{self._number:06}"
        mark = arguments["metadata"]["event_payload"]["mark"]
        post = Post(ts, channel, str(arguments.get("thread_ts", "")), arguments["text"], arguments["blocks"], mark)
        self.tally.marks[mark] += 1
        self._posts[(channel, ts)] = self.threads[(channel, post.thread)][ts] = post
        self._changes[(channel, post.thread)].set()
        return {"channel": channel, "ts": ts, "message": post.wire()}

    def _update(self, channel: str, arguments: Json) -> Json:
        post = self._posts.get((channel, arguments["ts"]))
        if post is None:
            raise _Error("message_not_found")
        post.text, post.blocks = arguments["text"], arguments["blocks"]
        self._changes[(channel, post.thread)].set()
        return {"channel": channel, "ts": post.ts, "text": post.text}

    def _look_up(self, channel: str, arguments: Json) -> Json:
        thread = self.threads.get((channel, str(arguments.get("ts", ""))), {})
        return {"messages": [post.wire() for post in thread.values()], "has_more": False}


async def _arguments(request: web.Request) -> Json:
    arguments: Json = dict(request.query)
    if request.content_type == "application/json":
        return {**arguments, **json.loads(await request.text() or "{}")}
    arguments |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    return {name: json.loads(value) if name in ("metadata", "blocks") else value for name, value in arguments.items()}


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
