"""rules/manners.yml: when to speak by oneself, and what a typed line asks for."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import Field

from bot.core.record import is_id
from bot.core.rule import Phrase, Rule

Wish = Literal["stop", "back", "resume", "why", "again", "change", "choose", "help", "greet", "settings", "records", "terms"]
COMMANDS = ("terms", "choose", "records", "settings", "why", "help")
"""The words that stand for themselves as commands, in the order in which people are told of them."""

DAY = 86_400
"""Seconds."""

_LONGEST_WISH = 120
"""No wish is longer than this many characters: a longer message is prose."""

_WORD = re.compile(r"[^\W_]+(?:['’&/.+-][^\W_]+)*")


class Asking(Rule):
    """What may stand around a term that somebody asks about."""

    before: tuple[Phrase, ...]
    after: tuple[Phrase, ...]


class MannersRules(Rule):
    """How often to explain, and the words of wishes."""

    explain_again_after_days: Annotated[int, Field(ge=1, le=3650)]
    same_person_again_after_minutes: Annotated[int, Field(ge=0, le=100_000)]
    replies_a_day: Annotated[int, Field(ge=1, le=10_000)]
    dismissals_before_quiet: Annotated[int, Field(ge=1, le=1000)]
    dismissals_within_days: Annotated[int, Field(ge=1, le=3650)]
    direct_new_matter_after_minutes: Annotated[int, Field(ge=1, le=100_000)]
    phrases: dict[Wish, tuple[Phrase, ...]]
    describing: Annotated[tuple[Phrase, ...], Field(min_length=1)]
    """What stands before a description of work that is to be classified."""
    politely: tuple[Phrase, ...] = ()
    """What may stand before those words."""
    asking: Asking

    def problems(self) -> list[tuple[tuple[str, ...], str]]:
        """What is wrong with the file: wishes without phrases, phrases that mean two wishes."""
        found: list[tuple[tuple[str, ...], str]] = [
            (("phrases",), f"`{wish}` is missing, expected a list of phrases") for wish in get_args(Wish) if not self.phrases.get(wish)
        ]
        seen: dict[str, str] = {}
        for wish, phrases in self.phrases.items():
            for place, phrase in enumerate(phrases):
                other = seen.setdefault(folded(phrase), wish)
                if other != wish:
                    found.append((("phrases", wish, str(place)), f"`{phrase}` already means `{other}`"))
        return found


def folded(text: str) -> str:
    """The words of a typed line, lower case, without punctuation: how phrases are compared."""
    return " ".join(_WORD.findall(text.replace("’", "'").lower()))


class Manners:
    """The compiled rules of manners."""

    def __init__(self, rules: MannersRules) -> None:
        self._wishes: Mapping[str, Wish] = {folded(phrase): wish for wish, phrases in rules.phrases.items() for phrase in phrases}
        phrases = sorted((r"\W+".join(map(re.escape, phrase.split())) for phrase in rules.describing), key=len, reverse=True)
        polite = sorted((r"\W+".join(map(re.escape, phrase.split())) for phrase in rules.politely), key=len, reverse=True)
        before = rf"(?:(?:{'|'.join(polite)})\W+){{0,3}}" if polite else ""
        self._describing = re.compile(rf"\W*{before}(?:{'|'.join(phrases)})(?![\w'’-])[\s:,.;–—-]*", re.IGNORECASE)
        self._before = sorted({folded(phrase) for phrase in rules.asking.before}, key=len, reverse=True)
        self._after = sorted({folded(phrase) for phrase in rules.asking.after}, key=len, reverse=True)
        self.explain_again_after = rules.explain_again_after_days * DAY
        self.same_person_after = rules.same_person_again_after_minutes * 60
        self.replies_a_day = rules.replies_a_day
        self.dismissals_before_quiet = rules.dismissals_before_quiet
        self.dismissals_within = rules.dismissals_within_days * DAY
        self.new_matter_after = rules.direct_new_matter_after_minutes * 60

    def wish(self, text: str) -> tuple[Wish, int | None] | None:
        """What a typed line wants, and the number it names ("change 2"); None where it wants nothing that we know."""
        if len(text) > _LONGEST_WISH:
            return None
        words = folded(text)
        if words in self._wishes:
            return self._wishes[words], None
        head, _, last = words.rpartition(" ")
        if last.isdecimal() and len(last) == 1 and self._wishes.get(head) == "change":
            return "change", int(last)
        return None

    def description(self, text: str) -> str | None:
        """What is to be classified ("classify: we need ..." -> "we need ..."); empty where nothing follows, None where nobody asks."""
        match = self._describing.match(text)
        return text[match.end() :].strip() if match else None

    def record(self, text: str) -> str:
        """The id of the decision record that a typed line asks for ("records k7f3q2mxyz"); empty where it asks for none."""
        head, _, last = folded(text[:_LONGEST_WISH]).rpartition(" ")
        return last if is_id(last) and self._wishes.get(head) == "records" else ""

    def asked_about(self, text: str) -> str | None:
        """The words that somebody asks about ("what does KPO mean?" -> "kpo"), folded; None for anything that is no such question.

        A line of up to three words is asked about as it stands.
        """
        if len(text) > _LONGEST_WISH:
            return None
        words = folded(text)
        asked = False
        for phrase in self._before:
            if words.startswith(phrase + " "):
                words, asked = words[len(phrase) + 1 :], True
                break
        for phrase in self._after:
            if words.endswith(" " + phrase):
                words, asked = words[: -len(phrase) - 1], True
                break
        for article in ("the ", "an ", "a "):
            words = words.removeprefix(article)
        count = words.count(" ") + 1
        return words if words and (count <= 3 or (asked and count <= 6)) else None
