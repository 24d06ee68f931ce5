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
        self._english = frozenset(rules.english)
        self._languages = [frozenset(words) - self._english for words in rules.languages.values()]

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
        words = {word.strip(",.;:!?()\"'") for word in text[:_SAMPLE].lower().split()}
        english = len(words & self._english)
        return any(len(words & own) > max(1, english) for own in self._languages)


_SAMPLE = 2_000
"""Characters; the language of a message shows in its beginning."""


class _Scale:
    """One term being weighed: a score in log-odds for every sense, and for every other trade that is heard.

    What is known of the talk in general (`_business`) lifts all of our senses alike, and with them the open question which one is meant.
    """

    def __init__(self, term: Term, rules: ReadingRules, our_trades: frozenset[str]) -> None:
        self._term = term
        self._rules = rules
        self._our_trades = our_trades
        self._senses = {sense.id: sense for sense in term.senses}
        self._ours = [sense.id for sense in term.senses if sense.ours]
        self._scores: dict[str, float] = {}
        self._business = 0.0
        self._rivals: dict[str, int] = {}
        self._counted: set[tuple[str, str]] = set()
        self._because: list[tuple[float, Evidence]] = []
        self._hushed = False
        self.long_forms: set[str] = set()

    def put(self, evidence: Evidence, weight: float) -> None:
        """Lay one piece of evidence on the scale; what speaks for no sense speaks for our business, once a place."""
        if evidence.sense == "" and any(other.sense == "" and other.start == evidence.start for _, other in self._because):
            return
        if evidence.sense:
            self._scores[evidence.sense] = self._scores.get(evidence.sense, 0.0) + weight
        else:
            self._business += weight
        self._because.append((weight, evidence))

    def add(self, text: str, hit: Found) -> None:
        """Weigh a cue of the text; each cue counts once, less when it stands far away."""
        cue = hit.cue
        key = (cue.speaks_for, cue.written)
        if key in self._counted or cue.kind == "neutral":
            return
        self._counted.add(key)
        self._hushed = self._hushed or cue.kind == "silent"
        if cue.kind == "long form":
            self.long_forms.add(cue.speaks_for)
        nearness = 1.0 if hit.distance <= self._rules.near else self._rules.far
        kind, weight = self._kind_and_weight(hit)
        for speaks_for in self._for_whom(hit):
            if not speaks_for and cue.speaks_for:
                weight = self._rules.weights.supporting if kind == "decisive" else self._rules.weights.faint
            self.put(Evidence(text[hit.start : hit.end], speaks_for, kind, hit.start, hit.end), weight * nearness)

    def add_place(self, hit: Found) -> None:
        """Weigh a cue of the channel's name or topic."""
        if hit.cue.kind in ("decisive", "supporting", "faint", "long form", "business"):
            for speaks_for in self._for_whom(hit):
                self.put(Evidence(hit.cue.written, speaks_for, "place", 0, 0), self._rules.weights.place)

    def _kind_and_weight(self, hit: Found) -> tuple[EvidenceKind, float]:
        weights = self._rules.weights
        letters = hit.cue.written.isupper()
        match hit.cue.kind:
            case "long form":
                return "definition", weights.definition
            case "pattern":
                return "pattern", weights.pattern
            case "decisive":
                return "neighbour" if letters else "decisive", weights.decisive
            case "against":
                return "against", weights.against
            case "business":
                return "business", weights.buying if "TERM" in hit.cue.written else weights.faint
            case _:
                return "neighbour" if letters else "supporting", weights.faint if hit.cue.kind == "faint" else weights.supporting

    def _for_whom(self, hit: Found) -> list[str]:
        """Whom a cue speaks for: its own sense, those of its trade, business in general (""), or a trade that is a rival of all senses."""
        cue = hit.cue
        if cue.kind == "silent":
            return []
        if cue.term is not None or cue.kind == "business":
            return [cue.speaks_for]
        of_trade = [sense.id for sense in self._term.senses if cue.speaks_for in sense.trades]
        if not of_trade and cue.speaks_for not in self._our_trades:
            self._rivals[cue.speaks_for] = self._rivals.get(cue.speaks_for, 0) + 1
        return of_trade or [""] * (cue.speaks_for in self._our_trades)

    def reading(self, mention: Mention, foreign: bool) -> Reading:
        """The outcome: each meaning's share of all that could be meant, what we do not know included."""
        odds = self._odds()
        total = sum(odds.values())
        ranked = sorted((name for name in odds if name in self._senses), key=lambda name: -odds[name])
        leading = ranked[0] if ranked else ""
        confidence = odds.get(leading, 0.0) / total if leading else 0.0
        named = self._senses[leading] if leading and confidence >= self._rules.named else None
        ours = sum(share for name, share in odds.items() if name == _OPEN or (name in self._senses and self._senses[name].ours)) / total
        return Reading(
            mention=mention,
            sense=named.id if named else None,
            confidence=round(confidence, 3),
            runner_up=ranked[1] if len(ranked) > 1 else None,
            ours=bool(named and named.ours),
            decided=named is not None and confidence >= self._rules.decided,
            defined=bool(self.long_forms),
            because=tuple(self._evidence(leading)),
            air=self._air(foreign, ours),
        )

    def _odds(self) -> dict[str, float]:
        """The odds of every meaning with anything for it; of our business with no meaning settled; of anything else in the world."""
        lift = min(self._business, _ENOUGH)
        scores = {name: score + lift * self._is_ours(name) for name, score in self._scores.items() if score > 0}
        if lift:
            scores.setdefault(self._ours[0] if len(self._ours) == 1 else _OPEN, lift)
        rival = max(self._rivals.values(), default=0)
        if rival > 1:
            scores[_RIVAL] = rival * self._rules.weights.faint
        return {_ELSE: 1.0} | {name: exp(min(score, _ENOUGH)) for name, score in scores.items()}

    def _is_ours(self, name: str) -> bool:
        return name in self._senses and self._senses[name].ours

    def _evidence(self, leading: str) -> Iterable[Evidence]:
        """What speaks for the leading reading, the strongest first."""
        mine = [(weight, evidence) for weight, evidence in self._because if evidence.sense in (leading, "")]
        return [evidence for _, evidence in sorted(mine, key=lambda pair: -pair[0])]

    def _air(self, foreign: bool, ours: float) -> Air:
        if self._hushed:
            return "hushed"
        if foreign:
            return "other language"
        if self._business > 0 and ours >= self._rules.asked:
            return "business"
        return "other trade" if ours < 0.5 and any(score > 0 for score in self._scores.values()) else "none"


_OPEN = "open"
"""Our business, but which meaning is not said."""

_RIVAL = "another trade"
"""A trade that is heard, and in which no meaning of the term is known: at least two of its words."""

_ELSE = "something else"
_ENOUGH = 20.0
"""No more log-odds than this are ever needed."""


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
