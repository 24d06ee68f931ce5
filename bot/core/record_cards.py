"""What Spellout says about decision records: one of them, the window to copy it from, and the list of a channel's."""

from collections.abc import Sequence

from bot.core.export import Export
from bot.core.memory import Noted, Record
from bot.core.messages import Choice, Choices, Code, Fact, Heading, Items, Line, Note, Part, Reply, Span, Text, Who
from bot.core.record import moment
from bot.core.rulebook import Rulebook
from bot.core.term_cards import TermCards
from bot.core.wording import Wording

RECORD = "record"
"""How the choices about records begin."""

FORMS = ("md", "json", "csv")
"""How a record is exported."""


class RecordCards:
    """Builds the replies about records."""

    def __init__(self, rules: Rulebook, terms: TermCards) -> None:
        self._w, self._terms, self._export = rules.wording, terms, Export(rules)
        self._models = {model.id: model.name for model in rules.models}

    def export(self, record: Record, to: str, form: str = "md") -> Reply:
        """The record as Markdown, JSON or CSV, in a window."""
        title = self._w.text("record.export_title")
        fallback = self._w.text("record.title", model=self._export.model(record))
        text = self._export.written(record, form)
        return Reply((Note(self._w.line("record.export_hint")), Code(text)), fallback, surface="window", to=to, title=title)

    def listed(self, records: Sequence[Noted], to: str) -> Reply:
        """A channel's records, the newest first, for one person."""
        if not records:
            parts: tuple[Part, ...] = (Text(self._w.line("record.list_none")),)
        else:
            lines = [Text(self._item(noted), self._open(noted.id)) for noted in reversed(records)]
            parts = (Text(self._w.line("record.list")), *lines, Note(self._w.line("record.list_hint")))
        return Reply(parts, self._terms.fallback(parts), surface="whisper", to=to)

    def _open(self, name: str) -> Choice:
        label = self._w.text("record.open")
        return Choice(f"{RECORD}:open:{name}", label, f"{label}: {name}")

    def _item(self, noted: Noted) -> Line:
        model = self._models.get(noted.model, noted.model) or self._w.text("record.none")
        activity = self._export.activity(noted.activity)
        return self._w.line(
            "record.list_work" if activity else "record.list_item",
            id=noted.id,
            model=model,
            confidence=self._w.text(f"record.confidence_{noted.confidence}"),
            by=(Who(noted.by),),
            when=moment(noted.at),
            **({"activity": activity} if activity else {}),
        )

    def card(self, record: Record, to: str) -> Reply:
        """A record with its answers and what can be done with it, for one person."""
        w = self._w
        heading = w.text("record.title", model=self._export.model(record))
        facts = [(name, value) for name, value in self._export.facts(record) if value and name not in ("by", "channel")]
        by: Line = (Who(record.by),)
        lines = [w.line("record.fact", name=w.text("record.by"), value=by)]
        lines += [w.line("record.fact", name=w.text(f"record.{name}"), value=value) for name, value in facts]
        answers = tuple(self._answer(record, name) for name in self._export.answers(record))
        description = [Fact(w.text("record.description"), ((Span(record.description),),))] if record.description else []
        change = Choice(f"{RECORD}:change:{record.id}", w.text("work.change"))
        parts: tuple[Part, ...] = (
            Heading(heading),
            Items(tuple(lines)),
            *([Fact(w.text("record.answers"), answers)] if answers else []),
            *description,
            Choices((change,), more=exports(record.id, w)),
        )
        return Reply(parts, heading, surface="whisper", to=to)

    def _answer(self, record: Record, name: str) -> Line:
        answer = record.answers[name]
        values: dict[str, str | Line] = {
            "name": self._export.name(name),
            "answer": self._export.answer(name, answer.option),
            "basis": self._export.basis(answer),
        }
        return self._w.line("record.item_by", by=(Who(answer.by),), **values) if answer.by else self._w.line("record.item", **values)

    def gone(self, to: str) -> Reply:
        """There is no such record in this channel."""
        parts = (Text(self._w.line("record.gone")),)
        return Reply(parts, self._terms.fallback(parts), surface="whisper", to=to)


def exports(reference: str, wording: Wording) -> tuple[Choice, ...]:
    """The ways to export a record, by its id, or a description that has none, by its number."""
    return tuple(Choice(f"{RECORD}:{form}:{reference}", wording.text(f"record.export_{form}")) for form in FORMS)
