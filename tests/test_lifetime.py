"""Told to stop, the program finishes what it began and ends in time, whatever hangs; what is left is for the next start."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import manifest
from bot.lifetime import Lifetime
from bot.playground import Patience, StandIn
from tests.service_stage import Clock
from tests.test_app import ROOT, free_port, heard, serving, settings
from tests.test_status import get, json_of

CHANNEL = "vendor-contracts"
MANY = 4
"""Few: a channel gets about one message a second."""


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    async with StandIn(manifest(), patience=Patience(retry_after=(0.05, 0.1, 0.2))) as standin:
        yield standin


async def test_a_busy_program_ends_in_time_and_the_next_start_sends_the_rest_once(slack: StandIn, tmp_path: Path) -> None:
    environment = settings(slack, tmp_path, SLACK_APP_TOKEN=slack.app_token, SPELLOUT_STOP_SECONDS="1")
    hold = slack.faults.hold("chat.postMessage")
    async with serving(tmp_path, environment) as program:
        await heard(program)
        heads = [await slack.people.say("maya", CHANNEL, "@Spellout what is KPO?") for _ in range(MANY)]
        await hold.reached.wait()
        began = time.monotonic()
        program.send_signal(signal.SIGTERM)
        await program.wait()
        took = time.monotonic() - began
    assert program.returncode == 0
    assert took < 5
    hold.release()
    async with serving(tmp_path, environment) as program:
        await heard(program)
        await slack.until(lambda: all(slack.said(CHANNEL, head.ts) for head in heads), 10)
        await slack.settled()
        program.send_signal(signal.SIGTERM)
        await program.wait()
    assert [len(slack.said(CHANNEL, head.ts)) for head in heads] == [1] * MANY


async def test_while_it_finishes_what_it_began_it_is_not_ready_and_takes_nothing(slack: StandIn, tmp_path: Path) -> None:
    port = str(free_port())
    environment = settings(slack, tmp_path, SLACK_APP_TOKEN=slack.app_token, SPELLOUT_STATUS_PORT=port)
    hold = slack.faults.hold("chat.postMessage")
    async with serving(tmp_path, environment) as program:
        await heard(program)
        first = await slack.people.say("maya", CHANNEL, "@Spellout what is KPO?")
        await hold.reached.wait()
        program.send_signal(signal.SIGTERM)
        await heard(program, "stopping")
        assert (await json_of(port, "/readyz"))[0] == 503
        assert (await json_of(port, "/readyz"))[1]["reasons"] == ["stopping"]
        assert "spellout_draining 1.0" in (await get(port, "/metrics"))[1]
        second = await slack.people.say("maya", CHANNEL, "@Spellout what is BPO?")
        hold.release()
        assert await program.wait() == 0
    assert len(slack.said(CHANNEL, first.ts)) == 1
    assert slack.said(CHANNEL, second.ts) == []
    async with serving(tmp_path, environment) as program:
        await heard(program)
        await slack.until(lambda: slack.said(CHANNEL, second.ts))
        await slack.settled()
        program.send_signal(signal.SIGTERM)
        await program.wait()
    assert [len(slack.said(CHANNEL, head.ts)) for head in (first, second)] == [1, 1]


HANGING = """
import asyncio, time
from bot.lifetime import Lifetime

async def work():
    try:
        print("running", flush=True)
        await asyncio.Event().wait()
    finally:
        time.sleep(60)

Lifetime(0.2).run(work)
"""


def test_even_what_hangs_ends_in_time() -> None:
    with subprocess.Popen([sys.executable, "-c", HANGING], cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "running\n"
        began = time.monotonic()
        program.send_signal(signal.SIGTERM)
        said = program.stdout.read()
        assert program.wait(20) == 0
        assert time.monotonic() - began < 5
    assert "stop_cut_off" in said


def ended(program: "subprocess.Popen[str]", *numbers: signal.Signals) -> float:
    """Send it these signals; how long it takes to end, with 0."""
    began = time.monotonic()
    for number in numbers:
        program.send_signal(number)
    try:
        assert program.wait(10) == 0
    finally:
        program.kill()
    return time.monotonic() - began


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_even_while_the_loop_stands_still_the_time_for_a_stop_runs(number: signal.Signals) -> None:
    standing = HANGING.replace("await asyncio.Event().wait()", "time.sleep(60)")
    with subprocess.Popen([sys.executable, "-c", standing], cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "running\n"
        assert ended(program, number) < 5


def test_even_when_nobody_reads_its_log_it_ends_in_time() -> None:
    talking = HANGING.replace("await asyncio.Event().wait()", "print('x' * 10_000_000, flush=True)")
    with subprocess.Popen([sys.executable, "-c", talking], cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "running\n"
        assert ended(program, signal.SIGTERM) < 5


HUNG_UP = """
import asyncio, signal
from bot.lifetime import Lifetime

life = Lifetime(60)

async def work():
    heard = asyncio.Event()
    life.on_hangup(heard.set)
    signal.raise_signal(signal.SIGHUP)
    await heard.wait()
    print("reloaded", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        signal.raise_signal(signal.SIGHUP)

life.run(work)
signal.raise_signal(signal.SIGHUP)
"""


def test_a_hangup_while_it_stops_changes_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", HUNG_UP], cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "reloaded\n"
        ended(program, signal.SIGTERM)


HASTY = HANGING.replace("time.sleep(60)", "print('stopping now', flush=True); await asyncio.sleep(60)").replace("0.2", "60")


def test_a_second_signal_ends_it_at_once() -> None:
    with subprocess.Popen([sys.executable, "-c", HASTY], cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        program.stdout.readline()
        program.send_signal(signal.SIGTERM)
        while program.stdout.readline() != "stopping now\n":
            pass
        program.send_signal(signal.SIGTERM)
        assert program.wait(20) == -signal.SIGTERM


def test_all_stages_of_a_stop_share_one_stretch_of_time() -> None:
    clock = Clock()
    life = Lifetime(10, clock)
    assert (life.left(), life.stopping) == (9, False)

    async def work() -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
            await asyncio.Event().wait()
        finally:
            seen.append(life.left())
            clock.now += 6
            seen.append(life.left())
            clock.now += 6
            seen.append(life.left())

    seen: list[float] = []
    life.run(work)
    assert life.stopping
    assert seen == [9, 3, 0]
