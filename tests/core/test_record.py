"""A decision record says what was decided and why, in three formats, and none of them reads what a person wrote as anything but text."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.brain import Brain
from bot.core.export import Export
from bot.core.memory import Answer, Label, Memory, Record, Turning
from bot.core.messages import Commanded, Place, Pressed, Said, Submitted
from bot.core.record import moment, record_id
from bot.core.rulebook import Rulebook

NOW = 1_790_000_000
THREAD = Place("chat", "T1", "C1", "m1")
NEW = Place("chat", "T1", "C1", "new-1")
RECORD = Record(
    id="k7f3q2mxyz",
    team="T1",
    channel="chat:T1:C1",
    conversation="chat:T1:C1:m1",
    by="maya",
    made_at=NOW,
    changed_at=NOW + 60,
    result=2,
    rules="r1",
    model="high_skill_bpo",
    confidence="likely",
    answers={
        "judgment": Answer(option="some", by="maya", at=NOW, told=True, words=("read the policy",)),
        "knowledge": Answer(option="trained", by="maya", at=NOW, told=True),
        "review": Answer(option="qa", by="jonas", at=NOW + 60),
    },
    runner_up="kpo",
    turning=Turning(question="judgment", option="high", model="kpo"),
    warnings=("review_too_thin",),
    labels=(Label(label="kpo", mislabel="halfway"), Label(label="bpo")),
)


@pytest.fixture(scope="module")
def export(rules: Rulebook) -> Export:
    return Export(rules)


@pytest.fixture(scope="module")
def brain(rules: Rulebook) -> Brain:
    return Brain(rules)


def test_as_markdown_it_is_a_page_for_the_file(export: Export) -> None:
    page = export.markdown(RECORD)

    assert page.startswith("# Decision record: High-skill BPO\n")
    assert "- **Confidence:** likely" in page
    assert "- **Runner-up:** Knowledge process outsourcing (KPO)" in page
    assert "would make it Knowledge process outsourcing (KPO)" in page
    assert "- **Called:** KPO. " in page
    assert "BPO, and that holds" in page
    assert "A sample check is too thin" in page
    assert "| maya | 2026-09-21 14:13 UTC | from the description: “read the policy” |" in page
    assert "| maya | 2026-09-21 14:13 UTC | usual for this kind of work |" in page
    assert "| jonas | 2026-09-21 14:14 UTC | answered |" in page
    assert "- **Record:** k7f3q2mxyz" in page
    assert "Description" not in page


def test_what_first_line_work_would_only_be_close_to_is_not_told(brain: Brain, export: Export) -> None:
    values = {"text": ("Handle customer chats",), "keep": ("keep",)}
    (record,) = brain.decide(Submitted(NEW, "maya", "work", values, ()), NEW, Memory(), NOW).records
    (shown,) = brain.decide(Pressed(NEW, "maya", f"record:open:{record.id}", ()), NEW, Memory(record=record), NOW).replies

    assert record.answers["domain"].option == "customer"
    assert "| Structure |" in export.markdown(record)
    assert "went wrong" not in export.markdown(record)
    assert "Structure" in str(shown)
    assert "went wrong" not in str(shown)


def test_as_json_ids_stand_beside_names(export: Export) -> None:
    whole = json.loads(export.json(RECORD))

    assert (whole["model"], whole["model_name"], whole["runner_up"]) == ("high_skill_bpo", "High-skill BPO", "kpo")
    assert whole["answers"][0] == {
        "question": "judgment",
        "question_name": "Specialist judgment",
        "option": "some",
        "answer": "Some: read a policy or product rule, then decide",
        "by": "maya",
        "at": "2026-09-21 14:13 UTC",
        "from_description": True,
        "words": ["read the policy"],
    }
    assert "description" not in whole


def test_as_csv_every_record_is_a_row(export: Export) -> None:
    other = RECORD.model_copy(update={"id": "other", "model": None, "answers": {}, "turning": None, "confidence": "none"})
    first, second = csv.DictReader(io.StringIO(export.csv([RECORD, other]), newline=""))

    assert (first["id"], first["model"], first["judgment"]) == (
        "k7f3q2mxyz",
        "High-skill BPO",
        "Some: read a policy or product rule, then decide",
    )
    assert (first["review_by"], first["review_basis"], first["structure"]) == ("jonas", "answered", "")
    assert (second["id"], second["model"]) == ("other", "no model yet")


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")'])
def test_no_cell_can_be_taken_for_a_formula(export: Export, evil: str) -> None:
    (row,) = csv.DictReader(io.StringIO(export.csv([RECORD.model_copy(update={"description": evil})]), newline=""))

    assert row["description"] == f"'{evil}"


@given(st.text())
def test_whatever_a_description_says_a_csv_stays_one_row_and_a_page_one_page(rules: Rulebook, text: str) -> None:
    export, record = Export(rules), RECORD.model_copy(update={"description": text})
    (row,) = list(csv.reader(io.StringIO(export.csv([record]), newline="")))[1:]
    assert row[-1] in {text, f"'{text}"}
    assert not any(line.startswith(("#", "|", "-")) for line in export.markdown(record).partition("own words")[2].splitlines())
    assert json.loads(export.json(record)).get("description", "") == text


def test_nothing_that_a_person_wrote_is_read_as_markdown(export: Export) -> None:
    words = ("[click](http://x) | <b>*now*</b>",)
    answers = {"judgment": Answer(option="some", by="maya", at=NOW, told=True, words=words)}
    page = export.markdown(RECORD.model_copy(update={"answers": answers, "description": "# Big\n> quoted\n| cell"}))

    assert r"“\[click\](http://x) \| \<b\>\*now\*\</b\>”" in page
    assert "> \\# Big\n> \\> quoted\n> \\| cell\n" in page


def test_two_records_are_put_side_by_side(export: Export) -> None:
    answers = RECORD.answers | {"review": Answer(option="expert", by="priya", at=NOW)}
    other = RECORD.model_copy(update={"id": "second", "model": "kpo", "answers": answers})
    table = export.compared(RECORD, other)

    assert "| Compared | k7f3q2mxyz | second | Differs |" in table
    assert "| Operating model | High-skill BPO | Knowledge process outsourcing (KPO) | yes |" in table
    assert "| Confidence | likely | likely |  |" in table
    assert "| Review | Regular quality checks, a lead looks at exceptions | An expert must read much of it" in table


@given(st.integers(0, 250_000_000_000))
def test_a_moment_is_that_of_the_calendar(seconds: int) -> None:
    assert moment(seconds) == f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def test_an_id_is_short_always_the_same_and_another_for_another_decision() -> None:
    ids = {record_id(f"chat:T1:C1:m{number}", name) for number in range(2_000) for name in ("d1", "w1")}

    assert len(ids) == 4_000
    assert {len(name) for name in ids} == {10}
    assert record_id("chat:T1:C1:m1", "d1") == record_id("chat:T1:C1:m1", "d1")


# --------------------------------------------------------------------------- what the brain records


def test_a_dialogue_is_one_record_that_follows_its_answers(brain: Brain) -> None:
    memory, records = Memory(), []
    four = ("judgment:some", "knowledge:trained", "review:qa", "structure:exceptions", "domain:none")
    presses = tuple(f"answer:1:{answer}" for answer in four)
    changes = ("change:1:structure", "answer:1:structure:unstable")
    for step, press in enumerate(("choose:", *presses, *changes)):
        decision = brain.decide(Pressed(THREAD, "maya", press, ()), THREAD, memory, NOW + step)
        memory = decision.memory
        records.append(decision.records)

    first, last = records[5][0], records[7][0]
    assert [len(saved) for saved in records] == [0, 0, 0, 0, 0, 1, 0, 1]
    assert first.id == last.id
    assert (first.model, first.result, first.made_at, first.changed_at) == ("high_skill_bpo", 1, NOW + 5, NOW + 5)
    assert (last.model, last.result, last.made_at, last.changed_at) == ("keep_in_house", 2, NOW + 5, NOW + 7)
    assert last.turning is not None
    assert last.rules
    assert [noted.id for noted in memory.channel.records] == [last.id]


def test_a_dialogue_that_goes_on_from_a_shared_description_keeps_its_record(brain: Brain) -> None:
    text = "The people must be certified and exercise judgment, it is bespoke, and a second reader checks each item"
    shown = brain.decide(Commanded(NEW, "maya", text, (), command="classify"), NEW, Memory(), NOW)
    shared = brain.decide(Pressed(NEW, "maya", "work:share:1", ()), NEW, shown.memory, NOW + 1)
    asked = brain.decide(Pressed(NEW, "jonas", "work:fill:1", ()), NEW, shared.memory, NOW + 2)
    done = brain.decide(Pressed(NEW, "jonas", "answer:1:domain:research", ()), NEW, asked.memory, NOW + 3)

    assert shown.records == asked.records == ()
    assert shared.records[0].id == done.records[0].id
    assert (done.records[0].made_at, done.records[0].changed_at) == (NOW, NOW + 3)
    assert done.records[0].answers["judgment"].words == ("exercise judgment",)
    assert not done.records[0].answers["domain"].told


def test_of_a_description_only_the_matched_words_are_remembered(brain: Brain) -> None:
    text = "For Project Zebulon somebody must review 500 NDAs a month, our counsel signs off; ask Bartholomew in Antwerp."
    for event in (
        Commanded(NEW, "maya", text, (), command="classify"),
        Said(THREAD, "maya", f"classify {text}", (), addressed=True),
    ):
        decision = brain.decide(event, event.place, Memory(), NOW)
        kept = decision.memory.model_dump_json() + "".join(record.model_dump_json() for record in decision.records)

        assert [work.model for work in decision.memory.thread.works] == ["lpo"]
        assert "signs" in kept
        assert not [word for word in ("Zebulon", "Bartholomew", "Antwerp", "month") if word in kept]


@pytest.mark.parametrize("keep", [True, False])
def test_a_description_is_kept_in_the_record_alone_and_only_with_its_tick(brain: Brain, keep: bool) -> None:
    text = "For Project Zebulon somebody must review 500 NDAs a month, our counsel signs off."
    values = {"text": (text,), "called": ("kpo",), "keep": ("keep",) if keep else ()}
    decision = brain.decide(Submitted(NEW, "maya", "work", values, ()), NEW, Memory(), NOW)

    assert [record.description for record in decision.records] == ([text] if keep else [])
    assert "Zebulon" not in decision.memory.model_dump_json()
    assert "Zebulon" not in str(decision.replies)
    (work,) = decision.memory.thread.works
    assert work.labels == (Label(label="kpo", mislabel="more_precise"),)
