"""The store's tests run on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store import SqlStore
from tests.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of its own, with Spellout's tables or (SQLite) about to be made."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/spellout.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.database()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of its own, without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/empty.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.empty()


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    """A store on a database of its own."""
    opened = SqlStore.open(url)
    yield opened
    opened.close()
