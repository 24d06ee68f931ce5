"""Microsoft's Agents Playground and the bot, both on this machine and ended together."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from aiohttp import ClientError, ClientSession

from bot import rulefiles
from bot.app_teams import make
from bot.core.brain import Brain
from bot.service import Service
from bot.settings_teams import TeamsSettings
from bot.store import SqlStore
from tests.chat.teams.world import listening

ROOT = Path(__file__).parents[4]
HERE = Path(__file__).parent
NODE_MODULES = Path(os.environ.get("TEAMS_PLAYGROUND", ROOT / ".teams-playground")) / "node_modules"
COMMAND = NODE_MODULES / "@microsoft" / "m365agentsplayground" / "cli.js"
PATIENCE = 60.0
"""Seconds until the playground has to be up."""


class Missing(Exception):
    """The playground cannot be run here: one sentence with the remedy."""


@asynccontextmanager
async def bot() -> AsyncIterator[str]:
    """The bot, as `spellout serve` makes it with TEAMS_LOCAL, with nothing kept; its address."""
    rules = rulefiles.load()
    brain, store = Brain(rules), SqlStore.open("sqlite://")
    async with AsyncExitStack() as running:
        running.callback(store.close)
        chat = make(TeamsSettings.model_validate({"TEAMS_LOCAL": "true"}), rules)
        service = Service(store, chat.sender, brain)
        running.push_async_callback(chat.close)
        running.push_async_callback(service.stop, 1)
        running.push_async_callback(chat.stop, 1)
        runner, url = await listening(chat.mount)
        running.push_async_callback(runner.cleanup)
        await chat.start(service.hear)
        await service.start()
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
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            node, str(COMMAND), *arguments, cwd=folder, env=environment, stdout=pipe, stderr=asyncio.subprocess.STDOUT
        )
        listening_in = asyncio.create_task(process.communicate())
        try:
            url = f"http://127.0.0.1:{port}"
            await _up(url, process)
            yield url
        finally:
            if process.returncode is None:
                process.terminate()
            said, _ = await listening_in
        if b"refused to connect" in said:
            raise AssertionError(f"the playground wanted to talk to somebody else:\n{said.decode()}")


async def _up(url: str, process: asyncio.subprocess.Process) -> None:
    """Wait until the page is there."""
    async with asyncio.timeout(PATIENCE), ClientSession() as session:
        while True:
            if process.returncode is not None:
                raise Missing(f"Microsoft's Agents Playground ended by itself with {process.returncode}.")
            try:
                async with session.get(url) as answer:
                    if answer.status == 200:
                        return
            except ClientError:
                await asyncio.sleep(0.1)
