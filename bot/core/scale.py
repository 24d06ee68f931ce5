"""Weighing one term: evidence goes on the scale in log-odds, shares of all that could be meant come off it."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp
from typing import Literal, NamedTuple

from bot.core.cues import Cue, Found
from bot.core.terms import ReadingRules, Term

EvidenceKind = Literal["definition", "pattern", "decisive", "supporting", "against", "neighbour", "thread", "place", "business"]

OPEN = "open"
"""The talk is our business, but which of our senses is meant is not said."""

_RIVAL = "another trade"
"""A trade is heard in which no sense of the term is known."""

_ELSE = "something else"
_ENOUGH = 20.0
"""No more log-odds than this are ever needed."""

_RIVAL_WORDS = 2
"""A trade that knows no sense of the term is heard only from this many of its words on."""


class Evidence(NamedTuple):
    """Words of the text and what they speak for: a sense of the term, or "" for our business in general."""

    word: str
    sense: str
    kind: EvidenceKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What each sense's share is (the best first), what all of ours have together, and whether any business is heard."""

    shares: tuple[tuple[str, float], ...]
    ours: float
    business: bool
    other_trade: bool


class Scale:
    """One term being weighed.

    Evidence for our business in general lifts all our senses alike, and with them the open question which of them is meant: so it
    settles whether to speak of outsourcing at all, and never which sense of ours to name.
    """

    def __init__(self, term: Term, rules: ReadingRules, our_trades: frozenset[str]) -> None:
        self._rules = rules
        self._our_trades = our_trades
        self._ours = [sense.id for sense in term.senses if sense.ours]
        self._trades = {sense.id: sense.trades for sense in term.senses}
        self._scores: dict[str, float] = {}
        self._business = 0.0
        self._rivals: dict[str, int] = {}
        self._counted: set[int] = set()
        self._business_places: set[int] = set()
        self._because: list[tuple[float, Evidence]] = []
        self.long_forms: set[str] = set()
        self.hushed = False

    def put(self, evidence: Evidence, weight: float) -> None:
        """Lay one piece of evidence on the scale; one place of the text speaks for business once."""
        if evidence.sense:
            self._scores[evidence.sense] = self._scores.get(evidence.sense, 0.0) + weight
        elif evidence.start in self._business_places:
            return
        else:
            self._business_places.add(evidence.start)
            self._business += weight
        self._because.append((weight, evidence))

    def add(self, text: str, hit: Found) -> None:
        """Weigh a cue of the text; each cue counts once, and less where it stands far away."""
        cue = hit.cue
        if cue.kind == "neutral" or id(cue) in self._counted:
            return
        self._counted.add(id(cue))
        if cue.kind == "silent":
            self.hushed = True
            return
        if cue.kind == "long form":
            self.long_forms.add(cue.speaks_for)
        nearness = 1.0 if hit.distance <= self._rules.near else self._rules.far
        word = text[hit.start : hit.end]
        for sense in self._for_whom(cue):
            kind, weight = self._kind_and_weight(cue, in_general=not sense)
            self.put(Evidence(word, sense, kind, hit.start, hit.end), weight * nearness)

    def add_place(self, hit: Found) -> None:
        """Weigh a cue of the channel's name or topic: all of them alike."""
        if hit.cue.kind not in ("neutral", "silent", "against"):
            for sense in self._for_whom(hit.cue):
                self.put(Evidence(hit.cue.written, sense, "place", -1 - hit.start, -1 - hit.start), self._rules.weights.place)

    def _for_whom(self, cue: Cue) -> list[str]:
        """Whom a cue speaks for: its own sense, those of its trade, or business in general (""); a trade without any is a rival."""
        if cue.term is not None or cue.kind == "business":
            return [cue.speaks_for]
        of_trade = [sense for sense, trades in self._trades.items() if cue.speaks_for in trades]
        if of_trade:
            return of_trade
        if cue.speaks_for in self._our_trades:
            return [""]
        self._rivals[cue.speaks_for] = self._rivals.get(cue.speaks_for, 0) + 1
        return []

    def _kind_and_weight(self, cue: Cue, in_general: bool) -> tuple[EvidenceKind, float]:
        weights = self._rules.weights
        if cue.kind == "business":
            return "business", weights.buying if cue.around_term else weights.faint
        if in_general:
            return "business", weights.supporting if cue.kind == "decisive" else weights.faint
        if cue.kind == "long form":
            return "definition", weights.definition
        if cue.kind == "pattern":
            return "pattern", weights.pattern
        if cue.kind == "against":
            return "against", weights.against
        if cue.kind == "decisive":
            return "neighbour" if cue.written.isupper() else "decisive", weights.decisive
        weight = weights.supporting if cue.kind == "supporting" else weights.faint
        return "neighbour" if cue.written.isupper() else "supporting", weight

    # ------------------------------------------------------------------ reading off

    def outcome(self) -> Outcome:
        """The shares of all that could be meant, what we do not know included."""
        odds = self._odds()
        total = sum(odds.values())
        shares = sorted(((name, odd / total) for name, odd in odds.items() if name in self._trades), key=lambda pair: -pair[1])
        ours = sum(odds.get(name, 0.0) for name in (*self._ours, OPEN)) / total
        heard = any(name not in (*self._ours, OPEN, _ELSE) for name in odds)
        return Outcome(tuple(shares), ours, self._business > 0, heard and ours < 0.5)

    def _odds(self) -> Mapping[str, float]:
        lift = min(self._business, _ENOUGH)
        scores = {name: score + (lift if name in self._ours else 0.0) for name, score in self._scores.items() if score > 0}
        if lift:
            scores.setdefault(self._ours[0] if len(self._ours) == 1 else OPEN, lift)
        rival = max(self._rivals.values(), default=0)
        if rival >= _RIVAL_WORDS:
            scores[_RIVAL] = rival * self._rules.weights.faint
        return {_ELSE: 1.0} | {name: exp(min(score, _ENOUGH)) for name, score in scores.items()}

    def because(self, sense: str) -> tuple[Evidence, ...]:
        """What speaks for a sense, and for business in general, the strongest first."""
        mine = [(-weight, evidence.start, evidence) for weight, evidence in self._because if evidence.sense in (sense, "")]
        return tuple(evidence for _, _, evidence in sorted(mine, key=lambda one: one[:2]))
