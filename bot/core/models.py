"""rules/models/*.yml and rules/advice.yml: the operating models, and how answers lead to them."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.core.rule import Id, Lines, Phrase, Rule, Source, Statement

When = Annotated[dict[Id, Annotated[tuple[Id, ...], Field(min_length=1)]], Field(min_length=1)]
"""A condition: for each question named, the answer is one of these."""


class ModelExample(Rule):
    """Work that belongs to this model, with the answers that lead to it. Every example is a test."""

    work: Phrase
    answers: dict[Id, Id]


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


FIELDS = (
    "meaning",
    "why",
    "hiring",
    "ramp",
    "quality",
    "pricing",
    "governance",
    "confidentiality",
    "automation",
    "transition",
    "mistakes",
    "vendor",
)
"""The twelve fields of an operating model, in the order of the full brief."""


class Contradiction(Rule):
    """Answers that pull in two directions: the quality driver is asked."""

    when: When
    source: Source


class Effect(Rule):
    """What an answer to the quality driver does: limits on single answers, limits on the model, or the model itself."""

    at_most: dict[Id, Id] = Field(default_factory=dict)
    at_least: dict[Id, Id] = Field(default_factory=dict)
    model_at_most: Id | None = None
    model_at_least: Id | None = None
    model: Id | None = None
    source: Source


class Gate(Rule):
    """A domain that has a model of its own, where any of the conditions holds."""

    domain: Id
    any_of: Annotated[tuple[When, ...], Field(min_length=1)]
    model: Id
    source: Source


class Band(Rule):
    """A stretch of the score: from the band before (or 0) up to this figure."""

    model: Id
    up_to: Annotated[int, Field(ge=0, le=12)]


class Bound(Rule):
    """A cap (`at_most`) or a floor (`at_least`) on what the score says."""

    when: When
    at_most: Id | None = None
    at_least: Id | None = None
    source: Source


class Unsure(Rule):
    """What "not sure" does: the middle value stands in for one open answer; too many give no recommendation."""

    middle: dict[Id, Id]
    too_many_answers: Annotated[int, Field(ge=2, le=4)]
    """So many open answers that lead to different models give no recommendation."""
    too_many_models: Annotated[int, Field(ge=2)]
    """Two or more open answers that lead to so many models give no recommendation."""


class Caution(Statement):
    """Something to say beside the model, when the answers (and the model, where named) are these."""

    id: Id
    when: When
    models: tuple[Id, ...] = ()


class FactToFind(Statement):
    """How to find out what nobody was sure of; `helps` names the questions that it settles."""

    id: Id
    helps: Annotated[tuple[Id, ...], Field(min_length=1)]


class Mislabel(Statement):
    """What to say when the work was called something that it is not."""

    id: Id


class Label(Rule):
    """A label that people give to work: the models that bear it out, and what to say of each of the others."""

    id: Id
    fits: Annotated[tuple[Id, ...], Field(min_length=1)]
    otherwise: dict[Id, Id]


class Advice(Rule):
    """rules/advice.yml: how the answers combine. The first of alone, contradictions, gates and score that applies decides."""

    alone: Annotated[tuple[Id, ...], Field(min_length=1)]
    """The models that a single answer decides (see the options of rules/questions.yml), the strongest first."""
    contradictions: tuple[Contradiction, ...]
    quality_driver: dict[Id, Effect]
    gates: tuple[Gate, ...]
    other_domains: tuple[Id, ...]
    """Domains that people and the classifier name and that have no gate: they count as none."""
    bands: Annotated[tuple[Band, ...], Field(min_length=2)]
    bounds: tuple[Bound, ...]
    unsure: Unsure
    warnings: tuple[Caution, ...]
    find_out: tuple[FactToFind, ...]
    mislabels: tuple[Mislabel, ...]
    labels: tuple[Label, ...]

    @cached_property
    def ladder(self) -> Mapping[str, int]:
        """The models of the score -> their place, from the simplest up."""
        return {band.model: place for place, band in enumerate(self.bands)}

    @cached_property
    def by_score(self) -> tuple[str, ...]:
        """The model of each score, from 0 up."""
        return tuple(next(band.model for band in self.bands if score <= band.up_to) for score in range(self.bands[-1].up_to + 1))

    def warning(self, name: str) -> Caution:
        """The warning with this id."""
        return next(warning for warning in self.warnings if warning.id == name)

    def fact_to_find(self, name: str) -> FactToFind:
        """The item of the fact-finding list with this id."""
        return next(fact for fact in self.find_out if fact.id == name)

    def mislabel(self, name: str) -> Mislabel:
        """The text on a wrong label with this id."""
        return next(text for text in self.mislabels if text.id == name)
