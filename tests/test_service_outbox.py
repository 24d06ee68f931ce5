"""The service sends: every reply in its order, whatever the chat service, the store or a restart does to it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select
from structlog.testing import capture_logs

from bot.ports import Refused, StoreError, TryLater
from bot.service import Service
from bot.store import SqlStore, purging
from bot.store.tables import marks
from tests.service_stage import QUICK, Chat, Clock, Rules, Stage, said


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


# --------------------------------------------------------------------------- faults of the chat service


async def test_a_slow_conversation_holds_up_no_other(stage: Stage) -> None:
    stage.chat.slow["one"] = asyncio.Event()
    async with stage.running() as service:
        await service.hear(said("one two"))
        await stage.chat.started.wait()
        await service.hear(said("uno due tre", thread="2.0"))
        await stage.chat.has_shown(3)
        assert stage.chat.shown == ["uno", "due", "tre"]
        stage.chat.slow["one"].set()
        await service.idle()
    assert stage.chat.shown == ["uno", "due", "tre", "one", "two"]


async def test_no_more_conversations_than_allowed_are_sent_to_at_once(stage: Stage) -> None:
    stage.chat.slow = {f"word{number}": asyncio.Event() for number in range(5)}
    async with stage.running(replace(QUICK, at_once=2)) as service:
        for number in range(5):
            await service.hear(said(f"word{number}", thread=f"{number}.0"))
        for number in range(5):
            stage.chat.slow[f"word{number}"].set()
            await stage.chat.has_shown(number + 1)
        await service.idle()
    assert stage.chat.shown == [f"word{number}" for number in range(5)]


async def test_a_reply_that_was_put_off_comes_when_the_chat_service_wants_it_and_before_those_behind_it(stage: Stage) -> None:
    stage.chat.answers["one"] = [TryLater("ratelimited", seconds=20)]
    async with stage.running() as service:
        await service.hear(said("one two"))
        await service.hear(said("uno", thread="2.0"))
        await service.idle()
        assert stage.chat.shown == ["uno"]
        stage.clock.now += 19
        await service.idle()
        assert stage.chat.shown == ["uno"]
        stage.clock.now += 1
        await service.idle()
        assert stage.chat.shown == ["uno", "one", "two"]


async def test_without_a_wish_the_pauses_grow(stage: Stage) -> None:
    stage.chat.answers["one"] = [TryLater("internal_error") for _ in range(6)]
    with capture_logs() as logs:
        async with stage.running() as service:
            await service.hear(said("one"))
            for _ in range(7):
                await service.idle()
                stage.clock.now += 60
    assert [entry["seconds"] for entry in logs if entry["event"] == "reply_postponed"] == [1, 2, 5, 15, 60, 60]
    assert stage.chat.shown == ["one"]


async def test_a_reply_put_off_is_sent_by_itself_when_its_time_comes(tmp_path: Path) -> None:
    """With the machine's own clock: nobody wakes the outbox here."""
    chat = Chat()
    chat.answers["one"] = [TryLater("ratelimited", seconds=0)]
    store = SqlStore.open(f"sqlite:///{tmp_path}/spellout.db")
    service = Service(store, chat, Rules())
    await service.start()
    await service.hear(said("one"))
    async with asyncio.timeout(10):
        await chat.has_shown(1)
    await service.stop()
    store.close()


async def test_after_a_day_a_reply_is_given_up(stage: Stage) -> None:
    stage.chat.answers["one"] = [TryLater("internal_error"), TryLater("internal_error")]
    with capture_logs() as logs:
        async with stage.running(replace(QUICK, purge=10**9)) as service:
            await service.hear(said("one two"))
            await service.idle()
            stage.clock.now += 86_400
            await service.idle()
    assert stage.chat.shown == ["two"]
    assert [entry["why"] for entry in logs if entry["event"] == "reply_given_up"] == ["internal_error"]


async def test_a_refused_reply_is_dropped_and_its_reason_logged(stage: Stage) -> None:
    stage.chat.answers["one"] = [Refused("is_archived")]
    with capture_logs() as logs:
        async with stage.running() as service:
            await service.hear(said("one two"))
            await service.idle()
    assert stage.chat.shown == ["two"]
    assert [entry["why"] for entry in logs if entry["event"] == "reply_refused"] == ["is_archived"]


async def test_an_attempt_that_takes_too_long_is_ended_and_made_again(stage: Stage) -> None:
    stage.chat.slow["one"] = asyncio.Event()
    async with stage.running(replace(QUICK, one_attempt=0)) as service:
        await service.hear(said("one"))
        await service.idle()
        assert stage.chat.shown == []
    del stage.chat.slow["one"]
    stage.clock.now += 1
    async with stage.running() as service:
        await service.idle()
    assert stage.chat.shown == ["one"]


# --------------------------------------------------------------------------- faults of the store


async def test_if_the_store_fails_the_event_was_not_taken_and_can_come_again(stage: Stage) -> None:
    async with stage.running() as service:
        other = SqlStore.open(f"sqlite:///{stage.path}")
        with other.engine.begin(), pytest.raises(StoreError, match="another program keeps it locked"):
            await service.hear(said("hello"))
        assert (await service.hear(said("hello"))).new
        await service.idle()
        other.close()
    assert stage.chat.shown == ["hello"]


async def test_a_message_that_was_posted_while_the_store_fails_is_not_posted_again(stage: Stage) -> None:
    async with stage.running() as service:
        other = SqlStore.open(f"sqlite:///{stage.path}")
        with other.engine.begin() as connection:
            connection.exec_driver_sql("CREATE TRIGGER no_room BEFORE DELETE ON outbox BEGIN SELECT RAISE(FAIL, 'no room'); END")
        await service.hear(said("one two"))
        for failures in (1, 20):
            while stage.counted("database_errors_total") < failures:  # noqa: ASYNC110 - a counter cannot be awaited
                await asyncio.sleep(0)
            stage.clock.now += 61  # its lease has ended
            service.wake()
        with other.engine.begin() as connection:
            connection.exec_driver_sql("DROP TRIGGER no_room")
        await service.idle()
        other.close()
    assert stage.chat.shown == ["one", "two"]


# --------------------------------------------------------------------------- start and stop


async def test_stopping_sends_what_is_due(stage: Stage) -> None:
    async with stage.running() as service:
        await service.hear(said("one two three"))
    assert stage.chat.shown == ["one", "two", "three"]


async def test_stopping_waits_no_longer_than_its_grace_and_the_next_start_sends_the_rest(stage: Stage) -> None:
    stage.chat.slow["one"] = asyncio.Event()
    async with stage.running(grace=0) as service:
        await service.hear(said("one two"))
        await stage.chat.started.wait()
    assert stage.chat.shown == []
    stage.chat.slow.clear()
    async with stage.running() as service:
        await service.idle()
        assert stage.chat.shown == ["one", "two"]


async def test_a_stopped_service_takes_nothing(stage: Stage) -> None:
    async with stage.running() as service:
        pass
    with pytest.raises(StoreError, match="is stopping"):
        await service.hear(said("hello"))


async def test_a_service_that_never_started_can_be_stopped(tmp_path: Path) -> None:
    store = SqlStore.open(f"sqlite:///{tmp_path}/spellout.db")
    service = Service(store, Chat(), Rules())
    await service.hear(said("hello"))
    await service.stop()
    store.close()


async def test_what_is_too_old_is_forgotten_while_running(stage: Stage) -> None:
    async with stage.running() as service:
        await service.hear(said("hello", event="Ev1"))
        await service.idle()
        stage.clock.now += 86_401
        await service.idle()
        assert (await service.hear(said("hello", event="Ev1"))).new


async def test_events_are_taken_while_it_forgets_what_is_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "BATCH", 1)
    store, chat, clock = SqlStore.open(f"sqlite:///{tmp_path}/spellout.db"), Chat(), Clock()

    def grow_old() -> None:
        with store.engine.begin() as connection:
            connection.execute(insert(marks), [{"mark": f"old {number}", "at": 0} for number in range(200)])

    def left() -> int:
        with store.engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(marks).where(marks.c.at == 0)).scalar_one())

    grow_old()
    service = Service(store, chat, Rules(), clock=clock, pace=QUICK)
    starting = asyncio.create_task(service.start())
    await service.hear(said("one"))
    assert left() > 0
    await starting
    assert left() == 0

    grow_old()
    clock.now += QUICK.purge
    await service.hear(said("two"))
    await chat.has_shown(2)
    assert left() > 0, "nor does an answer wait for it"
    while left():
        await service.idle()
    await service.stop()
    store.close()
