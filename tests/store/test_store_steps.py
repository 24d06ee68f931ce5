"""One step is one transaction: an event is taken once, and what it leaves is saved together or not at all."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import func, select, text
from structlog.testing import capture_logs

from bot.core.memory import Channel, Memory, Person
from bot.core.messages import Place, Reply
from bot.core.turn import Decision
from bot.store import SqlStore
from bot.store.tables import channels, conversations, install_states, installations, marks, metadata, outbox, people, posts, records
from tests.store.deciders import NEW_THREAD, OTHER_THREAD, THREAD, forget_old, noting, opening, reply, saying, terms_noted, whisper

DAY = 86_400


def count(store: SqlStore, table: str) -> int:
    with store.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(metadata.tables[table])).scalar_one())


def test_what_one_event_leaves_the_next_one_finds(store: SqlStore) -> None:
    stepped = store.step(THREAD, ("e1",), 1000, noting("RPO", reply("which one?")))
    assert (stepped.new, stepped.reason, stepped.queued) == (True, "noted", 1)
    store.step(THREAD, ("e2",), 1001, noting("KPO"))
    assert terms_noted(store, THREAD) == {"RPO", "KPO"}
    assert terms_noted(store, OTHER_THREAD) == set()


def test_what_is_remembered_survives_closing_and_opening(url: str) -> None:
    for term in ("RPO", "KPO"):
        store = SqlStore.open(url)
        store.step(THREAD, (term,), 1000, noting(term))
        store.close()
    store = SqlStore.open(url)
    assert terms_noted(store, THREAD) == {"RPO", "KPO"}
    store.close()


@pytest.mark.parametrize("again", [("event-1",), ("message-1",), ("event-2", "message-1"), ("message-1", "event-1")])
def test_a_delivery_that_shares_any_mark_with_an_earlier_one_is_dropped(store: SqlStore, again: tuple[str, ...]) -> None:
    assert store.step(THREAD, ("event-1", "message-1"), 1000, saying(reply("hello"))).new
    repeated = store.step(THREAD, again, 1000, saying(reply("hello again")))
    assert (repeated.new, repeated.queued) == (False, 0)
    assert count(store, "outbox") == 1


def test_the_other_marks_of_a_repeated_delivery_are_noted_too(store: SqlStore) -> None:
    store.step(THREAD, ("event-1", "message-1"), 1000, saying())
    store.step(THREAD, ("event-2", "message-1"), 1000, saying())
    assert not store.step(THREAD, ("event-2",), 1000, saying()).new


def test_a_mark_named_twice_in_one_delivery_is_no_repetition(store: SqlStore) -> None:
    assert store.step(THREAD, ("event-1", "event-1"), 1000, saying()).new


def test_an_event_without_marks_is_always_new(store: SqlStore) -> None:
    assert store.step(THREAD, (), 1000, saying()).new
    assert store.step(THREAD, (), 1000, saying()).new


def test_if_deciding_fails_nothing_is_saved_and_the_event_can_come_again(store: SqlStore) -> None:
    def fail(place: Place, memory: Memory) -> Decision:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.step(THREAD, ("e1",), 1000, fail)
    assert [count(store, name) for name in ("marks", "conversations", "outbox")] == [0, 0, 0]
    assert store.step(THREAD, ("e1",), 1000, noting("RPO")).new


def test_silence_writes_nothing_but_the_mark(store: SqlStore) -> None:
    store.step(THREAD, ("e1",), 1000, saying())
    assert [count(store, name) for name in ("marks", "conversations", "channels", "people", "outbox")] == [1, 0, 0, 0, 0]


def test_only_a_changed_memory_is_written(store: SqlStore) -> None:
    store.step(THREAD, ("e1",), 1000, noting("RPO"))
    store.step(THREAD, ("e2",), 2000, noting("RPO"))
    with store.engine.connect() as connection:
        row = connection.execute(select(conversations)).one()
    assert (row.version, row.touched_at, row.team) == (1, 1000, "T1")


def test_threads_of_one_channel_share_the_channels_memory(store: SqlStore) -> None:
    def explain(place: Place, memory: Memory) -> Decision:
        return Decision(Memory(thread=memory.thread, channel=Channel(explained={**memory.channel.explained, place.thread: 1})))

    seen: list[Channel] = []

    def look(place: Place, memory: Memory) -> Decision:
        seen.append(memory.channel)
        return Decision(memory)

    store.step(THREAD, ("e1",), 1000, explain)
    store.step(OTHER_THREAD, ("e2",), 1000, explain)
    store.step(THREAD, ("e3",), 1000, look)
    store.step(replace(THREAD, team="T2"), ("e4",), 1000, look)
    assert [set(channel.explained) for channel in seen] == [{"100.1", "200.2"}, set()]


def dismissing(term: str) -> Callable[[Place, Memory], Decision]:
    """A decider that remembers that the person does not want to hear of a term."""
    return lambda place, memory: Decision(replace_person(memory, Person(dismissed=memory.person.dismissed | {term: 1})))


def replace_person(memory: Memory, person: Person) -> Memory:
    """The memory with another memory of the person."""
    return Memory(thread=memory.thread, channel=memory.channel, person=person)


def dismissed(store: SqlStore, place: Place, person: str) -> set[str]:
    """What the store remembers that this person does not want to hear of."""
    seen: set[str] = set()

    def look(place: Place, memory: Memory) -> Decision:
        seen.update(memory.person.dismissed)
        return Decision(memory)

    store.step(place, (), 0, look, person=person)
    return seen


def test_what_a_person_wants_holds_in_all_channels_of_the_workspace_and_for_nobody_else(store: SqlStore) -> None:
    store.step(THREAD, ("e1",), 1000, dismissing("RPO"), person="U1")
    store.step(replace(OTHER_THREAD, channel="C2"), ("e2",), 1000, dismissing("KPO"), person="U1")
    assert dismissed(store, THREAD, "U1") == {"RPO", "KPO"}
    assert dismissed(store, THREAD, "U2") == set()
    assert dismissed(store, replace(THREAD, team="T2"), "U1") == set()
    assert dismissed(store, replace(THREAD, service="other"), "U1") == set()


def test_what_is_remembered_of_a_person_is_kept_while_it_is_their_wish_and_else_as_long_as_a_conversation(url: str) -> None:
    store = SqlStore.open(url, keep_days=30)
    met = Person(met={"C1 RPO ask": 1})
    store.step(THREAD, ("e1",), 0, dismissing("RPO"), person="U1")
    store.step(THREAD, ("e2",), 0, lambda place, memory: Decision(replace_person(memory, met)), person="U2")
    forget_old(store, 29 * DAY)
    assert count(store, "people") == 2
    forget_old(store, 31 * DAY)
    assert dismissed(store, THREAD, "U1") == {"RPO"}
    assert count(store, "people") == 1
    store.close()


def test_a_window_is_handed_back_and_never_stored(store: SqlStore) -> None:
    window = Reply((), "a window", surface="window", to="U1", title="Words")
    stepped = store.step(THREAD, ("e1",), 1000, saying(window, whisper("psst")))
    assert stepped.windows == (window,)
    assert (stepped.queued, count(store, "outbox")) == (1, 1)


def test_inside_a_thread_that_we_opened_the_conversation_goes_on(store: SqlStore) -> None:
    store.step(NEW_THREAD, ("e1",), 1000, noting("RPO", opening("let us choose")))
    (outgoing,) = store.due(1000, 9)
    store.sent(outgoing, "300.3")
    places: list[Place] = []

    def look(place: Place, memory: Memory) -> Decision:
        places.append(place)
        return noting("KPO")(place, memory)

    inside = replace(NEW_THREAD, thread="300.3")
    store.step(inside, ("e2",), 1001, look)
    store.step(replace(inside, channel="C2"), ("e3",), 1001, look)
    assert places == [NEW_THREAD, replace(inside, channel="C2")]
    assert terms_noted(store, inside) == {"RPO", "KPO"}


def test_an_ordinary_message_of_ours_is_not_taken_for_the_head_of_a_thread(store: SqlStore) -> None:
    store.step(THREAD, ("e1",), 1000, noting("RPO", reply("which one?", "ask")))
    (outgoing,) = store.due(1000, 9)
    store.sent(outgoing, "100.2")
    assert terms_noted(store, replace(THREAD, thread="100.2")) == set()


def test_many_at_once_from_several_processes_lose_nothing(url: str) -> None:
    """Two stores on one file stand for two processes; each is used from two threads."""
    stores = [SqlStore.open(url), SqlStore.open(url)]

    def work(number: int) -> None:
        for turn in range(15):
            stores[number % 2].step(THREAD, (f"{number}-{turn}",), 1000, noting(f"{number}-{turn}", reply(f"{number}-{turn}")))

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert terms_noted(stores[0], THREAD) == {f"{number}-{turn}" for number in range(4) for turn in range(15)}
    assert count(stores[1], "outbox") == 60
    for store in stores:
        store.close()


def test_a_memory_that_cannot_be_read_is_begun_anew_and_reported(store: SqlStore) -> None:
    store.step(THREAD, ("e1",), 1000, noting("RPO"))
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE conversations SET memory = '{\"meanings\": 7}'"))
    with capture_logs() as logs:
        assert store.step(THREAD, ("e2",), 1000, noting("KPO")).new
    assert terms_noted(store, THREAD) == {"KPO"}
    assert [entry["event"] for entry in logs] == ["memory_unreadable"]
    assert "meanings" not in str(logs)


def test_marks_are_forgotten_after_a_day_and_idle_conversations_after_the_retention_time(url: str) -> None:
    store = SqlStore.open(url, keep_days=30)
    store.step(THREAD, ("e1",), 0, noting("RPO", reply("hello", "ask")))
    (outgoing,) = store.due(0, 9)
    store.sent(outgoing, "100.2")
    store.step(OTHER_THREAD, ("e2",), 5 * DAY, noting("KPO"))
    store.step(OTHER_THREAD, ("e3",), 29 * DAY, saying(reply("never sent")))

    purged = 1  # the purge's own mark
    forget_old(store, 29 * DAY + 10)
    assert (count(store, "marks"), count(store, "conversations"), count(store, "posts"), count(store, "outbox")) == (1 + purged, 2, 1, 1)
    forget_old(store, 31 * DAY)
    assert (count(store, "marks"), count(store, "conversations"), count(store, "posts"), count(store, "outbox")) == (purged, 1, 0, 0)
    assert terms_noted(store, OTHER_THREAD) == {"KPO"}
    store.close()


def test_a_post_is_remembered_as_long_as_its_conversation(store: SqlStore) -> None:
    store.step(THREAD, ("e1",), 0, noting("RPO", reply("hello", "ask")))
    (outgoing,) = store.due(0, 9)
    store.sent(outgoing, "100.2")
    store.step(THREAD, ("e2",), 170 * DAY, noting("KPO"))
    forget_old(store, 190 * DAY)
    assert count(store, "posts") == 1


def test_every_table_is_spoken_for() -> None:
    """A new table needs a word in README on what is stored, and a rule for when it is forgotten."""
    assert set(metadata.tables.values()) == {
        conversations,
        channels,
        people,
        records,
        marks,
        posts,
        outbox,
        installations,
        install_states,
    }


def test_a_conversation_is_remembered_by_its_own_thread_and_by_the_message_that_opened_one(store: SqlStore) -> None:
    store.step(THREAD, (), 1000, noting("RPO"))
    store.step(NEW_THREAD, (), 1000, saying(opening("Let us see.")))
    (outgoing,) = store.due(1000, 9)
    store.sent(outgoing, "300.3")

    assert store.remembers(THREAD)
    assert store.remembers(replace(NEW_THREAD, thread="300.3"))
    assert not store.remembers(OTHER_THREAD)
    assert not store.remembers(replace(THREAD, channel="C2"))
