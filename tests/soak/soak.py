"""One soak: two replicas, one PostgreSQL, many workspaces, and something that breaks every few seconds."""

import asyncio
import random
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path

from bot.core.brain import Brain
from bot.ports import Installation
from bot.rulefiles import load
from bot.store import SqlStore
from bot.store.sealing import new_key
from tests.postgres import Postgres
from tests.soak.delivery import Delivery
from tests.soak.oracle import Oracle, anonymous
from tests.soak.people import BOT, Plan, Story, Town, commanded, pressed, stories, told
from tests.soak.processes import Replica
from tests.soak.slack import BadLuck, Slack

SECRET = "5" * 32
_PROGRAM = ("-m", "bot", "serve")
_UNDER_WAY = 2000
"""Stories under way at the same time, besides the dialogues."""
_PRESSES = 12
_RECONNECTED = 3
"""Seconds that a replica may take to notice that its database is back."""
_PATIENCE = 20
"""Seconds until a person presses again where nothing came of it."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a soak runs. All times in seconds."""

    plan: Plan
    town: Town
    kill_every: float = 6
    kills: int | None = None
    """How many; None: for as long as something happens."""
    restart_database_every: float = 45
    restarts: int | None = None
    at_once: int = 16
    """Events on their way at the same time."""
    doubled: float = 0.03
    """Part of the events that Slack delivers twice."""
    at_most: float = 10_000
    """Stories that begin in a second."""
    settle: float = 200
    """How long after the last event everything may take to come right."""
    longest: float = 600
    """After so long nothing new begins; what has begun comes to its end, and is judged."""
    seed: int = 1
    luck: BadLuck = field(default_factory=BadLuck)
    program: tuple[str, ...] = _PROGRAM


@dataclass(slots=True)
class Soak:
    """The run itself."""

    course: Course
    slack: Slack
    postgres: Postgres
    database: str
    replicas: tuple[Replica, ...]
    delivery: Delivery
    oracle: Oracle
    dice: random.Random
    refused_commands: int = 0
    pressed_again: int = 0
    outages: list[tuple[float, float]] = field(default_factory=list)
    """When the database was away."""
    kills: list[float] = field(default_factory=list)
    told: list[Story] = field(default_factory=list)
    took: float = 1

    async def run(self) -> None:
        """Let everything happen."""
        began = time.monotonic()
        short, long = stories(self.course.town, self.course.plan, self.dice)
        breaking = [asyncio.create_task(self._kill()), asyncio.create_task(self._restart_database())]
        dialogues = [asyncio.create_task(self._talk(story)) for story in long]
        try:
            await self._all(short)
            self.took = time.monotonic() - began
            await self._enough(breaking)
            for replica in self.replicas:
                await replica.start()
            await asyncio.gather(*dialogues)
        finally:
            await _ended([*breaking, *dialogues])

    # ----------------------------------------------------------------------- people

    async def _all(self, short: list[Story]) -> None:
        running: set[asyncio.Task[None]] = set()
        began = time.monotonic()
        for number, story in enumerate(short):
            if time.monotonic() - began > self.course.longest:
                break
            self.told.append(story)
            if (early := began + number / self.course.at_most - time.monotonic()) > 0:
                await asyncio.sleep(early)
            running.add(asyncio.create_task(self._happen(story)))
            if len(running) >= _UNDER_WAY:
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                await asyncio.gather(*done)
        await asyncio.gather(*running)

    async def _happen(self, story: Story) -> None:
        """Everything that takes one step."""
        if story.kind != "command":
            await self._write(story, 0)
        elif await self.delivery.ask(commanded(story, self.slack.answers_at), wrapped=False):
            story.acknowledged, story.at = True, time.monotonic()
        else:
            self.refused_commands += 1

    async def _write(self, story: Story, step: int) -> None:
        taken = await asyncio.gather(*(self.delivery.event(payload) for payload in told(story, step)))
        story.acknowledged = any(taken)

    async def _talk(self, story: Story) -> None:
        """A dialogue: each answer is given when its question stands there."""
        await asyncio.sleep(min(self.dice.random() * self.course.plan.events / 2000, self.course.longest))
        self.told.append(story)
        for step, wanted in enumerate(self.oracle.outcome(story).after):
            if story.pressing and step:
                if not await self._press_until(story, step, wanted):
                    return
            else:
                await self._write(story, step)
                if not await self._stands(story, wanted, self.course.settle):
                    return

    async def _press_until(self, story: Story, step: int, wanted: tuple[str, ...]) -> bool:
        """Press, and press again where Slack says that it did not work or nothing comes of it."""
        message = list(self.slack.threads[(story.channel, story.head)].values())[-1].wire()
        for attempt in range(_PRESSES):
            payload = pressed(story, step, attempt, message, self.slack.answers_at)
            taken = await self.delivery.ask(payload, wrapped=True)
            if await self._stands(story, wanted, _PATIENCE if taken else 1):
                return True
            self.pressed_again += 1
        return await self._stands(story, wanted, self.course.settle)

    async def _stands(self, story: Story, wanted: tuple[str, ...], within: float) -> bool:
        end = time.monotonic() + within
        while (left := end - time.monotonic()) > 0:
            if tuple(anonymous(text) for text in self.slack.texts(story.channel, story.head)) == wanted:
                return True
            await self.slack.changed(story.channel, story.head, left)
        return False

    # ----------------------------------------------------------------------- what breaks

    def killed(self, since: float, within: float) -> bool:
        """Whether a replica was killed so soon after that; the time that the database was away meanwhile does not count."""
        until = since + within
        for went, came in self.outages:
            if went <= until and came >= since:
                until = max(until, came + within)
        return any(since <= kill <= until for kill in self.kills)

    def away(self, at: float) -> bool:
        """Whether the database was away then, or had hardly come back."""
        return any(went <= at <= came + _RECONNECTED for went, came in self.outages)

    async def _enough(self, breaking: list[asyncio.Task[None]]) -> None:
        """What is to break so many times, breaks so many times; the rest ends."""
        times = (self.course.kills, self.course.restarts)
        await asyncio.gather(*(task for task, limit in zip(breaking, times, strict=True) if limit is not None))
        await _ended(breaking)

    async def _kill(self) -> None:
        for number in islice(count(), self.course.kills):
            await asyncio.sleep(self.course.kill_every * self.dice.uniform(0.5, 1.5))
            replica = self.replicas[number % len(self.replicas)]
            self.kills.append(time.monotonic())
            await replica.kill()
            await replica.start()

    async def _restart_database(self) -> None:
        for number in islice(count(), self.course.restarts):
            await asyncio.sleep(self.course.restart_database_every * self.dice.uniform(0.8, 1.2))
            went = time.monotonic()
            await asyncio.to_thread(self.postgres.restart, "fast" if number % 2 else "immediate")
            self.outages.append((went, time.monotonic()))


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    """Nothing of it goes on; what failed by itself fails the soak."""
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome


def _install(url: str, tokens: Mapping[str, str]) -> str:
    """Install Spellout everywhere; the key that the tokens are encrypted with."""
    key = new_key()
    store = SqlStore.open(url, keys=[key])
    try:
        for token, team in tokens.items():
            store.install(Installation("slack", team, token, BOT, "B0SPELL"))
    finally:
        store.close()
    return key


@asynccontextmanager
async def prepared(course: Course, postgres: Postgres) -> AsyncIterator[Soak]:
    """Everything started on this server; ended whatever happens."""
    dice = random.Random(course.seed)
    async with AsyncExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="spellout-soak-", ignore_cleanup_errors=True)))
        database = await asyncio.to_thread(postgres.empty)
        tokens = {f"xoxb-{number}-soak": team for number, team in enumerate(course.town.all_teams, start=1)}
        slack = Slack(tokens, dice, course.luck)
        await slack.start()
        running.push_async_callback(slack.stop)
        settings = {
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_CLIENT_ID": "1.2",
            "SLACK_CLIENT_SECRET": SECRET,
            "SPELLOUT_PUBLIC_URL": "https://soak.example",
            "SPELLOUT_ENCRYPTION_KEYS": await asyncio.to_thread(_install, database, tokens),
            "SLACK_API_URL": f"{slack.address}/api/",
            "SPELLOUT_DATABASE_URL": database,
            "SPELLOUT_LOG_FORMAT": "json",
        }
        replicas = tuple(Replica(name, folder, settings, course.program) for name in ("one", "two"))
        for replica in replicas:
            running.push_async_callback(replica.kill)
        await asyncio.gather(*(replica.start() for replica in replicas))
        delivery = Delivery([replica.url for replica in replicas], SECRET, dice, doubled=course.doubled, at_once=course.at_once)
        running.push_async_callback(delivery.close)
        yield Soak(course, slack, postgres, database, replicas, delivery, Oracle(Brain(load(None))), dice)
