"""Slack's own command line tool works with this project: the hooks that it reads are run as it would run them."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from bot.app import manifest
from bot.playground import StandIn
from tests.test_app import ROOT, asked_about_rpo, heard, settings

CONFIG = json.loads((ROOT / ".slack" / "hooks.json").read_text())


def as_the_tool_runs_it(hook: str, **arguments: str) -> list[str]:
    """The tool takes the command apart at its spaces, puts its own arguments behind, and hands all of it to a shell."""
    words = CONFIG["hooks"][hook].split()
    return ["sh", "-c", " ".join([*words, *(f"--{name}={value}" for name, value in arguments.items())])]


def active(given: Mapping[str, str]) -> dict[str, str]:
    """The same, with the virtual environment of the project active."""
    return {**given, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


async def test_the_tool_gets_our_manifest_from_yaml() -> None:
    command = as_the_tool_runs_it("get-manifest", source=str(ROOT))
    hook = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=active(os.environ), stdout=asyncio.subprocess.PIPE)
    said, _ = await asyncio.wait_for(hook.communicate(), 30)

    assert hook.returncode == 0
    assert json.loads(said) == manifest()
    assert not (ROOT / "manifest.json").exists(), "the tool prefers this file to the hook"


async def test_the_tool_starts_it_with_its_own_tokens(tmp_path: Path) -> None:
    async with StandIn(manifest()) as slack:
        given = settings(slack, tmp_path, SLACK_BOT_TOKEN="", SLACK_CLI_XOXB=slack.bot_token, SLACK_CLI_XAPP=slack.app_token)
        program = await asyncio.create_subprocess_exec(
            *as_the_tool_runs_it("start"),
            cwd=ROOT,
            env=active(given),
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            await heard(program)
            await asked_about_rpo(slack)
        finally:
            os.killpg(program.pid, signal.SIGTERM)
            await asyncio.wait_for(program.communicate(), 20)


def test_the_tool_watches_the_manifest_and_leaves_the_connection_to_us() -> None:
    assert CONFIG["config"]["sdk-managed-connection-enabled"] is True
    assert CONFIG["config"]["protocol-version"] == ["default"]
    assert CONFIG["config"]["watch"]["manifest"]["paths"] == ["manifest.yml"]
    assert (ROOT / "manifest.yml").is_file()
    assert json.loads((ROOT / ".slack" / "config.json").read_text()) == {"manifest": {"source": "local"}}
