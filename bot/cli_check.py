"""`spellout check`: a draft's acronyms that are used before they are spelled out, one a line, for people, editors and pipelines."""

import json
import sys
from dataclasses import asdict
from typing import Annotated, Any

import typer

from bot import drafts, settings
from bot.core.draft import Finding, findings
from bot.core.rulebook import Rulebook
from bot.core.wording import Wording
from bot.drafts import Draft, Position, Unreadable
from bot.rulefiles import RuleError, load
from bot.settings import Local, OperatorError

FOUND, UNREADABLE = 1, 2
"""The exit codes of a draft with findings, and of one that cannot be read; 0 is a draft without findings."""


def check(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE", help="Drafts as .txt, .md or .docx; - is standard input.", show_default=False)
    ],
    everything: Annotated[bool, typer.Option("--all", help="Also the acronyms that everybody in the trade knows, such as KPI.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Find the acronyms of a draft that are used before they are spelled out.

    Ends with 0 if there are none, with 1 if there are, with 2 if a draft cannot be read.
    """
    readable, unreadable = _read(files)
    found: list[dict[str, Any]] = []
    nothing = ""
    if readable:
        try:
            rules = load(settings.load(Local).rules)
        except (RuleError, OperatorError) as error:
            return _told(str(error))
        found = [row for path, draft in readable.items() for row in _rows(path, draft, rules, everything)]
        nothing = "" if unreadable else rules.wording.text("draft.nothing")
    if as_json:
        sys.stdout.write(json.dumps({"findings": found, "unreadable": unreadable}) + "\n")
    else:
        _show(found, nothing)
    for why in unreadable:
        _told(why)
    return UNREADABLE if unreadable else FOUND if found else 0


def _told(sentence: str) -> int:
    typer.echo(sentence, err=True)
    return UNREADABLE


def _read(files: list[str]) -> tuple[dict[str, Draft], list[str]]:
    """The drafts that can be read, by their paths, and a sentence about each that cannot."""
    readable: dict[str, Draft] = {}
    unreadable: list[str] = []
    for path in dict.fromkeys(files):
        try:
            readable[path] = drafts.read(path)
        except Unreadable as error:
            unreadable.append(str(error))
    return readable, unreadable


def _show(found: list[dict[str, Any]], nothing: str) -> None:
    for row in found:
        typer.echo(f"{row['path']}:{row['line']}:{row['column']}: {row['message']}")
    if nothing and not found:
        typer.echo(nothing)


# --------------------------------------------------------------------------- one draft


def _rows(path: str, draft: Draft, rules: Rulebook, everything: bool) -> list[dict[str, Any]]:
    """The findings of a draft as plain data, in its order."""
    return [_row(path, draft, finding, rules.wording) for finding in findings(draft.passages, rules, everything)]


def _row(path: str, draft: Draft, finding: Finding, wording: Wording) -> dict[str, Any]:
    position = draft.position(finding.spot.passage, finding.spot.at)
    other = draft.position(finding.other.passage, finding.other.at) if finding.other else None
    message = _message(draft, finding, other, wording)
    if position.cell:
        message = wording.text("draft.in_cell", where=_where(draft, position, wording), message=message)
    return {
        "path": path,
        **asdict(position),
        "acronym": finding.term,
        "written": finding.written,
        "kind": finding.kind,
        "sense": finding.sense,
        "confidence": finding.confidence,
        "because": list(finding.because),
        "names": list(finding.names),
        "other": {**asdict(other), "name": finding.other_name or finding.names[0]} if other else None,
        "message": message,
    }


def _message(draft: Draft, finding: Finding, other: Position | None, wording: Wording) -> str:
    where = _where(draft, other, wording) if other else ""
    either = wording.text("shared.or")
    *first, last = finding.names
    return wording.text(
        "draft.second_spelled" if finding.kind == "second" and finding.spelled else f"draft.{finding.kind}",
        term=finding.written,
        name=finding.names[0],
        names=f"{', '.join(first)}{either}{last}" if first else last,
        other=finding.other_name,
        where=where,
    )


def _where(draft: Draft, position: Position, wording: Wording) -> str:
    """A place as a person would name it."""
    if position.cell:
        return wording.text("draft.cell", **{name: str(number) for name, number in asdict(position.cell).items()})
    return wording.text("draft.paragraph" if draft.in_paragraphs else "draft.line", line=str(position.line))
