"""What Spellout says in the dialogue: questions, answers that shrink to a line, the result and its full brief."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.core.advice import NO_GATE, Recommendation
from bot.core.brief_cards import BriefCards
from bot.core.interview import Interview
from bot.core.memory import Dialogue, Record
from bot.core.messages import Choice, Choices, Fact, Heading, Items, Line, Note, Part, Reply, Span, Text, Who
from bot.core.models import OperatingModel
from bot.core.questions import Question
from bot.core.reasons import Reasons, from_description
from bot.core.record_cards import exports
from bot.core.rule import Statement
from bot.core.rulebook import Rulebook
from bot.core.term_cards import TermCards, capital
from bot.core.terms import Term

ON_CARD = {"hiring": 1, "pricing": 1, "quality": 1, "governance": 1, "confidentiality": 1, "mistakes": 1, "vendor": 2}
"""How many statements of each field the card shows; the brief shows all."""


class DialogueCards:
    """Builds replies of the dialogue from the rules."""

    def __init__(self, rules: Rulebook, interview: Interview, terms: TermCards) -> None:
        self._rules, self._interview, self._terms = rules, interview, terms
        self._w, self._briefs, self._reasons = rules.wording, BriefCards(rules), Reasons(rules, interview, terms)
        self._models: Mapping[str, OperatingModel] = {model.id: model for model in rules.models}

    def _reply(self, parts: Sequence[Part], slot: str = "", whisper_to: str = "") -> Reply:
        return Reply(tuple(parts), self._terms.fallback(parts), slot=slot, surface="whisper" if whisper_to else "thread", to=whisper_to)

    def whisper(self, key: str, to: str, **values: str | Line) -> Reply:
        """One sentence that only one person sees."""
        return self._reply((Text(self._w.line(key, **values)),), whisper_to=to)

    # ------------------------------------------------------------------ questions

    def opening(self, by: str) -> Reply:
        """The message that heads a thread opened for the dialogue."""
        parts = (Text(self._w.line("dialogue.opening", by=(Who(by),))),)
        return Reply(parts, self._terms.fallback(parts), slot="opening", opens=True)

    def question(self, dialogue: Dialogue, undecided: Term | None) -> Reply:
        """The question that waits, with its options."""
        question = self._interview.asked(dialogue, undecided) or self._question(dialogue.asking or "")
        number = self._interview.number(question.id)
        text = self._asked(question, undecided)
        title = (
            self._w.line("dialogue.progress", number=str(number), total=str(self._interview.total), text=text)
            if number
            else self._w.line("dialogue.follow_up", text=text)
        )
        options = (self._option(dialogue, question, place) for place in range(len(question.options)))
        more = [Choice(f"back:{dialogue.number}", self._w.text("dialogue.back"))] if self._interview.back(dialogue) else []
        more.append(Choice(f"ask:{dialogue.number}:{question.id}", self._w.text("dialogue.why_ask")))
        more.append(Choice(f"stop:{dialogue.number}", self._w.text("dialogue.stop")))
        return self._reply(
            (
                Text(title),
                *options,
                Choices(tuple(more)),
                Note(self._typed("dialogue.type_hint", dialogue)),
                *([Note(self._w.line("work.instead"))] if self._interview.untouched(dialogue) else []),
            ),
            self.slot(dialogue, question.id),
        )

    def _typed(self, key: str, dialogue: Dialogue) -> Line:
        """What can be typed; ways back only where there is one."""
        numbers = [number for name in dialogue.answers if (number := self._interview.number(name))]
        back = numbers and self._interview.back(dialogue) is not None
        return self._w.line(key, number=str(min(numbers))) if back else self._w.line(f"{key}_first")

    def how(self, dialogue: Dialogue, to: str) -> Reply:
        """How the questions are answered."""
        return self._reply((Text(self._typed("dialogue.how", dialogue)),), whisper_to=to)

    def again(self, dialogue: Dialogue, to: str, undecided: Term | None) -> Reply:
        """The waiting question once more, for one person."""
        return replace(self.question(dialogue, undecided), slot="", surface="whisper", to=to)

    def already(self, dialogue: Dialogue, to: str, *, direct: bool) -> Reply:
        """The dialogue is running here already."""
        if direct:
            return self.whisper("dialogue.already_direct", to)
        return self.whisper("dialogue.already", to, by=(Who(dialogue.owner),))

    def stale(self, by: str, to: str) -> Reply:
        """The question was answered before."""
        return self.whisper("dialogue.stale_answered", to, by=(Who(by),))

    @staticmethod
    def slot(dialogue: Dialogue, question: str) -> str:
        """The name of a question's message."""
        return f"d{dialogue.number}:{question}"

    def _question(self, name: str) -> Question:
        question = self._interview.question(name)
        assert question is not None, name
        return question

    def _asked(self, question: Question, undecided: Term | None) -> str:
        if question.id != "domain" or undecided is None:
            return question.text
        names = [sense.name for sense in undecided.senses if sense.ours]
        return self._w.text("dialogue.domain_undecided", term=undecided.term, names=self._w.text("shared.or").join(names))

    def _option(self, dialogue: Dialogue, question: Question, place: int) -> Text:
        """An option on a line of its own, with its number as its button: what is pressed is what can be typed."""
        option = question.options[place]
        key = "dialogue.option" if option.anchor else "dialogue.option_plain"
        press = Choice(f"answer:{dialogue.number}:{question.id}:{option.id}", str(place + 1), f"{place + 1} {option.label}")
        return Text(self._w.line(key, label=option.label, anchor=option.anchor), beside=press)

    def answered(self, dialogue: Dialogue, name: str, live: bool = True) -> Reply:
        """An answered question, shrunk to its answer with who gave it and a way to change it."""
        question, answer = self._question(name), dialogue.answers[name]
        number = self._interview.number(name)
        values: dict[str, str | Line] = {"name": question.name, "answer": self._label(name, answer.option), "by": (Who(answer.by),)}
        line = (
            self._w.line("dialogue.answered", number=str(number), **values)
            if number
            else self._w.line("dialogue.answered_follow_up", **values)
        )
        change = Choice(
            f"change:{dialogue.number}:{name}", self._w.text("dialogue.change"), f"{self._w.text('dialogue.change')}: {question.name}"
        )
        return self._reply((Text(line, beside=change if live else None),), self.slot(dialogue, name))

    def left(self, before: Dialogue, after: Dialogue) -> Reply:
        """What becomes of the question that waited before: its answer, a line that it comes again, or nothing where a description
        answers it still."""
        name = before.asking or ""
        if from_description(after, name):
            return self.gone(before, before.asking or "")
        return self.answered(after, name) if name in after.answers else self.postponed(after, name)

    def given(self, dialogue: Dialogue, live: bool = True) -> Reply:
        """The answers that a description gave, each with a way to change it; taken away once none is left."""
        slot = f"d{dialogue.number}:given"
        told = [(name, dialogue.answers[name]) for name in self._interview.order if from_description(dialogue, name)]
        if not told:
            return self._terms.gone(slot)
        label = self._w.text("dialogue.change")
        lines = []
        for name, answer in told:
            change = Choice(f"change:{dialogue.number}:{name}", label, f"{label}: {self._question(name).name}")
            lines.append(Text(self._reasons.reason("work.given", name, answer), beside=change if live else None))
        return self._reply((Text(self._w.line("work.given", by=(Who(dialogue.teller),))), *lines), slot)

    def postponed(self, dialogue: Dialogue, name: str) -> Reply:
        """A question that waits while an earlier one is asked again."""
        question, number = self._question(name), self._interview.number(name)
        line = self._w.line("dialogue.postponed", number=str(number) if number else "+", name=question.name)
        return self._reply((Text(line),), self.slot(dialogue, name))

    def gone(self, dialogue: Dialogue, name: str) -> Reply:
        """Take a question's message away."""
        return self._terms.gone(self.slot(dialogue, name))

    def why(self, name: str, to: str) -> Reply:
        """Why a question is asked."""
        return self.whisper("dialogue.why", to, why=self._question(name).why)

    def stopped(self, dialogue: Dialogue, by: str) -> Reply:
        """The dialogue was stopped: its open question becomes one line with a way back."""
        resume = Choice(f"resume:{dialogue.number}", self._w.text("dialogue.resume"))
        line = self._w.line("dialogue.stopped", by=(Who(by),))
        return self._reply((Text(line, beside=resume),), self.slot(dialogue, dialogue.asking or ""))

    def replaced(self, dialogue: Dialogue) -> Reply:
        """A stopped dialogue's open question, once another dialogue has begun."""
        return self._reply((Text(self._w.line("dialogue.replaced")),), self.slot(dialogue, dialogue.asking or ""))

    def _label(self, question: str, option: str) -> str:
        known = self._interview.option(question, option)
        return known.label if known else option

    # ------------------------------------------------------------------ the result

    @staticmethod
    def result_slot(dialogue: Dialogue) -> str:
        """The name of the newest result's message."""
        return f"d{dialogue.number}:result{dialogue.results}"

    def superseded(self, dialogue: Dialogue, by: str) -> Reply:
        """A result that an answer's change has overtaken, as one line."""
        model = self._interview.outcome(dialogue).model
        who: Line = (Who(by),)
        line = (
            self._w.line("result.superseded", model=self._models[model].name, by=who)
            if model
            else self._w.line("result.superseded_none", by=who)
        )
        return self._reply((Text(line),), self.result_slot(dialogue))

    def result(self, dialogue: Dialogue, record: Record | None = None, live: bool = True) -> Reply:
        """The card: the model, why, how to run it, what to avoid, what would flip it. `record`: what its decision record holds."""
        outcome = self._interview.outcome(dialogue)
        model = self._models.get(outcome.model or "")
        if model is None:
            return self._nothing(dialogue, outcome, live)
        w = self._w
        confidence = w.text(f"shared.confidence_{outcome.confidence}")
        heading = w.text("result.heading", model=model.name, confidence=confidence)
        parts: list[Part] = [
            Heading(heading),
            Text(_said(model.meaning[0])),
            Note(w.line("explained.family", family=capital(model.umbrella))),
            Fact(w.text("result.because"), self._reasons.because(dialogue, outcome)),
            *(self._cautions(record) if record else ()),
            *(Text(w.line("result.warning", text=self._warning(warning))) for warning in outcome.warnings),
        ]
        for field, count in ON_CARD.items():
            statements: tuple[Statement, ...] = getattr(model, field)
            parts.append(Fact(w.text(f"result.{field}"), tuple(_said(statement) for statement in statements[:count])))
        parts.append(Text(self._flip(dialogue, outcome)))
        if outcome.find_out:
            parts.append(Fact(w.text("result.find_out"), self._find_out(outcome)))
        brief = Choice(f"brief:{dialogue.number}:{model.id}", w.text("result.brief"), main=True)
        more = exports(record.id, w) if record else ()
        parts.append(Choices((brief, self._start_over()), more=more) if live else Choices((brief,), more=more))
        fallback = f"{heading}. {model.meaning[0].say}"
        return Reply(tuple(parts), fallback, slot=self.result_slot(dialogue))

    def _nothing(self, dialogue: Dialogue, outcome: Recommendation, live: bool) -> Reply:
        heading = self._w.text("result.heading_none")
        text = self._w.line("result.none_text")
        parts = (
            Heading(heading),
            Fact(self._w.text("result.because"), self._reasons.because(dialogue, outcome)),
            Text(text),
            Items(self._find_out(outcome)),
            *((Choices((self._start_over(),)),) if live else ()),
        )
        return Reply(parts, f"{heading}. {self._w.text('result.none_text')}", slot=self.result_slot(dialogue))

    def _start_over(self) -> Choice:
        return Choice("choose:", self._w.text("result.start_over"))

    def _cautions(self, record: Record) -> list[Part]:
        """What is to be said of the labels that the work was called by, and of the plan."""
        mislabels = {text.id: text.say for text in self._rules.advice.mislabels}
        mistakes = {mistake.id: mistake.say for mistake in self._rules.signals.mistakes}
        parts: list[Part] = []
        for check in record.labels:
            label, text = check.label.upper(), mislabels.get(check.mislabel)
            if text:
                parts.append(Text(self._w.line("work.called_wrong", label=label, text=text)))
            elif not check.mislabel:
                parts.append(Text(self._w.line("work.called_right", label=label)))
        for name, words in record.mistakes.items():
            if name in mistakes:
                parts.append(Text(self._w.line("work.mistake", words=self._terms.quoted(words), text=mistakes[name])))
        return parts

    def _flip(self, dialogue: Dialogue, outcome: Recommendation) -> Line:
        """The runner-up, and the one answer that would bring it."""
        if not outcome.flips:
            return self._w.line("result.no_flip")
        flip = outcome.flips[0]
        runner_up = self._models[flip.model].name
        given = self._interview.option(flip.question, self._interview.answers(dialogue).get(flip.question, ""))
        if flip.option == NO_GATE and given:
            return self._w.line("result.flip_gate", model=runner_up, kind=given.brief)
        return self._w.line("result.flip", model=runner_up, condition=self._question(flip.question).by_id[flip.option].flip)

    def _warning(self, name: str) -> str:
        return self._rules.advice.warning(name).say

    def _find_out(self, outcome: Recommendation) -> tuple[Line, ...]:
        return tuple(_said(self._rules.advice.fact_to_find(name)) for name in outcome.find_out)

    def brief(self, name: str, to: str) -> Reply | None:
        """All twelve fields of a model with their sources; None where there is no such model."""
        return self._briefs.brief(name, to)


def _said(statement: Statement) -> Line:
    return (Span(statement.say),)
