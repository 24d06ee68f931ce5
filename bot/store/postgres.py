"""Connections to PostgreSQL that wait no longer than they are told to."""

from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from bot.store.patience import Patience

RV = TypeVar("RV")


class LimitedConnection(psycopg.Connection[Any]):
    """A connection that is given up once the server has not answered for too long: libpq itself would wait for ever."""

    answer_seconds: float | None = None

    def wait(self, gen: PQGen[RV], *arguments: Any, **options: Any) -> RV:
        """Wait for the server, as psycopg does, but not for ever; raises OperationalError."""
        return super().wait(gen if self.answer_seconds is None else self._limited(gen, self.answer_seconds), *arguments, **options)

    def _limited(self, gen: PQGen[RV], seconds: float) -> PQGen[RV]:
        deadline = monotonic() + seconds
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and monotonic() > deadline:
                    gen.close()
                    self.pgconn.finish()
                    raise psycopg.OperationalError(f"no answer within {seconds:g} seconds")
                wanted = gen.send(ready)
        except StopIteration as result:
            return result.value  # type: ignore[no-any-return]


def limit(engine: Engine, patience: Patience) -> None:
    """Have every new connection of this engine wait no longer than that."""
    settings = {"statement_timeout": patience.statement, "idle_in_transaction_session_timeout": patience.silence}
    own = str(engine.url.query.get("options", ""))
    # By a statement and not among the options of the connection, which poolers and proxies in between refuse.
    prepared = "; ".join(f"SET {name} = {round(seconds * 1000)}" for name, seconds in settings.items() if name not in own)

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, arguments: tuple[str, ...], options: dict[str, Any]) -> psycopg.Connection[Any]:
        connection = LimitedConnection.connect(*arguments, **{"connect_timeout": patience.connect, **options})
        connection.answer_seconds = patience.answer
        return connection

    @event.listens_for(engine, "connect")
    def prepare(connection: psycopg.Connection[Any], _record: object) -> None:
        if prepared:
            connection.execute(prepared.encode())
            connection.commit()


def leave_standbys(engine: Engine) -> None:
    """Have this engine give up all its connections once one of them may not write: after a failover they lead to a standby.

    A standby answers the question by which the pool finds broken connections, and would be asked for ever.
    """

    @event.listens_for(engine, "handle_error")
    def leave(context: ExceptionContext) -> None:
        if getattr(context.original_exception, "sqlstate", None) == "25006":
            context.is_disconnect = True
