"""The migrations make exactly the tables that the program uses, from nothing and from every earlier state."""

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from bot.ports import StoreError
from bot.store import SqlStore, engine, migrations
from bot.store.tables import metadata
from tests.store.deciders import THREAD, noting, terms_noted


def test_the_migrations_make_exactly_the_programs_tables(tmp_path: Path) -> None:
    store = SqlStore.open(f"sqlite:///{tmp_path}/spellout.db")
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    store.close()


def test_they_also_make_the_same_statements(tmp_path: Path) -> None:
    """SQLite's own record of its tables tells more than a comparison of columns does."""

    def statements(path: Path) -> dict[str, str]:
        with sqlite3.connect(path) as connection:
            found = {name: " ".join(sql.split()) for name, sql in connection.execute("SELECT name, sql FROM sqlite_master WHERE sql <> ''")}
        connection.close()
        return found

    SqlStore.open(f"sqlite:///{tmp_path}/migrated.db").close()
    direct = create_engine(f"sqlite:///{tmp_path}/direct.db")
    metadata.create_all(direct)
    direct.dispose()
    migrated = statements(tmp_path / "migrated.db")
    del migrated["alembic_version"]
    assert migrated == statements(tmp_path / "direct.db")


def test_the_program_knows_the_newest_migration() -> None:
    probe = create_engine("sqlite://")
    with probe.connect() as connection:
        assert ScriptDirectory.from_config(migrations.configuration(connection)).get_heads() == [engine.REVISION]
    probe.dispose()


def test_an_empty_database_of_old_is_upgraded_at_start(tmp_path: Path) -> None:
    path = tmp_path / "spellout.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    connection.commit()
    connection.close()
    store = SqlStore.open(f"sqlite:///{path}")
    store.step(THREAD, ("e1",), 1000, noting("RPO"))
    assert terms_noted(store, THREAD) == {"RPO"}
    store.close()


def test_a_database_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "spellout.db"
    SqlStore.open(f"sqlite:///{path}").close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9001'")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match=r"newer Spellout \(its tables are at 9001") as caught:
        SqlStore.open(f"sqlite:///{path}")
    assert str(path) in str(caught.value)


def test_a_failed_migration_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "spellout.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE outbox (something_else TEXT)")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="outbox already exists"):
        SqlStore.open(f"sqlite:///{path}")
    probe = create_engine(f"sqlite:///{path}")
    assert inspect(probe).get_table_names() == ["outbox"]
    probe.dispose()


def test_several_processes_that_start_at_once_upgrade_only_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/spellout.db"
    failures: list[Exception] = []

    def start() -> None:
        try:
            SqlStore.open(url).close()
        except StoreError as error:
            failures.append(error)

    starts = [threading.Thread(target=start) for _ in range(4)]
    for one in starts:
        one.start()
    for one in starts:
        one.join()
    assert failures == []


def test_an_up_to_date_database_opens_without_loading_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/spellout.db"
    SqlStore.open(url).close()
    code = f"import sys; from bot.store import SqlStore; SqlStore.open({url!r}).close(); print('alembic' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(sys.path)})
    assert run.stdout == "False\n"
