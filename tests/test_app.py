"""The whole program as it is run: `spellout serve` as a process of its own, against a stand-in for Slack."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import manifest
from bot.playground import StandIn
from bot.settings import table
from bot.store.sealing import new_key
from tests import leaks
from tests.chat.slack.house import Browser
from tests.postgres import Postgres
from tests.test_listening import answer

ROOT = Path(__file__).parent.parent
QUESTION = "Should we bring in an RPO for the Q3 push?"
Program = asyncio.subprocess.Process


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    async with StandIn(manifest()) as standin:
        yield standin


def settings(slack: StandIn, folder: Path, **more: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in {row.name for row in table()}}
    ours = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_API_URL": slack.api_url,
        "SPELLOUT_LOG": "debug",
        "SPELLOUT_DATABASE_URL": f"sqlite:///{folder}/spellout.sqlite",
        "PYTHONPATH": str(ROOT),
    }
    return {**inherited, **ours, **more}


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@asynccontextmanager
async def serving(folder: Path, environment: dict[str, str]) -> AsyncIterator[Program]:
    """`spellout serve`; ended at the latest when the test is over."""
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "serve", cwd=folder, env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield program
    finally:
        if program.returncode is None:
            program.kill()
        _, log = await program.communicate()
        leaks.current.note_output(log.decode())


async def heard(program: Program, event: str = "ready") -> str:
    """The program's log up to this event."""
    assert program.stderr is not None
    log = ""
    async for line in program.stderr:
        log += line.decode()
        leaks.current.note_output(line.decode())
        if f'"event": "{event}"' in line.decode():
            return log
    raise AssertionError(f"{event} never came: {log}")


async def stopped(program: Program, number: signal.Signals = signal.SIGTERM) -> str:
    """What it logs from being told to stop until it has."""
    program.send_signal(number)
    _, log = await asyncio.wait_for(program.communicate(), 20)
    leaks.current.note_output(log.decode())
    assert program.returncode == 0, log
    return log.decode()


async def asked_about_rpo(slack: StandIn) -> None:
    message = await slack.people.say("maya", "vendor-contracts", QUESTION)
    (answer,) = await slack.until(lambda: slack.said("vendor-contracts", message.ts))
    assert "ecruitment process outsourcing" in str(answer)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_over_socket_mode_it_answers_and_stops_when_told(slack: StandIn, tmp_path: Path, number: signal.Signals) -> None:
    async with serving(tmp_path, settings(slack, tmp_path, SLACK_APP_TOKEN=slack.app_token)) as program:
        await heard(program)
        await asked_about_rpo(slack)
        assert "Traceback" not in await stopped(program, number)


async def test_over_signed_http_it_answers_and_stops_when_told(slack: StandIn, tmp_path: Path) -> None:
    port = free_port()
    async with serving(tmp_path, settings(slack, tmp_path, SLACK_SIGNING_SECRET=slack.signing_secret, PORT=str(port))) as program:
        await heard(program)
        await slack.deliver_http(f"http://127.0.0.1:{port}/slack/events")
        await asked_about_rpo(slack)
        refused = await answer(port, f"GET /{slack.bot_token}\x01 HTTP/1.1\r\n\r\n".encode())
        assert (" 400 " in refused, "Server:" in refused, slack.bot_token in refused) == (True, False, False)
        log = await stopped(program)
        assert ("request_unreadable" in log, "Traceback" in log, slack.bot_token in log) == (True, False, False)


async def test_workspaces_add_it_by_themselves_and_are_answered_each_with_its_own_token(slack: StandIn, tmp_path: Path) -> None:
    port, key = free_port(), new_key()
    root = f"http://127.0.0.1:{port}"
    environment = settings(
        slack,
        tmp_path,
        SLACK_BOT_TOKEN="",
        SLACK_SIGNING_SECRET=slack.signing_secret,
        SLACK_CLIENT_ID=slack.grants.client_id,
        SLACK_CLIENT_SECRET=slack.grants.client_secret,
        SPELLOUT_PUBLIC_URL=root,
        SPELLOUT_ENCRYPTION_KEYS=key,
        SPELLOUT_LOG="debug",
        PORT=str(port),
    )
    async with serving(tmp_path, environment) as program:
        log = await heard(program)
        await slack.deliver_http(f"{root}/slack/events")
        browser = Browser(root)
        page = await browser.open("/slack/install")
        shown = await browser.open(f"{page.button}&team=T0NORTHLGT")
        await browser.close()
        assert "Spellout is in" in shown.text
        await asked_about_rpo(slack)
        log += await stopped(program)
    secrets = (slack.bot_token, slack.grants.client_secret, slack.signing_secret, key, QUESTION)
    assert [secret for secret in secrets if secret in log] == []


async def test_neither_tokens_nor_what_people_write_reach_the_log(slack: StandIn, tmp_path: Path) -> None:
    async with serving(tmp_path, settings(slack, tmp_path, SLACK_APP_TOKEN=slack.app_token, SPELLOUT_LOG="debug")) as program:
        log = await heard(program)
        await asked_about_rpo(slack)
        log += await stopped(program)
    assert [secret for secret in (slack.bot_token, slack.app_token, QUESTION, "Q3") if secret in log] == []


async def test_it_stops_at_once_while_it_waits_for_a_slack_that_is_not_there(slack: StandIn, tmp_path: Path) -> None:
    environment = settings(slack, tmp_path, SLACK_APP_TOKEN=slack.app_token, SLACK_API_URL=f"http://127.0.0.1:{free_port()}/api/")
    async with serving(tmp_path, environment) as program:
        await heard(program, "slack_unreachable")
        await stopped(program)


async def test_a_token_that_slack_refuses_is_told_in_one_sentence(slack: StandIn, tmp_path: Path) -> None:
    environment = settings(slack, tmp_path, SLACK_APP_TOKEN=slack.app_token, SLACK_BOT_TOKEN="xoxb-1-2-wrong")
    async with serving(tmp_path, environment) as program:
        _, said = await program.communicate()
    assert program.returncode == 1
    assert said.decode().splitlines()[-1].startswith("Slack refuses SLACK_BOT_TOKEN (invalid_auth): copy it again from OAuth & Permissions")
    assert b"Traceback" not in said


async def test_a_second_process_on_one_sqlite_file_is_told_so_and_a_killed_one_is_succeeded_at_once(slack: StandIn, tmp_path: Path) -> None:
    environment = settings(slack, tmp_path, SLACK_APP_TOKEN=slack.app_token)
    async with serving(tmp_path, environment) as program:
        await heard(program)
        async with serving(tmp_path, environment) as second:
            _, said = await asyncio.wait_for(second.communicate(), 20)
        assert second.returncode == 1
        assert said.decode().splitlines()[-1].startswith(f"Another Spellout works with the database {tmp_path}/spellout.sqlite: stop that")
        await asked_about_rpo(slack)
        program.kill()
        await program.wait()
    async with serving(tmp_path, environment) as program:
        await heard(program)
        await stopped(program)


async def ready(port: int) -> dict[str, Any]:
    """What the status port says."""
    async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/readyz") as answer:
        said: dict[str, Any] = await answer.json()
        return said


async def test_it_waits_for_a_database_that_is_not_there_yet_and_says_so(slack: StandIn, tmp_path: Path, postgres: Postgres) -> None:
    port, database = free_port(), postgres.database()
    more = {"SPELLOUT_DATABASE_URL": database, "SPELLOUT_STATUS_PORT": str(port), "SLACK_APP_TOKEN": slack.app_token}
    postgres.kill()
    try:
        async with serving(tmp_path, settings(slack, tmp_path, **more)) as program:
            assert "check that it runs" in await heard(program, "database_unreachable")
            said = await ready(port)
            assert (said["reasons"], said["database"]) == (["starting"], "cannot be reached; the log says why (database_unreachable)")
            postgres.start()
            await heard(program)
            assert (await ready(port))["ready"]
            await asked_about_rpo(slack)
            await stopped(program)
    finally:
        postgres.start()


async def test_it_waits_for_a_database_that_goes_away_while_it_starts(slack: StandIn, tmp_path: Path, postgres: Postgres) -> None:
    environment = settings(slack, tmp_path, SPELLOUT_DATABASE_URL=postgres.database(), SLACK_APP_TOKEN=slack.app_token)
    hold = slack.faults.hold("auth.test")
    try:
        async with serving(tmp_path, environment) as program:
            await hold.reached.wait()  # the database was open by then
            postgres.kill()
            hold.release()
            await heard(program, "database_unreachable")
            postgres.start()
            await heard(program)
            await asked_about_rpo(slack)
            await stopped(program)
    finally:
        postgres.start()


async def test_it_stops_at_once_while_it_waits_for_a_database(slack: StandIn, tmp_path: Path) -> None:
    database = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    environment = settings(slack, tmp_path, SLACK_APP_TOKEN=slack.app_token, SPELLOUT_DATABASE_URL=database)
    async with serving(tmp_path, environment) as program:
        await heard(program, "database_unreachable")
        assert "Traceback" not in await stopped(program)


async def test_it_does_not_wait_for_a_database_that_waiting_cannot_mend(slack: StandIn, tmp_path: Path, postgres: Postgres) -> None:
    database = postgres.empty().replace("/postgres?", "/nowhere?")
    environment = settings(slack, tmp_path, SLACK_APP_TOKEN=slack.app_token, SPELLOUT_DATABASE_URL=database)
    async with serving(tmp_path, environment) as program:
        _, said = await asyncio.wait_for(program.communicate(), 20)
    assert program.returncode == 1
    assert b"database_unreachable" not in said
    assert b'database "nowhere" does not exist' in said.splitlines()[-1]
