"""From answers to a recommendation: the model, how sure it is, what would change it, and what is still to be asked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Literal

from bot.core.models import Advice
from bot.core.questions import UNSURE, Questions
from bot.core.verdict import DOMAIN, DRIVER, Judge, Verdict, holds

NO_GATE = "none"
"""The domain of everything that has no gate."""

UNPLACED = "unplaced"
"""What to say of a label while the work itself cannot be placed."""

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


def recommend(answers: Mapping[str, str], questions: Questions, advice: Advice) -> Recommendation:
    """The operating model for these answers (question id -> option id); a missing or "unsure" answer is unknown."""
    return _Case(_known(answers, questions, advice), questions, advice).recommendation(frozenset(answers))


def model_of(answers: Mapping[str, str], questions: Questions, advice: Advice) -> str | None:
    """The model that `recommend` would recommend, without any of its reasons."""
    return _Case(_known(answers, questions, advice), questions, advice).model


def next_question(answers: Mapping[str, str], questions: Questions, advice: Advice, domain_known: bool = False) -> str | None:
    """What to ask next: the four in their order, then a follow-up that can still change the model; None when there is nothing left."""
    known = _known(answers, questions, advice)
    asked = frozenset(answers) | ({DOMAIN} if domain_known else set())
    missing = (question.id for question in questions.questions if question.id not in asked)
    return next(missing, None) or _Case(known, questions, advice).follow_up(asked)


def mislabelled(called: str, model: str, advice: Advice) -> str | None:
    """The id of what to say when work of this model was called by that label (`kpo`, `BPO`); None where the label holds or is unknown."""
    label = next((label for label in advice.labels if label.id == called.casefold()), None)
    return label.otherwise.get(model) if label else None


def _known(answers: Mapping[str, str], questions: Questions, advice: Advice) -> dict[str, str]:
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
        self._known, self._questions, self._advice = known, questions, advice
        self._judge = Judge(questions, advice)
        self._open = tuple(question.id for question in questions.questions if question.id not in known)
        self._full = {name: advice.unsure.middle[name] for name in self._open} | dict(known)
        """The known answers, with the middle value standing in for each open one."""

    @property
    def model(self) -> str | None:
        """The operating model, or None where too much is open."""
        return self._model(self._full)[0]

    def recommendation(self, asked: frozenset[str]) -> Recommendation:
        """The whole answer. `asked` are the questions that were put, those answered with "not sure" included."""
        ask = self.follow_up(asked)
        model, settled = self._model(self._full)
        if model is None:
            return Recommendation(None, "none", find_out=self._find_out(self._open), ask=ask)
        verdict = self._judge.verdict(self._full)
        flips = self._flips(verdict)
        turning = self._turning(settled)
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

    def _model(self, full: Mapping[str, str]) -> tuple[str | None, bool]:
        """The model, or None where too much is open; and whether the open answers all lead to it."""
        unsure = self._advice.unsure
        models = {self._judge.verdict({**full, **completion}).model for completion in self._completions()}
        if len(models) == 1:
            return models.pop(), True
        too_many = len(self._open) > 1 and len(models) >= unsure.too_many_models
        if too_many or len(self._open) >= unsure.too_many_answers:
            return None, False
        return self._judge.verdict(full).model, False

    def _completions(self) -> Iterator[dict[str, str]]:
        """Every way to answer the open questions with a value of the scale.

        Answers that decide alone are left out: they are facts that people know when they are so.
        """
        scales = [[option.id for option in self._questions.by_id[name].options if option.value is not None] for name in self._open]
        return (dict(zip(self._open, options, strict=True)) for options in product(*scales))

    def _matters(self, name: str) -> bool:
        """Whether an answer to this follow-up would change the model."""
        if name == DRIVER and not self._judge.contradicts(self._full):
            return False
        options = (option for option in self._questions.by_id[name].by_id if option != UNSURE)
        return len({self._model({**self._full, name: option})[0] for option in options}) > 1

    def _turning(self, settled: bool) -> tuple[str, ...]:
        """The questions that are open and whose answer could change the model."""
        follow_ups = (name for name in (DOMAIN, DRIVER) if name not in self._known and self._matters(name))
        return (*(() if settled else self._open), *follow_ups)

    # ------------------------------------------------------------------ what would change it

    def _flips(self, verdict: Verdict) -> tuple[Flip, ...]:
        """Every answer that, changed alone, changes the model; the closest first."""
        ranked: list[tuple[int, int, int, Flip]] = []
        for place, name in enumerate(self._questions.by_id):
            if name == DRIVER and not self._judge.contradicts(self._full):
                continue
            for option in self._questions.by_id[name].by_id:
                if option in {UNSURE, self._full.get(name)}:
                    continue
                flip = Flip(name, option, self._judge.verdict({**self._full, name: option}).model)
                if flip.model != verdict.model:
                    distance = self._distance(name, option)
                    ranked.append((self._rank(flip, distance, verdict), distance, place, flip))
        return tuple(flip for *_, flip in sorted(ranked, key=lambda entry: entry[:3]))

    def _rank(self, flip: Flip, distance: int, verdict: Verdict) -> int:
        """First what is open; then the other side of the line, the gate or the quality driver; the four questions; the domain."""
        name = flip.question
        if name in self._open or (name == DRIVER and DRIVER not in self._known):
            return 0
        across = flip.model == verdict.neighbour and distance == 1
        ungated = verdict.gated and (name, flip.option) == (DOMAIN, NO_GATE)
        if across or ungated or (name == DRIVER and DRIVER in verdict.because):
            return 1
        return 3 if name == DOMAIN else 2

    def _distance(self, name: str, option: str) -> int:
        """How far an answer is from the present one, in points."""
        values = self._questions.values
        now, then = values.get((name, self._full.get(name, ""))), values.get((name, option))
        if then is None or name not in self._full:
            return _GATE_DISTANCE
        if now is None:
            return 1 if self._advice.unsure.middle[name] == option else 2
        return abs(then - now)

    # ------------------------------------------------------------------ what else to say

    def _warnings(self, model: str) -> tuple[str, ...]:
        return tuple(
            warning.id
            for warning in self._advice.warnings
            if holds(warning.when, self._known) and (not warning.models or model in warning.models)
        )

    def _find_out(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(fact.id for fact in self._advice.find_out if set(fact.helps) & set(names))
