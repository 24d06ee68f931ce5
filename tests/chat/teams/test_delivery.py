"""From Teams through service and database back to Teams: once, however often it is delivered, and at last, however often it fails."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.core.brain import Brain
from bot.core.rulebook import Rulebook
from bot.pacing import Pace
from bot.service import Service
from bot.store import SqlStore
from tests.chat.teams.stage import make_chat, visible
from tests.chat.teams.world import World, at_work, deliver, world

QUESTION = "Should we bring in an RPO for the Q3 push?"


@dataclass
class Bot:
    """The bot at Teams, and where it listens."""

    teams: World
    service: Service
    url: str

    async def hears(self, activity: dict[str, Any]) -> None:
        """Deliver it, and wait until all that is due has been sent."""
        assert (await deliver(self.url, activity, self.teams.token()))[0] == 200
        await self.service.idle()

    def said(self) -> list[str]:
        """What stands at Teams."""
        return [visible(message.card).partition("\n")[0] for message in self.teams.messages.values()]


@asynccontextmanager
async def working(rules: Rulebook, folder: Path) -> AsyncIterator[Bot]:
    async with world() as teams:
        with closing(SqlStore.open(f"sqlite:///{folder}/spellout.sqlite")) as store:
            chat = make_chat(teams)
            service = Service(store, chat.sender, Brain(rules), pace=Pace(apart=0, back_off=(0,)))
            async with at_work(chat, service) as url:
                yield Bot(teams, service, url)


async def test_what_is_delivered_twice_is_answered_once(rules: Rulebook, tmp_path: Path) -> None:
    async with working(rules, tmp_path) as bot:
        activity = bot.teams.activity("message", text=QUESTION)
        for each in (activity, activity, {**activity, "timestamp": "2026-11-21T09:00:09Z"}):
            await bot.hears(each)
        assert len(bot.said()) == 1


@pytest.mark.parametrize("status", [429, 412, 502, 504, 500, 401])
async def test_what_teams_cannot_take_now_stands_there_in_the_end_once(rules: Rulebook, tmp_path: Path, status: int) -> None:
    async with working(rules, tmp_path) as bot:
        bot.teams.answers = [(status, {})] * 2
        await bot.hears(bot.teams.activity("message", text=QUESTION))
        while not bot.said():
            await bot.service.idle()
        assert len(bot.said()) == 1
        assert len([call for call in bot.teams.calls if call.method == "POST"]) == 3


async def test_what_teams_never_takes_holds_up_nothing_that_follows(rules: Rulebook, tmp_path: Path) -> None:
    async with working(rules, tmp_path) as bot:
        bot.teams.answers = [(403, {})]
        await bot.hears(bot.teams.activity("message", text=QUESTION))
        assert bot.said() == []
        await bot.hears(bot.teams.activity("message", text="what is KPO?", conversation={"id": "a:maya", "conversationType": "personal"}))
        assert len(bot.said()) == 1
