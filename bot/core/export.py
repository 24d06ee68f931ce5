"""A decision record as Markdown, JSON or CSV, and two of them side by side. What a person wrote is never read as markup or formula."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import TypeAdapter

from bot.core.memory import Answer, Record
from bot.core.record import moment
from bot.core.rulebook import Rulebook
from bot.core.verdict import DOMAIN

_json: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|!~])")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


class Export:
    """Writes records in the words of the rules."""

    def __init__(self, rules: Rulebook) -> None:
        self.rules, self._w = rules, rules.wording
        self._models = {model.id: model.name for model in rules.models}
        self._activities = {entry.id: entry.name for field in rules.activities for entry in field.activities}

        self._domains = {field.id: field.name for field in rules.activities}

    def written(self, record: Record, form: str) -> str:
        """The record in one of its forms: `md`, `json` or `csv`."""
        return self.json(record) if form == "json" else self.csv([record]) if form == "csv" else self.markdown(record)

    # ------------------------------------------------------------------ Markdown

    def markdown(self, record: Record) -> str:
        """The record as a page for the file."""
        w = self._w
        facts = [(w.text(f"record.{name}"), value) for name, value in self.facts(record) if value]
        lines = [f"# {_plain(w.text('record.title', model=self.model(record)))}", ""]
        lines += [f"- **{label}:** {_plain(value)}" for label, value in facts]
        lines += ["", *self._table(record)]
        if record.description:
            lines += ["", f"## {w.text('record.description')}", "", *(f"> {_plain(line)}" for line in record.description.splitlines())]
        return "\n".join(lines) + "\n"

    def facts(self, record: Record) -> list[tuple[str, str]]:
        """What stands above the answers."""
        return [
            ("confidence", self._w.text(f"record.confidence_{record.confidence}")),
            ("runner_up", self._models.get(record.runner_up, record.runner_up)),
            ("turning", self._turning(record)),
            ("domain", self.answer(DOMAIN, record.domain) if record.domain else ""),
            ("activity", self.activity(record.activity)),
            ("words", self._quoted(record.words)),
            ("ruled_out", self._quoted(record.ruled_out)),
            ("halves", "; ".join(self._half(half.activity, half.model) for half in record.halves)),
            ("called", "; ".join(self._label(check.label, check.mislabel) for check in record.labels)),
            ("mistakes", " ".join(self._mistake(name, words) for name, words in record.mistakes.items())),
            ("warnings", " ".join(self._warning(name) for name in record.warnings)),
            ("open_questions", ", ".join(map(self.name, record.open))),
            ("by", record.by),
            ("made_at", moment(record.made_at)),
            ("changed_at", moment(record.changed_at) if record.changed_at != record.made_at else ""),
            ("result", str(record.result)),
            ("rules", record.rules),
            ("channel", record.channel),
            ("id", record.id),
        ]

    @staticmethod
    def answers(record: Record) -> dict[str, Answer]:
        """The answers that people are told: what the work is merely close to decides nothing ("customer cases" of first-line care)."""
        return {name: answer for name, answer in record.answers.items() if name != DOMAIN or answer.words or not answer.told}

    def _table(self, record: Record) -> list[str]:
        columns = [self._w.text(f"record.{name}") for name in ("question", "answer", "who", "when", "basis")]
        rows = [
            [self.name(name), self.answer(name, answer.option), answer.by, _when(answer), self.basis(answer)]
            for name, answer in self.answers(record).items()
        ]
        return _table(columns, rows)

    # ------------------------------------------------------------------ JSON

    def json(self, record: Record) -> str:
        """The record for other programs: ids with their names."""
        whole: dict[str, Any] = record.model_dump(mode="json", exclude={"answers", "description"})
        whole |= {"made_at": moment(record.made_at), "changed_at": moment(record.changed_at), "model_name": self.model(record)}
        whole["answers"] = [
            {
                "question": name,
                "question_name": self.name(name),
                "option": answer.option,
                "answer": self.answer(name, answer.option),
                "by": answer.by,
                "at": _when(answer),
                "from_description": answer.told,
                "words": list(answer.words),
            }
            for name, answer in record.answers.items()
        ]
        if record.description:
            whole["description"] = record.description
        return _json.dump_json(whole, indent=2).decode() + "\n"

    # ------------------------------------------------------------------ CSV

    def csv(self, records: Iterable[Record]) -> str:
        """One row a record, with a heading; no cell can be taken for a formula."""
        questions = list(self.rules.questions.by_id)
        columns = [
            "id",
            "made_at",
            "changed_at",
            "result",
            "by",
            "model",
            "confidence",
            "runner_up",
            "turning",
            "called",
            "mistakes",
            "warnings",
        ]
        columns += [f"{name}{part}" for name in questions for part in ("", "_by", "_at", "_basis")]
        columns += ["domain_settled", "activity", "halves", "rules", "channel", "conversation", "description"]
        return "".join(_row(cells) for cells in (columns, *(self._cells(record, questions) for record in records)))

    def _cells(self, record: Record, questions: Sequence[str]) -> list[str]:
        cells = [record.id, moment(record.made_at), moment(record.changed_at), str(record.result), record.by, self.model(record)]
        cells += [record.confidence, self._models.get(record.runner_up, record.runner_up), self._turning(record)]
        cells.append("; ".join(self._label(check.label, check.mislabel) for check in record.labels))
        cells.append(" ".join(self._mistake(name, words) for name, words in record.mistakes.items()))
        cells.append(" ".join(self._warning(name) for name in record.warnings))
        for name in questions:
            answer = record.answers.get(name)
            cells += [self.answer(name, answer.option), answer.by, _when(answer), self.basis(answer)] if answer else [""] * 4
        cells += [self.answer(DOMAIN, record.domain) if record.domain else "", self.activity(record.activity)]
        cells.append("; ".join(self._half(half.activity, half.model) for half in record.halves))
        return [*cells, record.rules, record.channel, record.conversation, record.description]

    # ------------------------------------------------------------------ two side by side

    def compared(self, first: Record, second: Record) -> str:
        """What the two have in common and where they differ, as a Markdown table."""
        w = self._w
        columns = [w.text("record.compared"), first.id, second.id, w.text("record.differs")]
        rows = [[w.text("record.model"), self.model(first), self.model(second)]]
        facts = {name: value for name, value in self.facts(second) if name != "id"}
        rows += [
            [w.text(f"record.{name}"), value, facts[name]] for name, value in self.facts(first) if name in facts and (value or facts[name])
        ]
        for name in self.rules.questions.by_id:
            answers = [self.answer(name, record.answers[name].option) if name in record.answers else "" for record in (first, second)]
            if any(answers):
                rows.append([self.name(name), *answers])
        return "\n".join(_table(columns, [[*row, w.text("record.yes") if row[1] != row[2] else ""] for row in rows])) + "\n"

    # ------------------------------------------------------------------ names

    def model(self, record: Record) -> str:
        """The model's name, or that there is none."""
        return self._models.get(record.model or "", record.model or self._w.text("record.none"))

    def answer(self, question: str, option: str) -> str:
        """The label of an answer."""
        known = self.rules.questions.by_id.get(question)
        if known and option in known.by_id:
            return known.by_id[option].label
        return self._domains.get(option, option.replace("_", " "))

    def activity(self, name: str) -> str:
        """The name of a kind of work."""
        return self._activities.get(name, name)

    def name(self, question: str) -> str:
        """The short name of a question."""
        known = self.rules.questions.by_id.get(question)
        return known.name if known else question

    def basis(self, answer: Answer) -> str:
        """Where an answer comes from."""
        if not answer.told:
            return self._w.text("record.basis_answered")
        if not answer.words:
            return self._w.text("record.basis_usual")
        return self._w.text("record.basis_said", words=self._quoted(answer.words))

    def _quoted(self, words: Iterable[str]) -> str:
        return ", ".join(self._w.text("shared.quoted", word=word) for word in words)

    def _turning(self, record: Record) -> str:
        turning = record.turning
        if turning is None:
            return ""
        answer, model = self.answer(turning.question, turning.option), self._models.get(turning.model, turning.model)
        return self._w.text("record.turns", question=self.name(turning.question), answer=answer, model=model)

    def _half(self, activity: str, model: str) -> str:
        return self._w.text("record.half", activity=self.activity(activity), model=self._models.get(model, model))

    def _label(self, label: str, mislabel: str) -> str:
        if not mislabel:
            return self._w.text("record.label_holds", label=label.upper())
        say = next((text.say for text in self.rules.advice.mislabels if text.id == mislabel), mislabel)
        return self._w.text("record.label_fails", label=label.upper(), text=say)

    def _mistake(self, name: str, words: Iterable[str]) -> str:
        say = next((mistake.say for mistake in self.rules.signals.mistakes if mistake.id == name), name)
        return f"{say} ({self._quoted(words)})" if words else say

    def _warning(self, name: str) -> str:
        return next((warning.say for warning in self.rules.advice.warnings if warning.id == name), name)


def _when(answer: Answer) -> str:
    """When somebody gave it; what nobody gave has no time."""
    return moment(answer.at) if answer.by or not answer.told else ""


def _plain(text: str) -> str:
    """The text on one line, with nothing in it that Markdown would read."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    whole = [columns, ["---"] * len(columns), *rows]
    return ["| " + " | ".join(cell if cell == "---" else _plain(cell) for cell in row) + " |" for row in whole]


def _row(cells: Iterable[str]) -> str:
    return ",".join('"' + _safe(cell).replace('"', '""') + '"' for cell in cells) + "\r\n"


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
