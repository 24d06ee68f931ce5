"""Decision records are saved with the step that made them, and stay until somebody deletes them."""

import pytest

from bot.core.memory import Answer, Memory, Record
from bot.core.messages import Place
from bot.core.turn import Decision
from bot.store import SqlStore
from tests.store.deciders import THREAD, forget_old

RECORD = Record(
    id="one",
    team="T1",
    channel="chat:T1:C1",
    conversation="chat:T1:C1:100.1",
    by="U1",
    made_at=1000,
    changed_at=1000,
    rules="r1",
    model="kpo",
    confidence="firm",
    answers={"judgment": Answer(option="high", by="U1", at=1000)},
)


def save(store: SqlStore, *records: Record) -> None:
    store.step(THREAD, (), 1000, lambda place, memory: Decision(memory, records=records))


def test_a_record_is_found_by_its_id(store: SqlStore) -> None:
    save(store, RECORD)

    assert store.record("one") == RECORD
    assert store.record("two") is None


def test_a_changed_record_replaces_the_old_one_and_keeps_when_it_was_made_and_the_description(store: SqlStore) -> None:
    save(store, RECORD.model_copy(update={"description": "We review research."}))
    save(store, RECORD.model_copy(update={"model": "lpo", "made_at": 2000, "changed_at": 2000}))

    found = store.record("one")
    assert found is not None
    assert (found.model, found.made_at, found.changed_at, found.description) == ("lpo", 1000, 2000, "We review research.")
    assert len(store.records()) == 1


def test_they_are_listed_the_newest_first_and_by_channel(store: SqlStore) -> None:
    other = RECORD.model_copy(update={"id": "two", "channel": "chat:T1:C2", "changed_at": 3000})
    save(store, RECORD, other)

    assert [record.id for record in store.records()] == ["two", "one"]
    assert [record.id for record in store.records("chat:T1:C1")] == ["one"]
    assert [record.id for record in store.records(limit=1)] == ["two"]


def test_a_step_that_fails_saves_no_record(store: SqlStore) -> None:
    def decide(place: Place, memory: Memory) -> Decision:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.step(THREAD, (), 1000, decide)
    assert store.records() == ()


def test_it_stays_when_its_conversation_is_forgotten_and_goes_when_it_is_deleted(store: SqlStore) -> None:
    save(store, RECORD)
    forget_old(store, 1000 + 86_400 * 1000)

    assert store.record("one") == RECORD
    assert store.forget_record("one")
    assert not store.forget_record("one")
    assert store.record("one") is None


def test_a_record_that_cannot_be_read_hides_no_other(store: SqlStore) -> None:
    save(store, RECORD, RECORD.model_copy(update={"id": "two"}))
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE records SET record = '{}' WHERE id = 'two'")

    assert [record.id for record in store.records()] == ["one"]


@pytest.mark.parametrize("thread", ["new-1", "200.1", "100.1"])
def test_an_event_about_a_record_happens_in_the_conversation_of_the_record(store: SqlStore, thread: str) -> None:
    save(store, RECORD)
    seen: list[tuple[str, Record | None]] = []

    def decide(place: Place, memory: Memory) -> Decision:
        seen.append((place.key, memory.record))
        return Decision(memory)

    store.step(Place("chat", "T1", "C1", thread), (), 1000, decide, about="one")
    store.step(Place("chat", "T1", "C2", thread), (), 1000, decide, about="one")
    store.step(Place("chat", "T1", "C1", thread), (), 1000, decide, about="nowhere")

    elsewhere = [(f"chat:T1:{channel}:{thread}", None) for channel in ("C2", "C1")]
    assert seen == [("chat:T1:C1:100.1", RECORD), *elsewhere]
