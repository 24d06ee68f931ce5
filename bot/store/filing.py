"""Decision records in the database."""

from dataclasses import replace
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy import Connection, Row, bindparam, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.core.memory import Channel, Record
from bot.core.messages import Place
from bot.store import memories
from bot.store.tables import records

_log = structlog.get_logger(__name__)
_c = records.c


def _save(dialect: Any) -> Any:
    """A new record, or the newer state of one: when it was made and a kept description stay."""
    statement = dialect.insert(records)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[_c.id],
        set_={
            "record": new.record,
            "changed_at": new.changed_at,
            "description": func.coalesce(new.description, _c.description),
        },
    )


_SAVE = {"sqlite": _save(sqlite), "postgresql": _save(postgresql)}
_ONE = select(records).where(_c.id == bindparam("of"))
_NEWEST = (
    select(records)
    .where(or_(bindparam("in_channel", type_=_c.channel.type) == "", _c.channel == bindparam("in_channel")))
    .order_by(_c.changed_at.desc(), _c.id)
    .limit(bindparam("most"))
)
_FORGET = delete(records).where(_c.id == bindparam("of"))
_OLD = select(_c.id, _c.channel).where(_c.changed_at < bindparam("before")).limit(bindparam("most"))

# --------------------------------------------------------------------------- operations, each inside a transaction of the store


def save(connection: Connection, changed: tuple[Record, ...]) -> None:
    """Save new and changed records."""
    rows = [
        {
            "id": record.id,
            "team": record.team,
            "channel": record.channel,
            "conversation": record.conversation,
            "made_at": record.made_at,
            "changed_at": record.changed_at,
            "record": record.model_dump_json(exclude={"description"}),
            "description": record.description or None,
        }
        for record in changed
    ]
    if rows:
        connection.execute(_SAVE[connection.dialect.name], rows)


def newest(connection: Connection, channel: str, most: int) -> tuple[Record, ...]:
    """The records changed last, of one channel or (empty) of all."""
    found = (_read(row) for row in connection.execute(_NEWEST, {"in_channel": channel, "most": most}).all())
    return tuple(record for record in found if record)


def one(connection: Connection, name: str) -> Record | None:
    """The record with this id."""
    row = connection.execute(_ONE, {"of": name}).first()
    return _read(row) if row else None


def of_channel(connection: Connection, name: str, channel: str) -> Record | None:
    """The record with this id, if it is one of this channel."""
    record = one(connection, name)
    return record if record and record.channel == channel else None


def place_of(record: Record, place: Place) -> Place:
    """The place in the same channel where the record was made."""
    return replace(place, thread=record.conversation.removeprefix(f"{record.channel}:"))


def forget(connection: Connection, name: str) -> bool:
    """Delete the record with this id, from its channel's list too; whether there was one."""
    row = connection.execute(_ONE, {"of": name}).first()
    if row:
        _unlist(connection, {row.channel: {name}})
        connection.execute(_FORGET, {"of": name})
    return row is not None


def expire(connection: Connection, before: int, most: int) -> int:
    """Delete records that nobody changed since then, at most so many, and return how many these were."""
    old: dict[str, set[str]] = {}
    for row in connection.execute(_OLD, {"before": before, "most": most}).all():
        old.setdefault(row.channel, set()).add(row.id)
    _unlist(connection, old)
    names = sorted(name for found in old.values() for name in found)
    if names:
        connection.execute(delete(records).where(_c.id.in_(names), _c.changed_at < before))
    return len(names)


def _unlist(connection: Connection, of: dict[str, set[str]]) -> None:
    """Take records off their channels' lists. The channel before its records, as a step does, so that neither waits for the other."""
    for key, names in sorted(of.items()):
        channel = memories.load(connection, memories.CHANNELS, key, Channel)
        left = tuple(noted for noted in channel.memory.records if noted.id not in names)
        memories.rewrite(connection, memories.CHANNELS, channel, channel.memory.model_copy(update={"records": left}))


def _read(row: Row[Any]) -> Record | None:
    try:
        record = Record.model_validate_json(row.record)
    except ValidationError:
        _log.error("record_unreadable", record=row.id)
        return None
    return record.model_copy(update={"made_at": row.made_at, "description": row.description or ""})
