"""What most tests need: the repository's own rules, and a time that stands still."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import rulefiles
from bot.core.rulebook import Rulebook
from tests import leaks
from tests.postgres import postgres
from tests.rules_copy import RulesCopy

__all__ = ["postgres"]


@pytest.fixture(autouse=True)
def log() -> Iterator[leaks.Watch]:
    """The log of the test, at debug level; a secret or a person's words in it fail the test."""
    with leaks.watching() as watch:
        yield watch
    found = watch.found()
    assert not found, "The log holds what must never be logged:\n" + "\n".join(found)


@pytest.fixture(scope="session")
def rules() -> Rulebook:
    """The rules of this repository."""
    return rulefiles.load()


@pytest.fixture
def now() -> int:
    """Saturday, 21 November 2026, 09:00 UTC, in seconds since 1970."""
    return 1795251600


@pytest.fixture
def rules_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RulesCopy:
    """A copy of the rules, in the current folder, to be broken."""
    shutil.copytree(rulefiles.default_folder(), tmp_path / "rules")
    monkeypatch.chdir(tmp_path)
    return RulesCopy(Path("rules"))
