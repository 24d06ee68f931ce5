"""The whole of `rules/` as one frozen object."""

from bot.core.activities import Signals, WorkField
from bot.core.manners import MannersRules
from bot.core.models import Advice, OperatingModel
from bot.core.questions import Questions
from bot.core.rule import Rule
from bot.core.sources import Sources
from bot.core.terms import ReadingRules, Term
from bot.core.wording import Wording


class Rulebook(Rule):
    """Everything a subject expert wrote."""

    terms: tuple[Term, ...]
    reading: ReadingRules
    questions: Questions
    models: tuple[OperatingModel, ...]
    advice: Advice
    sources: Sources
    activities: tuple[WorkField, ...]
    signals: Signals
    manners: MannersRules
    wording: Wording
    version: str
    """A short name for exactly these rules: it changes when any rule file does."""

    def __repr__(self) -> str:
        """Its version: the whole would fill pages of every log and failed test."""
        return f"Rulebook(version={self.version!r})"

    __str__ = __repr__
