"""The rules are edited while we run: what is right takes effect at once, what is broken is told and changes nothing."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.app import manifest
from bot.core.brain import Brain
from bot.core.rulebook import Rulebook
from bot.metrics import Metrics
from bot.playground import StandIn
from bot.rulefiles import RuleError
from bot.rulewatch import RuleWatch
from tests.rules_copy import RulesCopy
from tests.test_app import Program, free_port, heard, serving, settings, stopped
from tests.test_status import get, json_of

CHANNEL = "vendor-contracts"


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    async with StandIn(manifest()) as standin:
        yield standin


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


# --------------------------------------------------------------------------- the real program


async def reloaded(program: Program, event: str) -> str:
    program.send_signal(signal.SIGHUP)
    return await heard(program, event)


async def test_an_edit_takes_effect_on_a_hangup_and_a_broken_one_changes_nothing(
    slack: StandIn, rules_copy: RulesCopy, tmp_path: Path
) -> None:
    port = str(free_port())
    environment = settings(
        slack, tmp_path, SLACK_APP_TOKEN=slack.app_token, SPELLOUT_RULES=str(rules_copy.folder.absolute()), SPELLOUT_STATUS_PORT=port
    )
    async with serving(tmp_path, environment) as program:
        await heard(program)
        before = (await json_of(port, "/readyz"))[1]["rules"]["version"]

        edit(rules_copy.folder, "wording.yml", "Which one do you mean?", "Which is yours?")
        edit(rules_copy.folder, "wording.yml", "clarify:", "clarifie:")
        log = await reloaded(program, "rules_kept")
        (where,) = {line for line in log.splitlines() if "clarifie" in line}
        assert f"{rules_copy.folder / 'wording.yml'}:" in where
        status, ready = await json_of(port, "/readyz")
        assert (status, ready["rules"]["last_edit_broken"], ready["rules"]["version"]) == (200, True, before)
        assert "spellout_rules_mistakes 0.0" not in (await get(port, "/metrics"))[1]

        edit(rules_copy.folder, "wording.yml", "clarifie:", "clarify:")
        await reloaded(program, "rules_reloaded")
        _, ready = await json_of(port, "/readyz")
        assert not ready["rules"]["last_edit_broken"]
        assert ready["rules"]["version"] != before
        _, counted = await get(port, "/metrics")
        assert 'spellout_rules_reloads_total{outcome="kept"} 1.0' in counted
        assert 'spellout_rules_reloads_total{outcome="taken"} 1.0' in counted
        assert f'version="{before}"' not in counted

        head = await slack.people.say("maya", CHANNEL, "Should we bring in an RPO for the Q3 push?")
        (answer,) = await slack.until(lambda: slack.said(CHANNEL, head.ts))
        assert "Which is yours?" in str(answer)
        await stopped(program)


# --------------------------------------------------------------------------- the watch


class Watched:
    """A watch on a copy of the rules, and what it handed out."""

    def __init__(self, folder: Path) -> None:
        self.metrics = Metrics()
        self.folder = folder
        self.watch = RuleWatch(folder, self.metrics, look=0.005)
        self.taken: list[Rulebook] = []
        self.looked = asyncio.Event()

    def take(self, rules: Rulebook, brain: Brain) -> None:
        self.taken.append(rules)

    async def until(self, event: str, logs: Sequence[Any]) -> None:
        async with asyncio.timeout(10):
            while not any(entry["event"] == event for entry in logs):  # noqa: ASYNC110 - a log cannot be awaited
                await asyncio.sleep(0.001)


@asynccontextmanager
async def watching(folder: Path) -> AsyncIterator[Watched]:
    watched = Watched(folder)
    running = asyncio.create_task(watched.watch.run(watched.take))
    try:
        yield watched
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_an_edit_is_noticed_without_being_told(rules_copy: RulesCopy) -> None:
    with capture_logs() as logs:
        async with watching(rules_copy.folder) as watched:
            before = watched.watch.rules.version
            edit(rules_copy.folder, "wording.yml", "Which one do you mean?", "Which is yours?")
            await watched.until("rules_reloaded", logs)
            assert [rules.version for rules in watched.taken] == [watched.watch.rules.version] != [before]


async def test_every_mistake_of_a_broken_edit_is_told_with_its_place_and_mending_it_clears_that(rules_copy: RulesCopy) -> None:
    with capture_logs() as logs:
        async with watching(rules_copy.folder) as watched:
            version = watched.watch.rules.version
            edit(rules_copy.folder, "terms/rpo.yml", "term: RPO", "term: [RPO")
            edit(rules_copy.folder, "manners.yml", "replies_a_day: ", "replies_a_day: x")
            await watched.until("rules_kept", logs)
            told = [entry["where"] for entry in logs if entry["event"] == "rules_mistake"]
            assert {where.split(":")[0] for where in told} == {"rules/terms/rpo.yml", "rules/manners.yml"}
            assert tuple(told) == watched.watch.mistakes
            assert watched.metrics.registry.get_sample_value("spellout_rules_mistakes") == len(told)
            assert (watched.taken, watched.watch.rules.version) == ([], version)
            edit(rules_copy.folder, "terms/rpo.yml", "term: [RPO", "term: RPO")
            edit(rules_copy.folder, "manners.yml", "replies_a_day: x", "replies_a_day: ")
            await watched.until("rules_reloaded", logs)
            assert watched.watch.mistakes == ()
            assert watched.metrics.registry.get_sample_value("spellout_rules_mistakes") == 0


async def test_a_touched_file_is_loaded_once_and_not_again_and_again(rules_copy: RulesCopy) -> None:
    with capture_logs() as logs:
        async with watching(rules_copy.folder) as watched:
            os.utime(rules_copy.folder / "wording.yml")
            await watched.until("rules_reloaded", logs)
            for _ in range(5):
                await asyncio.sleep(0.01)
    assert len(watched.taken) == 1


async def test_who_writes_many_files_is_waited_for(rules_copy: RulesCopy) -> None:
    """Between two looks one half of an edit is written, which is broken without the other."""
    folder, done, writing = rules_copy.folder, asyncio.Event(), 0

    async def between_two_looks(asked: asyncio.Event, seconds: float) -> None:
        nonlocal writing
        writing += 1
        if writing == 1:
            edit(folder, "wording.yml", "Which one do you mean?", "Which is yours?")
            edit(folder, "wording.yml", "clarify:", "clarifie:")
        elif writing == 2:
            edit(folder, "wording.yml", "clarifie:", "clarify:")
        elif writing == 6:
            done.set()
            await asyncio.Event().wait()

    taken: list[Rulebook] = []
    watch = RuleWatch(folder, Metrics(), pause=between_two_looks)
    with capture_logs() as logs:
        running = asyncio.create_task(watch.run(lambda rules, brain: taken.append(rules)))
        await asyncio.wait_for(done.wait(), 20)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert [line["event"] for line in logs] == ["rules_reloaded"]
    assert [rules.version for rules in taken] == [watch.rules.version]


def test_rules_that_are_broken_at_the_start_are_an_error(rules_copy: RulesCopy) -> None:
    (rules_copy.folder / "wording.yml").unlink()
    with pytest.raises(RuleError, match="this file is missing"):
        RuleWatch(rules_copy.folder, Metrics())
