"""From answers to an operating model: what rules/advice.yml says, step by step."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Literal

from bot.core.models import Advice, Effect
from bot.core.questions import UNSURE, Questions

DOMAIN, DRIVER = "domain", "quality_driver"
NO_GATE = "none"

_GATE_DISTANCE = 3
"""How far an answer that decides alone is from the others: as far as the scale is long."""


@dataclass(frozen=True, slots=True)
class Flip:
    """One answer that, changed alone, changes the model."""

    question: str
    option: str
    model: str


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What the answers lead to. `warnings` and `find_out` are ids of rules/advice.yml; `flips` are ordered, the closest first."""

    model: str | None
    confidence: Literal["firm", "likely", "provisional", "none"]
    runner_up: str | None = None
    flips: tuple[Flip, ...] = ()
    warnings: tuple[str, ...] = ()
    find_out: tuple[str, ...] = ()
    ask: str | None = None
    """The follow-up (`domain`, `quality_driver`) that was not answered and would change the model."""
    because: tuple[str, ...] = ()
    """The questions whose answers decided, in the order that they did."""


@dataclass(frozen=True, slots=True)
class _Verdict:
    """The model of a full set of answers, the questions that decided, and how close it was."""

    model: str
    because: tuple[str, ...]
    gated: bool = False
    neighbour: str | None = None
    """The model on the other side of a line that the score is next to."""
    strained: bool = False
    """Whether the answers pull in two directions: a cap or floor moved the model, or a contradiction had to be settled."""


def recommend(answers: Mapping[str, str], questions: Questions, advice: Advice) -> Recommendation:
    """The operating model for these answers (question id -> option id); a missing or "unsure" answer is unknown."""
    known = _checked(answers, questions, advice)
    return _Case(known, questions, advice).recommendation(frozenset(answers))


def next_question(answers: Mapping[str, str], questions: Questions, advice: Advice, domain_known: bool = False) -> str | None:
    """What to ask next: the four in their order, then a follow-up that can still change the model; None when there is nothing left."""
    known = _checked(answers, questions, advice)
    asked = frozenset(answers) | ({DOMAIN} if domain_known else set())
    missing = (question.id for question in questions.questions if question.id not in asked)
    return next(missing, None) or _Case(known, questions, advice).follow_up(asked)


def mislabelled(called: str, model: str, advice: Advice) -> str | None:
    """The id of what to say when work of this model was called by that label (`kpo`, `BPO`); None where the label holds or is unknown."""
    label = next((label for label in advice.labels if label.id == called.casefold()), None)
    return label.otherwise.get(model) if label else None


def _checked(answers: Mapping[str, str], questions: Questions, advice: Advice) -> dict[str, str]:
    """The answers that say something. Raises ValueError for a question or option that does not exist."""
    known: dict[str, str] = {}
    for name, option in answers.items():
        question = questions.by_id.get(name)
        if question is None:
            raise ValueError(f"There is no question “{name}”; the questions are {', '.join(questions.by_id)}.")
        if option in question.by_id:
            if option != UNSURE:
                known[name] = option
        elif name == DOMAIN and option in advice.other_domains:
            known[name] = NO_GATE
        else:
            more = advice.other_domains if name == DOMAIN else ()
            raise ValueError(f"“{option}” is no answer to {name}; the answers are {', '.join((*question.by_id, *more))}.")
    return known


class _Case:
    """One set of known answers under one set of rules."""

    def __init__(self, known: Mapping[str, str], questions: Questions, advice: Advice) -> None:
        self._known, self._questions, self._advice = dict(known), questions, advice
        self._open = tuple(question.id for question in questions.questions if question.id not in known)
        self._full = {name: advice.unsure.middle[name] for name in self._open} | self._known
        """The known answers, with the middle value standing in for each open one."""

    # ------------------------------------------------------------------ the whole answer

    def recommendation(self, asked: frozenset[str]) -> Recommendation:
        """Model, confidence, neighbours, and what would change it. `asked` are the questions that were put, unsure ones included."""
        ask = self.follow_up(asked)
        model, harmless = self._model()
        if model is None:
            return Recommendation(None, "none", find_out=self._find_out(self._open), ask=ask)
        verdict = self._verdict(self._full)
        flips = self._flips(model, verdict)
        turning = self._turning(model, harmless)
        return Recommendation(
            model=model,
            confidence="provisional" if turning else "likely" if self._open or verdict.neighbour or verdict.strained else "firm",
            runner_up=flips[0].model if flips else None,
            flips=flips,
            warnings=self._warnings(model),
            find_out=self._find_out(turning),
            ask=ask,
            because=tuple(name for name in verdict.because if name not in self._open),
        )

    def follow_up(self, asked: frozenset[str]) -> str | None:
        """The follow-up that was not asked yet and can still change the model."""
        return next((name for name in (DOMAIN, DRIVER) if name not in asked and self._matters(name)), None)

    # ------------------------------------------------------------------ open answers

    def _model(self) -> tuple[str | None, bool]:
        """The model, or None where too much is open; and whether what is open changes nothing."""
        unsure = self._advice.unsure
        models = {self._verdict(self._full | completion).model for completion in self._completions()}
        if len(models) == 1:
            return models.pop(), True
        too_many = len(self._open) > 1 and len(models) >= unsure.too_many_models
        if too_many or len(self._open) >= unsure.too_many_answers:
            return None, False
        return self._verdict(self._full).model, False

    def _completions(self) -> Iterator[dict[str, str]]:
        """Every way to answer the open questions with a value of the scale.

        Answers that decide alone are left out: they are facts that people know when they are so.
        """
        scales = [[option.id for option in self._questions.by_id[name].options if option.value is not None] for name in self._open]
        return (dict(zip(self._open, options, strict=True)) for options in product(*scales))

    def _matters(self, name: str) -> bool:
        """Whether an answer to this follow-up would change the model."""
        if name == DRIVER and not self._contradicts(self._full):
            return False
        options = [option for option in self._questions.by_id[name].by_id if option != UNSURE]
        return len({self._with(name, option)._model()[0] for option in options}) > 1

    def _with(self, name: str, option: str) -> "_Case":
        return _Case(self._known | {name: option}, self._questions, self._advice)

    def _turning(self, model: str, harmless: bool) -> tuple[str, ...]:
        """The questions that are open and whose answer could change the model."""
        turning = () if harmless else self._open
        return (*turning, *(name for name in (DOMAIN, DRIVER) if name not in self._known and self._matters(name)))

    # ------------------------------------------------------------------ one full set of answers

    def _verdict(self, full: Mapping[str, str]) -> _Verdict:
        """The first of alone, contradictions, gates and score that applies."""
        alone = self._alone(full)
        if alone:
            return alone
        contradicts = self._contradicts(full)
        effect = self._advice.quality_driver.get(full.get(DRIVER, "")) if contradicts else None
        if effect is None:
            return self._weighed(full, contradicts)
        if effect.model:
            return _Verdict(effect.model, (DRIVER,), strained=True)
        return self._weighed(self._limited(full, effect), strained=True, effect=effect)

    def _weighed(self, counted: Mapping[str, str], strained: bool, effect: Effect | None = None) -> _Verdict:
        first = (DRIVER,) if effect else ()
        for gate in self._advice.gates:
            if counted.get(DOMAIN) == gate.domain:
                held = next((when for when in gate.any_of if _holds(when, counted)), None)
                if held:
                    return _Verdict(gate.model, (*first, DOMAIN, *held), gated=True, strained=strained)
        return self._scored(counted, first, strained, effect)

    def _scored(self, counted: Mapping[str, str], first: tuple[str, ...], strained: bool, effect: Effect | None) -> _Verdict:
        advice = self._advice
        score = sum(self._value(question.id, counted[question.id]) for question in self._questions.questions)
        by_score = advice.by_score[score]
        around = advice.by_score[max(score - 1, 0) : score + 2]
        bounds = [(bound.at_least, bound.at_most) for bound in advice.bounds if _holds(bound.when, counted)]
        if effect:
            bounds.append((effect.model_at_least, effect.model_at_most))
        model = by_score
        for at_least, at_most in bounds:
            model = self._between(model, at_least, at_most)
        because = (*first, *(question.id for question in self._questions.questions))
        if model != by_score:
            return _Verdict(model, because, strained=True)
        return _Verdict(model, because, neighbour=next((other for other in around if other != model), None), strained=strained)

    def _between(self, model: str, at_least: str | None, at_most: str | None) -> str:
        ladder = self._advice.ladder
        if at_least and ladder[model] < ladder[at_least]:
            return at_least
        return at_most if at_most and ladder[model] > ladder[at_most] else model

    def _alone(self, full: Mapping[str, str]) -> _Verdict | None:
        """The verdict of an answer that decides alone."""
        found = {option.model: name for name in full if (option := self._questions.by_id[name].by_id.get(full[name])) and option.model}
        return next((_Verdict(model, (found[model],)) for model in self._advice.alone if model in found), None)

    def _contradicts(self, full: Mapping[str, str]) -> bool:
        return any(_holds(contradiction.when, full) for contradiction in self._advice.contradictions)

    def _limited(self, full: Mapping[str, str], effect: Effect) -> dict[str, str]:
        """The answers as they count once the quality driver is known."""
        counted = dict(full)
        for name, option in effect.at_most.items():
            if self._value(name, counted[name]) > self._value(name, option):
                counted[name] = option
        for name, option in effect.at_least.items():
            if self._value(name, counted[name]) < self._value(name, option):
                counted[name] = option
        return counted

    def _value(self, name: str, option: str) -> int:
        return self._questions.by_id[name].by_id[option].value or 0

    # ------------------------------------------------------------------ what would change it

    def _flips(self, model: str, verdict: _Verdict) -> tuple[Flip, ...]:
        """Every answer that, changed alone, changes the model; the closest first."""
        ranked: list[tuple[int, int, int, Flip]] = []
        for place, name in enumerate(self._questions.by_id):
            if name == DRIVER and not self._contradicts(self._full):
                continue
            for option in self._questions.by_id[name].by_id:
                if option in {UNSURE, self._full.get(name)}:
                    continue
                changed = self._verdict(self._full | {name: option}).model
                if changed != model:
                    distance = self._distance(name, option)
                    ranked.append((self._rank(name, option, changed, distance, verdict), distance, place, Flip(name, option, changed)))
        return tuple(flip for _, _, _, flip in sorted(ranked, key=lambda entry: entry[:3]))

    def _rank(self, name: str, option: str, changed: str, distance: int, verdict: _Verdict) -> int:
        """First what is open; then the other side of the line, the gate or the quality driver; the four questions; the domain."""
        if name in self._open or (name == DRIVER and DRIVER not in self._known):
            return 0
        across = changed == verdict.neighbour and distance == 1
        ungated = verdict.gated and (name, option) == (DOMAIN, NO_GATE)
        if across or ungated or (name == DRIVER and name in verdict.because):
            return 1
        return 3 if name == DOMAIN else 2

    def _distance(self, name: str, option: str) -> int:
        """How far an answer is from the present one, in points."""
        options = self._questions.by_id[name].by_id
        now, then = options.get(self._full.get(name, "")), options[option]
        if now is None or then.value is None:
            return _GATE_DISTANCE
        if now.value is None:
            return 1 if self._advice.unsure.middle.get(name) == option else 2
        return abs(then.value - now.value)

    # ------------------------------------------------------------------ what else to say

    def _warnings(self, model: str) -> tuple[str, ...]:
        return tuple(
            warning.id
            for warning in self._advice.warnings
            if _holds(warning.when, self._known) and (not warning.models or model in warning.models)
        )

    def _find_out(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(fact.id for fact in self._advice.find_out if set(fact.helps) & set(names))


def _holds(when: Mapping[str, tuple[str, ...]], answers: Mapping[str, str]) -> bool:
    return all(answers.get(name) in options for name, options in when.items())
