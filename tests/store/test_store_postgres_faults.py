"""A PostgreSQL that dies, hangs or is short of something: the step fails with a sentence, in time, and the next one succeeds."""

import threading
import time
from collections.abc import Iterator
from urllib.parse import quote

import psycopg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from bot.core.memory import Memory
from bot.core.messages import Place
from bot.core.turn import Decision
from bot.ports import StoreError, Unreachable
from bot.store import SqlStore
from bot.store import engine as engines
from bot.store.faults import explained
from bot.store.patience import Patience
from tests.postgres import Postgres
from tests.store.deciders import THREAD, noting, reply, saying, terms_noted

HASTE = Patience(connect=1, statement=0.2, answer=0.4, pool=0.2)


@pytest.fixture
def url(postgres: Postgres) -> str:
    return postgres.database()


@pytest.fixture
def hasty(url: str) -> Iterator[SqlStore]:
    """A store that waits for nothing longer than a moment."""
    store = SqlStore(engines.connect(url, HASTE))
    yield store
    store.close()


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    opened = SqlStore.open(url)
    yield opened
    opened.close()


# --------------------------------------------------------------------------- it dies


def test_after_the_server_was_restarted_between_two_steps_the_second_does_not_even_notice(postgres: Postgres, store: SqlStore) -> None:
    store.step(THREAD, ("e1",), 1000, noting("RPO"))
    postgres.restart()
    assert store.step(THREAD, ("e2",), 1000, noting("KPO")).new
    assert terms_noted(store, THREAD) == {"RPO", "KPO"}


def test_while_the_server_is_gone_steps_fail_with_the_remedy_and_afterwards_they_succeed(postgres: Postgres, store: SqlStore) -> None:
    store.step(THREAD, ("e1",), 1000, noting("RPO", reply("one")))
    postgres.kill()
    try:
        for _ in range(2):
            with pytest.raises(StoreError, match="check that it runs and that SPELLOUT_DATABASE_URL is right"):
                store.step(THREAD, ("e2",), 1000, noting("KPO"))
            with pytest.raises(StoreError, match="check that it runs"):
                store.due(1000, 9)
    finally:
        postgres.start()
    assert store.step(THREAD, ("e2",), 1000, noting("KPO")).new
    assert terms_noted(store, THREAD) == {"RPO", "KPO"}
    assert [outgoing.reply.fallback for outgoing in store.due(1000, 9)] == ["one"]


def test_a_server_that_dies_in_the_middle_of_a_step_has_saved_nothing_of_it(postgres: Postgres, store: SqlStore) -> None:
    def decide(place: Place, memory: Memory) -> Decision:
        postgres.restart()
        return noting("RPO", reply("one"))(place, memory)

    with pytest.raises(StoreError, match="cannot be used"):
        store.step(THREAD, ("e1",), 1000, decide)
    assert store.step(THREAD, ("e1",), 1000, saying()).new
    assert terms_noted(store, THREAD) == set()
    assert store.next_due() is None


def test_a_server_that_ends_our_connection_is_told_and_the_next_step_has_a_new_one(postgres: Postgres, store: SqlStore) -> None:
    def decide(place: Place, memory: Memory) -> Decision:
        ours = "pid <> pg_backend_pid() AND backend_type = 'client backend'"
        postgres.ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}")
        return noting("RPO")(place, memory)

    with pytest.raises(StoreError, match="it is being stopped; start it again"):
        store.step(THREAD, ("e1",), 1000, decide)
    assert store.step(THREAD, ("e1",), 1000, noting("RPO")).new


# --------------------------------------------------------------------------- another server takes over


def test_after_a_failover_a_session_that_may_only_read_is_given_up_after_one_error(postgres: Postgres, url: str) -> None:
    """A former primary goes on as a standby: it answers questions, as a session does whose transactions are read-only."""
    as_primary = f"{url}%20-cdefault_transaction_read_only%3Doff"
    postgres.ask("ALTER DATABASE postgres SET default_transaction_read_only = on")
    try:
        store = SqlStore.open(url)
        with pytest.raises(StoreError, match="it lets nobody write, as a standby does; name the primary"):
            store.step(THREAD, ("e1",), 1000, noting("RPO"))
    finally:
        postgres.ask("ALTER DATABASE postgres RESET default_transaction_read_only", url=as_primary)
    assert store.step(THREAD, ("e1",), 1000, noting("RPO")).new
    store.close()


def test_a_session_is_not_used_for_ever(url: str) -> None:
    def session(store: SqlStore) -> object:
        with store.engine.connect() as connection:
            return connection.execute(text("SELECT pg_backend_pid()")).scalar()

    lasting, brief = SqlStore(engines.connect(url)), SqlStore(engines.connect(url, Patience(session=0)))
    assert session(lasting) == session(lasting)
    assert session(brief) != session(brief)
    for store in (lasting, brief):
        store.close()


# --------------------------------------------------------------------------- it hangs


def test_a_server_that_answers_nothing_is_given_up_in_time(postgres: Postgres, hasty: SqlStore) -> None:
    hasty.step(THREAD, ("e1",), 1000, noting("RPO"))
    with postgres.frozen():
        began = time.monotonic()
        with pytest.raises(StoreError, match="cannot be used"):
            hasty.step(THREAD, ("e2",), 1000, noting("KPO"))
        assert time.monotonic() - began < 5
    assert hasty.step(THREAD, ("e2",), 1000, noting("KPO")).new
    assert terms_noted(hasty, THREAD) == {"RPO", "KPO"}


def test_a_server_that_stops_answering_in_the_middle_of_a_step_is_given_up_in_time(postgres: Postgres, hasty: SqlStore) -> None:
    began = time.monotonic()

    def decide(place: Place, memory: Memory) -> Decision:
        frozen.__enter__()
        return noting("RPO")(place, memory)

    frozen = postgres.frozen()
    try:
        with pytest.raises(StoreError, match=r"no answer within 0\.4 seconds"):
            hasty.step(THREAD, ("e1",), 1000, decide)
    finally:
        frozen.__exit__(None, None, None)
    assert time.monotonic() - began < 5
    assert hasty.step(THREAD, ("e1",), 1000, noting("RPO")).new


def test_a_step_that_waits_too_long_for_a_lock_fails(store: SqlStore, hasty: SqlStore) -> None:
    store.step(THREAD, ("e1",), 1000, noting("RPO"))
    with store.engine.begin() as connection:
        connection.execute(text("SELECT * FROM conversations FOR UPDATE"))
        with pytest.raises(StoreError, match="it took too long; see what it waits for in pg_stat_activity"):
            hasty.step(THREAD, ("e2",), 1000, noting("KPO"))
    assert hasty.step(THREAD, ("e2",), 1000, noting("KPO")).new


def test_a_process_that_stands_still_in_the_middle_of_a_step_loses_its_locks(url: str, store: SqlStore) -> None:
    frozen = SqlStore(engines.connect(url, Patience(silence=0.2)))
    store.step(THREAD, ("e1",), 1000, noting("RPO"))

    def decide(place: Place, memory: Memory) -> Decision:
        assert store.step(THREAD, ("e3",), 1000, noting("LPO")).new, "the other waits until the server ends our transaction"
        return noting("KPO")(place, memory)

    with pytest.raises(StoreError, match="cannot be used"):
        frozen.step(THREAD, ("e2",), 1000, decide)
    assert terms_noted(store, THREAD) == {"RPO", "LPO"}
    frozen.close()


def test_when_all_connections_are_in_use_a_step_waits_only_so_long(hasty: SqlStore) -> None:
    taken = [hasty.engine.connect() for _ in range(15)]
    with pytest.raises(StoreError, match="all connections to it are in use"):
        hasty.step(THREAD, ("e1",), 1000, noting("RPO"))
    for connection in taken:
        connection.close()
    assert hasty.step(THREAD, ("e1",), 1000, noting("RPO")).new


def test_work_on_whole_tables_may_take_longer(store: SqlStore, hasty: SqlStore) -> None:
    """To forget a team waits as long as it takes for the step that has a row of it in hand."""
    store.step(THREAD, ("e1",), 1000, noting("RPO"))
    forgetting = threading.Thread(target=hasty.forget_team, args=("chat", "T1"))
    with store.engine.begin() as connection:
        connection.execute(text("SELECT * FROM conversations FOR UPDATE"))
        forgetting.start()
        connection.execute(text("SELECT pg_sleep(:long)"), {"long": 2 * HASTE.answer})
    forgetting.join()
    assert terms_noted(store, THREAD) == set()


# --------------------------------------------------------------------------- it refuses


def test_a_database_that_nobody_made_is_told(postgres: Postgres, url: str) -> None:
    with pytest.raises(StoreError, match='database "nowhere" does not exist'):
        SqlStore.open(url.replace("/postgres?", "/nowhere?"))


def test_a_user_without_rights_is_told(postgres: Postgres, url: str) -> None:
    postgres.ask("DROP ROLE IF EXISTS guest")
    postgres.ask("CREATE ROLE guest LOGIN PASSWORD 'sesame'")
    with pytest.raises(StoreError, match="this user has no right to it") as caught:
        SqlStore.open(url.replace("postgres:@", f"guest:{quote('sesame')}@").partition("&options")[0])
    assert "sesame" not in str(caught.value)


def test_what_the_operator_set_in_the_url_holds(url: str) -> None:
    store = SqlStore.open(url.replace("options=", "options=-cstatement_timeout%3D7s%20"))
    with store.engine.connect() as connection:
        assert connection.execute(text("SHOW statement_timeout")).scalar() == "7s"
        assert connection.execute(text("SHOW idle_in_transaction_session_timeout")).scalar() == "30s"
    store.close()


def test_unless_they_set_anything_ours_holds(store: SqlStore) -> None:
    with store.engine.connect() as connection:
        assert connection.execute(text("SHOW statement_timeout")).scalar() == "10s"


# --------------------------------------------------------------------------- is it worth to wait


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        ('connection failed: connection to server at "127.0.0.1", port 5432 failed: Connection refused', True),
        ("[Errno -3] Temporary failure in name resolution", True),
        ("connection timeout expired", True),
        ("connection failed: FATAL:  the database system is starting up", True),
        ("connection failed: FATAL:  sorry, too many clients already", True),
        ("connection failed: FATAL:  das Datenbanksystem startet", True),
        ("connection failed: FATAL:  le système de bases de données est en cours de restauration", True),
        ('connection failed: FATAL:  something that only a later server says, about "bot"', True),
        ('connection failed: FATAL:  role "bot" does not exist', False),
        ('connection failed: FATAL:  role "bot" is not permitted to log in', False),
        ('connection failed: FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "bot", database "spellout", no encryption', False),
        ('connection failed: FATAL:  permission denied for database "spellout"', False),
        ('connection failed: FATAL:  Peer authentication failed for user "bot"', False),
        ('connection failed: FATAL:  password authentication failed for user "bot"', False),
        ('connection failed: FATAL:  database "nowhere" does not exist', False),
        ("connection failed: fe_sendauth: no password supplied", False),
        ("connection failed: server does not support SSL, but SSL was required", False),
        ('connection failed: root certificate file "/root.crt" does not exist', False),
    ],
)
def test_to_wait_is_worth_it_where_the_server_is_away_and_not_where_it_refuses(said: str, waits: bool) -> None:
    error = OperationalError("", {}, psycopg.OperationalError(said))
    assert isinstance(explained(make_url("postgresql://bot@db/spellout"), error), Unreachable) == waits


def test_a_right_that_is_missing_is_not_waited_for_and_a_server_that_stops_is(url: str) -> None:
    for cause, waits in ((psycopg.errors.InsufficientPrivilege(), False), (psycopg.errors.AdminShutdown(), True)):
        assert isinstance(explained(make_url(url), OperationalError("", {}, cause)), Unreachable) == waits
