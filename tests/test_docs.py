"""The documents tell the truth, where a test can hold them to it."""

import re
from pathlib import Path

import pytest
from typer.core import TyperGroup as Group
from typer.main import get_command

from bot.cli import app
from bot.core.brain import Brain
from bot.core.memory import Memory
from bot.core.messages import Commanded, Place
from bot.core.rulebook import Rulebook
from bot.metrics import Metrics
from bot.settings import Local, table
from bot.settings_teams import TeamsSettings
from tests.core_stage import visible

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def settings_table(kind: type[Local] | None = None) -> str:
    rows = "\n".join(f"| `{row.name}` | {f'`{row.default}`' if row.default else ''} | {row.meaning} |" for row in table(kind))
    return f"| setting | default | meaning |\n|---|---|---|\n{rows}"


def test_the_readme_names_every_setting() -> None:
    found = re.search(r"<!-- settings: .* -->\n(.*)\n<!-- /settings -->", README, re.DOTALL)

    assert found
    assert found.group(1) == settings_table()


def test_the_readme_names_every_setting_of_teams() -> None:
    found = re.search(r"<!-- settings of teams: .* -->\n(.*)\n<!-- /settings of teams -->", README, re.DOTALL)

    assert found
    assert found.group(1) == settings_table(TeamsSettings)


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "docs/operate.md"])
def test_every_file_that_a_document_names_exists(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|\]\()((?:bot|rules|tests|docs|deploy)/[\w./-]+?|[A-Za-z]+\.(?:md|yml|toml|example))(?:`|\))", text))

    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_every_make_target_that_a_document_names_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))

    assert named <= targets
    assert named


def unmarked(text: str) -> str:
    """The words of a piece of Markdown on one line."""
    return " ".join(re.sub(r"\*\*|<br>|^> ?(?:- )?|[\[\]]", " ", text, flags=re.MULTILINE).split())


def test_the_exchange_in_the_readme_is_what_spellout_says(rules: Rulebook) -> None:
    found = re.search(r"<!-- exchange: .* -->\n> \*\*/classify\*\* ([^\n]*)\n>\n(.*)\n<!-- /exchange -->", README, re.DOTALL)
    assert found
    place = Place("chat", "T1", "C1", "new-1")
    (reply,) = Brain(rules).decide(Commanded(place, "maya", found[1], (), command="classify"), place, Memory(), 0).replies
    assert reply.surface == "whisper"
    assert unmarked(found[2]).replace(" .", ".") == unmarked(visible(reply))


# --------------------------------------------------------------------------- for the operator

OPERATE = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
DEPLOYED = ("docs/operate.md", "SECURITY.md", "Dockerfile", "compose.yml", "deploy/spellout.service")
OURS = re.compile(r"\bspellout_[a-z_]+")


@pytest.mark.parametrize("name", DEPLOYED)
def test_every_setting_that_the_operator_is_told_of_exists(name: str) -> None:
    known = {row.name for row in table()}
    named = set(re.findall(r"\b(?:SPELLOUT|SLACK)_[A-Z_]+\b", (ROOT / name).read_text(encoding="utf-8")))

    assert named <= known


@pytest.mark.parametrize("name", ["README.md", "docs/operate.md", "SECURITY.md", "Dockerfile", "compose.yml"])
def test_every_command_that_a_document_names_exists(name: str) -> None:
    group = get_command(app)
    assert isinstance(group, Group)
    text = (ROOT / name).read_text(encoding="utf-8")
    named = {tuple(words.split()) for words in re.findall(r"(?:`|bin/)spellout ((?:[a-z][a-z-]*)(?: [a-z]+)?)", text)}
    for first, *rest in named:
        assert first in group.commands, first
        inner = group.commands[first]
        if rest and isinstance(inner, Group):
            assert rest[0] in inner.commands, (first, rest)


def test_every_metric_is_explained_and_every_one_explained_exists() -> None:
    families = {family.name: family for family in Metrics().registry.collect() if family.name.startswith("spellout_")}
    exposed = {f"{name}_total" if family.type == "counter" else name for name, family in families.items()}
    exposed |= {f"{name}_bucket" for name, family in families.items() if family.type == "histogram"}
    told = set(OURS.findall(OPERATE))

    assert told <= exposed
    assert {name for name in exposed if not name.endswith("_bucket")} <= told


def test_every_log_line_in_the_table_of_troubles_exists_and_every_error_is_explained() -> None:
    code = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "bot").rglob("*.py"))
    logged = {name for _, name in re.findall(r"log\.(error|warning|info)\(\s*\"([a-z_]+)\"", code)}
    errors = {name for kind, name in re.findall(r"log\.(error|warning)\(\s*\"([a-z_]+)\"", code) if kind == "error"}
    troubles = OPERATE.partition("## Troubles")[2]
    explained = {name for row in re.findall(r"^\| (`[a-z_]+`.*?) \|", troubles, re.MULTILINE) for name in re.findall(r"`([a-z_]+)`", row)}

    assert explained <= logged
    assert {name for name in errors if name not in troubles} == set()


def test_the_paths_that_the_operator_is_told_of_are_served() -> None:
    code = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "bot").rglob("*.py"))
    named = set(re.findall(r"`(/(?:slack|healthz|readyz|metrics|support|privacy)[a-z_/]*)`", OPERATE))

    assert named
    assert [path for path in sorted(named) if f'"{path}"' not in code] == []
