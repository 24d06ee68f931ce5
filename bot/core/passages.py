"""The paragraphs of a plain text or Markdown draft as passages of prose, each character where it stood."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.core import masks

_LONGEST = 4_000
"""Characters; a longer paragraph is read in pieces."""

_WRAPPED = 200
"""Characters; a longer line is a paragraph of its own, a shorter one may go on in the next."""

_FRONT_MATTER = re.compile(r"---[ \t]*\n(?:(?!---)[^\n]*\n)*+---[ \t]*(?:\n|\Z)")
_COMMENT = re.compile(r"<!--(?:[^-]|-(?!->))*+(?:-->)?")
_INDENTED = re.compile(r" {4}|\t")
_MARKER = re.compile(r"\s*(?:#{1,6} |[-*+•–] |\d{1,3}[.)] |[A-Za-z][.)] |;|>|[A-Z][\w-]{1,20}: )")
"""What begins a paragraph of its own: a heading, an item, a row of a table, a quotation, a labelled line ("Subject: ")."""

_HEADING = re.compile(r"\s*#{1,6} ")
_TABLE_RULE = re.compile(r"[\s|:+-]+")
_NOT_LINE_END = re.compile(r"[^\n]")


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph as one line, as long as it is in the draft, where it starts at this place."""

    text: str
    start: int


def passages(text: str, markdown: bool = False) -> tuple[Passage, ...]:
    """The passages of prose in a draft, in order; code, quotations, tags, comments and the signature are left out."""
    page = _without_asides(text, markdown)
    return tuple(piece for block in _blocks(page, markdown) for piece in _pieces(block))


# --------------------------------------------------------------------------- what is no prose


def _without_asides(text: str, markdown: bool) -> str:
    """The text with spaces in place of what is no prose, so that every place stays where it is."""
    if markdown:
        front = _FRONT_MATTER.match(text)
        if front:
            text = _blank(front.group()) + text[front.end() :]
        if "<!--" in text:
            text = _COMMENT.sub(lambda comment: _blank(comment.group()), text)
    kept: list[str] = []
    end = 0
    for start, stop in masks.code(text):
        kept += text[end:start], _blank(text[start:stop])
        end = stop
    return "".join((*kept, text[end:]))[: masks.signature(text)]


def _blank(text: str) -> str:
    return _NOT_LINE_END.sub(" ", text)


# --------------------------------------------------------------------------- paragraphs


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    start: int


def _blocks(page: str, markdown: bool) -> Iterator[Passage]:
    """The lines of prose, those of one paragraph joined."""
    block: list[_Line] = []
    for line in _prose(page, markdown):
        if block and (line is None or not _goes_on(block[-1].text, line.text)):
            yield _joined(block)
            block = []
        if line is not None:
            block.append(line)
    if block:
        yield _joined(block)


def _joined(block: list[_Line]) -> Passage:
    return Passage(" ".join(line.text for line in block), block[0].start)


def _goes_on(before: str, line: str) -> bool:
    """Whether a paragraph goes on in the next line."""
    return max(len(before), len(line)) <= _WRAPPED and not _MARKER.match(line) and not _HEADING.match(before)


def _prose(page: str, markdown: bool) -> Iterator[_Line | None]:
    """The lines that are prose, with None wherever a paragraph ends; in a paragraph only its first line can look like code."""
    start, before = 0, ""
    in_code = in_list = False
    for text in page.split("\n"):
        line = _row(text)
        wrapped = bool(before) and _goes_on(before, line)
        in_code = markdown and _INDENTED.match(line) is not None and not wrapped and not in_list and (in_code or not before)
        if not line.strip() or in_code or (not wrapped and masks.dead_line(line)):
            yield None
            before = ""
        else:
            yield _Line(line, start)
            before = line
            in_list = bool(_MARKER.match(line)) or (in_list and line[0].isspace())
        start += len(text) + 1


def _row(line: str) -> str:
    """A row of a table with a pause before each cell; any other line as it is."""
    bare = line.strip()
    if bare[:1] == bare[-1:] == "|" and bare.count("|") > 1:
        return _blank(line) if _TABLE_RULE.fullmatch(bare) else line.rstrip(" \t|").replace("|", ";").ljust(len(line))
    return line


def _pieces(block: Passage) -> Iterator[Passage]:
    """A paragraph in pieces that are not too long, cut after a sentence where there is one, else between words."""
    text, start = block.text, 0
    while len(text) - start > _LONGEST:
        end = start + _LONGEST
        cut = max(text.rfind(". ", start, end) + 1, 0) or text.rfind(" ", start, end)
        cut = cut if cut > start else end
        yield Passage(text[start:cut], block.start + start)
        start = cut
    yield Passage(text[start:], block.start + start)
