"""`rules/` -> Rulebook, or every mistake of every file at once."""

import hashlib
import importlib.resources
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from bot import ruleyaml
from bot.core.manners import MannersRules
from bot.core.models import OperatingModel
from bot.core.questions import Questions
from bot.core.rulebook import Rulebook
from bot.core.terms import Term
from bot.core.wording import Wording

LARGEST = 1_000_000
"""Bytes; the largest rule file that is read."""

FOLDERS: dict[str, type[BaseModel]] = {"terms": Term, "models": OperatingModel}
FILES: dict[str, type[BaseModel]] = {"questions": Questions, "manners": MannersRules, "wording": Wording}


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong in one place of one file."""

    path: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


class RuleError(Exception):
    """All mistakes of all rule files."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)


@dataclass(slots=True)
class _File:
    """One rule file: its name within `rules/`, its text, and what it became."""

    name: str
    shown: str
    text: str = ""
    data: bytes = b""
    rule: BaseModel | None = None
    mistakes: list[Mistake] = field(default_factory=list)


def default_folder() -> Path:
    """The rules that ship with the package: inside an installed wheel, or beside `bot` in a checkout."""
    package = Path(str(importlib.resources.files("bot")))
    shipped = package / "_rules"
    return shipped if shipped.is_dir() else package.parent / "rules"


def load(folder: Path | None = None) -> Rulebook:
    """The rules of a folder (None: the ones that ship with the package); raises RuleError with every mistake."""
    folder = folder or default_folder()
    files = [_read(folder, name, kind) for name, kind in _expected(folder)]
    mistakes = [mistake for file in files for mistake in file.mistakes]
    if mistakes:
        raise RuleError(mistakes)
    parts: dict[str, Any] = {name: tuple(f.rule for f in files if f.name.startswith(f"{name}/")) for name in FOLDERS}
    parts |= {f.name.removesuffix(".yml"): f.rule for f in files if "/" not in f.name}
    return Rulebook.model_construct(**parts, version=version({file.name: file.data for file in files}))


def _expected(folder: Path) -> list[tuple[str, type[BaseModel]]]:
    found = [(f"{name}/{path.name}", kind) for name, kind in FOLDERS.items() for path in sorted((folder / name).glob("*.yml"))]
    return found + [(f"{name}.yml", kind) for name, kind in FILES.items() if (folder / f"{name}.yml").exists()]


def _read(folder: Path, name: str, kind: type[BaseModel]) -> _File:
    path = folder / name
    file = _File(name=name, shown=str(path))
    file.data = path.read_bytes()
    file.text = file.data.decode("utf-8-sig")
    value, flaws = ruleyaml.read(file.text)
    file.mistakes += [Mistake(file.shown, f.line, f.column, f.message) for f in flaws]
    if not flaws:
        try:
            file.rule = kind.model_validate(value)
        except ValidationError as error:
            details = error.errors(include_url=False)
            places = ruleyaml.places(file.text, [e["loc"] for e in details])
            file.mistakes += [Mistake(file.shown, *at, e["msg"]) for at, e in zip(places, details, strict=True)]
    return file


def version(files: dict[str, bytes]) -> str:
    """A short name for exactly these rules: it changes when any file does."""
    return hashlib.sha256(b"".join(name.encode() + b"\0" + hashlib.sha256(files[name]).digest() for name in sorted(files))).hexdigest()[:12]
