"""The examples of the rules, each of them a test: what it says should happen, and what does."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.advice import recommend
from bot.core.problems import Path
from bot.core.questions import Question, typed_answer
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
    return TriedExample(term.file, ("examples", place, "say"), example.say, expected, got)
