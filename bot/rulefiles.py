"""`rules/` -> Rulebook, or every mistake of every file at once."""

import hashlib
import importlib.resources
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from bot import rulecheck, ruleyaml
from bot.core.activities import Signals, WorkField
from bot.core.checks import CHECKS, Checks, problems_of
from bot.core.manners import MannersRules
from bot.core.models import Advice, OperatingModel
from bot.core.problems import Path as Place
from bot.core.problems import Problem, nearest
from bot.core.questions import Questions
from bot.core.rulebook import Rulebook
from bot.core.sources import Sources
from bot.core.terms import ReadingRules, Term
from bot.core.thorough import THOROUGH_CHECKS
from bot.core.wording import Wording

LARGEST = 1_000_000
"""Bytes; the largest rule file that is read."""

FOLDERS: dict[str, type[BaseModel]] = {"terms": Term, "models": OperatingModel, "activities": WorkField}
"""Folders of rule files, each file one rule."""

FILES: dict[str, type[BaseModel]] = {
    "advice": Advice,
    "manners": MannersRules,
    "questions": Questions,
    "reading": ReadingRules,
    "signals": Signals,
    "sources": Sources,
    "wording": Wording,
}
"""Single files."""


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing that is wrong in one place of one file."""

    path: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


class RuleError(Exception):
    """All mistakes of all rule files, one a line."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes)))
        super().__init__("\n".join(map(str, self.mistakes)))


@dataclass(slots=True)
class _File:
    """One rule file: its name within `rules/`, how it is shown, what it holds, and what is wrong with it."""

    name: str
    shown: str
    data: bytes = b""
    text: str = ""
    rule: BaseModel | None = None
    mistakes: list[Mistake] = field(default_factory=list)

    def flaw(self, message: str, line: int = 1, column: int = 1) -> None:
        self.mistakes.append(Mistake(self.shown, line, column, message))

    def blame(self, problems: Iterable[tuple[Place, str]]) -> None:
        """Note problems by their paths in the document."""
        found = list(problems)
        if not found:
            return
        for (line, column), (_, message) in zip(ruleyaml.places(self.text, [path for path, _ in found]), found, strict=True):
            self.flaw(message, line, column)


def default_folder() -> Path:
    """The rules that ship with the package: inside an installed wheel, or beside `bot` in a checkout."""
    package = Path(str(importlib.resources.files("bot")))
    shipped = package / "_rules"
    return shipped if shipped.is_dir() else package.parent / "rules"


def load(folder: Path | None = None) -> Rulebook:
    """The rules of a folder (None: the ones that ship with the package); raises RuleError with every mistake of every file."""
    return _shipped() if folder is None else _loaded(folder, (CHECKS,))


@cache
def _shipped() -> Rulebook:
    """The rules that ship with the package; they stay as they are while a program runs, so they are read once."""
    return _loaded(default_folder(), (CHECKS,))


def check(folder: Path | None = None) -> Rulebook:
    """Like `load`, and tries every example, every cue and every way through the questions: a second's work before rules are shipped."""
    return _loaded(folder or default_folder(), (CHECKS, THOROUGH_CHECKS))


def _loaded(folder: Path, rounds: Sequence[Checks]) -> Rulebook:
    files, strays = _listing(folder)
    for file in files:
        if _fetch(folder / file.name, file):
            _understand(file)
    rules = _together(files)
    for checks in rounds:
        _cross_check(files, rules, checks)
    mistakes = [*strays, *(mistake for file in files for mistake in file.mistakes)]
    if mistakes:
        raise RuleError(mistakes)
    return rules


# --------------------------------------------------------------------------- which files


def _listing(folder: Path) -> tuple[list[_File], list[Mistake]]:
    """The files that make up the rules, sorted, and what is wrong with the folder itself."""
    strays: list[Mistake] = []
    if not folder.is_dir():
        return [], [_stray(folder, "no such folder, expected a folder of rule files")]
    names = [*_entries(folder, "", strays), *(name for sub in FOLDERS for name in _entries(folder / sub, f"{sub}/", strays))]
    for sub in FOLDERS:
        if not strays and not any(name.startswith(f"{sub}/") for name in names):
            strays.append(_stray(folder / sub, "no rule file stands in this folder, expected at least one"))
    missing = sorted({f"{name}.yml" for name in FILES} - set(names))
    lost = [] if strays else [_stray(folder / name, "this file is missing") for name in missing]
    return [_File(name=name, shown=shown(folder / name)) for name in sorted(names)], strays + lost


def _entries(folder: Path, prefix: str, strays: list[Mistake]) -> Iterator[str]:
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        strays.append(_stray(folder, f"this folder cannot be read ({_why(error)}), expected a folder of rule files"))
        return
    for path in paths:
        if path.suffix not in {".yml", ".yaml"} or path.name.startswith("."):
            continue
        if path.suffix == ".yaml":
            strays.append(_stray(path, f"this file would be ignored, expected the name {path.stem}.yml"))
        elif not prefix and path.stem not in FILES:
            guess = nearest(path.stem, FILES)
            strays.append(_stray(path, "unknown file, " + (f"did you mean {guess}.yml?" if guess else f"expected {_either(FILES)}")))
        else:
            yield f"{prefix}{path.name}"


def _either(files: Iterable[str]) -> str:
    *others, last = sorted(f"{name}.yml" for name in files)
    return f"{', '.join(others)} or {last}"


def _stray(path: Path, message: str) -> Mistake:
    return Mistake(shown(path), 1, 1, message)


def shown(path: Path) -> str:
    """The path as an author would type it: relative to the current folder where it is inside it, else as given."""
    absolute, here = path.absolute(), Path.cwd()
    return str(absolute.relative_to(here) if absolute.is_relative_to(here) else path)


def _why(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()


# --------------------------------------------------------------------------- one file


def mistakes_in(name: str, text: str) -> list[Mistake]:
    """What is wrong with a text as the rule file of this name (within `rules/`), without a look at any other file."""
    file = _File(name=name, shown=name, text=text)
    _understand(file)
    return sorted(file.mistakes)


def _understand(file: _File) -> None:
    """Fill the file's rule from its text, or note why it has none."""
    file.rule, flaws = _understood(file.name, file.text)
    for message, line, column in flaws:
        file.flaw(message, line, column)


@lru_cache(maxsize=512)
def _understood(name: str, text: str) -> tuple[BaseModel | None, tuple[tuple[str, int, int], ...]]:
    """The rule that the text of a file holds, and what is wrong with it: message, line, column. Most files of another revision of the
    rules are the same, and are read once."""
    file = _File(name=name, shown=name, text=text)
    _read(file)
    return file.rule, tuple((flaw.message, flaw.line, flaw.column) for flaw in file.mistakes)


def _read(file: _File) -> None:
    value, flaws = ruleyaml.read(file.text)
    for flaw in flaws:
        file.flaw(flaw.message, flaw.line, flaw.column)
    if any(flaw.fatal for flaw in flaws):
        return
    kind = kind_of(file.name)
    try:
        file.rule = kind.model_validate(value)
    except ValidationError as error:
        file.blame(rulecheck.explain(error.errors(include_url=False), kind))
    else:
        file.blame(problems_of(file.name, file.rule))


def kind_of(name: str) -> type[BaseModel]:
    """What a file of this name holds."""
    folder, _, rest = name.rpartition("/")
    return FOLDERS[folder] if folder else FILES[rest.removesuffix(".yml")]


def _fetch(path: Path, file: _File) -> bool:
    """Read the file's text; whether that worked."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            file.flaw("this is no ordinary file, expected a text file")
            return False
        with path.open("rb") as opened:
            file.data = opened.read(LARGEST + 1)
    except OSError as error:
        file.flaw(f"this file cannot be read ({_why(error)})")
        return False
    if len(file.data) > LARGEST:
        file.flaw(f"this file is larger than {LARGEST:,} bytes, expected a rule file")
        return False
    try:
        file.text = file.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = file.data[: error.start].decode("utf-8-sig")
        file.flaw("this is no UTF-8 text, expected a text file saved as UTF-8", *_end(before))
        return False
    return True


def _end(text: str) -> tuple[int, int]:
    """Line and column of the place right after a text."""
    return text.count("\n") + 1, len(text) - text.rfind("\n")


# --------------------------------------------------------------------------- all together


def _together(files: list[_File]) -> Rulebook:
    """The rulebook of the files that are right; a part with no right file stays unset."""
    parts: dict[str, Any] = {name: tuple(f.rule for f in files if f.rule is not None and f.name.startswith(f"{name}/")) for name in FOLDERS}
    parts |= {file.name.removesuffix(".yml"): file.rule for file in files if file.rule is not None and "/" not in file.name}
    return Rulebook.model_construct(**parts, version=_version(files))


def _cross_check(files: list[_File], rules: Rulebook, checks: Checks) -> None:
    """Run the checks whose parts are all right so far, and note what they find in the files they find it in."""
    broken = {file.name.split("/")[0].removesuffix(".yml") for file in files if file.rule is None or file.mistakes}
    usable = {name for name in (*FOLDERS, *FILES) if name not in broken and rules.__dict__.get(name)}
    by_name = {file.name: file for file in files}
    problems: dict[str, list[Problem]] = {}
    for needs, find in checks:
        for problem in find(rules) if usable.issuperset(needs) else ():
            problems.setdefault(problem.file, []).append(problem)
    for name, found in problems.items():
        by_name[name].blame((problem.path, problem.message) for problem in found)


def _version(files: list[_File]) -> str:
    """A short name for exactly these rules: it changes when any file does."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name}\0{len(file.data)}\0".encode() + file.data)
    return digest.hexdigest()[:12]
