"""Several processes on one PostgreSQL: nothing is taken twice, nothing is sent twice, nothing is lost, and the order holds."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, text

from bot.core.memory import Meaning, Memory, Thread
from bot.core.messages import Place
from bot.core.turn import Decision
from bot.store import SqlStore
from bot.store.outbox import LEASE_SECONDS
from tests.postgres import Postgres
from tests.store import replica
from tests.store.deciders import THREAD, noting, opening, reply, saying, terms_noted

SOON = 8.0
"""Seconds after which a test no longer waits for another thread."""


@pytest.fixture
def shared(postgres: Postgres) -> str:
    """The URL of a database that several share."""
    return postgres.database()


@pytest.fixture
def stores(shared: str) -> Iterator[list[SqlStore]]:
    """Three stores on it, as three processes have them."""
    opened = [SqlStore.open(shared) for _ in range(3)]
    yield opened
    for store in opened:
        store.close()


def at_once(work: Callable[[int], None], many: int) -> None:
    """Do it in so many threads at the same moment; the first failure is raised."""
    failures: list[BaseException] = []
    start = threading.Barrier(many)

    def run(number: int) -> None:
        start.wait()
        try:
            work(number)
        except BaseException as error:  # raised below, where the test sees it
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


# --------------------------------------------------------------------------- events


def test_an_event_that_reaches_all_at_once_is_taken_by_one(stores: list[SqlStore]) -> None:
    taken: Counter[str] = Counter()

    def hear(number: int) -> None:
        for turn in range(40):
            marks = (f"event-{turn}", f"message-{turn}")
            decide = noting(str(turn), reply(str(turn)))
            if stores[number % 3].step(THREAD, marks if number % 2 else marks[::-1], 1000, decide).new:
                taken[str(turn)] += 1

    at_once(hear, 6)
    assert taken == Counter({str(turn): 1 for turn in range(40)})
    assert terms_noted(stores[0], THREAD) == set(taken)


def test_under_contention_every_change_of_a_memory_counts(stores: list[SqlStore]) -> None:
    """Everybody adds to the same thread and the same channel, whose rows do not exist at first."""

    def hear(number: int) -> None:
        for turn in range(20):
            name = f"{number}-{turn}"

            def decide(place: Place, memory: Memory, name: str = name) -> Decision:
                meanings = memory.thread.meanings | {name: Meaning(sense="x", how="noted")}
                channel = memory.channel.model_copy(update={"explained": {**memory.channel.explained, name: 1}})
                return Decision(Memory(thread=Thread(meanings=meanings), channel=channel), (reply(name),))

            stores[number % 3].step(THREAD, (name,), 1000, decide)

    at_once(hear, 6)
    seen: list[Memory] = []

    def look(place: Place, memory: Memory) -> Decision:
        seen.append(memory)
        return Decision(memory)

    stores[0].step(THREAD, (), 1000, look)
    everything = {f"{number}-{turn}" for number in range(6) for turn in range(20)}
    assert set(seen[0].thread.meanings) == everything
    assert set(seen[0].channel.explained) == everything


# --------------------------------------------------------------------------- the outbox


def test_a_reply_is_handed_to_one_and_the_order_of_its_conversation_holds(stores: list[SqlStore]) -> None:
    """Some say things in ten threads while others send them: each once, one thread's in order."""
    places = [Place("chat", "T1", "C1", f"{number}.0") for number in range(10)]
    sent: list[tuple[str, str]] = []
    speaking = threading.Event()
    speaking.set()
    left = [3]
    lock = threading.Lock()

    def speak(number: int) -> None:
        for turn in range(30):
            name, place = f"{number}-{turn}", places[turn % 10]
            stores[number].step(place, (name,), 1000, noting(name, reply(f"{name}-a"), reply(f"{name}-b")))
        with lock:
            left[0] -= 1
            if not left[0]:
                speaking.clear()

    def send(number: int) -> None:
        while True:
            over = not speaking.is_set()
            due = stores[number % 3].due(1000, 4)
            for outgoing in due:
                with lock:
                    sent.append((outgoing.place.key, outgoing.reply.fallback))
                stores[number % 3].sent(outgoing, "m")
            if over and not due and stores[number % 3].next_due() is None:
                return

    at_once(lambda number: speak(number) if number < 3 else send(number), 6)
    assert len(sent) == len(set(sent)) == 3 * 30 * 2
    for place in places:
        mine = [said for key, said in sent if key == place.key]
        for first, second in zip(mine[::2], mine[1::2], strict=True):
            assert (first[:-1], first[-1], second[-1]) == (second[:-1], "a", "b"), "the replies of one step stand together"


def test_a_later_reply_is_not_seen_before_an_earlier_one_of_its_conversation_is_saved(shared: str, stores: list[SqlStore]) -> None:
    """A slow step has queued its reply and is not committed; a quick one of the same conversation, which knows nothing of it, waits."""
    slow_has_queued, finish = threading.Event(), threading.Event()
    slow, quick, sender = stores

    def commit_late(_connection: object) -> None:
        slow_has_queued.set()
        finish.wait(SOON)

    event.listen(slow.engine, "commit", commit_late)
    first = threading.Thread(target=slow.step, args=(THREAD, ("e1",), 1000, saying(reply("first"))), daemon=True)
    second = threading.Thread(target=quick.step, args=(THREAD, ("e2",), 1000, saying(reply("second"))), daemon=True)
    first.start()
    try:
        assert slow_has_queued.wait(SOON)
        second.start()
        waits_for_it(sender, second)
        assert sender.due(1000, 9) == ()
    finally:
        finish.set()
        first.join(SOON)
        event.remove(slow.engine, "commit", commit_late)
    second.join(SOON)
    assert not first.is_alive()
    assert not second.is_alive()
    (outgoing,) = sender.due(1000, 9)
    assert outgoing.reply.fallback == "first"


def waits_for_it(store: SqlStore, thread: threading.Thread) -> None:
    """Until some connection, that of this thread, waits for another's lock."""
    until = time.monotonic() + SOON
    while thread.is_alive() and time.monotonic() < until:
        with store.engine.connect() as connection:
            if connection.execute(text("SELECT 1 FROM pg_locks WHERE NOT granted")).first():
                return
    raise AssertionError("nobody waits")


def test_a_thread_that_one_opens_goes_on_at_another(stores: list[SqlStore]) -> None:
    new = Place("chat", "T1", "C1", "new-7")
    stores[0].step(new, ("e1",), 1000, noting("RPO", opening("let us choose"), reply("1 of 4")))
    (first,) = stores[1].due(1000, 9)
    assert stores[2].due(1000, 9) == ()
    stores[1].sent(first, "300.3")
    (second,) = stores[2].due(1000, 9)
    assert (second.thread, second.reply.fallback) == ("300.3", "1 of 4")
    assert terms_noted(stores[0], Place("chat", "T1", "C1", "300.3")) == {"RPO"}


# --------------------------------------------------------------------------- a process that is killed


@contextmanager
def process(shared: str, moment: str) -> Iterator["subprocess.Popen[str]"]:
    """Another process on the database, which says when it has come to this moment and then stands still."""
    command = [sys.executable, replica.__file__, shared, moment]
    environment = {"PYTHONPATH": ":".join(sys.path)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == f"{moment}\n"
        try:
            yield other
        finally:
            other.kill()


def test_the_lease_of_a_killed_process_ends_by_itself(shared: str, stores: list[SqlStore]) -> None:
    stores[0].step(THREAD, ("e1",), 1000, saying(reply("one"), reply("two")))
    with process(shared, "leased") as other:
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
        assert stores[0].due(1000 + LEASE_SECONDS - 1, 9) == ()
        assert stores[0].next_due() == 1000 + LEASE_SECONDS == 1060
        (outgoing,) = stores[0].due(1060, 9)
        assert (outgoing.reply.fallback, outgoing.uncertain) == ("one", True)


def test_the_locks_of_a_killed_process_end_at_once_and_its_event_was_never_taken(shared: str, stores: list[SqlStore]) -> None:
    with process(shared, "deciding") as other:
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
        assert stores[0].step(THREAD, ("e1",), 1000, noting("RPO")).new
        assert terms_noted(stores[0], THREAD) == {"RPO"}
