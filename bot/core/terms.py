"""rules/terms/*.yml: one acronym a file, with everything it can stand for."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from bot.core.rule import Id, Phrase, Rule, Source


class Cues(Rule):
    """What speaks for a sense. Words match whole words and their inflections; `*` at a word's end matches any ending; spaces also match
    hyphens. Patterns stand around the term itself."""

    patterns: tuple[Phrase, ...] = ()
    decisive: tuple[Phrase, ...] = ()
    supporting: tuple[Phrase, ...] = ()
    against: tuple[Phrase, ...] = ()


class Sense(Rule):
    """One meaning of a term."""

    id: Id
    name: Phrase
    """The long form, as one would write it out."""
    means: Phrase
    """One plain line for somebody who never heard of it."""
    label: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    """The button's text."""
    ours: bool = False
    """Whether it is a meaning of the outsourcing trade."""
    family: str = ""
    """Where it belongs ("a form of KPO, inside the BPO umbrella")."""
    domain: Id | None = None
    """The dialogue's domain that this meaning settles."""
    also: tuple[Phrase, ...] = ()
    """Other ways to write the long form."""
    cues: Cues = Cues()
    source: Source
    owner: str = "Spellout"
    reviewed: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")] = "2026-11-21"


class Example(Rule):
    """A message and what Spellout does on hearing it first thing in a channel. Every example is a test."""

    say: Phrase
    expect: Literal["ask", "note", "silent"]
    sense: Id | None = None


class Term(Rule):
    """One acronym and everything it can stand for."""

    term: Annotated[str, StringConstraints(min_length=2, max_length=12)]
    about: Phrase
    tier: Literal["ask", "first", "never"]
    """When to speak unprompted: `ask` when undecided and note each thread's reading; `first` explain it the first time in a channel;
    `never` only when asked."""
    variants: tuple[Phrase, ...] = ()
    senses: Annotated[tuple[Sense, ...], Field(min_length=1)]
    silent: Cues = Cues()
    """What keeps us silent about the term whatever else is said."""
    examples: Annotated[tuple[Example, ...], Field(min_length=2)]
