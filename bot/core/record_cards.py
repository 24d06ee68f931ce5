"""What Spellout says about decision records: the window to copy one from, and the list of a channel's."""

from collections.abc import Sequence

from bot.core.export import Export
from bot.core.memory import Noted
from bot.core.messages import Code, Items, Note, Part, Reply, Text, Who
from bot.core.record import Record, moment
from bot.core.rulebook import Rulebook
from bot.core.term_cards import TermCards


class RecordCards:
    """Builds the replies about records."""

    def __init__(self, rules: Rulebook, terms: TermCards) -> None:
        self._w, self._terms, self._export = rules.wording, terms, Export(rules)
        self._models = {model.id: model.name for model in rules.models}

    def export(self, record: Record, to: str) -> Reply:
        """The record as Markdown, in a window."""
        title = self._w.text("record.export_title")
        fallback = self._w.text("record.title", model=self._export.model(record))
        return Reply((Code(self._export.markdown(record)),), fallback, surface="window", to=to, title=title)

    def listed(self, records: Sequence[Noted], to: str) -> Reply:
        """A channel's records, the newest first, for one person."""
        if not records:
            parts: tuple[Part, ...] = (Text(self._w.line("record.list_none")),)
        else:
            lines = tuple(
                self._w.line(
                    "record.list_item",
                    id=noted.id,
                    model=self._models.get(noted.model, noted.model) or self._w.text("record.none"),
                    confidence=self._w.text(f"record.confidence_{noted.confidence}"),
                    by=(Who(noted.by),),
                    when=moment(noted.at),
                )
                for noted in reversed(records)
            )
            parts = (Text(self._w.line("record.list")), Items(lines), Note(self._w.line("record.list_hint")))
        return Reply(parts, self._terms.fallback(parts), surface="whisper", to=to)
