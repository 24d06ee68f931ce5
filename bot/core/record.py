"""How decision records are named, and how their times are written."""

_FNV_PRIME, _FNV_START, _MASK = 0x100000001B3, 0xCBF29CE484222325, (1 << 64) - 1
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without those that are mistaken for each other."""

_ID = 10
"""Letters of an id."""


def is_id(text: str) -> bool:
    """Whether this is written like the id of a record."""
    return len(text) == _ID and set(text) <= set(_LETTERS)


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
