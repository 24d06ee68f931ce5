"""The shape of the code: who may know whom, what the core may use, how long a file may get."""

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BOT = ROOT / "bot"
CORE = sorted((BOT / "core").rglob("*.py"))
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


def test_the_core_imports_nothing_that_touches_the_world() -> None:
    touched = {str(file.relative_to(ROOT)): {name for name in imports(file) if not pure(name)} for file in CORE}
    assert {file: names for file, names in touched.items() if names} == {}


def pure(name: str) -> bool:
    """Whether the core may import it."""
    return name.split(".", maxsplit=1)[0] in PURE and (not name.startswith("bot.") or name.startswith("bot.core"))


def test_the_core_names_no_chat_service() -> None:
    named = {str(file.relative_to(ROOT)): re.findall(r"slack|teams\b|discord", file.read_text("utf-8"), re.IGNORECASE) for file in CORE}
    assert {file: names for file, names in named.items() if names} == {}


def test_no_module_is_too_long_to_read() -> None:
    lines = {str(file.relative_to(ROOT)): len(file.read_text("utf-8").splitlines()) for file in BOT.rglob("*.py")}
    assert len(lines) > len(CORE) > 40
    assert {file: count for file, count in lines.items() if count > LONGEST} == {}


def test_no_module_is_called_by_a_word_that_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}
    assert [file for file in BOT.rglob("*.py") if file.stem in empty] == []
