"""What the words of a description name: kinds of work, signals, labels and mistakes; without what is not meant."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Literal, NamedTuple

from bot.core.activities import Signals, Worded, WorkField
from bot.core.lexicon import Hit, Lexicon, Span, places
from bot.core.scope import Mark, Scope

Kind = Literal["name", "hint", "loose", "signal", "called", "mistake"]
Thing = tuple[Kind | Mark, str]
"""What a phrase of the rules stands for: an activity, signal, label or mistake by its id; or a mark."""

_MARKS: tuple[Mark, ...] = ("not", "not before", "harmless", "end", "customer", "about", "seeking", "anybody", "wanting", "half")
_SHORT = 3
"""Letters; words no longer than this ("and", "our") say little."""

_GROUP = {"name": 0, "hint": 1, "loose": 1, "signal": 2, "called": 3, "mistake": 4} | {mark: place for place, mark in enumerate(_MARKS, 5)}


class Quote(NamedTuple):
    """Words of the text, with the places of their first and last characters; words that stand apart are joined by " … "."""

    start: int
    end: int
    words: str


class Clue(NamedTuple):
    """Something that the words name: the first and the last of them, and of a thing what is done to it.

    `counts` is less than 1 where they only say for whom or about what the work is.
    """

    kind: Kind
    id: str
    first: int
    last: int
    doing: Span | None
    counts: float = 1.0


class Described:
    """A text that was read: its clues in the order of the text, what it rules out, and where two halves are joined."""

    __slots__ = ("_places", "_quotes", "_words", "clues", "joints", "ruled_out", "text")

    def __init__(self, text: str, words: Sequence[str], clues: Sequence[Clue], ruled_out: Sequence[Clue], joints: Sequence[int]) -> None:
        self.text = text
        self.clues = clues
        self.ruled_out = ruled_out
        self.joints = joints
        self._words = words
        self._places: Sequence[int] = ()
        self._quotes: dict[tuple[int, Span | None], Quote] = {}

    def quotes(self, clues: Iterable[Clue]) -> tuple[Quote, ...]:
        """The person's own words for these clues, each stretch once, in the order of the text."""
        known = self._quotes
        found: dict[Quote, None] = {}
        for _, _, first, last, doing, _ in clues:
            key = (first, doing)
            quote = known.get(key)
            if quote is None or doing is None:
                quote = known[key] = self._quote(first, last, doing)
            found[quote] = None
        return self._joined(sorted(found)) if len(found) > 1 else tuple(found)

    def _joined(self, quotes: Iterable[Quote]) -> tuple[Quote, ...]:
        """Quotes in order, those that overlap in one."""
        joined: list[Quote] = []
        for quote in quotes:
            last = joined[-1] if joined else None
            if last is None or quote.start >= last.end:
                joined.append(quote)
            elif quote.end > last.end:
                joined[-1] = Quote(last.start, quote.end, self.text[last.start : quote.end])
        return tuple(joined)

    def understood(self) -> float:
        """The share of the longer words that are part of a clue."""
        taken = {
            word for clue in self.clues for span in ((clue.first, clue.last), clue.doing or (0, -1)) for word in range(span[0], span[1] + 1)
        }
        longer = [place for place, word in enumerate(self._words) if len(word) > _SHORT]
        return sum(place in taken for place in longer) / len(longer) if longer else 0.0

    def _quote(self, first: int, last: int, doing: Span | None) -> Quote:
        starts, words = self._places, self._words
        if not starts:
            starts = self._places = places(self.text, self._words)
        if doing is None:
            start, end = starts[first], starts[last] + len(words[last])
            return Quote(start, end, self.text[start:end])
        (first, middle), (then, last) = sorted([(first, last), doing])
        start, end = starts[first], starts[last] + len(words[last])
        if then - middle == 1:
            return Quote(start, end, self.text[start:end])
        return Quote(start, end, f"{self.text[start : starts[middle] + len(words[middle])]} … {self.text[starts[then] : end]}")


class ClueBook:
    """Every phrase of the activities and signals, found in one pass however many there are."""

    def __init__(self, fields: Sequence[WorkField], signals: Signals) -> None:
        self._sets = signals.sets
        self._lexicon: Lexicon[Thing] = Lexicon(len(_GROUP) - 1)
        for field in fields:
            for activity in field.activities:
                self._add(activity, ("loose" if activity.loose else "name", activity.id))
                self._words(activity.hints, ("hint", activity.id))
        for signal in signals.signals:
            self._add(signal, ("signal", signal.id))
        for mistake in signals.mistakes:
            self._add(mistake, ("mistake", mistake.id))
        for called in signals.called:
            self._words(called.words, ("called", called.label))
        negation, context = signals.negation, signals.context
        for mark, words in (
            ("not", negation.words),
            ("not before", negation.after),
            ("harmless", negation.harmless),
            ("end", negation.ends),
            ("customer", context.customers),
            ("about", context.about),
            ("seeking", context.seeking),
            ("anybody", context.anybody),
            ("wanting", context.wanting),
            ("half", context.halves),
        ):
            self._words(words, (mark, ""))  # type: ignore[arg-type]

    def _add(self, rule: Worded, thing: Thing) -> None:
        self._words(rule.words, thing)
        for doing in rule.does:
            self._lexicon.add_pair(self.spelled(doing.do), self.spelled(doing.to), thing, _GROUP[thing[0]])

    def _words(self, words: Iterable[str], thing: Thing) -> None:
        for phrase in self.spelled(words):
            self._lexicon.add(phrase, thing, _GROUP[thing[0]])

    def spelled(self, words: Iterable[str]) -> Iterator[str]:
        """The phrases, with every `<set>` replaced by each of its words."""
        for phrase in words:
            parts = [self._sets.get(part.strip("<>"), (part,)) if part.startswith("<") else (part,) for part in phrase.split()]
            yield from (" ".join(choice) for choice in product(*parts))

    def read(self, text: str) -> Described:
        """What the words of the text name."""
        words, (names, weak, signals, called, mistakes, *marks) = self._lexicon.read(text)
        scope = Scope(words, *marks)
        counts, negates = scope.counts, scope.negates
        clues: list[Clue] = []
        ruled_out: list[Clue] = []
        for hit in _kinds_of_work(names, weak, mistakes):
            _, (kind, name), first, last, doing = hit
            if negates and scope.negated(hit):
                ruled_out.append(Clue(kind, name, first, last, doing, 0.0))  # type: ignore[arg-type]
            else:
                clues.append(Clue(kind, name, first, last, doing, counts(first, last, doing)))  # type: ignore[arg-type]
        for others in (signals, called, mistakes):
            for hit in _longest(others):
                _, (kind, name), first, last, doing = hit
                if not (negates and scope.negated(hit)):
                    clues.append(Clue(kind, name, first, last, doing))  # type: ignore[arg-type]
        clues.sort(key=_first)
        return Described(text, words, clues, ruled_out, [hit[2] for hit in marks[-1]])


# --------------------------------------------------------------------------- which phrases count


def _first(clue: Clue) -> int:
    return clue[2]


def _kinds_of_work(names: list[Hit[Thing]], weak: Iterable[Hit[Thing]], mistakes: Iterable[Hit[Thing]]) -> list[Hit[Thing]]:
    """The phrases for kinds of work: names of which none takes another's words, and what only hints, on words that no name takes.

    Beside a name, only what hints at the same work counts, and what gives a direction. The words of a mistake are a plan, not the work.
    """
    taken = {word for hit in mistakes for word in range(hit[2], hit[3] + 1)} if mistakes else set()
    chosen = [hit for hit in _longest(names) if hit[2] not in taken]
    named: set[str] = set()
    for _, (_, name), first, last, _ in chosen:
        named.add(name)
        taken.update((first,) if first == last else range(first, last + 1))
    single: list[Hit[Thing]] = []
    within: set[int] = set()
    for hit in weak:
        _, (kind, name), first, last, _ = hit
        if first not in taken and last not in taken and (not named or kind == "loose" or name in named):
            if first == last:
                single.append(hit)
            else:
                chosen.append(hit)
                within.update(range(first, last + 1))
    return chosen + ([hit for hit in single if hit[2] not in within] if within else single)


def _longest(hits: list[Hit[Thing]]) -> list[Hit[Thing]]:
    """Of hits that share words the first in their order: the longest, then the closest."""
    if len(hits) < 2:
        return hits
    hits.sort()
    chosen: list[Hit[Thing]] = []
    taken: set[int] = set()
    for hit in hits:
        words = range(hit[2], hit[3] + 1)
        if taken.isdisjoint(words):
            taken.update(words)
            chosen.append(hit)
    return chosen
