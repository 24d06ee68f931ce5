"""What `spellout doctor` says of one part."""

from dataclasses import dataclass
from typing import Literal

State = Literal["good", "doubtful", "broken"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: how it is, in a sentence, and what to do about it."""

    check: str
    state: State
    said: str
    remedy: str = ""
