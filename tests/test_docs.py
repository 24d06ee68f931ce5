"""The documents tell the truth, where a test can hold them to it."""

import re
from pathlib import Path

import pytest

from bot.core.brain import Brain
from bot.core.memory import Memory
from bot.core.messages import Commanded, Place
from bot.core.rulebook import Rulebook
from bot.settings import table
from tests.core_stage import visible

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def settings_table() -> str:
    rows = "\n".join(f"| `{row.name}` | {f'`{row.default}`' if row.default else ''} | {row.meaning} |" for row in table())
    return f"| setting | default | meaning |\n|---|---|---|\n{rows}"


def test_the_readme_names_every_setting() -> None:
    found = re.search(r"<!-- settings: .* -->\n(.*)\n<!-- /settings -->", README, re.DOTALL)

    assert found
    assert found.group(1) == settings_table()


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_file_that_a_document_names_exists(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|\]\()((?:bot|rules|tests|docs)/[\w./-]+?|[A-Za-z]+\.(?:md|yml|toml|example))(?:`|\))", text))

    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_that_a_document_names_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))

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
