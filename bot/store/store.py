"""The store: one step of one conversation is one transaction."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from bot.core.memory import Channel, Memory, Person, Record, Thread
from bot.core.messages import Place
from bot.core.turn import Decision
from bot.ports import Installation, Outgoing, Stepped
from bot.store import engine as engines
from bot.store import filing, forgetting, installing, memories, outbox, purging
from bot.store.claim import Claim
from bot.store.faults import Changed, changed, explaining
from bot.store.installing import Rotated
from bot.store.purging import Retention
from bot.store.sealing import Seal
from bot.store.tables import marks

KEEP_DAYS = 180
"""How long an idle conversation is remembered unless told otherwise."""

_TRIES = 5
_PG_REPEATABLE = {"40001", "40P01"}  # serialisation failure, deadlock: the server asks to try again

T = TypeVar("T")


def _mark(dialect: Any) -> Any:
    """An insertion that leaves an existing row alone; what it returns tells which rows were new."""
    return dialect.insert(marks).on_conflict_do_nothing().returning(marks.c.mark)


_MARK = {"sqlite": _mark(sqlite), "postgresql": _mark(postgresql)}


class SqlStore:
    """Durable memory in SQLite or PostgreSQL. Any thread may use it: on SQLite they take turns, on PostgreSQL each has its connection."""

    def __init__(
        self, engine: Engine, keep_days: int = KEEP_DAYS, *, keys: Sequence[str] = (), keep_records_days: int | None = None
    ) -> None:
        self.engine = engine
        self._keep = Retention(keep_days, keep_records_days)
        self._seal = Seal(keys)
        self._dialect = engine.dialect.name
        self._claim: Claim | None = None
        self.at_once = engines.at_once(engine)
        """How many threads may use it without waiting for one another."""

    @classmethod
    def open(
        cls,
        url: str,
        keep_days: int = KEEP_DAYS,
        *,
        keys: Sequence[str] = (),
        keep_records_days: int | None = None,
        create: bool = True,
    ) -> "SqlStore":
        """Open the database, creating (unless told not to) and upgrading it as needed; raises StoreError.

        `keys` seal the tokens of installations, the first those of new ones. Records are kept for so many days, or until deleted.
        """
        return cls(engines.connect(url, create=create), keep_days, keys=keys, keep_records_days=keep_records_days)

    def claim(self) -> None:
        """On SQLite, be the one process that hears and sends, until it is closed; raises StoreError where another one is."""
        self._claim = Claim(self.engine.url)

    # ----------------------------------------------------------------------- steps

    def step(
        self,
        place: Place,
        marks: tuple[str, ...],
        now: int,
        decide: Callable[[Place, Memory], Decision],
        answer_url: str | None = None,
        person: str = "",
        about: str = "",
    ) -> Stepped:
        """Drop a repeated event; else load, decide, and save memory, marks and replies together. If `decide` raises, nothing is saved."""

        def work(connection: Connection) -> Stepped:
            if not self._take(connection, marks, now):
                return Stepped(new=False)
            record = filing.of_channel(connection, about, place.channel_key) if about else None
            own_place = filing.place_of(record, place) if record else outbox.conversation_place(connection, place)
            return self._decide_and_save(connection, own_place, person, now, decide, answer_url, record)

        return self._run(work)

    def remembers(self, place: Place) -> bool:
        """Whether anything is remembered of the conversation of this place."""
        with self._transaction() as connection:
            return outbox.conversation_place(connection, place) != place or memories.exists(connection, memories.THREADS, place.key)

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
        record: Record | None,
    ) -> Stepped:
        thread = memories.load(connection, memories.THREADS, place.key, Thread)
        channel = memories.load(connection, memories.CHANNELS, place.channel_key, Channel)
        who = memories.load(connection, memories.PEOPLE, place.person_key(person), Person)
        decision = decide(place, Memory(thread=thread.memory, channel=channel.memory, person=who.memory, record=record))
        after, team = decision.memory, place.team
        saved = (
            memories.save(connection, memories.THREADS, thread, after.thread, team, now)
            and memories.save(connection, memories.CHANNELS, channel, after.channel, team, now)
            and memories.save(connection, memories.PEOPLE, who, after.person, team, now)
        )
        if not saved:
            raise changed(self.engine.url)
        filing.save(connection, decision.records)
        lasting = tuple(reply for reply in decision.replies if reply.surface != "window")
        outbox.enqueue(connection, place, lasting, now, person, answer_url)
        windows = tuple(reply for reply in decision.replies if reply.surface == "window")
        return Stepped(new=True, windows=windows, reason=decision.reason, queued=len(lasting))

    # ----------------------------------------------------------------------- the outbox

    def due(self, now: int, limit: int, resting: frozenset[str] | None = None) -> tuple[Outgoing, ...]:
        """Lease the replies to send now, at most one a conversation, oldest first; where told what rests, one new message a channel."""
        with self._transaction() as connection:
            return outbox.lease(connection, now, limit, resting)

    def next_due(self, resting: frozenset[str] = frozenset()) -> int | None:
        """When the next waiting reply becomes due, or None if nothing waits but for those that rest."""
        with self._transaction() as connection:
            return outbox.next_due(connection, resting)

    def sent(self, outgoing: Outgoing, message: str | None) -> None:
        """Forget the reply's content, remember the message id for its slot."""
        with self._transaction() as connection:
            outbox.note_sent(connection, outgoing, message)

    def retry(self, outgoing: Outgoing, at: int, uncertain: bool = True) -> None:
        """Leave it in the outbox until then; whether it may stand there already."""
        with self._transaction() as connection:
            outbox.postpone(connection, outgoing, at, uncertain)

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
        return self._run(lambda connection: filing.forget(connection, name))

    # ----------------------------------------------------------------------- installations

    def install(self, installation: Installation) -> None:
        """Remember it, in place of an earlier one of the same service and team; its token is sealed. Replies that wait there are due."""
        sealed = self._seal.seal(installation.service, installation.team, installation.token)
        self._run(lambda connection: installing.save(connection, installation, sealed))

    def installation(self, service: str, team: str) -> Installation | None:
        """The installation of this team, if there is one whose token can be opened."""
        with self._transaction() as connection:
            return installing.one(connection, self._seal, service, team)

    def installations(self, service: str) -> tuple[Installation, ...]:
        """Every installation at this service, the latest first; one whose token cannot be opened is reported and left out."""
        with self._transaction() as connection:
            return installing.every(connection, self._seal, service)

    def uninstall(self, service: str, team: str) -> None:
        """Delete the installation and everything else that was stored of this team."""
        self.forget_team(service, team)

    def rotate(self) -> Rotated:
        """Seal the token of every installation under the first key."""
        with self._transaction() as connection:
            return installing.rotate(connection, self._seal)

    def issue_state(self, state: str, until: int) -> None:
        """Remember the state of an installation that was begun, until then."""
        with self._transaction() as connection:
            installing.issue(connection, state, until)

    def consume_state(self, state: str, now: int) -> bool:
        """Whether this state was issued, has not ended and was not consumed before; from now on it is."""
        with self._transaction() as connection:
            return installing.consume(connection, state, now)

    # ----------------------------------------------------------------------- keeping house

    def purge(self, now: int) -> Iterator[int]:
        """Forget, a batch for each step of this, marks and unsendable replies after a day, installations that were not finished in time,
        and what is idle for longer than the retention time: conversations, and people and channels for which nobody set anything.

        What people set for a channel or for themselves stays until they change it.
        """
        return purging.purge(self._run, now, self._keep)

    def forget_team(self, service: str, team: str) -> dict[str, int]:
        """Delete everything that is stored of a team; table -> how many rows."""
        now = int(time.time())
        return self._run(lambda connection: forgetting.team(connection, service, team, now))

    def forget_person(self, service: str, team: str, person: str) -> dict[str, int]:
        """Delete what is stored of a person of a team, and their name wherever it stands; table -> how many rows that concerned."""
        return self._run(lambda connection: forgetting.person(connection, service, team, person))

    def close(self) -> None:
        """Release the database."""
        self.engine.dispose()
        if self._claim:
            self._claim.release()

    def _run(self, work: Callable[[Connection], T]) -> T:
        """Do it in a transaction, again where somebody else changed the same rows meanwhile."""
        for _ in range(_TRIES):
            try:
                with self._transaction() as connection:
                    return work(connection)
            except Changed:
                continue
        raise changed(self.engine.url)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with explaining(self.engine.url):
            try:
                with self.engine.begin() as connection:
                    yield connection
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) in _PG_REPEATABLE:
                    raise changed(self.engine.url) from error
                raise
