"""The examples of the rules, each of them a test: what it says should happen, and what does."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.advice import next_question, recommend
from bot.core.checks import Checks
from bot.core.problems import Path, Problem
from bot.core.questions import UNSURE, Question, typed_answer
from bot.core.rulebook import Rulebook
from bot.core.senses import action, weigher_of
from bot.core.terms import Example, Term


@dataclass(frozen=True, slots=True)
class TriedExample:
    """An example with its place, what it says, what it expects and what it got, each in a few words."""

    file: str
    path: Path
    says: str
    expected: str
    got: str


def failing_examples(rules: Rulebook) -> list[TriedExample]:
    """The examples that do not give what they expect; none in sound rules."""
    return [example for example in tried_examples(rules) if example.got != example.expected]


def tried_examples(rules: Rulebook) -> Iterator[TriedExample]:
    """Every example of terms, questions and models, tried."""
    yield from _heard_examples(rules)
    placed: list[tuple[Path, Question]] = [(("questions", place), question) for place, question in enumerate(rules.questions.questions)]
    for path, question in (*placed, (("domain",), rules.questions.domain), (("quality_driver",), rules.questions.quality_driver)):
        for place, typed in enumerate(question.examples):
            got = typed_answer(question, typed.say) or "no answer"
            yield TriedExample("questions.yml", (*path, "examples", place, "say"), typed.say, typed.means, got)
    for model in rules.models:
        for place, work in enumerate(model.examples):
            got = recommend(work.answers, rules.questions, rules.advice).model or "no model"
            yield TriedExample(f"models/{model.id}.yml", ("examples", place, "answers"), work.work, model.id, got)


def _heard_examples(rules: Rulebook) -> Iterator[TriedExample]:
    for term in rules.terms:
        for place, example in enumerate(term.examples):
            yield _heard(rules, term, place, example)


def _heard(rules: Rulebook, term: Term, place: int, example: Example) -> TriedExample:
    """A message, heard first thing in a channel. Where the example names no sense, any will do."""
    expected = f"{example.expect} ({example.sense})" if example.sense else example.expect
    reading = next((found for found in weigher_of(rules).readings(example.say) if found.mention.term == term.term), None)
    got = "silent"
    if reading is not None:
        does = action(reading, term)[0]
        got = f"{does} ({reading.sense or 'no meaning'})" if example.sense else does
    return TriedExample(f"terms/{term.term.lower()}.yml", ("examples", place, "say"), example.say, expected, got)


def _example_problems(rules: Rulebook) -> Iterator[Problem]:
    """The failing examples of terms; those of questions and models fail at loading already."""
    for example in _heard_examples(rules):
        if example.got != example.expected:
            yield Problem(example.file, example.path, f"“{example.says}” gives {example.got}, expected {example.expected}")


def path_problems(rules: Rulebook) -> Iterator[Problem]:
    """Every way through the questions, without a "not sure", ends in a model, and every model is the end of one."""
    reached: set[str] = set()
    waiting: list[dict[str, str]] = [{}]
    while waiting:
        answers = waiting.pop()
        name = next_question(answers, rules.questions, rules.advice)
        if name is not None:
            waiting += [answers | {name: option} for option in rules.questions.by_id[name].by_id if option != UNSURE]
            continue
        model = recommend(answers, rules.questions, rules.advice).model
        if model is None:
            given = ", ".join(f"{question}={option}" for question, option in answers.items())
            yield Problem("advice.yml", ("bands",), f"the answers {given} lead to no model, expected one for all answers")
        else:
            reached.add(model)
    for known in rules.models:
        if known.id not in reached:
            yield Problem(f"models/{known.id}.yml", ("id",), "no answers lead to this model, expected at least one way to it in advice.yml")


THOROUGH_CHECKS: Checks = (
    ({"terms", "reading"}, _example_problems),
    ({"questions", "models", "advice"}, path_problems),
)
"""The checks that take too long for every start."""
