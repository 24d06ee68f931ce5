"""The terms of the rules: found by name, and read in a text with what the thread and its channel know."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher

from bot.core.manners import folded
from bot.core.restraint import habits
from bot.core.rulebook import Rulebook
from bot.core.senses import Reading, weigher_of
from bot.core.terms import Sense, Term
from bot.core.turn import Turn

ALIKE = 0.6
"""How alike, from 0 to 1, a word must be to a term to be taken for a slip of the pen."""

GUESSES = 3
"""How many terms somebody may have meant."""


class Glossary:
    """Every term, compiled once."""

    def __init__(self, rules: Rulebook) -> None:
        self._weigher = weigher_of(rules)
        self.reader = self._weigher.reader
        self._terms: Mapping[str, Term] = {term.term: term for term in rules.terms}
        letters = {folded(name): term for term in rules.terms for name in (term.term, *term.variants)}
        long_forms = {folded(name): term for term in reversed(rules.terms) for name in self._long_forms(term)}
        self._by_name: Mapping[str, Term] = long_forms | letters

    @staticmethod
    def _long_forms(term: Term) -> tuple[str, ...]:
        return tuple(name for sense in term.senses if sense.ours for name in (sense.name, *sense.also))

    @property
    def size(self) -> int:
        """How many terms we know."""
        return len(self._terms)

    def by_field(self) -> Mapping[str, Sequence[str]]:
        """The terms we know, by field, fields and terms in the order of the alphabet."""
        fields = sorted({term.field for term in self._terms.values()})
        return {field: sorted(name for name, term in self._terms.items() if term.field == field) for field in fields}

    def close(self, words: str) -> tuple[str, ...]:
        """The terms that folded words were perhaps meant to name, the closest first; among equals those of which we speak by ourselves."""
        matcher = SequenceMatcher(b=words)
        near: list[tuple[float, bool, str]] = []
        for name, term in self._by_name.items():
            matcher.set_seq1(name)
            if matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE and (alike := matcher.ratio()) >= ALIKE:
                near.append((-alike, term.tier == "never", term.term))
        return tuple(dict.fromkeys(term for _, _, term in sorted(near)))[:GUESSES]

    def term(self, name: str) -> Term | None:
        """The term of this name, as written in a button."""
        return self._terms.get(name)

    def find(self, words: str) -> Term | None:
        """The term that folded words name: its letters, a variant, or a long form."""
        return self._by_name.get(words)

    def of(self, reading: Reading) -> Term:
        """The term that was read."""
        return self._terms[reading.mention.term]

    def sense(self, term: str, sense: str) -> Sense | None:
        """A sense by its term and id."""
        known = self._terms.get(term)
        return next((entry for entry in known.senses if entry.id == sense), None) if known else None

    def might_matter(self, text: str) -> bool:
        """Whether a message needs a closer look: the letters of a term, or a long form that settles what they mean later in the thread.

        A term that is explained on request alone is no reason to look.
        """
        return self.reader.might_speak(text)

    def worth_noting(self, text: str) -> bool:
        """Whether a thread would remember something of the message: what might matter, or the long form of any term at all."""
        return self.might_matter(text) or bool(self.reader.spelled_out(text))

    def readings(self, turn: Turn, text: str, unasked: bool = False) -> list[Reading]:
        """The reading of each term of the text, the first mention of each; what the thread and the channel know counts as evidence.

        `unasked` leaves out the terms that are explained on request alone.
        """
        place = turn.channel.name.replace("-", " ").replace("_", " ")
        usual = {} if turn.place.direct else habits(turn.channel)
        return _first_of_each(self._weigher.readings(text, self._known(turn), place, usual, unasked=unasked))

    def _known(self, turn: Turn) -> dict[str, str]:
        """What the thread has settled, and its channel; a direct message has no meanings of its own."""
        house = {} if turn.place.direct else turn.channel.house
        known = {term: entry.sense for term, entry in house.items() if self.sense(term, entry.sense)}
        return known | {term: meaning.sense for term, meaning in turn.meanings.items()}

    def otherwise(self, turn: Turn, text: str) -> frozenset[str]:
        """The terms of which a direct message itself says plainly that they mean something else than was settled.

        In a thread what people settled stands, and may have been a correction of just that.
        """
        settled = turn.meanings if turn.place.endless else {}
        alone = _first_of_each(self._weigher.readings(text)) if settled else []
        plain = {reading.mention.term: reading.sense for reading in alone if reading.decided or reading.defined}
        return frozenset(term for term, sense in plain.items() if term in settled and settled[term].sense != sense)


def _first_of_each(readings: Iterable[Reading]) -> list[Reading]:
    first: dict[str, Reading] = {}
    for reading in readings:
        first.setdefault(reading.mention.term, reading)
    return list(first.values())
