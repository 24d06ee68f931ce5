"""The service hears: every event is taken once, and a fault in one is nobody else's."""

import asyncio
import contextvars
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.core.memory import Memory
from bot.core.messages import Commanded, Event, Place, Pressed, Reply, Said
from bot.core.turn import Decision
from bot.service import Service
from bot.store import SqlStore
from bot.store.tables import conversations
from tests.postgres import Postgres
from tests.service_stage import QUICK, SECRET, Chat, Rules, Stage, echo, said


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


# --------------------------------------------------------------------------- hearing


async def test_what_is_heard_is_answered_in_order(stage: Stage) -> None:
    async with stage.running() as service:
        stepped = await service.hear(said("one two three"))
        await service.idle()
        assert (stepped.new, stepped.reason, stepped.queued) == (True, "echo", 3)
        assert stage.chat.shown == ["one", "two", "three"]


async def test_a_message_that_comes_as_two_events_is_answered_once(stage: Stage) -> None:
    async with stage.running() as service:
        both = await asyncio.gather(
            service.hear(said("hello", event="Ev1", message="C1/1.0")), service.hear(said("hello", event="Ev2", message="C1/1.0"))
        )
        await service.hear(said("hello", event="Ev1", message="C1/1.0"))
        await service.idle()
    assert sorted(stepped.new for stepped in both) == [False, True]
    assert stage.chat.shown == ["hello"]


async def test_what_concerns_nobody_never_touches_the_store(stage: Stage) -> None:
    stage.concerns = lambda event: isinstance(event, Said) and "RPO" in event.text
    async with stage.running() as service:
        stepped = await service.hear(said("lunch?"))
        await service.hear(said("RPO"))
        await service.idle()
    assert (stepped.queued, stepped.windows) == (0, ())
    assert stage.chat.shown == ["RPO"]
    assert stage.memory() == {"1.0/RPO"}


async def test_what_depends_on_what_was_said_before_is_heard_only_where_something_was(stage: Stage) -> None:
    stage.depends = lambda event: isinstance(event, Said) and event.text == "2"
    async with stage.running() as service:
        nobody_asked = await service.hear(said("2", thread="2.0"))
        await service.hear(said("RPO"))
        answered = await service.hear(said("2"))
        await service.idle()
    assert (nobody_asked.reason, nobody_asked.queued) == ("nothing remembered", 0)
    assert (answered.reason, stage.chat.shown) == ("echo", ["RPO", "2"])
    assert stage.memory("2.0") == set()
    assert stage.counted("silences_total", reason="nothing remembered") == 1


async def test_a_conversation_that_waits_in_the_database_holds_up_no_other(postgres: Postgres) -> None:
    url = postgres.database()
    store, other, chat = SqlStore.open(url), SqlStore.open(url), Chat()
    service = Service(store, chat, Rules(), pace=QUICK)
    await service.start()
    await service.hear(said("one"))
    with other.engine.begin() as connection:
        connection.execute(select(conversations).with_for_update())
        waiting = asyncio.create_task(service.hear(said("two")))
        while not postgres.ask("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
        async with asyncio.timeout(10):
            assert (await service.hear(said("uno", thread="2.0"))).new
        assert not waiting.done()
    assert (await waiting).new
    await service.stop()
    assert sorted(chat.shown) == ["one", "two", "uno"]
    store.close()
    other.close()


async def test_what_is_looked_up_first_is_not_overtaken_by_what_was_said_after_it(stage: Stage) -> None:
    stage.depends = lambda event: isinstance(event, Said)
    async with stage.running() as service:
        await service.hear(Pressed(said("").place, "U1", "RPO", ("p1",)))
        await asyncio.gather(service.hear(said("2")), service.hear(Pressed(said("").place, "U1", "stop", ("p2",))))
        await service.idle()
    assert stage.chat.shown == ["RPO", "2", "stop"]
    assert not service._turns._locks, "what nobody waits for is not kept"


async def test_of_one_conversation_the_first_is_decided_first_however_many_threads_there_are(postgres: Postgres) -> None:
    overtaken, decided = threading.Event(), list[str]()

    def decide(event: Event, place: Place, memory: Memory, now: int) -> Decision:
        assert isinstance(event, Said)
        if event.text == "two":
            overtaken.set()
        else:
            overtaken.wait(0.2)
        decided.append(event.text)
        return echo(event, place, memory, now)

    store = SqlStore.open(postgres.database())
    service = Service(store, Chat(), Rules(decide), pace=QUICK)
    await service.start()
    await asyncio.gather(service.hear(said("one")), service.hear(said("two")))
    await service.stop()
    store.close()
    assert decided == ["one", "two"]


async def test_many_people_at_once_in_one_thread_lose_nothing(stage: Stage) -> None:
    async with stage.running() as service:
        await asyncio.gather(*(service.hear(said(f"word{number}")) for number in range(60)))
        await service.idle()
    assert stage.memory() == {f"1.0/word{number}" for number in range(60)}
    assert sorted(stage.chat.shown) == sorted(f"word{number}" for number in range(60))


async def test_an_answer_privately_goes_to_the_address_that_came_with_the_question(stage: Stage) -> None:
    place = Place("chat", "T1", "C1", "new-7")
    async with stage.running() as service:
        await service.hear(Commanded(place, "U1", "help", ("c1",), answer_url="https://chat.example/answer/1"))
        await service.idle()
    assert [(outgoing.answer_url, outgoing.thread) for outgoing in stage.chat.outgoing] == [("https://chat.example/answer/1", None)]


async def test_a_press_below_a_message_that_opened_a_thread_reaches_its_conversation(stage: Stage) -> None:
    place = Place("chat", "T1", "C1", "new-7")

    def decide(event: Event, place: Place, memory: Memory, now: int) -> Decision:
        decision = echo(event, place, memory, now)
        if isinstance(event, Commanded):
            decision = replace(decision, replies=(Reply((), "let us choose", slot="opening", opens=True), Reply((), "1 of 4", slot="q1")))
        return decision

    stage.decide = decide
    async with stage.running() as service:
        await service.hear(Commanded(place, "U1", "choose", ("c1",)))
        await service.idle()
        await service.hear(Pressed(replace(place, thread="m1"), "U2", "a lot", ("p1",)))
        await service.idle()
    assert [(outgoing.reply.fallback, outgoing.thread) for outgoing in stage.chat.outgoing] == [
        ("let us choose", None),
        ("1 of 4", "m1"),
        ("a lot", "m1"),
    ]
    assert stage.memory("new-7") == {"c1", "p1"}


async def test_the_context_of_the_caller_is_there_when_deciding(stage: Stage) -> None:
    request: contextvars.ContextVar[str] = contextvars.ContextVar("request")
    seen: list[str] = []

    def decide(event: Event, place: Place, memory: Memory, now: int) -> Decision:
        seen.append(request.get())
        return Decision(memory)

    stage.decide = decide
    async with stage.running() as service:
        request.set("r-17")
        await service.hear(said("hello"))
    assert seen == ["r-17"]


# --------------------------------------------------------------------------- faults in the program


async def test_if_the_rules_fail_the_answer_is_silence_and_the_log_tells_the_line_but_no_words(stage: Stage) -> None:
    def fail(event: Event, place: Place, memory: Memory, now: int) -> Decision:
        if isinstance(event, Said) and event.text == SECRET:
            raise KeyError(event.text)
        return echo(event, place, memory, now)

    stage.decide = fail
    with capture_logs() as logs:
        async with stage.running() as service:
            stepped = await service.hear(said(SECRET, event="Ev1"))
            await service.hear(said("hello", event="Ev2"))
            await service.idle()
    assert (stepped.queued, stepped.reason) == (0, "failed")
    assert stage.chat.shown == ["hello"]
    assert stage.memory() == {"Ev2"}
    (failure,) = [entry for entry in logs if entry["event"] == "event_failed"]
    assert failure["where"].startswith("KeyError at ")
    assert failure["marks"] == ("Ev1",)
    assert "Bluebird" not in str(logs)


async def test_what_people_write_is_neither_stored_nor_logged(stage: Stage) -> None:
    stage.decide = lambda event, place, memory, now: replace(echo(event, place, memory, now), replies=(Reply((), "a reply"),))
    with capture_logs() as logs:
        async with stage.running() as service:
            await service.hear(said(SECRET, event="Ev1"))
            await service.idle()
            files = b"".join(file.read_bytes() for file in stage.path.parent.iterdir())
    assert b"Ev1" in files
    assert b"Bluebird" not in files
    assert [entry["event"] for entry in logs] == ["heard", "sent"]
    assert "Bluebird" not in str(logs)


async def test_a_sender_that_fails_is_tried_a_few_times_and_blocks_nobody(stage: Stage) -> None:
    stage.chat.answers["one"] = [KeyError(SECRET) for _ in range(5)]
    with capture_logs() as logs:
        async with stage.running() as service:
            await service.hear(said("one two"))
            await service.hear(said("uno", thread="2.0"))
            for _ in range(5):
                await service.idle()
                stage.clock.now += 60
            await service.idle()
    assert stage.chat.shown == ["uno", "two"]
    assert len([entry for entry in logs if entry["event"] == "sender_failed"]) == 5
    assert "Bluebird" not in str(logs)
