"""What is shipped: a wheel that works anywhere, and locks that name no place."""

import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ALWAYS, EXTRAS = PROJECT["project"]["dependencies"], PROJECT["project"]["optional-dependencies"]
LOCKS = ("requirements.lock", "requirements-teams.lock", "requirements-dev.lock")


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> str:
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


# --------------------------------------------------------------------------- the wheel


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel was installed, as `pip install .` would build it."""
    dist, site = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("a folder with spaces")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", dist)
    (wheel,) = dist.glob("*.whl")
    run(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile", "--target", site, wheel)
    return site


def test_the_command_works_from_any_folder_with_the_rules_of_the_wheel(installed: Path, tmp_path: Path) -> None:
    spellout = [sys.executable, "-m", "bot"]
    asked = run(*spellout, "explain", "--json", "Do we need an RPO?", cwd=tmp_path, PYTHONPATH=str(installed))
    assert json.loads(asked)["mentions"][0]["action"] == "ask"
    assert "sound" in run(*spellout, "rules", "check", cwd=tmp_path, PYTHONPATH=str(installed))
    where = run(
        sys.executable, "-c", "from bot.rulefiles import default_folder; print(default_folder())", cwd=tmp_path, PYTHONPATH=str(installed)
    )
    assert where.strip() == str(installed / "bot" / "_rules")


def test_the_console_script_is_installed_and_knows_its_version(installed: Path, tmp_path: Path) -> None:
    said = run(sys.executable, installed / "bin" / "spellout", "--version", cwd=tmp_path, PYTHONPATH=str(installed))
    assert said == f"spellout {PROJECT['project']['version']}\n"


def test_the_wheel_prints_the_manifest_it_carries(installed: Path, tmp_path: Path) -> None:
    said = run(sys.executable, "-m", "bot", "manifest", "--json", cwd=tmp_path, PYTHONPATH=str(installed))
    assert json.loads(said)["settings"]["socket_mode_enabled"] is True


def test_the_wheel_holds_every_rule_file_page_and_migration_and_no_test(installed: Path) -> None:
    shipped = {str(file.relative_to(installed)) for file in installed.rglob("*") if file.is_file()}
    tracked = run("git", "ls-files", "bot", "rules").splitlines()
    wanted = {re.sub(r"^rules/", "bot/_rules/", name) for name in tracked if (ROOT / name).is_file()}
    assert wanted - shipped == set()
    assert [name for name in shipped if name.startswith("tests")] == []


def test_the_source_archive_can_be_built_from(tmp_path: Path) -> None:
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", tmp_path)
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "manifest.yml", "bot/cli.py", "rules/wording.yml"} <= names


# --------------------------------------------------------------------------- the locks


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", (ROOT / lock).read_text(), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_pins_and_hashes_and_names_no_place(lock: str) -> None:
    pin = r"[a-z0-9-]+(\[[a-z,]+\])?==[\w.+!-]+( ; [^/\\]+)? \\"
    odd = [
        line
        for line in (ROOT / lock).read_text().splitlines()
        if not re.fullmatch(rf"#.*|{pin}|    --hash=sha256:[0-9a-f]{{64}}( \\)?", line)
    ]
    assert odd == []
    assert not re.search(r"://|file:|index|(?<!\w)/", (ROOT / lock).read_text())


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        (LOCKS[0], [*ALWAYS, *EXTRAS["postgres"]]),
        (LOCKS[1], [*ALWAYS, *EXTRAS["postgres"], *EXTRAS["teams"]]),
        (LOCKS[2], [*ALWAYS, *PROJECT["dependency-groups"]["dev"]]),
    ],
    ids=LOCKS,
)
def test_a_lock_satisfies_what_the_project_asks_for(lock: str, wanted: list[str]) -> None:
    pinned = pins(lock)
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), f"{requirement}: run `make lock`"


def test_the_locks_agree() -> None:
    assert pins(LOCKS[0]).items() < pins(LOCKS[1]).items() <= pins(LOCKS[2]).items()


def test_the_build_backend_is_locked_too() -> None:
    assert PROJECT["build-system"]["build-backend"] == "hatchling.build"
    assert "hatchling" in pins(LOCKS[2])


def test_continuous_integration_runs_what_people_run() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().rstrip().endswith("make test")
