"""A draft (a text, a Markdown or a Word file, or standard input) -> its passages, and where in the file they stand."""

import io
import sys
import zipfile
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from bot.core.passages import Passage, passages

LARGEST_TEXT = 2_000_000
"""Bytes of a text, characters of a Word file: more than any draft has."""

LARGEST_WORD = 20_000_000
"""Bytes of a Word file, pictures included."""

LARGEST_UNPACKED = 60_000_000
"""Bytes of a Word file's parts, unpacked."""

STANDARD_INPUT = "-"
_TEXT = {"", ".txt", ".text"}
_MARKDOWN = {".md", ".markdown"}
_WORD = ".docx"
_WORD_START = b"PK\x03\x04"


class Unreadable(Exception):
    """A draft cannot be read: one sentence with the remedy."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table, all counted from 1."""

    table: int
    row: int
    cell: int


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a file, counted from 1: the line (in a Word file the paragraph, those in tables included) and the character in it."""

    line: int
    column: int
    cell: Cell | None = None


class Draft(Protocol):
    """What there is to check in a file."""

    @property
    def passages(self) -> tuple[str, ...]:
        """The paragraphs, in order."""
        ...

    @property
    def in_paragraphs(self) -> bool:
        """Whether positions count paragraphs rather than lines."""
        ...

    def position(self, passage: int, at: int) -> Position:
        """Where a character of a passage stands in the file."""
        ...


def read(path: str) -> Draft:
    """The draft in a file, or on standard input (`-`); raises Unreadable."""
    suffix = "" if path == STANDARD_INPUT else Path(path).suffix.lower()
    if suffix not in {*_TEXT, *_MARKDOWN, _WORD}:
        raise Unreadable(f"{path} cannot be read: save it as .txt, .md or .docx.")
    data = _bytes(path)
    if suffix == _WORD or (path == STANDARD_INPUT and data.startswith(_WORD_START)):
        return _word(path, data)
    if len(data) > LARGEST_TEXT:
        raise Unreadable(f"{path} is larger than {LARGEST_TEXT:,} bytes: check it in parts.")
    return _Text(_decoded(path, data), suffix in _MARKDOWN)


def _bytes(path: str) -> bytes:
    """The file's bytes, one more than the largest at most."""
    try:
        if path == STANDARD_INPUT:
            if sys.stdin is None:
                raise Unreadable("Standard input is closed: name a file.")
            return _limited(path, sys.stdin.buffer)
        with Path(path).open("rb") as file:
            return _limited(path, file)
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or str(error)).lower()
        raise Unreadable(f"{path} cannot be read ({why}): name a .txt, .md or .docx file.") from None


def _limited(path: str, file: BinaryIO) -> bytes:
    data = file.read(LARGEST_WORD + 1)
    if len(data) > LARGEST_WORD:
        raise Unreadable(f"{path} is larger than {LARGEST_WORD:,} bytes: check it in parts.")
    return data


# --------------------------------------------------------------------------- text


def _decoded(path: str, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable(f"{path} is not UTF-8: save it as UTF-8.") from None
    if "\0" in text:
        raise Unreadable(f"{path} is no text: save it as .txt, .md or .docx.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


class _Text:
    """A plain text or Markdown draft."""

    in_paragraphs = False

    def __init__(self, text: str, markdown: bool) -> None:
        self._found: tuple[Passage, ...] = passages(text, markdown)
        self._lines = [0, *(at + 1 for at, letter in enumerate(text) if letter == "\n")]
        self.passages = tuple(passage.text for passage in self._found)

    def position(self, passage: int, at: int) -> Position:
        place = self._found[passage].start + at
        line = bisect_right(self._lines, place)
        return Position(line, place - self._lines[line - 1] + 1)


# --------------------------------------------------------------------------- Word


@dataclass(frozen=True, slots=True)
class _Word:
    """A Word draft: what stands in its body, in order."""

    passages: tuple[str, ...]
    cells: tuple[Cell | None, ...]
    in_paragraphs: bool = True

    def position(self, passage: int, at: int) -> Position:
        return Position(passage + 1, at + 1, self.cells[passage])


def _word(path: str, data: bytes) -> _Word:
    try:
        import docx  # noqa: PLC0415 - an extra that only Word files need
    except ImportError:
        raise Unreadable(f"{path} needs python-docx to be read: pip install python-docx, or save the draft as .txt.") from None
    no_word = f"{path} is no Word document that can be read (.docx, not protected): save it anew, or as .txt."
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            size = sum(part.file_size for part in parts.infolist())
        body = docx.Document(io.BytesIO(data)).element.body if size <= LARGEST_UNPACKED else None
    except Exception:  # a damaged file makes zipfile, lxml and python-docx fail in a dozen ways, and all mean the same
        raise Unreadable(no_word) from None
    if body is None:
        raise Unreadable(f"{path} unpacks to more than {LARGEST_UNPACKED:,} bytes: save it as .txt.")
    found = tuple(_Walk().paragraphs(body))
    if sum(len(text) for text, _ in found) > LARGEST_TEXT:
        raise Unreadable(f"{path} holds more than {LARGEST_TEXT:,} characters: check it in parts.")
    return _Word(tuple(text for text, _ in found), tuple(cell for _, cell in found))


_LEFT_OUT = {"del", "moveFrom", "Fallback", "pPr", "rPr", "tblPr", "sectPr", "sdtPr", "instrText", "delText", "p", "tbl"}
"""What is no text of a paragraph: deletions, copies for old programs, settings, and the paragraphs of a text box in it."""

_LETTERS = {"tab": "\t", "br": " ", "cr": " ", "noBreakHyphen": "-", "softHyphen": ""}


class _Walk:
    """A walk through a document's body that counts tables, rows and cells as a reader would."""

    def __init__(self) -> None:
        self._tables = 0

    def paragraphs(self, element: Any, cell: Cell | None = None) -> Iterator[tuple[str, Cell | None]]:
        """The paragraphs within an element, and the cell of the innermost table that they stand in."""
        for child in element:
            kind = _kind(child)
            if kind == "p":
                yield "" if _listed_contents(child) else "".join(_letters(child)), cell
                yield from self.paragraphs(child, cell)
            elif kind == "tbl":
                yield from self._table(child)
            elif kind not in ("del", "moveFrom", "Fallback"):
                yield from self.paragraphs(child, cell)

    def _table(self, table: Any) -> Iterator[tuple[str, Cell | None]]:
        self._tables += 1
        number = self._tables
        for row, cells in enumerate(_inner(table, "tr"), 1):
            for place, content in enumerate(_inner(cells, "tc"), 1):
                yield from self.paragraphs(content, Cell(number, row, place))


def _inner(element: Any, wanted: str) -> Iterator[Any]:
    """The rows of a table or the cells of a row, also where they stand in a wrapper, and not those of a table within."""
    for child in element:
        if _kind(child) == wanted:
            yield child
        elif _kind(child) not in ("tr", "tc", "del"):
            yield from _inner(child, wanted)


def _letters(element: Any) -> Iterator[str]:
    for child in element:
        kind = _kind(child)
        if kind == "t":
            yield (child.text or "").replace("\n", " ")
        elif kind in _LETTERS:
            yield _LETTERS[kind]
        elif kind not in _LEFT_OUT:
            yield from _letters(child)


def _listed_contents(paragraph: Any) -> bool:
    """Whether a paragraph belongs to the table of contents, which only repeats headings."""
    style = getattr(paragraph, "style", None)
    return isinstance(style, str) and style.upper().startswith("TOC")


def _kind(element: Any) -> str:
    """The element's name without its namespace; empty for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
