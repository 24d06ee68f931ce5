"""Socket Mode: one connection that is always alive, whatever becomes of the one before."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.slack.connection import WORLD, SlackError, insisting

_log = structlog.get_logger(__name__)

NOT_NOW: Final = 503
"""The status for what is not to be acknowledged, so that Slack delivers it again."""
_CLOSING = 2.0


class _Handler(AsyncSocketModeHandler):
    """Acknowledges every envelope, also one that Bolt stumbles over: Slack would only send it again."""

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
    """The connection. The SDK mends what it notices; what stays dead for `patience` seconds is replaced with a new ticket."""

    def __init__(
        self,
        app: AsyncApp,
        client: AsyncWebClient,
        app_token: str,
        *,
        logger: logging.Logger,
        ping: float = 10,
        patience: float = 30,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._app = app
        self._client = client
        self._app_token = app_token
        self._logger = logger
        self._ping = ping
        self._patience = patience
        self._pause = pause
        self._handler: _Handler | None = None
        self._watching: asyncio.Task[None] | None = None
        self._connected_at = 0.0

    async def start(self) -> None:
        """Connect, however long it takes; raises SlackError when Slack refuses the token."""
        while self._handler is None:
            await self._connect()
        self._watching = asyncio.create_task(self._watch(), name="socket")

    async def stop(self) -> None:
        """Close the connection."""
        if self._watching:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await self._drop()

    async def alive(self) -> bool:
        """Whether Slack answers on it."""
        return self._handler is not None and await self._handler.client.is_connected()

    def age(self) -> float | None:
        """Seconds since Slack last answered on it; None without a connection."""
        if self._handler is None:
            return None
        return max(time.time() - (self._handler.client.last_ping_pong_time or self._connected_at), 0)

    async def _watch(self) -> None:
        dead = 0.0
        while True:
            await self._pause(self._ping)
            dead = 0.0 if await self.alive() else dead + self._ping
            if dead >= self._patience:
                _log.warning("socket_replaced", seconds=dead)
                try:
                    await self._drop()
                    await self._connect()
                except (SlackError, *WORLD) as error:
                    _log.error("socket_not_replaced", why=str(error) if isinstance(error, SlackError) else type(error).__name__)

    async def _connect(self) -> None:
        ticket = await insisting(
            lambda: self._client.apps_connections_open(app_token=self._app_token),
            "SLACK_APP_TOKEN",
            "Basic Information > App-Level Tokens (scope connections:write)",
            self._pause,
        )
        handler = _Handler(self._app, self._app_token, logger=self._logger, web_client=self._client, ping_interval=self._ping)
        handler.client.proxy = self._client.proxy
        handler.client.wss_uri = str(ticket["url"])
        self._handler, self._connected_at = handler, time.time()
        try:
            async with asyncio.timeout(self._patience):
                await handler.connect_async()  # type: ignore[no-untyped-call]
        except TimeoutError:
            _log.warning("socket_unreachable", seconds=self._patience)
            await self._drop()

    async def _drop(self) -> None:
        """Close what there is, in bounded time."""
        handler, self._handler = self._handler, None
        if handler is None:
            return
        client = handler.client
        with suppress(*WORLD):
            async with asyncio.timeout(_CLOSING):
                await client.close()  # type: ignore[no-untyped-call]
        tasks = [task for task in (client.message_processor, client.current_session_monitor, client.message_receiver) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await client.aiohttp_client_session.close()
