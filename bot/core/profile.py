"""A profile of the work from prose: the kinds of work recognised, and each answer with the words that gave it, or with what is usual."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from bot.core.activities import Activity, Signal
from bot.core.advice import recommend
from bot.core.clues import Clue, Described, Quote
from bot.core.models import Advice
from bot.core.questions import Questions
from bot.core.verdict import DOMAIN

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


_WORK = frozenset(["name", "hint", "loose"])
_REMEMBERED = 10_000

_Votes = tuple[tuple[str, str, tuple[str, ...]], ...]
"""What signals say: question, option, and the signals."""

_Said = tuple[_Votes, frozenset[str], _Votes]
_UNSAID: _Said = ((), frozenset(), ())
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

    __slots__ = ("activity", "gated", "general", "models", "neutral")

    def __init__(self, activity: Activity, model: str | None, gated: Collection[str]) -> None:
        self.activity = activity
        self.gated = model in gated
        self.neutral = activity.usual.get(DOMAIN) == _NEUTRAL
        self.general = activity.loose and activity.usual.get(DOMAIN) in _NO_TRADE
        self.models: dict[_Votes, str | None] = {}


class Profiler:
    """The rules of filling a profile, bound to the questions; it remembers what sets of answers lead to."""

    def __init__(self, activities: Collection[Activity], signals: Iterable[Signal], questions: Questions, advice: Advice) -> None:
        gated = {gate.model for gate in advice.gates}
        usual = {activity.id: recommend(activity.usual, questions, advice).model for activity in activities}
        self._work = {activity.id: _Work(activity, usual[activity.id], gated) for activity in activities}
        self._signals = {signal.id: signal for signal in signals}
        self._questions, self._advice = questions, advice
        self._order = tuple(questions.by_id)
        self._labels = {model: label.id for label in reversed(advice.labels) for model in label.fits}
        self._settled: dict[tuple[str, bool, _Votes, _Votes], Settled] = {}
        self._said: dict[tuple[str, ...], _Said] = {}

    def profile(self, described: Described) -> Profile:
        """What the text says of the work."""
        work: dict[str, list[Clue]] = {}
        signals: list[Clue] = []
        named: list[str] = []
        ruled_out = {self._work[clue[1]].activity.usual.get(DOMAIN) for clue in described.ruled_out if clue[0] == "name"}
        for clue in described.clues:
            kind, name = clue[:2]
            if kind == "signal":
                signals.append(clue)
            elif kind in _WORK and (kind == "name" or not ruled_out or self._work[name].activity.usual.get(DOMAIN) not in ruled_out):
                if name in work:
                    work[name].append(clue)
                else:
                    work[name] = [clue]
                if kind == "name" and clue[5] == 1.0:
                    named.append(name)
        clear, torn, slight = self._signalled(tuple(clue[1] for clue in signals)) if signals else _UNSAID
        recognised = self._recognised(work, named, clear)
        leading, lead, inside = self._leading(recognised) if recognised else (None, 0.0, 0.0)
        if leading:
            slight = ()
        settled = self._answers(leading, clear, slight)
        words = described.quotes(leading.clues) if leading else ()
        answers: dict[str, Known] = {}
        for question, option, how, by in settled:
            answers[question] = Known(option, how, described.quotes([clue for clue in signals if clue[1] in by]) if by else words)
        if leading and recognised[0] is not leading:
            recognised.remove(leading)
            recognised.insert(0, leading)
        return Profile(answers, tuple(recognised), torn, lead, inside, settled)

    def _answers(self, leading: Recognised | None, clear: _Votes, slight: _Votes) -> Settled:
        """Every answer in the order of the questions: what is usual, and what signals say; worked out once for each."""
        key = (leading.activity.id if leading else "", bool(leading and leading.named), clear, slight)
        if key not in self._settled:
            found: dict[str, _Answer] = {}
            if leading:
                for question, option in leading.activity.usual.items():
                    found[question] = (question, option, "said" if question == DOMAIN and leading.named else "usual", ())
            for how, votes in (("usual", slight), ("said", clear)):
                for question, option, by in votes:
                    if question not in found or self._moves(question, found[question][1], option):
                        found[question] = (question, option, how, by)  # type: ignore[assignment]
            self._settled[key] = Settled(found[question] for question in self._order if question in found)
        return self._settled[key]

    # ------------------------------------------------------------------ signals

    def _signalled(self, names: tuple[str, ...]) -> _Said:
        """What clear signals say, the questions on which they disagree, and what slight signals say; worked out once for each set."""
        if names not in self._said:
            clear: dict[str, dict[str, list[str]]] = {}
            slight: dict[str, dict[str, list[str]]] = {}
            for name in names:
                signal = self._signals[name]
                votes = clear if signal.strength == "clear" else slight
                for question, option in signal.says.items():
                    votes.setdefault(question, {}).setdefault(option, []).append(name)
            torn = frozenset(question for question, options in clear.items() if len(options) > 1)
            if len(self._said) > _REMEMBERED:
                self._said.clear()
            self._said[names] = self._counted(clear), torn, self._counted(slight)
        return self._said[names]

    def _counted(self, votes: Mapping[str, Mapping[str, Sequence[str]]]) -> _Votes:
        """The option of each question that most signals give; the higher one wins a draw, since underscoping costs more than care."""
        values = self._questions.values
        counted: list[tuple[str, str, tuple[str, ...]]] = []
        for question, options in votes.items():
            ranked = [(len(set(by)), values.get((question, option), len(values)), option) for option, by in options.items()]
            option = max(ranked)[2]
            counted.append((question, option, tuple(dict.fromkeys(options[option]))))
        return tuple(counted)

    def _moves(self, question: str, usual: str, said: str) -> bool:
        """Whether what is said moves the usual answer: more of something raises it, and only none of it lowers it."""
        now, then = self._questions.values.get((question, usual)), self._questions.values.get((question, said))
        return now is None or then is None or then == 0 or then >= now

    # ------------------------------------------------------------------ kinds of work

    def _recognised(self, found: Mapping[str, list[Clue]], named: Sequence[str], clear: _Votes) -> list[Recognised]:
        """Every kind of work that the clues point to, the strongest first."""
        first = named[0] if named else ""
        gated = any(self._work[name].gated for name in named)
        recognised: list[Recognised] = []
        for name, clues in found.items():
            work = self._work[name]
            model = work.models[clear] if clear in work.models else self._model_of(work, clear)
            if model:
                weight = _weight(clues)
                if name == first:
                    weight += _FIRST
                is_named = name in named
                if work.neutral and gated:
                    weight *= _BESIDE_A_TRADE
                elif work.general and len(found) > 1:
                    weight *= _GENERAL
                elif work.gated:
                    weight *= _GATED if is_named else _TRADE
                recognised.append(Recognised(work.activity, weight, is_named, model, tuple(clues)))
        if len(recognised) > 1:
            recognised.sort(key=_strength, reverse=True)
        return recognised

    def _leading(self, recognised: Sequence[Recognised]) -> tuple[Recognised, float, float]:
        """The strongest kind of work of the strongest model of the strongest label, and the shares of that label and model."""
        first = recognised[0]
        if all(each[3] == first[3] for each in recognised):
            return first, 1.0, 1.0
        labels = tally(recognised, self._label_of)
        label = max(labels, key=labels.__getitem__)
        models = tally([each for each in recognised if self._label_of(each) == label], _model)
        model = max(models, key=models.__getitem__)
        leading = next(each for each in recognised if each.model == model)
        everything = tally(recognised, _model) if len(labels) > 1 else models
        return leading, labels[label] / sum(labels.values()), everything[model] / sum(everything.values())

    def _label_of(self, each: Recognised) -> str:
        """The label that bears its model out (`kpo` for research): work of one label is weighed together."""
        return self._labels.get(each.model, each.model)

    def _model_of(self, work: _Work, clear: _Votes) -> str | None:
        """The model of a kind of work under what is said, worked out once for each."""
        usual = work.activity.usual
        moved = {question: option for question, option, _ in clear if self._moves(question, usual.get(question, ""), option)}
        work.models[clear] = model = recommend({**usual, **moved}, self._questions, self._advice).model
        return model


def _strength(each: Recognised) -> float:
    return each[1]


def _model(each: Recognised) -> str:
    return each[3]


def _weight(clues: Sequence[Clue]) -> float:
    """How strongly clues point to one kind of work."""
    if len(clues) == 1:
        (clue,) = clues
        return _NAME * _specific(clue) if clue[0] == "name" else clue[5] * (_HINT if clue[0] == "hint" else _LOOSE)
    names: dict[int, float] = {}
    hints: dict[int, float] = {}
    loose: dict[int, float] = {}
    for clue in clues:
        if clue[0] == "name":
            names[clue[2]] = _specific(clue)
        elif clue[0] == "hint":
            hints[clue[2]] = clue[5]
        else:
            loose[clue[2]] = clue[5]
    weight = _LOOSE * min(sum(loose.values()), _MOST_LOOSE) if loose else 0.0
    if hints:
        weight += _HINT * sum(sorted(hints.values(), reverse=True)[:_MOST_HINTS])
    if names:
        weight += sum(names.values()) + (_NAME - 1) * max(names.values())
    return weight


def _specific(clue: Clue) -> float:
    """How much a name counts: longer ones more, words that stand apart less."""
    _, _, first, last, doing, counts = clue
    if doing is None:
        return counts * (0.75 + 0.125 * min(last - first + 1, 4))
    size = last - first + doing[1] - doing[0] + 2
    gap = max(first - doing[1], doing[0] - last) - 1
    return counts * (0.75 + 0.125 * min(size, 4)) * (1 - 0.04 * gap)


def tally(recognised: Sequence[Recognised], of: Callable[[Recognised], str]) -> dict[str, float]:
    """The weight of each group of kinds of work, the strongest of which come first: its first member in full, the others in part."""
    weights: dict[str, float] = {}
    unnamed = _HINTED if any(each.named for each in recognised) else _BESIDE
    for each in recognised:
        name = of(each)
        weights[name] = weights[name] + (_BESIDE if each.named else unnamed) * each.weight if name in weights else each.weight
    return weights
