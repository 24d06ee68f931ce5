"""Long forms that a text itself gives for an acronym: "Regional Planning Office (RPO)", "RPO (Royal Philharmonic Orchestra)", "RPO, i.e. ..."."""

import re

_WORD = re.compile(r"[^\W\d_]+")
_SMALL = frozenset("of and the for to in on a an by with de du des la le y e und der die das".split())
_REACH = 110
"""Characters; no long form is longer."""

_AFTER = re.compile(
    r"(?:['’]?s)?[*_\"”’`]{0,3}(?:,? ?\(|,? (?:i\.e\.|that is|meaning|stands for|is short for|short for|means)[,:]? | ?= ?|: | [-–—] )[*_\"“‘`]{0,3}"
)
_OPEN_BEFORE = re.compile(r"[(\[][*_\"“‘`]{0,3}(?:the |or |aka |a\.k\.a\. |abbreviated |hereafter |in short )?$")


def definition(text: str, start: int, end: int, term: str) -> str | None:
    """The long form that the text gives right before or right after the letters at this place."""
    letters = [letter.lower() for letter in term if letter.isalnum()]
    return _before(text, start, letters) or _after(text, end, letters)


def _before(text: str, start: int, letters: list[str]) -> str | None:
    head = text[max(0, start - 20) : start]
    opening = _OPEN_BEFORE.search(head)
    if opening is None:
        return None
    stop = start - len(head) + opening.start()
    base = max(0, stop - _REACH)
    stretch = text[base:stop]
    words = list(_WORD.finditer(stretch))
    for count in range(1, min(len(words), len(letters) + 4) + 1):
        chosen = words[-count:]
        if fits([word.group().lower() for word in chosen], letters):
            return stretch[chosen[0].start() :].strip(" *_\"“”'`,")
    return None


def _after(text: str, end: int, letters: list[str]) -> str | None:
    joint = _AFTER.match(text, end)
    if joint is None:
        return None
    stretch = text[joint.end() : joint.end() + _REACH]
    words = list(_WORD.finditer(stretch))
    for count in range(1, min(len(words), len(letters) + 4) + 1):
        if fits([word.group().lower() for word in words[:count]], letters, inner=False):
            return stretch[: words[count - 1].end()].strip()
    return None


def fits(words: list[str], letters: list[str], inner: bool = True) -> bool:
    """Whether the words' initials spell the letters; `inner` lets the last word give its inner letters too ("reverse postorder")."""
    if not words or words[0] in _SMALL or words[-1] in _SMALL:
        return False
    at = 0
    for word in words:
        if at < len(letters) and word[0] == letters[at]:
            at += 1
        elif word not in _SMALL:
            return False
    if at == len(letters):
        return True
    return inner and at >= 2 and at == len(letters) - 1 and letters[at] in words[-1][1:]
