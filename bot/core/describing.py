"""From a classification to what may be remembered of it: ids, answers, and only those words of the text that the rules matched."""

import re
from collections.abc import Iterable

from bot.core.advice import NO_GATE, recommend
from bot.core.classify import Classification, classify
from bot.core.clues import Quote
from bot.core.memory import Described, Label, Told
from bot.core.memory import Half as RememberedHalf
from bot.core.profile import Recognised
from bot.core.questions import UNSURE
from bot.core.rulebook import Rulebook
from bot.core.verdict import DOMAIN

DESCRIBES = 5
"""A line of at least so many words may describe work."""

POINTED = 1.0
"""From this weight on words point to a kind of work; a mere hint is not worth telling."""

_WORDS, _LENGTH = 6, 80
"""How many matched words an answer keeps, and how long each may be."""

_CALLED = re.compile(r"(?:--|—|–)called(?:[ =:]+(\S{1,40}))?", re.IGNORECASE)


def called(text: str) -> tuple[str, str]:
    """The description without `--called KPO`, and that label (empty where none is given)."""
    match = _CALLED.search(text)
    if match is None:
        return text, ""
    label = re.sub(r"\W", "", match[1] or "")
    return f"{text[: match.start()].rstrip()} {text[match.end() :]}".strip(), label.casefold()


class Describer:
    """Reads descriptions by the rules."""

    def __init__(self, rules: Rulebook) -> None:
        self._rules = rules
        self._labels = {label.id for label in rules.advice.labels}

    def is_description(self, text: str) -> bool:
        """Whether somebody who was not asked for one plainly describes work: it is named, and it leads somewhere."""
        if len(text.split()) < DESCRIBES:
            return False
        found = classify(text, self._rules)
        leading = found.profile.leading
        return found.confidence in ("firm", "likely") and leading is not None and leading.named

    def described(self, text: str, number: int, by: str, at: int, label: str = "") -> Described:
        """What a description leads to; `label` is what somebody calls the work. Without a model there is nothing to go on."""
        bare = _CALLED.search(text) is not None
        text, named = called(text)
        label = label or named or ("?" if bare else "")
        found = classify(text, self._rules, label if label in self._labels else "")
        misnamed = bool(label) and label not in self._labels
        labels = tuple(Label(label=check.label, mislabel=check.mislabel or "") for check in found.labels)
        mistakes = {name: _words([quote]) for name, quote in found.mistakes}
        if found.model is None:
            return Described(number=number, by=by, at=at, labels=labels, mistakes=mistakes, misnamed=misnamed)
        leading = found.profile.activities[0] if found.profile.activities else None
        pointed = leading is not None and (leading.named or leading.weight >= POINTED)
        still_open = open_questions(found, self._rules)
        return Described(
            number=number,
            by=by,
            at=at,
            model=found.model,
            confidence=found.confidence,
            runner_up=found.runner_up or "",
            answers=self._answers(found),
            activity=leading.activity.id if leading and pointed else "",
            words=_words(_naming(leading)) if leading and pointed else (),
            ruled_out=_words(found.ruled_out),
            open=still_open,
            forms=not still_open and self._forms(found),
            misnamed=misnamed,
            labels=labels,
            halves=tuple(RememberedHalf(model=half.model, activity=half.activity, words=_words(half.quotes)) for half in found.halves),
            warnings=found.warnings,
            mistakes=mistakes,
        )

    def _answers(self, found: Classification) -> dict[str, Told]:
        """The answers that are known. Of work in two halves only what it says; a kind of work without a special domain has none."""
        answers = {
            question: Told(option=known.option, said=known.how == "said", words=_words(known.evidence) if known.how == "said" else ())
            for question, known in found.profile.answers.items()
        }
        if found.halves:
            return {name: told for name, told in answers.items() if told.said and name != DOMAIN} | self._halved(found)
        if any(each.named for each in found.profile.activities[:1]):
            answers.setdefault(DOMAIN, Told(option=NO_GATE))
        return answers

    def _halved(self, found: Classification) -> dict[str, Told]:
        """The answer that says: two halves."""
        words = _words(quote for half in found.halves for quote in half.quotes)
        deciding = self._rules.questions.deciding.items()
        return {question: Told(option=option, said=True, words=words) for (question, option), model in deciding if model == found.model}

    def _forms(self, found: Classification) -> bool:
        """Whether an answer that nobody gave, off by a step, leads to another model all the same: another form of the same work."""
        questions, options, said = self._rules.questions, found.profile.options, found.profile.said
        for question in questions.questions:
            scale = [option.id for option in question.options if option.id != UNSURE and option.model is None]
            if question.id in said or found.halves or options.get(question.id) not in scale:
                continue
            at = scale.index(options[question.id])
            for option in scale[max(0, at - 1) : at + 2]:
                if recommend({**options, question.id: option}, questions, self._rules.advice).model != found.model:
                    return True
        return False


def open_questions(found: Classification, rules: Rulebook) -> tuple[str, ...]:
    """The questions to ask: those that could turn the model, or, where another kind of work is as likely, those that tell the two apart."""
    if found.halves:
        return ()
    ask = found.recommendation.ask if found.recommendation else None
    still_open = tuple(dict.fromkeys((*found.open, *([ask] if ask else []))))
    return still_open or _telling_apart(found, rules)


def _telling_apart(found: Classification, rules: Rulebook) -> tuple[str, ...]:
    """What is usual for the leading kind of work and otherwise for its rival, where it would bring the rival's model."""
    activities = found.profile.activities
    rival = next((each for each in activities if each.model == found.runner_up), None)
    if rival is None or found.confidence == "firm":
        return ()
    options, by_id = found.profile.options, rules.questions.by_id
    usual = {DOMAIN: NO_GATE, **rival.activity.usual}
    others = {
        name: option for name, option in usual.items() if name in by_id and option in by_id[name].by_id and options.get(name) != option
    }
    turning = [
        name for name, option in others.items() if recommend({**options, name: option}, rules.questions, rules.advice).model != found.model
    ]
    said = {name for name in found.profile.said if name != DOMAIN}
    return tuple(name for name in by_id if name in (turning or others) and name not in said)


def _naming(leading: Recognised) -> Iterable[Quote]:
    """The words that name the kind of work."""
    return [clue.quote for clue in leading.clues if clue.kind == "name"] or [clue.quote for clue in leading.clues]


def _words(quotes: Iterable[Quote]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(quote.words[:_LENGTH] for quote in quotes))[:_WORDS]
