"""How long to wait for a database. One that does not answer must not hang Spellout: every wait has an end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for PostgreSQL, all in seconds. What the database's URL says of `connect_timeout` goes before."""

    connect: int = 5
    statement: float = 10
    """For one statement, locks included; the server ends it."""
    answer: float = 15
    """For the server to say anything at all; then the connection counts as lost."""
    pool: float = 10
    """For a connection while the others are in use."""
    silence: float = 30
    """How long the server bears a transaction in which nothing happens: a process that froze must not keep its locks."""
    session: int = 300
    """How long one connection is used; then a new one finds whichever server is the primary by then."""


@contextmanager
def unhurried(connection: Connection) -> Iterator[None]:
    """Inside, in this transaction, a statement may take as long as it takes: for work on whole tables."""
    if connection.dialect.name != "postgresql":
        yield
        return
    driver: Any = connection.connection.driver_connection
    usual = driver.answer_seconds
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    driver.answer_seconds = None
    try:
        yield
    finally:
        driver.answer_seconds = usual
