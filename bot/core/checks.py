"""What can be wrong with rules beyond the shape of one key: within one file, and between files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pydantic import BaseModel

from bot.core.models import OperatingModel
from bot.core.rulebook import Rulebook
from bot.core.terms import Cues, Sense, Term
from bot.core.wording import Wording

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

Path = tuple[str | int, ...]
"""Keys and positions that lead to a place in a file; `"[key]"` as the last step means the key before it."""

Found = Iterator[tuple[Path, str]]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in one place of one file (named as within `rules/`)."""

    file: str
    path: Path
    message: str


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
    if isinstance(rule, OperatingModel) and stem != rule.id:
        yield ("id",), f"`{rule.id}` stands in {stem}.yml, expected `{stem}`"


def problems_together(rules: Rulebook, usable: set[str]) -> Iterator[Problem]:
    """What is wrong between files; only the parts named in `usable` are looked at."""
    for needs, check in CHECKS:
        if needs <= usable:
            yield from check(rules)


# --------------------------------------------------------------------------- within a term


def _senses(term: Term) -> Found:
    for key in ("id", "label", "name"):
        seen: set[str] = set()
        for place, sense in enumerate(term.senses):
            value = str(getattr(sense, key)).casefold()
            if value in seen:
                yield (
                    ("senses", place, key),
                    f"two meanings of {term.term} have the {key} `{getattr(sense, key)}`, expected a different one",
                )
            seen.add(value)


def _examples(term: Term) -> Found:
    known = [sense.id for sense in term.senses]
    seen: set[str] = set()
    for place, example in enumerate(term.examples):
        if example.sense is not None and example.sense not in known:
            names = ", ".join(f"`{name}`" for name in known)
            yield ("examples", place, "sense"), f"unknown meaning `{example.sense}`, expected one of {names}"
        if example.say in seen:
            yield ("examples", place, "say"), "this example stands twice, expected a new one"
        seen.add(example.say)


def _shared_cues(term: Term) -> Found:
    owners: dict[str, str] = {}
    for place, sense in enumerate(term.senses):
        for path, cue in _cues(sense.cues):
            owner = owners.setdefault(cue.casefold(), sense.id)
            if owner != sense.id:
                yield ("senses", place, "cues", *path), f"`{cue}` is a cue of `{owner}` too, expected it under one meaning only"
        yield from _repeated_cues(place, sense)


def _repeated_cues(place: int, sense: Sense) -> Found:
    seen: set[str] = set()
    for path, cue in _cues(sense.cues):
        if cue.casefold() in seen:
            yield ("senses", place, "cues", *path), f"`{cue}` stands twice among the cues of `{sense.id}`, expected it once"
        seen.add(cue.casefold())


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


CHECKS: tuple[tuple[frozenset[str], Callable[[Rulebook], Iterator[Problem]]], ...] = (
    (frozenset({"terms"}), _variants),
    (frozenset({"models", "wording"}), _long_headings),
)
"""Which parts of the rules a check looks at, and the check."""
