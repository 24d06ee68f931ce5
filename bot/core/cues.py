"""The cues of all rules, compiled once, and the ones that a text holds."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from bot.core.reading import Mention
from bot.core.terms import ReadingRules, Term
from bot.core.words import Keys, Match, Phrases, Words, keys, split, term_key

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


class CueBook:
    """Every cue of the rules, found in one pass however many there are."""

    def __init__(self, terms: Sequence[Term], rules: ReadingRules) -> None:
        self._phrases: Phrases[Cue] = Phrases()
        for cue in (*cues_of_rules(rules), *(cue for term in terms for cue in cues_of_term(term))):
            self._phrases.add(cue.written, cue, cue.term or "")

    def find(self, text: str, mentions: Sequence[Mention], start: int = 0, end: int | None = None) -> dict[str, list[Found]]:
        """For each term mentioned, the cues of the text, or of its part from start to end; where two overlap, the longer one."""
        words = split(text, [(m.start, m.end, _keys_of(m)) for m in mentions], start, end)
        return self._found(words, {m.term for m in mentions})

    def find_in_place(self, about: str, terms: set[str]) -> dict[str, list[Found]]:
        """The cues of a channel's name and topic, for each term."""
        return self._found(split(about), terms)

    def _found(self, words: Words, terms: set[str]) -> dict[str, list[Found]]:
        matches = sorted(self._phrases.find(words), key=_longest_first)
        return {term: _chosen(term, matches, words) for term in terms}


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


def _longest_first(match: Match[Cue]) -> tuple[int, int]:
    return match.first - match.last, match.first


def _chosen(term: str, matches: Sequence[Match[Cue]], words: Words) -> list[Found]:
    """The cues that speak about a term: longest first, each word used by one stretch only; the term itself may be shared.

    A term is no evidence of itself, unless its own rules say so.
    """
    own = term_key(term)
    at = [place for place, names in enumerate(words.keys) if own in names]
    terms_own = frozenset(at)
    taken: dict[int, tuple[int, int]] = {}
    chosen: list[Found] = []
    for match in matches:
        first, last, cues = match
        span = (first, last)
        others = [place for place in range(first, last) if place not in terms_own]
        holds_term = len(others) < last - first
        speaking = [cue for cue in cues if cue.term == term or (cue.term is None and (holds_term if cue.around_term else others))]
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
