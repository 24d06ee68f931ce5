"""rules/questions.yml: the four questions, the domain gate and the quality driver; and what a typed answer means."""

import unicodedata
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.core.rule import Id, Phrase, Rule, Source

UNSURE = "unsure"
"""The option of every question that says: I do not know."""

_LONGEST = 200
"""Characters; nothing that means an option is longer."""

_AROUND = "#().,:;!*_~`[]<>\"'“”\ufe0f\u20e3"
_BEFORE = frozenset({"the", "option", "answer", "number", "choice", "i", "think", "guess", "say", "maybe", "probably"})
_AFTER = frozenset({"one", "option", "answer", "choice", "please", "then", "probably"})
_NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "1 one first 1st",
            "2 two second 2nd",
            "3 three third 3rd",
            "4 four fourth 4th",
            "5 five fifth 5th",
            "6 six sixth 6th",
            "7 seven seventh 7th",
            "8 eight eighth 8th",
            "9 nine ninth 9th",
            "10 ten tenth 10th",
        ),
        1,
    )
    for word in words.split()
}


class Option(Rule):
    """One answer that can be picked."""

    id: Id
    label: Annotated[str, StringConstraints(min_length=1, max_length=75)]
    short: Annotated[str, StringConstraints(min_length=1, max_length=24)]
    """The button's text."""
    value: Annotated[int, Field(ge=0, le=3)] | None = None
    """Points towards the score (0..3); none for gates and "not sure"."""
    model: Id | None = None
    """The operating model that this answer alone decides."""
    anchor: str = ""
    """A worked example of this answer."""
    brief: str = ""
    """The answer in a few words, to stand in a list of reasons ("some judgment")."""
    flip: str = ""
    """The answer as the end of a sentence that begins "... if" ("an expert has to read much of it")."""
    also: tuple[Phrase, ...] = ()
    """What people type to mean it."""
    source: Source = "own"


class AnswerExample(Rule):
    """A typed answer and the option it means. Every example is a test."""

    say: Phrase
    means: Id


class Question(Rule):
    """One question of the dialogue. `name` is its short name on the card ("Domain knowledge")."""

    id: Id
    name: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    text: Phrase
    why: Phrase
    """The answer to "why do you ask?"."""
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=10)]
    examples: tuple[AnswerExample, ...] = ()
    source: Source

    @cached_property
    def by_id(self) -> Mapping[str, Option]:
        """The options by their ids."""
        return {option.id: option for option in self.options}

    @cached_property
    def phrases(self) -> Mapping[str, tuple[str, ...]]:
        """Every wording of an answer, as `plain_words` writes it -> the options that claim it (one, in sound rules)."""
        claims: dict[str, tuple[str, ...]] = {}
        for option in self.options:
            for wording in dict.fromkeys(plain_words(text) for text in (option.id, option.label, option.short, *option.also)):
                claims[wording] = (*claims.get(wording, ()), option.id)
        return claims


class Questions(Rule):
    """rules/questions.yml: the four questions in their order, and the two follow-ups that are asked only when they matter."""

    questions: Annotated[tuple[Question, ...], Field(min_length=4, max_length=4)]
    domain: Question
    quality_driver: Question

    @cached_property
    def by_id(self) -> Mapping[str, Question]:
        """All six by their ids, in the order of asking."""
        return {question.id: question for question in (*self.questions, self.domain, self.quality_driver)}

    @cached_property
    def deciding(self) -> Mapping[tuple[str, str], str]:
        """The answers that decide alone: (question, option) -> operating model."""
        return {(question.id, option.id): option.model for question in self.questions for option in question.options if option.model}

    @cached_property
    def values(self) -> Mapping[tuple[str, str], int]:
        """The points of the answers that have some: (question, option) -> 0..3."""
        return {
            (question.id, option.id): option.value for question in self.questions for option in question.options if option.value is not None
        }


def plain_words(text: str) -> str:
    """The text in lower case with single spaces, without apostrophes, punctuation or markup."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("’", "")
    return " ".join("".join(character if character.isalnum() else " " for character in folded).split())


def typed_answer(question: Question, text: str) -> str | None:
    """The option that a typed text means: its id, number, label, short text or one of its phrases. None for anything else."""
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    claims = question.phrases.get(plain_words(text), ())
    if len(claims) == 1:
        return claims[0]
    number = _number(unicodedata.normalize("NFKC", text).casefold())
    return question.options[number - 1].id if number and number <= len(question.options) else None


def _number(text: str) -> int | None:
    """The number that a text is, as in `2`, `2)`, `option two`, `the second one`."""
    words = [word for part in text.split() if (word := part.strip(_AROUND))]
    while len(words) > 1 and words[0] in _BEFORE:
        words = words[1:]
    if len(words) > 1 and words[-1] in _AFTER:
        words = words[:-1]
    return _NUMBERS.get(words[0]) if len(words) == 1 else None
