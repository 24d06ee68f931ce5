"""What went wrong with the database, in one sentence with the remedy."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.ports import StoreError

SETTING = "SPELLOUT_DATABASE_URL"

_PRIMARY_CODE = 0xFF  # the rest of an SQLite result code is detail

_SQLITE = {
    sqlite3.SQLITE_FULL: "the disk is full; free some space, nothing was lost",
    sqlite3.SQLITE_READONLY: "it cannot be written; give this user the right to write the file and its folder",
    sqlite3.SQLITE_PERM: "it cannot be written; give this user the right to write the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; check that the folder exists and that this user may write there",
    sqlite3.SQLITE_NOTADB: "it is not a database; move the file away to start empty, or restore a backup",
    sqlite3.SQLITE_CORRUPT: "it is damaged; restore a backup, or move the file away to start empty",
    sqlite3.SQLITE_BUSY: "another program keeps it locked; stop that program",
    sqlite3.SQLITE_LOCKED: "another program keeps it locked; stop that program",
    sqlite3.SQLITE_IOERR: "the disk reports an error; check the disk and its free space",
    sqlite3.SQLITE_TOOBIG: "a value is too large for it; please report this",
}


def name_of(url: URL) -> str:
    """The database as an operator knows it, without its password."""
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            return "in memory"
        return url.database if url.database.startswith("file:") else str(Path(url.database).absolute())
    return url.render_as_string(hide_password=True)


def explained(url: URL, error: Exception) -> StoreError:
    """The error as a sentence for an operator. Values of a statement never enter it."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0) & _PRIMARY_CODE
        why = _SQLITE.get(code, f"SQLite says: {cause}")
    elif isinstance(error, DBAPIError):
        first_line = str(cause).strip().split("\n", 1)[0]
        why = f"it says: {first_line}; check that it runs and that {SETTING} is right"
    else:
        why = f"an unexpected {type(cause).__name__}; please report this"
    return StoreError(f"The database {name_of(url)} cannot be used: {why}.")


@contextmanager
def explaining(url: URL) -> Iterator[None]:
    """Turn every database error inside into a StoreError."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise explained(url, error) from error
