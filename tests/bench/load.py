"""The other side of the wire: a fake Slack that counts replies and hands out envelopes, and a load of signed messages."""

import asyncio
import hashlib
import hmac
import itertools
import json
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import WSMsgType, web

from tests.bench.servers import PATH, SECRET

ROOT = Path(__file__).parents[2]
PLAIN = "ok so I pushed the fix to staging and Ann will check the numbers at https://example.org tomorrow morning, fine"
HIT = "Our BPO vendor wants a new contract before the summer, can somebody look at the numbers with me tomorrow?"
AT_ONCE = 16
"""Messages under way at a time."""

WITHIN = 60.0
"""Seconds that one round of one program may take."""

_numbers = itertools.count(1)


def message(text: str, in_thread: bool = False) -> str:
    """A message of a person of its own in a channel of its own, as Slack writes it; or an answer in a thread of its own there."""
    number = next(_numbers)
    ts = f"{1_795_251_600 + number}.000100"
    elements = [{"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}]
    event = {
        **{"type": "message", "user": f"U0BENCH{number}", "ts": ts, "client_msg_id": f"6f2f0b4e-1d3c-4b4a-9d6a-{number:012}", "text": text},
        **{"team": "T0HOME", "blocks": [{"type": "rich_text", "block_id": "x1", "elements": elements}]},
        **{"channel": f"C0BENCH{number}", "event_ts": ts, "channel_type": "channel"},
        **({"thread_ts": "1795251000.000100", "parent_user_id": "U0ANN"} if in_thread else {}),
    }
    granted = {"enterprise_id": None, "team_id": "T0HOME", "user_id": "U0SPELL", "is_bot": True, "is_enterprise_install": False}
    body = {
        **{"token": "old", "team_id": "T0HOME", "context_team_id": "T0HOME", "context_enterprise_id": None, "api_app_id": "A0SPELL"},
        **{"event": event, "type": "event_callback", "event_id": f"Ev{number}", "event_time": 1_795_251_600 + number},
        **{"authorizations": [granted], "is_ext_shared_channel": False, "event_context": f"4-{number}"},
    }
    return json.dumps(body)


def request(body: str) -> bytes:
    """The same, signed now, as bytes on the wire."""
    stamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    head = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body.encode())}\r\n"
    return f"{head}X-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: v0={digest}\r\n\r\n{body}".encode()


@dataclass(slots=True)
class Round:
    """What one round of a program took: CPU seconds of its process, seconds by the clock, and those of each message."""

    count: int
    cpu: float = 0.0
    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)

    @property
    def each(self) -> float:
        """CPU microseconds a message."""
        return self.cpu / self.count * 1e6

    @property
    def tail(self) -> float:
        """p99 against p50."""
        waits = sorted(self.waits)
        return waits[len(waits) * 99 // 100] / waits[len(waits) // 2]


# --------------------------------------------------------------------------- a fake Slack


class FakeSlack:
    """Listens on a free port of this machine; knows the calls that a reply takes, and one socket."""

    def __init__(self) -> None:
        self.posted = 0
        self._more = asyncio.Event()
        self._envelopes: deque[str] = deque()
        self._sent: dict[str, float] = {}
        self._waits: list[float] = []
        self._line: web.WebSocketResponse | None = None
        self._idle = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.address = ""

    async def start(self) -> None:
        """Listen."""
        application = web.Application()
        application.add_routes([web.post("/api/{method}", self._called), web.get("/socket", self._connected)])
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner:
            await self._runner.cleanup()

    async def has_posted(self, many: int) -> None:
        """Wait until so many messages have been posted in all."""
        while self.posted < many:
            self._more.clear()
            await self._more.wait()

    async def _called(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        await request.read()
        if method == "auth.test":
            return web.json_response({"ok": True, "user_id": "U0SPELL", "team_id": "T0HOME", "bot_id": "B0SPELL"})
        if method == "apps.connections.open":
            return web.json_response({"ok": True, "url": f"{self.address.replace('http', 'ws', 1)}/socket"})
        if method == "chat.postMessage":
            self.posted += 1
            self._more.set()
        return web.json_response({"ok": True, "channel": "C0BENCH", "ts": f"1795251600.{self.posted:06}"})

    async def _connected(self, request: web.Request) -> web.WebSocketResponse:
        self._line = line = web.WebSocketResponse()
        await line.prepare(request)
        await line.send_json({"type": "hello"})
        async for frame in line:
            if frame.type is not WSMsgType.TEXT:
                continue
            name = json.loads(frame.data).get("envelope_id")
            if name in self._sent:
                self._waits.append(time.perf_counter() - self._sent.pop(name))
                await self._hand_out(line)
        return line

    async def _hand_out(self, line: web.WebSocketResponse) -> None:
        if self._envelopes:
            name = f"e{next(_numbers)}"
            self._sent[name] = time.perf_counter()
            await line.send_str(
                f'{{"envelope_id":"{name}","type":"events_api","accepts_response_payload":false,"payload":{self._envelopes.popleft()}}}'
            )
        elif not self._sent:
            self._idle.set()

    async def through_the_socket(self, bodies: Sequence[str]) -> list[float]:
        """Hand these out, so many at a time; how long each took to be acknowledged."""
        assert self._line is not None, "nobody is connected"
        self._waits, self._envelopes = [], deque(bodies)
        self._idle.clear()
        for _ in range(AT_ONCE):
            await self._hand_out(self._line)
        async with asyncio.timeout(WITHIN):
            await self._idle.wait()
        return self._waits


# --------------------------------------------------------------------------- a load over HTTP


class _Connection(asyncio.Protocol):
    """Sends one request after the other, each when the one before is answered."""

    def __init__(self, requests: Iterator[bytes], waits: list[float], done: "asyncio.Future[None]") -> None:
        self._requests, self._waits, self._done = requests, waits, done
        self._received = b""
        self._since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            return
        self._since = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, ended, body = self._received.partition(b"\r\n\r\n")
        if not ended:
            return
        lengths = [int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        if len(body) < sum(lengths):
            return
        self._received = b""
        if not head.startswith(b"HTTP/1.1 200 "):
            self._done.set_exception(RuntimeError(head.split(b"\r\n")[0].decode()))
            self._transport.abort()
            return
        self._waits.append(time.perf_counter() - self._since)
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_result(None)


async def over_http(address: str, bodies: Sequence[str]) -> list[float]:
    """Post these, so many at a time; how long each took to be acknowledged."""
    parts, loop = urlsplit(address), asyncio.get_running_loop()
    requests, waits = iter([request(body) for body in bodies]), list[float]()
    ends = [loop.create_future() for _ in range(AT_ONCE)]
    for end in ends:
        await loop.create_connection(lambda end=end: _Connection(requests, waits, end), parts.hostname or "", parts.port or 0)  # type: ignore[misc]
    async with asyncio.timeout(WITHIN):
        await asyncio.gather(*ends)
    if len(waits) != len(bodies):
        raise RuntimeError(f"{len(bodies) - len(waits)} of {len(bodies)} messages were not answered.")
    return waits


# --------------------------------------------------------------------------- a program under it


class Program:
    """A program in a process of its own."""

    def __init__(self, name: str, slack: FakeSlack, **settings: Any) -> None:
        self._name, self._slack = name, slack
        self._settings = settings | {"slack": slack.address}
        self._process: asyncio.subprocess.Process | None = None
        self._address = ""

    async def start(self) -> None:
        """Start it and wait until it listens."""
        command = (sys.executable, "-m", "tests.bench.servers", self._name, json.dumps(self._settings))
        pipe, void = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        self._process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=void)
        async with asyncio.timeout(WITHIN):
            self._address = (await self._line())["address"]

    async def stop(self) -> None:
        """End it."""
        process = self._process
        if process is None or process.stdin is None:
            return
        process.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(10):
                await process.wait()
                return
        process.kill()
        await process.wait()

    async def used(self) -> dict[str, float]:
        """What it has used by now: `cpu` in seconds, `memory` in MB."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        used: dict[str, float] = await self._line()
        return used

    async def _line(self) -> Any:
        assert self._process is not None
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"The program {self._name} ended: run `python -m tests.bench.servers {self._name} '{{}}'` to see why.")
        return json.loads(line)

    async def round(self, count: int, text: str = PLAIN, replies: bool = False, in_thread: bool = False) -> Round:
        """Give it so many messages; with `replies`, wait until each has its reply."""
        bodies, before, posted = [message(text, in_thread) for _ in range(count)], await self.used(), self._slack.posted
        since = time.perf_counter()
        if self._settings.get("socket"):
            waits = await self._slack.through_the_socket(bodies)
        else:
            waits = await over_http(self._address, bodies)
        if replies:
            async with asyncio.timeout(WITHIN):
                await self._slack.has_posted(posted + count)
        seconds = time.perf_counter() - since
        return Round(count, (await self.used())["cpu"] - before["cpu"], seconds, waits)
