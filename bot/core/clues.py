"""What the words of a description name: kinds of work, signals, labels and mistakes; without what is not meant."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise, product
from operator import itemgetter
from typing import Literal, NamedTuple, get_args

from bot.core.activities import Signals, Worded, WorkField
from bot.core.lexicon import Hit, Lexicon, Span, ends, plain, spans
from bot.core.scope import HANDLED, Mark, Scope

Kind = Literal["name", "hint", "loose", "signal", "denied", "called", "mistake"]
Thing = tuple[Kind | Mark, str]
"""What a phrase of the rules stands for: an activity, signal, label or mistake by its id; or a mark."""

_MARKS: tuple[Mark, ...] = get_args(Mark)
_WHOLE, _SHARE = 100, 3
"""Per cent, and the characters of a share ("80%")."""

_STRAY, _HALF = 2, 0.5
_SHORT = 3
"""Letters; words no longer than this ("and", "our") say little."""

made = tuple.__new__
"""Makes a named tuple at a third of the price of calling its class."""

_QUOTE = itemgetter(6)

_MARK_OF: Mapping[str, Mark] = {
    "words": "not",
    "denied": "denied",
    "after": "not before",
    "harmless": "harmless",
    "ends": "end",
    "customers": "customer",
    "about": "about",
    "seeking": "seeking",
    "persons": "person",
    "anybody": "anybody",
    "wanting": "wanting",
    "halves": "half",
    "joins": "join",
}
"""The lists of rules/signals.yml, and what their words do."""

_JUDGMENT = "judgment"
"""The question whose usual answer tells desk work from the work that a document is about."""

_GROUP = {"name": 0, "hint": 1, "loose": 1, "signal": 2, "called": 3, "mistake": 4} | dict.fromkeys(_MARKS, 5)


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
    counts: float
    quote: Quote


class Described(NamedTuple):
    """A text that was read: its clues for kinds of work and signals in the order of the text, and what else was found."""

    text: str
    words: Sequence[str]
    clues: Sequence[Clue]
    called: Sequence[Clue]
    mistakes: Sequence[Clue]
    ruled_out: Sequence[Clue]
    """Kinds of work that the text says it is not."""
    joints: Sequence[int]
    """Where two halves of the work are joined."""
    joins: Sequence[int]
    """Where any two things are joined that may be halves."""
    until: Sequence[int]
    """Where each of the words ends."""

    def quotes(self, clues: Iterable[Clue]) -> tuple[Quote, ...]:
        """The person's own words for these clues, which come in the order of the text; those that overlap in one. No word but theirs."""
        groups: list[list[Clue]] = []
        end = -1
        for clue in clues:
            quote = clue.quote
            if quote.start >= end:
                groups.append([clue])
                end = quote.end
            else:
                groups[-1].append(clue)
                end = max(end, quote.end)
        return tuple([group[0].quote if len(group) == 1 else self._joined(group) for group in groups])

    def _joined(self, clues: Iterable[Clue]) -> Quote:
        """The words of clues that overlap, and an ellipsis for the words between them that are none of theirs."""
        spans = sorted({span for clue in clues for span in ((clue.first, clue.last), clue.doing or (clue.first, clue.last))})
        runs: list[tuple[int, int]] = []
        for first, last in spans:
            if runs and not any(word[0].isalnum() for word in self.words[runs[-1][1] + 1 : first]):
                runs[-1] = (runs[-1][0], max(runs[-1][1], last))
            else:
                runs.append((first, last))
        until = self.until
        starts = [until[first] - len(self.words[first]) for first, _ in runs]
        pieces = [self.text[start : until[last]] for start, (_, last) in zip(starts, runs, strict=True)]
        return made(Quote, (starts[0], until[runs[-1][1]], " … ".join(pieces)))

    def is_stray(self) -> bool:
        """Whether so few words say something, among so many that do not, that they may do so by chance ("the numbers look **fine**")."""
        return len(self.clues) <= _STRAY and not self.ruled_out and self.understood() < _HALF

    def understood(self) -> float:
        """The share of the longer words that are part of a clue."""
        taken = {
            word for clue in self.clues for span in ((clue.first, clue.last), clue.doing or (0, -1)) for word in range(span[0], span[1] + 1)
        }
        longer = [place for place, word in enumerate(self.words) if len(word) > _SHORT]
        return sum(place in taken for place in longer) / len(longer) if longer else 0.0


class ClueBook:
    """Every phrase of the activities and signals, found in one pass however many there are."""

    def __init__(self, fields: Sequence[WorkField], signals: Signals) -> None:
        self._sets = signals.sets
        self._lexicon: Lexicon[Thing] = Lexicon(max(_GROUP.values()) + 1)
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
        for name, words in chain(signals.negation.lists(), signals.context.lists()):
            self._words(words, (_MARK_OF[name], ""))
        self._clerical = signals.context.clerical.work
        usual = {activity.id: activity.usual.get(_JUDGMENT) for field in fields for activity in field.activities}
        self._desk_work = frozenset(name for name, option in usual.items() if option == usual.get(self._clerical))
        self._add(signals.context.clerical, ("clerical", ""))
        self._left_out = ""

    def without(self, name: str) -> "ClueBook":
        """The same book with one of the lists of words around phrases (`about`, `clerical`) left out."""
        other = object.__new__(ClueBook)
        vars(other).update(vars(self), _left_out=_MARK_OF.get(name, name))
        return other

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
        evened = plain(text)
        words, (names, weak, signals, called, mistakes, all_marks) = self._lexicon.read(evened)
        marks: dict[str, list[Hit[Thing]]] = {}
        for hit in all_marks:
            mark = hit[1][0]
            if mark in marks:
                marks[mark].append(hit)
            else:
                marks[mark] = [hit]
        marks.pop(self._left_out, None)
        scope = Scope(evened, words, marks)
        until = ends(evened, words)
        if scope.trades:
            names = [hit for hit in names if hit[4] or hit[2] not in scope.trades]
        names = [hit for hit in names if not hit[4] or not scope.is_doer(hit[2], hit[3], hit[4])]
        work, not_work = scope.parted(_kinds_of_work(names, weak, mistakes))
        clues = _clues(work, scope if scope.limits else None, text, words, until)
        if "clerical" in marks:
            clues = self._handled(clues, scope, text, words, until)
        if signals:
            held, denied = scope.denied(_longest(signals))
            clues += _clues(held, None, text, words, until)
            if denied:
                clues += [clue._replace(kind="denied") for clue in _clues(denied, None, text, words, until)]
            clues.sort(key=_QUOTE)
        return Described(
            text,
            words,
            clues,
            self._used(scope.parted(_longest(called))[0], scope, text, words, until) if called else (),
            _clues(scope.parted(_longest(mistakes))[0], None, text, words, until) if mistakes else (),
            _clues(not_work, None, text, words, until) if not_work else (),
            [hit[2] for hit in marks.get("half", ())] + (_shares(words) if "%" in text else []),
            [hit[2] for hit in marks["join"]] if "join" in marks else (),
            until,
        )

    def _handled(self, clues: list[Clue], scope: Scope, text: str, words: Sequence[str], until: Sequence[int]) -> list[Clue]:
        """The clues, with what a clerk only handles counted for little, and the handling for what it is: clerical work."""
        found: list[Clue] = []
        seen: set[Span] = set()
        for clue in clues:
            verb = scope.clerk(clue.first, clue.last, clue.doing)
            if verb is None or clue.id in self._desk_work:
                found.append(clue)
                continue
            found.append(clue._replace(counts=min(clue.counts, HANDLED)))
            if verb not in seen:
                seen.add(verb)
                hit: Hit[Thing] = (0, ("name", self._clerical), clue.first, clue.last, verb)
                found += _clues([hit], None, text, words, until)
        found.sort(key=_QUOTE)
        return found

    @staticmethod
    def _used(hits: Sequence[Hit[Thing]], scope: Scope, text: str, words: Sequence[str], until: Sequence[int]) -> list[Clue]:
        """The labels that name the work itself: not its subject, its customer, or a thing of theirs."""
        return _clues([hit for hit in hits if not scope.is_owner(hit[2], hit[3])], None, text, words, until)


def _shares(words: Sequence[str]) -> list[int]:
    """Where the second of two shares stands that make up the whole ("80% refunds, 20% investigations")."""
    found = [(at, int(word[:-1])) for at, word in enumerate(words) if word.endswith("%") and word[:-1].isdecimal() and len(word) <= _SHARE]
    return [at for (_, one), (at, other) in pairwise(found) if one + other == _WHOLE]


# --------------------------------------------------------------------------- which phrases count


def _clues(hits: Iterable[Hit[Thing]], scope: Scope | None, text: str, words: Sequence[str], until: Sequence[int]) -> list[Clue]:
    """What was found, in the order of the text, with what it counts in its scope and the words for it; each word ends at its `until`."""
    found: list[Clue] = []
    counts = 1.0
    for _, (kind, name), first, last, doing in hits:
        end = until[last]
        start = until[first] - len(words[first])
        if doing is None:
            quote = text[start:end]
        elif doing[0] < first:
            then, start, middle = start, until[doing[0]] - len(words[doing[0]]), until[doing[1]]
            quote = f"{text[start:middle]} … {text[then:end]}" if first - doing[1] > 1 else text[start:end]
        else:
            then, middle, end = until[doing[0]] - len(words[doing[0]]), end, until[doing[1]]
            quote = f"{text[start:middle]} … {text[then:end]}" if doing[0] - last > 1 else text[start:end]
        if scope:
            counts = scope.counts(first, last, doing)
        found.append(made(Clue, (kind, name, first, last, doing, counts, made(Quote, (start, end, quote)))))
    if len(found) > 1:
        found.sort(key=_QUOTE)
    return found


def _kinds_of_work(names: list[Hit[Thing]], weak: Iterable[Hit[Thing]], mistakes: Iterable[Hit[Thing]]) -> list[Hit[Thing]]:
    """The phrases for kinds of work: names of which none takes another's words, and what only hints, on words that no name takes.

    Beside a name, only what hints at the same work counts, and what gives a direction. The words of a mistake are a plan, not the work.
    """
    taken = {word for hit in mistakes for first, last in spans(hit) for word in range(first, last + 1)} if mistakes else set()
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
        first, last = hit[2], hit[3]
        if first in taken or last in taken:
            continue
        if first == last:
            taken.add(first)
        elif last == first + 1:
            taken.add(first)
            taken.add(last)
        elif taken.isdisjoint(range(first, last)):
            taken.update(range(first, last + 1))
        else:
            continue
        chosen.append(hit)
    return chosen
