"""Checking a draft: every acronym that is used before it is spelled out, what it means there, and what to write instead."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bot.core.rulebook import Rulebook
from bot.core.senses import Reading, Weigher, weigher_of
from bot.core.terms import Sense, Term

Kind = Literal["unspelled", "later", "undecided", "second"]
"""Never spelled out; spelled out only after its first use; not decided; a second meaning of a term that has another one before."""

_SURE = 0.97
"""From this confidence on a paragraph's own words are believed against the rest of the draft: a fixed phrase, or two decisive words."""

_AROUND = 800
"""Characters of the paragraphs before, and of those after, that are read where a paragraph alone does not decide."""

_NAMED = 3
"""So many meanings are named where any of many could be meant."""

_FIELD = re.compile(r" \([^()]*\)$")
_SENTENCE_END = re.compile(r"[.!?][)\"”’]?(?=\s)|$")


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A place in a draft: which passage, and the character in it."""

    passage: int
    at: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to put right in a draft. `written` is the term, or the variant of it that is used there.

    `names` are the long forms to choose from, one where the meaning is known. `other` is where the long form stands (later) or where
    the other meaning, `other_name`, is used first (second). `spelled` says whether this meaning is spelled out in time all the same.
    """

    kind: Kind
    term: str
    written: str
    spot: Spot
    sense: str | None
    names: tuple[str, ...]
    confidence: float
    because: tuple[str, ...]
    other: Spot | None = None
    other_name: str = ""
    spelled: bool = False


def findings(passages: Sequence[str], rules: Rulebook, everything: bool = False) -> tuple[Finding, ...]:
    """What to put right in a draft, in its order; without `everything`, terms that everybody in the trade knows are left alone."""
    weigher = weigher_of(rules)
    used = {mention.term for text in passages for mention in weigher.reader.mentions(text)}
    terms = [term for term in rules.terms if term.term in used and (everything or worth_spelling_out(term))]
    if not terms:
        return ()
    draft = _Draft(passages, weigher, terms)
    found = [finding for term in terms for finding in _Check(term, draft).findings()]
    return tuple(sorted(found, key=lambda finding: (finding.spot, finding.term)))


def worth_spelling_out(term: Term) -> bool:
    """Whether a reader may not know what is meant: the term is of the outsourcing trade, or can mean more than one thing."""
    return len(term.senses) > 1 or any(sense.ours for sense in term.senses)


# --------------------------------------------------------------------------- reading the draft


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a term means somewhere: a sense of the rules, or a long form that the draft itself gives (without a sense)."""

    key: str
    name: str = field(compare=False)
    sense: str | None = field(compare=False)


@dataclass(frozen=True, slots=True)
class _Use:
    """The first mention of a term in a passage, and what it means there if that is certain."""

    spot: Spot
    end: int
    reading: Reading
    meaning: _Meaning | None


class _Draft:
    """The passages, where their long forms stand, and what the terms in them mean."""

    def __init__(self, passages: Sequence[str], weigher: Weigher, terms: Sequence[Term]) -> None:
        self.passages = passages
        self._weigher = weigher
        self._spelled: dict[str, list[tuple[int, str]]] = {term.term: [] for term in terms}
        for number, text in enumerate(passages):
            for name, sense in sorted(weigher.reader.spelled_out(text)):
                if name in self._spelled:
                    self._spelled[name].append((number, sense))
        self._alone = [self._own_words(number) for number in range(len(passages))]
        self._usual = {term.term: usual for term in terms if (usual := self._mostly(term.term))}

    def uses(self, term: Term) -> Iterator[_Use]:
        """The first mention of the term in each passage that has it, with what it means there."""
        first = True
        for number, readings in enumerate(self._alone):
            alone = readings.get(term.term)
            reading = alone and self._in_context(number, alone, first)
            if alone and reading and reading.air not in ("hushed", "other language"):
                yield _Use(Spot(number, alone.mention.start), alone.mention.end, reading, _meaning(term, reading))
                first = False

    def spelled_by(self, use: _Use, meaning: _Meaning) -> bool:
        """Whether the long form stands anywhere before this use of the term, or in its own sentence."""
        return any(number < use.spot.passage for number in self._places(use, meaning)) or self._in_sentence(use, meaning)

    def spelled_after(self, use: _Use, term: Term, meaning: _Meaning) -> Spot | None:
        """Where the long form stands first after this use of the term."""
        number = next((number for number in self._places(use, meaning) if number >= use.spot.passage), None)
        if number is None:
            return None
        names = next(((sense.name, *sense.also) for sense in term.senses if sense.id == meaning.sense), (meaning.name,))
        start = use.end if number == use.spot.passage else 0
        found = re.compile("|".join(map(re.escape, names)), re.IGNORECASE).search(self.passages[number], start)
        return Spot(number, found.start() if found else start)

    def _places(self, use: _Use, meaning: _Meaning) -> list[int]:
        """The passages in which the long form stands."""
        name = use.reading.mention.term
        if meaning.sense:
            return [number for number, sense in self._spelled[name] if sense == meaning.sense]
        own = ((number, readings.get(name)) for number, readings in enumerate(self._alone))
        return [number for number, reading in own if reading and _own_form(reading).casefold() == meaning.key]

    def _in_sentence(self, use: _Use, meaning: _Meaning) -> bool:
        text = self.passages[use.spot.passage]
        end = _SENTENCE_END.search(text, use.end)
        sentence = text[: end.start() if end else len(text)]
        if meaning.sense:
            return (use.reading.mention.term, meaning.sense) in self._weigher.reader.spelled_out(sentence)
        return meaning.name in sentence

    # ------------------------------------------------------------------ readings

    def _own_words(self, number: int) -> dict[str, Reading]:
        """What a passage says by itself, and where that is not much, with the long forms that stand elsewhere in the draft."""
        alone = self._read(self.passages[number])
        settled = self._settled(number) if alone else {}
        if not settled or all(map(_sure, alone.values())):
            return alone
        told = self._read(self.passages[number], settled)
        return {name: reading if _sure(reading) else told.get(name, reading) for name, reading in alone.items()}

    def _in_context(self, number: int, alone: Reading, first: bool) -> Reading:
        """The reading of a passage with what the rest of the draft says: the usual meaning, and for a first use the paragraphs around."""
        name = alone.mention.term
        usual = self._usual.get(name)
        if _sure(alone) or (alone.sense == usual if alone.decided else not first):
            return alone
        text = self.passages[number] if alone.decided else self._around(number)
        return self._read(text, self._settled(number), {name: usual} if usual else {}).get(name, alone)

    def _read(self, text: str, settled: Mapping[str, str] | None = None, habits: Mapping[str, str] | None = None) -> dict[str, Reading]:
        """The readings of a text, the first for each term."""
        readings = self._weigher.readings(text, thread_meanings=settled, habits=habits)
        return {reading.mention.term: reading for reading in reversed(readings)}

    def _settled(self, number: int) -> dict[str, str]:
        """The meanings that the draft spells out: the last one before a passage ends, else the first one after it."""
        settled: dict[str, str] = {}
        for name, spelled in self._spelled.items():
            before = [sense for place, sense in spelled if place <= number]
            after = [sense for place, sense in spelled if place > number]
            if before or after:
                settled[name] = before[-1] if before else after[0]
        return settled

    def _mostly(self, name: str) -> str | None:
        """What a term means in most of the passages that decide it."""
        of_term = (readings.get(name) for readings in self._alone)
        decided = Counter(reading.sense for reading in of_term if reading and reading.decided)
        sense, count = next(iter(decided.most_common(1)), (None, 0))
        return sense if 2 * count > decided.total() else None

    def _around(self, number: int) -> str:
        """A passage with the nearest ones before and after it."""
        before = "\n".join(reversed(self._near(range(number - 1, -1, -1))))
        after = "\n".join(self._near(range(number + 1, len(self.passages))))
        return "\n".join((before[-_AROUND:], self.passages[number], after[:_AROUND]))

    def _near(self, numbers: range) -> list[str]:
        near: list[str] = []
        size = 0
        for number in numbers:
            if size >= _AROUND:
                break
            near.append(self.passages[number])
            size += len(self.passages[number])
        return near


def _sure(reading: Reading) -> bool:
    return bool(_own_form(reading)) or (reading.decided and reading.confidence >= _SURE)


def _own_form(reading: Reading) -> str:
    """The long form that the text itself gives where no sense of ours has it."""
    first = next(iter(reading.because), None)
    return first.word if first and reading.defined and first.kind == "definition" and not first.sense else ""


def _meaning(term: Term, reading: Reading) -> _Meaning | None:
    """What a reading says for certain; a term with one meaning has that one unless the draft says otherwise."""
    own = _own_form(reading)
    if own:
        return _Meaning(own.casefold(), own, None)
    sense = term.senses[0].id if len(term.senses) == 1 else reading.sense if reading.decided else None
    return next((_Meaning(_long_form(one).casefold(), _long_form(one), one.id) for one in term.senses if one.id == sense), None)


def _long_form(sense: Sense) -> str:
    """The long form as one writes it: without the field that some names carry in brackets."""
    return _FIELD.sub("", sense.name)


# --------------------------------------------------------------------------- one term


class _Check:
    """What is to be put right about one term."""

    def __init__(self, term: Term, draft: _Draft) -> None:
        self._term = term
        self._draft = draft
        self._uses = list(draft.uses(term))
        self._meanings = tuple(dict.fromkeys(use.meaning for use in self._uses if use.meaning))

    def findings(self) -> Iterator[Finding]:
        """One for each meaning at most, at its first use, and one for a first use that could be any of several."""
        only = self._meanings[0] if len(self._meanings) == 1 else None
        first: dict[_Meaning, Spot] = {}
        for use in self._uses:
            meaning = use.meaning or only
            if meaning and meaning not in first:
                yield from self._first_use(use, meaning, first)
                first[meaning] = use.spot
            elif meaning is None and use is self._uses[0]:
                yield self._finding("undecided", use, None, self._candidates(use.reading))

    def _first_use(self, use: _Use, meaning: _Meaning, first: Mapping[_Meaning, Spot]) -> Iterator[Finding]:
        spelled, names = self._draft.spelled_by(use, meaning), (meaning.name,)
        if first:
            other, spot = next(iter(first.items()))
            yield self._finding("second", use, meaning, names, spot, other.name, spelled)
        elif not spelled:
            later = self._draft.spelled_after(use, self._term, meaning)
            yield self._finding("later" if later else "unspelled", use, meaning, names, later)

    def _finding(
        self,
        kind: Kind,
        use: _Use,
        meaning: _Meaning | None,
        names: tuple[str, ...],
        other: Spot | None = None,
        other_name: str = "",
        spelled: bool = False,
    ) -> Finding:
        reading, name, wrote = use.reading, self._term.term, use.reading.mention.written
        written = next((one for one in (name, *self._term.variants) if wrote.startswith(one)), name)
        words = dict.fromkeys(evidence.word for evidence in reading.because if evidence.end > 0)
        return Finding(
            kind, name, written, use.spot, meaning.sense if meaning else None, names, reading.confidence, tuple(words),
            other, other_name, spelled,
        )  # fmt: skip

    def _candidates(self, reading: Reading) -> tuple[str, ...]:
        """The long forms to choose from: those the draft uses, else all of ours, else the likeliest two, else the commonest."""
        if self._meanings:
            return tuple(meaning.name for meaning in self._meanings)
        by_id = {sense.id: _long_form(sense) for sense in self._term.senses}
        ours = [sense.id for sense in self._term.senses if sense.ours]
        if len(ours) > 1 and (reading.sense is None or reading.ours):
            chosen = ours
        elif reading.sense and reading.runner_up:
            chosen = [reading.sense, reading.runner_up]
        else:
            chosen = [*ours, *(one for one in by_id if one not in ours)][:_NAMED]
        return tuple(by_id[one] for one in chosen)
