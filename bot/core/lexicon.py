"""Thousands of phrases found in one pass over a text: words that stand together, and doing words near the things they are done to."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any, Generic, TypeVar

from bot.core.words import fold, keys

T = TypeVar("T")
Span = tuple[int, int]
"""The first and the last of the words that a phrase takes up, counted from 0."""

STOPS = frozenset(".!?;|•")
"""Marks that end a sentence, or the item of a list: nothing is read across them."""

_SPACED = '"“”„«»‘*_~`#<>[]{}/\\+=…-‐‑'
"""Characters that part words and mean nothing themselves; a hyphenated word is read as its parts."""

_PLAIN = (("\n", "|"), ("—", ","), ("–", ","), (" - ", " , "), ("’", "'"))
_MARKS = ",;:!?()•"
_ON, _BACK = 8, 5
"""Words: how many may stand between a thing and what is done to it before it ("review all of our contracts"), or after it."""

_CACHED = 50_000
_BITS = 60
_SHORTEST = 3
_DOINGS = ("ing", "ion", "ed")
"""Endings that a phrase of one word insists on: "detailing" is a trade, and "detailed" is not."""

_NO_DOING = frozenset(
    "docu judg judge agree depart state instru equip comple supple imple ele apart invest adjust segment argu gar ship treat".split()  # noqa: SIM905
)
"""What is left of words in -ment that are no doing of something."""

_ALIKE = {"center": "centr", "judgement": "judgment", "program": "programm", "enquiry": "inquiry", "enquir": "inquir", "cheque": "check"}


def stem(word: str) -> str:
    """The folded word in one of its spellings: organise and organize, modelling and modeling, assess and assessment meet."""
    folded = fold(word)
    if len(folded) > 6 and folded.endswith("tion") and folded != "exception":
        folded = folded[:-3]
    elif len(folded) > 7 and folded.endswith("ment") and folded[:-4] not in _NO_DOING:
        folded = folded[:-4].removesuffix("e")
    if len(folded) > 5 and folded.endswith("is"):
        folded = folded[:-1] + "z"
    if len(folded) > 4:
        folded = folded.replace("isat", "izat").replace("our", "or").removesuffix("u" if folded.endswith("logu") else "")
        folded = folded[:-1] if folded.endswith(("ll", "mm")) else folded
        folded = folded[:-1] + "s" if folded.endswith("enc") else folded
    return _ALIKE.get(folded, folded)


def plain(text: str) -> str:
    """The text with one mark for each of those that mean the same, and nothing moved from its place."""
    for mark, alike in _PLAIN:
        text = text.replace(mark, alike)
    return text


def tokens(text: str) -> list[str]:
    """The words and marks of a plain text, in order."""
    text = f"{text} ".replace("|", " | ").replace(". ", " . ")
    for mark in _MARKS:
        text = text.replace(mark, f" {mark} ")
    for mark in _SPACED:
        text = text.replace(mark, " ")
    return text.split()


def ends(text: str, words: Iterable[str]) -> list[int]:
    """Where each word and mark of a plain text ends in it."""
    find, at = text.find, 0
    return [at := find(word, at) + len(word) for word in words]


Hit = tuple[int, T, int, int, Span | None]
"""A phrase found: its place among those that compete for words, what it was filed under, its first and last word, and for a thing near a
doing word the words of the doing. The smaller the place, the more words stand together."""

_Part = tuple[int, int, frozenset[int]]
"""The first and last word of a half of pairs, and the pairs."""

_MORE, _NEARER = 1 << 24, 1 << 16


def spans(hit: Hit[Any]) -> tuple[Span, ...]:
    """The one or two stretches of words that a hit takes up, in the order of the text."""
    _, _, first, last, doing = hit
    own = (first, last)
    return (own,) if doing is None else (doing, own) if doing < own else (own, doing)


class _Node(Generic[T]):
    """A place in the trie: what ends here (group, thing), of which pairs a doing word or a thing ends here, and the words that lead on."""

    __slots__ = ("doing", "done", "onward", "things")

    def __init__(self) -> None:
        self.things: tuple[tuple[int, T], ...] = ()
        self.doing: frozenset[int] = frozenset()
        self.done: frozenset[int] = frozenset()
        self.onward: dict[str, _Node[T]] = {}


class _Word(Generic[T]):
    """A word that was met: the names by which phrases go on with it, what it alone stands for, and where it leads with the next.

    Two words that share no bit of `leads` and `led` do not go on with each other; most of those that do share one do.
    """

    __slots__ = ("doing", "done", "leads", "led", "names", "onward", "speaks", "things")

    def __init__(self, names: Mapping[str, int], nodes: Sequence[_Node[T]], bits: Mapping[str, int]) -> None:
        self.names = tuple(names)
        self.things = tuple(each for node in nodes for each in node.things)
        self.doing: frozenset[int] = frozenset().union(*(node.doing for node in nodes))
        self.done: frozenset[int] = frozenset().union(*(node.done for node in nodes))
        self.speaks = bool(self.things or self.doing or self.done)
        self.onward: dict[str, tuple[_Node[T], ...]] = {}
        self.leads = self.led = 0
        for bit in names.values():
            self.led |= bit
        for node in nodes:
            for name, onward in node.onward.items():
                self.onward[name] = (*self.onward.get(name, ()), onward)
                self.leads |= bits[name]


class _Met(dict[str, _Word[T]]):
    """The words met before, each with what is known of it."""

    def __init__(self, meet: Callable[[str], _Word[T]]) -> None:
        self._meet = meet

    def __missing__(self, word: str) -> _Word[T]:
        found = self[word] = self._meet(word)
        return found


class Lexicon(Generic[T]):
    """Phrases and what they stand for. The cost of a text does not grow with the number of phrases."""

    def __init__(self, groups: int = 1) -> None:
        self._groups = groups
        self._root: _Node[T] = _Node()
        self._names: dict[str, int] = {}
        """The names of the words of all phrases, each with one of few bits."""
        self._beginnings: set[str] = set()
        self._longest = 0
        self._pairs: list[tuple[int, T]] = []
        self._met = {small: _Met(partial(self._meet, small=small)) for small in (False, True)}
        """Apart for writers who use no capitals."""
        self._unknown: _Word[T] = _Word({}, (), {})

    # ------------------------------------------------------------------ filling

    def add(self, phrase: str, thing: T, group: int = 0) -> None:
        """File a thing under a phrase: `a|b` is either word, `stem*` any ending, words in capitals match capitals only."""
        for node in self._ends(phrase):
            if (group, thing) not in node.things:
                node.things = (*node.things, (group, thing))

    def add_pair(self, doing: Iterable[str], things: Iterable[str], thing: T, group: int = 0) -> None:
        """File a thing under doing words that stand near the things they are done to, in either order."""
        number = len(self._pairs)
        self._pairs.append((group, thing))
        for phrase in doing:
            for node in self._ends(phrase):
                node.doing |= {number}
        for phrase in things:
            for node in self._ends(phrase):
                node.done |= {number}

    def _ends(self, phrase: str) -> Iterator[_Node[T]]:
        """The nodes at which the ways to spell a phrase end."""
        for met in self._met.values():
            met.clear()
        for way in ways(phrase):
            node = self._root
            for name in way:
                self._names.setdefault(name, 1 << len(self._names) % _BITS)
                if name.endswith("*"):
                    self._beginnings.add(name[:-1])
                    self._longest = max(self._longest, len(name) - 1)
                node = node.onward.setdefault(name, _Node())
            yield node

    # ------------------------------------------------------------------ reading

    def read(self, text: str) -> tuple[list[str], list[list[Hit[T]]]]:
        """The words and marks of a plain text, and every phrase in it at every place, by groups."""
        words = tokens(text)
        known = self._met[text.islower()]
        if len(known) > _CACHED:
            known.clear()
        met = list(map(known.__getitem__, words))
        met.append(self._unknown)
        hits: list[list[Hit[T]]] = [[] for _ in range(self._groups)]
        doing: list[_Part] = []
        done: list[_Part] = []
        first = -1
        for word, after in pairwise(met):
            first += 1
            if word.speaks:
                for group, thing in word.things:
                    hits[group].append((first, thing, first, first, None))
                if word.doing:
                    doing.append((first, first, word.doing))
                if word.done:
                    done.append((first, first, word.done))
            if word.leads & after.led:
                onward = word.onward
                for name in after.names:
                    if name in onward:
                        for node in onward[name]:
                            _go_on(node, first, first + 1, met, hits, doing, done)
        if doing and done:
            self._pair(words, doing, done, hits)
        return words, hits

    def _pair(self, words: Sequence[str], doing: Sequence[_Part], done: Sequence[_Part], hits: Sequence[list[Hit[T]]]) -> None:
        """Add each thing with the nearest words of what is done to it, within reach and in its sentence."""
        start = 0
        for first, last, pairs in done:
            while doing[start][1] < first - _ON - 1 and start + 1 < len(doing):
                start += 1
            near: dict[int, tuple[int, Span]] = {}
            for at in range(start, len(doing)):
                begin, end, others = doing[at]
                if begin > last + _BACK + 1:
                    break
                if not pairs.isdisjoint(others):
                    distance = _distance(words, first, last, begin, end)
                    for number in pairs & others if distance else ():
                        if number not in near or distance < near[number][0]:
                            near[number] = (distance, (begin, end))
            for number, (_, (begin, end)) in near.items():
                group, thing = self._pairs[number]
                gap = max(first - end, begin - last) - 1
                place = (first - last + begin - end - 1) * _MORE + gap * _NEARER + first
                hits[group].append((place, thing, first, last, (begin, end)))

    def _meet(self, word: str, small: bool) -> _Word[T]:
        """What is known of a word; without capitals, any longer word may be meant as an acronym."""
        lower = word.lower()
        names = {stem(word), *keys(word)}
        longest = min(len(lower), self._longest)
        names.update(f"{lower[:size]}*" for size in range(_SHORTEST, longest + 1) if lower[:size] in self._beginnings)
        if small and len(word) > 2 and word.isalpha():
            names.add(word.upper())
        own = {name: self._names[name] for name in sorted(names) if name in self._names}
        onward = self._root.onward
        return _Word(own, [onward[name] for name in own if name in onward], self._names) if own else self._unknown


def _go_on(
    node: _Node[T],
    first: int,
    last: int,
    met: Sequence[_Word[T]],
    hits: Sequence[list[Hit[T]]],
    doing: list[_Part],
    done: list[_Part],
) -> None:
    """Note what ends here, and follow the words that lead on; no deeper than the longest phrase."""
    for group, thing in node.things:
        hits[group].append(((first - last) * _MORE + first, thing, first, last, None))
    if node.doing:
        doing.append((first, last, node.doing))
    if node.done:
        done.append((first, last, node.done))
    if node.onward:
        for name in met[last + 1].names:
            if name in node.onward:
                _go_on(node.onward[name], first, last + 1, met, hits, doing, done)


def _distance(words: Sequence[str], first: int, last: int, begin: int, end: int) -> int:
    """How far a thing (first to last) stands from what is done to it (begin to end), words before it are nearer; 0: out of reach."""
    if end < first:
        return 0 if first - end > _ON + 1 or not STOPS.isdisjoint(words[end:first]) else first - end
    if last < begin:
        between = words[last:begin]
        return 0 if begin - last > _BACK + 1 or "," in between or ":" in between or not STOPS.isdisjoint(between) else begin - last + 2
    return 0


def ways(phrase: str) -> Iterator[tuple[str, ...]]:
    """The name sequences that a phrase stands for: one for each choice of alternatives."""
    found: list[tuple[str, ...]] = [()]
    parts = phrase.split()
    for part in parts:
        steps = [_steps(word + "*" if len(parts) == 1 and word.endswith(_DOINGS) else word) for word in part.split("|")]
        found = [(*way, *step) for way in found for step in steps]
    yield from (way for way in found if way)


@lru_cache(maxsize=_CACHED)
def _steps(word: str) -> tuple[str, ...]:
    if word.startswith("<") and word.endswith(">"):
        return (word,)
    *before, last = tokens(plain(word.removesuffix("*")))
    names = [_name(part) for part in before]
    return (*names, last.lower() + "*" if word.endswith("*") else _name(last))


def _name(word: str) -> str:
    capitals = keys(word)[1:2] if word.isupper() and len(word) > 1 else ()
    return capitals[0] if capitals else stem(word)
