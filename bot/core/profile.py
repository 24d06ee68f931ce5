"""A profile of the work from prose: the kinds of work recognised, and each answer with the words that gave it, or with what is usual."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Literal, NamedTuple

from bot.core.activities import Activity, Signal
from bot.core.advice import recommend
from bot.core.clues import Clue, Described, Quote, made
from bot.core.kept import Kept
from bot.core.models import Advice
from bot.core.questions import Questions
from bot.core.verdict import DOMAIN
from bot.core.votes import NOT, UNHEARD, Answer, Ballot, Heard

How = Literal["said", "usual"]
_NAME, _HINT, _LOOSE = 3.0, 0.8, 1.0
_MOST_HINTS, _MOST_LOOSE = 3, 2
"""How many hints count at most, and how many words that only give a direction."""

_FIRST = 0.2
"""What the kind of work named first gains: people begin with what they want done."""

_NEUTRAL = "operations"
_BESIDE_A_TRADE = 0.5
"""What clerical work of no trade of its own (typing, scanning) counts beside work of a trade that has a model of its own."""

_GATED = 1.1
"""What a kind of work gains whose domain has a model of its own: AI agents that run order-to-cash are AI agents first."""

_NO_TRADE = frozenset([_NEUTRAL, "general", "data"])
_GENERAL, _TRADE = 0.6, 1.4
"""What words of every trade count ("expertise", "forms"), and those of a trade that has a model of its own ("applicants")."""

_BESIDE, _HINTED = 0.5, 0.15
"""The share that every other kind of work adds to the strongest one of its model; and one that is not named, where others are."""


_WEIGHT = itemgetter(1)
_SIGNALS = frozenset(["signal", "denied"])

_Answer = tuple[str, str, How, tuple[str, ...]]
"""Question, option, how it is known, and by which signals."""


class Known(NamedTuple):
    """An answer: the option, whether the text says so or it is usual for the kind of work, and the words that gave it."""

    option: str
    how: How
    evidence: tuple[Quote, ...]


class Recognised(NamedTuple):
    """A kind of work that the text names, or that its words point to; how strongly, and the model that its answers lead to."""

    activity: Activity
    weight: float
    named: bool
    """Whether it is named outright."""
    model: str
    clues: tuple[Clue, ...]


class Settled(tuple[_Answer, ...]):
    """The answers without their words: the same object for the same answers of the same kind of work."""

    __slots__ = ()
    __hash__ = object.__hash__
    __eq__ = object.__eq__


class Profile(NamedTuple):
    """What is known of the work: question -> answer (what is open is missing), and the kinds of work, the leading one first."""

    answers: Mapping[str, Known]
    activities: tuple[Recognised, ...] = ()
    torn: frozenset[str] = frozenset()
    """Questions on which the text says two different things."""
    lead: float = 0.0
    """The share of the leading label in the weight of all kinds of work."""
    lead_inside: float = 0.0
    """The share of the leading model in the weight of all kinds of work."""
    settled: Settled = Settled()
    denied: frozenset[Answer] = frozenset()
    """Answers that the text says do not hold."""
    contested: bool = False
    """Whether work of another label is named outright."""
    doubted: bool = False
    """Whether slight signals speak for more than is usual for the kind of work."""

    @property
    def options(self) -> dict[str, str]:
        """Question -> option, whether said or usual."""
        return {question: known.option for question, known in self.answers.items()}

    @property
    def said(self) -> dict[str, str]:
        """Question -> option, where the text itself says so."""
        return {question: known.option for question, known in self.answers.items() if known.how == "said"}

    @property
    def leading(self) -> Recognised | None:
        """The kind of work that decides."""
        return self.activities[0] if self.activities else None


class _Work:
    """A kind of work with what is worked out for it once: whether its domain has a model of its own, and its model under what is said."""

    __slots__ = ("activity", "domain", "gated", "general", "models", "neutral")

    def __init__(self, activity: Activity, model: str | None, gated: Collection[str]) -> None:
        self.activity = activity
        self.gated = model in gated
        self.domain = activity.usual.get(DOMAIN)
        self.neutral = self.domain == _NEUTRAL
        self.general = activity.loose and self.domain in _NO_TRADE
        self.models: Kept[Heard, str | None] = Kept(1_000)


class Profiler:
    """The rules of filling a profile, bound to the questions; it remembers what sets of answers lead to."""

    def __init__(self, activities: Collection[Activity], signals: Iterable[Signal], questions: Questions, advice: Advice) -> None:
        self._gates = gated = {gate.model for gate in advice.gates}
        usual = {activity.id: recommend(activity.usual, questions, advice).model for activity in activities}
        self._work = {activity.id: _Work(activity, usual[activity.id], gated) for activity in activities}
        self._ballot = Ballot(signals, questions)
        self._questions, self._advice = questions, advice
        self._order = tuple(questions.by_id)
        self._labels = {model: label.id for label in reversed(advice.labels) for model in label.fits}
        self._settled: Kept[tuple[str, bool, Heard], tuple[Settled, bool]] = Kept()

    def profile(self, described: Described) -> Profile:
        """What the text says of the work."""
        work: dict[str, list[Clue]] = {}
        signals: list[Clue] = []
        named: list[str] = []
        ruled_out = {self._work[clue.id].domain for clue in described.ruled_out if clue.kind != "hint"} if described.ruled_out else ()
        for clue in described.clues:
            kind, name = clue.kind, clue.id
            if kind in _SIGNALS:
                signals.append(clue)
            elif not ruled_out or kind == "name" or self._work[name].domain not in ruled_out:
                if name in work:
                    work[name].append(clue)
                else:
                    work[name] = [clue]
                if kind == "name" and clue.counts == 1.0:
                    named.append(name)
        heard = self._ballot.heard(tuple([clue.id if clue.kind == "signal" else NOT + clue.id for clue in signals])) if signals else UNHEARD
        recognised = self._recognised(work, named, heard)
        leading, lead, inside, contested = self._leading(recognised) if recognised else (None, 0.0, 0.0, False)
        settled, doubted = self._answers(leading, heard)
        words = described.quotes(leading.clues) if leading else ()
        answers: dict[str, Known] = {}
        for question, option, how, by in settled:
            answers[question] = made(Known, (option, how, described.quotes([clue for clue in signals if clue.id in by]) if by else words))
        if leading and recognised[0] is not leading:
            recognised.remove(leading)
            recognised.insert(0, leading)
        return Profile(answers, tuple(recognised), heard.torn, lead, inside, settled, heard.denied, contested, doubted)

    def _answers(self, leading: Recognised | None, heard: Heard) -> tuple[Settled, bool]:
        """Every answer in the order of the questions: what is usual, and what signals say; worked out once for each.

        What is usual and denied is open. The domain is told of where it decides: first-line care is no complaints desk.
        """
        key = (leading.activity.id if leading else "", bool(leading and leading.named), heard)
        answers = self._settled.get(key)
        if answers is None:
            found: dict[str, _Answer] = {}
            if leading:
                decides = leading.named and leading.model in self._gates
                for question, option in leading.activity.usual.items():
                    if (question, option) not in heard.denied:
                        found[question] = (question, option, "said" if question == DOMAIN and decides else "usual", ())
            for how, votes in (("usual", () if leading else heard.slight), ("said", heard.clear)):
                for question, option, by in votes:
                    if question not in found or self._ballot.moves(question, found[question][1], option):
                        found[question] = (question, option, how, by)  # type: ignore[assignment]
            settled = Settled(found[question] for question in self._order if question in found)
            doubted = any(
                self._ballot.exceeds(question, found[question][1], option) for question, option, _ in heard.slight if question in found
            )
            answers = self._settled[key] = settled, doubted
        return answers

    # ------------------------------------------------------------------ kinds of work

    def _recognised(self, found: Mapping[str, list[Clue]], named: Sequence[str], heard: Heard) -> list[Recognised]:
        """Every kind of work that the clues point to, the strongest first."""
        known, first = self._work, named[0] if named else ""
        gated = bool(named) and True in [known[name].gated for name in named]
        recognised: list[Recognised] = []
        for name, clues in found.items():
            work = known[name]
            try:
                model = work.models[heard]
            except KeyError:
                model = self._model_of(work, heard)
            if model:
                weight = _weight(clues)
                is_named = name in named
                if name == first:
                    weight += _FIRST
                if work.neutral and gated:
                    weight *= _BESIDE_A_TRADE
                elif work.general and len(found) > 1:
                    weight *= _GENERAL
                elif work.gated:
                    weight *= _GATED if is_named else _TRADE
                recognised.append(made(Recognised, (work.activity, weight, is_named, model, tuple(clues))))
        if len(recognised) > 1:
            recognised.sort(key=_WEIGHT, reverse=True)
        return recognised

    def _leading(self, recognised: Sequence[Recognised]) -> tuple[Recognised, float, float, bool]:
        """The strongest kind of work of the strongest model of the strongest label, their shares, and whether another label's is named.

        The label is the one that bears the model out (`kpo` for research): work of one label is weighed together.
        """
        models = [each.model for each in recognised]
        if len(set(models)) == 1:
            return recognised[0], 1.0, 1.0, False
        labels = [self._labels.get(model, model) for model in models]
        of_label, of_model = _tally(recognised, labels), _tally(recognised, models)
        label = max(of_label, key=of_label.__getitem__)
        model = max([model for model in of_model if self._labels.get(model, model) == label], key=of_model.__getitem__)
        contested = any(each.named and other != label for each, other in zip(recognised, labels, strict=True))
        whole_label, whole_model = sum(of_label.values()), sum(of_model.values())
        return recognised[models.index(model)], of_label[label] / whole_label, of_model[model] / whole_model, contested

    def _model_of(self, work: _Work, heard: Heard) -> str | None:
        """The model of a kind of work under what is said, worked out once for each."""
        usual = work.activity.usual
        moved = {question: option for question, option, _ in heard.clear if self._ballot.moves(question, usual.get(question, ""), option)}
        work.models[heard] = model = recommend({**usual, **moved}, self._questions, self._advice).model
        return model


def _weight(clues: Sequence[Clue]) -> float:
    """How strongly clues point to one kind of work."""
    if len(clues) == 1:
        (clue,) = clues
        return _NAME * _specific(clue) if clue.kind == "name" else clue.counts * (_HINT if clue.kind == "hint" else _LOOSE)
    names: list[float] = []
    hints: dict[int, float] = {}
    loose: dict[int, float] = {}
    for clue in clues:
        if clue.kind == "name":
            names.append(_specific(clue))
        else:
            (hints if clue.kind == "hint" else loose)[clue.first] = clue.counts
    weight = sum(names) + (_NAME - 1) * max(names) if names else 0.0
    if loose:
        weight += _LOOSE * min(sum(loose.values()), _MOST_LOOSE)
    if hints:
        weight += _HINT * sum(sorted(hints.values())[-_MOST_HINTS:])
    return weight


def _specific(clue: Clue) -> float:
    """How much a name counts: longer ones more, words that stand apart less."""
    size, doing = clue.last - clue.first + 1, clue.doing
    if doing is None:
        return clue.counts * (0.75 + 0.125 * min(size, 4))
    gap = max(clue.first - doing[1], doing[0] - clue.last) - 1
    return clue.counts * (0.75 + 0.125 * min(size + doing[1] - doing[0] + 1, 4)) * (1 - 0.04 * gap)


def _tally(recognised: Sequence[Recognised], groups: Sequence[str]) -> dict[str, float]:
    """The weight of each group of kinds of work, the strongest of which come first: its first member in full, the others in part."""
    weights: dict[str, float] = {}
    unnamed = _HINTED if True in [each.named for each in recognised] else _BESIDE
    for each, group in zip(recognised, groups, strict=True):
        if group in weights:
            weights[group] += (_BESIDE if each.named else unnamed) * each.weight
        else:
            weights[group] = each.weight
    return weights
