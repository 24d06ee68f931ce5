"""What most tests need: the repository's own rules, and a time that stands still."""

import gc
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bot import rulefiles
from bot.core.rulebook import Rulebook
from tests import leaks
from tests.postgres import postgres
from tests.rules_copy import RulesCopy

if TYPE_CHECKING:
    from playwright.async_api import Browser

__all__ = ["postgres"]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is imported here stays to the end: the garbage collector would look at it in vain, again and again."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()


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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> "AsyncIterator[Browser]":
    """A browser that nobody sees; without a Chromium on the machine its tests are skipped."""
    chromium = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
    if chromium is None:
        pytest.skip("there is no Chromium on this machine (Debian: apt-get install chromium)")
    from playwright.async_api import async_playwright  # noqa: PLC0415 - most tests do without, and it takes a while to import

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        await browser.close()
