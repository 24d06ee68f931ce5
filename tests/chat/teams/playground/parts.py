"""Microsoft's Agents Playground and the bot, both on this machine and ended together."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from aiohttp import ClientError, ClientSession

from bot import rulefiles
from bot.app_teams import make
from bot.core.brain import Brain
from bot.service import Service
from bot.settings_teams import TeamsSettings
from bot.store import SqlStore
from tests.chat.teams.world import at_work

ROOT = Path(__file__).parents[4]
HERE = Path(__file__).parent
NODE_MODULES = Path(os.environ.get("TEAMS_PLAYGROUND", ROOT / ".teams-playground")) / "node_modules"
COMMAND = NODE_MODULES / "@microsoft" / "m365agentsplayground" / "cli.js"
PATIENCE = 60.0
"""Seconds until the playground has to be up."""
ENDS_WITHIN = 5.0
"""Seconds that it has to end in when told to."""
NAME = "Spellout"
"""What people write after an @ there."""


class Missing(Exception):
    """The playground cannot be run here: one sentence with the remedy."""


@asynccontextmanager
async def bot() -> AsyncIterator[str]:
    """The bot, as `spellout serve` makes it with TEAMS_LOCAL, with nothing kept; its address."""
    rules = rulefiles.load()
    brain, store = Brain(rules), SqlStore.open("sqlite://")
    with closing(store):
        chat = make(TeamsSettings.model_validate({"TEAMS_LOCAL": "true"}), rules)
        async with at_work(chat, Service(store, chat.sender, brain)) as url:
            yield url


@asynccontextmanager
async def agents_playground(endpoint: str, port: int) -> AsyncIterator[str]:
    """The playground's page in front of this endpoint; its address. It listens on this machine, tells nobody, and ends with the block."""
    node = shutil.which("node")
    if node is None or not COMMAND.exists():
        raise Missing("Microsoft's Agents Playground is not here: run `make test-teams-playground`, which needs node and npm.")
    with TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "TEAMSAPPTESTER_BROWSER": "none",
            "APPLICATION_INSIGHTS_NO_STATSBEAT": "1",
            "APPLICATION_INSIGHTS_NO_DIAGNOSTIC_CHANNEL": "1",
            "M365_AGENTS_PLAYGROUND_LOGFILE": f"{folder}/playground.log",
            "NODE_OPTIONS": f'--require "{HERE / "loopback.js"}"',
        }
        arguments = ["start", "-e", f"{endpoint}/api/messages", "-c", "msteams", "-p", str(port), "--disable-telemetry"]
        chat = f"personal-{uuid4()}"
        _write(f"{folder}/.m365agentsplayground.yml", _world(chat))
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            node, str(COMMAND), *arguments, cwd=folder, env=environment, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.STDOUT
        )
        assert process.stdout is not None
        listening_in = asyncio.create_task(process.stdout.read())
        try:
            url = f"http://127.0.0.1:{port}"
            await _up(url, chat, process)
            yield url
        finally:
            await _ended(process)
            said = await listening_in
        if b"refused to connect" in said:
            raise AssertionError(f"the playground wanted to talk to somebody else:\n{said.decode()}")


async def _up(url: str, chat: str, process: asyncio.subprocess.Process) -> None:
    """Wait until the page is there, and is ours: whatever else listens there does not know our chat."""
    taken = f"Microsoft's Agents Playground does not come up at {url}: end what listens there, or try again."
    try:
        async with asyncio.timeout(PATIENCE), ClientSession() as session:
            while True:
                if process.returncode is not None:
                    raise Missing(f"{taken} (It ended with {process.returncode}.)")
                with suppress(ClientError, ValueError):
                    async with session.get(f"{url}/_internal/v1/config") as answer:
                        if chat in await answer.text():
                            return
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise Missing(taken) from None


async def _ended(process: asyncio.subprocess.Process) -> None:
    """End it, whatever it still does."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
    try:
        await asyncio.wait_for(process.wait(), ENDS_WITHIN)
    except TimeoutError:
        process.kill()
        await process.wait()


def _write(file: str, content: dict[str, Any]) -> None:
    Path(file).write_text(json.dumps(content), "utf-8")  # which is YAML too


def _world(chat: str) -> dict[str, Any]:
    """Who is there: as the playground would have it, but the bot has its name, and the chat one by which it is known."""
    people = ("Alex Wilber", "Megan Bowen", "Adele Vance", "Isaiah Langer", "Patti Fernandez", "Lynne Robbins")
    users = [_person(number, *name.split()) for number, name in enumerate(people)]
    return {
        "version": "0.1.1",
        "tenantId": "00000000-0000-0000-0000-0000000000001",
        "bot": {"id": "00000000-0000-0000-0000-00000000000011", "name": NAME},
        "currentUser": users[0],
        "users": users[1:],
        "personalChat": {"id": chat},
        "groupChat": {"id": f"group-{uuid4()}", "name": "Group Chat"},
        "team": {
            "id": "team-id",
            "name": "My Team",
            "aadGroupId": "00000000-0000-0000-0000-000000000031",
            "channels": [{"id": "channel-announcements-id", "name": "Announcements"}],
        },
    }


def _person(number: int, given: str, family: str) -> dict[str, str]:
    address = f"{given.lower()}{family[0].lower()}@example.com"
    return {
        "id": f"user-id-{number}",
        "name": f"{given} {family}",
        "userPrincipleName": address,
        "aadObjectId": f"00000000-0000-0000-0000-00000000000{20 + number}",
        "givenName": given,
        "surname": family,
        "email": address,
    }
