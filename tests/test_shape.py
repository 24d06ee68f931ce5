"""The shape of the code: who may know whom, what the core may use, how long a file may get."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BOT = ROOT / "bot"
LONGEST = 320
"""Lines of a module: about 300, so that it can be read in one sitting."""

PURE = {
    "__future__", "abc", "bisect", "collections", "dataclasses", "difflib", "enum", "functools", "graphlib", "heapq", "itertools", "math",
    "operator", "re", "string", "textwrap", "types", "typing", "unicodedata", "pydantic", "bot",
}  # fmt: skip
"""What the core may import: nothing that waits, reads a clock, throws dice or opens a file."""


def imports(file: Path) -> set[str]:
    """The modules that a file imports, by their full names."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_the_import_contracts_hold(tmp_path: Path) -> None:
    lint = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--cache-dir", str(tmp_path)]
    run = subprocess.run(lint, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("file", sorted((BOT / "core").rglob("*.py")), ids=lambda file: file.name)
def test_the_core_imports_nothing_that_touches_the_world(file: Path) -> None:
    assert {
        name for name in imports(file) if name.split(".")[0] not in PURE or (name.startswith("bot.") and not name.startswith("bot.core"))
    } == set()


@pytest.mark.parametrize("file", sorted((BOT / "core").rglob("*.py")), ids=lambda file: file.name)
def test_the_core_names_no_chat_service(file: Path) -> None:
    assert re.findall(r"slack|teams\b|discord", file.read_text("utf-8"), re.IGNORECASE) == []


@pytest.mark.parametrize("file", sorted(BOT.rglob("*.py")), ids=lambda file: str(file.relative_to(BOT)))
def test_no_module_is_too_long_to_read(file: Path) -> None:
    assert len(file.read_text("utf-8").splitlines()) <= LONGEST


def test_no_module_is_called_by_a_word_that_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}
    assert [file for file in BOT.rglob("*.py") if file.stem in empty] == []
