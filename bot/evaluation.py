"""How well labelled messages are read: what is heard in each, which figures it counts for, and which cues were at work."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from bot.core.cues import Kind, Path
from bot.core.rulebook import Rulebook
from bot.core.senses import Action, action, weigher_of
from bot.core.terms import Term

NO_ACRONYM = "none"
"""The label of letters that are an identifier, a name or a part of another word."""

READ_RIGHT, SPOKE = "read-right", "spoke"
FIGURES: Mapping[str, str] = {
    READ_RIGHT: "of all decidable mentions, those read right: ours by the right meaning, others with silence",
    "spoke-wrongly": "of the decidable mentions of another trade or of no acronym, those on which it speaks; lower is better",
    "engaged": "of the decidable mentions of ours that only the context tells, those on which it speaks",
    "asked": "of the same, those where it asks although the text decides; lower is better",
    "named-right": "of the decidable mentions of ours where it names a meaning, those where that is right",
    "meaning-right": "of all decidable mentions of an acronym, those whose very meaning is named, other trades' too",
    "undecidable spoke": "of the mentions that the text leaves open, those on which it speaks",
    SPOKE: "of the messages that want silence, those on which it speaks; lower is better",
}
"""The figures, in the order in which they are shown, and what each says."""


class NoMessage(Exception):
    """A row is not of this kind, or is labelled by half: one sentence."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message of an evaluation file, with its labels where it has any."""

    line: int
    id: str
    text: str
    acronym: str = ""
    sense: str = ""
    cue: str = ""
    """`explicit` (the long form stands in the text), `contextual` or `none`; empty where the label does not say."""
    decidable: bool = True
    wants: str = "silence"


class Said(NamedTuple):
    """What is done about one mention."""

    acronym: str
    action: Action
    sense: str | None


@dataclass(frozen=True, slots=True)
class Heard:
    """What Spellout makes of a message: about the labelled acronym, or about all of them; `said` is what it would speak of."""

    action: Action
    sense: str | None
    confidence: float
    said: tuple[Said, ...]
    spelled_out: bool


@dataclass(frozen=True, slots=True)
class CueAtWork:
    """A cue found in a message: the words, the rule file (within `rules/`), the place in it, and for which sense or trade it speaks."""

    words: str
    file: str
    path: Path
    kind: Kind
    cue: str
    speaks_for: str


def message(row: Mapping[str, Any], line: int) -> Message:
    """A row as a message; raises NoMessage."""
    odd = next((name for name in ("label", "answers", "model") if name in row), None)
    if odd:
        raise NoMessage(f'has "{odd}", so it is no message to read acronyms in')
    labels = [name for name in ("acronym", "sense") if isinstance(row.get(name), str) and row[name]]
    if "wants" not in row and len(labels) == 1:
        raise NoMessage(f'has only "{labels[0]}": give "acronym" and "sense" (`{NO_ACRONYM}` for letters that are no acronym), or neither')
    return Message(
        line=line,
        id=str(row["id"]),
        text=row["text"],
        acronym=row["acronym"] if len(labels) == 2 and "wants" not in row else "",
        sense=row["sense"] if "sense" in labels else "",
        cue=str(row.get("cue") or ""),
        decidable=row.get("decidable_from_text") is not False,
        wants=str(row.get("wants") or "silence"),
    )


class Listener:
    """The rules of one rulebook, set to hear messages."""

    def __init__(self, rules: Rulebook) -> None:
        self._weigher = weigher_of(rules)
        self._terms: dict[str, Term] = {term.term: term for term in rules.terms}
        self.senses = {term.term.casefold(): frozenset(sense.id for sense in term.senses) for term in rules.terms}
        self.ours = {term.term.casefold(): frozenset(sense.id for sense in term.senses if sense.ours) for term in rules.terms}

    def hear(self, heard: Message) -> Heard:
        """What it would do on hearing the message first thing in a channel, and how it reads it."""
        readings = self._weigher.readings(heard.text)
        if heard.acronym:
            readings = tuple(reading for reading in readings if reading.mention.term.casefold() == heard.acronym.casefold())
        done = [(action(reading, self._terms[reading.mention.term])[0], reading) for reading in readings]
        actions = {act for act, _ in done}
        named = next((reading for _, reading in done if reading.sense), done[0][1] if done else None)
        return Heard(
            action="ask" if "ask" in actions else "note" if "note" in actions else "silent",
            sense=named.sense if named else None,
            confidence=named.confidence if named else 0.0,
            said=tuple(dict.fromkeys(Said(reading.mention.term, act, reading.sense) for act, reading in done if act != "silent")),
            spelled_out=any(reading.defined for _, reading in done),
        )

    def at_work(self, heard: Message) -> tuple[CueAtWork, ...]:
        """The cues in the message that speak about its acronyms, as they stand in the text."""
        mentions = self._weigher.reader.mentions(heard.text)
        found: dict[tuple[int, Path], CueAtWork] = {}
        for name, hits in self._weigher.cues.find(heard.text, mentions).items():
            if heard.acronym and name.casefold() != heard.acronym.casefold():
                continue
            for hit in hits:
                file = self._terms[hit.cue.term].file if hit.cue.term else "reading.yml"
                words = " ".join(heard.text[hit.start : hit.end].split())
                found.setdefault(
                    (hit.start, hit.cue.path), CueAtWork(words, file, hit.cue.path, hit.cue.kind, hit.cue.written, hit.cue.speaks_for)
                )
        return tuple(cue for _, cue in sorted(found.items(), key=lambda pair: pair[0][0]))


# --------------------------------------------------------------------------- figures


Marks = dict[str, bool]
"""For each figure that a message counts for, whether it is one of those counted."""

How = Literal["spoken wrongly", "asked", "misread", "taken for ours", "not read"]


def marks(heard: Message, done: Heard, ours: Mapping[str, frozenset[str]]) -> Marks:
    """What a message counts for; nothing where it is neither labelled nor wants silence. `ours` are the senses of our trade, by term."""
    if not heard.acronym:
        every = frozenset().union(*ours.values())
        return {SPOKE: done.action != "silent"} if heard.wants == "silence" and heard.sense not in every else {}
    spoke = done.action != "silent"
    if not heard.decidable:
        return {"undecidable spoke": spoke}
    mine = heard.sense in ours.get(heard.acronym.casefold(), ())
    found = _of_ours(heard, done, spoke) if mine else _of_others(done, spoke, ours)
    if heard.sense != NO_ACRONYM:
        found["meaning-right"] = done.sense == heard.sense
    return found | {f"{READ_RIGHT} {heard.acronym}": found[READ_RIGHT]}


def _of_ours(heard: Message, done: Heard, spoke: bool) -> Marks:
    right = done.sense == heard.sense
    found = {READ_RIGHT: right}
    if done.sense is not None:
        found["named-right"] = right
    if heard.cue == "contextual" or (not heard.cue and not done.spelled_out):
        found |= {"engaged": spoke, "asked": done.action == "ask"}
    return found


def _of_others(done: Heard, spoke: bool, ours: Mapping[str, frozenset[str]]) -> Marks:
    return {READ_RIGHT: not spoke and not any(done.sense in senses for senses in ours.values()), "spoke-wrongly": spoke}


def right(found: Marks) -> bool | None:
    """Whether a message is read right; None where that cannot be said of it."""
    return not found[SPOKE] if SPOKE in found else found.get(READ_RIGHT)


def grade(found: Marks) -> tuple[bool, ...]:
    """How good it is what was made of a message, to be compared: right first, then whether it speaks where it should and only there."""
    return right(found) is True, found.get("engaged", False), not found.get("spoke-wrongly", False), not found.get("asked", False)


def how(found: Marks, done: Heard) -> How:
    """In what way a message is missed."""
    if found.get("spoke-wrongly") or found.get(SPOKE):
        return "spoken wrongly"
    if "spoke-wrongly" in found:
        return "taken for ours"
    if done.action == "ask":
        return "asked"
    return "misread" if done.sense is not None else "not read"


class Figure(NamedTuple):
    """So many of so many."""

    good: int
    of: int

    def __str__(self) -> str:
        return f"{self.good}/{self.of} = {self.good / self.of:.{4 if self.of > 9_999 else 3}f}" if self.of else "0/0"


def figures(counted: Iterable[Marks]) -> dict[str, Figure]:
    """All marks together, in the order of FIGURES, each acronym's own at the end."""
    good: Counter[str] = Counter()
    of: Counter[str] = Counter()
    for found in counted:
        of.update(found.keys())
        good.update(name for name, counts in found.items() if counts)
    names = [name for name in FIGURES if name in of] + sorted(name for name in of if name not in FIGURES)
    return {name: Figure(good[name], of[name]) for name in names}
