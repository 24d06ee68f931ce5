"""What Spellout says about terms: asking, noting, settling, explaining."""

from collections.abc import Iterable, Mapping, Sequence

from bot.core.memory import Meaning
from bot.core.messages import Choice, Choices, Items, Line, Note, Part, Reply, Text, Who
from bot.core.reading import Mention
from bot.core.senses import Reading
from bot.core.terms import Sense, Term
from bot.core.wording import Wording, plain

CHOOSE = "choose"
"""The choice that starts the dialogue."""

NONE_OF_THESE = "none"
"""The sense that stands for a meaning we do not know."""


OFFERED = 4
"""How many meanings of other trades are offered or explained in full; the rules list the commonest first."""

EXPLAINED = 10
"""How many terms of one message are explained; of more, the letters are named."""


def capital(text: str) -> str:
    """The text with its first letter in upper case, the rest as it is."""
    return text[:1].upper() + text[1:]


class TermCards:
    """Builds replies about terms from the wording."""

    def __init__(self, wording: Wording) -> None:
        self._w = wording

    def _reply(self, parts: Sequence[Part], slot: str = "", whisper_to: str = "", opens: bool = False) -> Reply:
        return Reply(
            tuple(parts), self.fallback(parts), slot=slot, surface="whisper" if whisper_to else "thread", to=whisper_to, opens=opens
        )

    def fallback(self, parts: Iterable[Part]) -> str:
        """All of the parts' prose as one plain text."""
        somebody = self._w.text("shared.somebody")
        lines: list[Line] = []
        for part in parts:
            if isinstance(part, (Text, Note)):
                lines.append(part.line)
            elif isinstance(part, Items):
                lines.extend(part.lines)
        return " ".join(plain(line, somebody) for line in lines)

    def listed(self, words: Sequence[str], joint: str = "shared.and") -> str:
        """`a, b and c`."""
        if len(words) < 2:
            return "".join(words)
        return ", ".join(words[:-1]) + self._w.text(joint) + words[-1]

    def quoted(self, words: Sequence[str]) -> str:
        """The words that decided, each in quotation marks, the first four."""
        return self.listed([self._w.text("shared.quoted", word=word) for word in list(dict.fromkeys(words))[:4]])

    @property
    def something_else(self) -> str:
        """The label of the button for other meanings: typing it does the same."""
        return self._w.text("clarify.something_else")

    # ------------------------------------------------------------------ asking

    def clarify(self, term: Term, slot: str, whisper_to: str = "", *, direct: bool = False) -> Reply:
        """Which of our meanings?"""
        senses = [sense for sense in term.senses if sense.ours]
        choices = [Choice(f"mean:{term.term}:{sense.id}", sense.label, capital(sense.name), main=True) for sense in senses]
        choices.append(Choice(f"other:{term.term}", self.something_else))
        help_ = Choice(f"{CHOOSE}:{term.term}", self._w.text("clarify.help_me_choose"))
        return self._reply(
            (
                Text(self._w.line("clarify.text", term=term.term)),
                self._meanings(senses),
                Text(self._w.line("clarify.question")),
                Choices((*choices, help_), more=self._more(term)[: 1 if direct else None]),
            ),
            slot,
            whisper_to,
        )

    def _more(self, term: Term) -> tuple[Choice, ...]:
        """What every unprompted remark offers: why it was made, and never again."""
        return (
            Choice(f"why:{term.term}", self._w.text("noted.why_said")),
            Choice(f"hush:{term.term}", self._w.text("noted.hush")),
        )

    def gone(self, slot: str) -> Reply:
        """Take a message away."""
        return Reply((), self._w.text("shared.gone"), slot=slot, gone=True)

    def others(self, term: Term, slot: str) -> Reply:
        """Which of the meanings of other trades? (Ours stay on offer: "something else" may have been a slip.)"""
        foreign = [sense for sense in term.senses if not sense.ours][:OFFERED]
        return self._any_of("clarify.others", term, foreign, [sense for sense in term.senses if sense.ours], slot)

    def misread(self, term: Term, slot: str, meaning: Meaning) -> Reply:
        """Our reading was wrong: which one is it?"""
        return self._another("clarify.misread", term, slot, meaning.sense)

    def reopened(self, term: Term, slot: str, meaning: Meaning, person: str) -> Reply:
        """Somebody takes back what they, or somebody else, said: which one is it?"""
        if meaning.by == person:
            return self._another("clarify.reopened", term, slot)
        sense = next((sense for sense in term.senses if sense.id == meaning.sense), None)
        name = sense.name if sense else self._w.text("clarify.none_of_these")
        return self._another("clarify.reopened_other", term, slot, by=(Who(meaning.by),), name=name)

    def _another(self, key: str, term: Term, slot: str, wrong: str = "", **values: str | Line) -> Reply:
        rest = [sense for sense in term.senses if sense.id != wrong]
        ours = [sense for sense in rest if sense.ours]
        foreign = [sense for sense in rest if not sense.ours]
        return self._any_of(key, term, [*ours, *foreign[:OFFERED]], [], slot, **values)

    def _any_of(self, key: str, term: Term, senses: Sequence[Sense], also: Sequence[Sense], slot: str, **values: str | Line) -> Reply:
        choices = [Choice(f"mean:{term.term}:{sense.id}", sense.label, capital(sense.name)) for sense in (*senses, *also)]
        choices.append(Choice(f"mean:{term.term}:{NONE_OF_THESE}", self._w.text("clarify.none_of_these")))
        return self._reply((Text(self._w.line(key, term=term.term, **values)), self._meanings(senses), Choices(tuple(choices))), slot)

    def _meanings(self, senses: Sequence[Sense]) -> Items:
        return Items(tuple(self._w.line("clarify.meaning", name=capital(sense.name), means=sense.means) for sense in senses))

    # ------------------------------------------------------------------ settling

    def settled(self, term: Term, meaning: Meaning, slot: str, live: bool, *, direct: bool) -> Reply:
        """One line: what the term means here and who said so. `live` offers the dialogue, a way to correct it, and, in a channel, to make
        it the channel's own meaning."""
        sense = next((sense for sense in term.senses if sense.id == meaning.sense), None)
        line = self._settled_line(term, meaning, direct)
        change = Choice(f"reopen:{term.term}", self._w.text("settled.change"))
        always = () if sense is None or direct else (Choice(f"house:{term.term}", self._w.text("settled.always")),)
        if sense is None or not sense.ours:
            return self._reply((Text(line), Choices((change, *always))) if live else (Text(line),), slot)
        choose = Choice(f"{CHOOSE}:{term.term}:{sense.id}", self._w.text("settled.choose"), main=True)
        return self._reply((Text(line), Choices((choose, change, *always))) if live else (Text(line),), slot)

    def _settled_line(self, term: Term, meaning: Meaning, direct: bool) -> Line:
        sense = next((sense for sense in term.senses if sense.id == meaning.sense), None)
        key = "settled.unknown" if sense is None else "settled.ours" if sense.ours else "settled.foreign"
        named = {"name": sense.name} if sense else {}
        return self._w.line(f"{key}_direct" if direct else key, term=term.term, by=(Who(meaning.by),), **named)

    def choosing(self, term: Term, by: str, slot: str) -> Reply:
        """The clarification was left open because somebody asked for the dialogue."""
        return self._reply((Text(self._w.line("settled.choosing", term=term.term, by=(Who(by),))),), slot)

    def taken(self, by: str, to: str) -> Reply:
        """Somebody else was quicker."""
        return self._reply((Text(self._w.line("settled.taken", by=(Who(by),))),), whisper_to=to)

    # ------------------------------------------------------------------ noting

    def noted(self, term: Term, sense: Sense, words: Sequence[str], slot: str, live: bool = True) -> Reply:
        """Which reading we take, because of which words, with one button to correct it."""
        name = sense.name
        line = (
            self._w.line("noted.text", term=term.term, name=name, words=self.quoted(words))
            if words
            else self._w.line("noted.text_without_words", term=term.term, name=name)
        )
        return self._reply((Text(line), self._corrections(term)) if live else (Text(line),), slot)

    def _corrections(self, term: Term) -> Choices:
        """The buttons under a reading that we took by ourselves."""
        wrong = Choice(f"wrong:{term.term}", self._w.text("noted.wrong"))
        choose = Choice(f"{CHOOSE}:{term.term}", self._w.text("settled.choose"))
        return Choices((wrong, choose), more=self._more(term))

    def explained(self, term: Term, sense: Sense, slot: str, live: bool = True) -> Reply:
        """A term's meaning, the first time it appears in a channel."""
        parts: list[Part] = [
            Text(self._w.line("explained.first", term=term.term, name=capital(sense.name), means=sense.means)),
        ]
        if sense.family:
            parts.append(Note(self._w.line("explained.family", family=capital(sense.family))))
        if live:
            parts.append(self._corrections(term))
        return self._reply(parts, slot)

    def because(self, term: Term, meaning: Meaning, to: str) -> Reply:
        """Why we read it so."""
        name = next((sense.name for sense in term.senses if sense.id == meaning.sense), meaning.sense)
        if meaning.how == "spelled_out":
            line = self._w.line("noted.because_defined", term=term.term, name=name)
        elif meaning.because:
            line = self._w.line("noted.because", term=term.term, name=name, words=self.quoted(meaning.because))
        else:
            line = self._w.line("noted.because_usual", term=term.term, name=name)
        return self._reply((Text(line),), whisper_to=to)

    def because_open(self, term: Term, words: Sequence[str], to: str) -> Reply:
        """Why we asked."""
        names = self.listed([sense.name for sense in term.senses if sense.ours])
        line = (
            self._w.line("clarify.because", term=term.term, names=names, words=self.quoted(words))
            if words
            else self._w.line("clarify.because_without_words", term=term.term, names=names)
        )
        return self._reply((Text(line),), whisper_to=to)

    def hushed(self, term: Term, to: str) -> Reply:
        """They will not be told again."""
        return self._reply((Text(self._w.line("noted.hushed", term=term.term)),), whisper_to=to)

    def went_quiet(self, to: str) -> Reply:
        """The channel has heard enough."""
        return self._reply((Text(self._w.line("noted.went_quiet")),), whisper_to=to)

    def house(self, term: Term, sense: Sense, to: str) -> Reply:
        """The channel's own meaning is noted."""
        return self._reply((Text(self._w.line("settled.house", term=term.term, name=sense.name)),), whisper_to=to)

    # ------------------------------------------------------------------ explaining on request

    def explain(self, term: Term, whisper_to: str = "") -> Reply:
        """Everything a term can mean."""
        ours = [sense for sense in term.senses if sense.ours]
        foreign = [sense for sense in term.senses if not sense.ours]
        if len(term.senses) == 1:
            parts = self._single(term, term.senses[0])
        elif len(ours) == 1:
            parts = self._single(term, ours[0])
        else:
            first = ours or foreign
            parts = [Text(self._w.line("explain.several", term=term.term)), self._meanings(first)]
        if ours and foreign:
            parts += [Text(self._w.line("explain.foreign")), self._meanings(foreign[:OFFERED])]
        if ours and foreign[OFFERED:]:
            parts.append(Note(self._w.line("explain.rarely", names=self.listed([sense.name for sense in foreign[OFFERED:]]))))
        if any(sense.ours for sense in term.senses) and not whisper_to:
            parts.append(Choices((Choice(f"{CHOOSE}:{term.term}", self._w.text("settled.choose")),)))
        return self._reply(parts, whisper_to=whisper_to)

    def _single(self, term: Term, sense: Sense) -> list[Part]:
        parts: list[Part] = [Text(self._w.line("explain.one", term=term.term, name=capital(sense.name), means=sense.means))]
        if sense.family:
            parts.append(Note(self._w.line("explained.family", family=capital(sense.family))))
        return parts

    def unknown(self, close: Sequence[str], known: int, whisper_to: str) -> Reply:
        """A word that is none of our terms, with those that were perhaps meant."""
        count = str(known)
        line = (
            self._w.line("explain.unknown_close", terms=self.listed(close, "shared.or"), count=count)
            if close
            else self._w.line("explain.unknown", count=count)
        )
        return self._reply((Text(line),), whisper_to=whisper_to)

    def nothing(self, known: int, whisper_to: str) -> Reply:
        """A message without any of our terms."""
        return self._reply((Text(self._w.line("explain.nothing", count=str(known))),), whisper_to=whisper_to)

    def terms(self, fields: Mapping[str, Sequence[str]], whisper_to: str) -> Reply:
        """Every term we know, by field."""
        known = Text(self._w.line("explain.known", count=str(sum(map(len, fields.values())))))
        lines = tuple(self._w.line("explain.field", field=capital(field), terms=", ".join(names)) for field, names in fields.items())
        return self._reply((known, Items(lines)), whisper_to=whisper_to)

    def readings(
        self, found: Sequence[tuple[Term, Reading, Meaning | None]], whisper_to: str, *, direct: bool = False, live: bool = True
    ) -> Reply:
        """What each term of a message means there, and why; the third of each is what the text spells out, or somebody settled, which can
        be changed where it is `live`."""
        parts: list[Part] = []
        label = self._w.text("settled.change")
        for term, reading, meaning in found[:EXPLAINED]:
            if meaning is not None and meaning.how == "pressed":
                change = Choice(f"anew:{term.term}", label, f"{label}: {term.term}") if live else None
                parts.append(Text(self._settled_line(term, meaning, direct), beside=change))
            else:
                parts.extend(self._reading(term, reading, meaning.sense if meaning else None))
        if found[EXPLAINED:]:
            parts.append(Note(self._w.line("explain.more", terms=self.listed([term.term for term, _, _ in found[EXPLAINED:]]))))
        return self._reply(parts, whisper_to=whisper_to)

    def _reading(self, term: Term, reading: Reading, spelled_out: str | None) -> list[Part]:
        names = {sense.id: sense for sense in term.senses}
        mention: Mention = reading.mention
        if reading.defined and mention.definition and not reading.sense:
            definition = self._w.text("shared.quoted", word=mention.definition)
            return [Text(self._w.line("explain.defined_otherwise", term=term.term, words=definition))]
        if spelled_out in names:
            return [Text(self._w.line("explain.spelled_out", term=term.term, name=names[spelled_out].name))]
        if reading.sense is None or not reading.decided:
            ours = [sense for sense in term.senses if sense.ours]
            others = [sense for sense in term.senses if not sense.ours]
            likely = ours if len(ours) > 1 else [*ours, *others][:OFFERED]
            return [
                Text(self._w.line("explain.undecided", term=term.term, names=self.listed([sense.name for sense in likely]))),
                self._meanings(likely),
            ]
        sense = names[reading.sense]
        words = [evidence.word for evidence in reading.because if evidence.sense == reading.sense and evidence.end]
        parts: list[Part] = [
            Text(self._w.line("explain.reading", term=term.term, name=sense.name, words=self.quoted(words)))
            if words
            else Text(self._w.line("explain.reading_without_words", term=term.term, name=sense.name)),
            self._meanings([sense]),
        ]
        if reading.runner_up in names:
            parts.append(Note(self._w.line("explain.runner_up", name=names[reading.runner_up].name)))
        return parts

    def not_for_outsiders(self, to: str) -> Reply:
        """Something that only people of the home workspace decide."""
        return self._reply((Text(self._w.line("fault.outsider")),), whisper_to=to)
