"""The dialogue as a state machine: the four questions, at most two follow-ups, and every way to go back.

    start -> asking(question) -- answer --> asking(next) ... -> finished
             asking -- stop --> stopped -- resume --> asking
             asking | stopped | finished -- change(question) | back --> asking(that question), other answers kept

Every step takes a Dialogue and returns a new one, or None where the step makes no sense; nothing else is changed.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal

from bot.core.advice import Recommendation, next_question, recommend
from bot.core.memory import Answer, Described, Dialogue, Told
from bot.core.models import Advice
from bot.core.questions import UNSURE, Option, Question, Questions, typed_answer
from bot.core.terms import Term
from bot.core.verdict import DOMAIN, DRIVER

Confidence = Literal["none", "provisional", "likely", "firm"]
ORDER: Final[tuple[Confidence, ...]] = ("none", "provisional", "likely", "firm")
"""How sure a result can be, the surest last."""


class Interview:
    """The rules of the dialogue, bound to the questions."""

    def __init__(self, questions: Questions, advice: Advice) -> None:
        self._questions, self._advice = questions, advice
        self._by_id: Mapping[str, Question] = questions.by_id
        self.order: tuple[str, ...] = tuple(questions.by_id)
        self.total = len(questions.questions)

    # ------------------------------------------------------------------ reading a dialogue

    def question(self, name: str) -> Question | None:
        """The question with this id."""
        return self._by_id.get(name)

    def option(self, question: str, option: str) -> Option | None:
        """The option of a question with this id."""
        known = self._by_id.get(question)
        return known.by_id.get(option) if known else None

    def number(self, name: str) -> int | None:
        """The question's number (1..4); None for a follow-up."""
        place = self.order.index(name)
        return place + 1 if place < self.total else None

    def answers(self, dialogue: Dialogue) -> dict[str, str]:
        """The answers so far (question id -> option id), with the domain that the thread's words settled. An answer that the rules no
        longer know counts as not given."""
        settled = {"domain": dialogue.domain} if dialogue.domain else {}
        return settled | {name: answer.option for name, answer in dialogue.answers.items() if self.option(name, answer.option)}

    def outcome(self, dialogue: Dialogue) -> Recommendation:
        """What the answers so far lead to: no surer than the description that it began with, as long as anything is only assumed."""
        found = recommend(self.answers(dialogue), self._questions, self._advice)
        if found.model is None or not dialogue.sure or dialogue.sure == "firm" or not self._assumes(dialogue):
            return found
        given = any(not answer.told for answer in dialogue.answers.values())
        at_most: Confidence = "likely" if given else dialogue.sure
        return replace(found, confidence=min(found.confidence, at_most, key=ORDER.index))

    def _assumes(self, dialogue: Dialogue) -> bool:
        """Whether one of the four answers is only usual for the kind of work, or missing."""
        four = [dialogue.answers.get(name) for name in self.order[: self.total]]
        return any(answer is None or (answer.told and not answer.words) for answer in four)

    def overruled(self, answers: Mapping[str, str]) -> frozenset[str]:
        """The questions whose answers do not count as they were given, because of what goes wrong with the work."""
        outcome = recommend(answers, self._questions, self._advice)
        effect = self._advice.quality_driver.get(answers.get(DRIVER, "")) if DRIVER in outcome.because else None
        if effect is None:
            return frozenset()
        value = {name: self._questions.values.get((name, option)) for name, option in answers.items()}
        limits = self._questions.values
        above = {name for name, most in effect.at_most.items() if (value.get(name) or 0) > limits[name, most]}
        below = {name for name, least in effect.at_least.items() if (now := value.get(name)) is not None and now < limits[name, least]}
        return frozenset(above | below)

    def asked(self, dialogue: Dialogue, undecided: Term | None) -> Question | None:
        """The question that waits. While a term of the thread is undecided, the domain is that of one of its meanings, or neither."""
        question = self._by_id.get(dialogue.asking or "")
        domains = {sense.domain for sense in undecided.senses if sense.ours} if undecided else set()
        if question is None or question.id != "domain" or not any(option.id in domains for option in question.options):
            return question
        options = tuple(option for option in question.options if option.id in domains | {"none", UNSURE})
        fields = {name: getattr(question, name) for name in Question.model_fields}
        return Question.model_validate(fields | {"options": options, "examples": ()})

    def understood(self, dialogue: Dialogue, text: str, undecided: Term | None) -> str | None:
        """The option that a typed text means for the question that waits; None for anything else."""
        question = self.asked(dialogue, undecided)
        return typed_answer(question, text) if question else None

    def untouched(self, dialogue: Dialogue) -> bool:
        """Whether its first question is asked and nothing is answered yet."""
        return not dialogue.answers and not dialogue.ended and dialogue.asking == self.order[0]

    # ------------------------------------------------------------------ steps

    def start(self, number: int, owner: str, domain: str | None) -> Dialogue:
        """A new dialogue with its first question."""
        return self._ask_next(Dialogue(number=number, owner=owner, domain=domain))

    def begin(self, number: int, owner: str, work: Described) -> Dialogue:
        """A new dialogue that takes its answers from a description and asks only what that left open."""
        known = {name: told for name, told in work.answers.items() if name not in work.open}
        domain = known[DOMAIN].option if DOMAIN in known else None
        answers = {
            name: answer
            for name, answer in answers_of(work).items()
            if name in known and self.option(name, answer.option) and (name != DOMAIN or answer.words or not answer.told)
        }
        spared = tuple(name for name in self.order[: self.total] if name not in answers and name not in work.open)
        begun = Dialogue(
            number=number,
            owner=owner,
            domain=domain,
            answers=answers,
            spared=spared,
            described=work.number,
            made_at=work.at if work.record else 0,
            teller=work.by,
            sure=work.confidence,
        )
        return self._ask_next(begun)

    def answer(self, dialogue: Dialogue, name: str, option: str, by: str, now: int) -> Dialogue | None:
        """Take an answer to the question that is being asked; None if it is not the one, or has no such option."""
        if dialogue.ended or dialogue.asking != name or self.option(name, option) is None:
            return None
        answers = dialogue.answers | {name: Answer(option=option, by=by, at=now)}
        return self._ask_next(dialogue.model_copy(update={"answers": answers}))

    def change(self, dialogue: Dialogue, name: str) -> Dialogue | None:
        """Ask an answered question again; its old answer stands until the new one."""
        if name not in dialogue.answers or (dialogue.asking == name and not dialogue.ended):
            return None
        return dialogue.model_copy(update={"asking": name, "ended": ""})

    def back(self, dialogue: Dialogue) -> Dialogue | None:
        """Ask the answered question before the present one again."""
        answered = [name for name in self.order if name in dialogue.answers]
        if dialogue.asking:
            before = self.order[: self.order.index(dialogue.asking)] if dialogue.asking in self.order else ()
            answered = [name for name in answered if name in before]
        return self.change(dialogue, answered[-1]) if answered else None

    def revise(self, dialogue: Dialogue, changes: Mapping[str, str], by: str, now: int) -> Dialogue | None:
        """Take several answers at once after the end; None where they change nothing."""
        news = {
            name: Answer(option=option, by=by, at=now)
            for name, option in changes.items()
            if self.option(name, option) and self.answers(dialogue).get(name) != option
        }
        return self._ask_next(dialogue.model_copy(update={"answers": dialogue.answers | news})) if news else None

    def stop(self, dialogue: Dialogue) -> Dialogue | None:
        """End it, keeping the answers: with the result that stands already, if only an answer was to be changed."""
        if dialogue.ended:
            return None
        if dialogue.results and dialogue.asking in dialogue.answers and self._next(dialogue) is None:
            return dialogue.model_copy(update={"asking": None, "ended": "finished"})
        return dialogue.model_copy(update={"ended": "stopped"})

    def resume(self, dialogue: Dialogue) -> Dialogue | None:
        """Go on where it was stopped."""
        return dialogue.model_copy(update={"ended": ""}) if dialogue.ended == "stopped" else None

    def _ask_next(self, dialogue: Dialogue) -> Dialogue:
        name = self._next(dialogue)
        if name is None:
            return dialogue.model_copy(update={"asking": None, "ended": "finished", "results": dialogue.results + 1})
        return dialogue.model_copy(update={"asking": name, "ended": ""})

    def _next(self, dialogue: Dialogue) -> str | None:
        """What to ask next; what a description made needless only where the model is not settled without it."""
        answers = self.answers(dialogue)
        missing = [name for name in self.order[: self.total] if name not in answers]
        wanted = [name for name in missing if name not in dialogue.spared]
        if wanted or not missing:
            return wanted[0] if wanted else next_question(answers, self._questions, self._advice)
        without = {**answers, **dict.fromkeys(missing, UNSURE)}
        follow_up = next_question(without, self._questions, self._advice)
        settled = recommend(without, self._questions, self._advice).confidence in ("firm", "likely")
        return follow_up or (None if settled else missing[0])


def answers_of(work: Described) -> dict[str, Answer]:
    """The answers as a record holds them: those that are only usual were given by nobody."""
    return {name: _answer(work, told) for name, told in work.answers.items()}


def _answer(work: Described, told: Told) -> Answer:
    if told.at:
        return Answer(option=told.option, by=told.by, at=told.at)
    return Answer(option=told.option, by=work.by if told.words else "", at=work.at, told=True, words=told.words)
