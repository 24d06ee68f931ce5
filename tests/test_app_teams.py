"""One process in Slack and in Teams, and `spellout serve` in Teams alone."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.app import manifest
from bot.app_teams import introduce, make
from bot.chat.slack.app import SlackChat
from bot.core.brain import Brain
from bot.core.messages import Place, Reply
from bot.core.rulebook import Rulebook
from bot.playground import StandIn
from bot.ports import Outgoing, TryLater
from bot.service import Service
from bot.settings import OperatorError, table
from bot.settings_teams import TeamsSettings
from bot.store import SqlStore
from bot.together import Together
from tests.chat.slack.stage import WORDS
from tests.chat.teams.conftest import _alone  # noqa: F401 - the SDK is here, and alone
from tests.chat.teams.stage import make_chat, visible
from tests.chat.teams.world import World, deliver, listening, world
from tests.test_app import QUESTION, free_port, heard, serving, stopped
from tests.test_app import settings as slack_settings

WHOLE = {
    "TEAMS_CLIENT_ID": "11111111-2222-4333-8444-555555555555",
    "TEAMS_CLIENT_SECRET": "abc8Q~0123456789-0123456789",
    "TEAMS_TENANT_ID": "99999999-8888-4777-8666-555555555555",
}


async def test_one_process_serves_slack_and_teams_and_each_answers_its_own(rules: Rulebook, tmp_path: Path) -> None:
    async with StandIn(manifest()) as slack, world() as teams:
        brain, store = Brain(rules), SqlStore.open(f"sqlite:///{tmp_path}/spellout.sqlite")
        in_slack = SlackChat(bot_token=slack.bot_token, app_token=slack.app_token, words=WORDS, api_url=slack.api_url)
        both = Together(slack=in_slack, teams=make_chat(teams))
        service = Service(store, both.sender, brain)
        runner, url = await listening(both.mount)
        await both.start(service.hear)
        await service.start()
        try:
            assert await both.connected()
            asked = await slack.people.say("maya", "vendor-contracts", QUESTION)
            assert (await deliver(url, teams.activity("message", text=QUESTION), teams.token()))[0] == 200
            (answer,) = await slack.until(lambda: slack.said("vendor-contracts", asked.ts))
            await service.idle()
            (message,) = teams.messages.values()
            assert "ecruitment process outsourcing" in str(answer)
            assert "Recruitment process outsourcing" in visible(message.card)
        finally:
            await both.stop(1)
            await service.stop(1)
            await both.close()
            await runner.cleanup()
            store.close()


async def test_a_reply_of_a_service_that_is_not_served_now_waits() -> None:
    out = Outgoing(1, Place("teams", "T", "C", "1"), Reply((), "x"), None, None, None, 0)
    with pytest.raises(TryLater, match="teams is not served here"):
        await Together().send(out)


def environment(folder: Path, **more: str) -> dict[str, str]:
    class Nothing:
        bot_token, api_url = "", ""

    kept: Any = Nothing()
    ours = slack_settings(kept, folder, **more)
    return {name: value for name, value in ours.items() if name in more or name not in {row.name for row in table(TeamsSettings)}}


async def test_in_teams_alone_it_serves_answers_and_stops_when_told(tmp_path: Path) -> None:
    port, status_port = free_port(), free_port()
    given = environment(tmp_path, TEAMS_LOCAL="true", PORT=str(port), SPELLOUT_STATUS_PORT=str(status_port))
    async with world() as teams, serving(tmp_path, given) as program:
        url = f"http://127.0.0.1:{port}"
        await heard(program)
        async with ClientSession() as session, session.get(f"{url}/healthz") as answer:
            assert (answer.status, await answer.json()) == (200, {"ok": True})
        assert await deliver(url, teams.activity("message", text=QUESTION)) == (200, None)
        await posted(teams)
        with pytest.raises(ConnectionRefusedError):  # another address of this very machine
            await asyncio.open_connection("127.0.0.2", port)
        status = f"http://127.0.0.1:{status_port}/readyz"
        async with ClientSession() as session, session.get(status) as answer:
            ready = await answer.json()
        assert (ready["ready"], ready["teams"], "slack" in ready) == (True, {"connected": True}, False)
        log = await stopped(program)
    assert "Traceback" not in log
    assert "Warning" not in log


async def posted(teams: World) -> None:
    """Until the bot has posted."""
    came = asyncio.Event()
    teams.watch = lambda kind, message: came.set()
    if not teams.messages:
        await asyncio.wait_for(came.wait(), 20)


async def test_what_is_unchecked_is_never_served_to_other_machines(tmp_path: Path) -> None:
    async with serving(tmp_path, environment(tmp_path, TEAMS_LOCAL="true", SPELLOUT_HOST="0.0.0.0", PORT=str(free_port()))) as program:
        _, told = await program.communicate()
    assert (program.returncode, told.decode()) == (1, "TEAMS_LOCAL works on this machine alone: leave SPELLOUT_HOST (0.0.0.0) out.\n")


async def test_with_half_of_the_credentials_it_says_what_is_missing(tmp_path: Path) -> None:
    given = environment(tmp_path, TEAMS_CLIENT_ID="11111111-2222-4333-8444-555555555555")
    async with serving(tmp_path, given) as program:
        _, told = await program.communicate()
    assert program.returncode == 1
    assert told.decode().startswith("Set TEAMS_CLIENT_SECRET and TEAMS_TENANT_ID too")
    assert told.decode().count("\n") == 1


@pytest.mark.parametrize(("number", "named"), [(7000215, "TEAMS_CLIENT_SECRET"), (700016, "TEAMS_CLIENT_ID"), (90002, "TEAMS_TENANT_ID")])
async def test_credentials_that_microsoft_refuses_end_the_start_with_a_sentence(number: int, named: str) -> None:
    async with world() as teams:
        teams.login_answers = [(401, {"error_codes": [number], "error_description": "what was sent"})]
        chat = make_chat(teams)
        with pytest.raises(OperatorError, match=rf"Microsoft refuses the credentials of Teams \(AADSTS{number}\).*{named}") as told:
            await introduce(chat)
        assert "what was sent" not in str(told.value)
        unverified = [chat.unverified]
        await introduce(chat)
        assert [*unverified, chat.unverified] == [("token", "keys"), ("keys",)]
        await chat.close()


@pytest.mark.parametrize("answer", [(503, {}), (429, {}), (400, {"error_codes": [90033]})])
async def test_a_trouble_of_microsofts_own_is_told_and_the_start_goes_on(
    answer: tuple[int, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    async with world() as teams:
        teams.login_answers = [answer]
        chat = make_chat(teams)
        await introduce(chat)
        assert "teams_token_not_fetched" in capsys.readouterr().out
        await chat.close()


async def test_where_microsoft_cannot_be_reached_serve_starts_and_says_what_is_not_verified_yet(tmp_path: Path) -> None:
    """A proxy that is not there stands for a network without a way out."""
    port, status = free_port(), free_port()
    nowhere = dict.fromkeys(("HTTPS_PROXY", "https_proxy"), "http://127.0.0.1:9")
    given = environment(tmp_path, **WHOLE, **nowhere, PORT=str(port), SPELLOUT_STATUS_PORT=str(status))
    async with serving(tmp_path, given) as program:
        log = await heard(program)
        async with ClientSession() as session, session.get(f"http://127.0.0.1:{status}/readyz") as answer:
            ready = await answer.json()
            assert (answer.status, ready["teams"]) == (200, {"connected": True, "not_yet_verified": ["token", "keys"]})
        log += await stopped(program)
    assert "teams_token_not_fetched" in log
    assert "teams_keys_not_fetched" in log
    assert "Traceback" not in log


def test_the_programs_own_settings_make_a_door_for_the_tenants_that_are_named(rules: Rulebook) -> None:
    other = "77777777-8888-4777-8666-555555555555"
    given = {
        **WHOLE,
        "TEAMS_ALLOWED_TENANTS": other,
        "TEAMS_SERVICE_HOSTS": "smba.infra.gov.teams.microsoft.us",
    }
    trust = make(TeamsSettings.model_validate(given), rules)._trust
    assert trust.tenants == {other, "99999999-8888-4777-8666-555555555555"}
    assert trust.address("https://smba.infra.gov.teams.microsoft.us/x")
    assert not trust.here


@pytest.mark.parametrize(
    ("given", "targeted"),
    [
        (WHOLE, False),
        ({**WHOLE, "TEAMS_TARGETED_MESSAGES": "true"}, True),
        ({"TEAMS_LOCAL": "true", "TEAMS_TARGETED_MESSAGES": "true"}, False),
    ],
)
def test_private_replies_depend_on_a_preview_only_where_the_operator_says_so(
    rules: Rulebook, given: dict[str, str], targeted: bool
) -> None:
    """The Agents Playground, which the local mode is for, knows no such messages."""
    assert make(TeamsSettings.model_validate(given), rules).capabilities.targeted is targeted


@pytest.mark.parametrize(
    ("cloud", "issuer", "login", "connector"),
    [
        ("public", "https://api.botframework.com", "https://login.microsoftonline.com", "https://smba.trafficmanager.net/teams"),
        ("gcc", "https://api.botframework.com", "https://login.microsoftonline.com", "https://smba.infra.gcc.teams.microsoft.com/teams"),
        ("gcch", "https://api.botframework.us", "https://login.microsoftonline.us", "https://smba.infra.gov.teams.microsoft.us/teams"),
        ("dod", "https://api.botframework.us", "https://login.microsoftonline.us", "https://smba.infra.dod.teams.microsoft.us/teams"),
    ],
)
def test_in_every_cloud_it_trusts_logs_in_and_sends_where_that_cloud_is(
    rules: Rulebook, cloud: str, issuer: str, login: str, connector: str
) -> None:
    made = make(TeamsSettings.model_validate({**WHOLE, "TEAMS_CLOUD": cloud}), rules)
    inner = made._connector
    assert (inner.issuer, inner._login._endpoint, inner._default) == (issuer, login, connector)
    assert made._trust.address(connector)
    assert made._trust.address("https://smba.trafficmanager.net/emea/") is (cloud == "public")


def test_the_programs_own_check_holds_where_settings_were_passed_by(rules: Rulebook) -> None:
    with pytest.raises(OperatorError, match="TEAMS_CLIENT_ID"):
        make(TeamsSettings.model_validate({}), rules)
