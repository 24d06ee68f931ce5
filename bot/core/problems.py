"""How the checks of rules say what is wrong, and where."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

Path = tuple[str | int, ...]
"""Keys and positions that lead to a place in a file."""

KEY = "[key]"
"""As the last step of a path: the key before it rather than its value."""

Found = Iterator[tuple[Path, str]]
"""Problems of one file: where, and a sentence."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in one place of one file (named as within `rules/`)."""

    file: str
    path: Path
    message: str


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.6)), None)


def listed(words: Iterable[object]) -> str:
    """`a`, `b`, `c`."""
    return ", ".join(f"`{word}`" for word in words)


def unknown(what: str, word: str, known: Iterable[str]) -> str:
    """The sentence about a word that names nothing, with the word that was probably meant, or all there are."""
    known = list(known)
    guess = nearest(word, known)
    return f"unknown {what} `{word}`, " + (f"did you mean `{guess}`?" if guess else f"expected one of {listed(known)}")


def repeated(values: Iterable[tuple[Path, str]], what: str) -> Found:
    """A problem for each value that stood before."""
    seen: set[str] = set()
    for path, value in values:
        if value.casefold() in seen:
            yield path, f"a second {what} `{value}`, expected each once"
        seen.add(value.casefold())
