"""Decision records: what was decided about a piece of work, why, by whom, when and under which rules; to be kept for the file."""

from pydantic import Field

from bot.core.memory import Answer, Half, Label, Remembered

_FNV_PRIME, _FNV_START, _MASK = 0x100000001B3, 0xCBF29CE484222325, (1 << 64) - 1
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without those that are mistaken for each other."""

_ID = 10
"""Letters of an id."""


class Turning(Remembered):
    """The one answer that, changed alone, would bring another model."""

    question: str
    option: str
    model: str


class Record(Remembered):
    """One decision. Times are seconds since 1970 (UTC); `channel` and `conversation` are keys of places."""

    id: str
    team: str
    channel: str
    conversation: str
    by: str
    """Who began the dialogue or described the work."""
    made_at: int
    changed_at: int
    result: int = 1
    """Which result this is: 1 is the first, each changed answer brings a new one."""
    rules: str
    """The version of the rules that decided."""
    model: str | None
    confidence: str
    answers: dict[str, Answer] = Field(default_factory=dict)
    domain: str = ""
    """The special kind of work that the words of the thread had settled before anybody asked."""
    runner_up: str = ""
    turning: Turning | None = None
    warnings: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()
    halves: tuple[Half, ...] = ()
    activity: str = ""
    """The closest known kind of work, where it was described."""
    description: str = ""
    """The person's own text; only if they asked to keep it."""


def record_id(conversation: str, name: str) -> str:
    """A short id that is always the same for the same decision of the same conversation, and can be read out."""
    value = _FNV_START
    for byte in f"{conversation}/{name}".encode():
        value = ((value ^ byte) * _FNV_PRIME) & _MASK
    letters = ""
    for _ in range(_ID):
        value, place = divmod(value, len(_LETTERS))
        letters += _LETTERS[place]
    return letters


def moment(seconds: int) -> str:
    """The time as people and programs read it: `2026-11-21 23:44 UTC`."""
    days, rest = divmod(seconds, 86_400)
    days += 719_468  # counted from 1 March of the year 0, so that a leap day ends its year
    era, of_era = divmod(days, 146_097)
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    year += era * 400 + (month <= 2)
    return f"{year:04}-{month:02}-{day:02} {rest // 3600:02}:{rest % 3600 // 60:02} UTC"
