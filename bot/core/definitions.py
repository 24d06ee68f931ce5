"""Long forms that a text itself gives for an acronym: "Regional Planning Office (RPO)", "RPO (Royal Philharmonic Orchestra)"."""

import re
from collections.abc import Mapping

_WORD = re.compile(r"[^\W\d_]+")
_SMALL = re.compile("of|and|the|for|to|in|on|an?|by|with|de|du|des|la|le|y|e|und|der|die|das")
"""Words that give no letter to an acronym."""

_SPOKEN: Mapping[str, frozenset[str]] = {"2": frozenset({"to", "two", "too"}), "4": frozenset({"for", "four"})}
"""The words that a digit of an acronym is read as: P2P, procure to pay."""

_REACH = 110
"""Characters; no long form is longer."""

_EXTRA_WORDS = 4
"""So many more words than letters can a long form have, the small ones."""

_OPENING = 20
_BEFORE = re.compile(r"[(\[][*_\"“‘`]{0,3}(?:the |or |aka |a\.k\.a\. |abbreviated |hereafter |in short )?$")
_AFTER = re.compile(
    r"[*_\"”’`]{0,3}"
    r"(?:,? ?\(|,? (?:i\.e\.|that is|meaning|stands for|is short for|short for|means)[,:]? | ?= ?|: | [-–—] )"
    r"[*_\"“‘`]{0,3}"
)
_FIRM = re.compile(r"[(a-z]")
"""A bracket or a word: after a mere colon or dash there often is no long form at all."""

_FEW = 3
"""Letters; fewer than these are spelled by many words that follow ("PR: please review")."""


def definition(text: str, start: int, end: int, term: str) -> str | None:
    """The long form that the text gives right before or right after the letters at this place."""
    letters = [letter.lower() for letter in term if letter.isalnum()]
    return _before(text, start, letters) or _after(text, end, letters)


def _before(text: str, start: int, letters: list[str]) -> str | None:
    """The words before an opening bracket: "run-pass option (RPO)"."""
    head = text[max(0, start - _OPENING) : start]
    opening = _BEFORE.search(head)
    if opening is None:
        return None
    stop = start - len(head) + opening.start()
    stretch = text[max(0, stop - _REACH) : stop]
    words = list(_WORD.finditer(stretch))
    for count in range(1, min(len(words), len(letters) + _EXTRA_WORDS) + 1):
        chosen = words[-count:]
        if fits([word.group().lower() for word in chosen], letters, inner=True):
            return stretch[chosen[0].start() :].strip(" *_\"“”'`,")
    return None


def _after(text: str, end: int, letters: list[str]) -> str | None:
    """The words after an opening bracket, an equals sign, a dash or a verb of meaning: "RPO means run-pass option"."""
    joint = _AFTER.match(text, end)
    if joint is None or (len(letters) < _FEW and not _FIRM.search(joint.group())):
        return None
    stretch = text[joint.end() : joint.end() + _REACH]
    words = list(_WORD.finditer(stretch))
    for count in range(1, min(len(words), len(letters) + _EXTRA_WORDS) + 1):
        if fits([word.group().lower() for word in words[:count]], letters):
            return stretch[: words[count - 1].end()].strip()
    return None


def fits(words: list[str], letters: list[str], inner: bool = False) -> bool:
    """Whether the words' initials spell the letters; `inner` lets the last word give the last letter from within ("reverse postorder")."""
    if not words or _SMALL.fullmatch(words[0]) or _SMALL.fullmatch(words[-1]):
        return False
    at = 0
    for word in words:
        if at < len(letters) and (word[0] == letters[at] or word in _SPOKEN.get(letters[at], ())):
            at += 1
        elif not _SMALL.fullmatch(word):
            return False
    if at == len(letters):
        return True
    return inner and at > 1 and at == len(letters) - 1 and letters[at] in words[-1][1:]
