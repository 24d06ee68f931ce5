"""Weighing one term: evidence goes on the scale in log-odds, shares of all that could be meant come off it."""

from dataclasses import dataclass
from math import exp, log
from typing import Literal, NamedTuple

from bot.core.cues import Cue, Found
from bot.core.terms import ReadingRules, Term

EvidenceKind = Literal["definition", "pattern", "decisive", "supporting", "against", "neighbour", "usual", "thread", "place", "business"]

_OPEN = "open"
"""The talk is our business, but which of our senses is meant is not said."""

_IN_BUSINESS = "other business"
"""The talk is business, and the term has senses at home there that are not ours."""

_RIVAL = "another trade"
"""A trade is heard in which no sense of the term is known."""

_ELSE = "something else"
_ENOUGH = 20.0
"""No more log-odds than this are ever needed."""

_HALF = 0.5
_TALK = ("buying", "service", "business")
"""The kinds of cues that say something about the talk in general."""

_HEARD = 1.0
"""Another trade is heard only from this score on: one faint word could come from anywhere, and is no more than a doubt."""


_FAINTLY = 0.65
"""What a faint word says of a trade that knows no sense of the term, against what a plainer one does: two of them are not heard yet."""


class Evidence(NamedTuple):
    """Words of the text and what they speak for: a sense of the term, or "" for our business in general."""

    word: str
    sense: str
    kind: EvidenceKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What each sense's share is (the best first), what all of ours have together, and whether another trade is louder."""

    shares: tuple[tuple[str, float], ...]
    ours: float
    other_trade: bool


class Meanings:
    """The senses of a term, sorted once by what the scale asks of them."""

    def __init__(self, term: Term) -> None:
        self.all = frozenset(sense.id for sense in term.senses)
        self.ours = tuple(sense.id for sense in term.senses if sense.ours)
        self.in_business = tuple(sense.id for sense in term.senses if sense.in_business)
        self.usual = tuple(sense.id for sense in term.senses if sense.usual)
        self.by_trade: dict[str, tuple[str, ...]] = {}
        self.by_first_trade: dict[str, tuple[str, ...]] = {}
        for sense in term.senses:
            for trade in sense.trades[:1]:
                self.by_first_trade[trade] = (*self.by_first_trade.get(trade, ()), sense.id)
            for trade in sense.trades:
                self.by_trade[trade] = (*self.by_trade.get(trade, ()), sense.id)


class Scale:
    """One term being weighed.

    The language of buying ("bring in an RPO", "vendor") and, less, that of services and their industry ("the growth of KPO") lift all our
    senses alike, and with them the open question which of them is meant: so they settle whether to speak of outsourcing at all, and never
    which sense of ours to name. Words of business in general do the same, but they lift every sense that is at home in business.
    Phrases in which one of our senses is the usual one ("the RPO market") divide what is open, and add nothing to it. What is heard of
    other trades without being enough for a reading is doubt: it speaks for something else.
    """

    def __init__(self, meanings: Meanings, rules: ReadingRules, our_trades: frozenset[str], doubt: float = 0.0) -> None:
        self._meanings = meanings
        self._rules = rules
        self._our_trades = our_trades
        self._doubt = doubt
        self._scores: dict[str, float] = {}
        self._buying = 0.0
        self._business = 0.0
        self._leanings: dict[str, float] = {}
        self._rivals: dict[str, float] = {}
        self._counted: set[int] = set()
        self._places: set[int] = set()
        self._because: list[tuple[float, Evidence]] = []
        self.long_forms: set[str] = set()
        self.hushed = False
        self.bought = self.talks_of_buying = False
        """Whether the term itself stands where one buys; whether anything speaks of buying."""
        for sense in meanings.usual:
            self.put(Evidence(sense, sense, "usual", 0, 0), rules.weights.usual)

    def put(self, evidence: Evidence, weight: float) -> None:
        """Lay evidence for a sense on the scale."""
        self._scores[evidence.sense] = self._scores.get(evidence.sense, 0.0) + weight
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
        self._weigh(hit, text[hit.start : hit.end], nearness)

    def add_place(self, hit: Found) -> None:
        """Weigh a cue of the channel's name or topic."""
        if hit.cue.kind not in ("neutral", "silent", "against"):
            self._weigh(hit._replace(start=-1 - hit.start, end=-1 - hit.start), hit.cue.written, 1.0)

    def _weigh(self, hit: Found, word: str, nearness: float) -> None:
        """Lay a cue on the scale for each sense it speaks for; one that speaks for none says something about the talk in general."""
        cue = hit.cue
        by_trade = self._meanings.by_first_trade if cue.kind == "faint" else self._meanings.by_trade
        senses = (cue.speaks_for,) if cue.term is not None else by_trade.get(cue.speaks_for, ())
        for sense in senses:
            kind, weight = self._kind_and_weight(cue)
            if hit.start < 0:
                kind, weight = "place", self._rules.weights.place
            evidence = Evidence(word, sense, kind, hit.start, hit.end)
            if cue.kind == "supporting" and cue.around_term and len(self._meanings.ours) > 1 and sense in self._meanings.ours:
                self._leanings[sense] = self._leanings.get(sense, 0.0) + weight
                self._because.append((weight, evidence))
            else:
                self.put(evidence, weight * nearness)
        if not senses:
            self._weigh_talk(Evidence(word, "", "business", hit.start, hit.end), cue, nearness)

    def _weigh_talk(self, evidence: Evidence, cue: Cue, nearness: float) -> None:
        """Weigh what the talk is about: buying, business (once a place), or a trade in which no sense of the term is known.

        Another trade of ours is heard by its decisive words alone; where several of our senses are open, it speaks for all of them.
        """
        if cue.kind not in _TALK and cue.speaks_for not in self._our_trades:
            rival = self._rules.weights.faint * (_FAINTLY if cue.kind == "faint" else 1.0)
            self._rivals[cue.speaks_for] = self._rivals.get(cue.speaks_for, 0.0) + rival
            return
        if evidence.start in self._places or cue.kind in ("supporting", "faint"):
            return
        self._places.add(evidence.start)
        bought = cue.kind == "buying" and cue.around_term
        self.bought = self.bought or bought
        self.talks_of_buying = self.talks_of_buying or cue.kind == "buying"
        weights = self._rules.weights
        open_question = cue.kind == "decisive" and len(self._meanings.ours) > 1
        weight = nearness * (weights.buying if bought else weights.supporting if open_question or cue.kind == "service" else weights.faint)
        self._because.append((weight, evidence))
        if cue.kind in ("buying", "service") or open_question:
            self._buying += weight
        else:
            self._business += weight

    def _kind_and_weight(self, cue: Cue) -> tuple[EvidenceKind, float]:
        weights = self._rules.weights
        letters = cue.written.isupper()
        match cue.kind:
            case "long form":
                return "definition", weights.definition
            case "pattern":
                return "pattern", weights.pattern
            case "against":
                return "against", weights.against
            case "decisive":
                return "neighbour" if letters else "decisive", weights.decisive
            case "supporting":
                return "neighbour" if letters else "supporting", weights.supporting
            case _:
                return "supporting", weights.faint

    @property
    def bare(self) -> bool:
        """Whether nothing points to a meaning, of ours or of others: all there is are words of business."""
        return not self._scores and not self._leanings and max(self._rivals.values(), default=0.0) < _HEARD

    # ------------------------------------------------------------------ reading off

    def outcome(self) -> Outcome:
        """The shares of all that could be meant, what we do not know included."""
        odds = self._odds()
        total = sum(odds.values())
        shares = sorted(((name, odd / total) for name, odd in odds.items() if name in self._meanings.all), key=lambda pair: -pair[1])
        ours = sum(odds.get(name, 0.0) for name in (*self._meanings.ours, _OPEN)) / total
        others = any(name not in (*self._meanings.ours, _OPEN, _IN_BUSINESS, _ELSE) for name in odds)
        return Outcome(tuple(shares), ours, others and ours < _HALF)

    def _odds(self) -> dict[str, float]:
        """The odds of everything that could be meant, against something that nothing speaks for."""
        lifts = dict.fromkeys(self._meanings.ours, self._buying + self._business)
        for sense in self._meanings.in_business:
            lifts[sense] = self._business
        scores = {
            name: score + lifts.get(name, 0.0) for name, score in self._scores.items() if score >= _HEARD or (score > 0 and name in lifts)
        }
        if self._meanings.ours:
            scores.setdefault(self._meanings.ours[0] if len(self._meanings.ours) == 1 else _OPEN, self._buying + self._business)
        for sense, leaning in self._leanings.items():
            open_still = 1 / (1 + exp(leaning))
            scores[sense] = scores.get(sense, scores[_OPEN]) + log(1 - open_still)
            scores[_OPEN] += log(open_still)
        if not any(sense in scores for sense in self._meanings.in_business):
            scores[_IN_BUSINESS] = self._business if self._meanings.in_business else 0.0
        rival = max(self._rivals.values(), default=0.0)
        if rival >= _HEARD:
            scores[_RIVAL] = rival
        doubt = self._doubt + max((score for name, score in self._scores.items() if name not in scores), default=0.0)
        return {_ELSE: exp(doubt)} | {name: exp(min(score, _ENOUGH)) for name, score in scores.items() if score > 0}

    def because(self, sense: str) -> tuple[Evidence, ...]:
        """What speaks for a sense, and for business in general, the strongest first."""
        mine = [(-weight, evidence.start, evidence) for weight, evidence in self._because if evidence.sense in (sense, "")]
        return tuple(evidence for _, _, evidence in sorted(mine, key=lambda one: one[:2]))
