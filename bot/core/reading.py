"""Finding acronyms in plain text: whole words that a person wrote as prose, and the long forms that stand beside them."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.core import masks
from bot.core.definitions import definition
from bot.core.terms import Term
from bot.core.words import Phrases, split

_RUN = re.compile(r"[A-Z](?:[.&]?[A-Z0-9])+")
"""Letters that could be an acronym: the first, cheap stage of every scan."""

_TAIL = re.compile(r"['’]s(?!\w)|s['’]?(?!\w)|(?!\w)")
"""What may follow the letters: plural, possessive, or the end of the word."""

_ARTICLE = re.compile(r"(?:^|[\s(])(?:an?|the|our|their|your|my|this|that|any|another|some|good|new|via|through|to) $", re.IGNORECASE)
_MOST = 50
"""More mentions than this in one message are no conversation; the rest is not read."""


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
        self._names = {name: term.term for term in terms for name in (term.term, *term.variants)}
        self._runs: dict[str, tuple[str, ...]] = {}
        for name in sorted(self._names, key=len, reverse=True):
            run = _RUN.search(name)
            if run:
                self._runs[run.group()] = (*self._runs.get(run.group(), ()), name)
        self._dotted = {".".join(name): name for name in self._names if name.isalpha() and name.isupper()}
        self._small = {term.term.lower(): term.term for term in terms if term.lowercase}
        self._known = frozenset(self._runs) | frozenset(self._dotted)
        self._long_forms: Phrases[tuple[str, str]] = Phrases()
        for term in terms:
            for sense in term.senses:
                for name in (sense.name, *sense.also):
                    self._long_forms.add(name, (term.term, sense.id))

    def might_matter(self, text: str) -> bool:
        """Whether a closer look at the text is worth it: the letters of a term stand in it, in whatever place."""
        if not self._known.isdisjoint(_RUN.findall(text)):
            return True
        return any(small in text for small in self._small)

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """The terms that a person wrote as words of prose, in order."""
        if not self.might_matter(text):
            return ()
        found: list[Mention] = []
        page = _Page(text)
        for start, end, name in self._candidates(text):
            if page.prose(start, end):
                term = self._names[name]
                found.append(Mention(term, start, end, text[start:end], definition(text, start, end, term)))
                if len(found) == _MOST:
                    break
        return tuple(found)

    def spelled_out(self, text: str) -> frozenset[tuple[str, str]]:
        """The (term, sense) pairs whose long form stands in the text."""
        return frozenset(pair for match in self._long_forms.find(split(text)) for pair in match.found)

    # ------------------------------------------------------------------ candidates

    def _candidates(self, text: str) -> list[tuple[int, int, str]]:
        """Every place where the letters of a term stand as a whole word: start, end with plural or possessive, name."""
        found = [hit for match in _RUN.finditer(text) for hit in self._at(text, match.start(), match.group())]
        for small, term in self._small.items():
            at = text.find(small)
            while at >= 0:
                end = _word_end(text, at, at + len(small))
                if end and _ARTICLE.search(text[max(0, at - 12) : at]):
                    found.append((at, end, term))
                at = text.find(small, at + len(small))
        return sorted(set(found))

    def _at(self, text: str, start: int, run: str) -> list[tuple[int, int, str]]:
        if run in self._dotted:
            end = start + len(run)
            end += text[end : end + 1] == "."
            return [(start, end, self._dotted[run])] if _open(text, start) else []
        for name in self._runs.get(run, ()):
            begin = start - name.find(run)
            end = _word_end(text, begin, begin + len(name)) if begin >= 0 and text.startswith(name, begin) else 0
            if end:
                return [(begin, end, name)]
        return []


def _word_end(text: str, start: int, end: int) -> int:
    """Where the whole word ends, with plural or possessive; 0 where the letters are part of something else."""
    tail = _TAIL.match(text, end)
    if tail is None or not _open(text, start):
        return 0
    after, then = text[tail.end() : tail.end() + 1], text[tail.end() + 1 : tail.end() + 2]
    joined = (after in (".", "'", "’", ":", "&") and then.isalnum()) or (after == "-" and then.isdigit()) or after + then == "()"
    return 0 if joined else tail.end()


def _open(text: str, start: int) -> bool:
    """Whether a word may start here."""
    before, earlier = text[start - 1 : start] if start else "", text[start - 2 : start - 1] if start > 1 else ""
    return not (before.isalnum() or before == "_" or (before in (".", "&", "'", "’", "#") and earlier.isalnum()))


class _Page:
    """A message as a page: what of it is prose, judged where a term stands, each line and each stretch without spaces once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._spans = masks.spans(text)
        self._signature = masks.signature(text)
        self._line = self._chunk = (-1, -1, False)

    def prose(self, start: int, end: int) -> bool:
        """Whether the stretch is prose; to be asked from left to right."""
        if start >= self._signature or masks.within(self._spans, start):
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
