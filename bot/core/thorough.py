"""The checks of rules that take too long for every start: examples, cues, and every way through the questions."""

from collections.abc import Iterator

from bot.core.activity_checks import examples as examples_of_work
from bot.core.activity_checks import shared_phrases
from bot.core.advice import model_of, next_question
from bot.core.checks import Checks
from bot.core.list_checks import examples as examples_of_lists
from bot.core.problems import Problem
from bot.core.questions import UNSURE
from bot.core.rulebook import Rulebook
from bot.core.senses import weigher_of
from bot.core.term_checks import failing_examples, idle_cues, twin_cues


def examples(rules: Rulebook) -> Iterator[Problem]:
    """Every example of a term gives what it says; those of questions and models are tried at every loading."""
    yield from (Problem(file, path, message) for file, path, message in failing_examples(rules.terms, weigher_of(rules)))


def exercised_cues(rules: Rulebook) -> Iterator[Problem]:
    """Every cue stands in an example."""
    yield from (Problem(file, path, message) for file, path, message in idle_cues(rules.terms, rules.reading, weigher_of(rules)))


def cues_of_their_own(rules: Rulebook) -> Iterator[Problem]:
    """A cue speaks for one meaning of a term, in whatever inflection it is written."""
    yield from (Problem(file, path, message) for file, path, message in twin_cues(rules.terms, rules.reading))


def ways_through(rules: Rulebook) -> Iterator[Problem]:
    """Every way through the questions, without a "not sure", ends in a model, and every model is the end of one."""
    reached: set[str] = set()
    waiting: list[dict[str, str]] = [{}]
    while waiting:
        answers = waiting.pop()
        name = next_question(answers, rules.questions, rules.advice)
        if name is not None:
            waiting += [answers | {name: option} for option in rules.questions.by_id[name].by_id if option != UNSURE]
            continue
        model = model_of(answers, rules.questions, rules.advice)
        if model is None:
            given = ", ".join(f"{question}={option}" for question, option in answers.items())
            yield Problem("advice.yml", ("bands",), f"the answers {given} lead to no model, expected one for all answers")
        else:
            reached.add(model)
    for known in rules.models:
        if known.id not in reached:
            yield Problem(f"models/{known.id}.yml", ("id",), "no answers lead to this model, expected at least one way to it in advice.yml")


THOROUGH_CHECKS: Checks = (
    ({"terms", "reading"}, cues_of_their_own),
    ({"terms", "reading"}, examples),
    ({"terms", "reading"}, exercised_cues),
    ({"questions", "models", "advice"}, ways_through),
    ({"activities", "signals", "questions", "advice"}, examples_of_work),
    ({"activities", "signals", "questions", "advice"}, examples_of_lists),
    ({"activities", "signals"}, shared_phrases),
)
"""The checks of `spellout rules check` beyond those of every start."""
