"""Where the words of a description are not meant, or say only for whom or about what the work is."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Literal, TypeVar

from bot.core.lexicon import STOPS, Hit, Span, spans

T = TypeVar("T")

Mark = Literal["not", "not before", "harmless", "end", "customer", "about", "seeking", "anybody", "wanting", "half"]
"""What marks of rules/signals.yml do, in the order in which a scope takes them."""

CUSTOMER, SUBJECT, SOUGHT = 0.2, 0.3, 0.2
"""What words count that only say for whom the work is, what a study is about, or what the people sought will do."""

_NEGATED = 10
"""How many words "no" and its like reach at most."""

_SUBJECT, _BEHIND = 10, 14
"""How many words the subject of a study may take, and how many the people sought with what they will do."""

_ANYBODY = 3
"""How many words after "hire" there may be up to "people" or "somebody"."""

_BEFORE_CUSTOMERS = 4
_PREPOSITIONS = frozenset("for to of by at with from in serving among across within".split())  # noqa: SIM905
_RELATIVES = frozenset(["who", "that", "to", "which", "whose"])
_SUBJECT_ENDS = frozenset([",", ":", "for"])
_OR = frozenset(["or", "nor"])
_LINKS = frozenset([",", "and"])
"""What ends a negation, unless an "or" follows in the list."""
_NONE: frozenset[str] = frozenset()
_NOWHERE: frozenset[int] = frozenset()
_POSSESSIVE = ("'s", "s'")


_Hits = Sequence[Hit[Any]]


class Scope:
    """What the marks of one text do to the phrases in it."""

    __slots__ = ("_anybody", "_customers", "_negators", "_not_meant", "_sought", "_subject", "_words", "limits")

    def __init__(
        self,
        text: str,
        words: Sequence[str],
        nots: _Hits,
        nots_before: _Hits,
        harmless: _Hits,
        ends: _Hits,
        customers: _Hits,
        about: _Hits,
        seeking: _Hits,
        anybody: _Hits,
        wanting: _Hits,
        halves: _Hits = (),
    ) -> None:
        self._words = words
        self.limits = bool(customers or about or seeking or anybody) or "'s " in text or "s' " in text
        """Whether anything in the text may count for less than it says."""
        self._customers = {hit[2] + place for hit in customers for place in (-1, 0)} if customers else _NOWHERE
        self._subject = self._after(about, _NONE, _SUBJECT) if about else _NOWHERE
        self._sought = self._after(self._recruiting(seeking, anybody), _RELATIVES, _BEHIND) if seeking else _NOWHERE
        self._anybody: tuple[_Hits, _Hits] | set[int] = (anybody, wanting)
        self._negators: set[int] = set()
        self._not_meant = self._negated(nots, nots_before, harmless, ends) if nots or nots_before else _NOWHERE

    def parted(self, hits: Sequence[Hit[T]]) -> tuple[Sequence[Hit[T]], Sequence[Hit[T]]]:
        """What the text means, and what it says that the work is not."""
        if not self._not_meant:
            return hits, ()
        meant: list[Hit[T]] = []
        not_meant: list[Hit[T]] = []
        for hit in hits:
            negated = hit[2] in self._not_meant and self._negators.isdisjoint(range(hit[2], hit[3] + 1))
            (not_meant if negated else meant).append(hit)
        return meant, not_meant

    def counts(self, first: int, last: int, doing: Span | None) -> float:
        """How much the words count, from 0 to 1."""
        begin, end = first, last
        if doing:
            begin, end = min(first, doing[0]), max(last, doing[1])
        if (end in self._customers and self._is_served(begin)) or self._words[end].endswith(_POSSESSIVE):
            return CUSTOMER
        if first in self._subject:
            return SUBJECT
        if begin in self._sought or (doing and self._is_anybody(first, last, doing)):
            return SOUGHT
        return 1.0

    def _is_served(self, begin: int) -> bool:
        """Whether a customer is named from here on ("for law firms")."""
        return any(word.lower() in _PREPOSITIONS for word in self._words[max(0, begin - _BEFORE_CUSTOMERS) : begin])

    def _is_anybody(self, first: int, last: int, doing: Span) -> bool:
        """Whether somebody is only sought to do the work ("hire people to review contracts", "we need nurses who check charts")."""
        if isinstance(self._anybody, tuple):
            self._anybody = {word for hits in self._anybody for hit in hits for word in (hit[2], hit[3])}
        anybody = self._anybody
        if last not in anybody:
            if doing[1] not in anybody:
                return False
            if first < doing[0]:
                return True  # "a banker who wants": it is not the banker that is wanted
        end = max(last, doing[1])
        after = self._words[end + 1 : end + 2]
        return bool(after) and after[0].lower() in _RELATIVES

    @staticmethod
    def _recruiting(seeking: _Hits, anybody: _Hits) -> _Hits:
        """The marks that seek somebody in particular: whoever hires "people to answer the phone" describes the work."""
        near = {hit[2] - place for hit in anybody for place in range(1, _ANYBODY + 1)}
        return [hit for hit in seeking if hit[3] not in near]

    def _after(self, marks: Iterable[Hit[Any]], opening: frozenset[str], most: int) -> set[int]:
        """The words that follow a mark in its clause; where words open the stretch, those after the first of them."""
        found: set[int] = set()
        for _, _, _, last, _ in marks:
            reached = not opening
            for at in range(last + 1, min(last + 1 + most, len(self._words))):
                word = self._words[at].lower()
                if word in STOPS or word in _SUBJECT_ENDS or at in found:
                    break
                if reached:
                    found.add(at)
                reached = reached or word in opening
        return found

    # ------------------------------------------------------------------ what is not meant

    def _negated(self, nots: _Hits, nots_before: _Hits, harmless: _Hits, ended: _Hits) -> set[int]:
        """The words that are not meant."""
        ends = {hit[2] for hit in ended}
        spared = {word for hit in harmless for word in _taken(hit)}
        found: set[int] = set()
        for hit in nots:
            _, _, first, last, _ = hit
            if first not in found and spared.isdisjoint(_taken(hit)):
                self._negators.update(_taken(hit))
                found.update(self._forward(last + 1, ends))
                if first and self._words[first - 1] == "?":
                    found.update(self._backward(first - 2, ends, commas=True))
        for hit in nots_before:
            self._negators.update(_taken(hit))
            found.update(self._backward(hit[2] - 1, ends, commas=False))
        return found

    def _forward(self, start: int, ends: AbstractSet[int]) -> Iterator[int]:
        """The words from here to the end of what a negation reaches: a link ends it, unless an "or" follows in the list."""
        stretch: list[int] = []
        for at in range(start, min(start + _NEGATED, len(self._words))):
            if self._words[at] in STOPS or self._words[at] in "():" or at in ends:
                break
            stretch.append(at)
        last_or = max((at for at in stretch if self._words[at].lower() in _OR), default=-1)
        for at in stretch:
            if self._words[at] in _LINKS and at > last_or:
                return
            yield at

    def _backward(self, start: int, ends: AbstractSet[int], commas: bool) -> Iterator[int]:
        for at in range(start, max(start - _NEGATED, -1), -1):
            word = self._words[at]
            if word in STOPS or word in "():" or (word == "," and not commas) or at in ends:
                return
            yield at


def _taken(hit: Hit[Any]) -> Iterable[int]:
    """The words that a hit takes up."""
    return [word for first, last in spans(hit) for word in range(first, last + 1)]
