"""Everything of a team, or of a person, deleted at once. Each function returns how many rows of each table it concerned."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Table, and_, delete, func, insert, select, update

from bot.store.patience import unhurried
from bot.store.tables import channels, conversations, installations, marks, outbox, people, posts, records

_KEYED: Mapping[Table, Column[str]] = {
    outbox: outbox.c.conversation,
    posts: posts.c.conversation,
    records: records.c.channel,
    conversations: conversations.c.key,
    channels: channels.c.key,
    people: people.c.key,
    marks: marks.c.mark,
}
"""The tables whose rows begin with `service:team:` in this column."""

LATE = 600
"""Seconds after which no process takes a team that left for one that is there, as it may while it has not looked it up again."""

_LEFT = "spellout:left:"
"""How the mark begins by which a team that left is remembered until what came late of it is deleted too."""

WHO = frozenset({"by", "owner", "set_by", "shared_by", "teller"})
"""The fields of memories and records that hold a person."""

_SHOWN = frozenset({"person"})
"""The field of a waiting reply that shows a person."""


def team(connection: Connection, service: str, name: str, now: int) -> dict[str, int]:
    """Delete every row of this team. Where it had an installation, that is done `once_more` later."""
    with unhurried(connection):
        counts = _everything(connection, service, name)
        installed = connection.execute(delete(installations).where(_installed(service, name))).rowcount
        if installed:
            left = f"{_LEFT}{service}:{name}"
            connection.execute(delete(marks).where(marks.c.mark == left))
            connection.execute(insert(marks).values(mark=left, at=now))
        return counts | {installations.name: installed}


def once_more(connection: Connection, before: int) -> int:
    """Delete what another process stored of a team that left before then and did not come back; how many rows, with the mark, went.

    One team at a time; 0: there is none left.
    """
    some = select(marks.c.mark).where(marks.c.mark.startswith(_LEFT), marks.c.at < before).limit(1).with_for_update(skip_locked=True)
    left = connection.execute(delete(marks).where(marks.c.mark == some.scalar_subquery()).returning(marks.c.mark)).scalar()
    if left is None:
        return 0
    service, _, name = left.removeprefix(_LEFT).partition(":")
    if connection.execute(select(installations.c.team).where(_installed(service, name))).first():
        return 1
    with unhurried(connection):
        return 1 + sum(_everything(connection, service, name).values())


def _everything(connection: Connection, service: str, name: str) -> dict[str, int]:
    return {table.name: connection.execute(delete(table).where(_of(key, service, name))).rowcount for table, key in _KEYED.items()}


def _installed(service: str, name: str) -> ColumnElement[bool]:
    return and_(installations.c.service == service, installations.c.team == name)


def person(connection: Connection, service: str, name: str, who: str) -> dict[str, int]:
    """Delete this person's own row, marks of what they pressed, replies to them and descriptions by them, and take their name out of what
    is remembered and recorded.

    What they answered and decided stays, as somebody's.
    """
    with unhurried(connection):
        of = delete(people).where(people.c.key == f"{service}:{name}:{who}")
        pressed = and_(_of(marks.c.mark, service, name), marks.c.mark.contains(f":{who}:", autoescape=True))
        here = and_(_installed(service, name), installations.c.installed_by == who)
        return {
            people.name: connection.execute(of).rowcount,
            conversations.name: _unname(connection, conversations, "memory", service, name, who),
            channels.name: _unname(connection, channels, "memory", service, name, who),
            records.name: _unname(connection, records, "record", service, name, who),
            outbox.name: _unaddress(connection, service, name, who),
            marks.name: connection.execute(delete(marks).where(pressed)).rowcount,
            installations.name: connection.execute(update(installations).where(here).values(installed_by="")).rowcount,
        }


def _of(key: Column[str], service: str, name: str) -> ColumnElement[bool]:
    """Whether a key belongs to this team; LIKE would not tell small letters from capitals on SQLite."""
    prefix = f"{service}:{name}:"
    return func.substr(key, 1, len(prefix)) == prefix


def _naming(connection: Connection, table: Table, column: str, service: str, name: str, who: str) -> Sequence[Row[Any]]:
    """The team's rows in whose JSON the person may stand, locked, in the order in which a step locks them."""
    quoted = json.dumps(who, ensure_ascii=False)
    mentioned = and_(_of(_KEYED[table], service, name), table.c[column].contains(quoted, autoescape=True))
    return connection.execute(select(table).where(mentioned).order_by(_KEYED[table]).with_for_update()).all()


def _unname(connection: Connection, table: Table, column: str, service: str, name: str, who: str) -> int:
    """Take the person out of memories or records; how many rows held them."""
    changed = 0
    for row in _naming(connection, table, column, service, name, who):
        before = json.loads(getattr(row, column))
        after = _without(before, who, WHO)
        if after == before:
            continue
        changed += 1
        values: dict[str, Any] = {column: _written(after)}
        if table is records and before.get("by") == who:
            values["description"] = None
        key = next(iter(table.primary_key.columns))
        version = {"version": table.c.version + 1} if "version" in table.c else {}
        connection.execute(update(table).where(key == row._mapping[key]).values(values | version))
    return changed


def _unaddress(connection: Connection, service: str, name: str, who: str) -> int:
    """Delete replies to the person that still wait, and take them out of the others; how many these were."""
    changed = 0
    for row in _naming(connection, outbox, "reply", service, name, who):
        before = json.loads(row.reply)
        after = _without(before, who, _SHOWN)
        if before.get("to") == who:
            connection.execute(delete(outbox).where(outbox.c.id == row.id))
        elif after != before:
            connection.execute(update(outbox).where(outbox.c.id == row.id).values(reply=_written(after)))
        else:
            continue
        changed += 1
    return changed


def _without(value: Any, who: str, fields: frozenset[str]) -> Any:
    """The JSON value with nobody where one of these fields held the person."""
    if isinstance(value, dict):
        return {name: "" if name in fields and held == who else _without(held, who, fields) for name, held in value.items()}
    return [_without(held, who, fields) for held in value] if isinstance(value, list) else value


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
