"""Small checks that say what is wrong and where, in the words Slack uses."""

from collections.abc import Callable, Mapping
from typing import Any

Complain = Callable[[str, str], None]
"""Takes the JSON pointer and what is wrong there."""
Shape = Callable[[Any, str, Complain], None]


def string(most: int, least: int = 1) -> Shape:
    """A text of a length."""

    def check(value: Any, at: str, complain: Complain) -> None:
        if not isinstance(value, str):
            complain(at, "must be a string")
        elif len(value) > most:
            complain(at, f"must be less than {most + 1} characters")
        elif len(value) < least:
            complain(at, f"must be more than {least - 1} characters")

    return check


def boolean(value: Any, at: str, complain: Complain) -> None:
    """True or false."""
    if not isinstance(value, bool):
        complain(at, "must be a boolean")


def number(least: int, most: int) -> Shape:
    """A whole number in a range."""

    def check(value: Any, at: str, complain: Complain) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            complain(at, f"must be a number between {least} and {most}")

    return check


def anything(value: Any, at: str, complain: Complain) -> None:
    """Whatever it is, it is checked elsewhere."""


def one_of(*words: str) -> Shape:
    """One of a few words."""

    def check(value: Any, at: str, complain: Complain) -> None:
        if value not in words:
            complain(at, f"must be one of: {', '.join(words)}")

    return check


def many(shape: Shape, most: int, least: int = 1) -> Shape:
    """A list of things of one shape."""

    def check(value: Any, at: str, complain: Complain) -> None:
        if not isinstance(value, list):
            complain(at, "must be an array")
            return
        if len(value) > most:
            complain(at, f"no more than {most} items allowed")
        if len(value) < least:
            complain(at, f"no fewer than {least} items allowed")
        for place, item in enumerate(value):
            shape(item, f"{at}/{place}", complain)

    return check


def thing(required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Shape:
    """An object with exactly these fields; its `type` was looked at already."""
    known = {**required, **(optional or {})}

    def check(value: Any, at: str, complain: Complain) -> None:
        if not isinstance(value, dict):
            complain(at, "must be an object")
            return
        for name in required:
            if name not in value:
                complain(at, f"missing required field: {name}")
        for name, field in value.items():
            if name in known:
                known[name](field, f"{at}/{name}", complain)
            elif name != "type":
                complain(at, f"invalid additional property: {name}")

    return check


def by_type(kinds: Mapping[str, Shape]) -> Shape:
    """An object whose `type` says which shape it has."""

    def check(value: Any, at: str, complain: Complain) -> None:
        if not isinstance(value, dict):
            complain(at, "must be an object")
        elif "type" not in value:
            complain(at, "missing required field: type")
        elif not isinstance(value["type"], str) or value["type"] not in kinds:
            complain(f"{at}/type", f"unsupported type: {value['type']}")
        else:
            kinds[value["type"]](value, at, complain)

    return check


def both(*shapes: Shape) -> Shape:
    """All of these."""

    def check(value: Any, at: str, complain: Complain) -> None:
        for shape in shapes:
            shape(value, at, complain)

    return check
