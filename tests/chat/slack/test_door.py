"""The HTTP door: what Slack signed just now comes in, and nothing else."""

import hashlib
import hmac
import io
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


async def post(at: Connected, body: str | bytes | io.BytesIO, headers: dict[str, str], path: str = "/slack/events") -> int:
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


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "text/html",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/octet-stream",
        "application/jsonx",
        None,
    ],
)
async def test_only_the_two_kinds_of_content_that_slack_sends_are_read(slack: StandIn, kind: str | None) -> None:
    body = json.dumps(payload("message"))
    headers = {key: value for key, value in signed(slack.signing_secret, body).items() if key != "Content-Type"}
    async with connect(slack, "http") as at:
        assert await post(at, body.encode(), headers | ({"Content-Type": kind} if kind else {})) == 415
        assert at.heard == []


async def test_a_body_that_is_larger_than_anything_slack_sends_is_not_read(slack: StandIn) -> None:
    body = json.dumps({"type": "event_callback", "padding": "x" * (1 << 20)})
    async with connect(slack, "http") as at:
        assert await post(at, io.BytesIO(body.encode()), signed(slack.signing_secret, body)) == 413
        assert at.heard == []


@pytest.mark.parametrize(
    "body", ["{", "[]", "7", "null", '"x"', "[" * 50_000, '{"event": ' * 20_000, "payload=%7B", "payload=7", "", "\ud83d"]
)
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
async def test_what_slack_signed_is_acknowledged_even_where_it_makes_no_sense(slack: StandIn, body: str, kind: str) -> None:
    raw = body.encode("utf-8", "replace").decode()
    async with connect(slack, "http") as at:
        assert await post(at, raw, signed(slack.signing_secret, raw) | {"Content-Type": kind}) == 200
        assert at.heard == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/slack", 404),
        ("POST", "/slack/event", 404),
        ("GET", "/../../etc/passwd", 404),
        ("GET", "/slack/install", 404),  # nothing is installed by OAuth in one workspace
        ("GET", "/slack/events", 405),
        ("PUT", "/slack/events", 405),
        ("DELETE", "/healthz", 405),
    ],
)
async def test_what_is_not_here_is_refused_without_a_word(slack: StandIn, method: str, path: str, status: int) -> None:
    async with connect(slack, "http") as at, ClientSession() as session, session.request(method, at.url + path) as response:
        assert (response.status, await response.read()) == (status, b"")
        assert "Server" not in response.headers


async def test_a_fault_of_ours_says_nothing_of_itself(slack: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connect(slack, "http") as at:

        async def fail() -> bool:
            raise RuntimeError("secret of the house")

        monkeypatch.setattr(at.chat, "connected", fail)
        async with ClientSession() as session, session.get(at.url + "/healthz") as response:
            assert (response.status, await response.read()) == (500, b"")


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
