"""`spellout classify`: work described in a sentence or two -> the operating model, as a row and as a card."""

import sys
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from rich.console import Console
from typer.exceptions import TyperException

from bot import jsonlines, settings, terminal
from bot.core.classify import Classification, classify
from bot.core.clues import Quote
from bot.core.describing import Describer, open_questions
from bot.core.interview import Interview
from bot.core.rulebook import Rulebook
from bot.core.term_cards import TermCards
from bot.core.work_cards import WorkCards
from bot.rulefiles import load
from bot.settings import Local, OperatorError


class UsageError(TyperException):
    """The command was given something else than it takes."""

    exit_code = 2


def command(
    text: Annotated[list[str] | None, typer.Argument(help="The work in a sentence or two; without it, standard input is read.")] = None,
    file: Annotated[Path | None, typer.Option(metavar="FILE", help="Read one description from a text file (several: --jsonl).")] = None,
    called: Annotated[str | None, typer.Option(metavar="LABEL", help="What somebody calls the work: BPO, KPO, LPO or RPO.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    as_json_lines: Annotated[
        bool,
        typer.Option(
            "--jsonl",
            help='Read {"id", "text", "called"} from standard input, one a line (id and called may be left out), and print one for each.',
        ),
    ] = False,
) -> None:
    """Say which operating model a described piece of work belongs to, because of which words, and what is still open."""
    if sum((bool(text), file is not None, as_json_lines)) > 1:
        raise UsageError("Give TEXT, --file or --jsonl, only one of them.")
    words = "" if as_json_lines else _description(text, file)
    rules = load(settings.load(Local).rules)
    label = _label(called, rules)
    if as_json_lines:
        jsonlines.answer(
            _input(), sys.stdout, lambda each: row(each["text"], rules, _label(each.get("called"), rules) or label, forced=True), text=str
        )
        return
    if as_json:
        jsonlines.write(sys.stdout, row(words, rules, label))
    else:
        _show(words, rules, label)


def _show(text: str, rules: Rulebook, called: str) -> None:
    """Print the card that chat shows; the command that answers what is open stands for its buttons."""
    work = Describer(rules).described(text, number=1, by=terminal.YOU, at=0, label=called)
    cards = WorkCards(rules, Interview(rules.questions, rules.advice), TermCards(rules.wording))
    terminal.show(Console(highlight=False, markup=False, emoji=False), cards.card(work, live=False), buttons=False)
    if work.open:
        typer.echo("To answer what is open, run `spellout choose` and give it this description.")


def row(text: str, rules: Rulebook, called: str = "", *, forced: bool = False) -> dict[str, Any]:
    """The classification as other programs read it; `forced` names a model wherever any word points to one."""
    found = classify(text, rules, called, forced=forced)
    return {
        "model": found.model,
        "confidence": found.confidence,
        "runner_up": found.runner_up,
        "answers": found.profile.options,
        "open": list(open_questions(found, rules)),
        "because": [quote.words for quote in found.because],
        "evidence": {
            question: {"option": known.option, "how": known.how, "words": [_plain(quote) for quote in known.evidence]}
            for question, known in found.profile.answers.items()
        },
        "work": [each.activity.id for each in found.profile.activities if each.named],
        "halves": [
            {"model": half.model, "work": half.activity, "words": [_plain(quote) for quote in half.quotes]} for half in found.halves
        ],
        "labels": [{"label": check.label, "mislabel": check.mislabel} for check in found.labels],
        "warnings": [*found.warnings, *_mistakes(found)],
        "ruled_out": [_plain(quote) for quote in found.ruled_out],
    }


def _mistakes(found: Classification) -> list[str]:
    return [mistake.id for mistake in found.mistakes]


def _plain(quote: Quote) -> dict[str, Any]:
    return {"words": quote.words, "start": quote.start, "end": quote.end}


def _label(called: object, rules: Rulebook) -> str:
    """The label's id; empty where none is given; raises OperatorError for one that the rules do not know."""
    if called is None:
        return ""
    known = [label.id for label in rules.advice.labels]
    if not isinstance(called, str) or called.casefold() not in known:
        raise OperatorError(f"“{called}” is no label that I know; the labels are {', '.join(name.upper() for name in known)}.")
    return called.casefold()


def _description(text: list[str] | None, file: Path | None) -> str:
    """The description from the command line, a file or standard input."""
    if not text and file is None and sys.stdin is not None and sys.stdin.isatty():
        raise UsageError('Describe the work, as in `spellout classify "Review NDAs against our playbook"`.')
    try:
        if text:
            return " ".join(text).encode().decode()
        return (file.read_bytes() if file else _input().read()).decode("utf-8-sig")
    except UnicodeError:
        raise OperatorError("The description is not UTF-8: save or type it as UTF-8.") from None
    except OSError as error:
        raise OperatorError(f"{file} cannot be read ({(error.strerror or type(error).__name__).lower()}).") from None


def _input() -> BinaryIO:
    if sys.stdin is None:
        raise OperatorError("Standard input is closed: give it a file, as in `spellout classify --jsonl < FILE`.")
    return sys.stdin.buffer
