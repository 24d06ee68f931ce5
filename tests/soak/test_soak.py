"""The soak in short: each replica is killed once, and the database restarted; `make soak` is the long one."""

from tests.postgres import Postgres
from tests.soak.__main__ import soak
from tests.soak.people import Plan, Town
from tests.soak.slack import BadLuck
from tests.soak.soak import Course

SHORT = Course(
    Plan.of(1_000),
    Town(teams=5, channels=20),
    kill_every=1.2,
    kills=2,
    restart_database_every=2,
    restarts=1,
    at_once=12,
    at_most=300,
    settle=60,
    longest=90,
    luck=BadLuck(rate_limited=0.02, unavailable=0.02, dropped=0.02, lost=0.03),
    program=("-m", "tests.soak.swift", "serve"),
)


async def test_whatever_breaks_each_message_that_deserves_a_reply_gets_one(postgres: Postgres) -> None:
    verdict = await soak(SHORT, postgres)
    assert verdict.wrong == []
    happened = {name: int(str(verdict.figures[name])) for name in ("replicas killed", "database restarts", "whispers", "messages posted")}
    assert happened["replicas killed"] == 2
    assert happened["database restarts"] == 1
    assert happened["whispers"] > 0
    assert happened["messages posted"] > 100
