"""The conversation about terms: when to ask, note, explain or stay silent, and what a press or a typed word settles."""

from collections.abc import Mapping, Sequence

from bot.core.manners import Manners, folded
from bot.core.memory import Asked, House, Meaning, Verdict
from bot.core.messages import Said
from bot.core.restraint import counted, dismiss, forget_remark, habits, held_back, spoke, would_have
from bot.core.rulebook import Rulebook
from bot.core.senses import Reading, Weigher, action
from bot.core.term_cards import NONE_OF_THESE, TermCards
from bot.core.terms import Sense, Term
from bot.core.turn import Turn

CAUSED = 20
"""Messages of a thread whose edits are followed."""

LATELY = 5
"""Verdicts of a channel that can be asked about."""


class TermTalk:
    """Everything Spellout does about terms."""

    def __init__(self, rules: Rulebook, manners: Manners, cards: TermCards) -> None:
        self._manners, self._cards = manners, cards
        self._weigher = Weigher(rules.terms, rules.reading)
        self.reader = self._weigher.reader
        self._terms: Mapping[str, Term] = {term.term: term for term in rules.terms}
        self._by_name: Mapping[str, Term] = {
            folded(name): term for term in rules.terms for name in (term.term, *term.variants, *self._long_forms(term))
        }

    @staticmethod
    def _long_forms(term: Term) -> tuple[str, ...]:
        return tuple(name for sense in term.senses if sense.ours for name in (sense.name, *sense.also))

    @property
    def names(self) -> tuple[str, ...]:
        """The terms we know, in the order of the alphabet."""
        return tuple(sorted(self._terms))

    def term(self, name: str) -> Term | None:
        """The term of this name, as written in a button."""
        return self._terms.get(name)

    def find(self, words: str) -> Term | None:
        """The term that folded words name: its letters, a variant, or a long form."""
        return self._by_name.get(words)

    def sense(self, term: str, sense: str) -> Sense | None:
        """A sense by its term and id."""
        known = self._terms.get(term)
        return next((entry for entry in known.senses if entry.id == sense), None) if known else None

    def readings(self, turn: Turn, text: str) -> list[Reading]:
        """The reading of each term of the text, the first mention of each; what the thread and the channel know counts as evidence."""
        known = {term: house.sense for term, house in turn.channel.house.items()}
        known |= {term: meaning.sense for term, meaning in turn.thread.meanings.items()}
        first: dict[str, Reading] = {}
        for reading in self._weigher.readings(text, thread_meanings=known, habits=habits(turn.channel)):
            first.setdefault(reading.mention.term, reading)
        return list(first.values())

    def might_matter(self, text: str) -> bool:
        """Whether a message needs a closer look: the letters of a term, or a long form that settles what they mean later in the thread."""
        if self.reader.might_matter(text):
            return True
        return any(self._terms[term].tier != "never" for term, _ in self.reader.spelled_out(text))

    def domain(self, turn: Turn, term: str) -> str | None:
        """The dialogue's domain that a term's meaning in this thread settles."""
        meaning = turn.thread.meanings.get(term)
        sense = self.sense(term, meaning.sense) if meaning else None
        return sense.domain if sense else None

    def undecided(self, turn: Turn) -> Term | None:
        """The term that we asked about in this thread and that has no meaning yet."""
        return next((self._terms[name] for name in turn.thread.asked if name in self._terms and name not in turn.thread.meanings), None)

    # ------------------------------------------------------------------ hearing

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
        return [(reading, self._verdict(turn, reading, outside)) for reading in self.readings(turn, text)]

    def _verdict(self, turn: Turn, reading: Reading, outside: bool) -> Verdict:
        term = self._terms[reading.mention.term]
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
            for term, sense in sorted(self.reader.spelled_out(text))
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
        term = self._terms[verdict.term]
        spoke(turn, verdict.term, verdict.action, self._manners)
        turn.remember(caused=dict([*turn.thread.caused.items(), (message, verdict.term)][-CAUSED:]) if message else turn.thread.caused)
        if verdict.action == "ask":
            self.ask(turn, term, verdict.words)
            return
        sense = self.sense(term.term, verdict.sense)
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
        meaning, slot = turn.thread.meanings.get(name), self._slot(turn, name)
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

    # ------------------------------------------------------------------ answering

    def addressed(self, turn: Turn, text: str, whisper_to: str = "") -> bool:
        """Answer for the terms in a message that was addressed to us; False if it has none."""
        readings = self.readings(turn, text)
        if not readings:
            return False
        open_ = [reading for reading in readings if not reading.decided and not reading.defined]
        term = self._terms[open_[0].mention.term] if open_ else None
        if term and not whisper_to and sum(sense.ours for sense in term.senses) > 1:
            self.ask(turn, term)
        else:
            self.explain_message(turn, text, readings, whisper_to)
        return True

    def explain_message(self, turn: Turn, text: str, readings: list[Reading], whisper_to: str) -> None:
        """What each term of a message means there, and why."""
        spelled = dict(self.reader.spelled_out(text))
        spelled |= {term: meaning.sense for term, meaning in turn.thread.meanings.items() if meaning.how == "spelled_out"}
        found = [(self._terms[reading.mention.term], reading, spelled.get(reading.mention.term)) for reading in readings]
        turn.say(self._cards.readings(found, whisper_to) if found else self._cards.nothing(self.names, whisper_to), "explained on request")

    def explain_word(self, turn: Turn, words: str, whisper_to: str) -> bool:
        """Everything a term can mean; False if the words name none."""
        term = self.find(words)
        if term is None:
            return False
        turn.say(self._cards.explain(term, whisper_to), "explained on request")
        return True

    def typed(self, turn: Turn, text: str) -> bool:
        """A typed answer to our open question, from the person whose message made us ask."""
        term = self.undecided(turn)
        if term is None or turn.thread.asked[term.term].by != turn.person or len(text) > 120:
            return False
        words = folded(text)
        ours = [sense for sense in term.senses if sense.ours]
        if words.isdecimal() and words.isascii() and 1 <= int(words) <= len(ours):
            self._settle(turn, term, ours[int(words) - 1].id)
            return True
        meant = [sense for sense in term.senses if words and words in self._ways_to_say(sense)]
        if len(meant) == 1:
            self._settle(turn, term, meant[0].id)
        elif words == folded(self._cards.something_else):
            turn.say(self._cards.others(term, turn.thread.asked[term.term].slot), "other meanings offered")
        else:
            return False
        return True

    @staticmethod
    def _ways_to_say(sense: Sense) -> set[str]:
        names = {folded(name) for name in (sense.name, sense.label, *sense.also)}
        return names | {name.split()[0] for name in names}

    # ------------------------------------------------------------------ presses

    def pressed(self, turn: Turn, verb: str, name: str, sense: str) -> bool:
        """A button of ours; False if it is none, or makes no sense any more."""
        term = self._terms.get(name)
        if term is None:
            return False
        if verb == "mean":
            return self._pressed_meaning(turn, term, sense)
        slot = self._slot(turn, name)
        if slot is None:
            return False
        if verb == "other" and name not in turn.thread.meanings:
            turn.say(self._cards.others(term, slot), "other meanings offered")
        elif verb in {"wrong", "reopen"} and name in turn.thread.meanings:
            wrong = turn.thread.meanings[name].sense if verb == "wrong" else ""
            meanings = {known: meaning for known, meaning in turn.thread.meanings.items() if known != name}
            turn.remember(meanings=meanings, asked=turn.thread.asked | {name: Asked(by=turn.person, slot=slot)})
            turn.say(self._cards.reopened(term, slot, wrong), "corrected" if verb == "wrong" else "reopened")
        elif verb == "why":
            self._say_why(turn, term)
        elif verb == "hush":
            self._hush(turn, term)
        elif verb == "house" and name in turn.thread.meanings:
            self._make_house(turn, term)
        else:
            return False
        return True

    def _say_why(self, turn: Turn, term: Term) -> None:
        meaning = turn.thread.meanings.get(term.term)
        if meaning is not None:
            turn.say(self._cards.because(term, meaning, turn.person), "why")
        else:
            turn.say(self._cards.because_open(term, turn.thread.asked[term.term].because, turn.person), "why")

    def _hush(self, turn: Turn, term: Term) -> None:
        """Never again to this person about this term; what they were just asked goes away."""
        asked = turn.thread.asked.get(term.term)
        if asked and asked.by == turn.person and turn.thread.dialogue is None:
            turn.remember(asked={name: entry for name, entry in turn.thread.asked.items() if name != term.term})
            turn.say(self._cards.gone(asked.slot), "dismissed")
        goes_quiet = dismiss(turn, term.term, self._manners)
        turn.say(self._cards.hushed(term, turn.person), "dismissed")
        if goes_quiet:
            turn.say(self._cards.went_quiet(turn.channel.set_by or turn.person), "went quiet")

    def _make_house(self, turn: Turn, term: Term) -> None:
        """From now on the term means this in the whole channel, until somebody takes it back."""
        meaning = turn.thread.meanings[term.term]
        sense = self.sense(term.term, meaning.sense)
        if sense is not None:
            turn.note_channel(house=turn.channel.house | {term.term: House(sense=sense.id, by=turn.person, at=turn.now)})
            turn.say(self._cards.house(term, sense, turn.person), "house meaning")

    def _slot(self, turn: Turn, term: str) -> str | None:
        """The message that asks about the term or says its meaning."""
        asked = turn.thread.asked.get(term)
        return asked.slot if asked else turn.thread.settled.get(term)

    def _pressed_meaning(self, turn: Turn, term: Term, sense: str) -> bool:
        meaning = turn.thread.meanings.get(term.term)
        if sense != NONE_OF_THESE and self.sense(term.term, sense) is None:
            return False
        if meaning is not None and meaning.how == "pressed":
            if (meaning.by, meaning.sense) != (turn.person, sense):
                turn.say(self._cards.taken(meaning.by, turn.person), "stale press")
            return True
        if term.term not in turn.thread.asked:
            return False
        self._settle(turn, term, sense)
        return True

    def _settle(self, turn: Turn, term: Term, sense: str) -> None:
        slot = turn.thread.asked[term.term].slot
        meaning = Meaning(sense=sense, how="pressed", by=turn.person)
        turn.note_channel(confirmed=counted(turn.channel.confirmed, term.term, sense))
        turn.remember(
            meanings=turn.thread.meanings | {term.term: meaning},
            asked={name: asked for name, asked in turn.thread.asked.items() if name != term.term},
            settled=turn.thread.settled | {term.term: slot},
        )
        turn.say(self._cards.settled(term, meaning, slot, live=self._offers_dialogue(turn)), "settled")

    @staticmethod
    def _offers_dialogue(turn: Turn) -> bool:
        return turn.thread.dialogue is None or bool(turn.thread.dialogue.ended)

    # ------------------------------------------------------------------ when the dialogue begins or finds out

    def make_room(self, turn: Turn, name: str) -> None:
        """The dialogue begins from a term's message: take its buttons away, so that one message is live."""
        term, slot = self._terms.get(name), self._slot(turn, name)
        if term is None or slot is None:
            return
        meaning = turn.thread.meanings.get(name)
        sense = self.sense(name, meaning.sense) if meaning else None
        if meaning is None:
            turn.say(self._cards.choosing(term, turn.person, slot), "choosing")
        elif meaning.how == "pressed":
            turn.say(self._cards.settled(term, meaning, slot, live=False), "choosing")
        elif sense is not None and term.tier == "first":
            turn.say(self._cards.explained(term, sense, slot, live=False), "choosing")
        elif sense is not None:
            turn.say(self._cards.noted(term, sense, meaning.because, slot, live=False), "choosing")

    def found_out(self, turn: Turn, domain: str) -> None:
        """The dialogue's domain answer settles the term that was still open."""
        term = self.undecided(turn)
        sense = next((sense for sense in term.senses if sense.ours and sense.domain == domain), None) if term else None
        if term and sense:
            self._settle(turn, term, sense.id)


def written(reading: Reading, *senses: str) -> tuple[str, ...]:
    """The words of the message that speak for these senses, the strongest first: what a person can recognise."""
    return tuple(evidence.word for evidence in reading.because if evidence.sense in senses and evidence.end)[:4]
