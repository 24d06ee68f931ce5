"""The conversation about described work: where it is answered, what a press does, how its answers change, and how it becomes a dialogue."""

from collections.abc import Mapping

from bot.core.describing import Describer
from bot.core.dialogue_talk import DialogueTalk
from bot.core.interview import Interview
from bot.core.memory import Described, Record, Thread
from bot.core.messages import Reply
from bot.core.record_cards import FORMS, RecordCards
from bot.core.recorder import Recorder
from bot.core.revising import Reviser
from bot.core.turn import Turn
from bot.core.work_cards import KEEP, OPENING, VERB, WorkCards


class WorkTalk:
    """Everything Spellout does about descriptions of work and about decision records."""

    def __init__(
        self,
        describer: Describer,
        cards: WorkCards,
        dialogue: DialogueTalk,
        interview: Interview,
        reviser: Reviser,
        recorder: Recorder,
        record_cards: RecordCards,
    ) -> None:
        self._describer, self._cards, self._dialogue, self._interview = describer, cards, dialogue, interview
        self._reviser, self._recorder, self._record_cards = reviser, recorder, record_cards

    # ------------------------------------------------------------------ descriptions

    def described(self, turn: Turn, text: str, whisper_to: str = "", label: str = "", keep: bool = False) -> None:
        """Say what the work is: to one person alone, or in the thread. `keep`: the person asked to keep the text with the record."""
        work = self._read(turn, text, label)
        if work.model is None:
            turn.say(self._cards.card(work, whisper_to), "nothing to go on")
        else:
            self._show(turn, work, whisper_to, text if keep else "")

    def said(self, turn: Turn, text: str, reply: bool) -> None:
        """A description said to us. Where only the wish was said in a thread, the message above is meant: we keep none to read again."""
        if reply and not any(map(str.isalnum, text)):
            turn.say(self._cards.unread(), "nothing to go on")
        else:
            self.described(turn, text)

    def commanded(self, turn: Turn, text: str) -> None:
        """A description after a command; without one, a window to write it in."""
        if text.strip():
            self.described(turn, text, turn.person)
        else:
            turn.say(self._cards.window(turn.person, direct=turn.place.direct), "window opened")

    def submitted(self, turn: Turn, values: Mapping[str, tuple[str, ...]]) -> None:
        """The window was sent off; only with its tick is the text kept."""
        text, label = "".join(values.get("text", ())[:1]), "".join(values.get("called", ())[:1])
        self.described(turn, text, turn.person, label, keep=KEEP in values.get(KEEP, ()))

    def guessed(self, turn: Turn, text: str) -> bool:
        """Say what the work is where somebody just describes some; False where this is no description."""
        if not self._describer.is_description(text):
            return False
        self._show(turn, self._read(turn, text, ""), "")
        return True

    def _read(self, turn: Turn, text: str, label: str) -> Described:
        return self._describer.described(text, _next_number(turn), turn.person, turn.now, label)

    def _show(self, turn: Turn, work: Described, whisper_to: str, description: str = "") -> None:
        if not whisper_to:
            work = work.model_copy(update={"slot": turn.fresh_slot(VERB)})
        if work.slot or description:
            work = self._recorded(turn, work, description)
        turn.keep_work(work)
        turn.say(self._card(turn, work, whisper_to), "classified")

    def _card(self, turn: Turn, work: Described, whisper_to: str = "") -> Reply:
        return self._cards.card(work, whisper_to, direct=turn.place.direct, thread=_in_thread(turn))

    def _recorded(self, turn: Turn, work: Described, description: str = "") -> Described:
        """The work with its record, which is kept with this step."""
        work = work.model_copy(update={"record": work.record or self._recorder.name(turn, f"w{work.number}")})
        self._recorder.keep(turn, self._recorder.of_work(turn, work, description))
        return work

    # ------------------------------------------------------------------ presses

    def pressed(self, turn: Turn, action: str, number: str) -> bool:
        """A button of a card; False if it belongs to one that is forgotten or is none of ours."""
        work = turn.work(int(number)) if number.isdecimal() and len(number) < 6 else None
        if work is None:
            return False
        if action == "fill" and work.slot:
            self._fill(turn, work)
        elif action in ("fill", "change"):
            self._ask(turn, work, f"{VERB}{work.number}", only_open=action == "fill")
        elif action == "share":
            self._share(turn, work)
        elif action == "brief":
            turn.say(self._cards.brief(work, turn.person), "brief")
        else:
            return False
        return True

    def _fill(self, turn: Turn, work: Described) -> None:
        """Ask in the thread what the description left open."""
        if self._dialogue.start_from(turn, work):
            self._shown_again(turn, work.model_copy(update={"asked": True}))

    def _ask(self, turn: Turn, work: Described, reference: str, only_open: bool = False) -> None:
        """Open the window of answers, unless they are being given in the thread."""
        if turn.outsider and work.record:
            turn.say(self._cards.whisper("fault.outsider", turn.person), "other company")
        elif work.asked:
            self._dialogue.already(turn)
        else:
            turn.say(self._cards.answers(work, reference, turn.person, only_open=only_open, direct=turn.place.direct), "window opened")

    def _share(self, turn: Turn, work: Described) -> None:
        """Show it to everybody, in a thread of its own where it is not in one yet."""
        if work.slot:
            turn.say(self._cards.whisper("work.shared_before", turn.person), "shared before")
            return
        shared = self._placed(turn, work).model_copy(update={"shared_by": turn.person})
        shared = self._recorded(turn, shared)
        turn.keep_work(shared)
        turn.say(self._card(turn, shared), "shared")

    def _placed(self, turn: Turn, work: Described) -> Described:
        """The work with a message of its own, which heads the thread where there is none yet."""
        heads = turn.place.opening and not turn.thread.headed and turn.thread.dialogue is None
        slot = OPENING if heads else turn.fresh_slot(VERB)
        turn.remember(headed=turn.thread.headed or heads)
        return work.model_copy(update={"slot": slot})

    # ------------------------------------------------------------------ records

    def record_pressed(self, turn: Turn, action: str, reference: str) -> bool:
        """A button of a decision record, or an export of a description that has none; False if it is none of ours."""
        if reference.startswith(VERB):
            number = reference.removeprefix(VERB)
            work = turn.work(int(number)) if number.isdecimal() and len(number) < 6 else None
            if work and action in FORMS:
                turn.say(self._record_cards.export(self._recorder.of_work(turn, work), turn.person, action), "exported")
            return work is not None and action in FORMS
        record = turn.record
        if record is None:
            turn.say(self._record_cards.gone(turn.person), "no such record")
        elif action in FORMS:
            turn.say(self._record_cards.export(record, turn.person, action), "exported")
        elif action == "open":
            turn.say(self._record_cards.card(record, turn.person), "record shown")
        elif action == "change":
            self._ask(turn, self._of_record(turn, record), record.id)
        else:
            return False
        return True

    def record_asked(self, turn: Turn, name: str) -> None:
        """The record of this id, for one person."""
        self.record_pressed(turn, "open", name)

    def _of_record(self, turn: Turn, record: Record) -> Described:
        """The work that a record is about: as it is remembered here, or as the record has it where that is newer."""
        known = next((work for work in turn.thread.works if work.record == record.id), None)
        work = self._reviser.reopened(record, known.number if known else _next_number(turn))
        if known is None:
            return work
        same = {"slot": known.slot, "asked": known.asked, "shared_by": known.shared_by}
        return known if known.result >= record.result else work.model_copy(update=same)

    # ------------------------------------------------------------------ changed answers

    def answered(self, turn: Turn, values: Mapping[str, tuple[str, ...]]) -> None:
        """The window of answers was sent off."""
        reference = next((name.partition(":")[2] for name in values), "")
        changes = {name.partition(":")[0]: chosen[0] for name, chosen in values.items() if chosen}
        if not reference.startswith(VERB):
            if turn.record is None:
                turn.say(self._record_cards.gone(turn.person), "no such record")
            else:
                self._revise(turn, self._of_record(turn, turn.record), changes)
            return
        number = reference.removeprefix(VERB)
        work = turn.work(int(number)) if number.isdecimal() and len(number) < 6 else None
        if work is None:
            turn.say(self._cards.whisper("dialogue.stale", turn.person), "stale press")
        else:
            self._revise(turn, work, changes)

    def _revise(self, turn: Turn, work: Described, changes: Mapping[str, str]) -> None:
        """Take changed answers: in the dialogue that the work ended in, else on its card."""
        if turn.outsider and work.record:
            turn.say(self._cards.whisper("fault.outsider", turn.person), "other company")
            return
        if self._dialogue.revised(turn, work.record, work.number, changes):
            return
        after = self._reviser.revised(work, changes, turn.person, turn.now)
        if after is None:
            turn.say(self._cards.whisper("work.unchanged", turn.person), "nothing changed")
        elif work.slot or work.record:
            self._show_changed(turn, work, after)
        else:
            turn.keep_work(after)
            turn.say(self._card(turn, after, turn.person), "answers changed")

    def _show_changed(self, turn: Turn, before: Described, after: Described) -> None:
        """The card where it stands, or a new one, and a line for everybody that says what was changed."""
        if after.slot:
            self._shown_again(turn, after)
        elif after.shared_by or not self._kept_alone(turn, after):
            self._shown_again(turn, self._placed(turn, after))
        else:
            turn.keep_work(self._recorded(turn, after))
            turn.say(self._card(turn, after, turn.person), "answers changed")
            return
        self._recorder.keep(turn, self._recorder.of_work(turn, after))
        names = [name for name in self._interview.order if after.answers.get(name) != before.answers.get(name)]
        turn.say(self._cards.changed(before, after, turn.person, names), "answers changed")

    @staticmethod
    def _kept_alone(turn: Turn, work: Described) -> bool:
        """Whether only the record of a private description is changed by the person who keeps it."""
        return turn.work(work.number) is not None and work.by == turn.person

    def _shown_again(self, turn: Turn, work: Described) -> None:
        turn.keep_work(work)
        turn.say(self._card(turn, work), "card changed")

    def followed(self, turn: Turn, before: Thread) -> None:
        """After every step: the shared card says what the dialogue about it has come to."""
        dialogue = turn.thread.dialogue
        work = turn.work(dialogue.described) if dialogue else None
        if dialogue is None or dialogue == before.dialogue or work is None:
            return
        if dialogue.ended == "finished":
            outcome = self._interview.outcome(dialogue)
            done = self._reviser.finished(work, dialogue, outcome).model_copy(update={"asked": False, "result": dialogue.results})
        else:
            done = work.model_copy(update={"asked": dialogue.ended == ""})
        if done == work:
            return
        if done.slot:
            self._shown_again(turn, done)
        else:
            turn.keep_work(done)


def _next_number(turn: Turn) -> int:
    return turn.thread.works[-1].number + 1 if turn.thread.works else 1


def _in_thread(turn: Turn) -> bool:
    """Whether what is shared here stands in a thread that there is already."""
    return not turn.place.direct and (not turn.place.opening or turn.thread.headed or turn.thread.dialogue is not None)
