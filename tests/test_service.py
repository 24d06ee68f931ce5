"""The service: every event is taken once, every reply is sent, and one conversation's trouble is nobody else's."""

import asyncio
import contextvars
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.core.memory import Meaning, Memory, Thread
from bot.core.messages import Commanded, Event, Place, Pressed, Reply, Said
from bot.core.turn import Decision
from bot.ports import Outgoing, Refused, StoreError, TryLater
from bot.service import Pace, Service
from bot.store import SqlStore

SECRET = "the merger is called Bluebird"
QUICK = Pace(store_pause=0)

Answer = Callable[[Outgoing], str | None]


class Clock:
    """A time that passes only when told."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Chat:
    """The chat service: shows what is sent, unless told to refuse, to fail or to be slow."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.outgoing: list[Outgoing] = []
        self.answers: dict[str, list[Exception]] = {}
        self.slow: dict[str, asyncio.Event] = {}
        self.started = asyncio.Event()
        self._showed = asyncio.Event()

    async def has_shown(self, many: int) -> None:
        """Wait until so many messages are shown."""
        while len(self.shown) < many:
            self._showed.clear()
            await self._showed.wait()

    async def send(self, outgoing: Outgoing) -> str | None:
        said = outgoing.reply.fallback
        self.started.set()
        if said in self.slow:
            await self.slow[said].wait()
        if self.answers.get(said):
            raise self.answers[said].pop(0)
        self.shown.append(said)
        self.outgoing.append(outgoing)
        self._showed.set()
        return None if outgoing.reply.surface == "whisper" else outgoing.message or f"m{len(self.shown)}"


def said(text: str, thread: str = "1.0", **marks: str) -> Said:
    return Said(Place("chat", "T1", "C1", thread), "U1", text, tuple(marks.values()) or (f"{thread}/{text}",))


def echo(event: Event, place: Place, memory: Memory, now: int) -> Decision:
    """Stands for the rules: answers every word, and remembers how it was marked."""
    words = event.text.split() if isinstance(event, Said) else [event.choice] if isinstance(event, Pressed) else ["answer"]
    meanings = memory.thread.meanings | {event.marks[0]: Meaning(sense="heard", how="noted")}
    replies = tuple(Reply((), word) for word in words)
    if isinstance(event, Commanded):
        replies = tuple(replace(reply, surface="whisper", to=event.person) for reply in replies)
    return Decision(Memory(thread=Thread(meanings=meanings), channel=memory.channel), replies, "echo")


class Stage:
    """A service on a real database file, its chat service and its clock."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "spellout.db"
        self.chat = Chat()
        self.clock = Clock()
        self.decide: Callable[[Event, Place, Memory, int], Decision] = echo
        self.concerns: Callable[[Event], bool] = lambda event: True

    @asynccontextmanager
    async def running(self, pace: Pace = QUICK, grace: float = 10) -> AsyncIterator[Service]:
        store = SqlStore.open(f"sqlite:///{self.path}?timeout=0.01")
        service = Service(store, self.chat, self.decide, concerns=self.concerns, clock=self.clock, pace=pace)
        await service.start()
        try:
            yield service
        finally:
            await service.stop(grace)
            store.close()

    def memory(self, thread: str = "1.0") -> set[str]:
        store = SqlStore.open(f"sqlite:///{self.path}")
        seen: set[str] = set()

        def look(place: Place, memory: Memory) -> Decision:
            seen.update(memory.thread.meanings)
            return Decision(memory)

        store.step(Place("chat", "T1", "C1", thread), (), 0, look)
        store.close()
        return seen


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


async def test_many_people_at_once_in_one_thread_lose_nothing(stage: Stage) -> None:
    async with stage.running() as service:
        await asyncio.gather(*(service.hear(said(f"word{number}")) for number in range(60)))
        await service.idle()
    assert stage.memory() == {f"1.0/word{number}" for number in range(60)}
    assert sorted(stage.chat.shown) == sorted(f"word{number}" for number in range(60))


async def test_an_answer_privately_goes_to_the_address_that_came_with_the_question(stage: Stage) -> None:
    place = Place("chat", "T1", "C1", "new-7")
    async with stage.running() as service:
        await service.hear(Commanded(place, "U1", "help", ("c1",), "https://chat.example/answer/1"))
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
    service = Service(store, chat, echo)
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
        with capture_logs() as logs:
            await service.hear(said("one two"))
            for failures in (1, 20):
                while len([entry for entry in logs if entry["event"] == "store_failed"]) < failures:  # noqa: ASYNC110 - a log cannot be awaited
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
    service = Service(store, Chat(), echo)
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
