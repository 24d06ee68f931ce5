"""`spellout classify`: what it prints for people and programs, and what it says when something is wrong."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bot import cli
from bot.core.brain import Brain
from bot.core.memory import Memory
from bot.core.messages import Commanded, Place
from bot.core.rulebook import Rulebook
from tests.core_stage import choices_of, visible

NDAS = "We need people to review 500 NDAs a month against our playbook, our counsel signs off"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)


def given(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))


def output(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_person_reads_the_model_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["classify", *NDAS.split()]) == 0
    said = capsys.readouterr().out
    assert "Legal process outsourcing (LPO)" in said
    assert "contract review" in said
    assert "“our counsel signs off”" in said
    assert "Nothing that is open would change the model." in said
    assert "spellout choose" not in said


def test_a_person_reads_what_is_still_open_and_which_command_asks_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["classify", "Claims adjudication under our policy"]) == 0
    said = capsys.readouterr().out
    assert "Still open, and it could change the model: Domain knowledge, Review and Structure." in said
    assert "run `spellout choose`" in said


@pytest.mark.parametrize("text", [NDAS, "Claims adjudication under our policy", "First-line chat plus an escalation desk", "hello"])
def test_a_person_reads_the_words_that_chat_says(capsys: pytest.CaptureFixture[str], rules: Rulebook, text: str) -> None:
    place = Place("terminal", "T1", "C1", "new-1")
    (reply,) = Brain(rules).decide(Commanded(place, "maya", text, (), command="classify"), place, Memory(), 0).replies
    assert cli.run(["classify", text]) == 0
    printed = {line.strip().removeprefix("- ") for line in capsys.readouterr().out.splitlines()}
    assert set(visible(reply).splitlines()) - {choice.label for choice in choices_of(reply)} <= printed


def test_a_person_reads_both_halves(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["classify", "First-line chat plus an escalation desk"]) == 0
    said = capsys.readouterr().out
    assert "“escalation desk”" in said
    assert "Standard BPO" in said


def test_a_person_reads_what_is_wrong_with_the_label_and_the_plan(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["classify", "--called", "kpo", "Key the fields of scanned forms into our system"]) == 0
    assert "complexity that is not there" in capsys.readouterr().out
    assert cli.run(["classify", "We would promote our best L1 agents to the escalation desk"]) == 0
    assert "categorically different" in capsys.readouterr().out


def test_nothing_to_go_on_says_what_a_useful_description_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["classify", "hello"]) == 0
    assert "who checks it, and who signs" in capsys.readouterr().out


def test_a_program_gets_the_answers_and_the_words_with_their_places(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["classify", "--json", NDAS]) == 0
    (row,) = output(capsys)
    assert (row["model"], row["confidence"], row["open"]) == ("lpo", "firm", [])
    assert row["answers"]["review"] == "accountable"
    (words,) = row["evidence"]["review"]["words"]
    assert NDAS[words["start"] : words["end"]] == words["words"] == "our counsel signs off"
    assert row["evidence"]["judgment"]["how"] == "usual"
    assert row["work"] == ["contract_review"]


def test_rows_are_answered_in_their_order_each_with_its_own_label(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"id": "b", "text": "hello"}, {"id": 7, "text": "Data entry from scanned forms", "called": "KPO", "note": "ignored"}]
    given(monkeypatch, "".join(f"{json.dumps(row)}\n" for row in rows).encode())
    assert cli.run(["classify", "--jsonl"]) == 0
    first, second = output(capsys)
    assert (first["id"], first["model"], first["confidence"], first["because"]) == ("b", None, "none", [])
    assert (second["id"], second["labels"]) == (7, [{"label": "kpo", "mislabel": "overpaying"}])


def test_the_description_may_come_from_a_file_or_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "work.txt").write_bytes(b"\xef\xbb\xbf" + NDAS.encode())
    assert cli.run(["classify", "--json", "--file", "work.txt"]) == 0
    from_file = output(capsys)
    given(monkeypatch, NDAS.encode())
    assert cli.run(["classify", "--json"]) == 0
    assert output(capsys) == from_file


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["some", "work", "--jsonl"], 2, "Give TEXT, --file or --jsonl, only one of them."),
        (["some", "work", "--called", "kop"], 1, "“kop” is no label that I know; the labels are BPO, KPO, LPO, RPO."),
        (["--file", "nowhere.txt"], 1, "nowhere.txt cannot be read (no such file or directory)."),
        (["--file", "latin.txt"], 1, "The description is not UTF-8: save or type it as UTF-8."),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    assert cli.run(["classify", *arguments]) == code
    assert capsys.readouterr().err.startswith(said)


def test_a_row_with_a_bad_label_is_told_with_its_number(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, b'{"id": 1, "text": "data entry", "called": 3}\n')
    assert cli.run(["classify", "--jsonl"]) == 1
    assert capsys.readouterr().err.startswith("Row 1 of the input: “3” is no label that I know")
