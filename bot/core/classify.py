"""From a description to an operating model: how sure that is, what is still open, which label does not hold, and what to beware of."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Literal, NamedTuple

from bot.core.advice import NO_GATE, Recommendation, mislabelled, recommend
from bot.core.clues import Clue, ClueBook, Described, Quote
from bot.core.profile import Profile, Profiler, Recognised, Settled
from bot.core.questions import UNSURE
from bot.core.verdict import DOMAIN

if TYPE_CHECKING:
    from bot.core.rulebook import Rulebook

Confidence = Literal["firm", "likely", "provisional", "none"]

_STRONG = 2.5
"""From this weight on a kind of work is more than a direction."""

_PLAIN, _UNDERSTOOD = 4.0, 0.6
"""From this weight of a model's kinds of work, or this share of the words understood, one name is enough to be sure."""

_ALONE, _AHEAD = 0.8, 0.55
"""The share of all the weight from which on a reading has no rival, and below which it is anybody's guess."""


class Half(NamedTuple):
    """One half of work that comes in two: its model, the kind of work, and the words for it."""

    model: str
    activity: str
    quotes: tuple[Quote, ...]


class LabelCheck(NamedTuple):
    """A label that the text or the person uses for the work, and the id of what to say of it (None: it holds)."""

    label: str
    mislabel: str | None
    quotes: tuple[Quote, ...]


class FoundMistake(NamedTuple):
    """A mistake of rules/signals.yml that the text gives away, and the words that do."""

    id: str
    quote: Quote


class Classification(NamedTuple):
    """What a description leads to. `warnings` are ids of rules/advice.yml."""

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
    mistakes: tuple[FoundMistake, ...] = ()
    ruled_out: tuple[Quote, ...] = ()
    """The words for what the text says the work is not."""
    recommendation: Recommendation | None = None


class _Decision(NamedTuple):
    """What a set of answers leads to, and which of the open ones could change it."""

    outcome: Recommendation
    open: tuple[str, ...]


class Classifier:
    """The compiled rules of classification; it remembers what sets of answers lead to."""

    def __init__(self, rules: "Rulebook") -> None:
        self._questions, self._advice = rules.questions, rules.advice
        self._book = ClueBook(rules.activities, rules.signals)
        activities = [activity for field in rules.activities for activity in field.activities]
        self._profiler = Profiler(activities, rules.signals.signals, rules.questions, rules.advice)
        self._mistakes = {mistake.id: mistake for mistake in rules.signals.mistakes}
        self._decisions: dict[tuple[Settled, bool], _Decision] = {}
        self._outcomes: dict[tuple[tuple[str, str], ...], Recommendation] = {}
        self._four = tuple(question.id for question in rules.questions.questions)
        self._mixed = {
            question: option for (question, option), model in rules.questions.deciding.items() if model == rules.advice.alone[-1]
        }
        ladder = [band.model for band in rules.advice.bands]
        self._routine = frozenset(ladder[: len(ladder) // 2])
        self._expert = frozenset([ladder[-1], *(gate.model for gate in rules.advice.gates)])

    def classify(self, text: str, called: str = "") -> Classification:
        """What the work of this description is; `called` is the label that somebody gives it.

        All of the text is read: the cost grows with its length and no faster (tests/bench/classify.py), and services limit the length.
        """
        described = self._book.read(text)
        profile = self._profiler.profile(described)
        if not profile.answers:
            return Classification(None, "none", None, profile, self._four, ())
        halves = self._halves(described, profile) if described.joints else ()
        outcome, still_open = self._decision(profile, bool(halves))
        if outcome.model is None:
            return Classification(None, "none", None, profile, self._four, ())
        return Classification(
            model=outcome.model,
            confidence=_confidence(described, profile, outcome, bool(still_open or halves)),
            runner_up=_runner_up(profile, outcome),
            profile=profile,
            open=still_open,
            because=described.quotes(_deciding(described, profile)),
            halves=halves,
            labels=self._labels(described, outcome.model, called),
            warnings=outcome.warnings,
            mistakes=self._found_mistakes(described, outcome.model),
            ruled_out=described.quotes(clue for clue in described.ruled_out if clue.kind == "name"),
            recommendation=outcome,
        )

    # ------------------------------------------------------------------ the model

    def _decision(self, profile: Profile, halved: bool) -> _Decision:
        """What the answers lead to, worked out once for each set of them."""
        key = (profile.settled, halved)
        if key not in self._decisions:
            leading = profile.leading
            named = leading is not None and leading.named
            answers = self._filled(profile.options | (self._mixed if halved else {}))
            outcome = self._outcome(answers)
            still_open = () if halved or outcome.model is None else self._open(profile, answers, named)
            self._decisions[key] = _Decision(outcome, still_open)
        return self._decisions[key]

    def _outcome(self, answers: Mapping[str, str]) -> Recommendation:
        key = tuple(answers.items())
        if key not in self._outcomes:
            self._outcomes[key] = recommend(answers, self._questions, self._advice)
        return self._outcomes[key]

    def _filled(self, answers: Mapping[str, str]) -> dict[str, str]:
        """The answers, with those that are open taken to be like the known ones: as much judgment as knowledge, as much review as both."""
        values = self._questions.values
        known = [values[answer] for answer in answers.items() if answer in values]
        level = sum(known) / len(known) if known else 1.0
        filled: dict[str, str] = {}
        for question in self._four:
            scale = [(abs(value - level), option) for (name, option), value in values.items() if name == question]
            filled[question] = answers.get(question) or min(scale)[1]
        return filled | {DOMAIN: answers.get(DOMAIN, NO_GATE)}

    def _open(self, profile: Profile, answers: Mapping[str, str], named: bool) -> tuple[str, ...]:
        """The questions that the text left open and whose answer could change the model.

        What is usual for a kind of work that is named may be off by a step; what is not known at all may be anything, all of it at once.
        """
        reach = {name: self._reach(profile, name, named) for name in (*self._four, DOMAIN) if name not in profile.said}
        unknown = {name: options for name, options in reach.items() if options and name not in profile.answers}
        return tuple(name for name, options in reach.items() if self._turns(answers, name, options, unknown))

    def _turns(self, answers: Mapping[str, str], name: str, options: Sequence[str], unknown: Mapping[str, Sequence[str]]) -> bool:
        """Whether these answers to a question lead to different models under any answers to the others that are not known."""
        others = {other: may_be for other, may_be in unknown.items() if other != name}
        for chosen in product(*others.values()):
            rest = {**answers, **dict(zip(others, chosen, strict=True))}
            if len({self._kind(rest | {name: option}) for option in (answers[name], *options)}) > 1:
                return True
        return False

    def _kind(self, answers: Mapping[str, str]) -> str | None:
        """The model of these full answers; None for routine work, whose forms are all one here."""
        model = self._outcome(answers).model
        return None if model in self._routine else model

    def _reach(self, profile: Profile, name: str, named: bool) -> Sequence[str]:
        """The answers to a question that may turn out to be true."""
        scale = [option.id for option in self._questions.by_id[name].options if option.id != UNSURE and option.model is None]
        known = profile.answers.get(name)
        if not named or known is None or known.option not in scale:
            return () if named and name == DOMAIN else scale
        at = scale.index(known.option)
        return scale[max(0, at - 1) : at + 2]

    # ------------------------------------------------------------------ two halves

    def _halves(self, described: Described, profile: Profile) -> tuple[Half, ...]:
        """The two halves of the work, where the text joins a routine kind of work and an expert one."""
        models = {each.model for each in profile.activities if each.named}
        if models.isdisjoint(self._routine) or models.isdisjoint(self._expert):
            return ()
        named = sorted((each for each in profile.activities if each.named), key=_at)
        for joint in described.joints:
            before, after = [each for each in named if _at(each) < joint], [each for each in named if _at(each) > joint]
            for one, other in ((self._routine, self._expert), (self._expert, self._routine)):
                first = next((each for each in before if each.model in one), None)
                second = next((each for each in after if each.model in other), None)
                if first and second:
                    return tuple(Half(half.model, half.activity.id, described.quotes(half.clues)) for half in (first, second))
        return ()

    # ------------------------------------------------------------------ what else to say

    def _labels(self, described: Described, model: str, called: str) -> tuple[LabelCheck, ...]:
        """The labels that are used, each with what to say of it."""
        used: dict[str, list[Clue]] = {called.casefold(): []} if called else {}
        for clue in described.called:
            used.setdefault(clue.id, []).append(clue)
        return tuple(LabelCheck(label, mislabelled(label, model, self._advice), described.quotes(clues)) for label, clues in used.items())

    def _found_mistakes(self, described: Described, model: str) -> tuple[FoundMistake, ...]:
        found: dict[str, FoundMistake] = {}
        for clue in described.mistakes:
            models = self._mistakes[clue.id].models
            if clue.id not in found and (not models or model in models):
                found[clue.id] = FoundMistake(clue.id, clue.quote)
        return tuple(found.values())


def _confidence(described: Described, profile: Profile, outcome: Recommendation, unsettled: bool) -> Confidence:
    """How much to trust the model: `firm` where the work is plainly named, without a rival, and no open answer could turn it."""
    leading = profile.leading
    split = outcome.model not in {each.model for each in profile.activities}
    if leading is None or leading.weight < _STRONG or profile.torn or outcome.ask or (profile.lead < _AHEAD and not split):
        return "provisional"
    rivals = profile.lead < _ALONE or profile.lead_inside < _AHEAD
    return "likely" if not leading.named or rivals or unsettled or not _plain(described, profile) else "firm"


def _plain(described: Described, profile: Profile) -> bool:
    """Whether the work is named more than once, or once in words that stand together and with little else in the text."""
    leading = profile.leading
    same = [each for each in profile.activities if leading and each.model == leading.model]
    names = [clue for each in same for clue in each.clues if clue.kind == "name" and clue.counts == 1.0]
    if len(names) > 1:
        return True
    if not names or names[0].doing:
        return False
    return sum(each.weight for each in same) >= _PLAIN or described.understood() >= _UNDERSTOOD


def _runner_up(profile: Profile, outcome: Recommendation) -> str | None:
    """Another kind of work that the text speaks of too, or else what one other answer would lead to."""
    for each in profile.activities:
        if each.weight >= _STRONG and each.model != outcome.model:
            return each.model
    return outcome.runner_up


def _deciding(described: Described, profile: Profile) -> list[Clue]:
    """The clues that speak for the model: those of its kinds of work, and every signal."""
    leading = profile.leading
    deciding = {each.activity.id for each in profile.activities if leading and each.model == leading.model}
    return [clue for clue in described.clues if clue.kind == "signal" or clue.id in deciding]


def _at(each: Recognised) -> int:
    """Where a kind of work is named first."""
    return min(clue.first for clue in each.clues if clue.kind == "name")


_last: list[tuple["Rulebook", Classifier]] = []


def classifier_of(rules: "Rulebook") -> Classifier:
    """The compiled rules of a rulebook; the last one is kept."""
    if not _last or _last[0][0] is not rules:
        _last[:] = [(rules, Classifier(rules))]
    return _last[0][1]


def classify(text: str, rules: "Rulebook", called: str = "") -> Classification:
    """What the work of this description is, and why; `called` is the label that somebody gives it (`kpo`)."""
    return classifier_of(rules).classify(text, called)
