"""A database that fails while we run: told once, retried quietly, and told again when it works."""

import asyncio
import sqlite3
from collections.abc import MutableMapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.metrics import Metrics
from bot.ports import StoreError
from bot.store import SqlStore
from bot.trouble import AGAIN_AFTER, StoreTrouble
from tests.service_stage import Clock, Stage, said


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def told(logs: Sequence[MutableMapping[str, Any]]) -> list[object]:
    return [entry["event"] for entry in logs if str(entry["event"]).startswith("store_")]


async def until_failed(stage: Stage, times: int) -> None:
    async with asyncio.timeout(10):
        while stage.counted("database_errors_total") < times:  # noqa: ASYNC110 - a counter cannot be awaited
            await asyncio.sleep(0)


async def test_a_full_disk_is_told_once_and_what_waits_goes_on_when_there_is_room(stage: Stage) -> None:
    """SQLite's own error for a full disk: the file may not grow beyond the pages it has."""
    with capture_logs() as logs:
        async with stage.running() as service:
            fill(stage.store)
            for number in range(3):
                with pytest.raises(StoreError, match="the disk is full"):
                    await service.hear(said("hello", event=f"Ev{number}"))
            assert service.troubled
            assert stage.counted("database_up") == 0
            await until_failed(stage, 8)
            assert told(logs) == ["store_failed"]
            make_room(stage.store)
            async with asyncio.timeout(10):
                while not stage.counted("database_up"):  # noqa: ASYNC110 - no event arrives: the outbox finds out by itself
                    await asyncio.sleep(0)
            assert (await service.hear(said("hello", event="Ev9"))).new
            await service.idle()
    assert told(logs) == ["store_failed", "store_recovered"]
    assert stage.counted("database_up") == 1
    assert stage.chat.shown == ["hello"]


def fill(store: SqlStore) -> None:
    """Use up every page and every gap in a page."""
    with store.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA max_page_count = 1")  # SQLite takes it as: no more pages than there are
        refused = 0
        while refused < 100:
            try:
                raw.execute("INSERT INTO marks VALUES ('probe/' || lower(hex(randomblob(8))), 0)")
            except sqlite3.OperationalError:
                refused += 1
        for _ in range(5_000):  # names as short as those of the test, for the gaps that are too small for the others
            with suppress(sqlite3.OperationalError):
                raw.execute("INSERT OR IGNORE INTO marks VALUES (substr(hex(randomblob(2)), 1, 3), 0)")


def make_room(store: SqlStore) -> None:
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")


async def test_a_database_that_is_locked_for_a_while_is_told_once(stage: Stage) -> None:
    with capture_logs() as logs:
        async with stage.running() as service:
            other = SqlStore.open(f"sqlite:///{stage.path}")
            with other.engine.begin(), pytest.raises(StoreError):
                await service.hear(said("hello"))
            other.close()
            await service.idle()
            assert not service.troubled
    assert told(logs) == ["store_failed", "store_recovered"]


def test_a_trouble_that_comes_and_goes_fills_no_log() -> None:
    clock = Clock()
    trouble = StoreTrouble(Metrics(), clock)
    with capture_logs() as logs:
        for _ in range(50):
            trouble.failed("the disk is full")
            clock.now += 1
            trouble.wrote()
    assert told(logs) == ["store_failed", "store_recovered"]
    clock.now += AGAIN_AFTER
    with capture_logs() as logs:
        trouble.failed("the disk is full")
        trouble.failed("it is gone")
        trouble.failed("it is gone")
    assert told(logs) == ["store_failed", "store_failed"]
