"""The way to Slack: which addresses may see a token, the one client, and what Slack's refusals mean."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_address
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry import HttpRequest, HttpResponse, RetryState
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.http_retry.builtin_interval_calculators import FixedValueRetryIntervalCalculator
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.ports import Refused, TryLater

_log = structlog.get_logger(__name__)

API_URL: Final = "https://slack.com/api/"
TIMEOUT: Final = aiohttp.ClientTimeout(total=10, connect=5)
WORLD: Final = (SlackClientError, aiohttp.ClientError, TimeoutError, OSError)
"""What a call to Slack can raise."""

_DOMAINS = ("slack.com", "slack-gov.com")
_BACK_OFF = (1, 2, 5, 10, 30)
_LONGEST_WAIT = 3_600
_TOKEN_CODES = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "not_allowed_token_type",
        "missing_scope",
    }
)
"""What only the operator can mend: replies wait for it."""
_FOR_NOW = frozenset(
    {
        "accesslimited",
        "fatal_error",
        "internal_error",
        "message_limit_exceeded",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
    }
)


class SlackError(Exception):
    """Slack cannot be used as it is set up: one sentence with the remedy."""


def address(url: str) -> Literal["slack", "here", "elsewhere"]:
    """Whether a URL leads to Slack itself (by https), to this machine, or elsewhere."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "elsewhere"
    if "@" in parts.netloc or not url.isprintable() or " " in url:
        return "elsewhere"
    at_slack = host in _DOMAINS or host.endswith(tuple(f".{domain}" for domain in _DOMAINS))
    if at_slack and parts.scheme == "https" and port in (None, 443):
        return "slack"
    return "here" if parts.scheme in ("http", "https") and _is_loopback(host) else "elsewhere"


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class _Again(AsyncConnectionErrorRetryHandler):
    """Calls once more after a broken connection, but never posts again: the first post may have arrived."""

    async def can_retry_async(self, *, request: HttpRequest, **seen: Any) -> bool:
        """Whether this call may be made a second time."""
        return not request.url.endswith("chat.postMessage") and await super().can_retry_async(request=request, **seen)


class _Watching(AsyncRetryHandler):
    """Repeats nothing, but tells every failure by its kind: Slack's word, a status, or the name of an exception."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__()
        self._tell = tell

    async def can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        """Never."""
        body = response.body if response and isinstance(response.body, Mapping) else {}
        if error is not None:
            self._tell(type(error).__name__)
        elif response and (response.status_code != 200 or body.get("ok") is False):
            self._tell(str(body.get("error") or f"status_{response.status_code}"))
        return False


def make_client(token: str, api_url: str, allow_any_url: bool, tell: Callable[[str], None] = lambda kind: None) -> AsyncWebClient:
    """The client for all calls, without a session yet. Nothing but Slack or this machine sees the token unless that is allowed.

    It makes up for a kept connection that Slack has closed, and for nothing else: who is told to wait, waits in the outbox.
    `tell` hears the kind of every failure.
    """
    where = address(api_url)
    if where == "elsewhere" and not (allow_any_url and urlsplit(api_url).scheme in ("http", "https")):
        raise SlackError(f"SLACK_API_URL is {api_url!r}, neither Slack nor this machine: leave it out to use {API_URL}")
    again: list[AsyncRetryHandler] = [_Watching(tell), _Again(1, FixedValueRetryIntervalCalculator(0.05))]
    client = AsyncWebClient(token, base_url=api_url, timeout=10, retry_handlers=again, logger=quiet_logger())
    if where == "here":
        client.proxy = None
    return client


def quiet_logger() -> logging.Logger:
    """The logger for Bolt and the SDK, which says nothing: they log whole requests, message texts and connection tickets included.

    What matters of it is logged by us, in our words.
    """
    logger = logging.getLogger("bot.chat.slack.sdk")
    logger.setLevel(logging.CRITICAL)
    return logger


def understood(error: Exception) -> TryLater | Refused:
    """What an error of a call means for the reply."""
    if not isinstance(error, SlackApiError):
        return TryLater(type(error).__name__)
    code, status, headers = code_of(error), _status_of(error), getattr(error.response, "headers", {})
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return TryLater("ratelimited", retry_after(headers), uncertain=False)
    if code in _TOKEN_CODES:
        _log.error("slack_refuses_the_token", code=code)
        return TryLater(code, uncertain=False)
    if not code or code in _FOR_NOW or status >= 500:
        return TryLater(code or f"status {status}")
    return Refused(code)


def code_of(error: SlackApiError) -> str:
    """Slack's own word for the error, empty if it gave none."""
    data: Any = getattr(error.response, "data", None)
    return str(data.get("error") or "") if isinstance(data, Mapping) else ""


def _status_of(error: SlackApiError) -> int:
    response: Any = error.response
    return int(getattr(response, "status_code", None) or getattr(response, "status", None) or 0)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that Slack asks to wait, if it says so sensibly."""
    said = str(headers.get("Retry-After", "")).strip()
    return float(min(max(int(said), 1), _LONGEST_WAIT)) if said.isascii() and said.isdigit() and len(said) < 10 else None


async def insisting(
    call: Callable[[], Awaitable[AsyncSlackResponse]], setting: str, page: str, pause: Callable[[float], Awaitable[None]]
) -> AsyncSlackResponse:
    """The answer to a call that has to succeed before anything else can: unreachable is tried again, a refused token is a SlackError."""
    attempt = 0
    while True:
        try:
            return await call()
        except WORLD as error:
            meaning = understood(error)
            code = code_of(error) if isinstance(error, SlackApiError) else ""
            if isinstance(meaning, Refused) or code in _TOKEN_CODES:
                raise SlackError(
                    f"Slack refuses {setting} ({code}): copy it again from {page} of your app at api.slack.com/apps."
                ) from None
            seconds = meaning.seconds or _BACK_OFF[min(attempt, len(_BACK_OFF) - 1)]
            _log.warning("slack_unreachable", why=str(meaning), seconds=seconds)
            attempt += 1
        await pause(seconds)
