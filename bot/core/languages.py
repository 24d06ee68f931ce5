"""Whether a message is written in another language than English: seen from its script and from its small words."""

import re

from bot.core.terms import ReadingRules

_SAMPLE = 2_000
"""Characters; the language of a message shows in its beginning."""

_WORD = re.compile(r"[^\W\d_]+")
_LATIN = 0.6
"""The share of Latin letters below which a text is in another script."""

_FEWEST = 2
"""Different small words of a language that make a text one of it, unless there are as many English ones."""


class Languages:
    """The small words of English and of others."""

    def __init__(self, rules: ReadingRules) -> None:
        self._english = frozenset(rules.english)
        self._others = [frozenset(words) - self._english for words in rules.languages.values()]
        self._any_other = frozenset().union(*self._others)

    def foreign(self, text: str) -> bool:
        """Whether the text is in another language than English."""
        sample = text[:_SAMPLE].lower()
        if not sample.isascii() and _other_script(sample):
            return True
        found = _WORD.findall(sample)
        if len(self._any_other.intersection(found)) < _FEWEST:
            return False
        words = set(found)
        english = len(words & self._english)
        return any(len(words & own) >= max(_FEWEST, english + 1) for own in self._others)


def _other_script(sample: str) -> bool:
    letters = [letter for letter in sample if letter.isalpha()]
    return sum(letter <= "ɏ" for letter in letters) < _LATIN * len(letters)
