"""The answers that led to a result, in a few words: given, taken from a description, usual, or not known to anybody."""

from bot.core.advice import Recommendation
from bot.core.interview import Interview
from bot.core.memory import Answer, Dialogue
from bot.core.messages import Line, Span
from bot.core.questions import UNSURE
from bot.core.rulebook import Rulebook
from bot.core.term_cards import TermCards
from bot.core.verdict import DOMAIN


class Reasons:
    """Tells why, in the words of the rules."""

    def __init__(self, rules: Rulebook, interview: Interview, terms: TermCards) -> None:
        self._rules, self._interview, self._terms, self._w = rules, interview, terms, rules.wording

    def because(self, dialogue: Dialogue, outcome: Recommendation) -> tuple[Line, ...]:
        """The answers in a few words: those that were given on one line, those from a description with its words, and what is usual.

        Where what goes wrong overrules the others, it is the reason, and they stand apart.
        """
        answers = self._interview.answers(dialogue)
        known = {name: option for name in self._interview.order if (option := self._interview.option(name, answers.get(name, "")))}
        without = self._interview.overruled(answers)
        overruled = [option.brief for name, option in known.items() if name in without]
        beside = {DOMAIN} if DOMAIN not in outcome.because and from_description(dialogue, DOMAIN) else set()
        known = {name: option for name, option in known.items() if name not in without | beside}
        quoted = [name for name in known if from_description(dialogue, name) and dialogue.answers[name].words]
        usual = [option.brief for name, option in known.items() if from_description(dialogue, name) and name not in quoted]
        given = [option.brief for name, option in known.items() if not from_description(dialogue, name) and option.id != UNSURE]
        unsure = [self._unsure(name, outcome) for name, option in known.items() if option.id == UNSURE]
        then = self._w.text("shared.then")
        return (
            *(((Span(then.join(given)),),) if given else ()),
            *(self.reason("result.because", name, dialogue.answers[name]) for name in quoted),
            *((self._w.line("result.because_usual", answer=then.join(usual)),) if usual else ()),
            *((self._w.line("result.because_unsure", names=self._terms.listed(unsure)),) if unsure else ()),
            *((self._w.line("result.although", answers=then.join(overruled)),) if overruled else ()),
        )

    def _unsure(self, name: str, outcome: Recommendation) -> str:
        """A question that nobody could answer, with what the model takes for its answer."""
        taken = self._interview.option(name, self._rules.advice.unsure.middle.get(name, "")) if outcome.model else None
        asked = self._name(name)
        return self._w.text("result.unsure_taken", name=asked, answer=taken.brief) if taken else asked

    def reason(self, keys: str, name: str, answer: Answer) -> Line:
        """An answer that a description gave, with the words that gave it."""
        option = self._interview.option(name, answer.option)
        brief = (option.brief or option.label) if option else answer.option
        values = {"name": self._name(name), "answer": brief}
        if answer.words:
            return self._w.line(f"{keys}_said", words=self._terms.quoted(answer.words), **values)
        return self._w.line(f"{keys}_usual", **values)

    def _name(self, question: str) -> str:
        return self._rules.questions.by_id[question].name


def from_description(dialogue: Dialogue, name: str) -> bool:
    """Whether an answer was taken from a description."""
    return name in dialogue.answers and dialogue.answers[name].told
