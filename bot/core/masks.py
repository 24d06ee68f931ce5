"""What of a message is not prose: code, links, names of files, quotations, logs, signatures. Every pattern here is linear in the text."""

import re
from bisect import bisect_right

_CODE = re.compile(r"```(?:[^`]|`{1,2}(?!`))*+(?:```)?|~~~(?:[^~]|~{1,2}(?!~))*+(?:~~~)?|``[^`\n]++``|`[^`\n]++`")
_TAG = re.compile(r"<[!/@#A-Za-z][^<>\n]*+>")
_QUOTED = re.compile(r"\"[^\"\n]++\"|“[^“”\n]++”|„[^„“”\n]++[“”]|«[^«»\n]++»|‘[^‘’\n]++’(?!\w)")
_SAYING = frozenset(
    "said says say saying wrote writes write written asked asks ask told tells replied answered quote quoted quoting reads read states stated "
    "mentioned claims claimed called titled headline goes".split()
)
_SPEECH_WORDS = 4
"""A quotation in prose of at least this many words is somebody else's sentence; a shorter one is a name or an emphasis."""

_DIFF = re.compile(r"(?:diff --git |index [0-9a-f]{6,}|@@ -|\+\+\+ |--- [ab/]|[+\-] {2,}\S|[+\-](?=[^\s\w]|\w+[(=;]))")
_LOG = re.compile(
    r"\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\[?\d\d:\d\d:\d\d[.,\]\s]|[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d|"
    r"\[?(?:ERROR|WARN|WARNING|INFO|DEBUG|TRACE|FATAL)\b|Traceback \(|\s+at \S+\(|\d{1,3}(?:\.\d{1,3}){3} - "
)
_CODE_LINE = re.compile(
    r"\s*(?://|/\*|\*/|#include|#define|import \w|from \w+(?:\.\w+)* import|def \w+\(|class \w+[(:]|return\b.{0,80};|"
    r"(?:const|let|var|int|auto|static|public|private|using|namespace|package|func|fn|type|struct|enum|elif|if \(|for \(|while \() )|\$ [a-z]|>>> "
)
_CODE_ENDS = (";", "{", "}", "};", "});", ");", "=>", "->", "(", "):")
_MAIL_HEADER = re.compile(r"(?:From|To|Cc|Bcc|Date|Sent|Reply-To|Message-ID): ")
_CLOSING = re.compile(
    r"(?:--\s?|(?:(?:best|kind|warm|many)\s+)?(?:regards|thanks|wishes)|cheers|sincerely|yours\s+\w+|sent from my \w+.{0,20})[,.!]?\s*",
    re.IGNORECASE,
)
_SIGNATURE_LINES = 8

_FILE = re.compile(r"[\w.-]+\.[A-Za-z][A-Za-z0-9]{1,4}")
_PATH_START = re.compile(r"(?:[~.]{0,2}[/\\]|[A-Za-z]:[/\\]|\$)\w")
_LETTERS = re.compile(r"[^\W\d_]{2,}")


def spans(text: str) -> tuple[tuple[int, int], ...]:
    """The stretches of code, tags and quotations, in order, not overlapping."""
    found: list[tuple[int, int]] = []
    if "`" in text or "~~~" in text:
        found.extend(match.span() for match in _CODE.finditer(text))
    if "<" in text:
        found.extend(match.span() for match in _TAG.finditer(text))
    if any(mark in text for mark in '"“„«‘'):
        found.extend(match.span() for match in _QUOTED.finditer(text) if _speech(text, *match.span()))
    return _merged(found)


def _merged(found: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def within(stretches: tuple[tuple[int, int], ...], at: int) -> bool:
    """Whether a place lies in one of the stretches."""
    place = bisect_right(stretches, at, key=lambda stretch: stretch[0]) - 1
    return place >= 0 and stretches[place][0] <= at < stretches[place][1]


def _speech(text: str, start: int, end: int) -> bool:
    """Whether a quoted stretch is what somebody said, rather than a label, a name or a value."""
    before = text[max(0, start - 40) : start].rstrip(" ,:\n")
    after = text[end : end + 40].lstrip()
    if not before.strip() and not after.strip(".!?"):
        return True
    words = before.split()
    if words and words[-1].strip("(*_").lower() in _SAYING:
        return True
    inner = len(text[start:end].split())
    prose_before = start > 0 and text[start - 1] == " " and bool(words) and words[-1][-1].isalpha()
    prose_after = text[end : end + 1] == " " and after[:1].isalpha()
    return inner >= _SPEECH_WORDS and (prose_before or prose_after)


def dead_line(line: str) -> bool:
    """Whether a line is no prose: quoted, a diff, a log, a row of a table, code, a mail header, or shouted."""
    bare = line.strip()
    return (
        bare.startswith((">", "&gt;"))
        or (bare.startswith("|") and bare.endswith("|") and bare.count("|") > 2)
        or _DIFF.match(line) is not None
        or _LOG.match(line) is not None
        or _MAIL_HEADER.match(line) is not None
        or _CODE_LINE.match(line) is not None
        or bare.endswith(_CODE_ENDS)
        or shouted(bare)
    )


def shouted(line: str) -> bool:
    """Whether a whole line is written in capitals, so that an acronym does not stand out."""
    if not line.isupper():
        return False
    return sum(len(word) > 1 for word in _LETTERS.findall(line)) > 3


def signature(text: str) -> int:
    """Where the writer's signature starts; the text's length where there is none."""
    lines = text.split("\n")
    at = len(text)
    for count, line in enumerate(reversed(lines)):
        at -= len(line)
        if 0 < count <= _SIGNATURE_LINES and len(line) < 40 and _CLOSING.fullmatch(line.strip() or " "):
            return at
        if count > _SIGNATURE_LINES:
            break
        at -= 1
    return len(text)


def dead_chunk(chunk: str) -> bool:
    """Whether a stretch without spaces is a link, an address, a mention, a channel, a path, a file or an identifier."""
    bare = chunk.strip("()[]{},;:!?*\"'“”‘’.")
    if "://" in bare or bare.startswith(("@", "#", "www.", "--", "$")) or "@" in bare or "_" in bare.strip("_"):
        return True
    if "/" in bare or "\\" in bare:
        return _path(bare)
    if "::" in bare or "->" in bare or "()" in bare or "==" in bare:
        return True
    return _FILE.fullmatch(bare) is not None and not bare.replace(".", "").isupper()


def _path(bare: str) -> bool:
    if _PATH_START.match(bare) or bare.endswith(("/", "\\")):
        return True
    pieces = re.split(r"[/\\]", bare)
    return any("." in piece or "-" in piece for piece in pieces) or (len(pieces) > 2 and any(piece.islower() for piece in pieces))
