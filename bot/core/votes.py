"""What the signals of a text say together: answers, questions on which they disagree, and answers that do not hold."""

from collections.abc import Iterable, Mapping, Sequence

from bot.core.activities import Signal
from bot.core.kept import Kept
from bot.core.questions import Questions

_MUCH = 2
"""The value from which on more of it is denied too: what takes no judgment call takes no expert call."""

Answer = tuple[str, str]
"""Question and option."""

NOT = "not "
"""Before the name of a signal that is negated."""

Votes = tuple[tuple[str, str, tuple[str, ...]], ...]
"""What signals say: question, option, and the signals."""


class Heard:
    """What the signals of a text say: the same object for the same."""

    __slots__ = ("clear", "denied", "slight", "torn")

    def __init__(self, clear: Votes, torn: frozenset[str], slight: Votes, denied: frozenset[Answer]) -> None:
        self.clear, self.slight = clear, slight
        self.torn = torn
        """Questions on which clear signals disagree."""
        self.denied = denied
        """Answers that do not hold."""


UNHEARD = Heard((), frozenset(), (), frozenset())
"""Of a text without signals."""


class Ballot:
    """Counts what signals say; it remembers each set of them."""

    def __init__(self, signals: Iterable[Signal], questions: Questions) -> None:
        self._signals = {signal.id: signal for signal in signals}
        self._values = questions.values
        self._heard: Kept[tuple[str, ...], Heard] = Kept()
        self._alike: Kept[tuple[Votes, frozenset[str], Votes, frozenset[Answer]], Heard] = Kept()

    def heard(self, names: tuple[str, ...]) -> Heard:
        """What these signals say, those that are negated with `NOT` before their names; worked out once for each set."""
        heard = self._heard.get(names)
        if heard is None:
            heard = self._heard[names] = self._count(names)
        return heard

    def moves(self, question: str, usual: str, said: str) -> bool:
        """Whether what is said moves the usual answer: more of something raises it, and only none of it lowers it."""
        now, then = self._values.get((question, usual)), self._values.get((question, said))
        return now is None or then is None or then == 0 or then >= now

    def exceeds(self, question: str, usual: str, said: str) -> bool:
        """Whether what is said is more than what is usual."""
        now, then = self._values.get((question, usual)), self._values.get((question, said))
        return now is not None and then is not None and then > now

    def _count(self, names: Iterable[str]) -> Heard:
        clear: dict[str, dict[str, list[str]]] = {}
        slight: dict[str, dict[str, list[str]]] = {}
        denied: set[Answer] = set()
        for name in names:
            negated = name.startswith(NOT)
            signal = self._signals[name.removeprefix(NOT)]
            votes = clear if signal.strength == "clear" else slight
            for question, option in () if negated else signal.says.items():
                votes.setdefault(question, {}).setdefault(option, []).append(name)
            for answer in (signal.says if negated else signal.denies).items():
                denied.update(self._no_more(answer))
        torn = {question for question, options in clear.items() if len(options) > 1}
        torn |= {question for question, option in denied if option in clear.get(question, ())}
        found = self._counted(clear), frozenset(torn), self._counted(slight), frozenset(denied)
        alike = self._alike.get(found)
        if alike is None:
            alike = self._alike[found] = Heard(*found)
        return alike

    def _no_more(self, denied: Answer) -> Iterable[Answer]:
        """A denied answer, and where it stands for much, those that stand for more."""
        question, _ = denied
        least = self._values.get(denied)
        if least is not None and least >= _MUCH:
            return [answer for answer, value in self._values.items() if answer[0] == question and value >= least]
        return [denied]

    def _counted(self, votes: Mapping[str, Mapping[str, Sequence[str]]]) -> Votes:
        """The option of each question that most signals give; the higher one wins a draw, since underscoping costs more than care."""
        counted: list[tuple[str, str, tuple[str, ...]]] = []
        for question, options in votes.items():
            ranked = [(len(set(by)), self._values.get((question, option), len(self._values)), option) for option, by in options.items()]
            option = max(ranked)[2]
            counted.append((question, option, tuple(dict.fromkeys(options[option]))))
        return tuple(counted)
