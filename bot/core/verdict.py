"""One full set of answers -> one operating model: alone, contradictions, gates, score; the first that applies decides."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.models import Advice, Effect, When
from bot.core.questions import Questions

DOMAIN, DRIVER = "domain", "quality_driver"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The model, the questions that decided (in the order that they did), and how close it was."""

    model: str
    because: tuple[str, ...]
    gated: bool = False
    neighbour: str | None = None
    """The model on the other side of a line that the score is next to."""
    strained: bool = False
    """Whether the answers pull in two directions: a cap or floor moved the model, or a contradiction was there to be settled."""


class Judge:
    """The rules of the decision, bound to the questions."""

    def __init__(self, questions: Questions, advice: Advice) -> None:
        self._questions, self._advice = questions, advice
        self._four = tuple(question.id for question in questions.questions)

    def verdict(self, full: Mapping[str, str]) -> Verdict:
        """The verdict on a full set of answers; the follow-ups may be missing."""
        alone = self._alone(full)
        if alone:
            return alone
        contradicts = self.contradicts(full)
        effect = self._advice.quality_driver.get(full.get(DRIVER, "")) if contradicts else None
        if effect and effect.model:
            return Verdict(effect.model, (DRIVER,), strained=True)
        counted = self._limited(full, effect) if effect else full
        first = (DRIVER,) if effect else ()
        return self._gated(counted, first, contradicts) or self._scored(counted, first, contradicts, effect)

    def contradicts(self, full: Mapping[str, str]) -> bool:
        """Whether the answers pull in two directions, so that the quality driver has a say."""
        return any(holds(contradiction.when, full) for contradiction in self._advice.contradictions)

    def _alone(self, full: Mapping[str, str]) -> Verdict | None:
        deciding = self._questions.deciding
        found = {deciding[answer]: answer[0] for answer in full.items() if answer in deciding}
        return next((Verdict(model, (found[model],)) for model in self._advice.alone if model in found), None) if found else None

    def _limited(self, full: Mapping[str, str], effect: Effect) -> dict[str, str]:
        """The answers as they count once the quality driver is known."""
        counted, values = dict(full), self._questions.values
        for name, option in effect.at_most.items():
            if values[name, counted[name]] > values[name, option]:
                counted[name] = option
        for name, option in effect.at_least.items():
            if values[name, counted[name]] < values[name, option]:
                counted[name] = option
        return counted

    def _gated(self, counted: Mapping[str, str], first: tuple[str, ...], strained: bool) -> Verdict | None:
        domain = counted.get(DOMAIN)
        for gate in self._advice.gates:
            if gate.domain == domain:
                for when in gate.any_of:
                    if holds(when, counted):
                        return Verdict(gate.model, (*first, DOMAIN, *when), gated=True, strained=strained)
        return None

    def _scored(self, counted: Mapping[str, str], first: tuple[str, ...], strained: bool, effect: Effect | None) -> Verdict:
        values, by_score = self._questions.values, self._advice.by_score
        score = sum(values[name, counted[name]] for name in self._four)
        model = self._bounded(by_score[score], counted, effect)
        because = (*first, *self._four)
        if model != by_score[score]:
            return Verdict(model, because, strained=True)
        around = by_score[max(score - 1, 0) : score + 2]
        return Verdict(model, because, neighbour=next((other for other in around if other != model), None), strained=strained)

    def _bounded(self, model: str, counted: Mapping[str, str], effect: Effect | None) -> str:
        """The score's model after the caps and floors."""
        ladder = self._advice.ladder
        limits = [(bound.at_least, bound.at_most) for bound in self._advice.bounds if holds(bound.when, counted)]
        if effect:
            limits.append((effect.model_at_least, effect.model_at_most))
        for at_least, at_most in limits:
            if at_least and ladder[model] < ladder[at_least]:
                model = at_least
            if at_most and ladder[model] > ladder[at_most]:
                model = at_most
        return model


def holds(when: When, answers: Mapping[str, str]) -> bool:
    """Whether the answers satisfy a condition."""
    for name, options in when.items():  # noqa: SIM110 (half the time of a decision is spent here, and a loop takes half of all())
        if answers.get(name) not in options:
            return False
    return True
