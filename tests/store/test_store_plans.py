"""What is asked again and again is found by an index, however much the tables hold."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from bot.core.messages import Place
from bot.ports import Installation
from bot.store import SqlStore
from bot.store.sealing import new_key
from tests.store.deciders import forget_old, noting, reply

ROWS = 5_000
SERIES = {
    "sqlite": f"(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS}) SELECT i FROM n)",
    "postgresql": f"(SELECT * FROM generate_series(1, {ROWS}) AS i)",
}
FULL = (
    "INSERT INTO conversations SELECT 'slack:T1:C' || i || ':1.0', 'T1', '{}', 1, i FROM SERIES AS n",
    "INSERT INTO channels SELECT 'slack:T1:C' || i, 'T1', '{}', 1, i FROM SERIES AS n",
    "INSERT INTO people SELECT 'slack:T1:U' || i, 'T1', '{}', 1, i FROM SERIES AS n",
    "INSERT INTO marks SELECT 'slack:T1:event:' || i, i FROM SERIES AS n",
    "INSERT INTO posts SELECT 'slack:T1:C' || i || ':1.0', 'ask', 'slack:T1:C' || i, 'T1', '1.' || i, i FROM SERIES AS n",
    "INSERT INTO records SELECT 'r' || i, 'T1', 'slack:T1:C' || i, 'x', i, i, '{}', NULL FROM SERIES AS n",
    "INSERT INTO installations SELECT 'slack', 'T' || i, 'x', 'U', 'B', '', '', false, '', '', i FROM SERIES AS n",
    "INSERT INTO install_states SELECT 'h' || i, i FROM SERIES AS n",
    "INSERT INTO outbox (conversation, service, team, channel, thread, direct, reply, slot, needs_opening, attempts, due_at, leased_until,"
    " created_at) SELECT 'slack:T1:C' || i || ':1.0', 'slack', 'T1', 'C' || i, '1.0', false,"
    ' \'{"parts":[],"fallback":"x"}\', \'ask\', false, 0, i, 0, i FROM SERIES AS n',
)


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    """A store with thousands of rows in every table."""
    opened = SqlStore.open(url, keys=[new_key()])
    dialect = opened.engine.dialect.name
    with opened.engine.begin() as connection:
        for statement in FULL:
            connection.exec_driver_sql(statement.replace("SERIES", SERIES[dialect]))
        connection.exec_driver_sql("ANALYZE")
    yield opened
    opened.close()


@contextmanager
def plans(store: SqlStore) -> Iterator[dict[str, str]]:
    """Inside, how the database goes about each statement: statement -> plan."""
    found: dict[str, str] = {}
    explain = "EXPLAIN QUERY PLAN" if store.engine.dialect.name == "sqlite" else "EXPLAIN"

    def look(connection: Any, _cursor: object, statement: str, parameters: Any, _context: object, many: bool) -> None:
        if statement.split(maxsplit=1)[0] in ("SELECT", "UPDATE", "DELETE"):
            cursor = connection.connection.driver_connection.cursor()
            cursor.execute(f"{explain} {statement}", parameters[0] if many else parameters)
            found[statement] = "\n".join(str(row) for row in cursor.fetchall())
            cursor.close()

    event.listen(store.engine, "before_cursor_execute", look)
    yield found
    event.remove(store.engine, "before_cursor_execute", look)


def test_nothing_that_happens_often_reads_a_whole_table(store: SqlStore) -> None:
    place = Place("slack", "T1", "C7", "1.0")
    store.install(Installation(service="slack", team="T7", token="xoxb-1", bot_user="U", bot="B"))
    with plans(store) as found:
        store.step(place, ("slack:T1:event:new",), 9000, noting("RPO", reply("hello", "ask")), person="U7")
        first, second, *_ = store.due(9000, 32)
        store.sent(first, "m")
        store.retry(second, 9900)
        store.next_due()
        store.installation("slack", "T7")
        store.consume_state("abc", 9000)
        store.record("r7")

    assert len(found) >= 10
    whole = {statement: plan for statement, plan in found.items() if "Seq Scan" in plan or ("SCAN" in plan and "USING INDEX" not in plan)}
    assert whole == {}


def test_old_marks_are_found_by_their_age(store: SqlStore) -> None:
    with plans(store) as found:
        forget_old(store, 86_400 + 10)
    (plan,) = {plan for statement, plan in found.items() if statement.startswith("DELETE FROM marks") and "RETURNING" not in statement}
    assert "marks_by_age" in plan
