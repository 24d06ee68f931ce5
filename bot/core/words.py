"""Words of a text, folded so that inflections meet, and a trie of phrases that finds thousands of them in one pass."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

T = TypeVar("T")

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W_]+(?:['’][^\W_]+)*|[%$€£₹#=]|[,!?;\n]|\.(?=[ \n]{1,2}[^\W\d_])")
_NUMBER = re.compile(r"\d[\d.,]*")
_UNDOUBLED = frozenset("bdgmnprt")
_STOP = "."
"""The key of a sentence's end: no phrase holds it, so no phrase reaches over it."""

_TIMES = frozenset("second sec s minute min m hour hr h day ms".split())
_MONEY = frozenset("$ € £ ₹ usd eur gbp inr aed sar kes ksh qar omr ugx tzs ngn zar".split())
_ARTICLES = frozenset("a an the our your their his her its my this that these those any another every each some no new".split())
_ALTERNATIVES_MAX = 400


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """The stem under which the inflections of an English word meet: hire, hires, hired, hiring -> hir."""
    word = word.lower().replace("’", "'").removesuffix("'s").replace("'", "")
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = _singular(word)
    if len(word) > 5 and word.endswith("ing"):
        word = _undouble(word[:-3])
    elif len(word) > 4 and word.endswith("ed"):
        word = _undouble(word[:-2])
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "xes", "zes", "ches", "shes")) else word[:-1]


def _undouble(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] and word[-1] in _UNDOUBLED else word


def _capitals(word: str) -> str | None:
    """The word as an acronym ("RTOs" -> "RTO"), if it is written as one."""
    bare = word.replace("’", "'").removesuffix("'s")
    bare = bare[:-1] if len(bare) > 2 and bare.endswith("s") else bare
    return bare if len(bare) > 1 and bare.isupper() else None


@lru_cache(maxsize=20_000)
def keys(word: str) -> tuple[str, ...]:
    """Every name under which a phrase may ask for this word: its stem, its capitals, its kinds."""
    if word in ",!?;\n.":
        return (_STOP,)
    if _NUMBER.fullmatch(word):
        return (word, "<number>")
    stem = fold(word)
    found = [stem]
    capitals = _capitals(word)
    if capitals:
        found.append(capitals)
    lower = word.lower()
    if lower.removesuffix("s") in _TIMES:
        found.append("<time>")
    if lower in _MONEY:
        found.append("<money>")
    if lower in _ARTICLES:
        found.append("<a>")
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Words:
    """A text as parallel lists: for each word its start, its end and its keys."""

    starts: list[int]
    ends: list[int]
    keys: list[tuple[str, ...]]


def split(text: str, names: Sequence[tuple[int, int, tuple[str, ...]]] = ()) -> Words:
    """The words of a text; `names` are stretches (start, end, keys), in order, that each count as one word of their own."""
    small = text.islower()
    starts: list[int] = []
    ends: list[int] = []
    found: list[tuple[str, ...]] = []
    at = 0
    for begin, end, own in (*names, (len(text), len(text), ())):
        for match in _WORD.finditer(text, at, begin):
            starts.append(match.start())
            ends.append(match.end())
            word = match.group()
            found.append((*keys(word), word.upper()) if small and len(word) > 2 else keys(word))
        if own:
            starts.append(begin)
            ends.append(end)
            found.append(own)
        at = end
    return Words(starts, ends, found)


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """A phrase found: from the first to (excluding) the last word, and what it was filed under."""

    first: int
    last: int
    found: tuple[T, ...]


class _Node(Generic[T]):
    __slots__ = ("found", "next", "prefixes")

    def __init__(self) -> None:
        self.next: dict[str, _Node[T]] = {}
        self.prefixes: dict[str, _Node[T]] = {}
        self.found: tuple[T, ...] = ()


class Phrases(Generic[T]):
    """Phrases and what they stand for; one pass over a text finds all of them, however many there are."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, phrase: str, thing: T, term: str = "") -> None:
        """File a thing under a phrase; `TERM` in it stands for the term of this name."""
        for steps in spellings(phrase, term):
            node = self._root
            for step in steps:
                branch = node.prefixes if step.endswith("*") else node.next
                node = branch.setdefault(step.removesuffix("*"), _Node())
            node.found = (*node.found, thing)

    def find(self, words: Words) -> Iterator[Match[T]]:
        """Every phrase in the text, at every place."""
        every = words.keys
        size = len(every)
        root = self._root
        for first in range(size):
            waiting = [(root, first)]
            while waiting:
                node, at = waiting.pop()
                for step in _steps(node, every[at]):
                    if step.found:
                        yield Match(first, at + 1, step.found)
                    if at + 1 < size and (step.next or step.prefixes):
                        waiting.append((step, at + 1))


def _steps(node: _Node[T], word: tuple[str, ...]) -> list[_Node[T]]:
    """The nodes that a word leads to."""
    branch = node.next
    found = [branch[key] for key in word if key in branch]
    if node.prefixes:
        stem = word[0]
        found.extend(node.prefixes[stem[:size]] for size in range(3, len(stem) + 1) if stem[:size] in node.prefixes)
    return found


def term_key(term: str) -> str:
    """The key of a mention of a term."""
    return "\0" + term


def spellings(phrase: str, term: str = "") -> Iterator[tuple[str, ...]]:
    """The key sequences that a phrase of a rule stands for: one for each choice of alternatives."""
    ways: list[tuple[str, ...]] = [()]
    for part in phrase.split():
        steps = [step for word in part.split("|") for step in (_rule_keys(word, term),) if step]
        ways = [(*way, *step) for way in ways for step in steps][:_ALTERNATIVES_MAX]
    yield from (way for way in ways if way)


def _rule_keys(word: str, term: str) -> tuple[str, ...]:
    if word == "TERM":
        return (term_key(term),)
    if word.startswith("<") and word.endswith(">"):
        return (word,)
    if word.endswith("*"):
        return (*(_key(match.group()) for match in _WORD.finditer(word[:-1])),)[:-1] + (_tail(word),)
    return tuple(_key(match.group()) for match in _WORD.finditer(word))


def _tail(word: str) -> str:
    return [match.group() for match in _WORD.finditer(word[:-1])][-1].lower() + "*"


def _key(word: str) -> str:
    capitals = _capitals(word) if word.isupper() else None
    return capitals or keys(word)[0]
