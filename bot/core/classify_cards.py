"""What Spellout says about a description of work: the model, why, what is still open, and what to beware of."""

from collections.abc import Iterator, Sequence

from bot.core.classify import Classification, LabelCheck
from bot.core.clues import Quote
from bot.core.messages import Fact, Heading, Items, Line, Note, Part, Reply, Span, Text
from bot.core.rulebook import Rulebook
from bot.core.term_cards import TermCards


class ClassifyCards:
    """Builds the card of a classification from the rules; chat services add their buttons to it."""

    def __init__(self, rules: Rulebook) -> None:
        self._rules, self._w = rules, rules.wording
        self._terms = TermCards(rules.wording)
        self._models = {model.id: model for model in rules.models}

    def card(self, found: Classification) -> Reply:
        """The whole answer as one message."""
        if found.model is None:
            return self._nothing()
        heading = self._heading(found)
        parts = (Heading(heading), *self._what(found), *self._why(found), *self._beware(found), *self._open(found))
        return Reply(parts, f"{heading}. {self._terms.fallback(parts)}".strip())

    def _heading(self, found: Classification) -> str:
        confidence = self._w.text(f"shared.confidence_{found.confidence}")
        return self._w.text("result.heading", model=self._name(found.model or ""), confidence=confidence)

    def _nothing(self) -> Reply:
        heading = self._w.text("result.heading_none")
        useful = tuple(self._w.line(f"classify.useful_{name}") for name in ("what", "who", "check", "steps"))
        parts = (Heading(heading), Text(self._w.line("classify.nothing")), Items(useful))
        return Reply(parts, f"{heading}. {self._terms.fallback(parts)}")

    # ------------------------------------------------------------------ what it is

    def _what(self, found: Classification) -> Iterator[Part]:
        """The model in a sentence, the kind of work it was taken for, and its halves."""
        model = self._models[found.model or ""]
        yield Text((Span(model.meaning[0].say),))
        if found.halves:
            yield Text(self._w.line("classify.halves"))
            yield Items(tuple(self._half(half.model, half.quotes) for half in found.halves))
            return
        leading = found.profile.leading
        if leading:
            key = "classify.kind" if leading.named else "classify.direction"
            yield Text(self._w.line(key, name=leading.activity.name))

    def _half(self, model: str, quotes: Sequence[Quote]) -> Line:
        return self._w.line("classify.half", model=self._name(model), words=self._quoted(quotes))

    # ------------------------------------------------------------------ why

    def _why(self, found: Classification) -> Iterator[Part]:
        """The answers, each with the words that gave it, or as usual for the kind of work."""
        lines = tuple(line for name in found.profile.answers if (line := self._answer(found, name)))
        if lines and not found.halves:
            yield Fact(self._w.text("result.because"), lines)
        if found.ruled_out:
            yield Note(self._w.line("classify.ruled_out", words=self._quoted(found.ruled_out)))

    def _answer(self, found: Classification, name: str) -> Line:
        question, known = self._rules.questions.by_id[name], found.profile.answers[name]
        option = question.by_id.get(known.option)
        if option is None:  # a domain that has no model of its own says nothing
            return ()
        if known.how == "said":
            return self._w.line("classify.said", name=question.name, answer=option.brief, words=self._quoted(known.evidence))
        return self._w.line("classify.usual", name=question.name, answer=option.brief)

    # ------------------------------------------------------------------ what to beware of

    def _beware(self, found: Classification) -> Iterator[Part]:
        """Labels that do not hold, mistakes that the text gives away, and what the answers warn of."""
        for check in found.labels:
            yield Text(self._label(check))
        mistakes = {mistake.id: mistake.say for mistake in self._rules.signals.mistakes}
        for mistake in found.mistakes:
            yield Text(self._w.line("classify.mistake", words=self._quoted([mistake.quote]), text=mistakes[mistake.id]))
        for warning in found.warnings:
            yield Text(self._w.line("result.warning", text=self._rules.advice.warning(warning).say))

    def _label(self, check: LabelCheck) -> Line:
        label = check.label.upper()
        if check.mislabel is None:
            return self._w.line("classify.label_holds", label=label)
        return self._w.line("classify.label_wrong", label=label, text=self._rules.advice.mislabel(check.mislabel).say)

    # ------------------------------------------------------------------ what is open

    def _open(self, found: Classification) -> Iterator[Part]:
        """The second best model, and the questions that could still change the answer."""
        if found.runner_up and not found.halves:
            yield Note(self._w.line("classify.runner_up", model=self._name(found.runner_up)))
        if found.open:
            questions = tuple((Span(self._rules.questions.by_id[name].text),) for name in found.open)
            yield Fact(self._w.text("classify.open"), questions)

    def _name(self, model: str) -> str:
        return self._models[model].name

    def _quoted(self, quotes: Sequence[Quote]) -> str:
        return self._terms.quoted([quote.words for quote in quotes])
