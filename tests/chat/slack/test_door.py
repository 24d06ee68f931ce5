"""The HTTP door: what Slack signed just now comes in, and nothing else."""

import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.playground import StandIn
from tests.chat.slack.conftest import Connected, connect
from tests.chat.slack.test_events import payload


def signed(secret: str, body: str, at: int | None = None) -> dict[str, str]:
    """The headers of a request that Slack signed."""
    stamp = str(int(time.time()) if at is None else at)
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}", "Content-Type": "application/json"}


async def post(at: Connected, body: str | bytes, headers: dict[str, str], path: str = "/slack/events") -> int:
    async with ClientSession() as session, session.post(at.url + path, data=body, headers=headers) as response:
        return response.status


async def test_only_what_slack_signed_just_now_comes_in(slack: StandIn) -> None:
    body = json.dumps(payload("message"))
    async with connect(slack, "http") as at:
        assert await post(at, body, {"Content-Type": "application/json"}) == 401
        assert await post(at, body, signed("another secret", body)) == 401
        assert await post(at, body + " ", signed(slack.signing_secret, body)) == 401
        assert await post(at, body, signed(slack.signing_secret, body, int(time.time()) - 301)) == 401
        assert await post(at, body, {**signed(slack.signing_secret, body), "X-Slack-Request-Timestamp": "soon"}) == 401
        assert await post(at, body, {**signed(slack.signing_secret, body), "X-Slack-Signature": "v0=\u00e9"}) == 401
        assert await post(at, f"ssl_check=1&payload={body}", {"Content-Type": "application/x-www-form-urlencoded"}) == 401
        assert await post(at, "ssl_check=1&token=old", {"Content-Type": "application/x-www-form-urlencoded"}) == 200
        await at.rest()
        assert at.heard == []
        assert await post(at, body, signed(slack.signing_secret, body)) == 200
        await at.rest()
        assert len(at.heard) == 1


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{", b"[]", b'"x"', b"[" * 5_000, b"{" * 5_000, b"payload=%7B", b"payload=7", b""])
async def test_malformed_requests_are_refused_without_a_trace(slack: StandIn, body: bytes) -> None:
    async with connect(slack, "http") as at:
        assert await post(at, body, {"Content-Type": "application/json"}) in (400, 401)
        assert await post(at, body, {"Content-Type": "application/x-www-form-urlencoded; charset=nonsense"}) in (400, 401)


async def test_requests_wait_at_slack_while_we_are_not_ready(slack: StandIn) -> None:
    body = json.dumps(payload("message"))
    async with connect(slack, "http") as at:
        await at.chat.stop()
        assert await post(at, body, signed(slack.signing_secret, body)) == 503
        assert at.heard == []


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_the_health_check_tells_whether_we_listen(slack: StandIn, transport: Any) -> None:
    async with connect(slack, transport) as at, ClientSession() as session:
        async with session.get(at.url + "/healthz") as response:
            assert (response.status, await response.json()) == (200, {"ok": True})
        await at.chat.stop()
        async with session.get(at.url + "/healthz") as response:
            assert (response.status, await response.json()) == (503, {"ok": False})


async def test_without_a_signing_secret_there_is_no_door(slack: StandIn) -> None:
    async with connect(slack, "socket") as at:
        assert await post(at, "{}", {}) == 404
