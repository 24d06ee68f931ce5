"""The cues of all rules, compiled once, and the ones that a text holds."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.core.reading import Mention
from bot.core.terms import Cues, ReadingRules, Term
from bot.core.words import Match, Phrases, Words, keys, split, term_key

Kind = Literal["pattern", "decisive", "supporting", "faint", "against", "business", "neutral", "long form", "silent"]

_FAR = 1 << 30
ANY_TERM = term_key("")
"""What `TERM` means in a phrase that belongs to no term of its own."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One line of the rules: for which term (None: any), which sense or trade it speaks, how, and as it is written there."""

    term: str | None
    speaks_for: str
    kind: Kind
    written: str


@dataclass(frozen=True, slots=True)
class Found:
    """A cue in a text: where it stands (characters), and how many words lie between it and the nearest mention."""

    cue: Cue
    start: int
    end: int
    distance: int


class CueBook:
    """Every cue of the rules, found in one pass however many there are."""

    def __init__(self, terms: Sequence[Term], rules: ReadingRules) -> None:
        self._phrases: Phrases[Cue] = Phrases()
        for term in terms:
            self._add_term(term)
        for phrase in rules.business:
            self._add(Cue(None, "", "business", phrase))
        for trade in rules.trades:
            for phrase in trade.decisive:
                self._add(Cue(None, trade.id, "decisive", phrase))
            for phrase in trade.supporting:
                self._add(Cue(None, trade.id, "supporting", phrase))
            for phrase in trade.faint:
                self._add(Cue(None, trade.id, "faint", phrase))

    def _add_term(self, term: Term) -> None:
        for sense in term.senses:
            for cue in cues_of(term.term, sense.id, sense.cues):
                self._add(cue)
            for name in (sense.name, *sense.also):
                self._add(Cue(term.term, sense.id, "long form", name))
        for phrase in term.neutral:
            self._add(Cue(term.term, "", "neutral", phrase))
        for cue in cues_of(term.term, "", term.silent):
            self._add(Cue(term.term, "", "silent", cue.written))

    def _add(self, cue: Cue) -> None:
        self._phrases.add(cue.written, cue, cue.term or "")

    def find(self, text: str, mentions: Sequence[Mention]) -> dict[str, list[Found]]:
        """For each term mentioned, the cues of the text, in order; where two overlap, the longer one."""
        words = split(text, [(m.start, m.end, _mention_keys(m)) for m in mentions])
        matches = sorted(self._phrases.find(words), key=lambda match: (match.first - match.last, match.first))
        return {term: sorted(_chosen(term, matches, words), key=lambda found: found.start) for term in {m.term for m in mentions}}

    def find_in_place(self, words_of_place: str, terms: Iterable[str]) -> dict[str, list[Found]]:
        """The cues of a channel's name and topic, for each term."""
        words = split(words_of_place)
        matches = sorted(self._phrases.find(words), key=lambda match: (match.first - match.last, match.first))
        return {term: list(_chosen(term, matches, words)) for term in terms}


def cues_of(term: str, sense: str, cues: Cues) -> Iterator[Cue]:
    """The cues of one sense, one by one."""
    kinds: tuple[tuple[Kind, tuple[str, ...]], ...] = (
        ("pattern", cues.patterns),
        ("decisive", cues.decisive),
        ("supporting", cues.supporting),
        ("against", cues.against),
    )
    for kind, phrases in kinds:
        for phrase in phrases:
            yield Cue(term, sense, kind, phrase)


def _mention_keys(mention: Mention) -> tuple[str, ...]:
    return (*keys(mention.written), mention.term, term_key(mention.term), ANY_TERM)


def _chosen(term: str, matches: Sequence[Match[Cue]], words: Words) -> Iterator[Found]:
    """The cues that speak about a term: longest first, each word used by one stretch only; the term itself may be shared."""
    own = term_key(term)
    at = [place for place, names in enumerate(words.keys) if own in names]
    taken: dict[int, tuple[int, int]] = {}
    for match in matches:
        span = (match.first, match.last)
        others = [place for place in range(*span) if own not in words.keys[place]]
        cues = [cue for cue in match.found if _speaks(cue, term, match, at, alone=not others)]
        if not cues or any(taken.get(place, span) != span for place in others):
            continue
        taken |= dict.fromkeys(others, span)
        for cue in cues:
            yield Found(cue, words.starts[match.first], words.ends[match.last - 1], _distance(at, *span))


def _speaks(cue: Cue, term: str, match: Match[Cue], at: Sequence[int], alone: bool) -> bool:
    """Whether a cue found at this place says something about the term."""
    if cue.term is None:
        return not alone and ("TERM" not in cue.written or _distance(at, match.first, match.last) == 0)
    return cue.term == term


def _distance(mentions: Sequence[int], first: int, last: int) -> int:
    """How many words lie between a stretch and the nearest mention; 0 where the mention is in it or beside it."""
    after = bisect_left(mentions, first)
    right = mentions[after] - last + 1 if after < len(mentions) else _FAR
    left = first - mentions[after - 1] if after else _FAR
    return max(0, min(left, right) - 1) if min(left, right) > 0 else 0
