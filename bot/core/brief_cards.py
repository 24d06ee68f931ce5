"""The full brief of an operating model: all twelve fields with their sources."""

from collections.abc import Mapping

from bot.core.messages import Fact, Heading, Line, Note, Part, Reply, Span
from bot.core.models import FIELDS, OperatingModel
from bot.core.rule import Statement
from bot.core.rulebook import Rulebook
from bot.core.sources import OWN, cited
from bot.core.term_cards import capital


class BriefCards:
    """Builds the window that shows a model in full."""

    def __init__(self, rules: Rulebook) -> None:
        self._sources, self._w = rules.sources, rules.wording
        self._models: Mapping[str, OperatingModel] = {model.id: model for model in rules.models}

    def brief(self, name: str, to: str) -> Reply | None:
        """The window; None where there is no such model."""
        model = self._models.get(name)
        if model is None:
            return None
        parts: list[Part] = [Heading(model.name), Note(self._w.line("explained.family", family=capital(model.umbrella)))]
        for field in FIELDS:
            statements: tuple[Statement, ...] = getattr(model, field)
            parts.append(Fact(self._w.text(f"result.{field}"), tuple(self._sourced(statement) for statement in statements)))
        parts.append(Fact(self._w.text("result.sources"), self._cited(model)))
        title = self._w.text("result.brief_title")
        return Reply(tuple(parts), f"{title}: {model.name}", surface="window", to=to, title=title)

    def _cited(self, model: OperatingModel) -> tuple[Line, ...]:
        """What the brief cites, each source once with all its references."""
        named: dict[tuple[str, str], list[str]] = {}
        for ref in sorted({ref for field in FIELDS for statement in getattr(model, field) for ref in cited(statement.source)}):
            title = self._sources.title(ref)
            if title:
                named.setdefault((title, self._sources.url(ref) or ""), []).append(ref)
        return tuple(
            self._w.line("result.source", refs=", ".join(refs), title=(Span(title, link=url),), url=url)
            for (title, url), refs in named.items()
        )

    def _sourced(self, statement: Statement) -> Line:
        source = [self._w.text("result.own") if ref == OWN else ref for ref in cited(statement.source)]
        return self._w.line("result.sourced", say=statement.say, source=", ".join(source))
