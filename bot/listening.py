"""How the program's ports listen: what is no HTTP, or goes wrong before a handler, is refused without a word more than the status."""

from typing import Any

import structlog
from aiohttp import hdrs, web

_log = structlog.get_logger(__name__)


class Runner(web.AppRunner):
    """Runs an application whose peers learn nothing from bytes that cannot be read, nor does the log."""

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Server(made.request_handler, request_factory=made.request_factory, **made._kwargs)


class _Server(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class _Connection(web.RequestHandler):
    """aiohttp's own would log and send back the very bytes that it could not read."""

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        tell = _log.error if status == 500 else _log.debug  # anyone can send nonsense, as often as they like
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
