"""The documents tell the truth, where a test can hold them to it."""

import re
from pathlib import Path

import pytest

from bot.settings import Local, table
from bot.settings_teams import TeamsSettings

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


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_file_that_a_document_names_exists(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|\]\()((?:bot|rules|tests|docs)/[\w./-]+?|[A-Za-z]+\.(?:md|yml|toml|example))(?:`|\))", text))

    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_that_a_document_names_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"`?make ([a-z-]+)", (ROOT / name).read_text(encoding="utf-8")))

    assert named <= targets | {"it"}
    assert named
