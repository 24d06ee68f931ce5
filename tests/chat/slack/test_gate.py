"""The gate stops what can only be met with silence, and nothing else."""

import asyncio
import itertools
import json
from contextlib import ExitStack, closing
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import select

from bot.chat.slack.events import overheard, translate
from bot.chat.slack.gate import Gate, Ignores
from bot.chat.slack.payload import Us
from bot.core.brain import Brain
from bot.core.messages import Event, Said
from bot.core.rulebook import Rulebook
from bot.playground import StandIn
from bot.service import Service
from bot.store import SqlStore
from tests.chat.slack.conftest import CHANNEL, MANIFEST, Connected, Transport, connect
from tests.chat.slack.house import KEEPING, QUESTION, house
from tests.chat.slack.test_door import post, signed
from tests.chat.slack.test_events import NAMES, US, payload
from tests.chat.slack.test_fuzzing import EVENTS, spoiled
from tests.service_stage import Rules

TRANSPORTS: tuple[Transport, ...] = ("socket", "http")
PIECES = (
    *("RPO", "an rpo", "the BPOs", "KPO", "`RPO`", "> RPO", "SLA", "recruitment process outsourcing", "research process outsourcing"),
    *("lunch at noon", "hire 40 nurses", "?", "2", "a lot", "not sure", "stop", "help", "choose", "classify", "\n", "&lt;", "<@U0MAYA>"),
)


@pytest.fixture(scope="module")
def brain(rules: Rulebook) -> Brain:
    return Brain(rules)


def unless_it_concerns(brain: Brain) -> Ignores:
    return lambda event: not brain.concerns(event)


def gate_of(at: Connected) -> Gate:
    return at.chat._gate


def here(body: Any, at: Connected) -> Any:
    """The same request in the stand-in's workspace."""
    text = json.dumps(body).replace("T0HOME", at.slack.workspace.team).replace("U0SPELL", at.slack.workspace.bot.id)
    return json.loads(text)


# --------------------------------------------------------------------------- what is stopped


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_ordinary_messages_are_acknowledged_and_nobody_is_troubled(
    slack: StandIn, transport: Transport, brain: Brain, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connect(slack, transport, unless_it_concerns(brain)) as at:
        await at.rest()

        async def troubled(*given: object) -> None:
            raise AssertionError("Bolt was asked")

        with monkeypatch.context() as patched:
            patched.setattr(AsyncApp, "async_dispatch", troubled)
            await slack.people.say("maya", CHANNEL, "Lunch at noon?")
            await at.rest()
        await slack.people.say("maya", CHANNEL, QUESTION)
        await at.rest()
        assert [event.text for event in at.heard if isinstance(event, Said)] == [QUESTION]
        assert all(at.tries)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_answers_mentions_direct_messages_edits_commands_and_buttons_come_through(
    slack: StandIn, transport: Transport, brain: Brain
) -> None:
    async with connect(slack, transport, unless_it_concerns(brain)) as at:
        head = await slack.people.say("maya", CHANNEL, "Lunch at noon?")
        await slack.people.say("jonas", CHANNEL, "2", thread=head)
        await slack.people.say("maya", CHANNEL, "@Spellout thanks")
        await slack.people.say("maya", "@", "a lot")
        await slack.people.edit("maya", head, "Lunch at one?")
        await slack.people.delete("maya", head)
        await slack.people.command("maya", CHANNEL, "/spellout settings")
        await at.rest()
        kinds = [type(event).__name__ for event in at.heard]
        assert [event.text for event in at.heard if isinstance(event, Said)] == ["2", "thanks", "thanks", "a lot", "Lunch at one?"]
        assert {"Deleted", "Commanded"} <= set(kinds)


@pytest.mark.parametrize("name", NAMES)
async def test_of_all_that_slack_sends_only_messages_without_a_concern_are_stopped(name: str, slack: StandIn, brain: Brain) -> None:
    async with connect(slack, "http", unless_it_concerns(brain)) as at:
        body = here(payload(name), at)
        event = translate(body, Us(slack.workspace.bot.id, slack.workspace.team))
        of_a_message = body.get("type") == "event_callback" and body["event"]["type"] in ("message", "app_mention")
        assert gate_of(at).stops(body) == (of_a_message and (event is None or not brain.concerns(event)))


TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=12), min_size=1, max_size=5).map(" ".join)
MESSAGES = st.fixed_dictionaries(
    {"text": TEXTS, "channel": st.sampled_from(["C0VENDOR", "C0VENDOR", "G0PRIVATE", "D0MAYA"])},
    optional={"thread_ts": st.just("1795251600.000100"), "subtype": st.sampled_from(["me_message", "channel_join", "bot_message"])},
)


def test_what_is_stopped_would_have_been_met_with_silence_and_left_no_memory(brain: Brain) -> None:
    """Each message goes the whole way too, to a service that looks at everything and remembers what came before."""
    stopped, times = set[bool](), itertools.count(1)
    with asyncio.Runner() as runner, ExitStack() as ending:
        slack = StandIn(MANIFEST.as_slack_reads_it())
        runner.run(slack.start())
        ending.callback(lambda: runner.run(slack.stop()))
        connection = connect(slack, "http")
        at = runner.run(connection.__aenter__())
        ending.callback(lambda: runner.run(connection.__aexit__(None, None, None)))
        store = ending.enter_context(closing(SqlStore.open("sqlite://")))
        service = Service(store, at.chat.sender, Rules(brain.decide))
        ending.callback(lambda: runner.run(service.stop(0)))
        at.notes.then = service.hear
        gate = Gate(at.chat._workspaces)
        gate.ignores = unless_it_concerns(brain)

        @settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(MESSAGES)
        def each(message: dict[str, str]) -> None:
            body = here(payload("message"), at)
            number = next(times)
            body["event_id"] = f"Ev{number}"
            body["event"] |= message | {"ts": f"1795251600.{number:06}"}
            stopped.add(gate.stops(body))
            if gate.stops(body):
                before = kept(store)
                answer = runner.run(slack.dispatcher.ask("events_api", body))
                runner.run(at.chat.rest())
                assert answer.ok
                assert kept(store) == before
            else:
                runner.run(slack.dispatcher.ask("events_api", body))

        each()
    assert stopped == {True, False}


def kept(store: SqlStore) -> list[Any]:
    """Everything that is remembered, and every reply."""
    with store.engine.connect() as connection:
        return [connection.execute(select(table)).all() for table in KEEPING]


@pytest.mark.parametrize("name", NAMES)
def test_only_the_open_talk_of_a_channel_is_told_at_a_glance(name: str) -> None:
    event = translate(payload(name), US)
    talk = isinstance(event, Said) and bool(event.text) and not (event.addressed or event.reply or event.edited)
    assert (overheard(payload(name), US) is not None) == talk


@settings(max_examples=300, deadline=None, database=None)
@given(MESSAGES, st.data())
def test_a_glance_never_sees_anything_that_a_whole_look_sees_otherwise(message: dict[str, str], data: st.DataObject) -> None:
    body = data.draw(spoiled(EVENTS) | st.just(payload("message") | {"event": payload("message")["event"] | message}))
    glance, whole = overheard(body, US), translate(body, US)
    if glance is not None and whole is not None:
        assert isinstance(whole, Said)
        assert (whole.text, whole.addressed, whole.reply, whole.edited) == (glance.text, False, False, False)


# --------------------------------------------------------------------------- when it cannot know


async def test_nothing_is_stopped_before_somebody_listens_and_after(slack: StandIn, brain: Brain) -> None:
    body = json.dumps(payload("message") | {"event": {**payload("message")["event"], "text": "Lunch at noon?"}})
    async with connect(slack, "http", unless_it_concerns(brain)) as at:
        assert gate_of(at).stops(here(json.loads(body), at))
        await at.chat.stop()
        assert not gate_of(at).stops(here(json.loads(body), at))
        assert await post(at, body, signed(slack.signing_secret, body)) == 503


async def test_what_the_gate_stumbles_over_goes_on(slack: StandIn) -> None:
    def fail(event: Event) -> bool:
        raise RuntimeError("a mistake in the rules")

    async with connect(slack, "http", fail) as at:
        await slack.people.say("maya", CHANNEL, "Lunch at noon?")
        await at.rest()
        assert len(at.heard) == 1


async def test_what_nobody_signed_is_not_even_looked_at(slack: StandIn) -> None:
    looked: list[Event] = []

    def look(event: Event) -> bool:
        looked.append(event)
        return True

    async with connect(slack, "http", look) as at:
        body = json.dumps(payload("message"))
        assert await post(at, body, {"Content-Type": "application/json"}) == 401
        assert await post(at, body, signed("another secret", body)) == 401
        assert looked == []
        assert await post(at, body, signed(slack.signing_secret, body)) == 200
        assert len(looked) == 1
        assert at.heard == []


async def test_a_workspace_that_is_not_known_by_heart_is_looked_up_first(brain: Brain) -> None:
    async with house(brain) as at:
        await at.install(at.slack.home)
        gate, team = at.chat._gate, at.slack.home.workspace.team
        body = json.loads(json.dumps(payload("silent_join")).replace("T0HOME", team))
        at.chat._workspaces.doubt(team)
        assert not gate.stops(body)
        await at.ask(at.slack.home, "Lunch at noon?")
        assert gate.stops(body)
        at.chat._workspaces.doubt(team)
        assert not gate.stops(body)
