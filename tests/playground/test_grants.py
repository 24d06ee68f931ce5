"""The stand-in's OAuth: a page to choose on, a code that is good once, tokens for one workspace or an organisation, the way out."""

import logging
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import StandIn
from bot.playground.grants import CODE_LIFE
from tests.playground.echo import MANIFEST

QUIET = logging.getLogger("tests.quiet")
QUIET.setLevel(logging.CRITICAL)  # the SDK logs tokens at debug level
BACK = "http://127.0.0.1:9/back"


class Clock:
    def __init__(self) -> None:
        self.now = 1_795_251_600.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[StandIn]:
    async with StandIn(MANIFEST, clock=clock) as standin:
        standin.add_team("T0HARBOUR", "Harbour <Ltd>")
        standin.add_team("T0NORTH", "North", enterprise="E0GROUP", everywhere=True)
        standin.add_team("T0SOUTH", "South", enterprise="E0GROUP", everywhere=True)
        yield standin


async def asked(slack: StandIn, **changes: str) -> tuple[int, str, str]:
    """The status, the page, and where it leads."""
    query = {"client_id": slack.grants.client_id, "scope": "chat:write", "state": "abc", "redirect_uri": BACK, **changes}
    async with (
        ClientSession() as session,
        session.get(slack.page_url + "oauth/v2/authorize", params=query, allow_redirects=False) as response,
    ):
        return response.status, await response.text(), response.headers.get("Location", "")


async def code(slack: StandIn, team: str) -> str:
    _, _, location = await asked(slack, team=team)
    back = parse_qs(urlsplit(location).query)
    assert location.startswith(BACK)
    assert back["state"] == ["abc"]
    return back["code"][0]


async def exchange(slack: StandIn, given: str, **changes: str) -> Any:
    credentials = {"client_id": slack.grants.client_id, "client_secret": slack.grants.client_secret, "redirect_uri": BACK, **changes}
    return await AsyncWebClient(base_url=slack.api_url, logger=QUIET).oauth_v2_access(code=given, **credentials)


async def test_who_names_no_workspace_chooses_one_on_a_page(slack: StandIn) -> None:
    status, page, _ = await asked(slack)
    assert status == 200
    assert "Allow in Harbour &lt;Ltd&gt;" in page
    assert page.count("<li>") == 4


@pytest.mark.parametrize("changes", [{"client_id": "1.2"}, {"redirect_uri": "https://evil.example/"}, {"redirect_uri": ""}])
async def test_an_app_that_it_does_not_know_and_a_way_back_to_elsewhere_are_refused(slack: StandIn, changes: dict[str, str]) -> None:
    assert (await asked(slack, **changes))[0] == 400


async def test_who_cancels_is_sent_back_with_the_reason(slack: StandIn) -> None:
    slack.grants.refuses = True
    assert (await asked(slack, team="T0HARBOUR"))[2] == f"{BACK}?error=access_denied&state=abc"


async def test_a_code_is_good_once_and_its_token_opens_that_workspace_alone(slack: StandIn) -> None:
    given = await code(slack, "T0HARBOUR")
    answer = await exchange(slack, given)
    assert (answer["team"]["id"], answer["enterprise"], answer["is_enterprise_install"]) == ("T0HARBOUR", None, False)
    me = await AsyncWebClient(answer["access_token"], base_url=slack.api_url, logger=QUIET).auth_test()
    assert me["team_id"] == "T0HARBOUR"
    assert slack.bot_token != answer["access_token"]
    with pytest.raises(SlackApiError, match="invalid_code"):
        await exchange(slack, given)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "1.2"}, "invalid_client_id"),
        ({"client_secret": "x"}, "bad_client_secret"),
        ({"redirect_uri": "http://x"}, "bad_redirect_uri"),
    ],
)
async def test_a_code_is_for_the_app_and_the_address_that_asked(slack: StandIn, changes: dict[str, str], error: str) -> None:
    with pytest.raises(SlackApiError, match=error):
        await exchange(slack, await code(slack, "T0HARBOUR"), **changes)


async def test_a_code_ends_after_ten_minutes(slack: StandIn, clock: Clock) -> None:
    given = await code(slack, "T0HARBOUR")
    clock.now += CODE_LIFE + 1
    with pytest.raises(SlackApiError, match="invalid_code"):
        await exchange(slack, given)


async def test_an_organisation_gets_one_token_for_all_its_workspaces(slack: StandIn) -> None:
    answer = await exchange(slack, await code(slack, "T0NORTH"))
    assert (answer["team"], answer["enterprise"]["id"], answer["is_enterprise_install"]) == (None, "E0GROUP", True)
    assert [team.token == answer["access_token"] for team in slack.teams] == [False, False, True, True]
    assert (await AsyncWebClient(answer["access_token"], base_url=slack.api_url, logger=QUIET).auth_test())["is_enterprise_install"] is True


async def test_to_install_again_gives_the_same_token(slack: StandIn) -> None:
    first = await exchange(slack, await code(slack, "T0HARBOUR"))
    again = await exchange(slack, await code(slack, "T0HARBOUR"))
    assert first["access_token"] == again["access_token"]


async def test_the_last_token_takes_the_app_with_it(slack: StandIn) -> None:
    client = AsyncWebClient(slack.bot_token, base_url=slack.api_url, logger=QUIET)
    assert (await client.auth_revoke(test=True))["revoked"]
    await client.auth_test()
    await client.auth_revoke()
    with pytest.raises(SlackApiError, match="token_revoked"):
        await client.auth_test()
    assert slack.home.token == ""
