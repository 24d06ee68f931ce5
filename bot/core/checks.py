"""What can be wrong with rules beyond the shape of one key: within one file, and between files."""

from collections.abc import Collection, Iterator

from pydantic import BaseModel

from bot.core.models import Advice, OperatingModel
from bot.core.problems import Found, Path, Problem, repeated, unknown
from bot.core.questions import Questions
from bot.core.references import CHECKS as REFERENCES
from bot.core.references import Check, advice_problems, question_problems
from bot.core.rulebook import Rulebook
from bot.core.terms import Cues, Term
from bot.core.wording import Wording
from bot.core.words import spellings

LABEL = 40
"""Characters; the longest button text that reads well in a row of buttons."""

HEADING = 150
"""Characters; the longest heading that every chat service shows."""

TITLE = 24
"""Characters; the longest title of a window."""

BUTTONS = (
    "clarify.something_else",
    "clarify.none_of_these",
    "clarify.help_me_choose",
    "settled.change",
    "settled.choose",
    "noted.wrong",
    "noted.why",
    "dialogue.back",
    "dialogue.change",
    "dialogue.why_ask",
    "dialogue.stop",
    "dialogue.resume",
    "result.brief",
    "result.start_over",
)
"""The sentences that stand on buttons."""


def problems_of(name: str, rule: BaseModel) -> Found:
    """What is wrong within one file, given its name within `rules/`."""
    own = getattr(rule, "problems", None)
    if own is not None:
        yield from own()
    stem = name.rpartition("/")[2].removesuffix(".yml")
    if isinstance(rule, Term):
        if stem != rule.term.lower():
            yield ("term",), f"`{rule.term}` stands in {stem}.yml, expected it in {rule.term.lower()}.yml"
        yield from _senses(rule)
        yield from _examples(rule)
        yield from _shared_cues(rule)
    if isinstance(rule, Wording):
        yield from _long_labels(rule)
    if isinstance(rule, Questions):
        yield from question_problems(rule)
    if isinstance(rule, Advice):
        yield from advice_problems(rule)
    if isinstance(rule, OperatingModel) and stem != rule.id:
        yield ("id",), f"`{rule.id}` stands in {stem}.yml, expected `{stem}`"


def problems_together(rules: Rulebook, usable: set[str]) -> Iterator[Problem]:
    """What is wrong between files; only the parts named in `usable` are looked at."""
    for needs, check in CHECKS:
        if usable.issuperset(needs):
            yield from check(rules)


# --------------------------------------------------------------------------- within a term


def _senses(term: Term) -> Found:
    for key in ("id", "label", "name"):
        yield from repeated(((("senses", place, key), getattr(sense, key)) for place, sense in enumerate(term.senses)), key)


def _examples(term: Term) -> Found:
    known = [sense.id for sense in term.senses]
    for place, example in enumerate(term.examples):
        if example.sense is not None and example.sense not in known:
            yield ("examples", place, "sense"), unknown("meaning", example.sense, known)
    yield from repeated(((("examples", place, "say"), example.say) for place, example in enumerate(term.examples)), "example")


def _shared_cues(term: Term) -> Found:
    """A cue speaks for one meaning, in whatever inflection it is written."""
    owners: dict[tuple[str, ...], tuple[str, str]] = {}
    for place, sense in enumerate(term.senses):
        for path, cue in _cues(sense.cues):
            for spelling in spellings(cue):
                owner, written = owners.setdefault(spelling, (sense.id, cue))
                if (owner, written) != (sense.id, cue):
                    where = "twice" if owner == sense.id else f"under `{owner}` too"
                    yield ("senses", place, "cues", *path), f"the cue `{cue}` stands {where} (as `{written}`), expected it once"
                    break


def _cues(cues: Cues) -> Iterator[tuple[Path, str]]:
    for kind in ("patterns", "decisive", "supporting"):
        for place, cue in enumerate(getattr(cues, kind)):
            yield (kind, place), cue


# --------------------------------------------------------------------------- within the wording


def _long_labels(wording: Wording) -> Found:
    limits = dict.fromkeys(BUTTONS, LABEL) | {"result.heading": HEADING, "result.heading_none": HEADING, "result.brief_title": TITLE}
    for group, sentences in wording.root.items():
        for name, sentence in sentences.items():
            if len(sentence) > limits.get(f"{group}.{name}", len(sentence)):
                yield (group, name), f"`{name}` has {len(sentence)} characters, expected at most {limits[f'{group}.{name}']}"
            if not sentence.strip():
                yield (group, name), f"`{name}` is empty, expected text"


# --------------------------------------------------------------------------- between files


def _long_headings(rules: Rulebook) -> Iterator[Problem]:
    """The result's heading names a model: every model's name must fit in."""
    confidences = [rules.wording.text(f"shared.confidence_{name}") for name in ("firm", "likely", "provisional")]
    for model in rules.models:
        longest = max(len(rules.wording.text("result.heading", model=model.name, confidence=confidence)) for confidence in confidences)
        if longest > HEADING:
            yield Problem(
                f"models/{model.id}.yml", ("name",), f"the heading with this name has {longest} characters, expected at most {HEADING}"
            )


def _variants(rules: Rulebook) -> Iterator[Problem]:
    """Two terms must not be written alike."""
    owners = {term.term.casefold(): term.term for term in rules.terms}
    for term in rules.terms:
        for place, variant in enumerate(term.variants):
            owner = owners.setdefault(variant.casefold(), term.term)
            if owner != term.term:
                message = f"`{variant}` is the term {owner} already, expected another variant"
                yield Problem(f"terms/{term.term.lower()}.yml", ("variants", place), message)


CHECKS: tuple[tuple[Collection[str], Check], ...] = (
    ({"terms"}, _variants),
    ({"models", "wording"}, _long_headings),
    *REFERENCES,
)
"""Which parts of the rules a check looks at, and the check."""
