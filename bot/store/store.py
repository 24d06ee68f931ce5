"""The store: one step of one conversation is one transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog
from pydantic import ValidationError
from sqlalchemy import Connection, Engine, Table, bindparam, delete, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from bot.core.memory import Channel, Memory, Person, Remembered, Thread
from bot.core.messages import Place
from bot.core.record import Record
from bot.core.turn import Decision
from bot.ports import Outgoing, Stepped, StoreError
from bot.store import engine as engines
from bot.store import filing, outbox
from bot.store.faults import explaining, name_of
from bot.store.tables import channels, conversations, marks, people, posts

DAY = 86_400
KEEP_DAYS = 180
"""How long an idle conversation is remembered unless told otherwise."""

_TRIES = 5
_PG_REPEATABLE = {"40001", "40P01"}  # serialisation failure, deadlock: the server asks to try again

_log = structlog.get_logger(__name__)

_DIALECTS = {"sqlite": sqlite, "postgresql": postgresql}

R = TypeVar("R", bound=Remembered)


@dataclass(frozen=True, slots=True)
class _Loaded(Generic[R]):
    """A memory as it stood before the step; version 0: nothing was remembered."""

    key: str
    memory: R
    version: int


class Changed(StoreError):
    """Somebody else changed the same rows meanwhile; a step is then done again."""


class _Kept:
    """The statements for one table of memories."""

    def __init__(self, table: Table) -> None:
        c = table.c
        self.name = table.name
        self.load = select(c.memory, c.version).where(c.key == bindparam("of")).with_for_update()
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
        self.create = {name: _insert_new(dialect, table).values(new).returning(c.version) for name, dialect in _DIALECTS.items()}


def _insert_new(dialect: Any, table: Table) -> Any:
    """An insertion that leaves an existing row alone; what it returns tells which rows were new."""
    return dialect.insert(table).on_conflict_do_nothing()


_THREADS = _Kept(conversations)
_CHANNELS = _Kept(channels)
_PEOPLE = _Kept(people)
_MARK = {name: _insert_new(dialect, marks).returning(marks.c.mark) for name, dialect in _DIALECTS.items()}


class SqlStore:
    """Durable memory in SQLite or PostgreSQL. Use it from one thread at a time."""

    def __init__(self, engine: Engine, keep_days: int = KEEP_DAYS) -> None:
        self.engine = engine
        self._keep_days = keep_days
        self._dialect = engine.dialect.name

    @classmethod
    def open(cls, url: str, keep_days: int = KEEP_DAYS) -> "SqlStore":
        """Open the database, creating and upgrading it as needed; raises StoreError."""
        return cls(engines.connect(url), keep_days)

    # ----------------------------------------------------------------------- steps

    def step(
        self,
        place: Place,
        marks: tuple[str, ...],
        now: int,
        decide: Callable[[Place, Memory], Decision],
        answer_url: str | None = None,
        person: str = "",
    ) -> Stepped:
        """Drop a repeated event; else load, decide, and save memory, marks and replies together. If `decide` raises, nothing is saved."""
        for _ in range(_TRIES):
            try:
                with self._transaction() as connection:
                    if not self._take(connection, marks, now):
                        return Stepped(new=False)
                    own_place = outbox.conversation_place(connection, place)
                    return self._decide_and_save(connection, own_place, person, now, decide, answer_url)
            except Changed:
                continue
        raise self._changed()

    def _take(self, connection: Connection, names: tuple[str, ...], now: int) -> bool:
        """Note the marks; whether all of them were new. Sorted, so that two deliveries of one event cannot lock each other out."""
        rows = [{"mark": name, "at": now} for name in sorted(set(names))]
        return not rows or len(connection.execute(_MARK[self._dialect], rows).all()) == len(rows)

    def _decide_and_save(
        self,
        connection: Connection,
        place: Place,
        person: str,
        now: int,
        decide: Callable[[Place, Memory], Decision],
        answer_url: str | None,
    ) -> Stepped:
        thread = self._load(connection, _THREADS, place.key, Thread)
        channel = self._load(connection, _CHANNELS, place.channel_key, Channel)
        who = self._load(connection, _PEOPLE, place.person_key(person), Person)
        decision = decide(place, Memory(thread=thread.memory, channel=channel.memory, person=who.memory))
        row = {"team": place.team, "at": now}
        self._save(connection, _THREADS, thread, decision.memory.thread, row)
        self._save(connection, _CHANNELS, channel, decision.memory.channel, row)
        self._save(connection, _PEOPLE, who, decision.memory.person, row)
        filing.save(connection, decision.records)
        lasting = tuple(reply for reply in decision.replies if reply.surface != "window")
        outbox.enqueue(connection, place, lasting, now, person, answer_url)
        windows = tuple(reply for reply in decision.replies if reply.surface == "window")
        return Stepped(new=True, windows=windows, reason=decision.reason, queued=len(lasting))

    def _load(self, connection: Connection, kept: _Kept, key: str, kind: type[R]) -> _Loaded[R]:
        row = connection.execute(kept.load, {"of": key}).first()
        if row is None:
            return _Loaded(key, kind(), 0)
        try:
            return _Loaded(key, kind.model_validate_json(row.memory), row.version)
        except ValidationError:
            _log.error("memory_unreadable", table=kept.name, key=key)  # starting over helps more than silence for ever
            return _Loaded(key, kind(), row.version)

    def _save(self, connection: Connection, kept: _Kept, before: _Loaded[R], memory: R, row: dict[str, object]) -> None:
        if memory == before.memory:
            return
        row = row | {"of": before.key, "text": memory.model_dump_json(exclude_defaults=True), "known": before.version}
        statement = kept.change if before.version else kept.create[self._dialect]
        if connection.execute(statement, row).first() is None:
            raise self._changed()

    # ----------------------------------------------------------------------- the outbox

    def due(self, now: int, limit: int) -> tuple[Outgoing, ...]:
        """Lease the replies to send now, at most one a conversation, oldest first."""
        with self._transaction() as connection:
            return outbox.lease(connection, now, limit)

    def next_due(self) -> int | None:
        """When the next waiting reply becomes due, or None if nothing waits."""
        with self._transaction() as connection:
            return outbox.next_due(connection)

    def sent(self, outgoing: Outgoing, message: str | None) -> None:
        """Forget the reply's content, remember the message id for its slot."""
        with self._transaction() as connection:
            outbox.note_sent(connection, outgoing, message)

    def retry(self, outgoing: Outgoing, at: int) -> None:
        """Leave it in the outbox until then."""
        with self._transaction() as connection:
            outbox.postpone(connection, outgoing, at)

    def give_up(self, outgoing: Outgoing) -> None:
        """Drop a reply for good, and those that were to stand in the thread it was to open."""
        with self._transaction() as connection:
            outbox.drop(connection, outgoing)

    def backlog(self) -> tuple[int, int | None]:
        """How many replies wait, and since when the oldest does."""
        with self._transaction() as connection:
            return outbox.backlog(connection)

    def take_over(self) -> None:
        """On SQLite, which one process uses: end the leases of the process that was here before."""
        if self._dialect == "sqlite":
            with self._transaction() as connection:
                outbox.release(connection)

    # ----------------------------------------------------------------------- decision records

    def records(self, channel: str = "", limit: int = 100) -> tuple[Record, ...]:
        """The decision records changed last, of one channel or of all."""
        with self._transaction() as connection:
            return filing.newest(connection, channel, limit)

    def record(self, name: str) -> Record | None:
        """The decision record with this id."""
        with self._transaction() as connection:
            return filing.one(connection, name)

    def forget_record(self, name: str) -> bool:
        """Delete a decision record with its description; whether there was one."""
        with self._transaction() as connection:
            return filing.forget(connection, name)

    # ----------------------------------------------------------------------- keeping house

    def purge(self, now: int) -> None:
        """Forget marks and unsendable replies after a day, idle conversations and people who set nothing after the retention time.

        What people set for a channel or for themselves stays until they change it.
        """
        idle = now - self._keep_days * DAY
        with self._transaction() as connection:
            connection.execute(delete(marks).where(marks.c.at < now - DAY))
            outbox.purge(connection, now - DAY)
            connection.execute(delete(conversations).where(conversations.c.touched_at < idle))
            connection.execute(delete(people).where(people.c.touched_at < idle, ~people.c.memory.contains('"dismissed"')))
            remembered = exists().where(conversations.c.key == posts.c.conversation)
            connection.execute(delete(posts).where(posts.c.posted_at < idle, ~remembered))

    def close(self) -> None:
        """Release the database."""
        self.engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with explaining(self.engine.url):
            try:
                with self.engine.begin() as connection:
                    yield connection
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) in _PG_REPEATABLE:
                    raise self._changed() from error
                raise

    def _changed(self) -> Changed:
        return Changed(f"The database {name_of(self.engine.url)} is changed by too many at once: the event was not taken, try again.")
