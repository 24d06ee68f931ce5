"""What only reading shows: examples that fail, cues that no example exercises, cues that say the same twice."""

from collections.abc import Iterator, Sequence

from bot.core.cues import Cue, Path, cues_of_rules, cues_of_term
from bot.core.senses import Weigher, action
from bot.core.terms import Example, ReadingRules, Term
from bot.core.words import Keys, spellings

Flaw = tuple[str, Path, str]
"""The file within `rules/`, the place in it, and what is wrong there."""

_ALWAYS_FINE = frozenset({"long form"})
"""Kinds of cues that need no example of their own."""


def failing_examples(terms: Sequence[Term], weigher: Weigher) -> Iterator[Flaw]:
    """The examples on which Spellout would not do, or not read, what they say. `weigher` reads by the rules that the terms are part of."""
    for term in terms:
        for place, example in enumerate(term.examples):
            wrong = _wrong(example, term, weigher)
            if wrong:
                yield term.file, ("examples", place, "say"), wrong


def _wrong(example: Example, term: Term, weigher: Weigher) -> str:
    readings = [reading for reading in weigher.readings(example.say) if reading.mention.term == term.term]
    done = {str(action(reading, term)[0]) for reading in readings} or {"silent"}
    senses = {reading.sense for reading in readings}
    if example.expect not in done:
        return f"expected `{example.expect}`, but Spellout would {_do(done)}"
    if example.sense is not None and example.sense not in senses:
        read = next(iter(senses - {None}), None)
        return f"expected the meaning `{example.sense}`, but Spellout reads " + (f"`{read}`" if read else "none")
    return ""


def _do(done: set[str]) -> str:
    return " and ".join("be silent" if act == "silent" else act for act in sorted(done))


def idle_cues(terms: Sequence[Term], rules: ReadingRules, weigher: Weigher) -> Iterator[Flaw]:
    """The cues that no example of any term exercises. `weigher` reads by these rules."""
    busy = _exercised(terms, weigher)
    for file, cue in _filed_cues(terms, rules):
        if cue not in busy and cue.kind not in _ALWAYS_FINE:
            yield file, cue.path, f"no example exercises the cue `{cue.written}`, expected one that holds it"


def _exercised(terms: Sequence[Term], weigher: Weigher) -> set[Cue]:
    busy: set[Cue] = set()
    for term in terms:
        for example in term.examples:
            mentions = [mention for mention in weigher.reader.mentions(example.say) if mention.term == term.term]
            for found in weigher.cues.find(example.say, mentions).values():
                busy.update(hit.cue for hit in found)
    return busy


def twin_cues(terms: Sequence[Term], rules: ReadingRules) -> Iterator[Flaw]:
    """Cues that are found by the same words, inflections included: twice for one sense or trade, or for two senses of one term."""
    owners: dict[tuple[str, Keys], Cue] = {}
    for file, cue in _filed_cues(terms, rules):
        if cue.kind in ("against", "long form"):
            continue
        field = cue.term or f"trade {cue.speaks_for}"
        for spelling in spellings(cue.written, cue.term or ""):
            twin = owners.setdefault((field, spelling), cue)
            if twin != cue:
                yield (
                    file,
                    cue.path,
                    f"`{cue.written}` is found by the same words as `{twin.written}`{_of(twin)}, expected only one of the two",
                )
                break


def _of(twin: Cue) -> str:
    return f" of `{twin.speaks_for}`" if twin.speaks_for else ""


def _filed_cues(terms: Sequence[Term], rules: ReadingRules) -> Iterator[tuple[str, Cue]]:
    for term in terms:
        for cue in cues_of_term(term):
            yield term.file, cue
    for cue in cues_of_rules(rules):
        yield "reading.yml", cue
