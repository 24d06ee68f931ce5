"""Where the words of a description are not meant, or say only for whom or about what the work is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Literal, TypeVar

from bot.core.lexicon import STOPS, Hit, Span, spans

T = TypeVar("T")

Mark = Literal[
    "not",
    "denied",
    "not before",
    "harmless",
    "end",
    "customer",
    "about",
    "seeking",
    "person",
    "anybody",
    "wanting",
    "clerical",
    "half",
    "join",
]
"""What marks of rules/signals.yml do, in the order in which a scope takes them."""

CUSTOMER, SUBJECT, SOUGHT, WANTED, HANDLED = 0.2, 0.3, 0.2, 0.1, 0.25
"""What words count that only say for whom the work is, what a study is about, what the people sought will do, that people are wanted for
work that follows, or what lies on a desk."""

_NEGATED = 10
"""How many words "no" and its like reach at most."""

_SUBJECT, _BEHIND = 10, 14
"""How many words the subject of a study may take, and how many the people sought with what they will do."""

_ANYBODY = 3
"""How many words after "hire" there may be up to "people" or "somebody"."""

_TRADE = 5
"""How many words the trade of the people sought may take ("hire **accounts payable** clerks")."""

_ON_THE_DESK = 8
"""How many words may follow "print" that say what is printed, and where it goes."""

_BEFORE_CUSTOMERS = 4
_PREPOSITIONS = frozenset("for to of by at with from in serving among across within".split())  # noqa: SIM905
_RELATIVES = frozenset(["who", "that", "to", "which", "whose"])
_EMPLOYING = frozenset(["employ", "hire", "join", "recruit"])
_NOUN_BEFORE = frozenset("a an the per each every this that direct e".split())  # noqa: SIM905
"""Words before "print" or "mail" that make it a thing."""

_OURS = frozenset(["our", "their", "its", "my", "your"])
_DETERMINERS = _OURS | {"a", "an", "the"}
_TWO = 2
_OF, _FOR = frozenset(["of", "into", "about", "on"]), frozenset(["for", "at", "in"])
_LOOKING = frozenset(["looking", "look", "search", "searching"])
_MARKS = STOPS | frozenset(",:;()")
_DESK_ENDS = frozenset([",", ":", "(", "and", "or", "for", "by", "with", "who", "that", "which", "so"])
_SUBJECT_ENDS = frozenset([",", ":", "for"])
_OR = frozenset(["or", "nor"])
_LINKS = frozenset([",", "and"])
"""What ends a negation, unless an "or" follows in the list."""
_NONE: frozenset[str] = frozenset()
_NOWHERE: AbstractSet[int] = frozenset()
_EMPTY: Mapping[int, Span] = {}
_LIMITS: frozenset[str] = frozenset(["customer", "about", "seeking", "anybody", "wanting", "clerical"])
_NEGATIONS: frozenset[str] = frozenset(["not", "denied", "not before"])
_POSSESSIVE = ("'s", "s'")


_Hits = Sequence[Hit[Any]]


class Scope:
    """What the marks of one text do to the phrases in it."""

    __slots__ = (
        "_anybody",
        "_customers",
        "_denied",
        "_desk",
        "_negators",
        "_not_meant",
        "_sought",
        "_subject",
        "_words",
        "limits",
        "trades",
    )

    def __init__(
        self,
        text: str,
        words: Sequence[str],
        marks: Mapping[str, _Hits],
    ) -> None:
        self._words = words
        self.limits = bool(marks and not _LIMITS.isdisjoint(marks)) or "'s " in text or "s' " in text
        """Whether anything in the text may count for less than it says."""
        self._customers = self._subject = self._sought = self.trades = _NOWHERE
        self._desk = self._not_meant = self._denied = _EMPTY
        self._negators: set[int] = set()
        self._anybody: tuple[_Hits, _Hits] | set[int] = ((), ())
        if marks:
            self._mark(marks)

    def _mark(self, marks: Mapping[str, _Hits]) -> None:
        """Find the words that count less, and those that are not meant."""
        if "customer" in marks:
            self._customers = {hit[2] + place for hit in marks["customer"] for place in (-1, 0)}
        if "about" in marks:
            self._subject = self._after(marks["about"], _NONE, _SUBJECT)
        anybody = marks.get("anybody", ())
        self._anybody = (anybody, marks.get("wanting", ()))
        if "seeking" in marks:
            self._sought = self._after(self._recruiting(marks["seeking"], anybody), _RELATIVES, _BEHIND)
            self.trades = self._trades(marks["seeking"], marks.get("person", ()))
        if "clerical" in marks:
            self._desk = self._on_the_desk(marks["clerical"])
        if not _NEGATIONS.isdisjoint(marks):
            self._negate(*[marks.get(mark, ()) for mark in ("not", "denied", "not before", "harmless", "end")])

    def parted(self, hits: Sequence[Hit[T]]) -> tuple[Sequence[Hit[T]], Sequence[Hit[T]]]:
        """What the text means, and what it says that the work is not; of what is done to a thing, either part may be ruled out."""
        if not self._not_meant:
            return hits, ()
        return self._parted(hits, self._not_meant)

    def denied(self, hits: Sequence[Hit[T]]) -> tuple[Sequence[Hit[T]], Sequence[Hit[T]]]:
        """Of signals those that hold, and those that are negated in whatever way, each near the words that negate it."""
        if not self._denied:
            return hits, ()
        meant, not_meant = self._parted(hits, self._denied)
        return meant, [self._with_negator(hit) for hit in not_meant]

    def _parted(self, hits: Sequence[Hit[T]], negated: Mapping[int, Span]) -> tuple[Sequence[Hit[T]], Sequence[Hit[T]]]:
        meant: list[Hit[T]] = []
        not_meant: list[Hit[T]] = []
        for hit in hits:
            doing = hit[4]
            reached = hit[2] in negated or (doing is not None and doing[0] in negated)
            (not_meant if reached and self._negators.isdisjoint(_taken(hit)) else meant).append(hit)
        return meant, not_meant

    def _with_negator(self, hit: Hit[T]) -> Hit[T]:
        place, thing, first, last, doing = hit
        return hit if doing else (place, thing, first, last, self._denied[first])

    def clerk(self, first: int, last: int, doing: Span | None) -> Span | None:
        """The words for what a clerk does with the document that these words name ("**print** legal opinions")."""
        return self._desk.get(min(first, doing[0]) if doing else first)

    def counts(self, first: int, last: int, doing: Span | None) -> float:
        """How much the words count, from 0 to 1."""
        begin, end = first, last
        if doing:
            begin, end = min(first, doing[0]), max(last, doing[1])
        if (end in self._customers and self._is_served(begin)) or self._words[end].endswith(_POSSESSIVE):
            return CUSTOMER
        if first in self._subject:
            return SUBJECT
        if begin in self._sought:
            return SOUGHT
        return WANTED if doing and self._is_anybody(first, last, doing) else 1.0

    def is_doer(self, first: int, last: int, doing: Span | None) -> bool:
        """Whether the words name who does it, and not what it is done to ("typed by **the vendor**", "**engineers** who find out why")."""
        if doing is None:
            return False
        if last < doing[0]:
            return doing[0] == last + 2 and self._words[last + 1].lower() == "who"
        between = [word.lower() for word in self._words[doing[1] + 1 : first][:2]]
        return len(between) == _TWO and between[0] == "by" and between[1] in _DETERMINERS

    def is_owner(self, first: int, last: int) -> bool:
        """Whether a label names whose things the work is about, and not the work ("review of BPO contracts", "staff for our BPO")."""
        if first in self._subject:
            return True
        before, after = self._words[max(0, first - 2) : first], self._words[last + 1 : last + 2]
        ours = bool(before) and before[-1].lower() in _OURS
        preposition = (before[:1] if ours or (before and before[-1].lower() in _NOUN_BEFORE) else before[-1:]) or [""]
        if preposition[0].lower() in _OF:
            return True
        served = last + 1 in self._customers
        if preposition[0].lower() not in _FOR:
            return False
        return (ours and (served or not after or after[0] in _MARKS)) or (served and not ours and before[0].lower() not in _LOOKING)

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
        after = [word.lower() for word in self._words[end + 1 : end + 3]]
        return bool(after) and after[0] in _RELATIVES and _EMPLOYING.isdisjoint(after)

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

    def _trades(self, seeking: _Hits, persons: _Hits) -> set[int]:
        """The words between a word that seeks and the people who are sought: their trade."""
        people = {hit[2]: hit[3] for hit in persons}
        found: set[int] = set()
        for _, _, _, last, _ in seeking:
            for at in range(last + 1, min(last + 2 + _TRADE, len(self._words))):
                if at in people:
                    found.update(range(last + 1, people[at] + 1))
                word = self._words[at].lower()
                if word in STOPS or word in _SUBJECT_ENDS or word in _RELATIVES or word in _PREPOSITIONS:
                    break
        return found

    def _on_the_desk(self, clerical: _Hits) -> dict[int, Span]:
        """The words that say what a clerk handles and where it goes, each with the words for what is done."""
        found: dict[int, Span] = {}
        for _, _, first, last, doing in clerical:
            begin, end = doing or (first, last)
            before, verb = self._words[begin - 1] if begin else "", self._words[begin].lower()
            thing = before.lower() in _NOUN_BEFORE or (len(before) > 1 and before.isupper()) or verb.endswith("s")
            if thing and not verb.endswith("ing"):
                continue
            for at in range(end + 1, min(end + 1 + _ON_THE_DESK, len(self._words))):
                word = self._words[at].lower()
                if word in STOPS or word in _DESK_ENDS:
                    break
                found[at] = (begin, end)
        return found

    # ------------------------------------------------------------------ what is not meant

    def _negate(self, nots: _Hits, denied: _Hits, nots_before: _Hits, harmless: _Hits, ended: _Hits) -> None:
        """Find the words that are not meant, and those of signals that do not hold, each with the words that say so."""
        ends = {hit[2] for hit in ended}
        spared = {word for hit in harmless for word in _taken(hit)}
        refused: dict[int, Span] = {}
        for hit in denied:
            if hit[2] not in refused and spared.isdisjoint(_taken(hit)):
                self._negators.update(_taken(hit))
                refused.update(dict.fromkeys(self._forward(hit[3] + 1, ends | {each[2] for each in nots}), (hit[2], hit[3])))
        spared.update(self._negators)  # "no one" is no "no"
        found: dict[int, Span] = {}
        for hit in nots:
            _, _, first, last, _ = hit
            if first in found or not spared.isdisjoint(_taken(hit)):
                continue
            self._negators.update(_taken(hit))
            if first - 1 in refused:
                continue  # "nobody works without a licence"
            found.update(dict.fromkeys(self._forward(last + 1, ends), (first, last)))
            if first and self._words[first - 1] == "?":
                found.update(dict.fromkeys(self._backward(first - 2, ends, commas=True), (first, last)))
        for hit in nots_before:
            self._negators.update(_taken(hit))
            found.update(dict.fromkeys(self._backward(hit[2] - 1, ends, commas=False), (hit[2], hit[3])))
        self._not_meant = found
        self._denied = {**refused, **found}

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
