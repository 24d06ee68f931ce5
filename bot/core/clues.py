"""What the words of a description name: kinds of work, signals, labels and mistakes; without what is not meant."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from bot.core.activities import Signals, Worded, WorkField
from bot.core.lexicon import STOPS, Hit, Lexicon, Page, places

Kind = Literal["name", "hint", "loose", "signal", "called", "mistake"]
Mark = Literal["not", "not before", "harmless", "end", "customer", "about", "seeking", "anybody", "half"]

_NEGATED_WORDS = 10
"""How many words "no" and its like reach at most."""

_SUBJECT_WORDS = 10
_BEFORE_CUSTOMERS = 4
_PREPOSITIONS = frozenset(["for", "to", "of", "by", "at", "with", "from", "in", "serving", "among", "across", "within"])
_RELATIVES = frozenset(["who", "that", "to", "which", "whose"])
_OR = frozenset(["or", "nor"])
_CUSTOMER, _SUBJECT, _SOUGHT = 0.2, 0.3, 0.2
"""What words count that only say for whom the work is, what a study is about, or what the people sought will do."""


@dataclass(frozen=True, slots=True)
class Thing:
    """What a phrase of the rules stands for: `id` of an activity, signal, label or mistake; empty for a mark."""

    kind: Kind | Mark
    id: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of the text, with the places of their first and last characters; words that stand apart are joined by " … "."""

    words: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Clue:
    """Something that the words name. `counts` is less than 1 where they only say for whom or about what the work is."""

    kind: Kind
    id: str
    hit: Hit[Thing]
    counts: float = 1.0


@dataclass(frozen=True, slots=True)
class Described:
    """A text that was read: its clues in the order of the text, what it rules out, and where two halves are joined."""

    text: str
    page: Page[Thing]
    clues: tuple[Clue, ...]
    ruled_out: tuple[Clue, ...]
    joints: tuple[int, ...]

    def quotes(self, clues: Iterable[Clue]) -> tuple[Quote, ...]:
        """The person's own words for these clues, each stretch once, in the order of the text."""
        starts = places(self.text, self.page.tokens)
        found = {_quote(self.text, self.page.tokens, starts, clue.hit.words) for clue in clues}
        return tuple(sorted(found, key=lambda quote: (quote.start, quote.end)))


class ClueBook:
    """Every phrase of the activities and signals, found in one pass however many there are."""

    def __init__(self, fields: Sequence[WorkField], signals: Signals) -> None:
        self._sets = signals.sets
        self._lexicon: Lexicon[Thing] = Lexicon()
        for field in fields:
            for activity in field.activities:
                self._add(activity, Thing("loose" if activity.loose else "name", activity.id))
                self._words(activity.hints, Thing("hint", activity.id))
        for signal in signals.signals:
            self._add(signal, Thing("signal", signal.id))
        for mistake in signals.mistakes:
            self._add(mistake, Thing("mistake", mistake.id))
        for called in signals.called:
            self._words(called.words, Thing("called", called.label))
        negation, context = signals.negation, signals.context
        marks: tuple[tuple[Mark, Iterable[str]], ...] = (
            ("not", negation.words),
            ("not before", negation.after),
            ("harmless", negation.harmless),
            ("end", negation.ends),
            ("customer", context.customers),
            ("about", context.about),
            ("seeking", context.seeking),
            ("anybody", context.anybody),
            ("half", context.halves),
        )
        for mark, words in marks:
            self._words(words, Thing(mark))

    def _add(self, rule: Worded, thing: Thing) -> None:
        self._words(rule.words, thing)
        for doing in rule.does:
            self._lexicon.add_pair(self.spelled(doing.do), self.spelled(doing.to), thing)

    def _words(self, words: Iterable[str], thing: Thing) -> None:
        for phrase in self.spelled(words):
            self._lexicon.add(phrase, thing)

    def spelled(self, words: Iterable[str]) -> Iterator[str]:
        """The phrases, with every `<set>` replaced by each of its words."""
        for phrase in words:
            parts = [self._sets.get(part[1:-1], (part,)) if part.startswith("<") else (part,) for part in phrase.split()]
            yield from (" ".join(choice) for choice in product(*parts))

    def read(self, text: str) -> Described:
        """What the words of the text name."""
        page = self._lexicon.read(text)
        marks: dict[str, list[Hit[Thing]]] = {}
        named: list[Hit[Thing]] = []
        for hit in page.hits:
            if hit.thing.id:
                named.append(hit)
            else:
                marks.setdefault(hit.thing.kind, []).append(hit)
        scope = _Scope(page, marks)
        clues: list[Clue] = []
        ruled_out: list[Clue] = []
        for hit in _chosen(named):
            clue = Clue(hit.thing.kind, hit.thing.id, hit, scope.counts(hit))  # type: ignore[arg-type]
            (ruled_out if scope.negated(hit) else clues).append(clue)
        clues.sort(key=lambda clue: clue.hit.first)
        return Described(text, page, tuple(clues), tuple(ruled_out), tuple(hit.first for hit in marks.get("half", ())))


# --------------------------------------------------------------------------- which phrases count


_LAYER = {"name": 0, "hint": 0, "loose": 0, "signal": 1, "called": 2, "mistake": 3}
_RANK = {"name": 0, "hint": 1, "loose": 2}


def _chosen(hits: Iterable[Hit[Thing]]) -> Iterator[Hit[Thing]]:
    """Of hits that share words the longest; of kinds of work, signals, labels and mistakes each their own."""
    taken: dict[tuple[int, int], Hit[Thing]] = {}
    for hit in sorted(hits, key=_order):
        layer = _LAYER[hit.thing.kind]
        others = [taken[layer, word] for word in hit.core if (layer, word) in taken]
        if all(_shares(hit, other) for other in others):
            for word in hit.core:
                taken.setdefault((layer, word), hit)
            yield hit


def _order(hit: Hit[Thing]) -> tuple[bool, int, int, int, int]:
    gap = hit.last - hit.first + 1 - len(hit.words)
    return hit.thing.kind == "loose", -len(hit.words), _RANK.get(hit.thing.kind, 0), gap, hit.first


def _shares(hit: Hit[Thing], other: Hit[Thing]) -> bool:
    """Whether two hits may stand on the same words: hints of several kinds of work, and never a second reading of the same kind."""
    kinds = {hit.thing.kind, other.thing.kind}
    return hit.core == other.core and kinds <= {"hint", "loose"} and hit.thing.id != other.thing.id


# --------------------------------------------------------------------------- what is meant


class _Scope:
    """Where the words of a text are not meant, or say only for whom or about what the work is."""

    def __init__(self, page: Page[Thing], marks: dict[str, list[Hit[Thing]]]) -> None:
        self._words = page.tokens
        self._marks = marks
        self._ends = {hit.first for hit in marks.get("end", ())}
        self._customers = {hit.first for hit in marks.get("customer", ())}
        self._negators: set[int] = set()
        self._not_meant = self._negations() if "not" in marks or "not before" in marks else set()
        self._subject = self._after("about", frozenset()) if "about" in marks else set()
        self._sought = self._after("seeking", _RELATIVES) if "seeking" in marks else set()
        self._anybody = {hit.first for hit in marks.get("anybody", ())} | {hit.last for hit in marks.get("anybody", ())}

    def negated(self, hit: Hit[Thing]) -> bool:
        """Whether the text says that this is not what the work is."""
        return hit.core[0] in self._not_meant and self._negators.isdisjoint(hit.words)

    def counts(self, hit: Hit[Thing]) -> float:
        """How much the words count, from 0 to 1."""
        if hit.thing.kind not in _RANK:
            return 1.0
        if self._is_customer(hit):
            return _CUSTOMER
        if hit.first in self._subject:
            return _SUBJECT
        if hit.first in self._sought:
            return _SOUGHT
        return _SOUGHT if self._is_anybody(hit) else 1.0

    def _is_customer(self, hit: Hit[Thing]) -> bool:
        words, last = self._words, hit.last
        if words[last].endswith(("'s", "s'")):
            return True
        if last not in self._customers and last + 1 not in self._customers:
            return False
        before = words[max(0, hit.first - _BEFORE_CUSTOMERS) : hit.first]
        return any(word.lower() in _PREPOSITIONS for word in before)

    def _is_anybody(self, hit: Hit[Thing]) -> bool:
        """Whether somebody is only sought to do the work ("hire people to review contracts")."""
        after = self._words[hit.last + 1 : hit.last + 2]
        return hit.core != hit.words and hit.core[-1] in self._anybody and bool(after) and after[0].lower() in _RELATIVES

    def _after(self, mark: Mark, opens: frozenset[str]) -> set[int]:
        """The tokens that follow a mark in its clause; with opening words, those after the first of them."""
        found: set[int] = set()
        for hit in self._marks[mark]:
            reached = not opens
            for at in range(hit.last + 1, min(hit.last + 1 + _SUBJECT_WORDS + 4 * bool(opens), len(self._words))):
                word = self._words[at].lower()
                if word in STOPS or word == "," or at in found:
                    break
                if reached:
                    found.add(at)
                reached = reached or word in opens
        return found

    def _negations(self) -> set[int]:
        harmless = {word for hit in self._marks.get("harmless", ()) for word in hit.words}
        found: set[int] = set()
        for hit in self._marks.get("not", ()):
            if harmless.isdisjoint(hit.words):
                self._negators.update(hit.words)
                found.update(self._forward(hit.last + 1))
                if hit.first and self._words[hit.first - 1] == "?":
                    found.update(self._backward(hit.first - 2, commas=True))
        for hit in self._marks.get("not before", ()):
            self._negators.update(hit.words)
            found.update(self._backward(hit.first - 1, commas=False))
        return found

    def _forward(self, start: int) -> Iterator[int]:
        """The tokens from here to the end of what a negation reaches: a comma ends it, unless an "or" follows in the list."""
        stretch: list[int] = []
        for at in range(start, min(start + _NEGATED_WORDS, len(self._words))):
            if self._words[at] in STOPS or self._words[at] in "()" or at in self._ends:
                break
            stretch.append(at)
        last_or = max((at for at in stretch if self._words[at].lower() in _OR), default=-1)
        for at in stretch:
            if self._words[at] == "," and at > last_or:
                return
            yield at

    def _backward(self, start: int, commas: bool) -> Iterator[int]:
        for at in range(start, max(start - _NEGATED_WORDS, -1), -1):
            word = self._words[at]
            if word in STOPS or word in "()" or (word == "," and not commas) or at in self._ends:
                return
            yield at


# --------------------------------------------------------------------------- in the person's own words


def _quote(text: str, tokens: Sequence[str], starts: Sequence[int], words: Sequence[int]) -> Quote:
    """The words of a hit as they stand in the text."""
    runs: list[list[int]] = []
    for word in words:
        if runs and word - runs[-1][1] <= 1:
            runs[-1][1] = word
        else:
            runs.append([word, word])
    spans = [(starts[first], starts[last] + len(tokens[last])) for first, last in runs]
    return Quote(" … ".join(text[start:end] for start, end in spans), spans[0][0], spans[-1][1])
