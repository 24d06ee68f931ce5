"""What of a message is not prose: code, links, names of files, quotations, logs, signatures. Every pattern here is linear in the text."""

import re
from bisect import bisect_right
from itertools import islice

Stretches = tuple[tuple[int, int], ...]

# --------------------------------------------------------------------------- stretches of a message

_CODE = re.compile(r"```(?:[^`]|`{1,2}(?!`))*+(?:```)?|~~~(?:[^~]|~{1,2}(?!~))*+(?:~~~)?|``[^`\n]++``|`[^`\n]++`")
_TAG = re.compile(r"<[!/@#A-Za-z][^<>\n]*+>")
_QUOTED = re.compile(r"\"[^\"\n]++\"|“[^“”\n]++”|„[^„“”\n]++[“”]|«[^«»\n]++»|‘[^‘’\n]++’(?!\w)")
_SAYING = re.compile(
    r"sa(?:id|ys?|ying)|wr(?:ote|ites?|itten)|ask(?:s|ed)?|t(?:old|ells?)|repli(?:ed|es)|answer(?:s|ed)|quot(?:es?|ed|ing)|reads?|"
    r"stat(?:es?|ed)|mention(?:s|ed)|claim(?:s|ed)|call(?:s|ed)|titled|headline|goes"
)
_SPEECH_WORDS = 4
"""A quotation within prose of at least this many words is somebody else's sentence; a shorter one is a name or an emphasis."""


def code(text: str) -> Stretches:
    """The stretches of code and of tags, in order, not overlapping."""
    found: list[tuple[int, int]] = []
    if "`" in text or "~~~" in text:
        found.extend(match.span() for match in _CODE.finditer(text))
    if "<" in text:
        found.extend(match.span() for match in _TAG.finditer(text))
    return _merged(found)


def _merged(found: list[tuple[int, int]]) -> Stretches:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def quotations(text: str) -> Stretches:
    """The stretches in quotation marks, in order."""
    return tuple(match.span() for match in _QUOTED.finditer(text)) if '"' in text or not text.isascii() else ()


def around(stretches: Stretches, at: int) -> tuple[int, int] | None:
    """The stretch that holds a place."""
    place = bisect_right(stretches, (at + 1, 0)) - 1
    return stretches[place] if place >= 0 and at < stretches[place][1] else None


def speech(text: str, start: int, end: int) -> bool:
    """Whether a quoted stretch is what somebody said, rather than a label, a name or a value."""
    before = text[max(0, start - 40) : start].rstrip()
    after = text[end : end + 40].lstrip()
    if not before and not after.strip(".!?"):
        return True
    last_word = before[before.rfind(" ") + 1 :].strip("(*_,:")
    if _SAYING.fullmatch(last_word.lower()):
        return True
    amid_prose = (before[-1:].isalpha() and text[start - 1] == " ") or (after[:1].isalpha() and text[end] == " ")
    return amid_prose and text.count(" ", start, end) + 1 >= _SPEECH_WORDS


# --------------------------------------------------------------------------- lines

_DEAD_START = re.compile(
    # a diff
    r"diff --git |index [0-9a-f]{6,}|@@ -|\+\+\+ |--- [ab/]|[+\-] {2,}\S|[+\-](?=[^\s\w])|[+\-]\w+[(=;]|"
    # a log
    r"\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\[?\d\d:\d\d:\d\d[.,\]\s]|[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d|"
    r"\[?(?:ERROR|WARN|WARNING|INFO|DEBUG|TRACE|FATAL)\b|Traceback \(|\s{1,8}at \S{1,200}\(|\d{1,3}(?:\.\d{1,3}){3} - |"
    # the head of a mail
    r"(?:From|To|Cc|Bcc|Date|Sent|Reply-To|Message-ID): |"
    # code
    r"\s{0,40}(?://|/\*|\*/|#include|#define|import \w|from \w{1,40}(?:\.\w{1,40}){0,9} import|"
    r"def \w{1,80}\(|class \w{1,80}[(:]|return [^.]{0,80};|"
    r"(?:const|let|var|int|auto|static|public|private|using|namespace|package|func|fn|type|struct|enum|elif|if \(|for \(|while \() )|"
    r"\$ [a-z]|>>> |>|&gt;"
)
_CODE_ENDS = (";", "{", "}", "=>", "->", "(")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_SHOUTED_WORDS = 4


def dead_line(line: str) -> bool:
    """Whether a line is no prose: quoted, a diff, a log, code, a mail header, a row of a table, or shouted."""
    if _DEAD_START.match(line):
        return True
    bare = line.strip()
    return bare.endswith(_CODE_ENDS) or (bare[:1] == bare[-1:] == "|" and bare.count("|") > 2) or shouted(bare)


def shouted(line: str) -> bool:
    """Whether a whole line is written in capitals, so that an acronym does not stand out."""
    return line.isupper() and len(list(islice(_LETTERS.finditer(line), _SHOUTED_WORDS))) == _SHOUTED_WORDS


# --------------------------------------------------------------------------- the end of a message

_CLOSING = re.compile(
    r"--|(?:(?:best|kind|warm|many) {1,2})?(?:regards|thanks|wishes)|cheers|sincerely|yours {1,2}\w{1,20}|sent from my .{1,30}",
    re.IGNORECASE,
)
_SIGNATURE_LINES = 8
_CLOSING_LENGTH = 45


def signature(text: str) -> int:
    """Where the writer's signature starts; the text's length where there is none."""
    at = len(text)
    for _ in range(_SIGNATURE_LINES):
        begin = text.rfind("\n", 0, at) + 1
        if begin == 0:
            break
        if at < len(text) and at - begin < _CLOSING_LENGTH and _CLOSING.fullmatch(text[begin:at].strip(" ,.!")):
            return begin
        at = begin - 1
    return len(text)


# --------------------------------------------------------------------------- stretches without spaces

_FILE = re.compile(r"[\w.-]+\.[A-Za-z][A-Za-z0-9]{1,4}")
_PATH_START = re.compile(r"(?:[~.]{0,2}[/\\]|[A-Za-z]:[/\\])\w")
_CODE_MARKS = re.compile(r"::|->|\(\)|==|=[^\W\d]|\w[\[{<]\w")


def dead_chunk(chunk: str) -> bool:
    """Whether a stretch without spaces is a link, an address, a mention, a channel, a path, a file or an identifier."""
    bare = chunk.strip("()[]{},;:!?*\"'“”‘’.")
    if bare.isalpha():
        return chunk[:1] == "."
    if "://" in bare or "@" in bare or bare.startswith(("#", "www.", "--", "$")) or "_" in bare.strip("_"):
        return True
    if "/" in bare or "\\" in bare:
        return _path(bare)
    return _CODE_MARKS.search(bare) is not None or (_FILE.fullmatch(bare) is not None and not bare.replace(".", "").isupper())


def _path(bare: str) -> bool:
    """Whether slashes make it a path ("docs/RPO/plan.md") rather than alternatives ("RPO/RTO", "recruiters/RPO")."""
    if _PATH_START.match(bare) or bare.endswith(("/", "\\")):
        return True
    pieces = bare.replace("\\", "/").split("/")
    return any("." in piece or "-" in piece for piece in pieces) or (len(pieces) > 2 and any(piece.islower() for piece in pieces))
