"""Leaving a workspace: Slack's word for it, what is deleted, and that nobody else is disturbed."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.chat.slack.app import Pace
from bot.chat.slack.departure import Departure, departure
from bot.core.brain import Brain
from bot.core.memory import Memory
from bot.core.messages import Event, Place
from bot.core.rulebook import Rulebook
from bot.core.turn import Decision
from bot.playground import StandIn
from bot.playground.team import Team
from bot.ports import Installation, StoreError
from bot.store import SqlStore
from bot.store.forgetting import LATE
from tests.chat.slack.conftest import Transport, connect
from tests.chat.slack.house import CHANNEL, House, house
from tests.service_stage import QUICK

AUTHORISED = [{"enterprise_id": None, "team_id": "T1", "user_id": "U1", "is_bot": True, "is_enterprise_install": False}]


@pytest.fixture(scope="module")
def brain(rules: Rulebook) -> Brain:
    return Brain(rules)


@pytest.fixture
async def at(brain: Brain) -> AsyncIterator[House]:
    async with house(brain) as running:
        yield running


async def two_workspaces(at: House) -> tuple[Team, Team]:
    other = at.slack.add_team("T0HARBOUR", "Harbour")
    for team in (at.slack.home, other):
        assert (await at.install(team)).status == 200
    return at.slack.home, other


def told(kind: str, **changes: Any) -> dict[str, Any]:
    event = {"type": kind, **({"tokens": {"oauth": [], "bot": ["U1"]}} if kind == "tokens_revoked" else {})}
    body = {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event_time": 1_795_251_600, "event": event}
    return {**body, "authorizations": AUTHORISED, **changes}


# --------------------------------------------------------------------------- Slack's word


@pytest.mark.parametrize("kind", ["app_uninstalled", "tokens_revoked"])
@pytest.mark.parametrize(
    ("changes", "team"),
    [
        ({}, "T1"),
        ({"authorizations": []}, "T1"),
        ({"authorizations": [{"enterprise_id": "E1", "team_id": None, "is_enterprise_install": True}]}, "E1"),
        ({"authorizations": [], "team_id": None, "enterprise_id": "E1"}, "E1"),
        ({"authorizations": [], "enterprise_id": "E1", "is_enterprise_install": True}, "E1"),
        ({"authorizations": [], "enterprise_id": "E1"}, "T1"),
    ],
)
def test_who_is_left_is_understood(kind: str, changes: dict[str, Any], team: str) -> None:
    assert departure(told(kind, **changes)) == Departure(team, 1_795_251_600)


@pytest.mark.parametrize(
    "payload",
    [
        told("app_home_opened"),
        told("tokens_revoked", event={"type": "tokens_revoked", "tokens": {"oauth": ["U2"], "bot": []}}),
        told("tokens_revoked", event={"type": "tokens_revoked"}),
        told("app_uninstalled", type="block_actions"),
        told("app_uninstalled", team_id=7, authorizations=None),
        told("app_uninstalled", event=["app_uninstalled"]),
        [],
        None,
    ],
)
def test_whatever_else_comes_is_no_departure(payload: object) -> None:
    assert departure(payload) is None


# --------------------------------------------------------------------------- nobody else is disturbed


@pytest.mark.parametrize("code", ["token_revoked", "invalid_auth", "account_inactive"])
async def test_a_token_that_is_refused_in_one_workspace_disturbs_no_other_and_its_replies_go_with_the_installation(
    at: House, code: str
) -> None:
    here, other = await two_workspaces(at)
    if code == "token_revoked":
        at.slack.tokens.revoked.add(here.token)
    else:
        at.slack.faults.error("chat.postMessage", code)
    message = await at.ask(here)
    assert at.answers(here, message) == []
    assert at.kept("T0NORTHLGT")["outbox"] == 1
    assert len(at.answers(other, await at.ask(other))) == 1
    before = at.kept("T0HARBOUR")

    at.slack.uninstall(here)
    await at.rest()
    assert at.kept("T0NORTHLGT") == {}
    assert at.kept("T0HARBOUR") == before


async def test_who_installs_again_is_answered_with_the_new_token_at_once(at: House) -> None:
    here, _ = await two_workspaces(at)
    await at.ask(here)
    at.slack.tokens.revoked.add(here.token)
    here.token = ""
    assert (await at.install(here)).status == 200
    assert len(at.answers(here, await at.ask(here, "@Spellout what is KPO?"))) == 1
    assert {call.answer["ok"] for call in at.slack.faults.made("chat.postMessage")} == {True}


async def test_replies_that_wait_for_a_good_token_are_sent_as_soon_as_it_is_there(brain: Brain) -> None:
    async with house(brain, outbox=replace(QUICK, back_off=(3600,), look=3600)) as at:
        here, other = await two_workspaces(at)
        at.slack.tokens.revoked.add(here.token)
        message = await at.ask(here)
        assert at.answers(here, message) == []
        assert (await at.install(other)).status == 200
        await at.rest()
        assert at.kept("T0NORTHLGT")["outbox"] == 1, "what another workspace does is nothing to it"
        here.token = ""
        assert (await at.install(here)).status == 200
        await at.slack.until(lambda: at.answers(here, message))


async def test_a_new_token_that_another_process_took_down_is_found_when_the_old_one_is_refused(brain: Brain) -> None:
    async with house(brain, outbox=replace(QUICK, back_off=(0,))) as at:
        here, _ = await two_workspaces(at)
        await at.ask(here)
        before = at.store.installation("slack", "T0NORTHLGT")
        assert before
        here.token = "xoxb-new"
        at.store.install(replace(before, token="xoxb-new"))
        message = await here.people.say("maya", CHANNEL, "@Spellout what is KPO?")
        await at.slack.until(lambda: at.answers(here, message))


async def test_requests_of_a_workspace_without_an_installation_are_acknowledged_and_dropped_with_a_word_in_the_log(at: House) -> None:
    here = at.slack.home
    here.token = "xoxb-from-elsewhere"
    with capture_logs() as log:
        await at.ask(here)
        answer = await here.people.command("maya", CHANNEL, "/spellout KPO")
        await at.rest()
    assert answer.ok
    assert all(delivered.answer.ok for delivered in at.slack.dispatcher.delivered)
    assert [line["team"] for line in log if line["event"] == "not_installed"] == ["T0NORTHLGT", "T0NORTHLGT"]
    assert at.kept("T0NORTHLGT") == {}


# --------------------------------------------------------------------------- what comes late, and what fails


@pytest.mark.parametrize("gap", [-3600, -30])
async def test_a_word_that_comes_after_a_new_installation_does_not_undo_it(at: House, gap: int) -> None:
    here, _ = await two_workspaces(at)
    installation = at.store.installation("slack", "T0NORTHLGT")
    assert installation
    late = here.payloads.event(here.payloads.uninstalled(), None) | {"event_time": installation.installed_at + gap}
    at.slack.dispatcher.event(late)
    await at.rest()
    assert at.store.installation("slack", "T0NORTHLGT") == installation


async def test_where_only_slack_could_tell_and_cannot_be_asked_the_word_is_awaited_again(at: House) -> None:
    here, _ = await two_workspaces(at)
    at.slack.faults.refuse("auth.test", status=503)
    at.slack.uninstall(here)
    await at.rest()
    assert at.kept("T0NORTHLGT") == {}
    assert [delivered.answer.ok for delivered in at.slack.dispatcher.delivered].count(False) == 1


async def test_a_message_that_comes_while_the_installation_cannot_be_read_is_answered_once_it_can(
    at: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, _ = await two_workspaces(at)
    look_up, failures = at.store.installation, [StoreError("The disk is full.")]

    def fail_once(service: str, team: str) -> Installation | None:
        if failures:
            raise failures.pop()
        return look_up(service, team)

    monkeypatch.setattr(at.store, "installation", fail_once)
    message = await at.ask(here)
    assert len(at.answers(here, message)) == 1
    assert False in [delivered.answer.ok for delivered in at.slack.dispatcher.delivered]


async def test_a_word_that_the_store_cannot_follow_now_is_awaited_again(at: House, monkeypatch: pytest.MonkeyPatch) -> None:
    here, _ = await two_workspaces(at)
    uninstall, failures = at.store.uninstall, [StoreError("The disk is full.")]

    def fail_once(service: str, team: str) -> None:
        if failures:
            raise failures.pop()
        uninstall(service, team)

    monkeypatch.setattr(at.store, "uninstall", fail_once)
    at.slack.uninstall(here)
    await at.rest()
    assert at.kept("T0NORTHLGT") == {}
    assert False in [delivered.answer.ok for delivered in at.slack.dispatcher.delivered]


async def test_what_is_being_heard_while_a_workspace_leaves_leaves_nothing_behind(at: House, monkeypatch: pytest.MonkeyPatch) -> None:
    here, _ = await two_workspaces(at)
    hear, uninstall, loop = at.service.hear, at.store.uninstall, asyncio.get_running_loop()
    reached, go, gone = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slowly(event: Event) -> Any:
        reached.set()
        await go.wait()
        return await hear(event)

    def noted(service: str, team: str) -> None:
        uninstall(service, team)
        loop.call_soon_threadsafe(gone.set)

    at.chat._ear.hear = slowly
    monkeypatch.setattr(at.store, "uninstall", noted)
    await here.people.say("maya", CHANNEL, "Should we bring in an RPO?")
    await reached.wait()
    at.slack.uninstall(here)
    with suppress(TimeoutError):
        await asyncio.wait_for(gone.wait(), 0.2)  # time enough to be gone too early
    go.set()
    await at.rest()
    assert at.kept("T0NORTHLGT") == {}


async def test_what_is_heard_while_another_process_has_taken_the_workspaces_leave_is_deleted_later(at: House) -> None:
    here, other = await two_workspaces(at)
    await at.ask(here)
    at.store.uninstall("slack", "T0NORTHLGT")  # the other process; here the installation is believed for a minute
    await at.ask(here, "@Spellout what is KPO?")
    await at.ask(other)
    others = at.kept("T0HARBOUR")
    assert at.kept("T0NORTHLGT")
    for _ in at.store.purge(int(time.time()) + LATE + 1):
        pass
    assert at.kept("T0NORTHLGT") == {}
    assert at.kept("T0HARBOUR") == others


MARKS = ("slack:T0NORTHLGT:event:Ev0",)


def heard_before(store: SqlStore) -> bool:
    """Whether the store remembers the event by which something was stored of the workspace; it does from now on."""

    def remember(event_place: Place, memory: Memory) -> Decision:
        return Decision(memory.model_copy(update={"channel": memory.channel.model_copy(update={"name": "vendors"})}))

    return not store.step(Place("slack", "T0NORTHLGT", "C0VENDOR", "1.0"), MARKS, 1, remember).new


@pytest.fixture
def store() -> Iterator[SqlStore]:
    opened = SqlStore.open("sqlite://")
    assert not heard_before(opened)
    yield opened
    opened.close()


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_the_one_workspace_of_a_bot_token_is_forgotten_too(slack: StandIn, store: SqlStore, transport: Transport) -> None:
    async with connect(slack, transport, installations=store) as at:
        slack.uninstall(slack.home)
        await at.rest()
        assert all(at.tries)
        assert at.heard == []
        assert not heard_before(store)


@pytest.mark.parametrize("kind", ["revoked", "uninstalled"])
async def test_the_one_workspace_whose_token_was_only_changed_for_a_new_one_is_kept(slack: StandIn, store: SqlStore, kind: str) -> None:
    async with connect(slack, "http", installations=store) as at:
        payloads = slack.home.payloads
        await at.deliver(payloads.event(getattr(payloads, kind)(), None))
        assert all(at.tries)
        assert heard_before(store)


async def test_whether_the_one_workspace_was_left_is_asked_again_where_slack_cannot_say(slack: StandIn, store: SqlStore) -> None:
    async def pause(seconds: float) -> None:
        """No time passes."""

    async with connect(slack, "http", installations=store, pace=Pace(pause=pause)) as at:
        slack.faults.refuse("auth.test", status=503)
        slack.uninstall(slack.home)
        await at.rest()
        assert at.tries.count(False) == 1
        assert not heard_before(store)
