"""What went wrong with the database, in one sentence with the remedy."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote_plus

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError, TimeoutError

from bot.ports import StoreError, Unreachable

SETTING = "SPELLOUT_DATABASE_URL"

_STRUCK = "***"
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

_POSTGRES = {
    "25006": "it lets nobody write, as a standby does; name the primary",
    "28P01": "it refuses the password; correct it",
    "28000": "it refuses this user; correct the user, or let it in with pg_hba.conf",
    "3D000": "there is no database of that name; make it, or correct the name",
    "42501": "this user has no right to it; grant it the right to create tables in the schema and to use them",
    "53100": "its disk is full; free some space, nothing was lost",
    "53300": "it has no connection left; raise its max_connections, or run fewer processes",
    "57014": "it took too long; see what it waits for in pg_stat_activity",
    "57P01": "it is being stopped; start it again",
    "57P03": "it is starting or stopping; wait a moment",
    "25P03": "a transaction stood still for too long and was ended; nothing of it was saved",
}
"""By SQLSTATE."""

_FOR_NOW = frozenset({"25006", "53300", "57P01", "57P02", "57P03", "08000", "08001", "08003", "08006"})
"""What waiting may mend, by SQLSTATE: the server starts, stops, is full or is not yet the primary."""

_FOR_GOOD_SAID = (
    *("authentication failed", "does not exist", "not permitted", "permission denied", "pg_hba.conf"),
    *("no password supplied", "does not support SSL", "certificate", "invalid"),
)
"""Who is not let in at all is told so without an SQLSTATE, in the server's language. What is not among these words is waited for, with a
line in the log each time: to wait in vain is seen there, and to give up in vain leaves nobody to answer."""


class Changed(StoreError):
    """Somebody else changed the same rows meanwhile; a step is then done again."""


def changed(url: URL) -> Changed:
    """The error when others always came first."""
    return Changed(f"The database {name_of(url)} is changed by too many at once: the event was not taken, try again.")


def name_of(url: URL) -> str:
    """The database as an operator knows it, without its password, wherever in the URL that stands."""
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            return "in memory"
        return url.database if url.database.startswith("file:") else str(Path(url.database).absolute())
    secret = {name: _STRUCK for name in url.query if "password" in name.lower()}
    return url.update_query_dict(secret).render_as_string(hide_password=True).replace(quote_plus(_STRUCK), _STRUCK)


def explained(url: URL, error: Exception) -> StoreError:
    """The error as a sentence for an operator. Values of a statement never enter it."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0) & _PRIMARY_CODE
        why = _SQLITE.get(code, f"SQLite says: {cause}")
    elif isinstance(error, TimeoutError):
        why = "all connections to it are in use for longer than expected; see what it is busy with, and try again"
    elif isinstance(error, DBAPIError) and getattr(cause, "sqlstate", None) in _POSTGRES:
        why = _POSTGRES[cause.sqlstate]  # type: ignore[attr-defined]  # psycopg's own, which may not be installed
    elif isinstance(error, DBAPIError):
        first_line = str(cause).strip().split("\n", 1)[0]
        why = f"it says: {first_line}; check that it runs and that {SETTING} is right"
    else:
        why = f"an unexpected {type(cause).__name__}; please report this"
    kind = Unreachable if _for_now(error, cause) else StoreError
    return kind(f"The database {name_of(url)} cannot be used: {why}.")


def _for_now(error: Exception, cause: BaseException) -> bool:
    """Whether to wait may mend it."""
    if not isinstance(error, DBAPIError) or isinstance(cause, sqlite3.Error):
        return False
    state, said = getattr(cause, "sqlstate", None), str(cause)
    if state is not None:
        return state in _FOR_NOW
    return isinstance(error, OperationalError) and not any(words in said for words in _FOR_GOOD_SAID)


@contextmanager
def explaining(url: URL) -> Iterator[None]:
    """Turn every database error inside into a StoreError."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise explained(url, error) from error
