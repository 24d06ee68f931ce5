"""What proves that Teams is calling: tokens of its own, checked beside everything else."""

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.chat.teams import proof
from bot.chat.teams.guard import token_fault
from bot.core.messages import Said
from tests.chat.teams.conftest import Connected, connect
from tests.chat.teams.world import ISSUER, STRANGER, TENANT, World

SECRET = "the merger is called Bluebird"


async def test_an_activity_with_a_good_token_is_heard(at: Connected) -> None:
    status, body = await at.deliver(at.teams.activity("message", text="We need an RPO"))
    assert (status, body) == (200, None)
    (said,) = at.notes.heard
    assert isinstance(said, Said)
    assert said.text == "We need an RPO"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "66666666-2222-4333-8444-555555555555"},
        {"iss": "https://sts.windows.net/else/"},
        {"iss": f"https://login.microsoftonline.com/{TENANT}/v2.0"},
        {"iss": f"https://login.microsoftonline.com/{TENANT}/v2.0", "tid": TENANT},
        {"leave_out": "iss"},
        {"serviceurl": "https://smba.trafficmanager.net/emea/"},
        {"leave_out": "serviceurl"},
        {"leave_out": "exp"},
        {"exp": 1_000_000_000},
        {"key": STRANGER},
        {"kid": "another"},
        {"algorithm": "HS256", "key": "x" * 64},
    ],
    ids=[
        "audience",
        "issuer",
        "other issuer",
        "tenant's issuer",
        "no issuer",
        "address",
        "no address",
        "no end",
        "ended",
        "key",
        "key unknown",
        "algorithm",
    ],
)
async def test_a_token_that_proves_nothing_is_turned_away(at: Connected, changes: dict[str, Any]) -> None:
    status, body = await at.deliver(at.teams.activity("message", text="hello"), at.teams.token(**changes))
    assert (status, body) == (401, None)
    assert at.notes.heard == []


@pytest.mark.parametrize("token", ["", "garbage", "a.b.c", "e30.e30.e30"])
async def test_what_is_no_token_is_turned_away(at: Connected, token: str) -> None:
    assert await at.deliver(at.teams.activity("message", text="hello"), token) == (401, None)
    assert at.notes.heard == []


def test_of_another_issuer_no_keys_are_even_fetched(teams: World) -> None:
    """Anybody could name a tenant, and have its keys fetched from there."""
    assert token_fault(f"Bearer {teams.token()}", ISSUER) == ""
    assert token_fault(f"Bearer {teams.token(iss='https://sts.windows.net/x/', tid='x')}", ISSUER) == "issuer"


async def test_keys_are_fetched_at_the_start_and_beside_the_work(at: Connected) -> None:
    """The keys come from this very loop: fetched on it, they would never come."""
    assert at.teams.keys_fetched == 1
    assert (await at.deliver(at.teams.activity("message", text="hello")))[0] == 200
    assert at.teams.keys_fetched == 1


async def test_keys_that_cannot_be_fetched_at_the_start_are_fetched_later(teams: World) -> None:
    teams.keys_broken = True
    async with connect(teams) as at:
        assert (await at.deliver(teams.activity("message", text="hello")))[0] == 401
        assert at.notes.heard == []
        teams.keys_broken = False
        assert (await at.deliver(teams.activity("message", text="hello")))[0] == 200
    assert len(at.notes.heard) == 1


@pytest.mark.parametrize(("limit", "why"), [("CHECK", "TimeoutError"), ("FETCH", "PyJWKClientConnectionError")])
async def test_keys_that_do_not_come_are_not_waited_for_and_hold_nobody_else_up(
    teams: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], limit: str, why: str
) -> None:
    """Each limit by itself: that of a step, and that of it all, where a step is trickled or queues behind others."""
    monkeypatch.setattr(proof, "CHECK", 5)
    monkeypatch.setattr(proof, limit, 0.05)
    teams.keys_hold = asyncio.Event()
    async with asyncio.timeout(8), connect(teams) as at:
        many = await asyncio.gather(*(at.deliver(teams.activity("message", text="hello")) for _ in range(8)))
        assert {status for status, _ in many} == {401}
        teams.keys_hold.set()
    told = capsys.readouterr().out
    assert "teams_keys_not_fetched" in told
    assert why in told


async def test_keys_are_kept_for_a_day(at: Connected) -> None:
    validator = at.chat._connector._checks
    assert validator is not None
    assert validator._keys.jwk_set_cache.lifespan == 86_400


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"aud": "66666666-2222-4333-8444-555555555555"}, "audience"),
        ({"iss": "https://sts.windows.net/else/"}, "issuer"),
        ({"leave_out": "iss"}, "issuer"),
        ({"exp": 1_000_000_000}, "expired"),
        ({"leave_out": "exp"}, "no end"),
        ({"nbf": 3_900_000_000}, "not valid yet: look at the clock"),
        ({"iat": 3_900_000_000}, "not valid yet: look at the clock"),
        ({"key": STRANGER}, "signature"),
        ({"kid": "another"}, "key unknown"),
        ({"serviceurl": "https://smba.trafficmanager.net/emea/"}, "service url"),
        ({"leave_out": "serviceurl"}, "service url"),
        ({"algorithm": "HS256", "key": "x" * 64}, "signature"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_token_that_is_turned_away_is_logged_with_what_failed_and_nothing_of_it(
    at: Connected, changes: dict[str, Any], fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    token = at.teams.token(**changes)
    with capture_logs() as log:
        assert (await at.deliver(at.teams.activity("message", text=SECRET), token))[0] == 401
    assert log == [{"event": "request_turned_away", "log_level": "warning", "status": 401, "why": "token", "fault": fault}]
    assert [record.name for record in caplog.records if record.name.startswith("microsoft_teams")] == [], "the SDK says it in its own words"


@pytest.mark.parametrize(("token", "fault"), [("", "none"), ("garbage", "malformed"), ("a.b.c", "malformed"), ("e30.e30.e30", "issuer")])
async def test_what_is_no_token_is_logged_as_such(at: Connected, token: str, fault: str) -> None:
    with capture_logs() as log:
        await at.deliver(at.teams.activity("message", text=SECRET), token)
    assert log == [{"event": "request_turned_away", "log_level": "warning", "status": 401, "why": "token", "fault": fault}]


async def test_keys_that_cannot_be_fetched_are_named_as_the_cause(teams: World) -> None:
    teams.keys_broken = True
    async with connect(teams) as at:
        with capture_logs() as log:
            assert (await at.deliver(teams.activity("message", text=SECRET)))[0] == 401
    assert [line["fault"] for line in log if line["event"] == "request_turned_away"] == ["keys unreachable"]
