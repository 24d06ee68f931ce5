"""Answers given on the command line: `judgment=high,knowledge=trained`."""

from collections.abc import Mapping

from bot.core.advice import recommend
from bot.core.rulebook import Rulebook
from bot.settings import OperatorError


def parsed(text: str) -> dict[str, str]:
    """`judgment=high,knowledge=trained` as question -> option; raises OperatorError."""
    answers: dict[str, str] = {}
    for pair in filter(None, (pair.strip() for pair in text.split(","))):
        question, equals, option = (piece.strip() for piece in pair.partition("="))
        if not (question and equals and option):
            raise OperatorError(f"“{pair}” is no answer: write question=option, such as judgment=high, with commas between them.")
        if answers.setdefault(question, option) != option:
            raise OperatorError(f"“{question}” is answered twice: give it once.")
    return answers


def insist_known(answers: Mapping[str, str], rules: Rulebook) -> None:
    """Raise OperatorError for a question or option that does not exist."""
    try:
        recommend(answers, rules.questions, rules.advice)
    except ValueError as error:
        raise OperatorError(str(error)) from None
