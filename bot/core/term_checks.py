"""What only reading the examples can show: examples that fail, and cues that no example exercises."""

from collections.abc import Iterator, Sequence

from bot.core.cues import Cue, CueBook
from bot.core.reading import Reader
from bot.core.senses import Weigher, action
from bot.core.terms import Example, ReadingRules, Term
from bot.core.words import spellings

Path = tuple[str | int, ...]
Flaw = tuple[str, Path, str]
"""The file within `rules/`, the place in it, and what is wrong there."""


def failing_examples(terms: Sequence[Term], rules: ReadingRules) -> Iterator[Flaw]:
    """The examples on which Spellout would not do, or not read, what they say."""
    weigher = Weigher(tuple(terms), rules)
    for term in terms:
        for place, example in enumerate(term.examples):
            wrong = _wrong(example, term, weigher)
            if wrong:
                yield file_of(term), ("examples", place, "say"), wrong


def _wrong(example: Example, term: Term, weigher: Weigher) -> str:
    readings = [reading for reading in weigher.readings(example.say) if reading.mention.term == term.term]
    done = {action(reading, term)[0] for reading in readings} or {"silent"}
    senses = {reading.sense for reading in readings}
    if example.expect not in done:
        return f"expected {example.expect}, but it would {_do(done)}"
    if example.sense is not None and example.sense not in senses:
        read = next(iter(senses - {None}), None)
        return f"expected the meaning `{example.sense}`, but it reads " + (f"`{read}`" if read else "none")
    return ""


def _do(done: set[str]) -> str:
    return " and ".join("be silent" if act == "silent" else act for act in sorted(done))


def idle_cues(terms: Sequence[Term], rules: ReadingRules) -> Iterator[Flaw]:
    """The cues that no example of any term exercises."""
    busy = _exercised(terms, rules)
    for file, path, cue in _all_cues(terms, rules):
        if cue not in busy:
            yield file, path, f"no example exercises the cue `{cue.written}`, expected one that holds it"


def _exercised(terms: Sequence[Term], rules: ReadingRules) -> set[Cue]:
    reader, book = Reader(tuple(terms)), CueBook(terms, rules)
    busy: set[Cue] = set()
    for term in terms:
        for example in term.examples:
            mentions = [mention for mention in reader.mentions(example.say) if mention.term == term.term]
            for found in book.find(example.say, mentions).values():
                busy.update(hit.cue for hit in found)
    return busy


def _all_cues(terms: Sequence[Term], rules: ReadingRules) -> Iterator[tuple[str, Path, Cue]]:
    for term in terms:
        for place, sense in enumerate(term.senses):
            for kind in ("patterns", "decisive", "supporting", "against"):
                for number, phrase in enumerate(getattr(sense.cues, kind)):
                    cue = Cue(term.term, sense.id, "pattern" if kind == "patterns" else kind, phrase)
                    yield file_of(term), ("senses", place, "cues", kind, number), cue
        for number, phrase in enumerate(term.neutral):
            yield file_of(term), ("neutral", number), Cue(term.term, "", "neutral", phrase)
    for number, phrase in enumerate(rules.business):
        yield "reading.yml", ("business", number), Cue(None, "", "business", phrase)
    for place, trade in enumerate(rules.trades):
        for kind in ("decisive", "supporting", "faint"):
            for number, phrase in enumerate(getattr(trade, kind)):
                yield "reading.yml", ("trades", place, kind, number), Cue(None, trade.id, kind, phrase)


def twin_cues(terms: Sequence[Term], rules: ReadingRules) -> Iterator[Flaw]:
    """Cues that say the same twice: within one sense or trade, or for two senses of one term."""
    owners: dict[tuple[str, tuple[str, ...]], Cue] = {}
    for file, path, cue in _all_cues(terms, rules):
        if cue.kind == "against":
            continue
        for steps in spellings(cue.written, cue.term or ""):
            field = cue.term or f"trade {cue.speaks_for}"
            twin = owners.setdefault((field, steps), cue)
            if twin != cue:
                told = f"`{twin.written}` of `{twin.speaks_for}`" if twin.speaks_for != cue.speaks_for else f"`{twin.written}`"
                yield file, path, f"`{cue.written}` is found wherever {told} is, expected only one of the two"
                break


def file_of(term: Term) -> str:
    """The file that holds a term, within `rules/`."""
    return f"terms/{term.term.lower()}.yml"
