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
        considered = self._considered(turn, said.text, said.outside, unasked=True)
        if considered and said.outside != turn.channel.others:
            turn.note_channel(others=said.outside)
        chosen = _chosen(considered)
        verdicts = _as_it_came(turn, considered, chosen)
        self._note_long_forms(turn, said.text)
        if chosen:
            self._speak(turn, *chosen, said.message)
        else:
            turn.reason = verdicts[0].reason if verdicts else "no term"
        self.leave(turn)
        self._count(turn, [reading for reading, _ in considered], verdicts)

    def verdicts(self, turn: Turn, text: str, outside: bool) -> list[Verdict]:
        """What becomes of each term of a text, and why; the one that we speak of last."""
        considered = self._considered(turn, text, outside)
        return _as_it_came(turn, considered, _chosen(considered))

    def _considered(self, turn: Turn, text: str, outside: bool, unasked: bool = False) -> list[tuple[Reading, Verdict]]:
        return [(reading, self._verdict(turn, reading, outside)) for reading in self._glossary.readings(turn, text, unasked)]

    def _verdict(self, turn: Turn, reading: Reading, outside: bool) -> Verdict:
        term = self._glossary.of(reading)
        wish, reason = self._wish(turn, term, reading)
        held = held_back(turn, term.term, wish, outside, self._manners) if wish != "silent" else ""
        words = rules_words(written(reading, reading.sense or "", ""), reading)
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
        if term.term in turn.meanings or term.term in turn.asked:
            return "silent", "settled in this thread"
        if turn.channel.shadow and term.term in turn.thread.shadowed:
            return "silent", "shadow"
        wish, reason = action(reading, term)
        house = turn.channel.house.get(term.term)
        if wish == "note" and house and house.sense == reading.sense:
            return "silent", "house meaning"
        return ("explain", reason) if wish == "note" and term.tier == "first" else (wish, reason)

    def _note_long_forms(self, turn: Turn, text: str) -> None:
        spelled = {
            term: Meaning(sense=sense, how="spelled_out", by=turn.person, at=turn.now)
            for term, sense in sorted(self._glossary.reader.spelled_out(text))
            if term not in turn.thread.meanings
        }
        if spelled:
            turn.remember(meanings=turn.thread.meanings | spelled)

    def _speak(self, turn: Turn, reading: Reading, verdict: Verdict, message: str) -> None:
        """Say it, unless this channel only wants it counted."""
        if turn.channel.shadow:
            would_have(turn, verdict.term, verdict.action, self._manners)
            turn.reason = "shadow"
            return
        term = self._glossary.of(reading)
        spoke(turn, verdict.term, verdict.action, self._manners)
        if verdict.action == "ask":
            self.ask(turn, term, message, verdict.words)
            return
        sense = self._glossary.sense(term.term, verdict.sense)
        assert sense is not None, verdict  # only a named reading is noted
        words = written(reading, sense.id)
        slot = self._slot_for(turn, term)
        because = rules_words(words, reading)
        meaning = Meaning(sense=sense.id, how="noted", by=turn.person, because=because, confidence=verdict.confidence, at=turn.now)
        turn.remember(meanings=turn.thread.meanings | {term.term: meaning}, settled=turn.thread.settled | {term.term: slot})
        self._follow(turn, message, term)
        if verdict.action == "explain":
            turn.say(self._cards.explained(term, sense, slot), "explained")
        else:
            turn.say(self._cards.noted(term, sense, words, slot), "noted")

    def ask(self, turn: Turn, term: Term, message: str, because: tuple[str, ...] = (), prompted: bool = False) -> None:
        """Ask which meaning is meant in a message."""
        slot = self._slot_for(turn, term)
        meanings = {name: meaning for name, meaning in turn.thread.meanings.items() if name != term.term}
        asked = Asked(by=turn.person, slot=slot, because=because, prompted=prompted, at=turn.now)
        turn.remember(meanings=meanings, asked=turn.thread.asked | {term.term: asked})
        self._follow(turn, message, term)
        turn.say(self._cards.clarify(term, slot, direct=turn.place.direct), "asked")

    @staticmethod
    def _follow(turn: Turn, message: str, term: Term) -> None:
        """Remember which message made us speak of a term, to follow its edits."""
        if message:
            turn.remember(caused=dict([*turn.thread.caused.items(), (message, term.term)][-CAUSED:]))

    @staticmethod
    def _slot_for(turn: Turn, term: Term) -> str:
        """The message that an edited message had caused, or a new one."""
        slot, turn.reuse = turn.reuse or turn.fresh_slot(f"term:{term.term}"), ""
        return slot

    @staticmethod
    def _count(turn: Turn, readings: Sequence[Reading], verdicts: Sequence[Verdict]) -> None:
        """Remember, without any text, what was decided here and which meanings this channel's messages settle."""
        if not verdicts:
            return
        heard = turn.channel.heard
        for reading in readings:
            if reading.decided and reading.sense and written(reading, reading.sense):  # by its own words, not by what we knew
                heard = counted(heard, reading.mention.term, reading.sense)
        turn.note_channel(heard=heard, lately=(*turn.channel.lately, *verdicts)[-LATELY:])

    # ------------------------------------------------------------------ what was asked of us

    def to_ask(self, readings: Sequence[Reading]) -> Reading | None:
        """The reading of a message addressed to us that we ask about, rather than explain it: the first open one, of several of our
        meanings."""
        still_open = next((reading for reading in readings if not reading.decided and not reading.defined), None)
        return still_open if still_open and sum(sense.ours for sense in self._glossary.of(still_open).senses) > 1 else None

    def answered(self, turn: Turn, readings: Sequence[Reading]) -> list[Verdict]:
        """What becomes of each term of a message that is addressed to us; where we ask about one, that one alone."""
        asking = self.to_ask(readings)
        known = {term for term, meaning in turn.meanings.items() if meaning.how == "pressed"}
        return [
            Verdict(
                term=reading.mention.term,
                action="ask" if asking else "explain",
                reason="addressed settled" if reading.mention.term in known else "addressed",
                sense=(reading.sense or "") if reading.decided else "",
                confidence=round(reading.confidence, 2),
                words=rules_words(written(reading, reading.sense or "", ""), reading),
                at=turn.now,
            )
            for reading in ([asking] if asking else readings)
        ]

    def note_addressed(self, turn: Turn, readings: Sequence[Reading]) -> None:
        """Remember for "why?" what we read in a message that was addressed to us, and whether we ask or explain."""
        turn.note_channel(lately=(*turn.channel.lately, *self.answered(turn, readings))[-LATELY:])

    @staticmethod
    def note_explained(turn: Turn, term: Term) -> None:
        """Remember for "why?" that somebody asked what a term means."""
        verdict = Verdict(term=term.term, action="explain", reason="addressed", at=turn.now)
        turn.note_channel(lately=(*turn.channel.lately, verdict)[-LATELY:])

    # ------------------------------------------------------------------ edits and deletions

    def deleted(self, turn: Turn, message: str) -> None:
        """A message is gone, and with it what it made us say, unless somebody has answered it."""
        if self.reconsidered(turn, message):
            self.leave(turn)

    def reconsidered(self, turn: Turn, message: str) -> bool:
        """Whether this message made us say something that nobody has built on; if so it is forgotten, and its place is free."""
        return message in turn.thread.caused and self._taken_back(turn, message)

    def leave(self, turn: Turn) -> None:
        """Take away what an edited or deleted message had caused, unless something else was said in its place."""
        if turn.reuse:
            turn.say(self._cards.gone(turn.reuse), "taken back")

    def _taken_back(self, turn: Turn, message: str) -> bool:
        """Forget what this message caused, keeping its slot for what is said instead; False if people have built on it."""
        name = turn.thread.caused.get(message)
        if name is None:
            return True
        meaning, asked, slot = turn.thread.meanings.get(name), turn.thread.asked.get(name), slot_of(turn.thread, name)
        if turn.thread.dialogue is not None or slot is None or (meaning is not None and meaning.how != "noted"):
            return False
        turn.remember(
            meanings={key: value for key, value in turn.thread.meanings.items() if key != name},
            asked={key: value for key, value in turn.thread.asked.items() if key != name},
            settled={key: value for key, value in turn.thread.settled.items() if key != name},
            caused={key: value for key, value in turn.thread.caused.items() if key != message},
        )
        if asked is None or not asked.prompted:
            forget_remark(turn, name)
        turn.reuse = slot
        return True


def _chosen(considered: Sequence[tuple[Reading, Verdict]]) -> tuple[Reading, Verdict] | None:
    """The one term that is spoken of: a question goes before a reading, a reading before an explanation."""
    return next((entry for wanted in ("ask", "note", "explain") for entry in considered if entry[1].action == wanted), None)


def _as_it_came(turn: Turn, considered: Sequence[tuple[Reading, Verdict]], chosen: tuple[Reading, Verdict] | None) -> list[Verdict]:
    """The verdicts as they came to pass: one of them is spoken of (and stands last), in the shadow none is."""
    if chosen is None:
        return [verdict for _, verdict in considered]
    spoken = chosen[1].model_copy(update={"action": "silent", "reason": "shadow"}) if turn.channel.shadow else chosen[1]
    left_out = {"action": "silent", "reason": "one at a time"}
    others = [
        verdict if verdict.action == "silent" else verdict.model_copy(update=left_out)
        for _, verdict in considered
        if verdict is not chosen[1]
    ]
    return [*others, spoken]


def slot_of(thread: Thread, term: str) -> str | None:
    """The message that asks about the term or says its meaning."""
    asked = thread.asked.get(term)
    return asked.slot if asked else thread.settled.get(term)


def written(reading: Reading, *senses: str) -> tuple[str, ...]:
    """The words of the message that speak for these senses, the strongest first: what a person can recognise."""
    return tuple(evidence.word for evidence in reading.because if evidence.sense in senses and evidence.end)[:4]


def rules_words(words: tuple[str, ...], reading: Reading) -> tuple[str, ...]:
    """Those of the words that stand in the rules, and may therefore be remembered: no figure, and no long form of the writer's own."""
    if reading.defined and reading.sense is None:
        return ()
    return tuple(word for word in words if not any(character.isdigit() for character in word))
