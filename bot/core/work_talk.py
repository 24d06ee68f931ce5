"""The conversation about described work: where it is answered, what a press does, and how it becomes a dialogue."""

from collections.abc import Mapping

from bot.core.describing import Describer
from bot.core.dialogue_talk import ANSWER_WORDS, DialogueTalk
from bot.core.memory import Described
from bot.core.record_cards import RecordCards
from bot.core.recorder import Recorder
from bot.core.turn import Turn
from bot.core.work_cards import KEEP, OPENING, VERB, WorkCards


class WorkTalk:
    """Everything Spellout does about descriptions of work."""

    def __init__(
        self, describer: Describer, cards: WorkCards, dialogue: DialogueTalk, recorder: Recorder, record_cards: RecordCards
    ) -> None:
        self._describer, self._cards, self._dialogue = describer, cards, dialogue
        self._recorder, self._record_cards = recorder, record_cards

    # ------------------------------------------------------------------ descriptions

    def described(self, turn: Turn, text: str, whisper_to: str = "", label: str = "", keep: bool = False) -> None:
        """Say what the work is: to one person alone, or in the thread. `keep`: the person asked to keep the text with the record."""
        work = self._read(turn, text, label)
        if work.model is None:
            turn.say(self._cards.card(work, whisper_to), "nothing to go on")
        else:
            self._show(turn, work, whisper_to, text if keep else "")

    def commanded(self, turn: Turn, text: str) -> None:
        """A description after a command; without one, a window to write it in."""
        if text.strip():
            self.described(turn, text, turn.person)
        else:
            turn.say(self._cards.window(turn.person), "window opened")

    def submitted(self, turn: Turn, values: Mapping[str, tuple[str, ...]]) -> None:
        """The window was sent off; only with its tick is the text kept."""
        text, label = "".join(values.get("text", ())[:1]), "".join(values.get("called", ())[:1])
        self.described(turn, text, turn.person, label, keep=KEEP in values.get(KEEP, ()))

    def guessed(self, turn: Turn, text: str) -> bool:
        """Say what the work is where somebody just describes some; False where this is no description."""
        if len(text.split()) <= ANSWER_WORDS:
            return False
        work = self._read(turn, text, "")
        sure = work.confidence in ("firm", "likely")
        if sure:
            self._show(turn, work, "")
        return sure

    def _read(self, turn: Turn, text: str, label: str) -> Described:
        number = turn.thread.described.number + 1 if turn.thread.described else 1
        return self._describer.described(text, number, turn.person, turn.now, label)

    def _show(self, turn: Turn, work: Described, whisper_to: str, description: str = "") -> None:
        self.make_room(turn)
        if not whisper_to:
            work = work.model_copy(update={"slot": turn.fresh_slot(VERB), "live": True})
        if work.slot or description:
            work = work.model_copy(update={"recorded": True})
            self._recorder.keep(turn, self._recorder.of_work(turn, work, description))
        turn.remember(described=work)
        turn.say(self._cards.card(work, whisper_to, direct=turn.place.direct), "classified")

    def make_room(self, turn: Turn) -> None:
        """Take the buttons from the card that stands in the thread: what follows is live instead."""
        before, dialogue = turn.thread.described, turn.thread.dialogue
        if before and before.live and (dialogue is None or dialogue.ended):
            turn.remember(described=before.model_copy(update={"live": False}))
            turn.say(self._cards.card(before, live=False), "card retired")

    # ------------------------------------------------------------------ presses

    def pressed(self, turn: Turn, action: str, number: str) -> bool:
        """A button of a card; False if it belongs to an earlier one or is none of ours."""
        work = turn.thread.described
        if work is None or number != str(work.number):
            return False
        if action == "fill":
            self._fill(turn, work)
        elif action == "share":
            self._share(turn, work)
        elif action == "export":
            turn.say(self._record_cards.export(self._recorder.of_work(turn, work), turn.person), "exported")
        elif action == "brief":
            turn.say(self._cards.brief(work, turn.person), "brief")
        else:
            return False
        return True

    def _fill(self, turn: Turn, work: Described) -> None:
        """Ask what the description left open."""
        self.make_room(turn)
        self._dialogue.start_from(turn, work, self._cards.opening(turn.person))

    def _share(self, turn: Turn, work: Described) -> None:
        """Show it to everybody, in a thread of its own where it is not in one yet."""
        if work.slot:
            turn.say(self._cards.whisper("work.shared_before", turn.person), "shared before")
            return
        dialogue = turn.thread.dialogue
        heads = turn.place.opening and dialogue is None
        slot = OPENING if heads else turn.fresh_slot(VERB)
        live = dialogue is None or bool(dialogue.ended)
        shared = work.model_copy(update={"slot": slot, "live": live, "shared_by": turn.person, "recorded": True})
        turn.remember(described=shared, headed=turn.thread.headed or heads)
        self._recorder.keep(turn, self._recorder.of_work(turn, shared))
        turn.say(self._cards.card(shared, live=live), "shared")
