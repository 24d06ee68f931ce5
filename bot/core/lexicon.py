"""Thousands of phrases found in one pass over a text: words that stand together, and doing words near the things they are done to."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bot.core.words import keys

T = TypeVar("T")

STOPS = frozenset(".!?;|•")
"""Marks that end a sentence, or the item of a list: nothing is read across them."""

_SPACED = '"“”„«»‘*_~`#<>[]{}/\\+=…-‐‑'
"""Characters that part words and mean nothing themselves; a hyphenated word is read as its parts."""

_MARKS = ",;:!?()|•"
_REACH_ON, _REACH_BACK = 8, 5
"""Words: how far a thing may stand after what is done to it ("review all of our contracts"), or before it ("contract drafting and review")."""

_CACHED = 50_000
_KEPT_ENDINGS = frozenset(
    ["docu", "agree", "depart", "state", "instru", "equip", "comple", "supple", "imple", "ele", "apart", "invest", "adjust", "segment", "argu", "mo", "com", "gar", "mar", "cem", "ship", "treat"]
)
"""What is left of words in -ment that are no doing of something."""

_ALIKE = {"center": "centr", "judgement": "judgment", "program": "programm", "enquiry": "inquiry", "enquir": "inquir", "cheque": "check"}
_MIN = 3


def stem(word: str) -> str:
    """The folded word in one of its spellings: organise and organize, modelling and modeling, assess and assessment meet."""
    folded = keys(word)[0]
    if len(folded) > 6 and folded.endswith("tion"):
        folded = folded[:-3]
    elif len(folded) > 7 and folded.endswith("ment") and folded[:-4] not in _KEPT_ENDINGS:
        folded = folded[:-4].removesuffix("e")
    if len(folded) > 5 and folded.endswith("is"):
        folded = folded[:-1] + "z"
    if len(folded) > 4:
        folded = folded.replace("isat", "izat").replace("our", "or").removesuffix("u" if folded.endswith("logu") else "")
        folded = folded[:-1] if folded.endswith(("ll", "mm")) else folded
        folded = folded[:-1] + "s" if folded.endswith("enc") else folded
    return _ALIKE.get(folded, folded)


def tokens(text: str) -> list[str]:
    """The words and marks of a text, in order."""
    text = (
        f"{text} ".replace("\n", " . ").replace("—", " , ").replace("–", " , ").replace(" - ", " , ").replace("’", "'").replace(". ", " . ")
    )
    for mark in _MARKS:
        text = text.replace(mark, f" {mark} ")
    for mark in _SPACED:
        text = text.replace(mark, " ")
    return text.split()


def places(text: str, words: Sequence[str]) -> list[int]:
    """Where each token starts in the text; -1 for the marks that `tokens` put there itself."""
    text = text.replace("’", "'")
    found: list[int] = []
    at = 0
    for word in words:
        start = text.find(word, at) if word[0].isalnum() or len(word) > 1 else -1
        found.append(start)
        at = start + len(word) if start >= 0 else at
    return found


@dataclass(frozen=True, slots=True)
class Hit(Generic[T]):
    """A phrase found: what it was filed under, and the tokens that it takes up."""

    thing: T
    words: tuple[int, ...]
    core: tuple[int, ...]
    """The tokens that make it what it is: all of a phrase, and of a doing word and its thing the thing."""

    @property
    def first(self) -> int:
        """Its first token."""
        return self.words[0]

    @property
    def last(self) -> int:
        """Its last token."""
        return self.words[-1]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A text that was read: its tokens, where its sentences end, and the phrases in it, in no order."""

    tokens: list[str]
    stops: list[int]
    hits: list[Hit[T]]

    def sentence(self, token: int) -> int:
        """The number of the sentence that a token stands in."""
        return bisect_left(self.stops, token)


class Lexicon(Generic[T]):
    """Phrases and what they stand for. The cost of a text does not grow with the number of phrases."""

    def __init__(self) -> None:
        self._root: dict[str, Any] = {}
        self._vocabulary: set[str] = set()
        self._prefixes: set[str] = set()
        self._known: dict[bool, dict[str, tuple[str, ...]]] = {False: {}, True: {}}
        """The names of words met before, apart for writers who use no capitals."""
        self._pairs: list[T] = []

    # ------------------------------------------------------------------ filling

    def add(self, phrase: str, thing: T) -> None:
        """File a thing under a phrase: `a|b` is either word, `stem*` any ending, words in capitals match capitals only."""
        self._file(phrase, (0, thing))

    def add_pair(self, doing: Iterable[str], things: Iterable[str], thing: T) -> None:
        """File a thing under doing words that stand near the things they are done to, in either order."""
        number = len(self._pairs)
        self._pairs.append(thing)
        for phrase in doing:
            self._file(phrase, (1, number))
        for phrase in things:
            self._file(phrase, (2, number))

    def _file(self, phrase: str, entry: tuple[int, Any]) -> None:
        for steps in ways(phrase):
            node = self._root
            for step in steps:
                self._vocabulary.add(step)
                if step.endswith("*"):
                    self._prefixes.add(step[:-1])
                node = node.setdefault(step, {})
            filed = node.setdefault("", [])
            if entry not in filed:
                filed.append(entry)

    # ------------------------------------------------------------------ reading

    def read(self, text: str) -> Page[T]:
        """Every phrase in the text, at every place."""
        words = tokens(text)
        stops = [at for at, word in enumerate(words) if word in STOPS]
        page: Page[T] = Page(words, stops, [])
        doing: dict[int, list[tuple[int, ...]]] = {}
        done: list[tuple[int, tuple[int, ...]]] = []
        for span, filed in self._matches(words, text.islower()):
            for kind, thing in filed:
                if kind == 0:
                    page.hits.append(Hit(thing, span, span))
                elif kind == 1:
                    doing.setdefault(thing, []).append(span)
                else:
                    done.append((thing, span))
        for number, span in done:
            if number in doing:
                near = _nearest(span, doing[number], page)
                if near:
                    page.hits.append(Hit(self._pairs[number], (*near, *span) if near < span else (*span, *near), span))
        return page

    def _matches(self, words: Sequence[str], small: bool) -> Iterator[tuple[tuple[int, ...], list[tuple[int, Any]]]]:
        known, root = self._known[small], self._root
        if len(known) > _CACHED:
            known.clear()
        names = [known[word] if word in known else self._names(word, small) for word in words]
        size = len(names)
        for first, own in enumerate(names):
            for name in own:
                node = root.get(name)
                if node is None:
                    continue
                waiting = [(node, first + 1)]
                while waiting:
                    node, at = waiting.pop()
                    if "" in node:
                        yield tuple(range(first, at)), node[""]
                    if at < size:
                        waiting.extend((node[step], at + 1) for step in names[at] if step in node)

    def _names(self, word: str, small: bool) -> tuple[str, ...]:
        """The names of the vocabulary that a word answers to; without capitals, any longer word may be meant as an acronym."""
        lower = word.lower()
        folded = stem(word)
        names = {folded, *keys(word)[1:], *(f"{lower[:size]}*" for size in range(_MIN, len(lower) + 1) if lower[:size] in self._prefixes)}
        if small and word.isalpha() and len(word) > 2:
            names.add(word.upper())
        found = tuple(sorted(names & self._vocabulary))
        self._known[small][word] = found
        return found


def ways(phrase: str) -> Iterator[tuple[str, ...]]:
    """The name sequences that a phrase stands for: one for each choice of alternatives."""
    found: list[tuple[str, ...]] = [()]
    for part in phrase.split():
        steps = [_steps(word) for word in part.split("|")]
        found = [(*way, *step) for way in found for step in steps]
    yield from (way for way in found if way)


def _steps(word: str) -> tuple[str, ...]:
    if word.startswith("<") and word.endswith(">"):
        return (word,)
    *before, last = tokens(word.removesuffix("*"))
    names = [_name(part) for part in before]
    return (*names, last.lower() + "*" if word.endswith("*") else _name(last))


def _name(word: str) -> str:
    capitals = keys(word)[1:2] if word.isupper() and len(word) > 1 else ()
    return capitals[0] if capitals else stem(word)


def _nearest(span: tuple[int, ...], doing: Sequence[tuple[int, ...]], page: Page[Any]) -> tuple[int, ...] | None:
    """The doing words nearest to a thing, within reach and in its sentence."""
    at = bisect_left(doing, span)
    before = doing[at - 1] if at else None
    after = doing[at] if at < len(doing) else None
    if before and (before[-1] >= span[0] or span[0] - before[-1] > _REACH_ON + 1 or page.sentence(before[-1]) != page.sentence(span[0])):
        before = None
    if after and (after[0] <= span[-1] or after[0] - span[-1] > _REACH_BACK + 1 or page.sentence(after[0]) != page.sentence(span[0])):
        after = None
    if before and after:
        return before if span[0] - before[-1] <= after[0] - span[-1] + 2 else after
    return before or after
