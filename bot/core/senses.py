"""From a mention to what it means: evidence is gathered and weighed, and a reading is taken for true only where it suffices."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from bot.core.cues import CueBook, Found
from bot.core.languages import Languages
from bot.core.reading import Mention, Reader
from bot.core.scale import Evidence, EvidenceKind, Meanings, Scale
from bot.core.terms import ReadingRules, Term

if TYPE_CHECKING:
    from bot.core.rulebook import Rulebook

__all__ = ["Action", "Air", "Evidence", "EvidenceKind", "Reading", "Weigher", "action", "explained", "weigher_of"]

Action = Literal["ask", "note", "silent"]
Air = Literal["business", "other trade", "other language", "hushed", "none"]

_BEFORE, _AFTER = 2_000, 6_000
"""Characters before and after a message's first mention that are read for cues: what stands farther away says nothing. Terms that are
explained on request alone do not move the others' view."""

_END = re.compile(r"[?!\n]|\.(?=\s)")
"""The end of a sentence, as far as a question is to be told."""

_LONGEST_SENTENCE = 500
"""Characters; what does not end within them is no question."""

_SURE = 0.99


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
    wondering: bool = False
    """Whether the message asks or decides on buying, and no word of it points to a meaning."""


class Weigher:
    """The compiled rules of reading: texts go in, readings come out."""

    def __init__(self, terms: tuple[Term, ...], rules: ReadingRules) -> None:
        self.reader = Reader(terms)
        self._meanings = {term.term: Meanings(term) for term in terms}
        self._on_request = frozenset(term.term for term in terms if term.tier == "never")
        self._ours = frozenset((term.term, sense.id) for term in terms for sense in term.senses if sense.ours)
        self._rules = rules
        self.cues = CueBook(terms, rules)
        self._our_trades = frozenset(trade.id for trade in rules.trades if trade.ours)
        self._languages = Languages(rules)

    def readings(
        self,
        text: str,
        thread_meanings: Mapping[str, str] | None = None,
        place_words: str = "",
        habits: Mapping[str, str] | None = None,
        unasked: bool = False,
    ) -> tuple[Reading, ...]:
        """A reading for each mention in the text; a term has one meaning throughout a message.

        `thread_meanings` are the meanings settled in the thread or by its channel (term -> sense), `place_words` the channel's name and
        topic, `habits` the meanings that the channel's messages have had so far. `unasked` leaves out what is explained on request alone.
        """
        mentions = self.reader.mentions(text)
        if not mentions or (unasked and all(mention.term in self._on_request for mention in mentions)):
            return ()
        foreign = self._languages.foreign(text)
        found = self._gathered(text, mentions, self._on_request if unasked else frozenset())
        place = self.cues.find_in_place(place_words, set(found)) if place_words else {}
        weighed = {
            name: self._weighed(
                text,
                [mention for mention in mentions if mention.term == name],
                hits,
                place.get(name, ()),
                ((thread_meanings or {}).get(name), (habits or {}).get(name)),
            )
            for name, hits in found.items()
        }
        if foreign:
            weighed = {name: replace(reading, air="other language") for name, reading in weighed.items()}
        return tuple(_of(weighed[mention.term], mention) for mention in mentions if mention.term in weighed)

    def _gathered(self, text: str, mentions: Sequence[Mention], without: frozenset[str]) -> dict[str, list[Found]]:
        """The cues around the mentions, for each term; a mention beyond what is read shares its term's reading, or has no cues."""
        first = next((mention for mention in mentions if mention.term not in self._on_request), mentions[0]).start
        start, end = max(0, first - _BEFORE), first + _AFTER
        near = [mention for mention in mentions if start <= mention.start and mention.end <= end]
        found = self.cues.find(text, near, start, end, without)
        return {mention.term: found.get(mention.term, []) for mention in mentions if mention.term not in without}

    def _weighed(
        self,
        text: str,
        mentions: Sequence[Mention],
        hits: Sequence[Found],
        place: Sequence[Found],
        known: tuple[str | None, str | None],
    ) -> Reading:
        """The reading of one term, given its mentions, the cues that speak about it, and the meaning settled or usual here."""
        first = mentions[0]
        doubt = self._rules.weights.buying if first.written.islower() else 0.0
        scale = Scale(self._meanings[first.term], self._rules, self._our_trades, doubt)
        for hit in hits:
            scale.add(text, hit)
        for hit in place:
            scale.add_place(hit)
        settled, usual = known
        if settled:
            scale.put(Evidence(settled, settled, "thread", 0, 0), self._rules.weights.thread)
        if usual:
            scale.put(Evidence(usual, usual, "place", 0, 0), self._rules.weights.place)
        own = next((mention.definition for mention in mentions if mention.definition), None)
        if own and not scale.long_forms:
            return _defined_otherwise(first, own, text.find(own))
        wondering = scale.bare and (scale.bought or (scale.talks_of_buying and any(_in_question(text, mention) for mention in mentions)))
        return self._read_off(scale, first, wondering)

    def _read_off(self, scale: Scale, mention: Mention, wondering: bool) -> Reading:
        outcome = scale.outcome()
        leading, confidence = outcome.shares[0] if outcome.shares else ("", 0.0)
        named = confidence >= self._rules.named
        air: Air = "business" if outcome.ours >= self._rules.asked else "other trade" if outcome.other_trade else "none"
        return Reading(
            mention=mention,
            sense=leading if named else None,
            confidence=round(confidence, 3),
            runner_up=outcome.shares[1][0] if len(outcome.shares) > 1 else None,
            ours=named and (mention.term, leading) in self._ours,
            decided=named and confidence >= self._rules.decided,
            defined=bool(scale.long_forms),
            because=scale.because(leading),
            air="hushed" if scale.hushed else air,
            wondering=wondering,
        )


def _defined_otherwise(mention: Mention, definition: str, at: int) -> Reading:
    """The reading of a term that the text itself spells out with a long form of its own: then the text wins."""
    word = Evidence(definition, "", "definition", at, at + len(definition))
    return Reading(mention, None, _SURE, None, ours=False, decided=False, defined=True, because=(word,))


def _in_question(text: str, mention: Mention) -> bool:
    """Whether the mention stands in a question."""
    ends = _END.search(text, mention.end, mention.end + _LONGEST_SENTENCE)
    return ends is not None and ends.group() == "?"


def _of(reading: Reading, mention: Mention) -> Reading:
    return reading if reading.mention is mention else replace(reading, mention=mention)


def action(reading: Reading, term: Term) -> tuple[Action, str]:
    """What an unprompted colleague does in a channel's first message: ask, note the reading, or stay silent; and why, in a word."""
    if reading.defined:
        return "silent", "spelled out"
    if reading.air in ("other language", "hushed"):
        return "silent", reading.air
    if reading.sense is not None and not reading.ours:
        return "silent", "other trade"
    if term.tier == "never" or (term.tier == "buying" and not reading.wondering):
        return "silent", "only when asked"
    if term.tier == "buying":
        return ("ask" if reading.air == "business" and not reading.mention.written.islower() else "silent"), "undecided"
    if reading.decided:
        return "note", "decided"
    if term.tier == "ask" and reading.air == "business" and not reading.mention.written.islower():
        return "ask", "undecided"
    return "silent", "other trade" if reading.air == "other trade" else "undecided"


def explained(text: str, rules: "Rulebook") -> dict[str, Any]:
    """The readings of a text as plain data: what the command line prints for programs."""
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
                "because": [evidence.word for evidence in reading.because if evidence.end],
            }
            for reading in weigher_of(rules).readings(text)
        ]
    }


_compiled: list[tuple["Rulebook", Weigher]] = []


def weigher_of(rules: "Rulebook") -> Weigher:
    """The compiled rules of reading of a rulebook; the last one compiled is kept."""
    for compiled, weigher in _compiled:
        if compiled is rules:
            return weigher
    weigher = Weigher(rules.terms, rules.reading)
    _compiled[:] = [(rules, weigher)]  # another thread may be compiling edited rules: each gets its own
    return weigher
