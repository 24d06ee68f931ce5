"""The one decision place: an event and a memory go in, the new memory and the replies come out."""

from bot.core.describing import Describer
from bot.core.dialogue_cards import DialogueCards
from bot.core.dialogue_talk import DialogueTalk
from bot.core.glossary import Glossary
from bot.core.hearing import Hearing
from bot.core.help_cards import HelpCards
from bot.core.interview import Interview
from bot.core.manners import Manners
from bot.core.memory import Memory
from bot.core.messages import Commanded, Deleted, Event, Place, Pointed, Pressed, Request, Said, Submitted
from bot.core.record import is_id
from bot.core.record_cards import RECORD, RecordCards
from bot.core.recorder import Recorder
from bot.core.revising import Reviser
from bot.core.rulebook import Rulebook
from bot.core.settings_talk import WINDOW as SETTINGS
from bot.core.settings_talk import SettingsTalk
from bot.core.term_cards import CHOOSE, TermCards
from bot.core.term_talk import TermTalk
from bot.core.turn import Decision, Turn
from bot.core.work_cards import ANSWERS, VERB, WorkCards
from bot.core.work_talk import WorkTalk

__all__ = ["Brain", "Decision"]

ANSWERED = 20
"""Messages to us, of a conversation, that can be asked about."""


class Brain:
    """Decides, by the rules alone. The same event, memory and time always give the same decision; no input makes it raise."""

    def __init__(self, rules: Rulebook) -> None:
        self._manners = Manners(rules.manners)
        self._glossary = Glossary(rules)
        self._term_cards = TermCards(rules.wording)
        self._help_cards = HelpCards(rules.wording, self._term_cards)
        self._hearing = Hearing(self._glossary, self._manners, self._term_cards)
        self._terms = TermTalk(self._glossary, self._hearing, self._manners, self._term_cards)
        self._settings = SettingsTalk(rules.wording, self._term_cards, self._glossary, self._hearing)
        interview = Interview(rules.questions, rules.advice)
        self._dialogue_cards = DialogueCards(rules, interview, self._term_cards)
        reviser = Reviser(rules)
        describer, recorder = Describer(rules), Recorder(rules, interview, reviser)
        self._record_cards = RecordCards(rules, self._term_cards)
        self._dialogue = DialogueTalk(interview, self._dialogue_cards, self._manners, self._glossary, self._terms, describer, recorder)
        work_cards = WorkCards(rules, interview, self._term_cards)
        self._work = WorkTalk(describer, work_cards, self._dialogue, interview, reviser, recorder, self._record_cards)

    def concerns(self, event: Event) -> bool:
        """A cheap look: could this event need an answer or be worth remembering? Never wrong when it says no.

        A new message that but spells out what is explained on request alone is not worth a memory; an answer in a thread is.
        """
        if not isinstance(event, Said) or event.addressed or event.reply or event.edited:
            return True
        return self._glossary.might_matter(event.text)

    def depends(self, event: Event) -> bool:
        """Whether this event, which concerns us, can only matter where something of its conversation is remembered.

        So it is with answers in threads, edits and deletions: most of them are about what Spellout never spoke of.
        """
        if isinstance(event, Deleted):
            return True
        if not isinstance(event, Said) or event.addressed or event.place.direct:
            return False
        return not self._glossary.worth_noting(event.text)

    def about(self, event: Event) -> str:
        """The id of the decision record that the event is about, or nothing: the event then belongs to that record's conversation."""
        if isinstance(event, Pressed):
            verb, _, reference = [*event.choice.split(":"), "", ""][:3]
            return reference if verb == RECORD and is_id(reference) else ""
        if isinstance(event, Submitted) and event.window == ANSWERS:
            reference = next((name.partition(":")[2] for name in event.values), "")
            return reference if is_id(reference) else ""
        return self._manners.record(event.words) if isinstance(event, Commanded) else ""

    def decide(self, event: Event, place: Place, memory: Memory, now: int) -> Decision:
        """What to remember and what to say. `place` is the event's own, or the conversation that its thread belongs to; `now` is in
        seconds since 1970, UTC."""
        turn = Turn(place, event.person, now, memory.thread, memory.channel, memory.person, outsider=event.outsider, record=memory.record)
        self._note(turn, event)
        if self._unwelcome(event, memory):
            if isinstance(event, Said):
                self._hearing.heard(turn, event)
            else:
                turn.say(self._term_cards.not_for_outsiders(event.person), "other company")
        elif isinstance(event, Said):
            self._said(turn, event)
        elif isinstance(event, Pressed):
            self._pressed(turn, event.choice)
        elif isinstance(event, Commanded):
            self._commanded(turn, event)
        elif isinstance(event, Pointed):
            self._pointed(turn, event)
        elif isinstance(event, Deleted):
            self._hearing.deleted(turn, event.message)
        elif event.window == SETTINGS:
            self._settings.submitted(turn, event)
        elif event.window == VERB:
            self._work.submitted(turn, event.values)
        elif event.window == ANSWERS:
            self._work.answered(turn, event.values)
        self._work.followed(turn, memory.thread)
        return turn.decision()

    def _note(self, turn: Turn, event: Event) -> None:
        """Remember what any event says of its channel, and that the talk goes on."""
        if isinstance(event, Request) and event.channel_name not in ("", turn.channel.name):
            turn.note_channel(name=event.channel_name)
        if not isinstance(event, Deleted | Submitted):
            self._terms.note_talk(turn)

    @staticmethod
    def _unwelcome(event: Event, memory: Memory) -> bool:
        """Whether somebody of another company acts where nobody of the home workspace has allowed that: heard, and not answered."""
        return event.outsider and not memory.channel.with_others and not isinstance(event, Deleted)

    # ------------------------------------------------------------------ messages

    def _said(self, turn: Turn, said: Said) -> None:
        if said.addressed and said.message:
            turn.remember(answered=tuple(dict.fromkeys((*turn.thread.answered, said.message)))[-ANSWERED:])
        description = self._manners.description(said.text) if said.addressed and not said.edited else None
        if description is not None:
            self._work.said(turn, description, said.reply)
            return
        talking = (said.reply or said.place.direct) and not said.edited
        if talking and (self._dialogue.typed(turn, said.text) or self._terms.typed(turn, said.text)):
            return
        if not said.addressed:
            self._hearing.heard(turn, said)
        elif not said.edited:
            self._addressed(turn, said)
        else:
            self._terms.reread(turn, said.text, said.message)

    def _addressed(self, turn: Turn, said: Said) -> None:
        text = said.text
        wish = self._manners.wish(text)
        if wish and wish[0] == "choose":
            self._choose(turn)
        elif wish and wish[0] in ("help", "greet"):
            turn.say(self._help_cards.help(direct=turn.place.direct), "help")
        elif wish and wish[0] == "settings" and said.opens_windows:
            self._settings.open(turn)
        elif wish and wish[0] == "settings":
            turn.say(self._help_cards.settings_hint(turn.person), "settings")
        elif wish and wish[0] == "records":
            turn.say(self._record_cards.listed(turn.channel.records, turn.person), "records listed")
        elif wish and wish[0] == "why":
            self._settings.why_lately(turn)
        elif wish and wish[0] == "terms":
            turn.say(self._term_cards.terms(self._glossary.by_field(), turn.person), "terms listed")
        elif wish:
            turn.say(self._dialogue_cards.whisper("dialogue.nothing_running", turn.person), "nothing running")
        elif not (self._answered_about_terms(turn, text, "", said.message) or self._work.guessed(turn, text)):
            unsaid = not text.strip()
            turn.say(self._help_cards.help(direct=turn.place.direct) if unsaid else self._help_cards.not_understood(), "not understood")

    def _answered_about_terms(self, turn: Turn, text: str, whisper_to: str, message: str = "") -> bool:
        words = self._manners.asked_about(text)
        if words and self._terms.explain_word(turn, words, whisper_to):
            return True
        return self._terms.addressed(turn, text, whisper_to, message)

    # ------------------------------------------------------------------ commands and shortcuts

    def _commanded(self, turn: Turn, event: Commanded) -> None:
        words = event.words
        description = words if event.command == "classify" else self._manners.description(words)
        if description is not None:
            self._work.commanded(turn, description)
            return
        if record := self._manners.record(words):
            self._work.record_asked(turn, record)
            return
        wish = self._manners.wish(words)
        if wish and wish[0] == "choose":
            self._choose(turn)
        elif wish and wish[0] == "settings":
            self._settings.open(turn)
        elif wish and wish[0] == "records":
            turn.say(self._record_cards.listed(turn.channel.records, turn.person), "records listed")
        elif wish and wish[0] == "why":
            self._settings.why_lately(turn)
        elif wish and wish[0] == "terms":
            turn.say(self._term_cards.terms(self._glossary.by_field(), turn.person), "terms listed")
        elif wish or not words.strip():
            turn.say(self._help_cards.help(turn.person, direct=turn.place.direct), "help")
        elif not self._answered_about_terms(turn, words, turn.person):
            asked = self._manners.asked_about(words)
            card = (
                self._term_cards.unknown(self._glossary.close(asked), self._glossary.size, turn.person)
                if asked
                else self._help_cards.not_understood(turn.person)
            )
            turn.say(card, "not understood")

    def _pointed(self, turn: Turn, pointed: Pointed) -> None:
        if pointed.action == "why":
            self._settings.why_about(turn, pointed.text, pointed.outside, pointed.message)
            return
        if pointed.action == "classify":
            self._work.described(turn, pointed.text, turn.person)
            return
        if pointed.action == "explain":
            self._terms.explain_pointed(turn, pointed.text)
            return
        readings = self._glossary.readings(turn, pointed.text)
        domains = [
            self._glossary.sense(reading.mention.term, reading.sense or "") for reading in readings if reading.decided and reading.ours
        ]
        self._choose(turn, domain=next((sense.domain for sense in domains if sense and sense.domain), None))

    def _choose(self, turn: Turn, term: str = "", domain: str | None = None) -> None:
        """Begin the questions."""
        self._dialogue.start(turn, term, domain)

    # ------------------------------------------------------------------ buttons

    def _pressed(self, turn: Turn, choice: str) -> None:
        verb, first, second, third = [*choice.split(":"), "", "", ""][:4]
        if verb == CHOOSE:
            meant = self._glossary.sense(first, second)
            self._choose(turn, first, meant.domain if meant else None)
            return
        ours = {VERB: self._work.pressed, RECORD: self._work.record_pressed}.get(verb)
        if not (
            (ours and ours(turn, first, second))
            or self._terms.pressed(turn, verb, first, second)
            or self._dialogue.pressed(turn, verb, first, second, third)
        ):
            turn.say(self._dialogue_cards.whisper("dialogue.stale", turn.person), "stale press")
