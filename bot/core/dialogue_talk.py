"""The conversation of the dialogue: who may do what, what each step shows, and what is met with silence."""

from collections.abc import Mapping

from bot.core.describing import Describer
from bot.core.dialogue_cards import DialogueCards
from bot.core.glossary import Glossary
from bot.core.interview import Interview
from bot.core.manners import Manners
from bot.core.memory import Answer, Described, Dialogue
from bot.core.messages import Reply
from bot.core.recorder import Recorder
from bot.core.term_talk import TermTalk
from bot.core.turn import Turn


class DialogueTalk:
    """Everything Spellout does in the dialogue."""

    def __init__(
        self,
        interview: Interview,
        cards: DialogueCards,
        manners: Manners,
        glossary: Glossary,
        terms: TermTalk,
        describer: Describer,
        recorder: Recorder,
    ) -> None:
        self._interview, self._cards, self._manners, self._glossary, self._terms = interview, cards, manners, glossary, terms
        self._describer, self._recorder = describer, recorder

    # ------------------------------------------------------------------ starting

    def start(self, turn: Turn, term: str = "", domain: str | None = None) -> None:
        """Begin the questions, unless they are running here already."""
        before = turn.thread.dialogue
        if before is not None and not before.ended:
            self.already(turn)
            return
        self._terms.make_room(turn, term or self._terms.live(turn))
        if turn.place.opening and not turn.thread.headed:
            turn.say(self._cards.opening(turn.person), "dialogue opened")
        if before is not None:
            self._retire(turn, before)
        number = before.number + 1 if before else 1
        self._show(turn, None, self._interview.start(number, turn.person, domain or self._terms.domain(turn, term)))
        turn.reason = "dialogue started"

    def already(self, turn: Turn) -> None:
        """Say that the questions are running here."""
        if turn.thread.dialogue:
            turn.say(self._cards.already(turn.thread.dialogue, turn.person, direct=turn.place.direct), "dialogue already running")

    def start_from(self, turn: Turn, work: Described) -> bool:
        """Begin the questions that a description left open; False if questions are running here already."""
        before = turn.thread.dialogue
        if before is not None and not before.ended:
            self.already(turn)
            return False
        self._terms.make_room(turn, self._terms.live(turn))
        if before is not None:
            self._retire(turn, before)
        number = before.number + 1 if before else 1
        self._show(turn, None, self._interview.begin(number, turn.person, work))
        turn.reason = "dialogue started from a description"
        return True

    def _described(self, turn: Turn, dialogue: Dialogue, text: str) -> bool:
        """A sentence instead of the first answer: what it says is taken over, and only the rest is asked."""
        if not self._interview.untouched(dialogue) or not self._describer.is_description(text):
            return False
        number = turn.thread.works[-1].number + 1 if turn.thread.works else 1
        work = self._describer.described(text, number, turn.person, turn.now)
        turn.say(self._cards.gone(dialogue, dialogue.asking or ""), "described")
        turn.keep_work(work)
        self._show(turn, None, self._interview.begin(dialogue.number, dialogue.owner, work))
        return True

    def _retire(self, turn: Turn, dialogue: Dialogue) -> None:
        """Take the buttons of an ended dialogue away: a new one begins."""
        told = _told(dialogue)
        if told:
            turn.say(self._cards.given(dialogue, live=False), "retired")
        for name in (name for name in dialogue.answers if name not in told):
            turn.say(self._cards.answered(dialogue, name, live=False), "retired")
        if dialogue.ended == "stopped" and dialogue.asking not in dialogue.answers:
            turn.say(self._cards.replaced(dialogue), "retired")
        elif dialogue.ended == "finished":
            turn.say(self._result(turn, dialogue, live=False), "retired")

    def _result(self, turn: Turn, dialogue: Dialogue, live: bool = True) -> Reply:
        return self._cards.result(dialogue, self._recorder.of_dialogue(turn, dialogue), live)

    # ------------------------------------------------------------------ typing

    def typed(self, turn: Turn, text: str) -> bool:
        """A typed line in the dialogue's thread; False if it is not for the dialogue. Only its owner's lines are."""
        dialogue = turn.thread.dialogue
        if dialogue is None or dialogue.owner != turn.person or text.lstrip().startswith("@"):
            return False
        wish = self._manners.wish(text)
        if dialogue.ended:
            return wish is not None and self._wish_after_end(turn, dialogue, *wish)
        option = self._interview.understood(dialogue, text, self._terms.undecided(turn))
        if option is not None:
            self._answer(turn, dialogue, dialogue.asking or "", option)
            return True
        if wish is not None and self._wish(turn, dialogue, *wish):
            return True
        if self._described(turn, dialogue, text):
            return True
        words = self._manners.asked_about(text)
        if words and self._terms.explain_word(turn, words, turn.person):
            return True
        if self._glossary.readings(turn, text):
            return False
        if not dialogue.helped:
            turn.remember(dialogue=dialogue.model_copy(update={"helped": True}))
            turn.say(self._cards.whisper("dialogue.help", turn.person), "answer not understood")
        else:
            turn.reason = "answer not understood again"
        return True

    def _wish(self, turn: Turn, dialogue: Dialogue, wish: str, number: int | None) -> bool:
        """What the owner wants besides answering."""
        if wish == "stop":
            self._show(turn, dialogue, self._interview.stop(dialogue), typed=True)
        elif wish == "back":
            self._changed(turn, dialogue, self._interview.back(dialogue), "dialogue.nothing_before")
        elif wish == "change":
            self._changed(turn, dialogue, self._change_number(dialogue, number))
        elif wish == "why":
            turn.say(self._cards.why(dialogue.asking or "", turn.person), "why asked")
        elif wish == "again":
            turn.say(self._cards.again(dialogue, turn.person, self._terms.undecided(turn)), "question repeated")
        elif wish == "choose":
            self.already(turn)
        elif wish == "help":
            turn.say(self._cards.how(dialogue, turn.person), "help")
        elif wish == "greet":
            turn.reason = "greeting"
        else:
            return False
        return True

    def _wish_after_end(self, turn: Turn, dialogue: Dialogue, wish: str, number: int | None) -> bool:
        if wish == "resume" and dialogue.ended == "stopped":
            self._show(turn, dialogue, self._interview.resume(dialogue), typed=True)
        elif wish == "change" and dialogue.ended == "finished":
            self._changed(turn, dialogue, self._change_number(dialogue, number))
        elif wish == "back" and dialogue.ended == "finished":
            self._changed(turn, dialogue, self._interview.back(dialogue))
        else:
            return False
        return True

    def _change_number(self, dialogue: Dialogue, number: int | None) -> Dialogue | None:
        """The numbered question asked again; without a number the last answered one."""
        if number is None:
            return self._interview.back(dialogue)
        if 1 <= number <= self._interview.total:
            return self._interview.change(dialogue, self._interview.order[number - 1])
        return None

    def _changed(self, turn: Turn, before: Dialogue, after: Dialogue | None, otherwise: str = "dialogue.nothing_to_change") -> None:
        if after is None:
            turn.say(self._cards.whisper(otherwise, turn.person), "nothing to change")
        else:
            self._show(turn, before, after, typed=True)

    # ------------------------------------------------------------------ pressing

    def pressed(self, turn: Turn, verb: str, number: str, name: str, option: str) -> bool:
        """A button of the dialogue, from anybody; False if it is none of ours or belongs to an earlier dialogue."""
        dialogue = turn.thread.dialogue
        if verb == "brief":
            brief = self._cards.brief(name, turn.person)
            turn.say(brief, "brief")
            return brief is not None
        if dialogue is None or number != str(dialogue.number):
            return False
        if verb == "answer":
            return self._pressed_answer(turn, dialogue, name, option)
        if verb == "ask" and self._interview.question(name):
            turn.say(self._cards.why(name, turn.person), "why asked")
            return True
        if verb == "change":
            after = self._interview.change(dialogue, name)
        else:
            steps = {"back": self._interview.back, "stop": self._interview.stop, "resume": self._interview.resume}
            after = steps[verb](dialogue) if verb in steps else None
        if after is not None:
            self._show(turn, dialogue, after)
        return after is not None

    def _pressed_answer(self, turn: Turn, dialogue: Dialogue, name: str, option: str) -> bool:
        if dialogue.asking == name and not dialogue.ended:
            return self._answer(turn, dialogue, name, option)
        answer = dialogue.answers.get(name)
        if answer is None:
            return False
        if (answer.by, answer.option) != (turn.person, option):
            turn.say(self._cards.stale(answer.by, turn.person), "stale press")
        return True

    def revised(self, turn: Turn, record: str, described: int, changes: Mapping[str, str]) -> bool:
        """Take answers that were changed together, where a dialogue here is what the record, or the description, is about."""
        dialogue = turn.thread.dialogue
        if dialogue is None or dialogue.ended == "stopped":
            return False
        about = dialogue.described == described if dialogue.described else self._recorder.name_of_dialogue(turn, dialogue) == record
        if about and not dialogue.ended:
            self.already(turn)
        elif about:
            after = self._interview.revise(dialogue, changes, turn.person, turn.now)
            if after is None:
                turn.say(self._cards.whisper("work.unchanged", turn.person), "nothing changed")
            else:
                self._show_revised(turn, dialogue, after)
        return about

    def _show_revised(self, turn: Turn, before: Dialogue, after: Dialogue) -> None:
        """The answered questions with their new answers, then what follows from them."""
        for name, answer in before.answers.items():
            if not answer.told and answer != after.answers.get(name):
                turn.say(self._cards.answered(after, name), "answered")
        self._show(turn, before, after)

    # ------------------------------------------------------------------ stepping

    def _answer(self, turn: Turn, dialogue: Dialogue, name: str, option: str) -> bool:
        after = self._interview.answer(dialogue, name, option, turn.person, turn.now)
        if after is None:
            return False
        if name == "domain":
            self._terms.found_out(turn, option)
        self._show(turn, dialogue, after)
        return True

    def _recorded(self, turn: Turn, dialogue: Dialogue) -> Dialogue:
        """Where it has a result: the same with the time of its first one, and that result on record."""
        if dialogue.ended != "finished" or not (dialogue.made_at or self._interview.outcome(dialogue).model):
            return dialogue
        dialogue = dialogue.model_copy(update={"made_at": dialogue.made_at or turn.now})
        self._recorder.keep(turn, self._recorder.of_dialogue(turn, dialogue))
        return dialogue

    def _show(self, turn: Turn, before: Dialogue | None, after: Dialogue | None, typed: bool = False) -> None:
        """Remember the new state and say what became of the old one: at most one message is left to answer.

        A press is answered in place, where the eye is; what was typed is answered below it, and leaves nothing of the question above.
        """
        if after is None:
            return
        after = self._recorded(turn, after if before else after.model_copy(update={"begun_at": turn.now}))
        turn.remember(dialogue=after)
        if typed and before:
            self._show_below(turn, before, after)
            return
        if before and before.ended == "finished" and (after.ended != "finished" or after.results > before.results):
            turn.say(self._cards.superseded(before, turn.person), "result superseded")
        if before and before.asking and before.asking != after.asking:
            turn.say(self._cards.left(before, after), "answered")
        if _told(after) != _told(before):
            turn.say(self._cards.given(after), "answers taken from a description")
        if after.ended == "stopped":
            turn.say(self._cards.stopped(after, turn.person), "stopped")
        elif after.asking:
            turn.say(self._cards.question(after, self._terms.undecided(turn)), "question asked")
        else:
            turn.say(self._result(turn, after), "result shown")

    def _show_below(self, turn: Turn, before: Dialogue, after: Dialogue) -> None:
        """The same for a typed wish, which never ends in a result: the newest message is the one to look at."""
        if before.ended == "finished":
            turn.say(self._cards.superseded(before, turn.person), "result superseded")
        if after.ended == "finished":
            turn.say(self._cards.left(before, after), "answered")
            turn.say(self._result(turn, after), "result shown")
            return
        for name in dict.fromkeys((before.asking, after.asking)):
            if name:
                turn.say(self._cards.gone(after, name), "asked below")
        if after.ended == "stopped":
            turn.say(self._cards.stopped(after, turn.person), "stopped")
        else:
            turn.say(self._cards.question(after, self._terms.undecided(turn)), "question asked")


def _told(dialogue: Dialogue | None) -> dict[str, Answer]:
    """The answers that were taken from a description."""
    return {name: answer for name, answer in dialogue.answers.items() if answer.told} if dialogue else {}
