"""What pydantic found wrong in a rule file, said in plain words to somebody who knows neither pydantic nor YAML."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, StringConstraints
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bot.core.problems import KEY, Path, listed, nearest

LIST = "a list (one line each, starting with `- `)"
MAPPING = "a mapping (lines of `key: value`)"

_PATTERNS = {
    r"^[a-z][a-z0-9_]*$": "lower-case letters, digits and `_`, a letter first",
    r"^\d{4}-\d{2}-\d{2}$": "a date such as 2026-11-21",
}


def explain(details: Iterable[ErrorDetails], model: type[BaseModel]) -> list[tuple[Path, str]]:
    """Each error as (path in the document, sentence); errors that only echo another one are left out."""
    errors = list(details)
    meant = {(*error["loc"][:-1], _meant(error, model)) for error in errors if error["type"] == "extra_forbidden"}
    return [(_path(error), _sentence(error, model)) for error in errors if not _echo(error, meant)]


def _echo(error: ErrorDetails, meant: set[tuple[str | int | None, ...]]) -> bool:
    if error["type"] == "missing":
        return error["loc"] in meant
    # the items themselves were wrong and are reported: their list is not too short
    return error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]


def _path(error: ErrorDetails) -> Path:
    loc = error["loc"]
    if error["type"] == "missing":
        return loc[:-1]
    return (*loc, KEY) if error["type"] == "extra_forbidden" else loc


def _sentence(error: ErrorDetails, model: type[BaseModel]) -> str:
    kind, loc = error["type"], error["loc"]
    name = _subject(loc)
    if kind == "missing":
        return f"{name} is missing, expected {expectation(*_annotation(model, loc))}"
    if kind == "extra_forbidden":
        known = [field for parent in _models(_annotation(model, loc[:-1])[0]) for field in parent.model_fields]
        guess = _meant(error, model)
        return f"unknown key {name}, " + (f"did you mean `{guess}`?" if guess else f"expected one of {listed(known)}")
    if kind == "literal_error":
        return _choice(error, name, model)
    if kind in _LIMITS:
        return f"{name} {_LIMITS[kind](error)}"
    if kind.endswith("_type") or kind == "int_from_float":
        return f"{name} is {described(error['input'])}, expected {expectation(*_annotation(model, loc))}{_remedy(error)}"
    return f"{name}: " + error["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")


def _subject(loc: Path) -> str:
    name = next((f"`{step}`" for step in reversed(loc) if isinstance(step, str) and step != KEY), "the file")
    return f"item {loc[-1] + 1} of {name}" if loc and isinstance(loc[-1], int) else name


_LIMITS: dict[str, Callable[[ErrorDetails], str]] = {
    "string_too_short": lambda e: (
        "is empty, expected text" if not e["input"] else f"is too short, expected at least {counted(e['ctx']['min_length'], 'character')}"
    ),
    "string_too_long": lambda e: f"has {len(e['input'])} characters, expected at most {e['ctx']['max_length']}",
    "string_pattern_mismatch": lambda e: f"is {described(e['input'])}, expected {_pattern(e['ctx']['pattern'])}",
    "too_short": lambda e: f"has {counted(len(e['input']), 'item')}, expected at least {e['ctx']['min_length']}",
    "too_long": lambda e: f"has {counted(len(e['input']), 'item')}, expected at most {e['ctx']['max_length']}",
    "greater_than_equal": lambda e: f"is {e['input']}, expected at least {e['ctx']['ge']}",
    "greater_than": lambda e: f"is {e['input']}, expected more than {e['ctx']['gt']}",
    "less_than_equal": lambda e: f"is {e['input']}, expected at most {e['ctx']['le']}",
    "less_than": lambda e: f"is {e['input']}, expected less than {e['ctx']['lt']}",
}


def _choice(error: ErrorDetails, name: str, model: type[BaseModel]) -> str:
    """A word that is none of the allowed ones, as a value or as a key."""
    loc, word = error["loc"], error["input"]
    if loc[-1] == KEY:
        known = [str(value) for value in get_args(get_args(_bare(_annotation(model, loc[:-2])[0]))[0])]
        guess = nearest(str(word), known)
        return f"unknown key `{word}`, " + (f"did you mean `{guess}`?" if guess else f"expected one of {listed(known)}")
    known = [str(value) for value in get_args(_bare(_annotation(model, loc)[0]))]
    guess = nearest(word, known) if isinstance(word, str) else None
    allowed = f"one of {listed(known)}" if known else error["ctx"]["expected"]
    return f"{name} is {described(word)}, expected {allowed}" + (f"; did you mean `{guess}`?" if guess else "")


def _remedy(error: ErrorDetails) -> str:
    return " (put it in quotes)" if error["type"] == "string_type" and isinstance(error["input"], int | float) else ""


def _meant(error: ErrorDetails, model: type[BaseModel]) -> str | None:
    loc = error["loc"]
    return nearest(str(loc[-1]), (field for parent in _models(_annotation(model, loc[:-1])[0]) for field in parent.model_fields))


# --------------------------------------------------------------------------- describing values and types


def counted(count: int, noun: str) -> str:
    """1 item, 2 items."""
    return f"{count} {noun}" + ("" if count == 1 else "s")


def described(value: object) -> str:
    """What stands in the file, in a few words."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"the switch `{str(value).lower()}`"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return f"`{value}`" if len(value) <= 40 else f"`{value[:39]}…`"
    return "a list" if isinstance(value, tuple) else "a mapping"


def expectation(annotation: Any, limits: Sequence[object] = ()) -> str:
    """What a field takes."""
    if get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        return expectation(annotation, [*limits, *more])
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in {Union, UnionType}:
        return " or ".join(expectation(argument) for argument in arguments if argument is not NoneType)
    if origin is Literal:
        return f"one of {listed(arguments)}"
    if origin in {tuple, list, frozenset, set}:
        return LIST
    if annotation is str:
        return _text(limits)
    if annotation in _NUMBERS:
        return _NUMBERS[annotation] + _range(limits)
    return _mapping(annotation)


_NUMBERS: dict[Any, str] = {bool: "`true` or `false`", int: "a whole number", float: "a number"}


def _mapping(annotation: Any) -> str:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and not issubclass(annotation, RootModel):
        needed = [name for name, info in annotation.model_fields.items() if info.is_required()]
        if needed:
            return f"{MAPPING} with {listed(needed)}"
    return MAPPING


def _text(limits: Sequence[object]) -> str:
    for limit in limits:
        pattern = limit.pattern if isinstance(limit, StringConstraints) else None
        if pattern is not None:
            return _pattern(pattern if isinstance(pattern, str) else pattern.pattern)
    longest = [size for limit in limits if (size := getattr(limit, "max_length", None)) is not None]
    return f"text of at most {min(longest)} characters" if longest else "text"


def _pattern(pattern: str) -> str:
    return _PATTERNS.get(pattern, f"text that matches {pattern}")


def _range(limits: Sequence[object]) -> str:
    flat = [part for limit in limits for part in (limit.metadata if isinstance(limit, FieldInfo) else [limit])]
    low = next((part.ge for part in flat if hasattr(part, "ge")), None)
    high = next((part.le for part in flat if hasattr(part, "le")), None)
    if low is not None and high is not None:
        return f" from {low} to {high}"
    return f" of at least {low}" if low is not None else f" of at most {high}" if high is not None else ""


# --------------------------------------------------------------------------- finding the field that a path means


def _bare(annotation: Any) -> Any:
    """The annotation without `Annotated` and without `| None`."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in {Union, UnionType}:
        kept = [argument for argument in get_args(annotation) if argument is not NoneType]
        return _bare(kept[0]) if len(kept) == 1 else annotation
    return annotation


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a mapping at this place may be."""
    annotation = _bare(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in {Union, UnionType}:
        for argument in get_args(annotation):
            yield from _models(argument)


def _annotation(model: type[BaseModel], loc: Path) -> tuple[Any, Sequence[object]]:
    """Type and limits of the field that a path leads to; steps that are no keys (a union's branch) are passed over."""
    annotation: Any = model
    limits: Sequence[object] = ()
    for step in loc:
        annotation = _bare(annotation)
        if isinstance(annotation, type) and issubclass(annotation, RootModel):
            annotation = annotation.model_fields["root"].annotation
        fields = [parent.model_fields[str(step)] for parent in _models(annotation) if step in parent.model_fields]
        if fields:
            annotation, limits = fields[0].annotation, fields[0].metadata
        elif get_origin(annotation) in {dict, tuple, list} and get_args(annotation):
            arguments = [argument for argument in get_args(annotation) if argument is not ...]
            annotation, limits = arguments[-1 if isinstance(step, str) else min(int(step), len(arguments) - 1)], ()
    return annotation, limits
