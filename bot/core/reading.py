"""Finding acronyms in plain text: whole words that a person wrote as prose, and the long forms that stand beside them."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from bot.core import masks
from bot.core.definitions import definition
from bot.core.terms import Term
from bot.core.words import Phrases, spellings, split

_RUN = re.compile(r"[A-Z][A-Z0-9.&]+")
"""Letters that could be an acronym: the first, cheap stage of every scan."""

_TAIL = re.compile(r"['’]s(?![^\W_])|s['’]?(?![^\W_])|(?![^\W_])")
"""What may follow the letters: possessive, plural, or the end of the word."""

_ARTICLE = re.compile(r"(?:^|[\s(])(?:an?|the|our|their|your|my|this|that|any|another|some|good|new|via|through|to) $", re.IGNORECASE)
"""What stands before small letters that are meant as an acronym."""

_LONGEST_ARTICLE = 12
_SIGN = re.compile(r"[bcfgjkmpquvxz][a-z]{3}")
"""The first rare letter of a word, and the three after it: few words of a message have one, and nearly all long forms."""

_ANY_SIGN = re.compile(r"[a-z]{4}")
"""The sign where some long form has no rare letter: how a word begins."""

_BETWEEN = re.compile(r"[\W\d_]+")

_MOST_MENTIONS = 50
"""More mentions than this in one message are no conversation; the rest is not read."""

_MOST_LOOKED_AT = 500
"""Nor is a message that holds the letters more often than this, wherever they stand in it."""


_LONGEST_READ = 15_000
"""Characters of a message in which long forms are looked for."""


@dataclass(frozen=True, slots=True)
class Mention:
    """An acronym somebody wrote. `definition` is the long form that the text itself gives for it."""

    term: str
    start: int
    end: int
    written: str
    definition: str | None = None


class Reader:
    """Finds the terms of the rules in texts; built once, its cost does not grow with the number of terms."""

    def __init__(self, terms: tuple[Term, ...]) -> None:
        self._terms = {name: term.term for term in terms for name in (term.term, *term.variants)}
        self._letters = _Letters(terms)
        self._long_forms = LongForms(terms)
        spoken = [term for term in terms if term.tier != "never"]
        self._spoken_letters = _Letters(spoken)
        self._spoken_long_forms = LongForms(spoken)

    def might_matter(self, text: str) -> bool:
        """Whether a closer look at the text is worth it: the letters of a term stand in it, in whatever place."""
        return self._letters.stand_in(text)

    def might_speak(self, text: str) -> bool:
        """Whether the letters of a term stand in the text that we may speak of unasked, or a long form that settles what they mean."""
        return self._spoken_letters.stand_in(text) or bool(self._spoken_long_forms.find(text))

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """The terms that a person wrote as words of prose, in order."""
        if not self.might_matter(text):
            return ()
        found = self._prose(text, self._letters.capitals(text))
        if any(mention.term in self._letters.small_terms for mention in found):
            return found  # who writes these in capitals means something else by small letters
        return tuple(sorted((*found, *self._prose(text, self._letters.small(text))), key=lambda mention: mention.start))

    def spelled_out(self, text: str) -> frozenset[tuple[str, str]]:
        """The (term, sense) pairs whose long form stands in the text."""
        return self._long_forms.find(text)

    def _prose(self, text: str, places: Iterator[tuple[int, int, str]]) -> tuple[Mention, ...]:
        """The candidates (start, end, name) that stand in prose."""
        page = _Page(text)
        found: list[Mention] = []
        for start, end, name in islice(places, _MOST_LOOKED_AT):
            if page.prose(start, end):
                found.append(Mention(self._terms[name], start, end, text[start:end], definition(text, start, end, name)))
                if len(found) == _MOST_MENTIONS:
                    break
        return tuple(found)


class _Letters:
    """The letters of terms, looked for in texts: first at a glance, then each place where they stand as a word."""

    def __init__(self, terms: Sequence[Term]) -> None:
        names = {name for term in terms for name in (term.term, *term.variants)}
        self._by_run: dict[str, tuple[str, ...]] = {}
        for name in sorted(names, key=lambda name: (-len(name), name)):
            run = _RUN.search(name)
            if run:
                self._by_run[run.group()] = (*self._by_run.get(run.group(), ()), name)
        self._dotted = {".".join(name): name for name in names if name.isalpha() and name.isupper()}
        whole = (*(run for run, names in self._by_run.items() if run in names), *self._dotted)
        self._known = frozenset(run + end for run in whole for end in ("", ".", "..."))
        self._longer = {run: names for run, names in self._by_run.items() if run not in names}
        self.small_terms = frozenset(term.term for term in terms if term.lowercase)
        small = "|".join(map(re.escape, sorted(self.small_terms))).lower()
        self._small = re.compile(f" ({small})") if small else None

    def stand_in(self, text: str) -> bool:
        """Whether the letters of a term stand in the text, in whatever place."""
        runs = _RUN.findall(text)
        if runs and (
            not self._known.isdisjoint(runs) or any(name in text for run in self._longer.keys() & runs for name in self._longer[run])
        ):
            return True
        return self._small is not None and self._small.search(text) is not None

    def capitals(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where a term stands as a whole word: start, end with plural or possessive, name."""
        done = 0
        for match in _RUN.finditer(text):
            run, start = match.group().rstrip(".&"), match.start()
            if start < done:
                continue
            if run in self._dotted:
                end = start + len(run)
                yield start, end + (text[end : end + 1] == "."), self._dotted[run]
            for name in self._by_run.get(run, ()):
                begin = start - name.find(run)
                end = _word_end(text, begin, begin + len(name)) if begin >= 0 and text.startswith(name, begin) else 0
                if end:
                    yield begin, end, name
                    done = end
                    break

    def small(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where a term stands in small letters after an article."""
        if self._small is None:
            return
        for match in islice(self._small.finditer(text), _MOST_LOOKED_AT):
            start = match.start(1)
            end = _word_end(text, start, match.end())
            if end and _ARTICLE.search(text[max(0, start - _LONGEST_ARTICLE) : start]):
                yield start, end, match.group(1).upper()


Stems = tuple[str, ...]
"""What the words of a long form begin with."""


class LongForms:
    """Finds long forms in texts; most texts have none, which a first look tells.

    The look never misses one, whatever the case and the endings of its words: what `fold` makes of a word is how the word begins (but for
    a `y`), so the stems of a long form stand in the text, and with them the sign of one.
    """

    def __init__(self, terms: Sequence[Term]) -> None:
        self._phrases: Phrases[tuple[str, str]] = Phrases()
        forms: set[Stems] = set()
        for term in terms:
            for sense in term.senses:
                for name in (sense.name, *sense.also):
                    self._phrases.add(name, (term.term, sense.id))
                    forms.update(tuple(filter(None, map(_stem, way))) for way in spellings(name))
        self._sign = _SIGN if all(any(map(_SIGN.search, stems)) for stems in forms) else _ANY_SIGN
        self._by_sign: dict[str, list[tuple[frozenset[str], Stems]]] = {}
        self._unsigned: list[tuple[frozenset[str], Stems]] = []
        for stems in forms:
            signs = [sign.group() for sign in map(self._sign.search, stems) if sign]
            (self._by_sign.setdefault(signs[-1], []) if signs else self._unsigned).append((frozenset(signs), stems))
        self._signs = frozenset(self._by_sign)

    def find(self, text: str) -> frozenset[tuple[str, str]]:
        """The (term, sense) pairs whose long form stands in the text."""
        if not self._possible(text[:_LONGEST_READ].lower()):
            return frozenset()
        return frozenset(pair for match in self._phrases.find(split(text, end=_LONGEST_READ)) for pair in match.found)

    def _possible(self, lower: str) -> bool:
        """Whether the stems of some long form stand in the text, in whatever order."""
        if "'" in lower or "’" in lower:
            lower = lower.replace("’", "'").replace("''", " ").replace("'", "")  # two of them are no part of a word
        found = self._sign.findall(lower)
        if self._signs.isdisjoint(found) and not self._unsigned:
            return False
        every = set(found)
        forms = chain(self._unsigned, *(self._by_sign[sign] for sign in self._signs & every))
        likely = [stems for signs, stems in forms if signs <= every and all(map(lower.__contains__, stems))]
        if not likely:
            return False
        words = " " + _BETWEEN.sub(" ", lower)
        return any(all(f" {stem}" in words for stem in stems) for stems in likely)


def _stem(key: str) -> str:
    """The letters with which every word of this key begins; none where capitals or a kind of word are asked for."""
    return key.removesuffix("*").removesuffix("y") if key.islower() and key.isascii() and key.removesuffix("*").isalpha() else ""


def _word_end(text: str, start: int, end: int) -> int:
    """Where the whole word ends, with plural or possessive; 0 where the letters are part of something else."""
    tail = _TAIL.match(text, end)
    if tail is None or not _word_start(text, start):
        return 0
    after, then = text[tail.end() : tail.end() + 1], text[tail.end() + 1 : tail.end() + 2]
    joined = (after in (".", "'", "’", ":", "&", "_") and then.isalnum()) or (after == "-" and then.isdigit()) or after + then == "()"
    return 0 if joined else tail.end()


def _word_start(text: str, start: int) -> bool:
    """Whether a word may start here."""
    before, earlier = text[start - 1 : start] if start else "", text[start - 2 : start - 1] if start > 1 else ""
    return not (before.isalnum() or (before in (".", "&", "'", "’", "#", "_", "\u200b", "\u200c", "\u200d") and earlier.isalnum()))


class _Page:
    """A message as a page: what of it is prose, judged where a term stands, each line and each stretch without spaces once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._code = masks.code(text)
        self._quotations = masks.quotations(text)
        self._signature = masks.signature(text)
        self._line = self._chunk = (-1, -1, False)

    def prose(self, start: int, end: int) -> bool:
        """Whether the stretch is prose; to be asked from left to right."""
        if start >= self._signature or masks.around(self._code, start):
            return False
        quotation = masks.around(self._quotations, start)
        if quotation and masks.speech(self._text, *quotation):
            return False
        if start >= self._line[1]:
            self._line = self._judged(start, end, "\n", masks.dead_line)
        if start >= self._chunk[1]:
            self._chunk = self._judged(start, end, " \n\t\u00a0", masks.dead_chunk)
        return not self._line[2] and not self._chunk[2]

    def _judged(self, start: int, end: int, bounds: str, dead: Callable[[str], bool]) -> tuple[int, int, bool]:
        text = self._text
        first = max(text.rfind(bound, 0, start) for bound in bounds) + 1
        last = min((at for bound in bounds if (at := text.find(bound, end)) >= 0), default=len(text))
        return first, last, dead(text[first:last])
