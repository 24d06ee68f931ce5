"""`spellout doctor`: what is right is marked, what is not is named with its remedy, and the exit code says which it was."""

import asyncio
import json
import re
import socket
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from bot import cli
from bot.app import manifest
from bot.doctor import examined
from bot.findings import Finding
from bot.playground import StandIn
from bot.ports import Installation
from bot.settings import table
from bot.settings_teams import TeamsSettings
from bot.store import SqlStore
from bot.store.sealing import new_key
from tests.test_app import free_port, heard, serving, settings, stopped

Diagnose = Callable[..., Any]


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    async with StandIn(manifest()) as standin:
        yield standin


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, slack: StandIn) -> pytest.MonkeyPatch:
    """Everything is well: a database, Slack, tokens, and a port."""
    monkeypatch.chdir(tmp_path)
    for row in (*table(), *table(TeamsSettings)):
        monkeypatch.delenv(row.name, raising=False)
    for name, value in settings(slack, tmp_path, SLACK_APP_TOKEN=slack.app_token, SPELLOUT_STATUS_PORT=str(free_port())).items():
        monkeypatch.setenv(name, value)
    SqlStore.open(f"sqlite:///{tmp_path}/spellout.sqlite").close()
    return monkeypatch


async def diagnosis(clock: Callable[[], float] = time.time) -> dict[str, Finding]:
    """What it finds, by the name of the check; in a thread, as the stand-in runs in this one."""
    return {finding.check: finding for finding in await asyncio.to_thread(examined, clock)}


async def the(check: str, clock: Callable[[], float] = time.time) -> tuple[str, str]:
    """How one check is, and what is said of it."""
    finding = (await diagnosis(clock))[check]
    return finding.state, f"{finding.said} {finding.remedy}"


async def test_where_all_is_well_every_check_says_so(environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert await asyncio.to_thread(cli.run, ["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line[0] for line in lines} == {"✓"}
    checks = ["program", "settings", "rules", "database", "slack", "scopes", "clock", "app token", "status port"]
    assert [line[2:14].strip() for line in lines] == checks


async def test_programs_get_one_json_object_and_an_exit_code(
    environment: pytest.MonkeyPatch, slack: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    slack.faults.error("auth.test", "token_revoked")
    assert await asyncio.to_thread(cli.run, ["doctor", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert not told["ok"]
    (refused,) = [check for check in told["checks"] if check["state"] == "broken"]
    assert (refused["check"], refused["said"]) == ("slack", "Slack refuses SLACK_BOT_TOKEN (token_revoked).")


async def test_no_token_is_ever_printed(environment: pytest.MonkeyPatch, slack: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    await asyncio.to_thread(cli.run, ["doctor"])
    slack.faults.error("auth.test", "invalid_auth")
    slack.faults.error("apps.connections.open", "invalid_auth")
    await asyncio.to_thread(cli.run, ["doctor", "--json"])
    said = capsys.readouterr()
    assert [secret for secret in (slack.bot_token, slack.app_token) if secret in said.out + said.err] == []


# --------------------------------------------------------------------------- here


async def test_settings_that_are_wrong_are_all_told_and_the_rest_waits(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SLACK_BOT_TOKEN", "hunter2")
    environment.setenv("SPELLOUT_STATUS_PORT", "0")
    findings = await asyncio.to_thread(examined)
    assert [finding.check for finding in findings] == ["program", "settings", "settings"]
    assert "hunter2" not in str(findings)


async def test_without_any_token_it_says_which_to_set(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SLACK_APP_TOKEN", "")
    assert (await the("settings"))[0] == "broken"


async def test_rules_with_a_mistake_are_named_by_its_place(environment: pytest.MonkeyPatch, rules_copy: Any) -> None:
    (rules_copy.folder / "wording.yml").write_text("clarify: [", "utf-8")
    environment.setenv("SPELLOUT_RULES", str(rules_copy.folder))
    state, said = await the("rules")
    assert state == "broken"
    assert re.search(r"wording\.yml:\d+:\d+: ", said)


async def test_a_database_that_is_not_there_yet_is_no_fault(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("SPELLOUT_DATABASE_URL", f"sqlite:///{tmp_path}/new.sqlite")
    assert (await the("database"))[0] == "doubtful"
    assert not (tmp_path / "new.sqlite").exists()


async def test_a_database_without_tables_is_said_to_have_none(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "new.sqlite").touch()
    environment.setenv("SPELLOUT_DATABASE_URL", f"sqlite:///{tmp_path}/new.sqlite")
    state, said = await the("database")
    assert (state, "new.sqlite has no tables yet." in said) == ("doubtful", True)


async def test_a_database_that_does_not_answer_is_one_and_its_password_stays_out(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SPELLOUT_DATABASE_URL", f"postgresql://ops:hunter2@127.0.0.1:{free_port()}/spellout")
    state, said = await the("database")
    assert state == "broken"
    assert "hunter2" not in said


async def test_a_taken_port_is_told_and_a_running_spellout_is_not_taken_for_a_stranger(
    environment: pytest.MonkeyPatch, slack: StandIn, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        environment.setenv("SPELLOUT_STATUS_PORT", port)
        assert await the("status port") == (
            "broken",
            f"Port {port} of 127.0.0.1 is taken by another program. Stop that program, or set SPELLOUT_STATUS_PORT to another port.",
        )
    port = str(free_port())
    environment.setenv("SPELLOUT_STATUS_PORT", port)
    async with serving(tmp_path, settings(slack, tmp_path, SLACK_APP_TOKEN=slack.app_token, SPELLOUT_STATUS_PORT=port)) as program:
        await heard(program)
        assert (await the("status port"))[0] == "good"
        await stopped(program)


async def test_without_a_status_port_it_recommends_one(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SPELLOUT_STATUS_PORT", "")
    assert (await the("status port"))[0] == "doubtful"


# --------------------------------------------------------------------------- Slack


async def test_a_slack_out_of_reach(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SLACK_API_URL", f"http://127.0.0.1:{free_port()}/api/")
    findings = await diagnosis()
    assert findings["slack"].state == "broken"
    assert "HTTPS_PROXY" in findings["slack"].remedy
    assert "app token" not in findings


async def test_a_bot_token_that_is_refused_leaves_the_app_token_and_the_clock_to_be_looked_at(
    environment: pytest.MonkeyPatch, slack: StandIn
) -> None:
    slack.tokens.revoked.add(slack.bot_token)
    findings = await diagnosis()
    assert findings["slack"].said == "Slack refuses SLACK_BOT_TOKEN (token_revoked)."
    assert (findings["app token"].state, findings["clock"].state) == ("good", "good")


async def test_an_app_token_that_is_refused(environment: pytest.MonkeyPatch, slack: StandIn) -> None:
    slack.faults.error("apps.connections.open", "invalid_auth")
    state, said = await the("app token")
    assert state == "broken"
    assert "App-Level Tokens" in said


@pytest.mark.parametrize(
    ("without", "more", "state", "told"),
    [
        ("commands", (), "broken", "Not granted: commands."),
        ("", ("files:write",), "doubtful", "Granted and never needed: files:write."),
    ],
    ids=["missing", "too many"],
)
async def test_scopes_are_held_against_the_manifest(
    environment: pytest.MonkeyPatch, without: str, more: tuple[str, ...], state: str, told: str
) -> None:
    granted = manifest()
    scopes = granted["oauth_config"]["scopes"]
    scopes["bot"] = [scope for scope in (*scopes["bot"], *more) if scope != without]
    async with StandIn(granted) as other:
        environment.setenv("SLACK_API_URL", other.api_url)
        environment.setenv("SLACK_BOT_TOKEN", other.bot_token)
        found, said = await the("scopes")
    assert (found, said.startswith(told)) == (state, True)


@pytest.mark.parametrize(
    ("apart", "state", "told"),
    [(0, "good", "agrees"), (120, "doubtful", "fast"), (-120, "doubtful", "slow"), (400, "broken", "fast"), (-400, "broken", "slow")],
)
async def test_the_clock_is_held_against_slacks(environment: pytest.MonkeyPatch, apart: int, state: str, told: str) -> None:
    found, said = await the("clock", lambda: time.time() + apart)
    assert found == state
    assert told in said


# --------------------------------------------------------------------------- many workspaces


@pytest.fixture
def distributed(environment: pytest.MonkeyPatch, slack: StandIn, tmp_path: Path) -> str:
    """HTTP with OAuth; the address of its database."""
    own = {
        "SLACK_APP_TOKEN": "",
        "SLACK_BOT_TOKEN": "",
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "0123456789abcdef0123456789abcdef",
        "SPELLOUT_PUBLIC_URL": "https://spellout.example.com",
        "SPELLOUT_ENCRYPTION_KEYS": new_key(),
        "PORT": str(free_port()),
    }
    for name, value in own.items():
        environment.setenv(name, value)
    return f"sqlite:///{tmp_path}/spellout.sqlite"


def install(url: str, key: str, token: str) -> None:
    store = SqlStore.open(url, keys=(key,))
    store.install(Installation("slack", "T0NORTHLGT", token, "U0BOT", "B0BOT"))
    store.close()


async def test_the_tokens_of_all_workspaces_are_tried(environment: pytest.MonkeyPatch, distributed: str, slack: StandIn) -> None:
    key = new_key()
    environment.setenv("SPELLOUT_ENCRYPTION_KEYS", key)
    install(distributed, key, slack.bot_token)
    findings = await diagnosis()
    assert {finding.state for finding in findings.values()} == {"good"}
    assert findings["workspaces"].said.startswith("1 with a good token")
    slack.tokens.revoked.add(slack.bot_token)
    state, said = await the("workspaces")
    assert (state, "T0NORTHLGT" in said) == ("doubtful", True)
    environment.setenv("SPELLOUT_ENCRYPTION_KEYS", new_key())
    assert (await the("workspaces"))[0] == "broken"


async def test_without_a_key_nobody_could_install_it(environment: pytest.MonkeyPatch, distributed: str) -> None:
    environment.setenv("SPELLOUT_ENCRYPTION_KEYS", "")
    state, said = await the("settings")
    assert (state, "SPELLOUT_ENCRYPTION_KEYS" in said) == ("broken", True)
