"""Words of a text, folded so that inflections meet, and a trie of phrases that finds thousands of them in one pass."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Generic, NamedTuple, TypeVar

from bot.core.kept import Kept

T = TypeVar("T")
Keys = tuple[str, ...]
"""Every name under which a phrase may ask for one word of a text."""

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W_]+(?:['’][^\W_]+)*|[%$€£₹#=]|[,!?;\n]+|\.(?=[ \n]{1,2}[^\W\d_])")
_KINDS = re.compile(
    r"(?P<number>\d[\d.,]*)"
    r"|(?P<time>seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|ms)"
    r"|(?P<money>[$€£₹]|usd|eur|gbp|inr|aed|sar|qar|omr|kes|ksh|ugx|tzs|ngn|zar)"
    r"|(?P<a>an?|the|our|your|their|his|her|its|my|this|that|these|those|any|another|every|each|some|no|new)"
)
_PAUSES = frozenset(",!?;\n.")
_PAUSE: Keys = (".",)
"""No phrase holds it, so no phrase reaches over it."""

_UNDOUBLED = frozenset("bdgmnprt")
_CACHED = 50_000
_SHORTEST_STEM = 3
"""The shortest part of a word that may stand before `*`."""


@lru_cache(maxsize=_CACHED)
def fold(word: str) -> str:
    """The stem under which the inflections of an English word meet: hire, hires, hired, hiring -> hir."""
    word = word.lower().replace("’", "'").removesuffix("'s").replace("'", "")
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = _singular(word)
    if len(word) > 5 and word.endswith("ing"):
        word = _undoubled(word[:-3])
    elif len(word) > 4 and word.endswith("ed"):
        word = _undoubled(word[:-2])
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "xes", "zes", "ches", "shes")) else word[:-1]


def _undoubled(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] and word[-1] in _UNDOUBLED else word


def _capitals(word: str) -> str:
    """The word as an acronym ("RTOs" -> "RTO"); empty where it is none."""
    bare = word.replace("’", "'").removesuffix("'s")
    bare = bare[:-1] if len(bare) > 2 and bare.endswith("s") else bare
    return bare if len(bare) > 1 and bare.isupper() else ""


@lru_cache(maxsize=_CACHED)
def keys(word: str) -> Keys:
    """The keys of a word: its stem, its capitals, and the kind of word it is (`<number>`, `<time>`, `<money>`, `<a>`)."""
    if word[0] in _PAUSES:
        return _PAUSE
    kind = _KINDS.fullmatch(word.lower())
    found = (fold(word), _capitals(word), f"<{kind.lastgroup}>" if kind else "")
    return tuple(key for key in found if key)


@lru_cache(maxsize=_CACHED)
def _keys_in_small_letters(word: str) -> Keys:
    """The keys of a word whose writer uses no capitals at all: it may be meant as an acronym."""
    return (*keys(word), word.upper()) if len(word) > 2 and word.isalpha() else keys(word)


@dataclass(frozen=True, slots=True)
class Words:
    """A text as parallel lists: for each word where it starts and ends, and its keys."""

    spans: list[tuple[int, int]]
    keys: list[Keys]


def split(text: str, names: Sequence[tuple[int, int, Keys]] = (), start: int = 0, end: int | None = None) -> Words:
    """The words of a text, or of the part from start to end; `names` are stretches (start, end, keys) in it that count as one word each."""
    end = len(text) if end is None else min(end, len(text))
    of = _keys_in_small_letters if text.islower() else keys
    spans: list[tuple[int, int]] = []
    found: list[Keys] = []
    for first, last, own in (*names, (end, end, ())):
        matches = list(_WORD.finditer(text, start, first))
        spans += [match.span() for match in matches]
        found += [of(match[0]) for match in matches]
        if own:
            spans.append((first, last))
            found.append(own)
        start = last
    return Words(spans, found)


# --------------------------------------------------------------------------- phrases


class Match(NamedTuple, Generic[T]):
    """A phrase found: from the first to (excluding) the last word, and what it was filed under."""

    first: int
    last: int
    found: tuple[T, ...]


class _Node(Generic[T]):
    """A place in the trie: the words that lead on, by key or by how they begin, and what ends here."""

    __slots__ = ("by_beginning", "by_key", "found")

    def __init__(self) -> None:
        self.by_key: dict[str, _Node[T]] = {}
        self.by_beginning: dict[str, _Node[T]] = {}
        self.found: tuple[T, ...] = ()

    def begun(self, word: Keys) -> Iterator["_Node[T]"]:
        """The places that the beginning of a word leads to."""
        stem = word[0] if word else ""
        beginnings = (stem[:size] for size in range(_SHORTEST_STEM, len(stem) + 1))
        return (self.by_beginning[beginning] for beginning in beginnings if beginning in self.by_beginning)


class Phrases(Generic[T]):
    """Phrases and what they stand for; one pass over a text finds all of them, however many there are."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()
        self._first_steps: Kept[Keys, tuple[_Node[T], ...]] = Kept(_CACHED)

    def add(self, phrase: str, thing: T, term: str = "") -> None:
        """File a thing under a phrase; `TERM` in it stands for the term of this name."""
        for way in spellings(phrase, term):
            self.put(way, thing)

    def put(self, way: Keys, thing: T) -> None:
        """File a thing under one way to write a phrase."""
        self._first_steps.clear()
        node = self._root
        for key in way:
            branch = node.by_beginning if key.endswith("*") else node.by_key
            node = branch.setdefault(key.removesuffix("*"), _Node())
        node.found = (*node.found, thing)

    def find(self, words: Words) -> list[Match[T]]:
        """Every phrase in the text, at every place."""
        every, known = words.keys, self._first_steps
        found: list[Match[T]] = []
        for first, word in enumerate(every):
            steps = known.get(word)
            if steps is None:
                steps = self._remember(word)
            if steps:
                _follow(steps, first, first + 1, every, found)
        return found

    def _remember(self, word: Keys) -> tuple[_Node[T], ...]:
        """The first steps from a word, kept for the next time: most words of a text begin no phrase at all."""
        root = self._root
        steps = self._first_steps[word] = (*(root.by_key[key] for key in word if key in root.by_key), *root.begun(word))
        return steps


def _follow(nodes: Iterable[_Node[T]], first: int, at: int, every: list[Keys], found: list[Match[T]]) -> None:
    """Note the phrases that end at these nodes, and go on from them."""
    word = every[at] if at < len(every) else ()
    further: list[_Node[T]] = []
    for node in nodes:
        if node.found:
            found.append(Match(first, at, node.found))
        by_key = node.by_key
        if by_key:
            further += [by_key[key] for key in word if key in by_key]
        if node.by_beginning:
            further.extend(node.begun(word))
    if further:
        _follow(further, first, at + 1, every, found)


def term_key(term: str) -> str:
    """The key of a mention of a term; of any term at all for the empty name."""
    return "\0" + term


def spellings(phrase: str, term: str = "") -> Iterator[Keys]:
    """The ways to write a phrase of the rules, as keys: one for each choice among its alternatives (`a|b`)."""
    for way in product(*(part.split("|") for part in phrase.split())):
        yield tuple(key for word in way for key in _keys_of_rule(word, term))


def _keys_of_rule(word: str, term: str) -> Keys:
    if word == "TERM":
        return (term_key(term),)
    if word.startswith("<") and word.endswith(">"):
        return (word,)
    found = [match.group() for match in _WORD.finditer(word.removesuffix("*"))]
    tail = [found.pop().lower() + "*"] if word.endswith("*") and found else []
    return (*(_capitals(one) if one.isupper() and _capitals(one) else fold(one) for one in found), *tail)
