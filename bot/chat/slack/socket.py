"""Socket Mode: one connection that is always alive, whatever becomes of the one before."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any, Final

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.payload import part
from bot.chat.slack.connection import WORLD, SlackError, insisting
from bot.chat.slack.gate import Gate, read

_log = structlog.get_logger(__name__)

NOT_NOW: Final = 503
"""The status for what is not to be acknowledged, so that Slack delivers it again."""
_CLOSING = 2.0
_LEAVING = 15.0
"""How long a connection that Slack asked us to leave stays open at most: Slack gives it about ten seconds."""
_ANOTHER_WANTED: Final = ("warning", "refresh_requested")
"""Slack's reasons to leave a connection for a new one. For others (too many sockets, Socket Mode turned off) the old one goes first."""


class _Line(SocketModeClient):
    """The SDK's connection, but for two things. What the gate stops is met here, where the SDK has a queue and a task for each message.
    And Slack's wish for a new connection is told to us: the SDK closes the old one before it has another."""

    def __init__(
        self, app_token: str, client: AsyncWebClient, logger: logging.Logger, ping: float, gate: Gate, asked_to_leave: Callable[[], None]
    ) -> None:
        super().__init__(app_token=app_token, logger=logger, web_client=client, ping_interval=ping)
        self.proxy = client.proxy
        self.gone = asyncio.Event()
        self._gate = gate
        self._asked_to_leave = asked_to_leave
        self.on_close_listeners.append(self._closed)

    async def enqueue_message(self, message: str) -> None:
        """Everything that comes in, as it is written. What the gate stops is acknowledged at once; all else takes the SDK's way."""
        envelope = read(message)
        name, session = part(envelope, "envelope_id"), self.current_session
        if session is None or not isinstance(name, str) or not self._gate.stops(part(envelope, "payload")):
            await super().enqueue_message(message)
            return
        with suppress(*WORLD):  # what is not acknowledged comes again
            await session.send_str(f'{{"envelope_id":{json.dumps(name)}}}')

    async def run_message_listeners(self, message: dict[str, Any], raw_message: str) -> None:
        """Everything that comes in."""
        if message.get("type") == "disconnect" and message.get("reason") in _ANOTHER_WANTED:
            self._asked_to_leave()
        else:
            await super().run_message_listeners(message, raw_message)

    async def _closed(self, message: object) -> None:
        self.gone.set()


class _Handler(AsyncSocketModeHandler):
    """Acknowledges every envelope, also one that Bolt stumbles over: Slack would only send it again."""

    client: _Line

    def __init__(self, app: AsyncApp, line: _Line) -> None:
        self.app, self.app_token, self.client = app, line.app_token, line
        line.socket_mode_request_listeners.append(self.handle)  # type: ignore[arg-type]  # Bolt narrows the type, as above

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        start = time.time()
        try:
            response = await run_async_bolt_app(self.app, req)
        except Exception as error:
            _log.error("envelope_not_understood", why=type(error).__name__)
            response = BoltResponse(status=200)
        if response.status not in (200, NOT_NOW):
            _log.error("envelope_not_handled", status=response.status)
            response = BoltResponse(status=200)
        await send_async_response(client, req, response, start)  # which says nothing unless the status is 200


class Socket:
    """The connection. The SDK mends what it notices; what stays dead for `patience` seconds is replaced with a new ticket.

    When Slack is about to close it, another is opened first, and what the old one brought is still acknowledged on it.
    """

    def __init__(
        self,
        app: AsyncApp,
        client: AsyncWebClient,
        app_token: str,
        gate: Gate,
        *,
        logger: logging.Logger,
        ping: float = 10,
        patience: float = 30,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._app = app
        self._client = client
        self._app_token = app_token
        self._gate = gate
        self._logger = logger
        self._ping = ping
        self._patience = patience
        self._pause = pause
        self._handler: _Handler | None = None
        self._watching: asyncio.Task[None] | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._leaving: dict[_Handler, asyncio.Task[None]] = {}
        self._answered_at = time.time()

    async def start(self) -> None:
        """Connect, however long it takes; raises SlackError when Slack refuses the token."""
        while self._handler is None:
            await self._connect()
        self._watching = asyncio.create_task(self._watch(), name="socket")

    async def stop(self) -> None:
        """Close the connection."""
        await _end(task for task in (self._watching, self._renewing) if task)
        await _end(self._leaving.values())
        for handler in self._leaving:  # a task that was ended before it began has closed nothing
            await _close(handler.client)
        self._leaving.clear()
        await self._drop()

    async def alive(self) -> bool:
        """Whether Slack answers on it."""
        return self._handler is not None and await self._handler.client.is_connected()

    def age(self) -> float:
        """Seconds since Slack last answered, on whichever connection; before the first one, since the beginning."""
        self._note_answer()
        return max(time.time() - self._answered_at, 0)

    def _note_answer(self) -> None:
        """Remember the last answer: the SDK forgets it with a line that it gives up, and we with the connection."""
        if self._handler is not None:
            self._answered_at = max(self._answered_at, self._handler.client.last_ping_pong_time or 0)

    async def _watch(self) -> None:
        dead = 0.0
        while True:
            await self._pause(self._ping)
            self._note_answer()
            if self._renewing and not self._renewing.done():
                continue
            dead = 0.0 if await self.alive() else dead + self._ping
            if dead >= self._patience:
                _log.warning("socket_replaced", seconds=dead)
                try:
                    await self._drop()
                    await self._connect()
                except (SlackError, *WORLD) as error:
                    _log.error("socket_not_replaced", why=str(error) if isinstance(error, SlackError) else type(error).__name__)

    # ----------------------------------------------------------------------- when Slack asks for another

    def _renew(self) -> None:
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._replace(), name="socket-renewal")

    async def _replace(self) -> None:
        """Open another connection, and only then leave this one; while there is no other, this one stays."""
        old = self._handler
        try:
            await self._connect()
        except (SlackError, *WORLD) as error:
            _log.error("socket_not_renewed", why=str(error) if isinstance(error, SlackError) else type(error).__name__)
        if old is not None and old is not self._handler:
            _log.info("socket_renewed")
            self._leaving[old] = asyncio.create_task(self._leave(old), name="socket-leaving")

    async def _leave(self, old: _Handler) -> None:
        """Close it when Slack has closed it, at the latest after a while."""
        old.client.default_auto_reconnect_enabled = old.client.auto_reconnect_enabled = False
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LEAVING):
                    await old.client.gone.wait()
        finally:
            await _close(old.client)
            self._leaving.pop(old, None)

    # ----------------------------------------------------------------------- one connection

    async def _connect(self) -> None:
        """Open a connection, which is ours from then on; nothing changes where it does not open in time."""
        ticket = await insisting(
            lambda: self._client.apps_connections_open(app_token=self._app_token),
            "SLACK_APP_TOKEN",
            "Basic Information > App-Level Tokens (scope connections:write)",
            self._pause,
        )
        handler = _Handler(self._app, _Line(self._app_token, self._client, self._logger, self._ping, self._gate, self._renew))
        handler.client.wss_uri = str(ticket["url"])
        try:
            async with asyncio.timeout(self._patience):
                await handler.connect_async()  # type: ignore[no-untyped-call]
        except BaseException as error:
            await _close(handler.client)
            if not isinstance(error, TimeoutError):
                raise
            _log.warning("socket_unreachable", seconds=self._patience)
        else:
            self._handler, self._answered_at = handler, time.time()

    async def _drop(self) -> None:
        """Close what there is, in bounded time."""
        self._note_answer()
        handler, self._handler = self._handler, None
        if handler is not None:
            await _close(handler.client)


async def _end(tasks: Iterable[asyncio.Future[Any]]) -> None:
    ending = tuple(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)


async def _close(client: SocketModeClient) -> None:
    with suppress(*WORLD):
        async with asyncio.timeout(_CLOSING):
            await client.close()  # type: ignore[no-untyped-call]
    await _end(task for task in (client.message_processor, client.current_session_monitor, client.message_receiver) if task)
    await client.aiohttp_client_session.close()
