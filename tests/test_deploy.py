"""What is shipped for running it: the files say what the program understands."""

import asyncio
import json
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from bot.app import manifest
from bot.playground import StandIn
from tests.test_app import free_port, heard, serving, settings, stopped

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yml").read_text("utf-8"))


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    async with StandIn(manifest()) as standin:
        yield standin


async def healthy(port: str) -> bool:
    """What the image's own health check says, run as the engine would run it."""
    found = re.search(r"^HEALTHCHECK .*\\\n\s+CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    assert found
    python, *arguments = json.loads(found[1])
    assert python == "python"
    check = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env={"SPELLOUT_STATUS_PORT": port}, stderr=asyncio.subprocess.DEVNULL
    )
    return await check.wait() == 0


async def test_the_images_health_check_tells_a_running_program_from_a_dead_one(slack: StandIn, tmp_path: Path) -> None:
    port = str(free_port())
    async with serving(tmp_path, settings(slack, tmp_path, SLACK_APP_TOKEN=slack.app_token, SPELLOUT_STATUS_PORT=port)) as program:
        await heard(program)
        assert await healthy(port)
        await stopped(program)
    assert not await healthy(port)


def test_the_image_copies_only_what_is_let_in_and_runs_as_nobody_in_particular() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    lines = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
    copied = {name for line in lines for name in line.split()}
    assert copied == let_in
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert re.search(r"^USER spellout$", DOCKERFILE, re.MULTILINE)
    assert DOCKERFILE.count("FROM ") == 2


@pytest.mark.parametrize(
    ("extras", "lock"),
    [("postgres", "requirements.lock"), ("postgres,teams", "requirements-teams.lock"), ("teams", "requirements-teams.lock")],
)
def test_the_image_is_built_from_the_lock_of_what_it_is_to_do(extras: str, lock: str) -> None:
    chooses = re.search(r"^RUN (case .* esac);", DOCKERFILE, re.MULTILINE)
    assert chooses
    run = subprocess.run(["sh", "-c", f"{chooses[1]}; echo $lock"], env={"EXTRAS": extras}, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == lock
    assert (ROOT / lock).exists()
    assert COMPOSE["services"]["spellout"]["build"]["args"] == {"EXTRAS": "${IMAGE_EXTRAS:-postgres}"}


def test_the_composition_gives_each_process_time_to_stop_and_no_rights() -> None:
    spellout = COMPOSE["services"]["spellout"]
    assert int(spellout["stop_grace_period"].removesuffix("s")) > int(spellout["environment"]["SPELLOUT_STOP_SECONDS"])
    assert (spellout["read_only"], spellout["cap_drop"]) == (True, ["ALL"])
    assert [port for port in spellout["ports"] if not port.startswith("127.0.0.1:")] == []
    assert set(COMPOSE["volumes"]) == {"postgres"}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    unit = (ROOT / "deploy" / "spellout.service").read_text("utf-8").replace("/opt/spellout/bin/spellout", "/bin/true")
    (tmp_path / "spellout.service").write_text(unit, "utf-8")
    run = subprocess.run(["systemd-analyze", "verify", tmp_path / "spellout.service"], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
