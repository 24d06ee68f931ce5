"""The migrations make exactly the tables that the program uses, from nothing and from every earlier state."""

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from bot.core.memory import Memory
from bot.core.messages import Place
from bot.core.turn import Decision
from bot.ports import StoreError
from bot.store import SqlStore, engine, migrations
from bot.store.tables import metadata
from tests.store.deciders import THREAD, noting, terms_noted


def test_the_migrations_make_exactly_the_programs_tables(empty_url: str) -> None:
    store = SqlStore.open(empty_url)
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


def begin_at(url: str, revision: str) -> None:
    """Make the tables of an earlier program."""
    old = engine.reach(url)
    with old.begin() as connection:
        command.upgrade(migrations.configuration(connection), revision)
    old.dispose()


WAITING = {"service": "chat", "team": "T1", "channel": "C1", "direct": False, "slot": "", "needs_opening": False, "attempts": 0}
LEFT: tuple[tuple[str, dict[str, object]], ...] = (
    (
        "conversations",
        {
            "key": "chat:T1:C1:100.1",
            "team": "T1",
            "memory": '{"meanings":{"RPO":{"sense":"x","how":"noted"}}}',
            "version": 3,
            "touched_at": 900,
        },
    ),
    ("channels", {"key": "chat:T1:C1", "team": "T1", "memory": '{"mode":"off"}', "version": 2, "touched_at": 900}),
    ("people", {"key": "chat:T1:U1", "team": "T1", "memory": '{"dismissed":{"RPO":1}}', "version": 1, "touched_at": 900}),
    ("marks", {"mark": "e1", "at": 900}),
    (
        "outbox",
        WAITING
        | {"conversation": "chat:T1:C1:100.1", "thread": "100.1", "reply": '{"parts":[],"fallback":"on its way"}'}
        | {"due_at": 900, "leased_until": 1030, "created_at": 900},
    ),
    (
        "outbox",
        WAITING
        | {"conversation": "chat:T1:C1:200.2", "thread": "200.2", "reply": '{"parts":[],"fallback":"waiting"}'}
        | {"due_at": 900, "leased_until": 0, "created_at": 900},
    ),
)
"""What the first program left in the middle of its work, table by table."""


@pytest.fixture
def old_url(empty_url: str) -> str:
    """A database of the first program."""
    begin_at(empty_url, "0001")
    old = engine.reach(empty_url)
    with old.begin() as connection:
        for table, row in LEFT:
            connection.execute(text(f"INSERT INTO {table} ({', '.join(row)}) VALUES (:{', :'.join(row)})"), row)
    old.dispose()
    return empty_url


def test_a_database_of_the_first_program_goes_on_with_all_it_held(old_url: str) -> None:
    store = SqlStore.open(old_url)
    seen: list[Memory] = []

    def look(place: Place, memory: Memory) -> Decision:
        seen.append(memory)
        return Decision(memory)

    assert not store.step(THREAD, ("e1",), 1000, look).new
    assert store.step(THREAD, ("e2",), 1000, look, person="U1").new
    assert (set(seen[0].thread.meanings), seen[0].channel.mode, seen[0].person.dismissed) == ({"RPO"}, "off", {"RPO": 1})
    assert [outgoing.reply.fallback for outgoing in store.due(1000, 9)] == ["waiting"], "what the old program has on its way is left to it"
    (left,) = store.due(1030, 9)
    assert (left.reply.fallback, left.uncertain) == ("on its way", True)
    store.close()


def test_an_upgraded_database_has_exactly_the_programs_tables(old_url: str) -> None:
    store = SqlStore.open(old_url)
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert engine.revision(connection) == engine.REVISION
    store.close()


def test_processes_that_start_at_once_on_an_old_database_upgrade_it_once(old_url: str) -> None:
    """Real processes, all of which see the old tables before any may change them."""
    code = (
        f"import sys; from bot.store import SqlStore, engine, migrations\n"
        f"print('ready', flush=True); sys.stdin.readline()\n"
        f"reached = engine.reach({old_url!r}); print(engine.upgrade(reached)); reached.dispose()"
    )
    environment = {"PYTHONPATH": ":".join(sys.path)}
    started = [
        subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(3)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    found = [process.communicate("go\n")[0].strip() for process in started]
    assert sorted(found) == ["0001", engine.REVISION, engine.REVISION]
    assert [process.returncode for process in started] == [0, 0, 0]


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


def test_several_starts_at_once_make_the_tables_only_once(empty_url: str) -> None:
    failures: list[Exception] = []

    def start() -> None:
        try:
            SqlStore.open(empty_url).close()
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
