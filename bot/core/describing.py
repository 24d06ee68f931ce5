"""From a classification to what may be remembered of it: ids, answers, and only those words of the text that the rules matched."""

import re
from collections.abc import Iterable

from bot.core.advice import NO_GATE
from bot.core.classify import Classification, classify
from bot.core.clues import Quote
from bot.core.memory import Described, Label, Told
from bot.core.memory import Half as RememberedHalf
from bot.core.rulebook import Rulebook
from bot.core.verdict import DOMAIN

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

    def described(self, text: str, number: int, by: str, at: int, label: str = "") -> Described:
        """What a description leads to; `label` is what somebody calls the work. Without a model there is nothing to go on."""
        text, named = called(text)
        label = label or named
        found = classify(text, self._rules, label if label in self._labels else "")
        labels = tuple(Label(label=check.label, mislabel=check.mislabel or "") for check in found.labels)
        mistakes = {name: _words([quote]) for name, quote in found.mistakes}
        if found.model is None:
            return Described(number=number, by=by, at=at, labels=labels, mistakes=mistakes)
        leading = found.profile.activities[0] if found.profile.activities else None
        return Described(
            number=number,
            by=by,
            at=at,
            model=found.model,
            confidence=found.confidence,
            runner_up=found.runner_up or "",
            answers=self._answers(found),
            activity=leading.activity.id if leading and (leading.named or leading.weight >= POINTED) else "",
            open=self._open(found),
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

    @staticmethod
    def _open(found: Classification) -> tuple[str, ...]:
        ask = found.recommendation.ask if found.recommendation and not found.halves else None
        return tuple(dict.fromkeys((*found.open, *([ask] if ask else []))))


def _words(quotes: Iterable[Quote]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(quote.words[:_LENGTH] for quote in quotes))[:_WORDS]
