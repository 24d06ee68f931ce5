"""A profile of the work from prose: the kinds of work recognised, and each answer with the words that gave it, or with what is usual."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.core.activities import Activity, Signal
from bot.core.advice import recommend
from bot.core.clues import Clue, Described, Quote
from bot.core.models import Advice
from bot.core.questions import Questions
from bot.core.verdict import DOMAIN

How = Literal["said", "usual"]

_NAME, _HINT, _LOOSE = 3.0, 0.8, 1.0
_MOST_HINTS = 3
"""How many hints count at most."""

_FIRST = 0.2
"""What the kind of work named first gains: people begin with what they want done."""

_BESIDE = 0.5
"""The share that every other kind of work adds to the strongest one of its model."""


@dataclass(frozen=True, slots=True)
class Known:
    """An answer: the option, whether the text says so or it is usual for the kind of work, and the words that gave it."""

    option: str
    how: How
    evidence: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Recognised:
    """A kind of work that the text names, or that its words point to; how strongly, and the model that its answers lead to."""

    activity: Activity
    weight: float
    named: bool
    """Whether it is named outright."""
    model: str
    clues: tuple[Clue, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of the work: question -> answer (what the text leaves open is missing), and the kinds of work, the leading one first."""

    answers: Mapping[str, Known]
    activities: tuple[Recognised, ...]
    torn: frozenset[str] = frozenset()
    """Questions on which the text says two different things."""

    @property
    def options(self) -> dict[str, str]:
        """Question -> option, whether said or usual."""
        return {question: known.option for question, known in self.answers.items()}

    @property
    def said(self) -> dict[str, str]:
        """Question -> option, where the text itself says so."""
        return {question: known.option for question, known in self.answers.items() if known.how == "said"}


class Profiler:
    """The rules of filling a profile, bound to the questions; it remembers what sets of answers lead to."""

    def __init__(self, activities: Iterable[Activity], signals: Iterable[Signal], questions: Questions, advice: Advice) -> None:
        self._activities = {activity.id: activity for activity in activities}
        self._signals = {signal.id: signal for signal in signals}
        self._questions, self._advice = questions, advice
        self._models: dict[tuple[tuple[str, str], ...], str | None] = {}
        self._labels = {model: label.id for label in reversed(advice.labels) for model in label.fits}

    def profile(self, described: Described) -> Profile:
        """What the text says of the work."""
        clear, torn = self._said(described.clues, "clear")
        said = {question: option for question, (option, _) in clear.items()}
        recognised = self._recognised(described.clues, said)
        leading = self._leading(recognised)
        answers: dict[str, Known] = {}
        if leading:
            words = described.quotes(leading.clues)
            for question, option in leading.activity.usual.items():
                answers[question] = Known(option, "said" if question == DOMAIN and leading.named else "usual", words)
        slight = {} if leading and leading.named else self._said(described.clues, "slight")[0]
        for how, found in (("usual", slight), ("said", clear)):
            for question, (option, clues) in found.items():
                answers[question] = Known(option, how, described.quotes(clues))  # type: ignore[arg-type]
        ordered = {question: answers[question] for question in self._questions.by_id if question in answers}
        first = [leading] if leading else []
        return Profile(ordered, (*first, *(other for other in recognised if other is not leading)), torn)

    # ------------------------------------------------------------------ signals

    def _said(self, clues: Sequence[Clue], strength: str) -> tuple[dict[str, tuple[str, list[Clue]]], frozenset[str]]:
        """The answers that signals of this strength give, with their clues; and the questions on which they disagree."""
        votes: dict[str, dict[str, list[Clue]]] = {}
        for clue in clues:
            signal = self._signals.get(clue.id) if clue.kind == "signal" else None
            if signal and signal.strength == strength:
                for question, option in signal.says.items():
                    votes.setdefault(question, {}).setdefault(option, []).append(clue)
        found: dict[str, tuple[str, list[Clue]]] = {}
        for question, options in votes.items():
            option = max(options, key=lambda name: (len({clue.id for clue in options[name]}), self._weighs(question, name)))
            found[question] = (option, options[option])
        return found, frozenset(question for question, options in votes.items() if len(options) > 1)

    def _weighs(self, question: str, option: str) -> int:
        """The higher answer wins a draw: underscoping costs more than a careful start."""
        return self._questions.values.get((question, option), 9)

    # ------------------------------------------------------------------ kinds of work

    def _recognised(self, clues: Sequence[Clue], said: Mapping[str, str]) -> list[Recognised]:
        """Every kind of work that the clues point to, the strongest first."""
        by_activity: dict[str, list[Clue]] = {}
        for clue in clues:
            if clue.id in self._activities and clue.kind != "signal":
                by_activity.setdefault(clue.id, []).append(clue)
        first = next((clue.id for clue in clues if clue.kind == "name" and clue.counts == 1.0), "")
        found: list[Recognised] = []
        for name, mine in by_activity.items():
            activity = self._activities[name]
            named = any(clue.kind == "name" and clue.counts == 1.0 for clue in mine)
            model = self.model({**activity.usual, **said})
            if model:
                found.append(Recognised(activity, _weight(mine) + _FIRST * (name == first), named, model, tuple(mine)))
        return sorted(found, key=lambda each: -each.weight)

    def _leading(self, recognised: Sequence[Recognised]) -> Recognised | None:
        """The strongest kind of work of the strongest model of the strongest label."""
        if not recognised:
            return None
        labels = tally(recognised, lambda each: self.label(each.model))
        label = max(labels, key=lambda name: labels[name])
        inside = [each for each in recognised if self.label(each.model) == label]
        models = tally(inside, lambda each: each.model)
        model = max(models, key=lambda name: models[name])
        return next(each for each in inside if each.model == model)

    def label(self, model: str) -> str:
        """The label that bears a model out (`kpo` for research): work of one label is weighed together."""
        return self._labels.get(model, model)

    def model(self, answers: Mapping[str, str]) -> str | None:
        """The model that answers lead to, worked out once for each set of answers."""
        key = tuple(sorted(answers.items()))
        if key not in self._models:
            self._models[key] = recommend(answers, self._questions, self._advice).model
        return self._models[key]


def _weight(clues: Sequence[Clue]) -> float:
    """How strongly clues point to one kind of work."""
    names = {(clue.hit.first, clue.hit.last): _specific(clue) for clue in clues if clue.kind == "name"}
    loose = sum(clue.counts for clue in clues if clue.kind == "loose")
    hints = sorted((clue.counts for clue in clues if clue.kind == "hint"), reverse=True)[:_MOST_HINTS]
    best, *more = sorted(names.values(), reverse=True) or [0.0]
    return _NAME * best + sum(more) + _LOOSE * min(loose, _MOST_HINTS) + _HINT * sum(hints)


def _specific(clue: Clue) -> float:
    """How much a name counts: longer ones more, words that stand apart less."""
    hit = clue.hit
    gap = hit.last - hit.first + 1 - len(hit.words)
    return clue.counts * (0.75 + 0.125 * min(len(hit.words), 4)) * (1 - 0.04 * gap)


def tally(recognised: Iterable[Recognised], of: Callable[[Recognised], str]) -> dict[str, float]:
    """The weight of each group: its strongest member in full, the others in part."""
    weights: dict[str, list[float]] = {}
    for each in recognised:
        weights.setdefault(of(each), []).append(each.weight)
    return {name: max(mine) + _BESIDE * (sum(mine) - max(mine)) for name, mine in weights.items()}
