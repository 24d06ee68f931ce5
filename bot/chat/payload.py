"""What chat services send is data that anybody may have written: each part of it is looked at before it is believed."""

import re
from collections.abc import Mapping
from typing import Any, Final

Payload = Mapping[str, Any]
MAPPING: Final = dict
"""What a mapping is in all that JSON and forms can say: asking an abstract class takes longer, and is done twenty times a message."""


class NotForUs(Exception):
    """The payload is none that we answer."""


def mapping(value: object) -> Payload:
    """The value, which has to be a mapping; raises NotForUs."""
    if not isinstance(value, MAPPING):
        raise NotForUs
    return value


def part(value: object, name: str) -> object:
    """A part of something that need not be a mapping."""
    return value.get(name) if isinstance(value, MAPPING) else None


def string(value: object) -> str:
    """The value if it is text, else nothing."""
    return value if isinstance(value, str) else ""


def shaped(value: object, shape: re.Pattern[str]) -> str:
    """The value, which has to be an id of this shape; raises NotForUs."""
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise NotForUs
    return value
