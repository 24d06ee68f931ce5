"""Opens a database from its URL: SQLite by default, PostgreSQL where it is named."""

import os
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from bot.ports import StoreError
from bot.store.faults import SETTING, explaining, name_of
from bot.store.patience import Patience, unhurried

REVISION = "0002"
"""The migration that this program's tables correspond to."""

BUSY_SECONDS = 5.0
"""How long to wait for another program's write; `?timeout=` in the URL overrides it."""

CONNECTIONS = 5
"""To PostgreSQL, for the events and replies of one process; with a server nearby more of them only wait for the processor."""

_EXAMPLE = "sqlite:////var/lib/spellout/spellout.db"
_UPGRADE_LOCK = 7_735_568_088  # any number, but the same in every process: "spellout" on a telephone's keys, shortened


def connect(url: str, patience: Patience | None = None, *, create: bool = True) -> Engine:
    """An engine on an existing, upgraded database; raises StoreError."""
    engine = reach(url, patience, create=create)
    try:
        upgrade(engine)
    except StoreError:
        engine.dispose()
        raise
    return engine


def reach(url: str, patience: Patience | None = None, *, create: bool = True) -> Engine:
    """An engine on a database as it is, which nothing was asked of yet; raises StoreError."""
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        _prepare_file(parsed, create)
    return _engine(parsed, patience or Patience())


def upgrade(engine: Engine) -> str | None:
    """Bring the tables up to date, one process at a time, and return the revision that they were at; raises StoreError.

    Nothing to do is the usual and quick case. On SQLite every transaction locks out the others, on PostgreSQL this one does by name.
    """
    with explaining(engine.url), engine.connect() as connection:
        found = revision(connection)
        connection.rollback()  # an upgrade must read again under its lock, of which the usual start need not wait its turn
        if found == REVISION:
            return found
        with connection.begin():
            return _upgrade(connection)


def _upgrade(connection: Connection) -> str | None:
    with unhurried(connection):
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _UPGRADE_LOCK})
        found = revision(connection)
        if found is not None and found > REVISION:
            raise StoreError(
                f"The database {name_of(connection.engine.url)} was written by a newer Spellout (its tables are at {found}, this program "
                f"knows {REVISION}): install that version, or set {SETTING} to another database."
            )
        if found != REVISION:
            from bot.store import migrations  # noqa: PLC0415 - Alembic costs more to import than all the rest, and is rarely needed

            migrations.run(connection)
        return found


def at_once(engine: Engine) -> int:
    """How many threads may use it without waiting for one another: SQLite lets one write at a time."""
    return 1 if engine.dialect.name == "sqlite" else CONNECTIONS


def revision(connection: Connection) -> str | None:
    """The revision that the database's tables are at; None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT max(version_num) FROM alembic_version")).scalar()


def _parse(url: str) -> URL:
    wrong = f"{SETTING} is not a database address such as {_EXAMPLE} or postgresql://user:password@host/spellout."
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1) if url.startswith("postgres://") else url)
    except (ArgumentError, ValueError) as error:
        raise StoreError(wrong) from error
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg"):
        raise StoreError(f"{wrong[:-1]}: it names {parsed.drivername!r}, and only SQLite and PostgreSQL (with psycopg) are supported.")
    return parsed.set(drivername="postgresql+psycopg") if parsed.get_backend_name() == "postgresql" else parsed


def file_of(url: URL) -> Path | None:
    """The file of an SQLite database; None for one in memory, and for PostgreSQL."""
    name = url.database if url.get_backend_name() == "sqlite" else None
    return None if not name or name == ":memory:" or name.startswith("file:") else Path(name)


def _prepare_file(url: URL, create: bool) -> None:
    """Make the folder and the file for this user alone, before SQLite would make them for everybody."""
    path = file_of(url)
    if path is None:
        return
    if not create and not path.exists():
        raise StoreError(f"There is no database {path.absolute()} yet: run `spellout db upgrade`, or start Spellout, which makes it too.")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreError(
            f"The database {path.absolute()} cannot be opened ({error.strerror}): give this user the right to write there, "
            f"or set {SETTING} to another place, such as {_EXAMPLE}."
        ) from error


def _engine(url: URL, patience: Patience) -> Engine:
    try:
        if url.get_backend_name() != "sqlite":
            return _postgres(url, patience)
        # One connection, which threads wait for in turn: SQLite lets one write at a time, and a database in memory lives in its connection.
        arguments = {"check_same_thread": False} | ({} if "timeout" in url.query else {"timeout": BUSY_SECONDS})
        engine = create_engine(url, poolclass=QueuePool, pool_size=1, max_overflow=0, connect_args=arguments)
    except (ImportError, NoSuchModuleError) as error:
        raise StoreError(
            f"The database {name_of(url)} needs the Python package psycopg: install it with `pip install 'psycopg[binary]'`."
        ) from error
    except (SQLAlchemyError, ValueError) as error:
        raise StoreError(f"The database {name_of(url)} cannot be used: {SETTING} has an option that is not understood.") from error
    prepare_sqlite(engine)
    return engine


def prepare_sqlite(engine: Engine) -> None:
    """Make every connection of this engine one of ours."""
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)


def _postgres(url: URL, patience: Patience) -> Engine:
    engine = create_engine(url, pool_size=CONNECTIONS, pool_pre_ping=True, pool_timeout=patience.pool, pool_recycle=patience.session)
    from bot.store import postgres  # noqa: PLC0415 - its driver is installed only where PostgreSQL is used

    postgres.limit(engine, patience)
    postgres.leave_standbys(engine)
    return engine


def _prepare_connection(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # Python's module would otherwise begin transactions by its own, older ideas
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """Take the write lock at once: a step that only finds out when it writes could not be repeated safely."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
