"""From a description to an operating model: how sure that is, what is still open, which label does not hold, and what to beware of."""

from collections.abc import Collection, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from bot.core.advice import NO_GATE, UNPLACED, Recommendation, mislabelled, recommend
from bot.core.certainty import STRONG, Confidence, confidence_in
from bot.core.clues import Clue, ClueBook, Described, Quote
from bot.core.kept import Kept
from bot.core.profile import Profile, Profiler, Recognised, Settled
from bot.core.questions import UNSURE
from bot.core.verdict import DOMAIN
from bot.core.votes import Answer

if TYPE_CHECKING:
    from bot.core.rulebook import Rulebook

_POINTED = 0.7
"""From this weight on words point to a kind of work; below it they say only for whom or about what it is."""

_TWO = 2

_BESIDE = 1.25
"""From this weight on a kind of work that is named stands beside another one."""


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
        self._decisions: Kept[tuple[Settled, bool, bool], _Decision] = Kept()
        self._outcomes: Kept[tuple[tuple[str, str], ...], Recommendation] = Kept()
        self._four = tuple(question.id for question in rules.questions.questions)
        self._mixed = {
            question: option for (question, option), model in rules.questions.deciding.items() if model == rules.advice.alone[-1]
        }
        self._alone = frozenset(rules.advice.alone)
        ladder = [band.model for band in rules.advice.bands]
        self._routine = frozenset(ladder[: len(ladder) // 2])
        self._expert = frozenset([ladder[-1], *(gate.model for gate in rules.advice.gates)])

    def without(self, name: str) -> "Classifier":
        """The same with one of the lists of words around phrases (`about`, `clerical`) left out."""
        other = object.__new__(Classifier)
        vars(other).update(vars(self), _book=self._book.without(name))
        return other

    def described(self, text: str) -> Described:
        """What the words of this description name."""
        return self._book.read(text)

    def classify(self, text: str, called: str = "", *, forced: bool = False) -> Classification:
        """What the work of this description is; `called` is the label that somebody gives it.

        `forced` gives a model wherever any word points to one, as scoring needs it; people are told when there is too little to go on.
        All of the text is read: the cost grows with its length and no faster (tests/bench/classify.py), and services limit the length.
        """
        described = self.described(text)
        profile = self._profiler.profile(described)
        if not profile.answers or not (forced or self._speaks(described, profile)):
            return self._nothing(described, Profile({}) if profile.answers else profile, called)
        halves = self._halves(described, profile) if described.joints or described.joins else ()
        outcome, still_open = self._decision(profile, bool(halves), self._is_two_kinds(described, profile))
        if outcome.model is None:
            return self._nothing(described, profile, called)
        return Classification(
            model=outcome.model,
            confidence=confidence_in(described, profile, outcome, bool(still_open or halves)),
            runner_up=_runner_up(profile, outcome),
            profile=profile,
            open=still_open,
            because=described.quotes(_deciding(described, profile)),
            halves=halves,
            labels=self._labels(described, outcome.model, called),
            warnings=outcome.warnings,
            mistakes=self._found_mistakes(described, outcome.model),
            ruled_out=_ruled_out(described),
            recommendation=outcome,
        )

    def _speaks(self, described: Described, profile: Profile) -> bool:
        """Whether there is more to go on than slight signals: a kind of work, two answers or signals, or one answer that decides alone."""
        if leading := profile.leading:
            return leading.weight >= _POINTED and not (leading.activity.loose and described.is_stray())
        said = profile.said
        if len(said) != 1:
            return bool(said)
        decides = not self._questions.deciding.keys().isdisjoint(said.items())
        return decides or len({clue.id for clue in described.clues}) > 1

    def _nothing(self, described: Described, profile: Profile, called: str) -> Classification:
        """Too little to go on; a label and a mistake are told all the same."""
        return Classification(
            None,
            "none",
            None,
            profile,
            self._four,
            (),
            labels=self._labels(described, None, called),
            mistakes=self._found_mistakes(described, None),
            ruled_out=_ruled_out(described),
        )

    # ------------------------------------------------------------------ the model

    def _decision(self, profile: Profile, halved: bool, two_kinds: bool) -> _Decision:
        """What the answers lead to, worked out once for each set of them; of two kinds of work, whether they are to be split is open."""
        key = (profile.settled, halved, two_kinds)
        decision = self._decisions.get(key)
        if decision is None:
            leading = profile.leading
            named = leading is not None and leading.named
            answers = self._filled(profile.options | (self._mixed if halved else {}), profile.denied)
            outcome = self._outcome(answers)
            still_open = () if halved or outcome.model is None else self._open(profile, answers, named)
            if two_kinds and not halved and outcome.model not in self._alone:
                still_open = tuple(name for name in (*self._four, DOMAIN) if name in still_open or name in self._mixed)
            decision = self._decisions[key] = _Decision(outcome, still_open)
        return decision

    def _outcome(self, answers: Mapping[str, str]) -> Recommendation:
        key = tuple(answers.items())
        outcome = self._outcomes.get(key)
        if outcome is None:
            outcome = self._outcomes[key] = recommend(answers, self._questions, self._advice)
        return outcome

    def _filled(self, answers: Mapping[str, str], denied: Collection[Answer]) -> dict[str, str]:
        """The answers, with those that are open taken to be like the known ones: as much judgment as knowledge, as much review as both."""
        values = self._questions.values
        known = [values[answer] for answer in answers.items() if answer in values]
        level = sum(known) / len(known) if known else 1.0
        filled: dict[str, str] = {}
        for question in self._four:
            scale = [
                (abs(value - level), option)
                for (name, option), value in values.items()
                if name == question and (name, option) not in denied
            ]
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
        if named and name == DOMAIN:
            return ()
        scale = [option.id for option in self._questions.by_id[name].options if option.id != UNSURE and option.model is None]
        scale = [option for option in scale if (name, option) not in profile.denied]
        known = profile.answers.get(name)
        if not named or known is None or known.option not in scale:
            return scale
        at = scale.index(known.option)
        return scale[max(0, at - 1) : at + 2]

    # ------------------------------------------------------------------ two halves

    def _halves(self, described: Described, profile: Profile) -> tuple[Half, ...]:
        """The two halves of the work, where the text joins a routine kind of work and an expert one."""
        named = sorted((each for each in profile.activities if each.named), key=_at)
        models = {each.model for each in named}
        if models.isdisjoint(self._routine) or models.isdisjoint(self._expert):
            return ()
        for joint in (*described.joints, *(described.joins if len(named) == _TWO else ())):
            before, after = [each for each in named if _at(each) < joint], [each for each in named if _at(each) > joint]
            for one, other in ((self._routine, self._expert), (self._expert, self._routine)):
                first = next((each for each in before if each.model in one), None)
                second = next((each for each in after if each.model in other), None)
                if first and second:
                    return tuple(Half(half.model, half.activity.id, described.quotes(half.clues)) for half in (first, second))
        return ()

    def _is_two_kinds(self, described: Described, profile: Profile) -> bool:
        """Whether routine and expert work are both named with some weight, or one of them and a joint to something that is not named."""
        if len(profile.activities) == 1 and not described.joints:
            return False
        strong = {each.model for each in profile.activities if each.named and each.weight >= _BESIDE}
        routine, expert = not strong.isdisjoint(self._routine), not strong.isdisjoint(self._expert)
        return (routine and expert) or (bool(described.joints) and (routine or expert))

    # ------------------------------------------------------------------ what else to say

    def _labels(self, described: Described, model: str | None, called: str) -> tuple[LabelCheck, ...]:
        """The labels that are used, each with what to say of it."""
        used: dict[str, list[Clue]] = {called.casefold(): []} if called else {}
        for clue in described.called:
            used.setdefault(clue.id, []).append(clue)
        return tuple(
            LabelCheck(label, mislabelled(label, model, self._advice) if model else UNPLACED, described.quotes(clues))
            for label, clues in used.items()
        )

    def _found_mistakes(self, described: Described, model: str | None) -> tuple[FoundMistake, ...]:
        found: dict[str, FoundMistake] = {}
        for clue in described.mistakes:
            models = self._mistakes[clue.id].models
            if clue.id not in found and (not models or model in models):
                found[clue.id] = FoundMistake(clue.id, clue.quote)
        return tuple(found.values())


def _runner_up(profile: Profile, outcome: Recommendation) -> str | None:
    """Another kind of work that the text speaks of too, or else what one other answer would lead to."""
    for each in profile.activities:
        if each.weight >= STRONG and each.model != outcome.model:
            return each.model
    return outcome.runner_up


def _deciding(described: Described, profile: Profile) -> list[Clue]:
    """The clues that speak for the model: those of its kinds of work, and every signal."""
    leading = profile.leading
    deciding = {each.activity.id for each in profile.activities if leading and each.model == leading.model}
    return [clue for clue in described.clues if clue.kind == "signal" or clue.id in deciding]


def _ruled_out(described: Described) -> tuple[Quote, ...]:
    """The words for kinds of work that the text says it is not."""
    return described.quotes(clue for clue in described.ruled_out if clue.kind == "name")


def _at(each: Recognised) -> int:
    """Where a kind of work is named first."""
    return min(clue.first for clue in each.clues if clue.kind == "name")


_last: list[tuple["Rulebook", Classifier]] = []


def classifier_of(rules: "Rulebook") -> Classifier:
    """The compiled rules of a rulebook; the last one is kept."""
    for compiled, classifier in _last:
        if compiled is rules:
            return classifier
    classifier = Classifier(rules)
    _last[:] = [(rules, classifier)]  # another thread may be compiling edited rules: each gets its own
    return classifier


def classify(text: str, rules: "Rulebook", called: str = "", *, forced: bool = False) -> Classification:
    """What the work of this description is, and why; `called` is the label that somebody gives it (`kpo`), `forced` is for scoring."""
    return classifier_of(rules).classify(text, called, forced=forced)
