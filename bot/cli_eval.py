"""`spellout eval`: how well the rules read labelled messages of one's own, and what another revision of the rules would change."""

import gzip
import json
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import jsonlines, ruleyaml, settings
from bot.evaluation import (
    FIGURES,
    NO_ACRONYM,
    CueAtWork,
    Figure,
    Heard,
    Listener,
    Marks,
    Message,
    NoMessage,
    figures,
    grade,
    how,
    marks,
    message,
    right,
)
from bot.rulefiles import default_folder, load, shown
from bot.rulerevision import load_revision
from bot.settings import Local, OperatorError

_ENDINGS = (".jsonl", ".jsonl.gz")
_CUES = 8
"""So many cues of a miss are shown; --json has them all."""


def evaluate(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE.jsonl", show_default=False, help="Labelled messages, one JSON object a line, .gz too; of a folder, all."
        ),
    ],
    against: Annotated[
        str | None, typer.Option(metavar="REF", help="Compare with the rules of another git revision, such as HEAD or main~3.")
    ] = None,
    terms: Annotated[
        list[str] | None, typer.Option("--term", metavar="TERM", help="Only messages labelled with this acronym; may be repeated.")
    ] = None,
    only_figures: Annotated[bool, typer.Option("--figures", help="Print the table of figures alone.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say how well labelled messages of your own are read, and which rules were at work where they are not.

    A row has an id and a text, and as its labels an acronym, a sense (the meaning's id in the rules, or `none`), and if you like a cue
    (explicit, contextual or none) and decidable_from_text. A row without labels wants silence.
    """
    own = settings.load(Local).rules
    folder, rules = own or default_folder(), load(own)
    before = load_revision(folder, against) if against is not None else None
    hearing = _Hearing(Listener(rules), Listener(before[1]) if before else None, frozenset(term.casefold() for term in terms or ()))
    results = [_Result(path, hearing).heard() for path in _paths(files)]
    places = _Places(folder)
    if as_json:
        compared = {"ref": against, "commit": before[0], "rules": before[1].version} if before else None
        sys.stdout.write(json.dumps({"rules": rules.version, "against": compared, "files": [one.plain(places) for one in results]}) + "\n")
        return
    for line in _table(results, against):
        typer.echo(line)
    for result in () if only_figures else results:
        for line in result.told(places):
            typer.echo(line)


def _paths(files: list[Path]) -> Iterator[Path]:
    """The files, and for a folder those in it that hold messages."""
    for path in files:
        if not path.is_dir():
            yield path
            continue
        inside = [file for file in sorted(path.iterdir()) if file.name.endswith(_ENDINGS) and file.is_file() and _holds_messages(file)]
        if not inside:
            raise OperatorError(f"No messages stand in {path}: put files of one JSON object a line there (.jsonl), with an id and a text.")
        yield from inside


def _holds_messages(path: Path) -> bool:
    try:
        return next(_messages(path), None) is not None
    except OperatorError as error:
        typer.echo(f"Left out: {error}", err=True)
        return False


def _messages(path: Path) -> Iterator[Message]:
    """The messages of a file; raises OperatorError with the file and line of a bad one."""
    line = 0
    try:
        with gzip.open(path, "rb") if path.name.endswith(".gz") else path.open("rb") as lines:
            for line, row in jsonlines.numbered(lines, text=str):
                yield message(row, line)
    except (OSError, EOFError, zlib.error) as error:
        why = (getattr(error, "strerror", None) or str(error)).lower()
        raise OperatorError(f"{path} cannot be read ({why}): give a file of one JSON object a line.") from None
    except NoMessage as error:
        raise OperatorError(f"{path}:{line}: this row {error}.") from None
    except OperatorError as error:
        raise OperatorError(f"{path}: {error}") from None


# --------------------------------------------------------------------------- one file


@dataclass(frozen=True, slots=True)
class _Hearing:
    """The rules that hear the messages: today's, and those to compare with."""

    now: Listener
    before: Listener | None
    only: frozenset[str] = frozenset()
    """The acronyms that are wanted; all where there are none."""

    def wants(self, heard: Message) -> bool:
        return not self.only or heard.acronym.casefold() in self.only

    def knows(self, heard: Message) -> bool:
        return not heard.acronym or heard.acronym.casefold() in self.now.ours


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What was made of a message; nothing of its text but the words of cues."""

    message: Message
    done: Heard
    marks: Marks
    cues: tuple[CueAtWork, ...] = ()

    @property
    def row(self) -> dict[str, Any]:
        """As plain data."""
        done = self.done
        return {"action": done.action, "sense": done.sense, "confidence": done.confidence, "said": [list(said) for said in done.said]}

    def __str__(self) -> str:
        if self.message.acronym:
            return f"{self.done.action} ({self.done.sense or 'no meaning'})"
        return ", ".join(f"{said.action} {said.acronym} ({said.sense or 'no meaning'})" for said in self.done.said) or "silent"


@dataclass(slots=True)
class _Result:
    """One file, heard."""

    path: Path
    hearing: _Hearing
    all: list[Marks] = field(default_factory=list)
    before: list[Marks] = field(default_factory=list)
    misses: list[_Outcome] = field(default_factory=list)
    changes: list[tuple[_Outcome, _Outcome]] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    strange: Counter[str] = field(default_factory=Counter)

    def heard(self) -> "_Result":
        """Hear every message of the file."""
        for one in filter(self.hearing.wants, _messages(self.path)):
            if self.hearing.knows(one):
                self._hear(one)
            else:
                self.unknown[one.acronym] += 1
        return self

    def _hear(self, one: Message) -> None:
        now = self.hearing.now
        bare = Message(one.line, one.id, "", one.acronym, one.sense, one.cue, one.decidable, one.wants)
        done = now.hear(one)
        found = marks(one, done, now.ours)
        self.all.append(found)
        missed = right(found) is False or found.get("asked", False)
        outcome = _Outcome(bare, done, found, now.at_work(one) if missed else ())
        if missed:
            self.misses.append(outcome)
        if one.acronym and one.sense != NO_ACRONYM and one.sense not in now.senses[one.acronym.casefold()]:
            self.strange[f"{one.acronym} {one.sense}"] += 1
        if self.hearing.before:
            self._compare(one, outcome, self.hearing.before)

    def _compare(self, one: Message, now: _Outcome, before: Listener) -> None:
        done = before.hear(one)
        then = _Outcome(now.message, done, marks(one, done, self.hearing.now.ours))
        self.before.append(then.marks)
        if str(then) != str(now):
            self.changes.append((then, now))

    # ------------------------------------------------------------------ shown

    def figures(self) -> dict[str, tuple[Figure, ...]]:
        """Today's figures, each with that of the revision where there is one."""
        now, before = figures(self.all), figures(self.before)
        return {name: (figure, before.get(name, Figure(0, 0))) if self.hearing.before else (figure,) for name, figure in now.items()}

    def plain(self, places: "_Places") -> dict[str, Any]:
        """All of it for programs."""
        against = None
        if self.hearing.before:
            against = {"figures": _plain(figures(self.before)), "changes": [_change(then, now) for then, now in self.changes]}
        return {
            "path": str(self.path),
            "messages": len(self.all) + self.unknown.total(),
            "figures": _plain(figures(self.all)),
            "misses": [_miss(miss, places) for miss in self.misses],
            "unknown_acronyms": dict(self.unknown),
            "unknown_senses": dict(self.strange),
            "against": against,
        }

    def told(self, places: "_Places") -> Iterator[str]:
        """The misses and the changes for people, one a line, the cues of a miss below it."""
        for miss in self.misses:
            wanted = f"{miss.message.acronym} is {miss.message.sense}" if miss.message.acronym else "silence wanted"
            row = _miss(miss, places)
            yield f"{self.path}:{miss.message.line}: {miss.message.id}: {row['how']}: {wanted}, got {miss} at {miss.done.confidence:.2f}"
            for cue in row["cues"][:_CUES]:
                whose = f" for {cue['speaks_for']}" if cue["speaks_for"] else ""
                yield f"    “{cue['words']}”: {cue['kind']}{whose}, {cue['file']}:{cue['line']}: {cue['cue']}"
            if len(row["cues"]) > _CUES:
                yield f"    and {len(row['cues']) - _CUES} more"
        for then, now in self.changes:
            named = f" {now.message.acronym}" if now.message.acronym else ""
            yield f"{self.path}:{now.message.line}: {now.message.id}:{named} changes: {then} -> {now} ({_turn(then, now)})"
        if self.hearing.before and not self.changes:
            yield f"{self.path}: no message changes."
        for name, count in self.unknown.items():
            yield f"{self.path}: {name} is no term of the rules; left out ({count})."
        for name, count in self.strange.items():
            yield f"{self.path}: {name} is no meaning of the rules ({count})."


def _turn(then: _Outcome, now: _Outcome) -> str:
    was, is_ = grade(then.marks), grade(now.marks)
    return "other" if was == is_ else "better" if is_ > was else "worse"


def _change(then: _Outcome, now: _Outcome) -> dict[str, Any]:
    one = now.message
    return {"line": one.line, "id": one.id, "acronym": one.acronym or None, "was": then.row, "is": now.row, "turn": _turn(then, now)}


def _plain(found: dict[str, Figure]) -> dict[str, Any]:
    return {name: {"good": one.good, "of": one.of, "share": round(one.good / one.of, 5) if one.of else None} for name, one in found.items()}


def _miss(miss: _Outcome, places: "_Places") -> dict[str, Any]:
    one = miss.message
    labels = {"acronym": one.acronym, "wanted": one.sense} if one.acronym else {"acronym": None, "wanted": None}
    cues = [
        {"words": cue.words, "kind": cue.kind, "speaks_for": cue.speaks_for, "file": places.shown(cue.file),
         "line": places.line(cue), "cue": cue.cue} for cue in miss.cues
    ]  # fmt: skip
    return {"line": one.line, "id": one.id, **labels, "how": how(miss.marks, miss.done), **miss.row, "cues": cues}


class _Places:
    """Where a cue stands in its rule file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._texts: dict[str, str] = {}
        self._lines: dict[tuple[str, object], int] = {}

    def shown(self, file: str) -> str:
        """The rule file as one would type it."""
        return shown(self._folder / file)

    def line(self, cue: CueAtWork) -> int:
        """The line that the cue stands on."""
        key = (cue.file, cue.path)
        if key not in self._lines:
            text = self._texts.setdefault(cue.file, (self._folder / cue.file).read_text("utf-8-sig"))
            self._lines[key] = ruleyaml.places(text, [cue.path])[0][0]
        return self._lines[key]


def _table(results: list[_Result], against: str | None) -> Iterator[str]:
    """One table: file, figure, today's value, and that of the revision."""
    rows = [("file", "figure", "now", *([against] if against is not None else []))]
    for result in results:
        rows.append((result.path.name, "messages", str(len(result.all)), *([str(len(result.before))] if against is not None else [])))
        rows += [(result.path.name, name, *map(str, values)) for name, values in result.figures().items()]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        says = FIGURES.get(row[1], "")
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + (f"  {says}" if says else "")
