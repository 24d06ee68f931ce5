"""Workspaces add Spellout by themselves, through the real Bolt and the stand-in's OAuth, and take it out again."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from bot.chat.slack import install
from bot.chat.slack.install import STATE_SECONDS
from bot.chat.slack.pages import Pages
from bot.core.brain import Brain
from bot.core.rulebook import Rulebook
from bot.playground.workspace import Channel
from bot.ports import Installation, StoreError
from bot.store import installing
from bot.store.tables import install_states, metadata
from tests.chat.slack.house import CHANNEL, Browser, House, house

NAMED = "ecruitment process outsourcing"


@pytest.fixture(scope="module")
def brain(rules: Rulebook) -> Brain:
    return Brain(rules)


@pytest.fixture
async def at(brain: Brain) -> AsyncIterator[House]:
    async with house(brain) as running:
        yield running


# --------------------------------------------------------------------------- the story


async def test_from_the_install_page_to_an_answer_and_out_again_with_nothing_left(at: House) -> None:
    harbour = at.slack.add_team("T0HARBOUR", "Harbour & Sons <Ltd>")
    before = await at.ask(harbour)
    assert at.answers(harbour, before) == []

    page = await at.install(harbour)
    assert page.status == 200
    assert "Spellout is in Harbour &amp; Sons &lt;Ltd&gt;" in page.text
    assert page.button == "https://slack.com/app_redirect?app=A0SPELLOUT&team=T0HARBOUR"

    (answer,) = at.answers(harbour, await at.ask(harbour))
    assert NAMED in answer
    assert {"conversations", "posts", "installations", "marks"} <= set(at.kept("T0HARBOUR"))

    at.slack.uninstall(harbour)
    await at.rest()
    assert at.kept("T0HARBOUR") == {}
    calls = len(at.slack.faults.calls)
    assert at.answers(harbour, await at.ask(harbour)) == []
    assert len(at.slack.faults.calls) == calls
    assert at.kept("T0HARBOUR") == {}


async def test_each_workspace_is_answered_with_its_own_token(at: House) -> None:
    harbour = at.slack.add_team("T0HARBOUR", "Harbour")
    for team in (at.slack.home, harbour):
        assert (await at.install(team)).status == 200
    for team, other in ((at.slack.home, harbour), (harbour, at.slack.home)):
        message = await at.ask(team)
        assert len(at.answers(team, message)) == 1
        assert at.answers(other, message) == []


async def test_an_organisation_installs_it_once_for_all_its_workspaces(at: House) -> None:
    first = at.slack.add_team("T0NORTH", "North", enterprise="E0GROUP", everywhere=True)
    second = at.slack.add_team("T0SOUTH", "South", enterprise="E0GROUP", everywhere=True)
    second.workspace.add(Channel("C0SOUTH", "south-deals", "public", set(second.workspace.people)))
    page = await at.install(first)
    assert "Spellout is in E0GROUP" in page.text
    for team, channel in ((first, CHANNEL), (second, "south-deals")):
        message = await at.ask(team, channel=channel)
        assert len(at.answers(team, message)) == 1
        await team.people.command("maya", channel, "/spellout KPO")
        await at.rest()
        assert len(team.workspace.whispers(team.workspace.person("maya").id)) == 1
    assert set(at.kept("E0GROUP")) >= {"conversations", "installations"}
    assert at.kept("T0NORTH") == at.kept("T0SOUTH") == {}
    at.slack.uninstall(second)
    await at.rest()
    assert at.kept("E0GROUP") == {}


# --------------------------------------------------------------------------- what can go wrong


async def test_a_state_is_good_once(at: House) -> None:
    address = await at.allow(at.slack.home)
    first = await at.browser.open(address, allow_redirects=False)
    back = first.headers["Location"]
    assert (await at.browser.open(back)).status == 200
    again = await at.browser.open(back)
    assert again.status == 400
    assert "in another browser" in again.text  # the cookie went with the first time

    fresh = await at.browser.open(await at.allow(at.slack.home), allow_redirects=False)
    with_cookie = {"Cookie": f"spellout-install={fresh.headers['Location'].rpartition('state=')[2]}"}
    assert (await at.browser.open(fresh.headers["Location"])).status == 200
    replayed = await at.browser.open(fresh.headers["Location"], headers=with_cookie)
    assert (replayed.status, "was used before" in replayed.text) == (400, True)


async def test_a_state_ends_after_ten_minutes(brain: Brain) -> None:
    now = [1_795_251_600]
    async with house(brain, clock=lambda: now[0]) as at:
        address = await at.allow(at.slack.home)
        now[0] += STATE_SECONDS
        page = await at.browser.open(address)
        assert (page.status, "too old" in page.text) == (400, True)
        assert at.store.installations("slack") == ()


async def test_visits_without_end_fill_no_table_and_who_began_last_can_finish(at: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installing, "MOST_STATES", 20)
    first = await at.allow(at.slack.home, visitor := Browser(at.browser.root))
    for _ in range(25):
        assert (await at.browser.open("/slack/install")).status == 200
        with at.store.engine.connect() as connection:
            assert connection.execute(select(func.count()).select_from(install_states)).scalar_one() <= 20
    assert (await at.install(at.slack.home)).status == 200
    page = await visitor.open(first)
    await visitor.close()
    assert (page.status, "too old" in page.text) == (400, True)


async def test_the_way_back_is_taken_in_the_browser_where_it_began(at: House) -> None:
    first = await at.browser.open(await at.allow(at.slack.home), allow_redirects=False)
    somebody = Browser(at.browser.root)
    page = await somebody.open(first.headers["Location"])
    await somebody.close()
    assert (page.status, "in another browser" in page.text) == (400, True)
    assert at.store.installations("slack") == ()


async def test_somebody_who_presses_cancel_is_told_that_nothing_changed(at: House) -> None:
    at.slack.grants.refuses = True
    page = await at.install(at.slack.home)
    assert (page.status, "chose not to allow it" in page.text) == (200, True)
    assert page.button == at.browser.root + "/slack/install"


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", "opened too late"),
        ("code=x", "opened too late"),
        ("error=%3Cscript%3Ealert(1)%3C/script%3E", "from Slack is: unknown."),
        ("error=not_allowed", "from Slack is: unknown."),
        ("error=bad_scopes", "from Slack is: bad_scopes."),
        ("error=Call+0900+123", "from Slack is: unknown."),
        ("state=%00&code=%00", "opened too late"),
    ],
)
async def test_what_anybody_may_write_into_the_address_never_becomes_part_of_the_page(at: House, query: str, shown: str) -> None:
    page = await at.browser.open(f"/slack/oauth_redirect?{query}")
    assert page.status == 400
    assert shown in page.text
    assert "<script" not in page.text


@pytest.mark.parametrize(
    ("fault", "status", "shown"),
    [("error", 400, "did not confirm it"), ("drop", 503, "Slack cannot be reached"), ("auth", 503, "Slack cannot be reached")],
)
async def test_where_slack_fails_the_page_says_so_and_nothing_is_kept(at: House, fault: str, status: int, shown: str) -> None:
    if fault == "error":
        at.slack.faults.error("oauth.v2.access", "invalid_code")
    else:
        at.slack.faults.drop("oauth.v2.access" if fault == "drop" else "auth.test", 3)
    page = await at.install(at.slack.home)
    assert (page.status, shown in page.text) == (status, True)
    assert at.store.installations("slack") == ()


@pytest.mark.parametrize("method", ["issue_state", "consume_state", "install"])
async def test_where_the_store_fails_the_page_asks_to_try_again(at: House, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*given: object) -> None:
        raise StoreError("The disk of db.internal is full.")

    monkeypatch.setattr(at.store, method, fail)
    page = await (at.browser.open("/slack/install") if method == "issue_state" else at.install(at.slack.home))
    assert (page.status, "Please try again" in page.text) == (503, True)
    assert "db.internal" not in page.text


async def test_who_is_not_on_the_list_is_refused_and_the_permission_given_back(brain: Brain) -> None:
    async with house(brain, welcome=frozenset({"T0NORTHLGT", "E0GROUP"})) as at:
        stranger = at.slack.add_team("T0STRANGER", "Stranger")
        page = await at.install(stranger)
        assert (page.status, "not open to this workspace" in page.text) == (403, True)
        assert stranger.token == ""
        assert at.store.installations("slack") == ()
        member = at.slack.add_team("T0MEMBER", "Member", enterprise="E0GROUP")
        assert [(await at.install(team)).status for team in (at.slack.home, member)] == [200, 200]


async def test_a_workspace_that_is_in_already_is_not_thrown_out_where_the_list_grew_shorter(brain: Brain) -> None:
    async with house(brain, welcome=frozenset({"T0ELSE"})) as at:
        here = at.slack.home
        here.token = "xoxb-still-good"
        at.store.install(Installation("slack", "T0NORTHLGT", here.token, "U0SPELLOUT", "B0SPELLOUT"))
        assert (await at.install(here)).status == 403
        assert here.token == "xoxb-still-good"
        assert len(at.answers(here, await at.ask(here))) == 1


async def test_a_permission_that_lacks_something_is_told_in_the_log(at: House) -> None:
    address = await at.allow(at.slack.home)
    with capture_logs() as log:
        assert (await at.browser.open(address.replace("groups%3Ahistory%2C", ""))).status == 200
    assert [line["scopes"] for line in log if line["event"] == "scopes_missing"] == [["groups:history"]]


async def test_an_app_whose_tokens_expire_is_refused(at: House) -> None:
    at.slack.grants.more = {"refresh_token": "xoxe-1"}
    page = await at.install(at.slack.home)
    assert (page.status, "token rotation" in page.text) == (400, True)
    assert at.store.installations("slack") == ()


@pytest.mark.parametrize(
    "lacking",
    [
        {"team": None},
        {"bot_user_id": None},
        {"access_token": None},
        {"access_token": None, "is_enterprise_install": True},
        {"team": {"id": "<b>"}},
        {"team": "T0NORTHLGT"},
    ],
)
async def test_an_answer_of_slack_that_is_not_whole_is_told(at: House, lacking: dict[str, object]) -> None:
    at.slack.grants.more = lacking
    page = await at.install(at.slack.home)
    assert (page.status, "not complete" in page.text) == (502, True)
    assert at.store.installations("slack") == ()


async def test_a_workspace_in_the_address_is_passed_on_and_nothing_else_is(at: House) -> None:
    asked = await at.browser.open("/slack/install?team=T0HARBOUR")
    assert asked.button.endswith("&team=T0HARBOUR")
    smuggled = await at.browser.open("/slack/install?team=T1%26redirect_uri=https://evil.example")
    assert "evil" not in smuggled.text


async def test_it_asks_for_the_scopes_of_the_manifest_and_for_nothing_of_people(at: House) -> None:
    page = await at.browser.open("/slack/install")
    asked = dict(part.split("=") for part in page.button.partition("?")[2].split("&"))
    assert asked["scope"].split(",") == sorted(at.slack.manifest.scopes)
    assert asked["user_scope"] == ""


async def test_neither_tokens_nor_states_nor_codes_are_logged(at: House) -> None:
    with capture_logs() as log:
        await at.install(at.slack.home)
        await at.browser.open("/slack/oauth_redirect?code=secretcode&state=secretstate")
    told = [line["event"] for line in log]
    assert {"installed", "installation_failed"} <= set(told)
    assert [secret for secret in (at.slack.home.token, "secretcode", "secretstate") if secret in str(log)] == []


# --------------------------------------------------------------------------- the pages


async def test_no_page_lets_anything_in_or_out(at: House) -> None:
    for address in ("/slack/install", "/slack/oauth_redirect", "/support", "/privacy"):
        headers = (await at.browser.open(address)).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"], headers["X-Frame-Options"]) == (
            "nosniff",
            "no-referrer",
            "DENY",
        )
        assert headers["Cache-Control"] == "no-store"
        assert "Server" not in headers


async def test_the_cookie_is_for_this_site_alone_and_for_ten_minutes(at: House) -> None:
    cookie = (await at.browser.open("/slack/install")).headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"} <= set(cookie.split("; "))


async def test_over_https_the_cookie_and_the_pages_never_go_in_clear(brain: Brain) -> None:
    async with house(brain, public_url="https://spellout.example.com") as at:
        headers = (await at.browser.open("/slack/install")).headers
        name, *attributes = headers["Set-Cookie"].split("; ")
        assert name.startswith("__Host-"), "so that no neighbour under the same domain can set it"
        assert {"Secure", "Path=/"} <= set(attributes)
        assert not any(attribute.startswith("Domain") for attribute in attributes)
        assert headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_the_cookie_of_https_is_known_again_on_the_way_back(brain: Brain) -> None:
    async with house(brain, public_url="https://spellout.example.com") as at:
        page = await at.browser.open("/slack/install")
        cookie = page.headers["Set-Cookie"].partition(";")[0]
        back = f"/slack/oauth_redirect?code=x&state={cookie.partition('=')[2]}"
        assert "in another browser" in (await at.browser.open(back)).text
        assert "did not confirm it" in (await at.browser.open(back, headers={"Cookie": cookie})).text


STORED = {
    "installations": "Installation",
    "install_states": "a random number that ties the steps together",
    "conversations": "Conversations",
    "channels": "Channels",
    "people": "People",
    "records": "Decision records",
    "posts": "Ids of messages that Spellout posted",
    "marks": "Ids of deliveries",
    "outbox": "Replies not sent yet",
}


async def test_the_page_about_privacy_speaks_of_everything_that_is_stored(brain: Brain) -> None:
    async with house(brain, keep_days=77, support="help@example.com") as at:
        page = await at.browser.open("/privacy")
    assert set(STORED) == set(metadata.tables), "a table came or went: tell it on the page"
    assert [words for words in STORED.values() if words not in page.text] == []
    assert "77 days" in page.text
    assert "Until somebody deletes them." in page.text
    assert '<a href="mailto:help@example.com">help@example.com</a>' in page.text


async def test_the_page_about_privacy_says_how_long_records_are_kept_where_that_is_set(brain: Brain) -> None:
    async with house(brain, keep_records_days=365) as at:
        assert "For 365 days." in (await at.browser.open("/privacy")).text


async def test_the_page_about_support_tells_whom_to_ask(brain: Brain) -> None:
    async with house(brain, support='https://example.com/?a="b"') as at:
        page = await at.browser.open("/support")
    assert '<a href="https://example.com/?a=&quot;b&quot;">' in page.text
    async with house(brain) as at:
        assert "turn to whoever runs Spellout" in (await at.browser.open("/support")).text


def test_every_reason_for_a_failure_that_the_code_gives_has_its_own_words() -> None:
    code = Path(install.__file__).read_text(encoding="utf-8")
    given = set(re.findall(r'(?:NotTaken|failed)\("([a-z_]+)"\)', code))
    bolts = {"access_denied", "invalid_browser", "invalid_state", "missing_code", "invalid_code", "storage_error"}
    assert given
    assert [reason for reason in given | bolts if not Pages.knows(reason)] == []
