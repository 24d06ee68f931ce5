"""rules/sources.yml: where the rules' facts come from, and how a statement names its source."""

import re
from functools import cached_property
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.core.rule import Id, Phrase, Rule

OWN = "own"
"""The source of what is our own judgment."""

_STATEMENT = re.compile(r"S-(\d{3})[a-h]?")
_RANGE = re.compile(r"S-(\d{3})(?: to S-(\d{3}))?")


class Article(Rule):
    """An article whose statements are numbered: `statements` lists its numbers ("S-001 to S-071")."""

    id: Id
    title: Phrase
    publisher: Phrase
    statements: Annotated[tuple[Annotated[str, StringConstraints(pattern=r"^S-\d{3}( to S-\d{3})?$")], ...], Field(min_length=1)]


class Page(Rule):
    """A public page."""

    id: Annotated[str, StringConstraints(pattern=r"^P[1-9]\d*$")]
    title: Phrase
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+\.[^\s]+$", max_length=400)]


class Sources(Rule):
    """Everything that a rule may cite."""

    articles: Annotated[tuple[Article, ...], Field(min_length=1)]
    pages: tuple[Page, ...]

    @cached_property
    def _titles(self) -> dict[str, str]:
        titles = {page.id: page.title for page in self.pages}
        for article in self.articles:
            for numbers in article.statements:
                first, last = _range(numbers)
                titles |= {f"S-{number:03}": f"{article.title} ({article.publisher})" for number in range(first, last + 1)}
        return titles

    @cached_property
    def _urls(self) -> dict[str, str]:
        return {page.id: page.url for page in self.pages}

    def title(self, reference: str) -> str | None:
        """The title behind one reference (`S-084c`, `P12`); None where there is none."""
        statement = _STATEMENT.fullmatch(reference)
        return self._titles.get(f"S-{statement[1]}" if statement else reference)

    def url(self, reference: str) -> str | None:
        """The address behind one reference; the articles have none."""
        return self._urls.get(reference)

    def unknown(self, source: str) -> tuple[str, ...]:
        """The references of a source line that lead nowhere."""
        return tuple(part for part in cited(source) if part != OWN and self.title(part) is None)


def cited(source: str) -> tuple[str, ...]:
    """The references of a source line: `S-112, S-113, P26` or `own`."""
    return tuple(part.strip() for part in source.split(","))


def _range(numbers: str) -> tuple[int, int]:
    found = _RANGE.fullmatch(numbers)
    assert found is not None, numbers
    return int(found[1]), int(found[2] or found[1])
