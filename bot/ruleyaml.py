"""The YAML of rule files: plain enough that nothing in it surprises its author, and every place in it can be pointed at.

Only `true`, `false`, `null`, plain decimal numbers are typed; `yes`, `no`, `on`, dates, `1:30` and `012` stay the text they look like.
Sequences come back as tuples. Anchors, aliases, tags, repeated keys and deep nesting are refused.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml import events as ev

from bot.core.problems import KEY, Path

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML built without libyaml: the same events, slower
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

DEEPEST = 20

_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\Z")
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}\Z")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_STARTS_A_NUMBER = frozenset("-+0123456789")


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a text as YAML, and where (line and column count from 1)."""

    line: int
    column: int
    message: str
    fatal: bool = True
    """Whether nothing after it could be read."""


@dataclass(slots=True)
class _Open:
    """A mapping or sequence whose end has not been read yet."""

    mapping: dict[str, object] | None = None
    items: list[object] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    key: str | None = None


def read(text: str) -> tuple[object, list[Flaw]]:
    """The document's value, and every flaw found (a flaw of syntax ends the reading)."""
    flaws: list[Flaw] = []
    try:
        return _build(yaml.parse(text, Loader=_Loader), flaws), flaws
    except yaml.MarkedYAMLError as error:
        flaws.append(_syntax(text, error))
    except yaml.reader.ReaderError as error:
        flaws.append(_forbidden_character(text, error))
    except _Stop as stop:
        flaws.append(stop.flaw)
    return None, flaws


class _Stop(Exception):
    """Ends the reading of one file."""

    def __init__(self, event: Any, message: str) -> None:
        super().__init__(message)
        self.flaw = _flaw(event, message, fatal=True)


def _flaw(event: Any, message: str, fatal: bool = False) -> Flaw:
    return Flaw(event.start_mark.line + 1, event.start_mark.column + 1, message, fatal)


def _build(events: Iterator[Any], flaws: list[Flaw]) -> object:
    """Build the value from the events without recursion: no nesting of a hostile file can exhaust the stack."""
    stack: list[_Open] = []
    root: object = None
    documents = 0
    for event in events:
        kind = type(event)
        if kind is ev.ScalarEvent:
            value = _scalar(event, flaws)
        elif kind is ev.MappingStartEvent or kind is ev.SequenceStartEvent:
            _open(event, stack, flaws)
            continue
        elif kind is ev.MappingEndEvent or kind is ev.SequenceEndEvent:
            done = stack.pop()
            value = tuple(done.items) if done.mapping is None else done.mapping
        elif kind is ev.AliasEvent:
            raise _Stop(
                event,
                f"`*{event.anchor}` points at another place of the file, expected the text itself (or quotes around it)",
            )
        else:
            documents += kind is ev.DocumentStartEvent
            if documents > 1:
                raise _Stop(event, "a second document starts here, expected one document a file")
            continue
        if not stack:
            root = value
        elif stack[-1].mapping is None:
            stack[-1].items.append(value)
        else:
            _put(event, stack[-1], value, flaws)
    return root


def _open(event: Any, stack: list[_Open], flaws: list[Flaw]) -> None:
    _refuse_names(event, flaws)
    if len(stack) == DEEPEST:
        raise _Stop(event, f"nested more than {DEEPEST} levels deep")
    if stack and stack[-1].mapping is not None and stack[-1].key is None:
        raise _Stop(event, "a list or mapping stands where a key was expected (or quotes around it)")
    stack.append(_Open(mapping={}) if type(event) is ev.MappingStartEvent else _Open())


def _put(event: Any, into: _Open, value: object, flaws: list[Flaw]) -> None:
    """Add a key, or the value of the key before it, to a mapping."""
    assert into.mapping is not None
    if into.key is None:
        into.key = event.value
        if into.key in into.mapping:
            flaws.append(_flaw(event, f"`{into.key}` stands a second time (first in line {into.lines[into.key]}), expected it once"))
        else:
            into.lines[into.key] = event.start_mark.line + 1
        return
    into.mapping.setdefault(into.key, value)
    into.key = None


def _refuse_names(event: Any, flaws: list[Flaw]) -> None:
    if event.anchor is not None:
        flaws.append(_flaw(event, f"`&{event.anchor}` names this place for reuse, expected the text itself (or quotes around it)"))
    if event.tag is not None:
        flaws.append(_flaw(event, f"`{event.tag}` is a type tag, expected the value alone (or quotes around it)"))


def _scalar(event: Any, flaws: list[Flaw]) -> object:
    if event.anchor is not None or event.tag is not None:
        _refuse_names(event, flaws)
    text: str = event.value
    if not event.implicit[0]:  # quoted or a block: always text
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in _STARTS_A_NUMBER:
        if _WHOLE.match(text):
            return int(text)
        if _DECIMAL.match(text):
            return float(text)
    return text


# --------------------------------------------------------------------------- syntax errors in plain words

_NEVER_CLOSED = "is never closed, expected"
_PLAIN = (
    (
        "mapping values are not allowed",
        "a `:` stands where no key can be, expected quotes around a text with `: ` in it, or a key under those above",
    ),
    ("could not find expected ':'", "this line is neither `key: value` nor `- item`, expected one of them"),
    ("did not find expected key", "this line does not fit under the one above, expected a key at the same indentation"),
    ("did not find expected '-' indicator", "this line does not fit under the one above, expected `- ` at the same indentation"),
    (
        "block sequence entries are not allowed",
        "a `- ` stands where no list can begin, expected it on a line of its own, or quotes around the text",
    ),
    ("found unexpected end of stream", f"a quoted text {_NEVER_CLOSED} its closing quote"),
    ("found unexpected document indicator", f"a quoted text {_NEVER_CLOSED} its closing quote"),
    ("did not find expected ',' or ']'", f"a list in brackets {_NEVER_CLOSED} `,` or `]`"),
    ("did not find expected ',' or '}'", f"a mapping in braces {_NEVER_CLOSED} `,` or `}}`"),
    ("found unknown escape character", "a `\\` in double quotes begins a special character, expected `\\\\` or single quotes"),
)

_QUOTABLE = re.compile(r"""\s*(?:- +)*(?:[^\s:'"#][^:'"#]*:[ \t]+)?([@`%*&!{\[|>?,\]}])""")
"""The character that makes YAML read a line's text as something else than text."""


def _syntax(text: str, error: yaml.MarkedYAMLError) -> Flaw:
    problem = error.problem or "this is not YAML"
    said = next(
        (plain for start, plain in _PLAIN if problem.startswith(start)), f"this is not valid YAML ({problem}), expected `key: value`"
    )
    begun = error.context_mark is not None and (_NEVER_CLOSED in said or problem.startswith("could not find expected ':'"))
    mark = error.context_mark if begun else error.problem_mark or error.context_mark
    if mark is None:
        return Flaw(1, 1, said)
    lines = text.splitlines()
    if mark.line >= len(lines):
        return Flaw(mark.line + 1, mark.column + 1, f"the file ends too early ({problem}), expected a closing bracket, brace or quote")
    line = lines[mark.line]
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return Flaw(mark.line + 1, line.index("\t") + 1, "a tab stands at the line's start, expected spaces")
    special = None if begun else _QUOTABLE.match(line)
    if special and special.start(1) <= mark.column:
        return Flaw(mark.line + 1, special.start(1) + 1, f"a text cannot start with `{special.group(1)}`, expected quotes around it")
    if mark.column and line[mark.column - 1 : mark.column] in {"'", '"'}:
        said = "a quoted text ends before this, expected nothing after it (an apostrophe within single quotes is written twice)"
    return Flaw(mark.line + 1, mark.column + 1, said)


def _forbidden_character(text: str, error: yaml.reader.ReaderError) -> Flaw:
    at = next((i for i, c in enumerate(text) if yaml.reader.Reader.NON_PRINTABLE.match(c)), 0)
    line = text.count("\n", 0, at) + 1
    return Flaw(line, at - text.rfind("\n", 0, at), "a control character that no text file contains, expected plain text")


# --------------------------------------------------------------------------- pointing


def places(text: str, paths: Sequence[Path]) -> list[tuple[int, int]]:
    """Line and column (from 1) of each path in a text that `read` accepted; a path that leads nowhere ends at the last node found."""
    root = yaml.compose(text, Loader=_Loader)
    return [_place(root, path) for path in paths]


def _place(node: yaml.Node | None, path: Path) -> tuple[int, int]:
    key: yaml.Node | None = None
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(step)), None)
            if found:
                key, node = found
        elif isinstance(node, yaml.SequenceNode) and str(step).isdecimal() and int(step) < len(node.value):
            key, node = None, node.value[int(step)]
    at = key if path and path[-1] == KEY and key is not None else node
    return (at.start_mark.line + 1, at.start_mark.column + 1) if at is not None else (1, 1)
