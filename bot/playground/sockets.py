"""Socket Mode: hello, envelopes, acknowledgements, and a polite (or rude) request to reconnect."""

import asyncio
import itertools
import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from aiohttp import WSMsgType, web

from bot.playground.delivery import Answer, Attempt
from bot.playground.pulse import Pulse

Json = dict[str, Any]
MOST_SOCKETS = 10


class Gone(Exception):
    """The socket closed before the acknowledgement."""


class Socket:
    """One open connection of the app."""

    def __init__(self, ws: web.WebSocketResponse, transport: asyncio.BaseTransport | None) -> None:
        self.ws = ws
        self.transport = transport
        self.waiting: dict[str, asyncio.Future[Json | None]] = {}
        self.frozen = False

    async def send(self, attempt: Attempt, within: float) -> Answer:
        """One envelope, until it is acknowledged, the time is over, or the socket is gone."""
        ident = secrets.token_hex(16)
        future: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        self.waiting[ident] = future
        envelope = {
            "envelope_id": ident,
            "type": attempt.kind,
            "payload": attempt.payload,
            "accepts_response_payload": attempt.kind != "events_api",
        }
        if attempt.kind == "events_api":
            envelope |= {"retry_attempt": attempt.number, "retry_reason": attempt.reason}
        try:
            async with asyncio.timeout(within):
                await self.ws.send_str(json.dumps(envelope))
                return Answer(True, await future)
        except TimeoutError:
            return Answer(False, why="timeout")
        except (Gone, ConnectionError):
            return Answer(False, why="timeout")
        finally:
            self.waiting.pop(ident, None)

    def acknowledged(self, data: Json) -> None:
        """Note an acknowledgement; one that comes too late changes nothing."""
        future = self.waiting.get(data.get("envelope_id", ""))
        if future is not None and not future.done():
            future.set_result(data.get("payload"))

    def gone(self) -> None:
        """Tell everybody who still waits."""
        for future in self.waiting.values():
            if not future.done():
                future.set_exception(Gone())


class SocketLine:
    """All open sockets; each envelope goes to one of them, and waits while there is none."""

    def __init__(self, app: str, within: float, changed: Callable[[], None]) -> None:
        self.open: list[Socket] = []
        self.connections = 0
        self._all: list[Socket] = []
        self._app = app
        self._within = within
        self._changed = changed
        self._opened = Pulse()
        self._tickets: set[str] = set()
        self._turn = itertools.count()
        self.acks_to_lose = 0

    def ticket(self) -> str:
        """A one-time permission to connect."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return ticket

    async def deliver(self, attempt: Attempt) -> Answer:
        """Send it over one of the sockets; an event waits for one as long as it takes."""
        waited = not self.open
        try:
            await self._opened.until(lambda: self.open, None if attempt.kind == "events_api" else self._within)
        except TimeoutError:
            return Answer(False, why="no_socket")
        if waited and attempt.kind == "events_api" and attempt.number == 0:
            attempt = Attempt(attempt.kind, attempt.payload, 1, "timeout")
        socket = self.open[next(self._turn) % len(self.open)]
        return replace(await socket.send(attempt, self._within), sent_as=attempt)

    def lose_acks(self, times: int = 1) -> None:
        """Turn a deaf ear to the next acknowledgements, so that Slack's own retry repeats the delivery."""
        self.acks_to_lose += times

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Ask every socket to reconnect, as Slack does every few hours; nothing new is sent over the old ones."""
        for socket in self._leaving():
            await socket.ws.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "stand-in"}})

    def drop(self) -> None:
        """Break every connection without a word."""
        for socket in self._leaving():
            socket.gone()
            if isinstance(socket.transport, asyncio.Transport):
                socket.transport.abort()

    def drop_all(self) -> None:
        """Break every connection, also those that were asked to leave."""
        self.open = list(self._all)
        self.drop()

    def _leaving(self) -> list[Socket]:
        leaving, self.open = self.open, []
        self._changed()
        return leaving

    def freeze(self) -> None:
        """Keep every connection open but never answer again, not even a ping (a half-open line)."""
        for socket in self.open:
            socket.frozen = True

    async def close(self) -> None:
        """Say goodbye to all."""
        for socket in list(self._all):
            socket.gone()
            await socket.ws.close()

    async def connected(self, request: web.Request) -> web.StreamResponse:
        """The life of one connection."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets or len(self.open) >= MOST_SOCKETS:
            raise web.HTTPForbidden(text="This address was used already, or too many connections are open.")
        self._tickets.discard(ticket)
        ws = web.WebSocketResponse(autoping=False, max_msg_size=1 << 20, timeout=1.0)
        await ws.prepare(request)
        socket = Socket(ws, request.transport)
        self._all.append(socket)
        try:
            await ws.send_json(self._hello())
            self.open.append(socket)
            self.connections += 1
            self._opened.beat()
            self._changed()
            await self._listen(socket)
        finally:
            self._leave(socket)
        return ws

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.open) + 1,
            "debug_info": {"host": "stand-in", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self._app},
        }

    def _leave(self, socket: Socket) -> None:
        self._all.remove(socket)
        if socket in self.open:
            self.open.remove(socket)
        socket.gone()
        self._changed()

    async def _listen(self, socket: Socket) -> None:
        async for message in socket.ws:
            if socket.frozen:
                continue
            if message.type is WSMsgType.PING:
                await socket.ws.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._heard(socket, message.data)

    def _heard(self, socket: Socket, text: str) -> None:
        data = json.loads(text)
        if self.acks_to_lose:
            self.acks_to_lose -= 1
            self._changed()
            return
        socket.acknowledged(data)
