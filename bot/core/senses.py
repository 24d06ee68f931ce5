"""From a mention to what it means: evidence is gathered, weighed in log-odds, and taken for true only where it suffices."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp
from typing import TYPE_CHECKING, Any, Literal

from bot.core.cues import CueBook, Found
from bot.core.reading import Mention, Reader
from bot.core.terms import ReadingRules, Sense, Term

if TYPE_CHECKING:
    from bot.core.rulebook import Rulebook

EvidenceKind = Literal["definition", "pattern", "decisive", "supporting", "against", "neighbour", "thread", "place", "business"]
Action = Literal["ask", "note", "silent"]
Air = Literal["business", "other trade", "other language", "hushed", "none"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words of the text and what they speak for: a sense, a trade, or "" for business in general."""

    word: str
    sense: str
    kind: EvidenceKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a mention most probably means, how sure that is, and because of what.

    `sense` is the leading reading where one is worth naming; `decided` says whether it is taken for true; `defined` whether the text
    spells the term out itself; `air` what the talk around it is about.
    """

    mention: Mention
    sense: str | None
    confidence: float
    runner_up: str | None
    ours: bool
    decided: bool
    defined: bool
    because: tuple[Evidence, ...]
    air: Air = "none"


class Weigher:
    """The compiled rules of reading: texts go in, readings come out."""

    def __init__(self, terms: tuple[Term, ...], rules: ReadingRules) -> None:
        self.reader = Reader(terms)
        self._terms = {term.term: term for term in terms}
        self._rules = rules
        self._cues = CueBook(terms, rules)
        self._our_trades = frozenset(trade.id for trade in rules.trades if trade.ours)
        self._foreign_words = frozenset(word for words in rules.languages.values() for word in words) - set(rules.english)
        self._english_words = frozenset(rules.english)

    def readings(self, text: str, thread_meanings: Mapping[str, str] | None = None, place_words: str = "") -> tuple[Reading, ...]:
        """A reading for each mention in the text; a term has one meaning throughout a message."""
        mentions = self.reader.mentions(text)
        if not mentions:
            return ()
        found = self._cues.find(text, mentions)
        places = self._cues.find_in_place(place_words, found) if place_words else {}
        foreign = self._other_language(text)
        weighed = {
            name: self._weighed(name, text, mentions, cues, places.get(name, ()), (thread_meanings or {}).get(name), foreign)
            for name, cues in found.items()
        }
        return tuple(_with_mention(weighed[mention.term], mention) for mention in mentions)

    # ------------------------------------------------------------------ one term

    def _weighed(
        self,
        name: str,
        text: str,
        mentions: Sequence[Mention],
        cues: Sequence[Found],
        place: Sequence[Found],
        said_before: str | None,
        foreign: bool,
    ) -> Reading:
        term = self._terms[name]
        first = next(mention for mention in mentions if mention.term == name)
        defined = next((mention for mention in mentions if mention.term == name and mention.definition), None)
        scale = _Scale(term, self._rules, self._our_trades)
        for hit in cues:
            scale.add(text, hit)
        for hit in place:
            scale.add_place(hit)
        if said_before is not None:
            scale.put(Evidence(said_before, said_before, "thread", 0, 0), self._rules.weights.thread)
        if defined is not None and defined.definition is not None and not scale.long_forms:
            stands = text.find(defined.definition)
            word = Evidence(defined.definition, "", "definition", stands, stands + len(defined.definition))
            return Reading(first, None, 0.99, None, False, False, True, (word,))
        return scale.reading(first, foreign)

    def _other_language(self, text: str) -> bool:
        """Whether the text is written in another language than English."""
        letters = sum(character.isalpha() for character in text[:_SAMPLE])
        latin = sum("a" <= character <= "ɏ" for character in text[:_SAMPLE].lower())
        if letters and latin < 0.6 * letters:
            return True
        words = text[:_SAMPLE].lower().split()
        others = sum(word.strip(",.;:!?()\"'") in self._foreign_words for word in words)
        english = sum(word.strip(",.;:!?()\"'") in self._english_words for word in words)
        return others >= 2 and others > english


_SAMPLE = 2_000
"""Characters; the language of a message shows in its beginning."""


class _Scale:
    """One term being weighed: a score in log-odds for every sense, and for every other trade that is heard."""

    def __init__(self, term: Term, rules: ReadingRules, our_trades: frozenset[str]) -> None:
        self._term = term
        self._rules = rules
        self._our_trades = our_trades
        self._senses = {sense.id: sense for sense in term.senses}
        self._scores: dict[str, float] = {}
        self._counted: set[tuple[str, str]] = set()
        self._because: list[tuple[float, Evidence]] = []
        self._business = 0.0
        self._hushed = False
        self.long_forms: set[str] = set()

    def put(self, evidence: Evidence, weight: float) -> None:
        """Lay one piece of evidence on the scale."""
        self._scores[evidence.sense] = self._scores.get(evidence.sense, 0.0) + weight
        self._because.append((weight, evidence))

    def add(self, text: str, hit: Found) -> None:
        """Weigh a cue of the text; each cue counts once, less when it stands far away."""
        cue = hit.cue
        key = (cue.speaks_for, cue.written)
        if key in self._counted or cue.kind == "neutral":
            return
        self._counted.add(key)
        if cue.kind == "silent":
            self._hushed = True
            return
        if cue.kind == "long form":
            self.long_forms.add(cue.speaks_for)
        nearness = 1.0 if hit.distance <= self._rules.near else self._rules.far
        kind, weight = self._kind_and_weight(hit)
        for speaks_for in self._for_whom(hit):
            self.put(Evidence(text[hit.start : hit.end], speaks_for, kind, hit.start, hit.end), weight * nearness)
        if cue.kind == "business" or cue.speaks_for in self._our_trades:
            self._business += nearness
            if cue.kind == "business" and not self._term.usually:
                self._because.append((0.0, Evidence(text[hit.start : hit.end], "", "business", hit.start, hit.end)))

    def add_place(self, hit: Found) -> None:
        """Weigh a cue of the channel's name or topic."""
        if hit.cue.kind in ("decisive", "supporting", "long form"):
            for speaks_for in self._for_whom(hit):
                self.put(Evidence(hit.cue.written, speaks_for, "place", 0, 0), self._rules.weights.place)
        elif hit.cue.kind == "business":
            self._business += 1.0

    def _kind_and_weight(self, hit: Found) -> tuple[EvidenceKind, float]:
        weights = self._rules.weights
        match hit.cue.kind:
            case "long form":
                return "definition", weights.definition
            case "pattern":
                return "pattern", weights.pattern
            case "decisive":
                return "neighbour" if hit.cue.written.isupper() else "decisive", weights.decisive
            case "against":
                return "against", weights.against
            case _:
                return "neighbour" if hit.cue.written.isupper() else "supporting", weights.supporting

    def _for_whom(self, hit: Found) -> list[str]:
        """The senses that a cue speaks for: its own, those of its trade, the usual one; else the trade itself, as a rival."""
        cue = hit.cue
        if cue.term is not None:
            return [cue.speaks_for]
        if cue.kind == "business":
            return [self._term.usually] if self._term.usually else []
        of_trade = [sense.id for sense in self._term.senses if sense.trade == cue.speaks_for]
        if of_trade or cue.speaks_for not in self._our_trades:
            return of_trade or [cue.speaks_for]
        return [self._term.usually] if self._term.usually else []

    def reading(self, mention: Mention, foreign: bool) -> Reading:
        """The outcome: the leading sense with its share of all that could be meant, the unknown included."""
        odds = {name: exp(min(score, 30.0)) for name, score in self._scores.items() if score > 0}
        total = 1.0 + sum(odds.values())
        ranked = sorted(odds, key=lambda name: -odds[name])
        leading = ranked[0] if ranked else ""
        confidence = odds[leading] / total if ranked else 0.0
        sense = self._senses.get(leading)
        named = sense if sense is not None and confidence >= self._rules.named else None
        runner_up = next((name for name in ranked if name != leading and name in self._senses), None)
        return Reading(
            mention=mention,
            sense=named.id if named else None,
            confidence=round(confidence, 3),
            runner_up=runner_up,
            ours=bool(named and named.ours),
            decided=named is not None and confidence >= self._rules.decided,
            defined=bool(self.long_forms),
            because=tuple(self._evidence(leading)),
            air=self._air(foreign),
        )

    def _evidence(self, leading: str) -> Iterable[Evidence]:
        """What speaks for the leading reading, the strongest first."""
        mine = [(weight, evidence) for weight, evidence in self._because if evidence.sense in (leading, "")]
        return [evidence for _, evidence in sorted(mine, key=lambda pair: -pair[0])]

    def _air(self, foreign: bool) -> Air:
        if self._hushed:
            return "hushed"
        if foreign:
            return "other language"
        ours = self._business + sum(score for name, score in self._scores.items() if self._is_ours(name))
        others = sum(score for name, score in self._scores.items() if score > 0 and not self._is_ours(name))
        if others > ours:
            return "other trade"
        return "business" if self._business > 0 or ours > 0 else "none"

    def _is_ours(self, name: str) -> bool:
        sense: Sense | None = self._senses.get(name)
        return sense.ours if sense is not None else False


def _with_mention(reading: Reading, mention: Mention) -> Reading:
    return reading if reading.mention is mention else replace(reading, mention=mention)


def action(reading: Reading, term: Term) -> tuple[Action, str]:
    """What an unprompted colleague does in a channel's first message: ask, note the reading, or stay silent; and why, in a word."""
    if reading.defined:
        return "silent", "spelled out"
    if reading.air in ("other language", "hushed"):
        return "silent", reading.air
    if reading.sense is not None and not reading.ours:
        return "silent", "other trade"
    if term.tier == "never":
        return "silent", "only when asked"
    if reading.decided:
        return "note", "decided"
    if term.tier == "ask" and reading.air == "business" and not reading.mention.written.islower():
        return "ask", "undecided"
    return "silent", "other trade" if reading.air == "other trade" else "undecided"


def explained(text: str, rules: "Rulebook") -> dict[str, Any]:
    """The readings of a text as plain data: what the command line prints for programs."""
    weigher = weigher_of(rules)
    by_name = {term.term: term for term in rules.terms}
    return {
        "mentions": [
            {
                "acronym": reading.mention.term,
                "start": reading.mention.start,
                "end": reading.mention.end,
                "action": action(reading, by_name[reading.mention.term])[0],
                "sense": reading.sense,
                "confidence": reading.confidence,
                "because": [evidence.word for evidence in reading.because],
            }
            for reading in weigher.readings(text)
        ]
    }


_last: list[tuple["Rulebook", Weigher]] = []


def weigher_of(rules: "Rulebook") -> Weigher:
    """The compiled rules of reading of a rulebook; the last one is kept."""
    if not _last or _last[0][0] is not rules:
        _last[:] = [(rules, Weigher(rules.terms, rules.reading))]
    return _last[0][1]
