"""How the bot gets the token that it shows to Teams, and what it does on days when it gets none."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.chat.teams import login
from bot.chat.teams.login import EARLY, LAST, Login, NoToken
from bot.ports import TryLater
from tests.chat.teams.conftest import connect
from tests.chat.teams.test_sender import outgoing
from tests.chat.teams.world import APP, OUTBOUND, SECRET, TENANT, World, world

SCOPE = "https://api.botframework.com/.default"
REFUSED = {"error": "invalid_client", "error_description": f"AADSTS7000215: not {SECRET}", "error_codes": [7000215]}


class Clock:
    """Seconds, as the test says."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def teams() -> AsyncIterator[World]:
    async with world() as made:
        yield made


async def test_it_asks_as_the_app_in_its_own_tenant_and_once_for_all_replies(teams: World) -> None:
    async with connect(teams) as at:
        await asyncio.gather(*(at.chat.sender.send(outgoing()) for _ in range(3)))
    assert teams.logins == [
        {"tenant": TENANT, "grant_type": "client_credentials", "client_id": APP, "client_secret": SECRET, "scope": SCOPE},
    ]
    assert {call.headers["Authorization"] for call in teams.calls} == {f"Bearer {OUTBOUND}"}


async def test_a_token_is_renewed_before_it_ends_and_an_old_one_serves_while_there_is_no_other(teams: World) -> None:
    clock = Clock()
    asking = Login(teams.url, APP, SECRET, clock)
    for seconds, asked in ((0, 1), (3_600 - EARLY - 1, 1), (1, 2)):
        clock.now += seconds
        assert await asking.token(SCOPE, TENANT) == OUTBOUND
        assert len(teams.logins) == asked
    clock.now += 3_600 - EARLY
    teams.login_answers = [(503, {}), (503, {})]
    assert await asking.token(SCOPE, TENANT) == OUTBOUND
    clock.now += EARLY - LAST
    with pytest.raises(NoToken, match="status 503"):
        await asking.token(SCOPE, TENANT)
    assert await asking.token(SCOPE, TENANT) == OUTBOUND


@pytest.mark.parametrize(
    ("status", "body", "why", "refused"),
    [
        (401, REFUSED, "AADSTS7000215", True),
        (400, {"error": "unauthorized_client", "error_codes": [700016]}, "AADSTS700016", True),
        (400, {"error": "invalid_request"}, "status 400", True),
        (429, {}, "status 429", False),
        (503, ["no object"], "status 503", False),
        (307, {}, "status 307", False),
        (200, {"token_type": "Bearer"}, "status 200", False),
        (200, "text", "status 200", False),
    ],
)
async def test_without_a_token_replies_wait_and_the_log_says_whose_fault_it_is(
    teams: World, capsys: pytest.CaptureFixture[str], status: int, body: object, why: str, refused: bool
) -> None:
    teams.login_answers = [(status, body)]
    async with connect(teams) as at:
        with pytest.raises(TryLater, match=why) as later:
            await at.chat.sender.send(outgoing())
        assert not later.value.uncertain
        assert teams.calls == []
        assert await at.chat.sender.send(outgoing()) is not None
    told = capsys.readouterr().out
    assert ("teams_refuses_the_token" in told) is refused
    assert SECRET not in told


async def test_a_login_that_does_not_answer_is_not_waited_for_and_the_loop_goes_on(teams: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The login is played by this very loop: were it held up, the login's time-out would never be told from its answer."""
    monkeypatch.setattr(login, "TIMEOUT", 0.05)
    teams.login_hold = asyncio.Event()
    async with connect(teams) as at:
        with pytest.raises(TryLater, match="no token"):
            await at.chat.sender.send(outgoing())
        teams.login_hold.set()
        assert await at.chat.sender.send(outgoing()) is not None


async def test_a_login_that_is_not_there_is_tried_again(teams: World) -> None:
    async with connect(teams, login_url="http://127.0.0.1:9") as at:
        with pytest.raises(TryLater, match="ClientConnectorError"):
            await at.chat.sender.send(outgoing())


async def test_who_goes_away_while_it_asks_takes_nobodys_token_away(teams: World) -> None:
    teams.login_hold = asyncio.Event()
    asking = Login(teams.url, APP, SECRET)
    first, second = (asyncio.create_task(asking.token(SCOPE, TENANT)) for _ in range(2))
    await teams.login_asked.wait()
    first.cancel()
    teams.login_hold.set()
    assert await second == OUTBOUND
    assert len(teams.logins) == 1


async def test_a_token_that_teams_refuses_is_asked_for_anew(teams: World) -> None:
    async with connect(teams) as at:
        await at.chat.sender.send(outgoing())
        teams.answers = [(401, {})]
        with pytest.raises(TryLater, match="401"):
            await at.chat.sender.send(outgoing())
        assert await at.chat.sender.send(outgoing()) is not None
    assert len(teams.logins) == 2


async def test_a_stop_does_not_wait_for_the_login(teams: World) -> None:
    teams.login_hold = asyncio.Event()
    asking = Login(teams.url, APP, SECRET)
    waiting = asyncio.create_task(asking.token(SCOPE, TENANT))
    await teams.login_asked.wait()
    await asking.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    teams.login_hold.set()


async def test_no_secret_of_the_environment_takes_the_place_of_ours(teams: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CLIENT_SECRET", "MANAGED_IDENTITY_CLIENT_ID", "CLIENT_ID", "TENANT_ID", "CLOUD"):
        monkeypatch.setenv(name, "USGov" if name == "CLOUD" else "somebody-elses")
    async with connect(teams) as at:
        await at.chat.sender.send(outgoing())
    assert [asked["client_secret"] for asked in teams.logins] == [SECRET]
