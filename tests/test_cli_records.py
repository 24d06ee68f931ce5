"""`spellout records` on a real database."""

import csv
import io
import json
from pathlib import Path

import pytest

from bot import cli
from bot.core.messages import Place
from bot.core.turn import Decision
from bot.store import SqlStore
from tests.core.test_record import RECORD

PLACE = Place("chat", "T1", "C1", "m1")
OTHER = RECORD.model_copy(update={"id": "other", "model": "kpo", "changed_at": RECORD.changed_at + 60})


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/spellout.db"
    monkeypatch.setenv("SPELLOUT_DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)
    store = SqlStore.open(url)
    store.step(PLACE, (), 0, lambda place, memory: Decision(memory, records=(RECORD, OTHER)))
    store.close()


def test_list_shows_one_a_line_the_newest_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["records", "list"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "other\t2026-09-21 14:15 UTC\tKnowledge process outsourcing (KPO)\tlikely\tchat:T1:C1",
        "k7f3q2mxyz\t2026-09-21 14:14 UTC\tHigh-skill BPO\tlikely\tchat:T1:C1",
    ]
    assert cli.run(["records", "list", "--channel", "chat:T1:C9"]) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "There is no decision record of chat:T1:C9.\n")
    assert cli.run(["records", "list", "--channel", "vendor-contracts"]) == 1
    assert "write service:team:channel" in capsys.readouterr().err


def test_an_empty_database_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/empty.db"
    monkeypatch.setenv("SPELLOUT_DATABASE_URL", url)
    assert cli.run(["records", "list"]) == 1
    assert capsys.readouterr().err.startswith(f"There is no database {tmp_path}/empty.db yet")
    assert not (tmp_path / "empty.db").exists()
    SqlStore.open(url).close()
    assert cli.run(["records", "list"]) == 0
    assert capsys.readouterr().err.endswith("There is no decision record yet.\n")


def test_show_and_export_write_it_in_three_formats(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["records", "show", RECORD.id]) == 0
    page = capsys.readouterr().out
    assert page.startswith("# Decision record: High-skill BPO")
    assert cli.run(["records", "export", RECORD.id]) == 0
    assert capsys.readouterr().out == page
    assert cli.run(["records", "export", RECORD.id, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["model"] == "high_skill_bpo"
    assert cli.run(["records", "export", RECORD.id, "other", "--format", "csv"]) == 0
    assert [row["id"] for row in csv.DictReader(io.StringIO(capsys.readouterr().out))] == [RECORD.id, "other"]


def test_several_records_go_into_one_file_as_csv_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["records", "export", RECORD.id, "other"]) == 1
    assert "as CSV only" in capsys.readouterr().err


def test_compare_puts_two_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["records", "compare", RECORD.id, "other"]) == 0
    assert "| Operating model | High-skill BPO | Knowledge process outsourcing (KPO) | yes |" in capsys.readouterr().out


def test_a_deleted_record_is_gone(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["records", "delete", "other"]) == 0
    assert cli.run(["records", "show", "other"]) == 1
    assert "There is no record “other”" in capsys.readouterr().err


def test_a_record_is_reopened_and_an_answer_changed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert cli.run(["records", "change", RECORD.id, "structure=unstable", "--by", "priya"]) == 0
    page = capsys.readouterr().out
    assert page.startswith("# Decision record: Keep it in-house for now")
    assert "- **Result number:** 3" in page
    assert "| priya |" in page
    store = SqlStore.open(f"sqlite:///{tmp_path}/spellout.db")
    (card,) = store.due(2_000_000_000, 5)
    store.close()
    assert "Keep it in-house" in card.reply.parts[0].text  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("answers", "said"),
    [("review=qa", "Nothing changed"), ("review=maybe", "“maybe” is no answer to review"), ("review", "“review” is no answer")],
)
def test_what_cannot_be_changed_is_said(capsys: pytest.CaptureFixture[str], answers: str, said: str) -> None:
    assert cli.run(["records", "change", RECORD.id, answers]) == 1
    assert capsys.readouterr().err.startswith(said)
