"""What state a database is in, found out without changing anything in it."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from bot.store import engine as engines
from bot.store.faults import explained, explaining, name_of
from bot.store.patience import unhurried
from bot.store.tables import marks, metadata, outbox


@dataclass(frozen=True, slots=True)
class Size:
    """How much a table holds; `bytes` with its indexes, where the database tells."""

    table: str
    rows: int
    bytes: int | None


@dataclass(frozen=True, slots=True)
class Health:
    """The state of a database. `refused` says why it cannot be written, `waiting_since` when its oldest waiting reply was queued."""

    database: str
    revision: str | None
    sizes: tuple[Size, ...]
    bytes: int
    waiting_since: int | None
    refused: str

    @property
    def current(self) -> bool:
        """Whether its tables are those of this program."""
        return self.revision == engines.REVISION

    @property
    def newer(self) -> bool:
        """Whether its tables are those of a later program."""
        return self.revision is not None and self.revision > engines.REVISION


def examine(url: str) -> Health:
    """The state of the database at this URL; raises StoreError where there is none or it does not answer."""
    engine = engines.reach(url, create=False)
    try:
        with explaining(engine.url), engine.connect() as connection, unhurried(connection):
            there = set(inspect(connection).get_table_names())
            tables = [table for table in metadata.sorted_tables if table.name in there]
            rows = {table: connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables}
            return Health(
                database=name_of(engine.url),
                revision=engines.revision(connection),
                sizes=tuple(Size(table.name, rows[table], _bytes(connection, table.name)) for table in tables),
                bytes=_all_bytes(connection),
                waiting_since=connection.execute(select(func.min(outbox.c.created_at))).scalar() if outbox in tables else None,
                refused=_damage(connection) or _refused(connection, marks in tables),
            )
    finally:
        engine.dispose()


def _damage(connection: Connection) -> str:
    """What is broken in the file of an SQLite database, or nothing; PostgreSQL looks after its own pages."""
    if connection.dialect.name != "sqlite":
        return ""
    found = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
    return "" if found == "ok" else f"The database {name_of(connection.engine.url)} is damaged ({found}): restore a backup."


def _refused(connection: Connection, has_tables: bool) -> str:
    """Why nothing can be written, or nothing; what was tried is undone."""
    try:
        if has_tables:
            connection.execute(insert(marks).values(mark="spellout db check", at=0))
        else:
            connection.execute(text("CREATE TABLE spellout_db_check (at INTEGER)"))
    except SQLAlchemyError as error:
        return str(explained(connection.engine.url, error))
    finally:
        connection.rollback()
    return ""


def _bytes(connection: Connection, table: str) -> int | None:
    if connection.dialect.name != "postgresql":
        return None
    return int(connection.execute(select(func.pg_total_relation_size(func.to_regclass(table)))).scalar_one())


def _all_bytes(connection: Connection) -> int:
    if connection.dialect.name == "postgresql":
        return int(connection.execute(select(func.pg_database_size(func.current_database()))).scalar_one())
    return int(connection.execute(text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")).scalar_one())
