"""The status port: whether the process lives and can work, and what it has counted."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import aiohttp
import pytest
from aiohttp import web

from bot.app import manifest
from bot.core.memory import Memory
from bot.core.messages import Event, Place
from bot.core.turn import Decision
from bot.metrics import Metrics
from bot.playground import StandIn
from bot.status import Vitals, application
from bot.store import SqlStore
from tests.service_stage import Rules, Stage, said
from tests.test_app import asked_about_rpo, free_port, heard, serving, settings, stopped


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    async with StandIn(manifest()) as standin:
        yield standin


async def get(port: int | str, path: str, accept: str = "*/*") -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}", headers={"Accept": accept}) as response,
    ):
        return response.status, await response.text()


async def json_of(port: int | str, path: str) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as response:
        return response.status, await response.json()


# --------------------------------------------------------------------------- the real program


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_running_program_tells_how_it_is_and_what_it_has_counted(
    slack: StandIn, tmp_path: Path, mode: Literal["socket", "http"]
) -> None:
    port, public = str(free_port()), str(free_port())
    way = {"SLACK_APP_TOKEN": slack.app_token} if mode == "socket" else {"SLACK_SIGNING_SECRET": slack.signing_secret, "PORT": public}
    async with serving(tmp_path, settings(slack, tmp_path, SPELLOUT_STATUS_PORT=port, **way)) as program:
        await heard(program)
        if mode == "http":
            await slack.deliver_http(f"http://127.0.0.1:{public}/slack/events")
        await asked_about_rpo(slack)
        assert await json_of(port, "/healthz") == (200, {"ok": True})
        status, ready = await json_of(port, "/readyz")
        assert (status, ready["ready"], ready["reasons"], ready["database"]) == (200, True, [], "works")
        assert ready["slack"]["connected"]
        assert ("socket_age_seconds" in ready["slack"]) == (mode == "socket")
        assert len(ready["rules"]["version"]) == 12
        assert not ready["rules"]["last_edit_broken"]
        _, counted = await get(port, "/metrics")
        assert 'spellout_events_total{kind="said"} 1.0' in counted
        assert "spellout_asks_total 1.0" in counted
        assert 'spellout_replies_total{surface="thread"} 1.0' in counted
        assert f'spellout_rules_info{{version="{ready["rules"]["version"]}"}} 1.0' in counted
        assert "process_resident_memory_bytes" in counted
        if mode == "http":
            assert (await json_of(public, "/healthz"))[0] == 200
            assert [(await get(public, path))[0] for path in ("/metrics", "/readyz")] == [404, 404]
        await stopped(program)


async def test_without_a_port_set_there_is_none(slack: StandIn, tmp_path: Path) -> None:
    async with serving(tmp_path, settings(slack, tmp_path, SLACK_APP_TOKEN=slack.app_token)) as program:
        assert '"event": "listening"' not in await heard(program)
        await stopped(program)


async def test_a_program_that_waits_for_slack_lives_and_is_not_ready(slack: StandIn, tmp_path: Path) -> None:
    port, nowhere = str(free_port()), f"http://127.0.0.1:{free_port()}/api/"
    environment = settings(slack, tmp_path, SLACK_APP_TOKEN=slack.app_token, SLACK_API_URL=nowhere, SPELLOUT_STATUS_PORT=port)
    async with serving(tmp_path, environment) as program:
        await heard(program, "slack_unreachable")
        assert (await get(port, "/healthz"))[0] == 200
        status, ready = await json_of(port, "/readyz")
        assert (status, ready["reasons"]) == (503, ["starting"])
        assert 'spellout_slack_errors_total{kind="client_connector_error"}' in (await get(port, "/metrics"))[1]
        await stopped(program)


# --------------------------------------------------------------------------- each reason


@dataclass
class Slack:
    """A connection that is what the test says."""

    alive: bool = True
    age: float | None = 1.25
    unverified: tuple[str, ...] = ()

    async def connected(self) -> bool:
        return self.alive

    def socket_age(self) -> float | None:
        return self.age


@asynccontextmanager
async def watched(vitals: Vitals) -> AsyncIterator[int]:
    """The status port in front of these; its number."""
    runner = web.AppRunner(application(vitals), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


async def test_a_dead_socket_makes_it_unready_and_shows_its_age(stage: Stage) -> None:
    slack = Slack(alive=False, age=47.0)
    async with stage.running() as service, watched(Vitals(stage.metrics, lambda: False, None, service, slack)) as port:
        status, ready = await json_of(port, "/readyz")
        assert (status, ready["reasons"], ready["slack"]) == (503, ["slack"], {"connected": False, "socket_age_seconds": 47.0})
        assert "spellout_socket_age_seconds 47.0" in (await get(port, "/metrics"))[1]
        slack.alive = True
        assert (await json_of(port, "/readyz"))[0] == 200


async def test_a_teams_that_takes_nothing_makes_it_unready_with_slack_or_without(stage: Stage) -> None:
    slack, teams = Slack(), Slack(alive=False)
    async with stage.running() as service, watched(Vitals(stage.metrics, lambda: False, None, service, slack, teams)) as port:
        status, ready = await json_of(port, "/readyz")
        assert (status, ready["reasons"], ready["teams"]) == (503, ["teams"], {"connected": False})
        assert ready["slack"]["connected"]
        teams.alive = True
        assert await json_of(port, "/readyz") == (200, {**ready, "ready": True, "reasons": [], "teams": {"connected": True}})
    async with stage.running() as service, watched(Vitals(stage.metrics, lambda: False, None, service, None, teams)) as port:
        status, ready = await json_of(port, "/readyz")
        assert (status, ready["teams"], "slack" in ready) == (200, {"connected": True}, False)
        teams.unverified = ("token", "keys")
        status, ready = await json_of(port, "/readyz")
        assert (status, ready["teams"]) == (200, {"connected": True, "not_yet_verified": ["token", "keys"]})


async def test_a_database_that_fails_makes_it_unready_until_it_works_again(stage: Stage) -> None:
    async with stage.running() as service, watched(Vitals(stage.metrics, lambda: False, None, service, Slack())) as port:
        other = SqlStore.open(f"sqlite:///{stage.path}")
        with other.engine.begin():
            status, ready = await json_of(port, "/readyz")
            assert (status, ready["reasons"]) == (503, ["database"])
            assert str(stage.path) not in str(ready)
            assert "spellout_database_up 0.0" in (await get(port, "/metrics"))[1]
        other.close()
        await service.idle()
        assert (await json_of(port, "/readyz"))[1]["ready"]
        assert "spellout_database_up 1.0" in (await get(port, "/metrics"))[1]


async def test_a_database_that_hangs_is_not_waited_for(stage: Stage) -> None:
    release = threading.Event()

    def hang(event: Event, place: Place, memory: Memory, now: int) -> Decision:
        release.wait(10)
        return Decision(memory)

    async with stage.running() as service:
        vitals = Vitals(stage.metrics, lambda: False, None, service, Slack(), patience=0.01)
        service.think_with(Rules(hang, stage.concerns))
        hanging = asyncio.create_task(service.hear(said("hello")))
        await asyncio.sleep(0)
        async with watched(vitals) as port:
            status, ready = await json_of(port, "/readyz")
            assert (status, ready["database"]) == (503, "did not answer within 0.01 s")
            assert (await get(port, "/healthz"))[0] == 200
            assert (await get(port, "/metrics"))[0] == 200
        release.set()
        await hanging


async def test_who_is_stopping_or_starting_is_not_ready() -> None:
    stopping = False
    async with watched(Vitals(Metrics(), lambda: stopping)) as port:
        assert await json_of(port, "/readyz") == (503, {"ready": False, "reasons": ["starting"]})
        stopping = True
        assert await json_of(port, "/readyz") == (503, {"ready": False, "reasons": ["stopping"]})
        assert (await get(port, "/healthz"))[0] == 200


async def test_prometheus_gets_the_format_it_asks_for_and_nobody_keeps_it() -> None:
    async with watched(Vitals(Metrics(), lambda: False)) as port:
        _, plain = await get(port, "/metrics")
        _, open_metrics = await get(port, "/metrics", "application/openmetrics-text; version=1.0.0")
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as response:
            assert response.headers["Cache-Control"] == "no-store"
    assert not plain.endswith("# EOF\n")
    assert open_metrics.endswith("# EOF\n")
