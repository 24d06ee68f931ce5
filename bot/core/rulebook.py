"""The whole of `rules/` as one frozen object, and the checks that need more than one file."""

from bot.core.models import OperatingModel
from bot.core.questions import Questions
from bot.core.rule import Rule
from bot.core.terms import Term


class Rulebook(Rule):
    """Everything a subject expert wrote."""

    terms: tuple[Term, ...]
    questions: Questions
    models: tuple[OperatingModel, ...]
