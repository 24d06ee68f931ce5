"""rules/terms/*.yml: one acronym a file, with everything it can stand for; rules/reading.yml: how the evidence for a meaning is weighed."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from bot.core.rule import Id, Phrase, Rule, Source


class Cues(Rule):
    """What speaks for a sense.

    Words match whole words and their inflections; `*` at a word's end matches any ending; spaces also match hyphens; `a|b` is either
    word; words in capitals match capitals only. `<number>`, `<time>` (a unit of time), `<money>` (a currency), `<a>` (an article or a
    possessive) stand for a kind of word. A pattern holds `TERM`, the acronym itself. Where two cues overlap, the longer one counts.
    """

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
    usual: bool = False
    """Whether it is what the term means wherever nothing says otherwise. Only for a term that is explained on request alone."""
    in_business: bool = False
    """Whether people of business in general use it, so that words of business alone speak for it as much as for ours."""
    trades: tuple[Id, ...] = ()
    """The trades of rules/reading.yml whose whole language speaks for this sense."""
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
    field: Annotated[str, StringConstraints(min_length=1, max_length=40)] = "outsourcing"
    """The field under which it is listed."""
    tier: Literal["ask", "buying", "first", "never"]
    """When to speak unprompted: `ask` when undecided and note each thread's reading; `buying` ask when undecided, no word points to a
    meaning, and the message asks or decides about buying it; `first` explain it the first time in a channel; `never` only when asked."""
    variants: tuple[Phrase, ...] = ()
    """Other ways to write the term ("cRPO")."""
    lowercase: bool = False
    """Whether small letters after an article ("an rpo") are the term too."""
    neutral: tuple[Phrase, ...] = ()
    """Phrases that say nothing about the sense although a cue stands in them ("hire an TERM")."""
    senses: Annotated[tuple[Sense, ...], Field(min_length=1)]
    silent: tuple[Phrase, ...] = ()
    """Words and phrases that keep us silent about the term whatever else is said."""
    examples: Annotated[tuple[Example, ...], Field(min_length=2)]

    @property
    def file(self) -> str:
        """The file that holds it, within `rules/`: the term in small letters, with `_` for whatever is no letter or digit."""
        return f"terms/{re.sub('[^a-z0-9]', '_', self.term.lower())}.yml"

    def problems(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """What is wrong with the term beyond the shape of its keys."""
        usual = [place for place, sense in enumerate(self.senses) if sense.usual]
        for place in usual[1:] if self.tier == "never" else usual:
            expected = "one meaning at most to be usual" if self.tier == "never" else "it only in a term of the tier `never`"
            yield ("senses", place, "usual"), f"`{self.senses[place].id}` is marked as usual, expected {expected}"
        for place, sense in enumerate(self.senses):
            for number, pattern in enumerate(sense.cues.patterns):
                if "TERM" not in pattern:
                    yield (
                        ("senses", place, "cues", "patterns", number),
                        f"`{pattern}` has no TERM in it, expected it under decisive or supporting",
                    )


class Trade(Rule):
    """The language of a trade: it speaks for every sense of that trade, and against all other readings."""

    id: Id
    ours: bool = False
    """Whether it is a trade of ours: then it is business to everybody, and a rival of no reading."""
    decisive: tuple[Phrase, ...] = ()
    supporting: tuple[Phrase, ...] = ()
    faint: tuple[Phrase, ...] = ()


class Weights(Rule):
    """What one piece of evidence adds, in log-odds: 1.1 alone is 0.75 sure, 2.2 is 0.90, 2.9 is 0.95, 3.9 is 0.98."""

    definition: Annotated[float, Field(gt=0, le=10)]
    pattern: Annotated[float, Field(gt=0, le=10)]
    decisive: Annotated[float, Field(gt=0, le=10)]
    supporting: Annotated[float, Field(gt=0, le=10)]
    faint: Annotated[float, Field(gt=0, le=10)]
    against: Annotated[float, Field(ge=-10, lt=0)]
    buying: Annotated[float, Field(gt=0, le=10)]
    usual: Annotated[float, Field(gt=0, le=10)]
    thread: Annotated[float, Field(gt=0, le=10)]
    place: Annotated[float, Field(gt=0, le=10)]


class ReadingRules(Rule):
    """rules/reading.yml: how the evidence is weighed, and the languages of the trades."""

    weights: Weights
    decided: Annotated[float, Field(gt=0.5, lt=1)]
    """From this confidence on a reading is taken for true."""
    named: Annotated[float, Field(gt=0, lt=1)]
    """From this confidence on a reading is worth naming at all."""
    asked: Annotated[float, Field(gt=0, lt=1)]
    """From this share of our meanings together on an undecided term is worth a question."""
    near: Annotated[int, Field(ge=1, le=1000)]
    """Words: a cue within this distance of the term counts in full."""
    far: Annotated[float, Field(ge=0, le=1)]
    """The share that a cue farther away counts."""
    buying: tuple[Phrase, ...]
    """Words of buying and of vendors, and the phrases in which a term is bought (with TERM): then an undecided term is worth a question."""
    service: tuple[Phrase, ...] = ()
    """Phrases in which one speaks of a service and its industry (with TERM): they say less than buying."""
    business: tuple[Phrase, ...]
    """Words of business in general."""
    trades: tuple[Trade, ...]
    languages: dict[Id, tuple[Phrase, ...]]
    """Small words of other languages: a message made of them is none of ours."""
    english: tuple[Phrase, ...]
    """Small words of English."""

    def problems(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """What is wrong with the file beyond the shape of its keys."""
        seen: set[str] = set()
        for place, trade in enumerate(self.trades):
            if trade.id in seen:
                yield ("trades", place, "id"), f"two trades are called `{trade.id}`, expected a different name"
            seen.add(trade.id)
