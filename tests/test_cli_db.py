"""`spellout db`, `spellout keys` and `spellout forget` on real databases."""

import io
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import cli
from bot.core.messages import Place, Reply
from bot.core.turn import Decision
from bot.ports import Installation
from bot.settings import table
from bot.store import SqlStore
from bot.store.faults import name_of
from bot.store.sealing import new_key
from tests.postgres import Postgres

KEY, NEWER = new_key(), new_key()
HERE = Installation(service="slack", team="T1", token="xoxb-1-planted", bot_user="U0BOT", bot="B1")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for row in table():
        monkeypatch.delenv(row.name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPELLOUT_ENCRYPTION_KEYS", KEY)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database that is empty yet."""
    server: Postgres | None = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    found = server.empty() if server else f"sqlite:///{tmp_path}/spellout.db"
    monkeypatch.setenv("SPELLOUT_DATABASE_URL", found)
    return found


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    opened = SqlStore.open(url, keys=[KEY])
    yield opened
    opened.close()


class Terminal(io.StringIO):
    """Standard input with a person at it."""

    def isatty(self) -> bool:
        return True


# --------------------------------------------------------------------------- db


def test_upgrade_makes_the_tables_and_then_has_nothing_to_do(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["db", "upgrade"]) == 0
    assert capsys.readouterr().out.endswith(" are at 0002 now.\n")
    assert cli.run(["db", "upgrade"]) == 0
    assert capsys.readouterr().out.endswith(" are at 0002 already.\n")


def test_check_says_what_is_there(store: SqlStore, capsys: pytest.CaptureFixture[str]) -> None:
    place = Place("slack", "T1", "C1", "1.0")
    store.step(place, ("m1", "m2"), 1795251600, lambda place, memory: Decision(memory, (Reply((), "hello"),)))
    assert cli.run(["db", "check"]) == 0
    said = capsys.readouterr().out
    lines = {line.split()[0]: line.split()[1] for line in said.splitlines() if " row" in line}
    assert lines == {
        "channels": "0",
        "conversations": "0",
        "install_states": "0",
        "installations": "0",
        "marks": "2",
        "outbox": "1",
        "people": "0",
        "posts": "0",
        "records": "0",
    }
    assert "tables are at 0002; this program needs 0002" in said
    assert "was queued 2026-11-21 09:00 UTC" in said
    assert " 1 row " in said
    assert said.endswith("It can be read and written.\n")


@pytest.mark.parametrize(("seconds", "ago"), [(59, "0 minutes ago"), (60, "1 minute ago"), (120, "2 minutes ago")])
def test_check_counts_the_minutes_of_the_oldest_reply(
    store: SqlStore, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, seconds: int, ago: str
) -> None:
    store.step(Place("slack", "T1", "C1", "1.0"), (), 1000, lambda place, memory: Decision(memory, (Reply((), "hello"),)))
    monkeypatch.setattr(time, "time", lambda: 1000.0 + seconds)
    assert cli.run(["db", "check"]) == 0
    assert f", {ago}.\n" in capsys.readouterr().out


def test_check_changes_nothing(store: SqlStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert [cli.run(["db", "check"]) for _ in range(2)] == [0, 0]
    assert "marks                      0 rows" in capsys.readouterr().out


def test_check_of_a_database_without_tables_names_the_remedy(
    url: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(tmp_path / "spellout.db").touch()
    assert cli.run(["db", "check"]) == 1
    said = capsys.readouterr()
    assert "It has no tables yet; this program needs 0002." in said.out
    assert "run `spellout db upgrade`" in said.err


@pytest.mark.parametrize("command", [["db", "check"], ["keys", "rotate"], ["forget", "--team", "T1", "--yes"]])
def test_what_only_looks_or_deletes_makes_no_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    monkeypatch.setenv("SPELLOUT_DATABASE_URL", f"sqlite:///{tmp_path}/deep/none.db")
    assert cli.run(command) == 1
    assert "There is no database" in capsys.readouterr().err
    assert not (tmp_path / "deep").exists()


def test_check_of_a_damaged_file_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "spellout.db"
    store = SqlStore.open(f"sqlite:///{path}")
    place = Place("slack", "T1", "C1", "1.0")
    for number in range(200):
        store.step(place, (f"m{number}",), 1795251600, lambda place, memory: Decision(memory, (Reply((), "x" * 300),)))
    store.close()
    content = bytearray(path.read_bytes())
    content[-3 * 4096 : -2 * 4096] = b"\xff" * 4096
    path.write_bytes(content)
    monkeypatch.setenv("SPELLOUT_DATABASE_URL", f"sqlite:///{path}")
    assert cli.run(["db", "check"]) == 1
    assert "is damaged" in capsys.readouterr().err


def test_check_of_a_newer_database_names_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "spellout.db"
    SqlStore.open(f"sqlite:///{path}").close()
    monkeypatch.setenv("SPELLOUT_DATABASE_URL", f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9001'")
    connection.close()
    assert cli.run(["db", "check"]) == 1
    assert "written by a newer Spellout: install that version" in capsys.readouterr().err


def test_check_of_what_cannot_be_written_says_so(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = postgres.database().replace("search_path", "default_transaction_read_only%3Don%20-csearch_path")
    monkeypatch.setenv("SPELLOUT_DATABASE_URL", url)
    assert cli.run(["db", "check"]) == 1
    assert "it lets nobody write, as a standby does; name the primary" in capsys.readouterr().err


def test_check_of_a_server_that_is_not_there_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SPELLOUT_DATABASE_URL", f"postgresql://bot:sesame@/spellout?host={tmp_path}")
    assert cli.run(["db", "check"]) == 1
    said = capsys.readouterr().err
    assert "check that it runs and that SPELLOUT_DATABASE_URL is right" in said
    assert "sesame" not in said


# --------------------------------------------------------------------------- keys


def test_a_new_key_is_one_that_can_be_set(monkeypatch: pytest.MonkeyPatch, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["keys", "new"]) == 0
    monkeypatch.setenv("SPELLOUT_ENCRYPTION_KEYS", capsys.readouterr().out.strip())
    assert [cli.run(command) for command in (["db", "upgrade"], ["keys", "rotate"])] == [0, 0]


def test_after_rotation_the_old_key_is_not_needed(
    store: SqlStore, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store.install(HERE)
    monkeypatch.setenv("SPELLOUT_ENCRYPTION_KEYS", f"{NEWER},{KEY}")
    assert cli.run(["keys", "rotate"]) == 0
    assert capsys.readouterr().out == "Tokens that are encrypted with the first key of SPELLOUT_ENCRYPTION_KEYS now: 1.\n"
    later = SqlStore.open(url, keys=[NEWER])
    assert later.installation("slack", "T1") == HERE
    later.close()


def test_a_token_that_no_key_opens_is_named(store: SqlStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    store.install(HERE)
    monkeypatch.setenv("SPELLOUT_ENCRYPTION_KEYS", NEWER)
    assert cli.run(["keys", "rotate"]) == 1
    assert "No key opens the token of slack:T1: add the key" in capsys.readouterr().err


def test_without_any_key_the_remedy_is_told(url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("SPELLOUT_ENCRYPTION_KEYS")
    assert cli.run(["keys", "rotate"]) == 1
    assert "set SPELLOUT_ENCRYPTION_KEYS to a key, which `spellout keys new` makes" in capsys.readouterr().err


# --------------------------------------------------------------------------- forget


def test_forgetting_a_team_prints_what_it_deleted(store: SqlStore, capsys: pytest.CaptureFixture[str]) -> None:
    store.install(HERE)
    assert cli.run(["forget", "--team", "T1", "--yes"]) == 0
    said = capsys.readouterr().out
    assert "What was stored of the team T1 at slack in " in said
    assert "installations              1" in said
    assert store.installations("slack") == ()


def test_forgetting_who_is_not_there_is_told_with_the_database(store: SqlStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["forget", "--team", "T0WRONG", "--yes"]) == 0
    assert capsys.readouterr().out.startswith(f"Nothing was stored of the team T0WRONG at slack in {name_of(store.engine.url)}: is this")


def test_forgetting_a_person_prints_what_it_changed(store: SqlStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["forget", "--team", "T1", "--user", "U1", "--yes"]) == 0
    assert "the person U1 of the team T1 at slack" in capsys.readouterr().out


@pytest.mark.parametrize(("typed", "code", "left"), [("y\n", 0, 0), ("n\n", 1, 1), ("\n", 1, 1)])
def test_it_asks_first(store: SqlStore, monkeypatch: pytest.MonkeyPatch, typed: str, code: int, left: int) -> None:
    store.install(HERE)
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    assert cli.run(["forget", "--team", "T1"]) == code
    assert len(store.installations("slack")) == left


def test_where_nobody_can_be_asked_it_does_nothing(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store.install(HERE)
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert cli.run(["forget", "--team", "T1"]) == 1
    assert "add --yes" in capsys.readouterr().err
    assert store.installations("slack") == (HERE,)


@pytest.mark.parametrize("team", ["", "T1:C1"])
def test_what_is_no_team_is_told(url: str, team: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["forget", "--team", team, "--yes"]) == 1
    assert "give its id, such as T0HOME" in capsys.readouterr().err
