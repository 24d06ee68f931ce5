"""The HTTP door: what Slack signed just now comes in, all else is refused without a word more than the status."""

import re
from typing import Final
from urllib.parse import parse_qs

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.chat.slack.gate import Gate, read

_log = structlog.get_logger(__name__)

EVENTS_PATH: Final = "/slack/events"
CONTENT_TYPES: Final = frozenset({"application/json", "application/x-www-form-urlencoded"})

_STAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


class Door:
    """Slack's requests in: of a kind that Slack sends, signed with our secret within the last five minutes."""

    def __init__(self, app: AsyncApp, signing_secret: str, gate: Gate) -> None:
        self._app = app
        self._gate = gate
        self._verifier = SignatureVerifier(signing_secret)

    async def enter(self, request: web.Request) -> web.Response:
        """415 for other kinds of content, 413 beyond the size, 401 without a good signature; what Slack signed is acknowledged."""
        if request.content_type not in CONTENT_TYPES:
            return web.Response(status=415)
        try:
            body = (await request.read()).decode()
        except UnicodeDecodeError:
            return web.Response(status=400)
        if not self._is_signed(request, body):
            return web.Response(status=200 if _checks_certificate(body) else 401)
        if self._gate.stops(read(body)):
            return web.Response(status=200)
        try:
            understood = AsyncBoltRequest(body=body, query=request.query_string, headers=dict(request.headers))
        except Exception as error:
            _log.warning("request_not_understood", why=type(error).__name__)
            return web.Response(status=200)  # Slack would only send it again
        response = await self._app.async_dispatch(understood)
        if response.status in (404, 500):
            _log.error("request_not_handled", status=response.status)
            return web.Response(status=200)
        return await to_aiohttp_response(response)

    def _is_signed(self, request: web.Request, body: str) -> bool:
        """Whether Slack signed it; the signatures are compared in constant time."""
        stamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        if not _STAMP.fullmatch(stamp) or not _SIGNATURE.fullmatch(signature):
            return False
        return self._verifier.is_valid(body, stamp, signature)


def _checks_certificate(body: str) -> bool:
    """Whether this is Slack's look at our certificate, which bears no signature and asks for nothing."""
    asked = parse_qs(body, max_num_fields=10) if len(body) < 1_000 and body.count("&") < 10 else {}
    return asked.get("ssl_check") == ["1"] and set(asked) <= {"ssl_check", "token"}


@web.middleware
async def discreet(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals and faults say their status and nothing else."""
    try:
        return await handler(request)
    except web.HTTPException as refusal:
        if refusal.status < 400:
            raise
        allowed = {"Allow": refusal.headers["Allow"]} if "Allow" in refusal.headers else {}
        return web.Response(status=refusal.status, headers=allowed)
    except Exception as error:
        if request.transport is None and isinstance(error, ConnectionError):
            return web.Response(status=400)  # who asked is gone, and does not see it either
        _log.error("request_failed", path=request.rel_url.raw_path[:80], why=type(error).__name__)
        return web.Response(status=500)


async def unnamed(request: web.Request, response: web.StreamResponse) -> None:
    """No response says which program answers, nor lets a browser guess what it is."""
    response.headers.pop("Server", None)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
