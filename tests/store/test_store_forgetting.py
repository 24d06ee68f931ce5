"""Everything of a team, or of a person, is gone once it is asked for; nobody else loses anything."""

import time
from collections.abc import Iterator
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel
from sqlalchemy import select

from bot.core.memory import Answer, Asked, Channel, Described, Dialogue, House, Meaning, Memory, Noted, Person, Record, Thread
from bot.core.messages import Place, Reply, Span, Text, Who
from bot.core.turn import Decision
from bot.ports import Installation
from bot.store import SqlStore, forgetting
from bot.store.sealing import new_key
from bot.store.tables import install_states, metadata
from tests.store.deciders import forget_old, saying

MAYA, OTHER = "U0MAYA", "U0MAYA2"
"""The other's name begins like Maya's, and must not be taken for it."""

KEY = new_key()


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    opened = SqlStore.open(url, keys=[KEY])
    yield opened
    opened.close()


def thread(who: str) -> Thread:
    """A thread in which this person did everything that is remembered of people."""
    return Thread(
        meanings={"RPO": Meaning(sense="x", how="pressed", by=who)},
        asked={"KPO": Asked(by=who, slot="ask")},
        dialogue=Dialogue(number=1, owner=who, answers={"judgment": Answer(option="high", by=who, at=1)}),
        works=(Described(number=1, by=who, at=1, shared_by=who),),
    )


def channel(who: str) -> Channel:
    """A channel in which this person set everything."""
    noted = Noted(id="one", model="kpo", confidence="firm", by=who, at=1)
    return Channel(mode="off", set_by=who, house={"RPO": House(sense="x", by=who, at=1)}, records=(noted,))


def record(place: Place, who: str) -> Record:
    """A record of what this person decided."""
    return Record(
        id=f"{place.channel_key}",
        team=place.team,
        channel=place.channel_key,
        conversation=place.key,
        by=who,
        made_at=1,
        changed_at=1,
        rules="r1",
        model="kpo",
        confidence="firm",
        answers={"judgment": Answer(option="high", by=who, at=1)},
        description="Our planted words.",
    )


def fill(store: SqlStore, service: str, team: str, who: str, number: int) -> None:
    """One row in every table that this person causes."""
    place = Place(service, team, f"C{number}", "1.0")
    told = Reply((Text((Who(who), Span(" answered"))),), "somebody answered", slot="ask")
    whisper = Reply((), "only for you", surface="whisper", to=who)
    memory = Memory(thread=thread(who), channel=channel(who), person=Person(dismissed={"RPO": 1}))

    def decide(place: Place, before: Memory) -> Decision:
        return Decision(memory, (told, told, whisper), records=(record(place, who),))

    marks = tuple(f"{service}:{team}:{mark}" for mark in (f"event:{number}", f"press:C1:{who}:{number}.1"))
    store.step(place, marks, 1000, decide, person=who)
    (outgoing,) = (outgoing for outgoing in store.due(1000, 99) if outgoing.place == place)
    store.sent(outgoing, "1.1")
    store.install(
        Installation(service=service, team=team, token="xoxb-1", bot_user="U0BOT", bot="B1", installed_by=who, installed_at=number)
    )


def everything(store: SqlStore) -> dict[str, list[str]]:
    """Every row of every table as text; the rows' own text leaves out the middle of what is long."""
    with store.engine.connect() as connection:
        return {table.name: [str(tuple(row)) for row in connection.execute(select(table))] for table in metadata.sorted_tables}


# --------------------------------------------------------------------------- a team


def test_of_a_forgotten_team_no_table_holds_anything_and_other_teams_keep_everything(store: SqlStore) -> None:
    fill(store, "slack", "T1", MAYA, 1)
    others = [("slack", "T11"), ("slack", "t1"), ("other", "T1")]
    for number, (service, team) in enumerate(others, start=2):
        fill(store, service, team, MAYA, number)
    before = everything(store)

    counts = store.forget_team("slack", "T1")

    theirs = [part for service, team in others for part in (f"{service}:{team}:", f"'{service}', '{team}'")]
    kept = {name: [row for row in rows if any(part in row for part in theirs)] for name, rows in before.items()}
    after = everything(store)
    (left,) = (row for row in after["marks"] if row.startswith("('spellout:left:"))
    assert left.startswith("('spellout:left:slack:T1', ")
    after["marks"].remove(left)
    assert after == kept
    assert counts == {name: len(rows) - len(kept[name]) for name, rows in before.items() if name != install_states.name}
    assert set(counts.values()) == {1, 2}


def late(store: SqlStore, team: str = "T1") -> None:
    """Another process, which has not noticed yet, takes one more event."""
    memory = Memory(thread=thread(MAYA), channel=channel(MAYA), person=Person(dismissed={"RPO": 1}))
    store.step(Place("slack", team, "C9", "9.0"), ("slack:T1:event:9",), 1, lambda place, before: Decision(memory), person=MAYA)


def test_what_another_process_still_stored_of_a_team_that_left_goes_too(store: SqlStore) -> None:
    fill(store, "slack", "T1", MAYA, 1)
    fill(store, "slack", "T2", MAYA, 2)
    forget_old(store, int(time.time()))
    store.uninstall("slack", "T1")
    late(store)
    forget_old(store, int(time.time()))
    assert "slack:T1:" in str(everything(store)["channels"]), "others may take events for it still"

    forget_old(store, int(time.time()) + forgetting.LATE + 1)
    assert "slack:T1" not in str(everything(store))
    assert "slack:T2:" in str(everything(store)["channels"])


def test_a_team_that_came_back_keeps_what_is_stored_since(store: SqlStore) -> None:
    fill(store, "slack", "T1", MAYA, 1)
    store.uninstall("slack", "T1")
    fill(store, "slack", "T1", MAYA, 1)
    forget_old(store, int(time.time()) + forgetting.LATE + 1)
    kept = everything(store)
    assert "slack:T1:" in str(kept["channels"])
    assert "spellout:left" not in str(kept["marks"])


def test_the_one_workspace_of_a_bot_token_has_no_installation_and_keeps_what_is_stored_after_it_was_forgotten(store: SqlStore) -> None:
    late(store)
    store.forget_team("slack", "T1")
    late(store)
    forget_old(store, int(time.time()) + forgetting.LATE + 1)
    assert "slack:T1:" in str(everything(store)["channels"])


def test_a_team_that_is_unknown_changes_nothing(store: SqlStore) -> None:
    fill(store, "slack", "T1", MAYA, 1)
    before = everything(store)

    assert set(store.forget_team("slack", "T9").values()) == {0}
    assert set(store.forget_team("slack", "%").values()) == {0}
    assert everything(store) == before


# --------------------------------------------------------------------------- a person


def test_of_a_forgotten_person_no_table_holds_the_name_and_others_keep_theirs(store: SqlStore) -> None:
    fill(store, "slack", "T1", OTHER, 2)
    others_only = everything(store)
    fill(store, "slack", "T1", MAYA, 1)

    counts = store.forget_person("slack", "T1", MAYA)

    after = everything(store)
    assert f"{MAYA}'" not in str(after).replace('"', "'"), "no trace of the name"
    for name in ("conversations", "channels", "people", "records"):
        assert set(others_only[name]) <= set(after[name]), name
    assert counts == {"people": 1, "conversations": 1, "channels": 1, "records": 1, "outbox": 2, "marks": 1, "installations": 1}


def test_what_the_person_decided_stays_as_somebodys_but_not_what_they_wrote(store: SqlStore) -> None:
    fill(store, "slack", "T1", MAYA, 1)
    store.forget_person("slack", "T1", MAYA)
    seen: list[Memory] = []

    def look(place: Place, memory: Memory) -> Decision:
        seen.append(memory)
        return Decision(memory)

    place = Place("slack", "T1", "C1", "1.0")
    store.step(place, (), 2000, look, person=MAYA)

    assert (seen[0].thread, seen[0].channel, seen[0].person) == (thread(""), channel(""), Person())
    assert store.record(place.channel_key) == record(place, "").model_copy(update={"description": ""})


def test_a_reply_that_waits_loses_the_name_and_one_to_the_person_is_not_sent(store: SqlStore) -> None:
    fill(store, "slack", "T1", MAYA, 1)
    store.forget_person("slack", "T1", MAYA)

    (outgoing,) = store.due(1000, 9)
    assert outgoing.reply.parts == (Text((Who(""), Span(" answered"))),)
    store.sent(outgoing, "1.1")
    assert store.next_due() is None


def test_the_same_person_in_another_workspace_is_somebody_else(store: SqlStore) -> None:
    for number, (service, team) in enumerate([("slack", "T2"), ("other", "T1")]):
        fill(store, service, team, MAYA, number)
    before = everything(store)

    assert set(store.forget_person("slack", "T1", MAYA).values()) == {0}
    assert everything(store) == before


def test_a_person_named_with_letters_that_mean_something_in_a_pattern_is_found(store: SqlStore) -> None:
    strange = '29:_%\\"ü'
    fill(store, "slack", "T1", strange, 1)

    assert store.forget_person("slack", "T1", strange)["conversations"] == 1
    assert store.forget_person("slack", "T1", "29:x%\\ü")["conversations"] == 0


def test_a_name_taken_out_is_a_change_that_a_step_under_way_notices(store: SqlStore) -> None:
    fill(store, "slack", "T1", MAYA, 1)
    with store.engine.connect() as connection:
        table = metadata.tables["conversations"]
        (before,) = connection.execute(select(table.c.version, table.c.touched_at))
    store.forget_person("slack", "T1", MAYA)
    with store.engine.connect() as connection:
        (after,) = connection.execute(select(table.c.version, table.c.touched_at))

    assert (after.version, after.touched_at) == (before.version + 1, before.touched_at)


OF_PEOPLE = forgetting.WHO
NOT_OF_PEOPLE = {
    "sense", "how", "because", "slot", "option", "words", "model", "activity", "label", "mislabel", "confidence", "runner_up", "asking",
    "domain", "ended", "spared", "open", "warnings", "mistakes", "caused", "settled", "shadowed", "mode", "name", "term", "action",
    "reason", "id", "team", "channel", "conversation", "rules", "question", "description", "answers", "asked", "meanings", "explained",
    "answered", "house", "confirmed", "heard", "would", "sure", "record", "ruled_out",
}  # fmt: skip
"""The fields with text that hold rules' words, ids of messages and rows, or (`description`) what is deleted otherwise."""


def text_fields(model: type[BaseModel]) -> set[str]:
    """The names of the fields with text, of this model and of those inside it."""
    found: set[str] = set()

    def look(name: str, kind: Any) -> None:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found.update(text_fields(kind))
        elif kind is str or (get_origin(kind) is not None and any(isinstance(value, str) for value in get_args(kind))):
            found.add(name)
        for inner in get_args(kind):
            look(name, inner)

    for name, field in model.model_fields.items():
        look(name, field.annotation)
    return found


def test_every_field_that_could_hold_a_person_is_known() -> None:
    """A new field with text needs a decision: does it hold a person (then by one of the names that are taken out), or not."""
    assert text_fields(Thread) | text_fields(Channel) | text_fields(Record) == OF_PEOPLE | NOT_OF_PEOPLE


def test_nothing_happens_to_what_only_looks_like_a_person(store: SqlStore) -> None:
    place = Place("slack", "T1", "C1", "1.0")
    memory = Memory(thread=Thread(meanings={"RPO": Meaning(sense=MAYA, how="noted")}))
    store.step(place, (), 1000, lambda place, before: Decision(memory, (Reply((), MAYA, slot=MAYA),)))
    before = everything(store)

    assert set(store.forget_person("slack", "T1", MAYA).values()) == {0}
    assert everything(store) == before
    store.step(place, (), 1000, saying())
