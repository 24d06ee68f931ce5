"""Teams' part, played on loopback."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import pytest

from bot.chat.teams.app import TeamsChat
from tests.chat.notes import Notes
from tests.chat.teams.stage import make_chat
from tests.chat.teams.world import World, deliver, listening, world


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK is here (`make setup` installs it), and what the machine's environment says to it is none of a test's business."""
    if find_spec("microsoft_teams") is None:
        pytest.skip("Microsoft's SDK is not installed: make setup installs it")
    for name in (
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "CLIENT_ID",
        "CLIENT_SECRET",
        "TENANT_ID",
    ):
        monkeypatch.delenv(name, raising=False)


@dataclass
class Connected:
    """The world, the adapter in front of it, what was heard, and where the adapter listens."""

    teams: World
    chat: TeamsChat
    notes: Notes
    url: str

    async def deliver(self, activity: Any, token: str | None = None) -> tuple[int, Any]:
        """One activity with a good token, unless another is given ("": none)."""
        return await deliver(self.url, activity, self.teams.token() if token is None else token or None)


@asynccontextmanager
async def connect(teams: World, **changes: Any) -> AsyncIterator[Connected]:
    """The adapter, up and in front of this world."""
    async with AsyncExitStack() as running:
        chat, notes = make_chat(teams, **changes), Notes()
        running.push_async_callback(chat.close)
        running.push_async_callback(chat.stop, 1)
        runner, url = await listening(chat.mount)
        running.push_async_callback(runner.cleanup)
        await chat.start(notes.hear)
        yield Connected(teams, chat, notes, url)


@pytest.fixture
async def teams() -> AsyncIterator[World]:
    """Teams' part."""
    async with world() as made:
        yield made


@pytest.fixture
async def at(teams: World) -> AsyncIterator[Connected]:
    """The adapter at Teams."""
    async with connect(teams) as connected:
        yield connected
