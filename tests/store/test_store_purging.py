"""What is too old is forgotten by itself: in small pieces, by any number of processes at once, and nothing else."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from structlog.testing import capture_logs

from bot.core.memory import Channel, House, Memory, Noted, Record, Verdict
from bot.core.messages import Place
from bot.core.turn import Decision
from bot.store import SqlStore, purging
from bot.store.tables import channels, conversations, install_states, marks, records
from tests.postgres import Postgres
from tests.store.deciders import OTHER_THREAD, THREAD, forget_old, noting

DAY = 86_400


def count(store: SqlStore, table: str) -> int:
    tables = {each.name: each for each in (marks, install_states, channels, conversations, records)}
    kept = select(func.count()).select_from(tables[table])
    if table == "marks":
        kept = kept.where(marks.c.mark.not_in([purging._PURGED, purging._LEAPT]))
    with store.engine.connect() as connection:
        return int(connection.execute(kept).scalar_one())


def remember(store: SqlStore, channel: Channel, *kept: Record, at: int = 0) -> None:
    store.step(THREAD, (), at, lambda place, memory: Decision(Memory(channel=channel), records=kept))


def channel_now(store: SqlStore) -> Channel:
    seen: list[Channel] = []

    def look(place: Place, memory: Memory) -> Decision:
        seen.append(memory.channel)
        return Decision(memory)

    store.step(THREAD, (), 0, look)
    return seen[0]


def test_a_state_is_forgotten_when_it_has_ended(store: SqlStore) -> None:
    store.issue_state("abc", until=1000)
    forget_old(store, 1000)
    assert count(store, "install_states") == 1
    forget_old(store, 1001)
    assert count(store, "install_states") == 0


def test_an_idle_channel_for_which_nobody_set_anything_is_forgotten(store: SqlStore) -> None:
    counted = Channel(
        name="vendors",
        explained={"RPO": 1},
        heard={"RPO": {"recruitment": 3}},
        confirmed={"RPO": {"recruitment": 1}},
        lately=(Verdict(term="RPO", action="explain", reason="mode"),),
        day=1,
        spoken=3,
    )
    remember(store, counted)
    forget_old(store, 180 * DAY)
    assert channel_now(store) == counted
    forget_old(store, 180 * DAY + 1)
    assert channel_now(store) == Channel()


@pytest.mark.parametrize(
    "setting",
    [
        Channel(mode="off", set_by="U1"),
        Channel(mode="asked", quiet=True),
        Channel(shadow=True, set_by="U1"),
        Channel(with_others=True, set_by="U1"),
        Channel(set_by="U1"),
        Channel(house={"RPO": House(sense="x", by="U1", at=1)}),
        Channel(records=(Noted(id="one", model="kpo", confidence="firm", by="U1", at=1),)),
    ],
)
def test_what_people_set_or_decided_in_a_channel_stays_however_long_it_is_idle(store: SqlStore, setting: Channel) -> None:
    remember(store, setting)
    forget_old(store, 5000 * DAY)
    assert channel_now(store) == setting


RECORD = Record(
    id="one",
    team="T1",
    channel=THREAD.channel_key,
    conversation=THREAD.key,
    by="U1",
    made_at=0,
    changed_at=0,
    rules="r",
    model="kpo",
    confidence="firm",
)


def noted(*names: str) -> Channel:
    return Channel(records=tuple(Noted(id=name, model="kpo", confidence="firm", by="U1", at=0) for name in names))


def test_records_are_kept_for_good_unless_a_time_is_set(url: str, store: SqlStore) -> None:
    remember(store, noted("one"), RECORD)
    forget_old(store, 5000 * DAY)
    assert store.record("one") == RECORD

    forgetful = SqlStore.open(url, keep_records_days=365)
    forget_old(forgetful, 365 * DAY)
    assert store.record("one") == RECORD
    forget_old(forgetful, 365 * DAY + 1)
    assert store.record("one") is None
    forgetful.close()


def test_a_record_that_goes_leaves_the_list_of_its_channel(url: str) -> None:
    store = SqlStore.open(url, keep_records_days=365)
    remember(
        store,
        noted("one", "two", "three"),
        RECORD,
        *(RECORD.model_copy(update={"id": name, "changed_at": DAY}) for name in ("two", "three")),
    )
    forget_old(store, 365 * DAY + 1)
    assert channel_now(store) == noted("two", "three")

    assert store.forget_record("two")
    assert channel_now(store) == noted("three")
    store.close()


def crowd(store: SqlStore, rows: int) -> None:
    """Many rows that are too old, and one of each table that is not."""
    old = [{"key": f"chat:T1:C1:{number}", "team": "T1", "memory": "{}", "version": 1, "touched_at": 0} for number in range(rows)]
    with store.engine.begin() as connection:
        connection.execute(insert(marks), [{"mark": f"m{number}", "at": 0} for number in range(rows)] + [{"mark": "new", "at": 300 * DAY}])
        connection.execute(insert(conversations), [*old, old[0] | {"key": "new", "touched_at": 300 * DAY}])


def test_more_than_fits_into_one_piece_is_forgotten_all_the_same(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "BATCH", 10)
    crowd(store, 25)
    forget_old(store, 300 * DAY)
    assert (count(store, "marks"), count(store, "conversations")) == (1, 1)


def test_several_processes_that_purge_at_once_do_not_disturb_each_other(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "BATCH", 50)
    stores = [SqlStore.open(url, keep_records_days=1) for _ in range(3)]
    crowd(stores[0], 1000)
    for number in range(20):
        remember(stores[0], noted(f"{number}"), RECORD.model_copy(update={"id": f"{number}"}))
    failures: list[Exception] = []
    start = threading.Barrier(4)

    def purge(store: SqlStore) -> None:
        start.wait()
        try:
            forget_old(store, 300 * DAY)
        except Exception as error:  # the thread must not die unseen
            failures.append(error)

    threads = [threading.Thread(target=purge, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    start.wait()
    for number in range(30):
        stores[0].step(THREAD, (f"e{number}",), 300 * DAY, noting(f"{number}"))
    for thread in threads:
        thread.join()

    assert failures == []
    assert (count(stores[0], "marks"), count(stores[0], "conversations"), count(stores[0], "records")) == (31, 2, 0)
    for store in stores:
        store.close()


# --------------------------------------------------------------------------- a clock that cannot be right


def leaps(log: Sequence[Mapping[str, Any]]) -> list[int]:
    """How many days the clock was said to have leapt."""
    return [line["days"] for line in log if line["event"] == "clock_leapt"]


def test_a_clock_that_leaps_years_ahead_makes_nobody_forget_what_is_kept_for_long(url: str) -> None:
    store = SqlStore.open(url, keep_records_days=30)
    remember(store, noted("one"), RECORD)
    store.step(OTHER_THREAD, ("e1",), 0, noting("RPO"))
    forget_old(store, 0)
    with capture_logs() as log:
        forget_old(store, 4000 * DAY)
        forget_old(store, 4000 * DAY + 3600)  # by another process, or after a restart
    assert leaps(log) == [4000]
    assert (store.record("one"), count(store, "conversations")) == (RECORD, 1)
    assert count(store, "marks") == 0, "what is of use for a day goes"
    with capture_logs() as log:
        forget_old(store, DAY)  # somebody put it right
        forget_old(store, 2 * DAY)
    assert leaps(log) == []
    assert (store.record("one"), count(store, "conversations")) == (RECORD, 1)
    store.close()


def test_after_a_long_stop_what_is_too_old_goes_once_the_clock_has_gone_on_for_a_day(store: SqlStore) -> None:
    store.step(OTHER_THREAD, (), 0, noting("RPO"))
    forget_old(store, 0)
    for now in (300 * DAY, 300 * DAY + 3600, 301 * DAY):
        forget_old(store, now)
        assert count(store, "conversations") == 1
    forget_old(store, 301 * DAY + 1)
    assert count(store, "conversations") == 0


def test_a_stop_over_the_holidays_is_no_leap(store: SqlStore) -> None:
    store.step(OTHER_THREAD, (), 0, noting("RPO"))
    for day in range(0, 190, 7):
        forget_old(store, day * DAY)
    assert count(store, "conversations") == 0


def test_processes_that_purge_at_once_for_the_first_time_do_not_disturb_each_other(postgres: Postgres) -> None:
    url = postgres.database()
    first, second = SqlStore.open(url), SqlStore.open(url)
    purging_too = threading.Thread(target=forget_old, args=(second, DAY))
    with first.engine.begin() as connection:
        purging._doubts(connection, DAY)
        purging_too.start()
        while purging_too.is_alive() and not postgres.ask("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"):
            pass
        assert purging_too.is_alive(), "it has to wait for the first"
    purging_too.join()
    forget_old(second, DAY)
    for store in (first, second):
        store.close()


# --------------------------------------------------------------------------- what is in somebody's hands


def test_a_row_that_somebody_has_in_hand_is_left_for_the_next_time(postgres: Postgres) -> None:
    store = SqlStore.open(postgres.database())
    crowd(store, 3)
    with store.engine.begin() as connection:
        connection.execute(select(conversations).where(conversations.c.key == "chat:T1:C1:1").with_for_update())
        forget_old(store, 300 * DAY)
        assert count(store, "conversations") == 2
    forget_old(store, 300 * DAY)
    assert count(store, "conversations") == 1
    store.close()
