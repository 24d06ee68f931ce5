"""rules/models/*.yml and rules/advice.yml: the operating models, and how answers lead to them."""

from typing import Annotated

from pydantic import Field, StringConstraints

from bot.core.rule import Id, Lines, Phrase, Rule


class ModelExample(Rule):
    """Work that belongs to this model, with the answers that lead to it. Every example is a test."""

    work: Phrase
    answers: dict[str, str]


class OperatingModel(Rule):
    """One operating model with its twelve fields, all of them shown in the full brief."""

    id: Id
    name: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    umbrella: Phrase
    """Where it stands among the others ("a form of KPO, inside the BPO umbrella")."""
    meaning: Lines
    why: Lines
    hiring: Lines
    ramp: Lines
    quality: Lines
    pricing: Lines
    governance: Lines
    confidentiality: Lines
    automation: Lines
    transition: Lines
    mistakes: Lines
    vendor: Lines
    examples: Annotated[tuple[ModelExample, ...], Field(min_length=1)]
