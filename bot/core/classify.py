"""From a description to an operating model: how sure that is, what is still open, which label does not hold, and what to beware of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bot.core.advice import NO_GATE, Recommendation, mislabelled, recommend
from bot.core.clues import Clue, ClueBook, Described, Quote
from bot.core.profile import Profile, Profiler, Recognised, tally
from bot.core.questions import UNSURE, Questions
from bot.core.verdict import DOMAIN

if TYPE_CHECKING:
    from bot.core.rulebook import Rulebook

Confidence = Literal["firm", "likely", "provisional", "none"]

_STRONG = 2.5
"""From this weight on a kind of work is more than a direction."""

_ALONE, _AHEAD = 0.8, 0.55
"""The share of all the weight from which on a reading has no rival, and below which it is anybody's guess."""


@dataclass(frozen=True, slots=True)
class Half:
    """One half of work that comes in two: its model, the kind of work, and the words for it."""

    model: str
    activity: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class LabelCheck:
    """A label that the text or the person uses for the work, and the id of what to say of it (None: it holds)."""

    label: str
    mislabel: str | None
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Classification:
    """What a description leads to. `warnings` are ids of rules/advice.yml, `mistakes` of rules/signals.yml."""

    model: str | None
    confidence: Confidence
    runner_up: str | None
    profile: Profile
    open: tuple[str, ...]
    """The questions whose answer could still change the model, in the order of asking."""
    because: tuple[Quote, ...]
    halves: tuple[Half, ...] = ()
    labels: tuple[LabelCheck, ...] = ()
    warnings: tuple[str, ...] = ()
    mistakes: tuple[tuple[str, Quote], ...] = ()
    ruled_out: tuple[Quote, ...] = ()
    """The words for what the text says the work is not."""
    recommendation: Recommendation | None = None


class Classifier:
    """The compiled rules of classification."""

    def __init__(self, rules: "Rulebook") -> None:
        self._rules, self._questions, self._advice = rules, rules.questions, rules.advice
        activities = [activity for field in rules.activities for activity in field.activities]
        self._book = ClueBook(rules.activities, rules.signals)
        self._profiler = Profiler(activities, rules.signals.signals, rules.questions, rules.advice)
        self._mistakes = {mistake.id: mistake for mistake in rules.signals.mistakes}
        self._outcomes: dict[tuple[tuple[str, str], ...], Recommendation] = {}
        ladder = [band.model for band in rules.advice.bands]
        self._routine = frozenset(ladder[: len(ladder) // 2])
        self._expert = frozenset([ladder[-1], *(gate.model for gate in rules.advice.gates)])

    def classify(self, text: str, called: str = "") -> Classification:
        """What the work of this description is; `called` is the label that somebody gives it."""
        described = self._book.read(text)
        profile = self._profiler.profile(described)
        halves = self._halves(described, profile)
        answers = profile.options | ({"structure": self._mixed()} if halves else {})
        outcome = self._outcome(_filled(answers, self._questions)) if answers else None
        if outcome is None or outcome.model is None:
            return Classification(None, "none", None, profile, tuple(question.id for question in self._questions.questions), ())
        open_questions = () if halves else self._open(profile, outcome.model)
        kinds = [clue for each in profile.activities if each.model == profile.activities[0].model for clue in each.clues]
        signals = [clue for clue in described.clues if clue.kind == "signal"]
        return Classification(
            model=outcome.model,
            confidence=self._confidence(profile, outcome, open_questions, bool(halves)),
            runner_up=self._runner_up(profile, outcome),
            profile=profile,
            open=open_questions,
            because=described.quotes([*kinds, *signals]),
            halves=halves,
            labels=self._labels(described, outcome.model, called),
            warnings=outcome.warnings,
            mistakes=self._found_mistakes(described, outcome.model),
            ruled_out=described.quotes(clue for clue in described.ruled_out if clue.kind in ("name", "loose")),
            recommendation=outcome,
        )

    # ------------------------------------------------------------------ the model

    def _outcome(self, answers: Mapping[str, str]) -> Recommendation:
        key = tuple(sorted(answers.items()))
        if key not in self._outcomes:
            self._outcomes[key] = recommend(answers, self._questions, self._advice)
        return self._outcomes[key]

    def _open(self, profile: Profile, model: str) -> tuple[str, ...]:
        """The questions that the text left open and whose answer could change the model.

        What is usual for a kind of work that is named may be off by a step; what is not known at all may be anything.
        """
        named = bool(profile.activities) and profile.activities[0].named
        answers = _filled(profile.options, self._questions)
        found = [question.id for question in self._questions.questions if question.id not in profile.said]
        if not named and DOMAIN not in profile.said:
            found.append(DOMAIN)
        return tuple(name for name in found if any(self._other(answers, name, to, model) for to in self._reach(profile, name, named)))

    def _other(self, answers: Mapping[str, str], question: str, option: str, model: str) -> bool:
        """Whether this answer would lead to another model; a form of the same process work is none."""
        other = self._profiler.model({**answers, question: option})
        return other != model and not ({other, model} <= self._routine)

    def _reach(self, profile: Profile, name: str, named: bool) -> tuple[str, ...]:
        """The answers to a question that may turn out to be true."""
        scale = [option.id for option in self._questions.by_id[name].options if option.id != UNSURE and option.model is None]
        known = profile.answers.get(name)
        if known is None or not named or name == DOMAIN or known.option not in scale:
            return tuple(scale)
        at = scale.index(known.option)
        return tuple(scale[max(0, at - 1) : at + 2])

    def _confidence(self, profile: Profile, outcome: Recommendation, still_open: Sequence[str], halved: bool) -> Confidence:
        leading = profile.activities[0] if profile.activities else None
        if leading is None or leading.weight < _STRONG or profile.torn or outcome.ask:
            return "provisional"
        share = self._share(profile, lambda each: self._profiler.label(each.model), self._profiler.label(leading.model))
        if share < _AHEAD and not halved:
            return "provisional"
        inner = self._share(profile, lambda each: each.model, leading.model)
        if not leading.named or share < _ALONE or inner < _AHEAD or still_open or halved:
            return "likely"
        return "firm"

    def _share(self, profile: Profile, of: Callable[[Recognised], str], name: str) -> float:
        weights = tally(profile.activities, of)
        return weights[name] / sum(weights.values())

    def _runner_up(self, profile: Profile, outcome: Recommendation) -> str | None:
        """Another kind of work that the text speaks of too, or else what one other answer would lead to."""
        others = [each.model for each in profile.activities if each.model != outcome.model and each.weight >= _STRONG]
        return others[0] if others else outcome.runner_up

    # ------------------------------------------------------------------ two halves

    def _mixed(self) -> str:
        """The answer that says: two different halves."""
        return next(
            option
            for (question, option), model in self._questions.deciding.items()
            if question == "structure" and model == self._advice.alone[-1]
        )

    def _halves(self, described: Described, profile: Profile) -> tuple[Half, ...]:
        """The two halves of the work, where the text joins a routine kind of work and an expert one."""
        named = [each for each in profile.activities if each.named]
        for joint in described.joints:
            sides = ([each for each in named if _at(each) < joint], [each for each in named if _at(each) > joint])
            for routine, expert in (sides, sides[::-1]):
                ours = [
                    next((each for each in side if each.model in models), None)
                    for side, models in ((routine, self._routine), (expert, self._expert))
                ]
                if ours[0] and ours[1]:
                    return tuple(
                        Half(half.model, half.activity.id, described.quotes(half.clues)) for half in sorted(filter(None, ours), key=_at)
                    )
        return ()

    # ------------------------------------------------------------------ what else to say

    def _labels(self, described: Described, model: str, called: str) -> tuple[LabelCheck, ...]:
        """The labels that are used, each with what to say of it."""
        used: dict[str, list[Clue]] = {called.casefold(): []} if called else {}
        for clue in described.clues:
            if clue.kind == "called":
                used.setdefault(clue.id, []).append(clue)
        return tuple(LabelCheck(label, mislabelled(label, model, self._advice), described.quotes(clues)) for label, clues in used.items())

    def _found_mistakes(self, described: Described, model: str) -> tuple[tuple[str, Quote], ...]:
        found: dict[str, Quote] = {}
        for clue in described.clues:
            mistake = self._mistakes.get(clue.id) if clue.kind == "mistake" else None
            if mistake and (not mistake.models or model in mistake.models):
                found.setdefault(mistake.id, described.quotes([clue])[0])
        return tuple(found.items())


def _at(each: Recognised) -> int:
    return min(clue.hit.first for clue in each.clues if clue.kind == "name")


def _filled(answers: Mapping[str, str], questions: Questions) -> dict[str, str]:
    """The answers, with those that are open taken to be like the known ones: as much judgment as knowledge, as much review as both."""
    values = [questions.values[answer] for answer in answers.items() if answer in questions.values]
    level = sum(values) / len(values) if values else 1.0
    filled = dict(answers)
    for question in questions.questions:
        if question.id not in filled:
            scale = {option.id: option.value for option in question.options if option.value is not None}
            filled[question.id] = min(scale, key=lambda option: abs(scale[option] - level))
    filled.setdefault(DOMAIN, NO_GATE)
    return filled


_last: list[tuple["Rulebook", Classifier]] = []


def classifier_of(rules: "Rulebook") -> Classifier:
    """The compiled rules of a rulebook; the last one is kept."""
    if not _last or _last[0][0] is not rules:
        _last[:] = [(rules, Classifier(rules))]
    return _last[0][1]


def classify(text: str, rules: "Rulebook", called: str = "") -> Classification:
    """What the work of this description is, and why; `called` is the label that somebody gives it (`kpo`)."""
    return classifier_of(rules).classify(text, called)
