"""What is forgotten by itself, and when. In small transactions, so that nobody waits long, and safe where several processes purge."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, any_, delete, exists, func, literal_column, select, tuple_

from bot.store import filing
from bot.store.tables import channels, conversations, install_states, marks, outbox, people, posts

DAY = 86_400
BATCH = 2_000
"""Rows that one transaction deletes at most."""

SET_BY_PEOPLE = ("mode", "shadow", "with_others", "set_by", "house", "records")
"""What of a channel's memory somebody has set or decided there: it stays until they change it."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what is kept, in days. None: until somebody deletes it."""

    conversations: int
    records: int | None = None


def purge(run: Callable[[Callable[[Connection], int]], int], now: int, keep: Retention) -> Iterator[int]:
    """Forget what is too old, a batch for each step of this, which is how many rows went; `run` does it in a transaction of its own."""
    for table, old in _old(now, keep):
        yield from _batches(partial(run, partial(_delete, table=table, old=old)))
    if keep.records is not None:
        yield from _batches(partial(run, partial(filing.expire, before=now - keep.records * DAY, most=BATCH)))


def _batches(forget: Callable[[], int]) -> Iterator[int]:
    """One batch after the other, to the first that is not full."""
    gone = BATCH
    while gone == BATCH:
        gone = forget()
        yield gone


def _old(now: int, keep: Retention) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Each table with what of it is too old."""
    idle = now - keep.conversations * DAY
    yield marks, marks.c.at < now - DAY
    yield outbox, outbox.c.created_at < now - DAY
    yield install_states, install_states.c.ends_at < now
    yield conversations, conversations.c.touched_at < idle
    yield people, and_(people.c.touched_at < idle, ~people.c.memory.contains('"dismissed":'))
    yield channels, and_(channels.c.touched_at < idle, *(~channels.c.memory.contains(f'"{name}":') for name in SET_BY_PEOPLE))
    yield posts, and_(posts.c.posted_at < idle, ~exists().where(conversations.c.key == posts.c.conversation))


def _delete(connection: Connection, table: Table, old: ColumnElement[bool]) -> int:
    """Delete a batch and return its size. Rows that somebody else has in hand are left for the next time."""
    if connection.dialect.name == "postgresql":
        row: ColumnElement[Any] = literal_column(f"{table.name}.ctid")  # where the row lies: the quickest way back to it
        batch = select(row).select_from(table).where(old).limit(BATCH).with_for_update(skip_locked=True, of=table)
        return connection.execute(delete(table).where(row == any_(func.array(batch.scalar_subquery())))).rowcount
    columns: list[Any] = list(table.primary_key.columns)
    key = tuple_(*columns) if len(columns) > 1 else columns[0]
    return connection.execute(delete(table).where(key.in_(select(*columns).where(old).limit(BATCH)))).rowcount
