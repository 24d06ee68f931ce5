"""The cues of all rules, compiled once, and the ones that a text holds."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Literal, NamedTuple

from bot.core.reading import Mention
from bot.core.terms import ReadingRules, Term
from bot.core.words import Keys, Phrases, Words, keys, spellings, split, term_key

Kind = Literal["pattern", "decisive", "supporting", "faint", "against", "buying", "service", "business", "neutral", "silent", "long form"]

_ANY_TERM = term_key("")
"""What `TERM` means in a phrase that belongs to no term of its own."""

_FAR = 1 << 30

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Cue:
    """One line of the rules: for which term (None: any), which sense or trade it speaks, how, and as it is written there."""

    term: str | None
    speaks_for: str
    kind: Kind
    written: str
    path: Path
    """Where it stands in its file."""
    around_term: bool = False
    """Whether the term itself stands in it."""


class Found(NamedTuple):
    """A cue in a text: where it stands (characters), and how many words lie between it and the nearest mention."""

    cue: Cue
    start: int
    end: int
    distance: int


class _Shelf:
    """The cues of one way to write a phrase: those of any term, and those of each term."""

    __slots__ = ("of", "of_any")

    def __init__(self) -> None:
        self.of_any: tuple[Cue, ...] = ()
        self.of: dict[str, tuple[Cue, ...]] = {}

    def add(self, cue: Cue) -> None:
        """Put a cue on the shelf."""
        if cue.term is None:
            self.of_any = (*self.of_any, cue)
        else:
            self.of[cue.term] = (*self.of.get(cue.term, ()), cue)


class CueBook:
    """Every cue of the rules, found in one pass however many there are."""

    def __init__(self, terms: Sequence[Term], rules: ReadingRules) -> None:
        self._phrases: Phrases[_Shelf] = Phrases()
        shelves: dict[Keys, _Shelf] = {}
        for cue in (*cues_of_rules(rules), *(cue for term in terms for cue in cues_of_term(term))):
            for way in spellings(cue.written, cue.term or ""):
                if way not in shelves:
                    shelves[way] = _Shelf()
                    self._phrases.put(way, shelves[way])
                shelves[way].add(cue)

    def find(
        self, text: str, mentions: Sequence[Mention], start: int = 0, end: int | None = None, without: Set[str] = frozenset()
    ) -> dict[str, list[Found]]:
        """For each term mentioned, but those we can do `without`, the cues of the text, or of its part from start to end; where two
        overlap, the longer one."""
        words = split(text, [(m.start, m.end, _keys_of(m)) for m in mentions], start, end)
        return self._found(words, {m.term for m in mentions} - without)

    def find_in_place(self, about: str, terms: set[str]) -> dict[str, list[Found]]:
        """The cues of a channel's name and topic, for each term."""
        return self._found(split(about), terms)

    def _found(self, words: Words, terms: set[str]) -> dict[str, list[Found]]:
        of_any: list[_Hit] = []
        of: dict[str, list[_Hit]] = {term: [] for term in terms}
        for first, last, shelves in self._phrases.find(words):
            for shelf in shelves:
                if shelf.of_any:
                    of_any.append(((first - last, first, 0), shelf.of_any))
                for term in terms & shelf.of.keys():
                    of[term].append(((first - last, first, 1), shelf.of[term]))
        return {term: _chosen(term, sorted((*of_any, *own), key=_order), words) for term, own in of.items()}


def cues_of_term(term: Term) -> Iterator[Cue]:
    """Every cue that stands in a term's file."""
    for place, sense in enumerate(term.senses):
        for kind, key in _KEYS:
            yield from _cues(term.term, sense.id, kind, getattr(sense.cues, key), ("senses", place, "cues", key))
        yield Cue(term.term, sense.id, "long form", sense.name, ("senses", place, "name"))
        yield from _cues(term.term, sense.id, "long form", sense.also, ("senses", place, "also"))
    yield from _cues(term.term, "", "neutral", term.neutral, ("neutral",))
    yield from _cues(term.term, "", "silent", term.silent, ("silent",))


def cues_of_rules(rules: ReadingRules) -> Iterator[Cue]:
    """Every cue that stands in rules/reading.yml."""
    yield from _cues(None, "", "buying", rules.buying, ("buying",))
    yield from _cues(None, "", "service", rules.service, ("service",))
    yield from _cues(None, "", "business", rules.business, ("business",))
    for place, trade in enumerate(rules.trades):
        yield from _cues(None, trade.id, "decisive", trade.decisive, ("trades", place, "decisive"))
        yield from _cues(None, trade.id, "supporting", trade.supporting, ("trades", place, "supporting"))
        yield from _cues(None, trade.id, "faint", trade.faint, ("trades", place, "faint"))


_KEYS: tuple[tuple[Kind, str], ...] = (
    ("pattern", "patterns"),
    ("decisive", "decisive"),
    ("supporting", "supporting"),
    ("against", "against"),
)


def _cues(term: str | None, speaks_for: str, kind: Kind, phrases: tuple[str, ...], path: Path) -> Iterator[Cue]:
    for number, phrase in enumerate(phrases):
        yield Cue(term, speaks_for, kind, phrase, (*path, number), "TERM" in phrase)


# --------------------------------------------------------------------------- in a text


def _keys_of(mention: Mention) -> Keys:
    return (*keys(mention.written), mention.term, term_key(mention.term), _ANY_TERM)


_Hit = tuple[tuple[int, int, int], tuple[Cue, ...]]
"""Cues found: how long they are (below zero), where they begin, whether they are the term's own; and the cues."""


def _order(hit: _Hit) -> tuple[int, int, int]:
    """The longest first."""
    return hit[0]


def _chosen(term: str, hits: Sequence[_Hit], words: Words) -> list[Found]:
    """The cues that speak about a term: longest first, each word used by one stretch only; the term itself may be shared.

    A term is no evidence of itself, unless its own rules say so.
    """
    own = term_key(term)
    at = [place for place, names in enumerate(words.keys) if own in names]
    terms_own = frozenset(at)
    taken: dict[int, tuple[int, int]] = {}
    chosen: list[Found] = []
    for (length, first, _), cues in hits:
        last = first - length
        span = (first, last)
        others = [place for place in range(first, last) if place not in terms_own]
        holds_term = len(others) < last - first
        speaking = [cue for cue in cues if cue.term is not None or (holds_term if cue.around_term else others)]
        if not speaking or (taken and any(taken.get(place, span) != span for place in others)):
            continue
        for place in others:
            taken[place] = span
        start, end = words.spans[first][0], words.spans[last - 1][1]
        distance = 0 if holds_term else _distance(at, first, last)
        chosen += [Found(cue, start, end, distance) for cue in speaking]
    return chosen


def _distance(mentions: Sequence[int], first: int, last: int) -> int:
    """How many words lie between a stretch and the nearest mention outside it."""
    after = bisect_left(mentions, first)
    right = mentions[after] - last if after < len(mentions) else _FAR
    left = first - mentions[after - 1] - 1 if after else _FAR
    return min(left, right)
