"""The conversation about terms: what is answered when somebody asks, presses or types."""

from collections.abc import Iterable
from dataclasses import replace

from bot.core.glossary import Glossary
from bot.core.hearing import Hearing, slot_of
from bot.core.manners import Manners, folded
from bot.core.memory import Asked, Dialogue, House, Meaning
from bot.core.messages import Reply
from bot.core.restraint import counted, dismiss
from bot.core.senses import Reading
from bot.core.term_cards import NONE_OF_THESE, TermCards
from bot.core.terms import Sense, Term
from bot.core.turn import Turn


class TermTalk:
    """Everything Spellout does about terms when it is asked or answered."""

    def __init__(self, glossary: Glossary, hearing: Hearing, manners: Manners, cards: TermCards) -> None:
        self._glossary, self._hearing, self._manners, self._cards = glossary, hearing, manners, cards

    def note_talk(self, turn: Turn) -> None:
        """A direct chat is one conversation for ever: after a pause the talk is of something else, for which nothing is settled."""
        if not turn.place.endless:
            return
        if turn.now - turn.thread.talked_at > self._manners.new_matter_after:
            turn.remember(matter_at=turn.now)
        turn.remember(talked_at=turn.now)

    def domain(self, turn: Turn, term: str) -> str | None:
        """The dialogue's domain that a term's meaning in this thread settles; without a term, that of any meaning of the thread.

        In a direct chat, where a second dialogue is about other work, only what was settled since the first one speaks for it.
        """
        meanings, over = turn.meanings, _over(turn.thread.dialogue) if turn.place.endless else -1
        later = {name: meaning for name, meaning in meanings.items() if meaning.at > over}
        named = {term: meanings[term]} if term in meanings else {} if term else later
        senses = (self._glossary.sense(name, meaning.sense) for name, meaning in named.items())
        return next((sense.domain for sense in senses if sense and sense.domain), None)

    def undecided(self, turn: Turn) -> Term | None:
        """The term that we asked about in this thread and that has no meaning yet; questions that are running keep theirs."""
        return self._first_open(turn, turn.asked if self._offers_dialogue(turn) else turn.thread.asked)

    def _first_open(self, turn: Turn, names: Iterable[str]) -> Term | None:
        asked = (self._glossary.term(name) for name in names if name not in turn.thread.meanings)
        return next((term for term in asked if term), None)

    def live(self, turn: Turn) -> str:
        """The term whose message in this thread has buttons; "" where none has."""
        undecided = self._first_open(turn, turn.thread.asked)
        return undecided.term if undecided else next(reversed(turn.thread.settled), "") if turn.thread.dialogue is None else ""

    # ------------------------------------------------------------------ answering

    def addressed(self, turn: Turn, text: str, whisper_to: str = "", message: str = "") -> bool:
        """Answer for the terms in a message that was addressed to us; False if it has none."""
        readings = self._readings(turn, text)
        if not readings:
            return False
        asking = None if whisper_to else self._hearing.to_ask(readings)
        if not whisper_to:
            self._hearing.note_addressed(turn, readings)
        if asking:
            self._hearing.ask(turn, self._glossary.of(asking), message, prompted=True)
        else:
            self.explain_message(turn, text, readings, whisper_to)
        return True

    def _readings(self, turn: Turn, text: str) -> list[Reading]:
        """The reading of each term of a text. Where the text itself says otherwise than was settled, that was for another matter."""
        over = {name: turn.thread.meanings[name].model_copy(update={"at": 0}) for name in self._glossary.otherwise(turn, text)}
        turn.remember(meanings=turn.thread.meanings | over)
        return self._glossary.readings(turn, text)

    def reread(self, turn: Turn, text: str, message: str) -> None:
        """A message that was addressed to us, in other words: what it made us ask is asked anew, answered, or taken back."""
        if self._hearing.reconsidered(turn, message):
            self.addressed(turn, text, message=message)
            self._hearing.leave(turn)

    def explain_pointed(self, turn: Turn, text: str) -> None:
        """The same for a message that somebody points at, to that person alone."""
        self.explain_message(turn, text, self._readings(turn, text), turn.person)

    def explain_message(self, turn: Turn, text: str, readings: list[Reading], whisper_to: str) -> None:
        """What each term of a message means there, and why."""
        known = {term: Meaning(sense=sense, how="spelled_out") for term, sense in self._glossary.reader.spelled_out(text)}
        known |= {term: meaning for term, meaning in turn.meanings.items() if meaning.how != "noted"}
        found = [(self._glossary.of(reading), reading, known.get(reading.mention.term)) for reading in readings]
        if len(found) == 1 and not whisper_to and not turn.reuse and (settled := found[0][2]) and settled.how == "pressed":
            self._settled_again(turn, found[0][0], settled)
            return
        live = self._offers_dialogue(turn)
        reply = (
            self._cards.readings(found, whisper_to, direct=turn.place.direct, live=live)
            if found
            else self._cards.nothing(self._glossary.size, whisper_to)
        )
        if turn.reuse and not whisper_to:
            reply, turn.reuse = replace(reply, slot=turn.reuse), ""
        turn.say(reply, "explained on request")

    def _settled_again(self, turn: Turn, term: Term, meaning: Meaning) -> None:
        """What was settled, said once more below, with the buttons that stood above."""
        self.make_room(turn, term.term)
        slot = turn.fresh_slot(f"term:{term.term}")
        turn.remember(settled=turn.thread.settled | {term.term: slot})
        turn.say(self._settled(turn, term, meaning, slot, self._offers_dialogue(turn)), "explained on request")

    def explain_word(self, turn: Turn, words: str, whisper_to: str) -> bool:
        """Everything a term can mean; False if the words name none."""
        term = self._glossary.find(words)
        if term is None:
            return False
        if not whisper_to:
            self._hearing.note_explained(turn, term)
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
        term = self._glossary.term(name)
        if term is None:
            return False
        if verb == "mean":
            return self._pressed_meaning(turn, term, sense)
        if verb == "anew" and name in turn.thread.meanings:
            self._ask_anew(turn, term, turn.thread.meanings[name])
            return True
        slot = slot_of(turn.thread, name)
        if slot is None:
            return False
        if verb == "other" and name not in turn.thread.meanings:
            turn.say(self._cards.others(term, slot), "other meanings offered")
        elif verb in {"wrong", "reopen"} and name in turn.thread.meanings:
            meaning = turn.thread.meanings[name]
            self._open_again(turn, name, slot)
            said = meaning.how == "pressed"
            again = self._cards.reopened(term, slot, meaning, turn.person) if said else self._cards.misread(term, slot, meaning)
            turn.say(again, "corrected" if verb == "wrong" else "reopened")
        elif verb == "why":
            self._say_why(turn, term)
        elif verb == "hush":
            self._hush(turn, term)
        elif verb == "house" and name in turn.thread.meanings and not turn.place.direct:
            self._make_house(turn, term)
        else:
            return False
        return True

    def _ask_anew(self, turn: Turn, term: Term, meaning: Meaning) -> None:
        """What was settled is not meant in a message that has other terms too: that is asked below it."""
        self.make_room(turn, term.term)
        slot = turn.fresh_slot(f"term:{term.term}")
        self._open_again(turn, term.term, slot)
        turn.say(self._cards.reopened(term, slot, meaning, turn.person), "reopened")

    @staticmethod
    def _open_again(turn: Turn, name: str, slot: str) -> None:
        """The term has no meaning any more: this person is asked, in this slot."""
        meanings = {known: meaning for known, meaning in turn.thread.meanings.items() if known != name}
        turn.remember(meanings=meanings, asked=turn.thread.asked | {name: Asked(by=turn.person, slot=slot, at=turn.now)})

    def _say_why(self, turn: Turn, term: Term) -> None:
        meaning = turn.thread.meanings.get(term.term)
        if meaning is not None:
            turn.say(self._cards.because(term, meaning, turn.person), "why")
        else:
            asked = turn.thread.asked.get(term.term)
            turn.say(self._cards.because_open(term, asked.because if asked else (), turn.person), "why")

    def _hush(self, turn: Turn, term: Term) -> None:
        """Never again to this person about this term; what they were just asked goes away."""
        asked = turn.thread.asked.get(term.term)
        if asked and asked.by == turn.person and turn.thread.dialogue is None:
            turn.remember(
                asked={name: entry for name, entry in turn.thread.asked.items() if name != term.term},
                settled={name: slot for name, slot in turn.thread.settled.items() if name != term.term},
            )
            turn.say(self._cards.gone(asked.slot), "dismissed")
        goes_quiet = dismiss(turn, term.term, self._manners)
        turn.say(self._cards.hushed(term, turn.person), "dismissed")
        if goes_quiet:
            turn.say(self._cards.went_quiet(turn.channel.set_by or turn.person), "went quiet")

    def _make_house(self, turn: Turn, term: Term) -> None:
        """From now on the term means this in the whole channel, until somebody takes it back."""
        meaning = turn.thread.meanings[term.term]
        sense = self._glossary.sense(term.term, meaning.sense)
        if turn.outsider:
            turn.say(self._cards.not_for_outsiders(turn.person), "other company")
        elif sense is not None:
            turn.note_channel(house=turn.channel.house | {term.term: House(sense=sense.id, by=turn.person, at=turn.now)})
            turn.say(self._cards.house(term, sense, turn.person), "house meaning")

    def _pressed_meaning(self, turn: Turn, term: Term, sense: str) -> bool:
        meaning = turn.thread.meanings.get(term.term)
        if sense != NONE_OF_THESE and self._glossary.sense(term.term, sense) is None:
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
        meaning = Meaning(sense=sense, how="pressed", by=turn.person, at=turn.now)
        if not (turn.outsider or turn.place.direct):
            turn.note_channel(confirmed=counted(turn.channel.confirmed, term.term, sense))
        turn.remember(
            meanings=turn.thread.meanings | {term.term: meaning},
            asked={name: asked for name, asked in turn.thread.asked.items() if name != term.term},
            settled=turn.thread.settled | {term.term: slot},
        )
        turn.say(self._settled(turn, term, meaning, slot, self._offers_dialogue(turn)), "settled")

    def _settled(self, turn: Turn, term: Term, meaning: Meaning, slot: str, live: bool) -> Reply:
        return self._cards.settled(term, meaning, slot, live, direct=turn.place.direct)

    @staticmethod
    def _offers_dialogue(turn: Turn) -> bool:
        return turn.thread.dialogue is None or bool(turn.thread.dialogue.ended)

    # ------------------------------------------------------------------ when the dialogue begins or finds out

    def make_room(self, turn: Turn, name: str) -> None:
        """The dialogue begins from a term's message: take its buttons away, so that one message is live."""
        term, slot = self._glossary.term(name), slot_of(turn.thread, name)
        if term is None or slot is None:
            return
        meaning = turn.thread.meanings.get(name)
        sense = self._glossary.sense(name, meaning.sense) if meaning else None
        if meaning is None:
            turn.say(self._cards.choosing(term, turn.person, slot), "choosing")
        elif meaning.how == "pressed":
            turn.say(self._settled(turn, term, meaning, slot, live=False), "choosing")
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


def _over(dialogue: Dialogue | None) -> int:
    """When people last did anything about an earlier dialogue (seconds since 1970, UTC); -1 where there was none."""
    return max((dialogue.begun_at, *(answer.at for answer in dialogue.answers.values()))) if dialogue else -1
