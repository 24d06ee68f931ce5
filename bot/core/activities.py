"""rules/activities/*.yml: the kinds of work that are outsourced, one file a field; rules/signals.yml: what moves answers in all of them."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from bot.core.problems import KEY, Found, Path, repeated, unknown
from bot.core.rule import Id, Rule, Source, Statement

Words = tuple[Annotated[str, StringConstraints(min_length=2, max_length=80)], ...]
"""Phrases: whole words and their inflections; `a|b` is either word, `stem*` any ending, words in capitals match capitals only, `<name>` any
word of a set of rules/signals.yml."""

_PARTS = ("words", "hints")
_SHORTEST = 3

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

    def phrases(self) -> Iterator[tuple[Path, str]]:
        """Every phrase with its place."""
        for part in _PARTS:
            for place, phrase in enumerate(getattr(self, part, ())):
                yield (part, place), phrase
        for number, doing in enumerate(self.does):
            for key, phrases in (("do", doing.do), ("to", doing.to)):
                for place, phrase in enumerate(phrases):
                    yield ("does", number, key, place), phrase

    def problems(self) -> Found:
        """Phrases that match nothing or everything, or stand twice; and a rule without any."""
        if not self.words and not self.does:
            yield (), "neither `words` nor `does`, expected at least one of them"
        for part in _PARTS:
            yield from repeated((((part, number), phrase) for number, phrase in enumerate(getattr(self, part, ()))), "phrase")
        for place, phrase in self.phrases():
            for word in phrase.replace("|", " ").split():
                bare = word.strip("<>*-'’.,")
                if not bare or (word.endswith("*") and len(bare) < _SHORTEST):
                    yield place, f"`{word}` is too short, expected whole words, or at least three letters before `*`"


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

    id: Id
    name: Annotated[str, StringConstraints(min_length=2, max_length=60)]
    activities: Annotated[tuple[Activity, ...], Field(min_length=1)]

    def problems(self) -> Found:
        """What is wrong with the file beyond the shape of its keys."""
        yield from _repeated_ids("activities", self.activities)
        for place, activity in enumerate(self.activities):
            path = ("activities", place)
            yield from (((*path, *inner), message) for inner, message in activity.problems())
            yield from repeated((((*path, "examples", number), text) for number, text in enumerate(activity.examples)), "example")


class Signal(Worded):
    """Words that answer questions whatever the work is."""

    id: Id
    says: dict[Id, Id] = Field(default_factory=dict)
    denies: dict[Id, Id] = Field(default_factory=dict)
    """Answers that do not hold: where the kind of work would usually have them, the question is open. A negation before a signal makes
    what it says such an answer."""
    strength: Literal["clear", "slight"] = "clear"
    """`clear` beats what is usual for the kind of work; `slight` counts where the kind of work is not known."""
    source: Source
    examples: Annotated[tuple[Said, ...], Field(min_length=1)]

    def problems(self) -> Found:
        """What is wrong with its phrases, or that it says nothing."""
        yield from super().problems()
        if not self.says and not self.denies:
            yield (), "neither `says` nor `denies`, expected at least one of them"


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

    def phrases(self) -> Iterator[tuple[Path, str]]:
        """Every phrase with its place."""
        yield from ((("words", place), phrase) for place, phrase in enumerate(self.words))


class Shown(Rule):
    """An example of how words around a phrase are read; what is left out is not compared."""

    say: Said
    work: Id = ""
    """The kind of work that leads."""
    rules_out: tuple[Id, ...] = ()
    """Kinds of work that it says it is not."""
    hears: tuple[Id, ...] = ()
    """Signals that are meant."""
    denies: tuple[Id, ...] = ()
    """Signals that are negated."""
    halves: tuple[Id, ...] = ()
    """The kinds of work of its two halves."""

    def problems(self) -> Found:
        """Whether it shows anything."""
        if not (self.work or self.rules_out or self.hears or self.denies or self.halves):
            yield (), "shows nothing, expected `work`, `rules_out`, `hears`, `denies` or `halves`"


class Listed(Rule):
    """Lists of words that do something to the phrases around them, each shown at work."""

    examples: dict[Id, Annotated[tuple[Shown, ...], Field(min_length=1)]]
    """The name of a list -> sentences that are read as they should be because of it. Every example is a test."""

    def lists(self) -> Iterator[tuple[str, Words]]:
        """The names of the lists, and their words."""
        yield from ((name, getattr(self, name)) for name in type(self).model_fields if name not in {"examples", "clerical"})

    def phrases(self) -> Iterator[tuple[Path, str]]:
        """Every phrase with its place."""
        for name, words in self.lists():
            yield from (((name, place), phrase) for place, phrase in enumerate(words))

    def problems(self) -> Found:
        """Lists without an example, and examples of no list or of nothing."""
        names = [name for name in type(self).model_fields if name != "examples"]
        for name in names:
            if name not in self.examples:
                yield ("examples",), f"`{name}` is missing, expected an example for every list"
        for name, shown in self.examples.items():
            if name not in names:
                yield ("examples", name, KEY), unknown("list", name, names)
            for place, each in enumerate(shown):
                yield from ((("examples", name, place, *inner), message) for inner, message in each.problems())


class Negation(Listed):
    """How people say what the work is not."""

    words: Annotated[Words, Field(min_length=1)]
    """What follows is not meant, up to the next comma or one of the words that end it."""
    denied: Annotated[Words, Field(min_length=1)]
    """Signals that follow do not hold ("cannot be **scripted**"); a kind of work still does ("nobody answers our phones")."""
    after: Words
    """What stands before is not meant ("legal advice is excluded")."""
    harmless: Words
    """Phrases that look like it and are not ("not only", "no later than")."""
    ends: Words
    """Words that end it ("but", "just")."""


class Clerical(Worded):
    """What clerks do with a document whatever it says: "**print** legal opinions" is no legal work."""

    work: Id
    """The kind of work that it is."""


class Context(Listed):
    """Words around a phrase that make it the customer or the subject, not the work."""

    customers: Annotated[Words, Field(min_length=1)]
    """Nouns that make the words before them a customer ("for law **firms**")."""
    about: Annotated[Words, Field(min_length=1)]
    """Phrases after which a subject follows ("research **on**", "report **about**")."""
    seeking: Annotated[Words, Field(min_length=1)]
    """Words after which the people who are sought follow, with what they will do ("hire lawyers who review contracts")."""
    persons: Annotated[Words, Field(min_length=1)]
    """People of a trade: what stands between them and a word that seeks is their trade ("hire **payroll clerks**")."""
    anybody: Annotated[Words, Field(min_length=1)]
    """Words for anybody who does the work: "hire **people** to review contracts" is no recruiting."""
    wanting: Annotated[Words, Field(min_length=1)]
    """Words that look for somebody and recruit only where no work follows: "we need **nurses**", not "we need nurses to check charts"."""
    clerical: Clerical
    halves: Annotated[Words, Field(min_length=1)]
    """Words that join two different kinds of work ("plus", "on top of that", "the rest")."""
    joins: Annotated[Words, Field(min_length=1)]
    """Words that join any two things ("as well as"): halves where the text names just one routine and one expert kind of work."""


class Signals(Rule):
    """rules/signals.yml."""

    sets: dict[Id, Words]
    """Words that phrases ask for by the name of the set, as in `<role>`."""
    negation: Negation
    context: Context
    called: tuple[Called, ...]
    signals: Annotated[tuple[Signal, ...], Field(min_length=1)]
    mistakes: tuple[Mistake, ...]

    def problems(self) -> Found:
        """What is wrong with the file beyond the shape of its keys."""
        yield from ((("negation", *inner), message) for inner, message in self.negation.problems())
        yield from ((("context", *inner), message) for inner, message in self.context.problems())
        yield from ((("context", "clerical", *inner), message) for inner, message in self.context.clerical.problems())
        parts: dict[str, tuple[Signal | Mistake, ...]] = {"signals": self.signals, "mistakes": self.mistakes}
        for key, rules in parts.items():
            yield from _repeated_ids(key, rules)
            for place, rule in enumerate(rules):
                yield from (((key, place, *inner), message) for inner, message in rule.problems())


def _repeated_ids(key: str, rules: Iterable[Activity | Signal | Mistake]) -> Found:
    yield from repeated((((key, place, "id"), rule.id) for place, rule in enumerate(rules)), "id")
