"""rules/questions.yml: the four questions, the domain gate and the quality driver."""

from typing import Annotated

from pydantic import Field, StringConstraints

from bot.core.rule import Id, Phrase, Rule, Source


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
    also: tuple[Phrase, ...] = ()
    """What people type to mean it."""
    source: Source = "own judgment"


class Question(Rule):
    """One question of the dialogue. `name` is its short name on the card ("Domain knowledge")."""

    id: Id
    name: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    text: Phrase
    why: Phrase
    """The answer to "why do you ask?"."""
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=10)]
    source: Source


class Questions(Rule):
    """rules/questions.yml: the four questions in their order, and the two follow-ups that are asked only when they matter."""

    questions: Annotated[tuple[Question, ...], Field(min_length=4, max_length=4)]
    domain: Question
    quality_driver: Question
