"""rules/activities/*.yml: the kinds of work that are outsourced, one file a field; rules/signals.yml: what moves an answer whatever the work."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from bot.core.rule import Id, Rule, Source, Statement

Words = tuple[Annotated[str, StringConstraints(min_length=2, max_length=80)], ...]
"""Phrases: whole words and their inflections; `a|b` is either word, `stem*` any ending, words in capitals match capitals only, `<name>` any
word of a set of rules/signals.yml."""

Said = Annotated[str, StringConstraints(min_length=3, max_length=400)]
"""A sentence or two that somebody could write."""


class Doing(Rule):
    """What is done, and to what: any of the one near any of the other, in either order ("review ... contracts", "contract review")."""

    do: Annotated[Words, Field(min_length=1)]
    to: Annotated[Words, Field(min_length=1)]


class Worded(Rule):
    """A rule that is recognised by words."""

    words: Words = ()
    """Names it outright."""
    does: tuple[Doing, ...] = ()


class Activity(Worded):
    """One kind of work, how people speak of it, and how the questions are usually answered for it."""

    id: Id
    name: Annotated[str, StringConstraints(min_length=3, max_length=60)]
    usual: Annotated[dict[Id, Id], Field(min_length=4)]
    """The usual answers to the four questions, and the domain where it belongs to one."""
    hints: Words = ()
    """Words that fit it and do not name it; several activities may share them."""
    loose: bool = False
    """Whether it is only a direction ("legal work of some kind"), for words that name no kind of work outright."""
    source: Source
    examples: Annotated[tuple[Said, ...], Field(min_length=1)]
    """Sentences in which this kind of work comes first. Every example is a test."""


class WorkField(Rule):
    """rules/activities/*.yml: a field of work."""

    field: Annotated[str, StringConstraints(min_length=3, max_length=60)]
    activities: Annotated[tuple[Activity, ...], Field(min_length=1)]


class Signal(Worded):
    """Words that answer questions whatever the work is."""

    id: Id
    says: Annotated[dict[Id, Id], Field(min_length=1)]
    strength: Literal["clear", "slight"] = "clear"
    """`clear` beats what is usual for the kind of work; `slight` counts where the kind of work is not known."""
    source: Source
    examples: Annotated[tuple[Said, ...], Field(min_length=1)]


class Mistake(Worded, Statement):
    """A mistake of outsourcing that a description gives away, and what to say of it."""

    id: Id
    models: tuple[Id, ...] = ()
    """Where named: only when the work turns out to be of one of these models."""
    examples: Annotated[tuple[Said, ...], Field(min_length=1)]


class Called(Rule):
    """How a label of rules/advice.yml is written."""

    label: Id
    words: Annotated[Words, Field(min_length=1)]


class Negation(Rule):
    """How people say what the work is not."""

    words: Annotated[Words, Field(min_length=1)]
    """What follows is not meant, up to the next comma or one of the words that end it."""
    after: Words
    """What stands before is not meant ("legal advice is excluded")."""
    harmless: Words
    """Phrases that look like it and are not ("not only", "no later than")."""
    ends: Words
    """Words that end it ("but", "just")."""


class Context(Rule):
    """Words around a phrase that make it the customer or the subject, not the work."""

    customers: Annotated[Words, Field(min_length=1)]
    """Nouns that make the words before them a customer ("for law **firms**")."""
    about: Annotated[Words, Field(min_length=1)]
    """Phrases after which a subject follows ("research **on**", "report **about**")."""
    seeking: Annotated[Words, Field(min_length=1)]
    """Words after which the people who are sought follow, with what they will do ("hire lawyers who review contracts")."""
    anybody: Annotated[Words, Field(min_length=1)]
    """Words for anybody who does the work: "hire **people** to review contracts" is no recruiting."""
    halves: Annotated[Words, Field(min_length=1)]
    """Words that join two different kinds of work ("plus", "on top of that", "the rest")."""


class Signals(Rule):
    """rules/signals.yml."""

    sets: dict[Id, Words]
    """Words that phrases ask for by the name of the set, as in `<role>`."""
    negation: Negation
    context: Context
    called: tuple[Called, ...]
    signals: Annotated[tuple[Signal, ...], Field(min_length=1)]
    mistakes: tuple[Mistake, ...]
