"""Memories of threads, channels and people in the database, changed by compare-and-set."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog
from pydantic import ValidationError
from sqlalchemy import Connection, Table, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.core.memory import Remembered
from bot.store.tables import channels, conversations, people

_log = structlog.get_logger(__name__)

R = TypeVar("R", bound=Remembered)


@dataclass(frozen=True, slots=True)
class Loaded(Generic[R]):
    """A memory as it stood before the step; version 0: nothing was remembered."""

    key: str
    memory: R
    version: int


class Kept:
    """The statements for one table of memories."""

    def __init__(self, table: Table) -> None:
        c = table.c
        self.table = table
        self.load = select(c.memory, c.version).where(c.key == bindparam("of")).with_for_update()
        self.exists = select(c.version).where(c.key == bindparam("of"))
        self.change = (
            update(table)
            .where(c.key == bindparam("of"), c.version == bindparam("known"))
            .values(memory=bindparam("text"), version=c.version + 1, touched_at=bindparam("at"))
            .returning(c.version)
        )
        new: dict[str, Any] = {
            "key": bindparam("of"),
            "team": bindparam("team"),
            "memory": bindparam("text"),
            "version": bindparam("known") + 1,
            "touched_at": bindparam("at"),
        }
        self.create = {
            dialect: insert(table).values(new).on_conflict_do_nothing().returning(c.version)
            for dialect, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
        }

        self.rewrite = (
            update(table)
            .where(c.key == bindparam("of"), c.version == bindparam("known"))
            .values(memory=bindparam("text"), version=c.version + 1)
        )


THREADS = Kept(conversations)
CHANNELS = Kept(channels)
PEOPLE = Kept(people)


def load(connection: Connection, kept: Kept, key: str, kind: type[R]) -> Loaded[R]:
    """The memory under this key; nobody else changes its row until the transaction ends."""
    row = connection.execute(kept.load, {"of": key}).first()
    if row is None:
        return Loaded(key, kind(), 0)
    try:
        return Loaded(key, kind.model_validate_json(row.memory), row.version)
    except ValidationError:
        _log.error("memory_unreadable", table=kept.table.name, key=key)  # starting over helps more than silence for ever
        return Loaded(key, kind(), row.version)


def exists(connection: Connection, kept: Kept, key: str) -> bool:
    """Whether anything stands under this key."""
    return connection.execute(kept.exists, {"of": key}).first() is not None


def save(connection: Connection, kept: Kept, before: Loaded[R], memory: R, team: str, now: int) -> bool:
    """Save it where it changed; False where somebody else changed it meanwhile."""
    if memory == before.memory:
        return True
    row = {"of": before.key, "text": written(memory), "known": before.version, "at": now}
    if before.version:
        return connection.execute(kept.change, row).first() is not None
    return connection.execute(kept.create[connection.dialect.name], row | {"team": team}).first() is not None


def rewrite(connection: Connection, kept: Kept, before: Loaded[R], memory: R) -> None:
    """Save what was taken out of a memory. It counts as idle as before, and its row is ours since it was loaded."""
    if memory != before.memory:
        connection.execute(kept.rewrite, {"of": before.key, "text": written(memory), "known": before.version})


def written(memory: Remembered) -> str:
    """The memory as it stands in its row."""
    return memory.model_dump_json(exclude_defaults=True)
