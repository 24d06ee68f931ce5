"""What is forgotten by itself, and when. In small transactions, so that nobody waits long, and safe where several processes purge."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Connection, Table, and_, any_, delete, exists, func, literal_column, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from bot.store import filing, forgetting
from bot.store.tables import channels, conversations, install_states, marks, outbox, people, posts

_log = structlog.get_logger(__name__)

DAY = 86_400
LONG = 7 * DAY
"""Seconds since the last purge after which the clock may as well be wrong as everything have stood still."""
BATCH = 2_000
"""Rows that one transaction deletes at most."""

_PURGED, _LEAPT = "spellout:purged", "spellout:clock_leapt"
"""The marks that say when the last purge was, and the last leap of the clock: to all processes, and after a restart."""


def _note(dialect: Any) -> Any:
    """A mark, new or moved."""
    statement = dialect.insert(marks)
    return statement.on_conflict_do_update(index_elements=[marks.c.mark], set_={"at": statement.excluded.at})


_NOTE = {"sqlite": _note(sqlite), "postgresql": _note(postgresql)}

SET_BY_PEOPLE = ("mode", "shadow", "with_others", "set_by", "house", "records")
"""What of a channel's memory somebody has set or decided there: it stays until they change it."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what is kept, in days. None: until somebody deletes it."""

    conversations: int
    records: int | None = None


def purge(run: Callable[[Callable[[Connection], int]], int], now: int, keep: Retention) -> Iterator[int]:
    """Forget what is too old, a batch for each step of this, which is how many rows went; `run` does it in a transaction of its own.

    Where the clock may be wrong, what is kept for long stays for another day, in which somebody can put it right.
    """
    doubted = run(partial(_doubts, now=now))
    while gone := run(partial(forgetting.once_more, before=now - forgetting.LATE)):
        yield gone
    for table, old in (*_short_lived(now), *(() if doubted else _idle(now - keep.conversations * DAY))):
        yield from _batches(partial(run, partial(_delete, table=table, old=old)))
    if keep.records is not None and not doubted:
        yield from _batches(partial(run, partial(filing.expire, before=now - keep.records * DAY, most=BATCH)))


def _batches(forget: Callable[[], int]) -> Iterator[int]:
    """One batch after the other, to the first that is not full."""
    gone = BATCH
    while gone == BATCH:
        gone = forget()
        yield gone


def _doubts(connection: Connection, now: int) -> int:
    """Whether the clock has leapt ahead within a day (1 or 0); notes the time, by which the next leap will be noticed.

    A computer whose clock ran away looks like one that was switched off for long: only time tells.
    """
    last = _noted(connection, _PURGED)
    if last is not None and now - last > LONG:
        _log.warning("clock_leapt", days=(now - last) // DAY)
        connection.execute(_NOTE[connection.dialect.name], {"mark": _LEAPT, "at": now})
    connection.execute(_NOTE[connection.dialect.name], {"mark": _PURGED, "at": now})
    leapt = _noted(connection, _LEAPT)
    return int(leapt is not None and now - DAY <= leapt <= now)


def _noted(connection: Connection, name: str) -> int | None:
    found: int | None = connection.execute(select(marks.c.at).where(marks.c.mark == name)).scalar()
    return found


def _short_lived(now: int) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """What is of use for a day at most."""
    yield marks, marks.c.at < now - DAY
    yield outbox, outbox.c.created_at < now - DAY
    yield install_states, install_states.c.ends_at < now


def _idle(before: int) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """What nobody has touched since then."""
    yield conversations, conversations.c.touched_at < before
    yield people, and_(people.c.touched_at < before, ~people.c.memory.contains('"dismissed":'))
    yield channels, and_(channels.c.touched_at < before, *(~channels.c.memory.contains(f'"{name}":') for name in SET_BY_PEOPLE))
    yield posts, and_(posts.c.posted_at < before, ~exists().where(conversations.c.key == posts.c.conversation))


def _delete(connection: Connection, table: Table, old: ColumnElement[bool]) -> int:
    """Delete a batch and return its size. Rows that somebody else has in hand are left for the next time."""
    if connection.dialect.name == "postgresql":
        row: ColumnElement[Any] = literal_column(f"{table.name}.ctid")  # where the row lies: the quickest way back to it
        batch = select(row).select_from(table).where(old).limit(BATCH).with_for_update(skip_locked=True, of=table)
        return connection.execute(delete(table).where(row == any_(func.array(batch.scalar_subquery())))).rowcount
    columns: list[Any] = list(table.primary_key.columns)
    key = tuple_(*columns) if len(columns) > 1 else columns[0]
    return connection.execute(delete(table).where(key.in_(select(*columns).where(old).limit(BATCH)))).rowcount
