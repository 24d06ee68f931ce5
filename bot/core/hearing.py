"""Hearing what nobody addressed to us: a verdict on each term, at most one remark, and what becomes of it when the message is edited or
deleted."""

from collections.abc import Sequence

from bot.core.glossary import Glossary
from bot.core.manners import Manners
from bot.core.memory import Asked, Meaning, Thread, Verdict
from bot.core.messages import Said
from bot.core.restraint import counted, forget_remark, held_back, spoke, would_have
from bot.core.senses import Reading, action
from bot.core.term_cards import TermCards
from bot.core.terms import Term
from bot.core.turn import Turn

CAUSED = 20
"""Messages of a thread whose edits are followed."""

LATELY = 5
"""Verdicts of a channel that can be asked about."""


class Hearing:
    """Everything Spellout does about terms by itself."""

    def __init__(self, glossary: Glossary, manners: Manners, cards: TermCards) -> None:
        self._glossary, self._manners, self._cards = glossary, manners, cards

    def heard(self, turn: Turn, said: Said) -> None:
        """A message that nobody addressed to us: at most one reply, and silence unless it helps."""
        if said.edited and not self._taken_back(turn, said.message):
            return
        verdicts = self.verdicts(turn, said.text, said.outside)
        self._note_long_forms(turn, said.text)
        for wanted in ("ask", "note", "explain"):
            found = next((entry for entry in verdicts if entry[1].action == wanted), None)
            if found:
                self._speak(turn, *found, said.message)
                break
        else:
            turn.reason = verdicts[0][1].reason if verdicts else "no term"
        if turn.reuse:
            turn.say(self._cards.gone(turn.reuse), "taken back")
        self._count(turn, verdicts)

    def verdicts(self, turn: Turn, text: str, outside: bool) -> list[tuple[Reading, Verdict]]:
        """What to do about each term of a text, and why."""
        return [(reading, self._verdict(turn, reading, outside)) for reading in self._glossary.readings(turn, text)]

    def _verdict(self, turn: Turn, reading: Reading, outside: bool) -> Verdict:
        term = self._glossary.of(reading)
        wish, reason = self._wish(turn, term, reading)
        held = held_back(turn, term.term, wish, outside, self._manners) if wish != "silent" else ""
        words = written(reading, reading.sense or "", "")
        return Verdict(
            term=term.term,
            action="silent" if held else wish,
            reason=held or reason,
            sense=reading.sense or "",
            confidence=round(reading.confidence, 2),
            words=words,
            at=turn.now,
        )

    @staticmethod
    def _wish(turn: Turn, term: Term, reading: Reading) -> tuple[str, str]:
        """What one would say if nothing held one back: once per thread and term."""
        if term.term in turn.thread.meanings or term.term in turn.thread.asked:
            return "silent", "settled in this thread"
        wish, reason = action(reading, term)
        house = turn.channel.house.get(term.term)
        if wish == "note" and house and house.sense == reading.sense:
            return "silent", "house meaning"
        return ("explain", reason) if wish == "note" and term.tier == "first" else (wish, reason)

    def _note_long_forms(self, turn: Turn, text: str) -> None:
        spelled = {
            term: Meaning(sense=sense, how="spelled_out", by=turn.person)
            for term, sense in sorted(self._glossary.reader.spelled_out(text))
            if term not in turn.thread.meanings
        }
        if spelled:
            turn.remember(meanings=turn.thread.meanings | spelled)

    def _speak(self, turn: Turn, reading: Reading, verdict: Verdict, message: str) -> None:
        """Say it, unless this channel only wants it counted."""
        if turn.channel.shadow:
            would_have(turn, verdict.term, verdict.action)
            turn.reason = "shadow"
            return
        term = self._glossary.of(reading)
        spoke(turn, verdict.term, verdict.action, self._manners)
        turn.remember(caused=dict([*turn.thread.caused.items(), (message, verdict.term)][-CAUSED:]) if message else turn.thread.caused)
        if verdict.action == "ask":
            self.ask(turn, term, verdict.words)
            return
        sense = self._glossary.sense(term.term, verdict.sense)
        assert sense is not None, verdict  # only a named reading is noted
        words = written(reading, sense.id)
        slot = self._slot_for(turn, term)
        meaning = Meaning(sense=sense.id, how="noted", by=turn.person, because=words, confidence=verdict.confidence)
        turn.remember(meanings=turn.thread.meanings | {term.term: meaning}, settled=turn.thread.settled | {term.term: slot})
        if verdict.action == "explain":
            turn.say(self._cards.explained(term, sense, slot), "explained")
        else:
            turn.say(self._cards.noted(term, sense, words, slot), "noted")

    def ask(self, turn: Turn, term: Term, because: tuple[str, ...] = ()) -> None:
        """Ask which meaning is meant."""
        slot = self._slot_for(turn, term)
        meanings = {name: meaning for name, meaning in turn.thread.meanings.items() if name != term.term}
        asked = Asked(by=turn.person, slot=slot, because=because)
        turn.remember(meanings=meanings, asked=turn.thread.asked | {term.term: asked})
        turn.say(self._cards.clarify(term, slot), "asked")

    @staticmethod
    def _slot_for(turn: Turn, term: Term) -> str:
        """The message that an edited message had caused, or a new one."""
        slot, turn.reuse = turn.reuse or turn.fresh_slot(f"term:{term.term}"), ""
        return slot

    def _count(self, turn: Turn, verdicts: Sequence[tuple[Reading, Verdict]]) -> None:
        """Remember, without any text, what was decided here and which meanings this channel's messages settle."""
        if not verdicts:
            return
        heard = turn.channel.heard
        for reading, verdict in verdicts:
            if reading.decided and reading.sense and written(reading, reading.sense):  # by its own words, not by what we knew
                heard = counted(heard, verdict.term, reading.sense)
        lately = (*turn.channel.lately, *(verdict for _, verdict in verdicts))[-LATELY:]
        turn.note_channel(heard=heard, lately=lately)

    # ------------------------------------------------------------------ edits and deletions

    def deleted(self, turn: Turn, message: str) -> None:
        """A message is gone, and with it what it made us say, unless somebody has answered it."""
        if message in turn.thread.caused and self._taken_back(turn, message):
            turn.say(self._cards.gone(turn.reuse), "taken back")

    def _taken_back(self, turn: Turn, message: str) -> bool:
        """Forget what this message caused, keeping its slot for what is said instead; False if people have built on it."""
        name = turn.thread.caused.get(message)
        if name is None:
            return True
        meaning, slot = turn.thread.meanings.get(name), slot_of(turn.thread, name)
        if turn.thread.dialogue is not None or slot is None or (meaning is not None and meaning.how != "noted"):
            return False
        turn.remember(
            meanings={key: value for key, value in turn.thread.meanings.items() if key != name},
            asked={key: value for key, value in turn.thread.asked.items() if key != name},
            settled={key: value for key, value in turn.thread.settled.items() if key != name},
            caused={key: value for key, value in turn.thread.caused.items() if key != message},
        )
        forget_remark(turn, name)
        turn.reuse = slot
        return True


def slot_of(thread: Thread, term: str) -> str | None:
    """The message that asks about the term or says its meaning."""
    asked = thread.asked.get(term)
    return asked.slot if asked else thread.settled.get(term)


def written(reading: Reading, *senses: str) -> tuple[str, ...]:
    """The words of the message that speak for these senses, the strongest first: what a person can recognise."""
    return tuple(evidence.word for evidence in reading.because if evidence.sense in senses and evidence.end)[:4]
