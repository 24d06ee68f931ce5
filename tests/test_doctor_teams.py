"""`spellout doctor` on Microsoft Teams: what Microsoft says to our credentials, its keys, and the app package."""

import asyncio
import sys
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import cli, doctor, doctor_teams
from bot.chat.teams import package
from bot.core.rulebook import Rulebook
from bot.findings import Finding
from bot.settings import table
from bot.settings_teams import TeamsSettings
from tests.chat.teams.conftest import _alone  # noqa: F401 - the SDK is here, and alone
from tests.chat.teams.test_package import PUBLISHER
from tests.chat.teams.world import APP, ELSEWHERE, SECRET, TENANT, World, world
from tests.test_app import free_port

WHOLE = {"TEAMS_CLIENT_ID": APP, "TEAMS_CLIENT_SECRET": SECRET, "TEAMS_TENANT_ID": TENANT}


@pytest.fixture
async def teams() -> AsyncIterator[World]:
    async with world() as made:
        yield made


async def seen(teams: World, **more: str) -> dict[str, Finding]:
    """What it finds, by the name of the check."""
    chosen = TeamsSettings.model_validate({**WHOLE, **more})
    findings = await doctor_teams.examined(chosen, keys_url=teams.keys_url, login_url=teams.url)
    return {finding.check: finding for finding in findings}


async def test_credentials_that_microsoft_takes_and_keys_that_it_gives_are_good(teams: World) -> None:
    findings = await seen(teams)
    assert {name: finding.state for name, finding in findings.items()} == {"teams": "good", "teams keys": "good"}
    assert [asked["client_id"] for asked in teams.logins] == [APP]


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (700016, "No app of this id is in the tenant"),
        (90002, "There is no such tenant"),
        (7000215, "copy a secret's Value, not its ID"),
        (7000222, "has expired: make a new one"),
        (7000112, "let an administrator enable it"),
        (50_000, "Compare TEAMS_CLIENT_ID, TEAMS_CLIENT_SECRET and TEAMS_TENANT_ID"),
    ],
)
async def test_a_refusal_is_told_with_what_to_do_and_without_the_secret(teams: World, code: int, remedy: str) -> None:
    teams.login_answers = [(401, {"error": "invalid_client", "error_description": SECRET, "error_codes": [code]})]
    found = (await seen(teams))["teams"]
    assert (found.state, found.said) == ("broken", f"Microsoft refuses the credentials (AADSTS{code}).")
    assert remedy in found.remedy
    assert SECRET not in str(found)


async def test_a_login_and_keys_out_of_reach_are_told_by_the_hosts_to_be_let_through(teams: World) -> None:
    teams.login_answers, teams.keys_broken = [(503, {})], True
    findings = await seen(teams)
    assert findings["teams"].remedy == "Let this machine reach login.microsoftonline.com by https, or name a proxy in HTTPS_PROXY."
    assert findings["teams keys"].state == "broken"
    assert "could be checked" in findings["teams keys"].said


async def test_without_the_library_it_says_what_to_install(teams: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "microsoft_teams", None)
    found = (await seen(teams))["teams"]
    assert (found.state, "pip install '.[teams]'" in found.said) == ("broken", True)


# --------------------------------------------------------------------------- the app package


def looked_at(rules: Rulebook, folder: Path) -> list[tuple[str, str]]:
    findings = doctor_teams.packages(TeamsSettings.model_validate(WHOLE), rules.wording, folder)
    return [(finding.state, f"{finding.said} {finding.remedy}") for finding in findings]


@pytest.mark.parametrize(("flavour", "slash"), [("listening", False), ("mentions", True)])
def test_a_package_of_this_bot_and_version_is_good_and_a_missing_one_is_no_matter(
    rules: Rulebook, tmp_path: Path, flavour: package.Flavour, slash: bool
) -> None:
    assert looked_at(rules, tmp_path) == []
    made = package.manifest(APP, "0.1.0", PUBLISHER, rules.wording, flavour, slash=slash)
    (tmp_path / "spellout-teams.zip").write_bytes(package.package(made))
    ((state, said),) = looked_at(rules, tmp_path)
    assert (state, flavour in said) == ("good", True)


def test_a_package_of_another_bot_another_version_or_another_kind_is_told(rules: Rulebook, tmp_path: Path) -> None:
    file = tmp_path / "spellout-teams-mentions.zip"
    for made, state, told in (
        (package.manifest(ELSEWHERE, "0.1.0", PUBLISHER, rules.wording, "mentions"), "broken", "is for another bot"),
        (
            {**package.manifest(APP, "1.2.0", PUBLISHER, rules.wording, "mentions"), "accentColor": "#000000"},
            "doubtful",
            "written by another version",
        ),
        ({"bots": []}, "broken", "is no app package"),
    ):
        file.write_bytes(package.package(made))
        ((found, said),) = looked_at(rules, tmp_path)
        assert (found, told in said, "spellout teams-package" in said) == (state, True, True)
    file.write_bytes(b"no zip")
    assert looked_at(rules, tmp_path)[0][0] == "broken"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("other.txt", "x")
    assert looked_at(rules, tmp_path)[0][0] == "broken"


# --------------------------------------------------------------------------- the command


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Nothing of Slack's is set, and nothing beyond this machine can be reached."""
    monkeypatch.chdir(tmp_path)
    for row in (*table(), *table(TeamsSettings)):
        monkeypatch.delenv(row.name, raising=False)
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("SPELLOUT_DATABASE_URL", f"sqlite:///{tmp_path}/spellout.sqlite")
    monkeypatch.setenv("PORT", str(free_port()))
    return monkeypatch


async def diagnosis() -> dict[str, Finding]:
    return {finding.check: finding for finding in await asyncio.to_thread(doctor.examined)}


async def test_in_teams_alone_slack_is_not_asked_for(environment: pytest.MonkeyPatch, tmp_path: Path, rules: Rulebook) -> None:
    for name, value in WHOLE.items():
        environment.setenv(name, value)
    (tmp_path / "spellout-teams.zip").write_bytes(
        package.package(package.manifest(ELSEWHERE, "0.1.0", PUBLISHER, rules.wording, "mentions"))
    )
    findings = await diagnosis()
    assert list(findings) == ["program", "settings", "rules", "database", "teams", "teams keys", "teams app", "port", "status port"]
    assert findings["settings"].said == "They are complete; Teams is heard over HTTP."
    assert findings["teams"].said == "login.microsoftonline.com gives no token (ClientProxyConnectionError)."
    assert findings["teams app"].state == "broken"
    assert SECRET not in str(findings)


async def test_a_local_mode_is_doubtful_and_half_of_the_credentials_is_broken(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("TEAMS_LOCAL", "true")
    assert (await diagnosis())["teams"].state == "doubtful"
    environment.setenv("TEAMS_CLIENT_ID", APP)
    environment.delenv("TEAMS_LOCAL")
    assert await asyncio.to_thread(cli.run, ["doctor"]) == 1
    assert "✗ settings     Set TEAMS_CLIENT_SECRET and TEAMS_TENANT_ID too" in capsys.readouterr().out
