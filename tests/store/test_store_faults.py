"""A database that cannot be used is told in one sentence, with its place and the remedy; nothing is half saved."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, make_url

from bot.ports import StoreError
from bot.store import SqlStore
from bot.store.faults import name_of
from tests.store.deciders import THREAD, noting, reply, saying, terms_noted


def opening_fails(url: str) -> str:
    with pytest.raises(StoreError) as caught:
        SqlStore.open(url)
    told = str(caught.value)
    assert told.endswith(".")
    assert "\n" not in told
    return told


@contextmanager
def as_ordinary_user() -> Iterator[None]:
    """The superuser may write what is read-only; anybody else may not."""
    superuser = os.geteuid() == 0
    if superuser:
        os.seteuid(65534)
    try:
        yield
    finally:
        if superuser:
            os.seteuid(0)


def test_the_file_and_its_folder_are_made_for_this_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "down" / "spellout.db"
    store = SqlStore.open(f"sqlite:///{path}")
    store.step(THREAD, ("e1",), 1000, saying())
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    store.close()


def test_a_database_in_memory_needs_no_file() -> None:
    store = SqlStore.open("sqlite://")
    store.step(THREAD, ("e1",), 1000, noting("RPO"))
    assert terms_noted(store, THREAD) == {"RPO"}
    store.close()


def test_sqlite_is_set_up_to_be_quick_and_to_survive_a_crash(tmp_path: Path) -> None:
    store = SqlStore.open(f"sqlite:///{tmp_path}/spellout.db")
    with store.engine.connect() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert found == ["wal", 1, 1, 5000]
    store.close()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("These are only notes, and quite a few of them. " * 50)
    told = opening_fails(f"sqlite:///{path}")
    assert str(path) in told
    assert "not a database; move the file away" in told
    assert path.read_text().startswith("These are only notes")


def test_a_damaged_database(tmp_path: Path) -> None:
    path = tmp_path / "spellout.db"
    store = SqlStore.open(f"sqlite:///{path}")
    for number in range(200):
        store.step(THREAD, (f"e{number}",), 1000, saying(reply("x" * 300)))
    store.close()
    content = bytearray(path.read_bytes())
    content[4096 * 2 :] = b"\xff" * (len(content) - 4096 * 2)
    path.write_bytes(content)
    with pytest.raises(StoreError, match="is damaged; restore a backup"):
        damaged(path)


def damaged(path: Path) -> None:
    store = SqlStore.open(f"sqlite:///{path}")
    try:
        store.step(THREAD, ("e1",), 1000, noting("RPO", reply("hello")))
    finally:
        store.close()


def test_a_file_that_may_only_be_read(tmp_path: Path) -> None:
    path = tmp_path / "spellout.db"
    SqlStore.open(f"sqlite:///{path}").close()
    path.chmod(0o400)
    with as_ordinary_user():
        told = opening_fails(f"sqlite:///{path}")
    assert str(path) in told
    assert "Permission denied): give this user the right to write there" in told


def test_a_database_that_becomes_read_only_while_in_use(tmp_path: Path) -> None:
    path = tmp_path / "spellout.db"
    SqlStore.open(f"sqlite:///{path}").close()
    store = SqlStore.open(f"sqlite:///file:{path}?mode=ro&uri=true")
    with pytest.raises(StoreError, match="cannot be written; give this user the right"):
        store.step(THREAD, ("e1",), 1000, saying())
    store.close()


def test_a_folder_where_nothing_can_be_made() -> None:
    told = opening_fails("sqlite:////proc/spellout/spellout.db")
    assert "/proc/spellout/spellout.db" in told
    assert "SPELLOUT_DATABASE_URL" in told


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    assert "Is a directory" in opening_fails(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize(
    "url", ["", "spellout.db", "postgresql://bot:sesame@host:port/db", "mysql://bot:sesame@host/db", "sqlite+aiosqlite:///x.db"]
)
def test_an_address_that_is_none_or_not_supported(url: str) -> None:
    told = opening_fails(url)
    assert "SPELLOUT_DATABASE_URL" in told
    assert "sqlite:///" in told
    assert "sesame" not in told


def test_an_option_that_is_not_understood(tmp_path: Path) -> None:
    assert "option" in opening_fails(f"sqlite:///{tmp_path}/spellout.db?timeout=soon")


def test_a_missing_driver_is_named_with_its_installation_and_without_the_password() -> None:
    """In a process of its own, where the driver is missing for certain."""
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from bot.store import SqlStore, StoreError\n"
        "try: SqlStore.open('postgresql://bot:sesame@localhost/spellout')\n"
        "except StoreError as error: print(error)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(sys.path)})
    assert "pip install 'psycopg[binary]'" in run.stdout
    assert "postgresql+psycopg://bot:***@localhost/spellout" in run.stdout
    assert run.stderr == ""


def test_a_full_disk_saves_nothing_of_the_step_and_later_steps_succeed(tmp_path: Path) -> None:
    store = SqlStore.open(f"sqlite:///{tmp_path}/spellout.db")
    pages = limit_pages(store, 0)
    limit_pages(store, pages + 2)
    with pytest.raises(StoreError, match="the disk is full; free some space"):
        store.step(THREAD, ("e1",), 1000, noting("RPO", reply("x" * 50_000)))
    limit_pages(store, 1_000_000)
    assert terms_noted(store, THREAD) == set()
    assert store.due(1000, 9) == ()
    assert store.step(THREAD, ("e1",), 1000, noting("RPO", reply("x" * 50_000))).new
    store.close()


def limit_pages(store: SqlStore, most: int) -> int:
    """SQLite then behaves as on a disk of that size; returns the pages in use."""
    with store.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {most}")
        return int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())


def test_a_disk_that_is_full_at_the_moment_of_commit_saves_nothing(tmp_path: Path) -> None:
    store = SqlStore.open(f"sqlite:///{tmp_path}/spellout.db")

    def fail(connection: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    event.listen(store.engine, "commit", fail)
    with pytest.raises(StoreError, match="the disk is full"):
        store.step(THREAD, ("e1",), 1000, noting("RPO"))
    event.remove(store.engine, "commit", fail)
    assert store.step(THREAD, ("e1",), 1000, noting("KPO")).new
    assert terms_noted(store, THREAD) == {"KPO"}
    store.close()


def test_a_database_that_another_program_keeps_locked(tmp_path: Path) -> None:
    path = tmp_path / "spellout.db"
    store = SqlStore.open(f"sqlite:///{path}?timeout=0.01")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another program keeps it locked"):
        store.step(THREAD, ("e1",), 1000, saying())
    other.execute("ROLLBACK")
    other.close()
    assert store.step(THREAD, ("e1",), 1000, saying()).new
    store.close()


@pytest.mark.parametrize(
    "query", ["host=db&password=sesame", "PASSWORD=sesame&password=sesame", "sslpassword=sesame", "password=a&password=sesame"]
)
def test_a_password_that_stands_in_the_query_is_struck_too(query: str) -> None:
    named = name_of(make_url(f"postgresql:///spellout?{query}"))
    assert "spellout?" in named
    assert "***" in named
    assert "sesame" not in named


def test_the_rest_of_the_query_is_named_as_it_is() -> None:
    assert name_of(make_url("postgresql://bot:sesame@/spellout?host=db")) == "postgresql://bot:***@/spellout?host=db"
