"""What most tests need: the repository's own rules, and a time that stands still."""

import pytest

from bot import rulefiles
from bot.core.rulebook import Rulebook


@pytest.fixture(scope="session")
def rules() -> Rulebook:
    """The rules of this repository."""
    return rulefiles.load()


@pytest.fixture
def now() -> int:
    """Saturday, 21 November 2026, 09:00 UTC, in seconds since 1970."""
    return 1795251600
