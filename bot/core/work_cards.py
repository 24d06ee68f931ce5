"""What Spellout says about described work: the card with its reasons, and what a useful description contains."""

from collections.abc import Mapping, Sequence

from bot.core.activities import Activity
from bot.core.brief_cards import BriefCards
from bot.core.interview import Interview
from bot.core.memory import Described, Half, Told
from bot.core.messages import Choice, Choices, Fact, Field, Heading, Items, Line, Note, Part, Reply, Span, Text, Who
from bot.core.models import OperatingModel
from bot.core.record_cards import RECORD, exports
from bot.core.rulebook import Rulebook
from bot.core.term_cards import TermCards
from bot.core.verdict import DRIVER

VERB = "work"
"""How the choices of a card begin."""

ANSWERS = "answers"
"""The window of answers."""

KEEP = "keep"
"""The field, and its one choice, that keeps the description."""

OPENING = "opening"
"""The slot of the message that heads a thread which we open."""

_HELPS = ("what", "many", "know", "check", "steps")
"""What a useful description says."""


class WorkCards:
    """Builds the replies about described work from what is remembered of it, so that a card can be shown again without the text."""

    def __init__(self, rules: Rulebook, interview: Interview, terms: TermCards) -> None:
        self._rules, self._interview, self._terms, self._w = rules, interview, terms, rules.wording
        self._briefs = BriefCards(rules)
        self._models: Mapping[str, OperatingModel] = {model.id: model for model in rules.models}
        self._activities: Mapping[str, Activity] = {entry.id: entry for field in rules.activities for entry in field.activities}
        self._mistakes = {mistake.id: mistake.say for mistake in rules.signals.mistakes}
        self._warnings = {warning.id: warning.say for warning in rules.advice.warnings}
        self._mislabels = {text.id: text.say for text in rules.advice.mislabels}

    def whisper(self, key: str, to: str) -> Reply:
        """One sentence that only one person sees."""
        parts = (Text(self._w.line(key)),)
        return Reply(parts, self._terms.fallback(parts), surface="whisper", to=to)

    # ------------------------------------------------------------------ the card

    def card(self, work: Described, whisper_to: str = "", *, direct: bool = False, live: bool = True, thread: bool = False) -> Reply:
        """What the work is, and why; without a model what a useful description contains. `live` offers the next steps; `thread`: it
        would be shared in the thread that it was asked for in."""
        model = self._models.get(work.model or "")
        if model is None:
            parts = (*self._nothing(), *self._cautions(work))
            return self._said(work, parts, self._terms.fallback(parts), whisper_to)
        w, confidence = self._w, self._w.text(f"shared.confidence_{work.confidence}")
        by: Line = (Who(work.shared_by),)
        shared = [Note(w.line("work.shared", by=by))] if work.shared_by else []
        parts = (
            *shared,
            Heading(w.text("work.heading", model=model.name, confidence=confidence)),
            Text((Span(model.meaning[0].say),)),
            *self._placed(work),
            *self._reasons(work),
            *self._cautions(work),
            *self._left(work),
            *([self._choices(work, bool(whisper_to) and not direct, thread)] if live else []),
        )
        return self._said(work, parts, w.text("work.fallback", model=model.name, confidence=confidence), whisper_to)

    @staticmethod
    def _said(work: Described, parts: tuple[Part, ...], fallback: str, whisper_to: str) -> Reply:
        if whisper_to:
            return Reply(parts, fallback, surface="whisper", to=whisper_to)
        return Reply(parts, fallback, slot=work.slot, opens=work.slot == OPENING)

    def _placed(self, work: Described) -> list[Part]:
        """The label that bears the model out, and the closest known kind of work."""
        label = next((label.id.upper() for label in self._rules.advice.labels if work.model in label.fits), "")
        parts: list[Part] = [Text(self._w.line("work.label", label=label))] if label else []
        if work.activity and not work.halves:
            values: dict[str, str] = {"activity": self._name(work.activity)}
            if work.words:
                parts.append(Text(self._w.line("work.activity", words=self._terms.quoted(work.words), **values)))
            else:
                parts.append(Text(self._w.line("work.activity_unnamed", **values)))
        return parts

    def _reasons(self, work: Described) -> list[Part]:
        told = self._told(work)
        answers = {name: each.option for name, each in told if self._interview.option(name, each.option)}
        overruled = self._interview.overruled(answers)
        named = bool(work.activity)
        lines = [line for name, each in told if (line := self._reason(name, each, name in work.open, named, name in overruled))]
        parts: list[Part] = [Fact(self._w.text("work.because"), tuple(lines))] if lines else []
        if work.halves:
            parts.append(Fact(self._w.text("work.halves"), tuple(map(self._half, work.halves))))
        return parts

    def _half(self, half: Half) -> Line:
        words = self._terms.quoted(half.words)
        return self._w.line("work.half", activity=self._name(half.activity), model=self._model(half.model), words=words)

    def _told(self, work: Described) -> list[tuple[str, Told]]:
        """The answers in the order of asking."""
        return [(name, work.answers[name]) for name in self._interview.order if name in work.answers]

    def _reason(self, name: str, told: Told, is_open: bool, named: bool, overruled: bool) -> Line | None:
        """An answer, with who gave it or the person's own words for it; None where there is nothing to tell, or it is told already."""
        question, option = self._interview.question(name), self._interview.option(name, told.option)
        if question is None or option is None:
            return None
        if told.at:
            said = option.label if name == DRIVER else option.brief or option.label
            key = "work.overruled" if overruled else "work.answered"
            return self._w.line(key, name=question.name, answer=said, by=(Who(told.by),))
        if self._interview.number(name) is None and (is_open or named or not told.words):
            return None
        answer = option.brief or option.label
        if is_open:
            return self._w.line("work.usual_open", name=question.name, answer=answer)
        if told.words:
            return self._w.line("work.said", name=question.name, answer=answer, words=self._terms.quoted(told.words))
        return self._w.line("work.usual", name=question.name, answer=answer)

    def _cautions(self, work: Described) -> list[Part]:
        """Labels that do not hold, mistakes that the words give away, and warnings."""
        w = self._w
        parts: list[Part] = []
        for check in work.labels:
            text = self._mislabels.get(check.mislabel)
            if text:
                parts.append(Text(w.line("work.called_wrong", label=check.label.upper(), text=text)))
            elif not check.mislabel:
                parts.append(Text(w.line("work.called_right", label=check.label.upper())))
        for name, words in work.mistakes.items():
            if name in self._mistakes:
                parts.append(Text(w.line("work.mistake", words=self._terms.quoted(words), text=self._mistakes[name])))
        parts += [Text(w.line("result.warning", text=self._warnings[name])) for name in work.warnings if name in self._warnings]
        if work.ruled_out:
            parts.append(Note(w.line("work.ruled_out", words=self._terms.quoted(work.ruled_out))))
        return [*parts, *self._misnamed(work)]

    def _misnamed(self, work: Described) -> list[Part]:
        names = self._terms.listed([label.id.upper() for label in self._rules.advice.labels])
        return [Note(self._w.line("work.misnamed", names=names))] if work.misnamed else []

    def _left(self, work: Described) -> list[Part]:
        """The runner-up and what is still open."""
        runner_up = self._models.get(work.runner_up)
        parts: list[Part] = [Note(self._w.line("work.runner_up", model=runner_up.name))] if runner_up else []
        names = [question.name for name in work.open if (question := self._interview.question(name))]
        if names:
            return [*parts, Note(self._w.line("work.open", names=self._terms.listed(names)))]
        if work.halves:
            return parts
        return [*parts, Note(self._w.line("work.settled_forms" if work.forms else "work.settled"))]

    def _choices(self, work: Described, private: bool, thread: bool) -> Choices:
        """The next steps, the likeliest first. What is asked of a private card is asked privately."""
        w, number = self._w, work.number
        asks = bool(work.open) and not work.asked
        answer = w.text("work.answer" if len(work.open) > 1 else "work.answer_one")
        choices = [Choice(f"{VERB}:fill:{number}", answer, main=True)] if asks else []
        if private and not work.slot:
            choices.append(Choice(f"{VERB}:share:{number}", w.text("work.share_thread" if thread else "work.share"), main=not work.open))
        choices.append(Choice(f"{VERB}:brief:{number}", w.text("work.brief")))
        change = f"{RECORD}:change:{work.record}" if work.record else f"{VERB}:change:{number}"
        more = () if work.asked else (Choice(change, w.text("work.change")),)
        return Choices(tuple(choices), more=(*more, *exports(work.record or f"{VERB}{number}", w)))

    def answers(self, work: Described, reference: str, to: str, *, only_open: bool = False, direct: bool = False) -> Reply:
        """The window that asks for answers, of all questions or only of those that are open, with those that are known. A direct message
        has nobody else to share them with."""
        w = self._w
        four = self._interview.order[: self._interview.total]
        names = work.open if only_open else tuple(name for name in self._interview.order if name in {*four, *work.open, *work.answers})
        note = w.line("work.answers_private" if not (work.slot or work.record) else "work.answers_shared")
        fields = [self._field(work, name, reference) for name in names if self._interview.question(name)]
        title = w.text("work.answers_title")
        parts: tuple[Part, ...] = (*fields, *(() if direct else (Note(note),)))
        return Reply(parts, title, surface="window", to=to, title=title, window=ANSWERS, submit=w.text("work.answers_submit"))

    def _field(self, work: Described, name: str, reference: str) -> Field:
        """A question of the window; what is open has no answer yet."""
        question, told = self._interview.question(name), work.answers.get(name)
        assert question is not None
        options = tuple(Choice(option.id, option.label) for option in question.options)
        chosen = (told.option,) if told and name not in work.open and told.option in question.by_id else ()
        return Field(f"{name}:{reference}", question.text, options, chosen, optional=True)

    def changed(self, before: Described, after: Described, by: str, names: Sequence[str]) -> Reply:
        """The line that tells everybody what was changed, by whom and to what effect."""
        w, who = self._w, (Who(by),)
        listed = self._terms.listed([question.name for name in names if (question := self._interview.question(name))])
        old, new = self._model(before.model or ""), self._model(after.model or "")
        line = w.line("work.changed", by=who, names=listed, model=new, before=old) if old != new else None
        parts = (Text(line or w.line("work.changed_same", by=who, names=listed, model=new)),)
        return Reply(parts, self._terms.fallback(parts))

    def _model(self, name: str) -> str:
        model = self._models.get(name)
        return model.name if model else name

    def _name(self, activity: str) -> str:
        known = self._activities.get(activity)
        return known.name if known else activity

    # ------------------------------------------------------------------ other replies

    def _nothing(self) -> tuple[Part, ...]:
        lines = tuple(self._w.line(f"work.nothing_{name}") for name in _HELPS)
        return (Text(self._w.line("work.nothing")), Items(lines), Note(self._w.line("work.nothing_example")))

    def window(self, to: str, *, direct: bool = False) -> Reply:
        """Where work is described at leisure; shared with others where there are any."""
        w = self._w
        labels = tuple(Choice(label.id, label.id.upper()) for label in self._rules.advice.labels)
        keep = Choice(KEEP, w.text("work.window_keep_yes"), w.text("work.window_keep_hint"))
        parts: tuple[Part, ...] = (
            Field("text", w.text("work.window_text"), (), typed=True),
            Field("called", w.text("work.window_called"), labels, optional=True),
            Field(KEEP, w.text("work.window_keep"), (keep,), many=True),
            *(() if direct else (Note(w.line("work.window_note")),)),
        )
        title, submit = w.text("work.window_title"), w.text("work.window_submit")
        return Reply(parts, title, surface="window", to=to, title=title, window=VERB, submit=submit)

    def brief(self, work: Described, to: str) -> Reply | None:
        """All twelve fields of the model."""
        return self._briefs.brief(work.model or "", to)

    def unread(self) -> Reply:
        """Why the message above cannot be read, and what can be done."""
        parts = (Text(self._w.line("work.nothing_here")),)
        return Reply(parts, self._terms.fallback(parts))
