"""`spellout recommend`: answers that are known already -> the operating model, as a row and as the result's card."""

from collections.abc import Mapping
from typing import Any

from bot.core.advice import recommend
from bot.core.dialogue_cards import DialogueCards
from bot.core.interview import Interview
from bot.core.memory import Answer, Dialogue
from bot.core.messages import Reply
from bot.core.rulebook import Rulebook
from bot.core.term_cards import TermCards
from bot.settings import OperatorError


def row(answers: Mapping[Any, Any], rules: Rulebook) -> dict[str, Any]:
    """The recommendation as other programs read it; raises OperatorError for a question or option that does not exist."""
    try:
        outcome = recommend({str(question): str(option) for question, option in answers.items()}, rules.questions, rules.advice)
    except ValueError as error:
        raise OperatorError(str(error)) from None
    return {
        "model": outcome.model,
        "confidence": outcome.confidence,
        "runner_up": outcome.runner_up,
        "flips": [{"question": flip.question, "option": flip.option, "model": flip.model} for flip in outcome.flips],
        "warnings": list(outcome.warnings),
    }


def card(answers: Mapping[str, str], rules: Rulebook) -> Reply:
    """The same recommendation as people read it."""
    interview = Interview(rules.questions, rules.advice)
    given = {question: Answer(option=option, by="", at=0) for question, option in answers.items()}
    dialogue = Dialogue(number=1, owner="", answers=given, ended="finished")
    return DialogueCards(rules, interview, TermCards(rules.wording)).result(dialogue)
