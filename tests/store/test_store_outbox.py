"""The outbox: in the order of its conversation, never in the way of another, and nothing is forgotten before it is sent."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.core.messages import Place, Reply
from bot.store import SqlStore
from bot.store.outbox import LEASE_SECONDS
from tests.postgres import Postgres
from tests.store.deciders import NEW_THREAD, OTHER_THREAD, THREAD, noting, opening, reply, saying, whisper

ANSWERS_AT = "https://chat.example/answer/1"


def queue(store: SqlStore, place: Place, *replies: Reply, at: int = 1000, answer_url: str | None = None) -> None:
    store.step(place, (), at, saying(*replies), answer_url, "U1")


def words(store: SqlStore, now: int, limit: int = 9) -> list[str]:
    return [outgoing.reply.fallback for outgoing in store.due(now, limit)]


def test_replies_of_a_conversation_leave_one_after_the_other(store: SqlStore) -> None:
    queue(store, THREAD, reply("one"), reply("two"))
    queue(store, THREAD, reply("three"))
    sent = []
    while due := store.due(1000, 9):
        (outgoing,) = due
        sent.append(outgoing.reply.fallback)
        store.sent(outgoing, "m")
    assert sent == ["one", "two", "three"]


def test_each_conversation_has_its_own_queue(store: SqlStore) -> None:
    queue(store, THREAD, reply("one"), reply("two"))
    queue(store, OTHER_THREAD, reply("uno"), reply("due"))
    assert words(store, 1000) == ["one", "uno"]


def test_no_more_than_asked_for_is_handed_out(store: SqlStore) -> None:
    queue(store, THREAD, reply("one"))
    queue(store, OTHER_THREAD, reply("uno"))
    assert words(store, 1000, limit=1) == ["one"]
    assert words(store, 1000, limit=1) == ["uno"]


def test_a_reply_on_its_way_is_not_handed_out_again_until_its_lease_ends(store: SqlStore) -> None:
    queue(store, THREAD, reply("one"), reply("two"))
    assert words(store, 1000) == ["one"]
    assert words(store, 1000 + LEASE_SECONDS - 1) == []
    assert store.next_due() == 1000 + LEASE_SECONDS
    assert words(store, 1000 + LEASE_SECONDS) == ["one"]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_after_a_crash_the_next_start_need_not_wait_for_the_lease(store: SqlStore) -> None:
    """On SQLite, which one process uses."""
    queue(store, THREAD, reply("one"))
    assert words(store, 1000) == ["one"]
    store.take_over()
    assert words(store, 1000) == ["one"]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_where_others_share_the_database_a_start_leaves_their_leases_alone(store: SqlStore) -> None:
    queue(store, THREAD, reply("one"))
    assert words(store, 1000) == ["one"]
    store.take_over()
    assert words(store, 1000 + LEASE_SECONDS - 1) == []


def test_a_note_that_comes_after_the_lease_ended_does_not_take_the_reply_from_the_one_who_has_it_now(store: SqlStore) -> None:
    queue(store, THREAD, reply("one"))
    (slow,) = store.due(1000, 9)
    (quick,) = store.due(1000 + LEASE_SECONDS, 9)
    assert (slow.uncertain, quick.uncertain) == (False, True)
    store.retry(slow, 1001)
    assert words(store, 1000 + 2 * LEASE_SECONDS - 1) == []
    store.retry(quick, 2000)
    assert store.next_due() == 2000


def test_a_postponed_reply_holds_up_its_own_conversation_alone(store: SqlStore) -> None:
    queue(store, THREAD, reply("one"), reply("two"))
    (outgoing,) = store.due(1000, 9)
    store.retry(outgoing, 1030)
    queue(store, OTHER_THREAD, reply("uno"))
    assert words(store, 1029) == ["uno"]
    assert store.next_due() == 1030
    (again,) = store.due(1030, 9)
    assert (again.reply.fallback, again.attempts, again.queued_at) == ("one", 1, 1000)


def test_an_empty_outbox_waits_for_nothing(store: SqlStore) -> None:
    assert store.next_due() is None


def test_a_reply_that_was_given_up_makes_room_for_the_next(store: SqlStore) -> None:
    queue(store, THREAD, reply("one"), reply("two"))
    (outgoing,) = store.due(1000, 9)
    store.give_up(outgoing)
    assert words(store, 1000) == ["two"]


def test_a_second_reply_for_a_slot_replaces_the_first_message(store: SqlStore) -> None:
    queue(store, THREAD, reply("which one?", "ask"), reply("another thing"), reply("settled", "ask"), reply("asked elsewhere", "q1"))
    told = []
    for message in ("m1", "m2", "m1", "m3"):
        (outgoing,) = store.due(1000, 9)
        told.append((outgoing.reply.fallback, outgoing.message))
        store.sent(outgoing, message)
    assert told == [("which one?", None), ("another thing", None), ("settled", "m1"), ("asked elsewhere", None)]


def test_slots_of_different_conversations_do_not_meet(store: SqlStore) -> None:
    queue(store, THREAD, reply("which one?", "ask"))
    (first,) = store.due(1000, 9)
    store.sent(first, "m1")
    queue(store, OTHER_THREAD, reply("which one?", "ask"))
    (second,) = store.due(1000, 9)
    assert second.message is None


def test_if_the_service_posted_anew_the_new_message_counts(store: SqlStore) -> None:
    for message in ("m1", "m2"):
        queue(store, THREAD, reply("which one?", "ask"))
        (outgoing,) = store.due(1000, 9)
        store.sent(outgoing, message)
    queue(store, THREAD, reply("settled", "ask"))
    assert store.due(1000, 9)[0].message == "m2"


def test_a_message_that_could_not_be_replaced_is_posted_anew_next_time(store: SqlStore) -> None:
    queue(store, THREAD, reply("which one?", "ask"), reply("refused: message deleted", "ask"), reply("settled", "ask"))
    (first,) = store.due(1000, 9)
    store.sent(first, "m1")
    (second,) = store.due(1000, 9)
    store.give_up(second)
    (third,) = store.due(1000, 9)
    assert (second.message, third.message) == ("m1", None)


def test_replies_stand_in_the_thread_but_an_opening_and_a_direct_message_stand_in_the_channel(store: SqlStore) -> None:
    direct = Place("chat", "T1", "D1", "dm", direct=True)
    queue(store, THREAD, reply("in the thread"))
    queue(store, direct, reply("in private"))
    queue(store, NEW_THREAD, opening("let us choose"))
    queue(store, replace(NEW_THREAD, thread="new-8"), whisper("only you see this"))
    found = {outgoing.reply.fallback: (outgoing.thread, outgoing.place) for outgoing in store.due(1000, 9)}
    assert found == {
        "in the thread": ("100.1", THREAD),
        "in private": (None, direct),
        "let us choose": (None, NEW_THREAD),
        "only you see this": (None, replace(NEW_THREAD, thread="new-8")),
    }


def test_what_follows_an_opening_message_stands_in_the_thread_it_opened(store: SqlStore) -> None:
    queue(store, NEW_THREAD, opening("let us choose"), reply("1 of 4", "q1"), whisper("by the way"))
    (first,) = store.due(1000, 9)
    assert words(store, 1000) == []
    store.sent(first, "300.3")
    (second,) = store.due(1000, 9)
    store.sent(second, "300.4")
    (third,) = store.due(1000, 9)
    assert [outgoing.thread for outgoing in (first, second, third)] == [None, "300.3", "300.3"]


def test_an_opening_message_can_be_replaced_and_stays_the_head_of_its_thread(store: SqlStore) -> None:
    queue(store, NEW_THREAD, opening("let us choose"), opening("chosen"))
    (first,) = store.due(1000, 9)
    store.sent(first, "300.3")
    (second,) = store.due(1000, 9)
    assert (second.message, second.thread) == ("300.3", None)
    store.sent(second, "300.3")
    queue(store, replace(NEW_THREAD, thread="300.3"), reply("inside"))
    (third,) = store.due(1000, 9)
    assert (third.place, third.thread) == (NEW_THREAD, "300.3")


def test_if_a_thread_cannot_be_opened_what_was_to_stand_in_it_is_dropped(store: SqlStore) -> None:
    queue(store, NEW_THREAD, opening("let us choose"), reply("1 of 4"), whisper("this was for you alone"))
    queue(store, OTHER_THREAD, reply("elsewhere"))
    first, elsewhere = store.due(1000, 9)
    store.give_up(first)
    assert words(store, 1000) == ["this was for you alone"]
    assert elsewhere.reply.fallback == "elsewhere"


def test_a_reply_into_a_thread_that_nobody_opened_waits_and_blocks_nobody(store: SqlStore) -> None:
    queue(store, NEW_THREAD, reply("where to?"))
    queue(store, OTHER_THREAD, reply("here"))
    assert words(store, 1000) == ["here"]
    assert store.next_due() == 1000 + LEASE_SECONDS


def test_only_a_whisper_to_the_one_who_acted_gets_the_address_to_answer_to(store: SqlStore) -> None:
    to_another = replace(whisper("it went quiet"), to="U2")
    queue(store, THREAD, whisper("psst"), reply("aloud"), to_another, answer_url=ANSWERS_AT)
    found = {}
    while due := store.due(1000, 9):
        found[due[0].reply.fallback] = due[0].answer_url
        store.sent(due[0], None)
    assert found == {"psst": ANSWERS_AT, "aloud": None, "it went quiet": None}


def test_what_is_taken_back_is_sent_with_its_message_and_then_forgotten(store: SqlStore) -> None:
    gone = replace(reply("taken back", "ask"), gone=True)
    queue(store, THREAD, reply("which one?", "ask"), gone, reply("another one?", "ask"))
    seen = []
    for message in ("m1", None, "m2"):
        (outgoing,) = store.due(1000, 9)
        seen.append((outgoing.reply.fallback, outgoing.message))
        store.sent(outgoing, message)
    assert seen == [("which one?", None), ("taken back", "m1"), ("another one?", None)]


def test_what_cannot_be_taken_back_is_forgotten_too(store: SqlStore) -> None:
    queue(store, THREAD, reply("which one?", "ask"), replace(reply("taken back", "ask"), gone=True), reply("another one?", "ask"))
    (first,) = store.due(1000, 9)
    store.sent(first, "m1")
    (gone,) = store.due(1000, 9)
    store.give_up(gone)
    (anew,) = store.due(1000, 9)
    assert (anew.reply.fallback, anew.message) == ("another one?", None)


def test_a_sent_reply_leaves_no_content_behind(store: SqlStore) -> None:
    store.step(THREAD, ("e1",), 1000, noting("RPO", reply("some wording", "ask"), whisper("more wording")), ANSWERS_AT, "U1")
    while due := store.due(1000, 9):
        store.sent(due[0], "m1")
    with store.engine.connect() as connection:
        everything = [str(connection.execute(text(f"SELECT * FROM {table}")).all()) for table in ("outbox", "posts", "conversations")]
    assert everything[0] == "[]"
    assert "wording" not in str(everything)
    assert "answer" not in str(everything)


def test_an_unreadable_reply_is_dropped_and_reported_and_the_rest_goes_on(store: SqlStore) -> None:
    queue(store, THREAD, reply("from another version"), reply("two"))
    with store.engine.begin() as connection:
        connection.execute(text('UPDATE outbox SET reply = \'{"parts": "?"}\' WHERE id = 1'))
    with capture_logs() as logs:
        assert words(store, 1000) == []
    assert words(store, 1000) == ["two"]
    assert [(entry["event"], entry["outbox"]) for entry in logs] == [("reply_unreadable", 1)]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def lasting(request: pytest.FixtureRequest) -> Iterator[SqlStore]:
    """One store for all examples."""
    server: Postgres | None = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    opened = SqlStore.open(server.database() if server else "sqlite://")
    yield opened
    opened.close()


@settings(max_examples=60, deadline=None)
@given(said=st.from_type(Reply).map(lambda said: replace(said, slot="", surface="thread", opens=False)))
def test_every_reply_comes_back_as_it_was(lasting: SqlStore, said: Reply) -> None:
    queue(lasting, THREAD, said)
    (outgoing,) = lasting.due(1000, 9)
    lasting.sent(outgoing, None)
    assert outgoing.reply == said
