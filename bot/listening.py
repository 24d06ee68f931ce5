"""How the program's ports listen: what is no HTTP, or goes wrong before a handler, is refused without a word more than the status."""

import asyncio
from typing import Any

import structlog
from aiohttp import hdrs, web

_log = structlog.get_logger(__name__)


BODY_SECONDS = 10.0
"""How long a peer may take to send us the head of its first request, and the body of each; what is sent to us is small."""


class Runner(web.AppRunner):
    """Runs an application whose peers learn nothing from bytes that cannot be read, nor does the log, and who hold no connection by
    never ending what they say."""

    def __init__(self, application: web.Application, *, body_seconds: float = BODY_SECONDS, **more: Any) -> None:
        super().__init__(application, **more)
        self._body_seconds = body_seconds

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        server = _Server(made.request_handler, request_factory=made.request_factory, **made._kwargs)
        server.body_seconds = self._body_seconds
        return server


class _Server(web.Server):
    body_seconds = BODY_SECONDS

    def __call__(self) -> web.RequestHandler:
        connection = _Connection(self, loop=self._loop, **self._kwargs)
        connection.body_seconds = self.body_seconds
        return connection


class _Connection(web.RequestHandler):
    """aiohttp's own would log and send back the very bytes that it could not read, and wait for ever for the rest of them."""

    __slots__ = ("_first", "body_seconds")

    body_seconds: float
    _first: asyncio.TimerHandle

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._first = self._loop.call_later(self.body_seconds, self.force_close)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._first.cancel()
        super().connection_lost(exc)

    async def _handle_request(self, request: web.BaseRequest, *given: Any) -> tuple[web.StreamResponse, bool]:
        self._first.cancel()
        late = self._loop.call_later(self.body_seconds, self._give_up, request)
        try:
            return await super()._handle_request(request, *given)
        finally:
            late.cancel()

    def _give_up(self, request: web.BaseRequest) -> None:
        """Whoever reads the body gets this refusal instead of the rest of it."""
        if not request.content.is_eof():
            self._lingering_time = 0  # nor is the rest awaited once that is answered
            request.content.set_exception(web.HTTPRequestTimeout())

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        gone = request.transport is None and isinstance(exc, ConnectionError)
        tell = _log.error if status == 500 and not gone else _log.debug  # anyone can send nonsense, as often as they like
        tell("request_unreadable" if status == 400 else "request_failed", status=status, why=type(exc).__name__)
        if request.writer.output_size > 0:
            raise ConnectionError("the answer was begun already")
        return _Bare(status=status)


class _Bare(web.Response):
    """A status alone, after which the connection is closed; it does not name the program that answers."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.force_close()

    async def _prepare_headers(self) -> None:
        await super()._prepare_headers()
        self.headers.popall(hdrs.SERVER, None)
