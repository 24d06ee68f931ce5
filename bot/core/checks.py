"""What can be wrong with rules beyond the shape of one key: within one file, and between files."""

from collections.abc import Callable, Collection, Iterator, Sequence

from pydantic import BaseModel

from bot.core.activities import WorkField
from bot.core.activity_checks import names as activity_names
from bot.core.advice_checks import problems as advice_problems
from bot.core.list_checks import names as listed_names
from bot.core.manners import Manners
from bot.core.models import OperatingModel
from bot.core.problems import Found, Path, Problem, repeated, unknown
from bot.core.questions import UNSURE, Question, Questions, plain_words
from bot.core.rulebook import Rulebook
from bot.core.terms import Term
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
    "settled.always",
    "noted.wrong",
    "noted.why_said",
    "noted.hush",
    "dialogue.back",
    "dialogue.change",
    "dialogue.why_ask",
    "dialogue.stop",
    "dialogue.resume",
    "result.brief",
    "result.start_over",
    "settled.always",
    "noted.why_said",
    "noted.hush",
    "record.export",
    "work.answer",
    "work.window_keep_yes",
    "work.change",
    "work.share",
    "work.brief",
)
"""The sentences that stand on buttons."""

HEADINGS = ("result.heading", "result.heading_none")
TITLES = (
    "result.brief_title",
    "settings.title",
    "settings.title_person",
    "settings.save",
    "shared.close",
    "record.export_title",
    "work.window_title",
    "work.window_submit",
)
"""The sentences that stand over a window, or on its own buttons."""

_WEB = ("https://", "http://")
_COMMON = "common knowledge"
"""The source of a long form that every dictionary of its trade has."""

_NUMBERS = frozenset(str(number) for number in range(1, 11))


def problems_of(name: str, rule: BaseModel) -> Found:
    """What is wrong within one file, given its name within `rules/`."""
    own = getattr(rule, "problems", None)
    if own is not None:
        yield from own()
    stem = name.rpartition("/")[2].removesuffix(".yml")
    if isinstance(rule, Term):
        if name != rule.file:
            yield ("term",), f"`{rule.term}` stands in {stem}.yml, expected it in {rule.file.removeprefix('terms/')}"
        yield from _senses(rule)
        yield from _examples(rule)
    if isinstance(rule, Wording):
        yield from _long_labels(rule)
    if isinstance(rule, Questions):
        yield from _numbers_as_words(rule)
    if isinstance(rule, OperatingModel | WorkField) and stem != rule.id:
        yield ("id",), f"`{rule.id}` stands in {stem}.yml, expected `{stem}`"


# --------------------------------------------------------------------------- within a term


def _senses(term: Term) -> Found:
    for key in ("id", "label", "name"):
        yield from repeated(((("senses", place, key), getattr(sense, key)) for place, sense in enumerate(term.senses)), key)


def _examples(term: Term) -> Found:
    known = [sense.id for sense in term.senses]
    for place, example in enumerate(term.examples):
        if example.sense is not None and example.sense not in known:
            yield ("examples", place, "sense"), unknown("meaning", example.sense, known)
        if example.expect == "note" and example.sense is None:
            yield ("examples", place), "`sense` is missing, expected the meaning that is noted"
    yield from repeated(((("examples", place, "say"), example.say) for place, example in enumerate(term.examples)), "example")


# --------------------------------------------------------------------------- within the wording


def _long_labels(wording: Wording) -> Found:
    limits = dict.fromkeys(BUTTONS, LABEL) | dict.fromkeys(HEADINGS, HEADING) | dict.fromkeys(TITLES, TITLE)
    for group, sentences in wording.root.items():
        for name, sentence in sentences.items():
            if len(sentence) > limits.get(f"{group}.{name}", len(sentence)):
                yield (group, name), f"`{name}` has {len(sentence)} characters, expected at most {limits[f'{group}.{name}']}"
            if not sentence.strip():
                yield (group, name), f"`{name}` is empty, expected text"


# --------------------------------------------------------------------------- within the questions


def _numbers_as_words(questions: Questions) -> Found:
    """A typed number means the answer with that number, so no answer can have it among its words."""
    for path, text in _wordings(questions):
        if plain_words(text) in _NUMBERS:
            yield path, f"`{text}` means the answer with that number, expected words"


def _wordings(questions: Questions) -> Iterator[tuple[Path, str]]:
    """What people type to mean an answer, with its place."""
    placed: list[tuple[Path, Question]] = [(("questions", place), question) for place, question in enumerate(questions.questions)]
    for path, question in (*placed, (("domain",), questions.domain), (("quality_driver",), questions.quality_driver)):
        for place, option in enumerate(question.options):
            yield from (((*path, "options", place, "also", number), text) for number, text in enumerate(option.also))


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
                yield Problem(term.file, ("variants", place), message)


def _domains(rules: Rulebook) -> Iterator[Problem]:
    """The domain of a sense is one of the domain question's answers."""
    known = [name for name in rules.questions.domain.by_id if name != UNSURE]
    for term in rules.terms:
        for place, sense in enumerate(term.senses):
            if sense.domain is not None and sense.domain not in known:
                yield Problem(term.file, ("senses", place, "domain"), unknown("domain", sense.domain, known))


def _trades(rules: Rulebook) -> Iterator[Problem]:
    """The trades of a sense are those of rules/reading.yml."""
    known = [trade.id for trade in rules.reading.trades]
    for term in rules.terms:
        for place, sense in enumerate(term.senses):
            for number, trade in enumerate(sense.trades):
                if trade not in known:
                    yield Problem(term.file, ("senses", place, "trades", number), unknown("trade", trade, known))


def _term_sources(rules: Rulebook) -> Iterator[Problem]:
    """The source of a sense stands in rules/sources.yml, or is a web address, common knowledge or our own judgment."""
    for term in rules.terms:
        for place, sense in enumerate(term.senses):
            for part in rules.sources.unknown(sense.source):
                if not part.startswith(_WEB) and part != _COMMON:
                    message = f"unknown source `{part}`, expected an S- or P-number of sources.yml, a web address, `{_COMMON}` or `own`"
                    yield Problem(term.file, ("senses", place, "source"), message)


def _answers_that_are_wishes(rules: Rulebook) -> Iterator[Problem]:
    """No wording of an answer is a wish ("back", "stop"): it would never be taken for an answer."""
    manners = Manners(rules.manners)
    for path, text in _wordings(rules.questions):
        wish = manners.wish(text)
        if wish is not None:
            yield Problem("questions.yml", path, f"`{text}` means the wish `{wish[0]}` of manners.yml, expected other words for an answer")


def _advice(rules: Rulebook) -> Iterator[Problem]:
    """Questions, models, advice and sources fit together."""
    for (file, path), message in advice_problems(rules.questions, rules.models, rules.advice, rules.sources):
        yield Problem(file, path, message)


Checks = Sequence[tuple[Collection[str], Callable[[Rulebook], Iterator[Problem]]]]
"""Checks between files, each with the parts of the rules that it looks at."""

CHECKS: Checks = (
    ({"terms"}, _variants),
    ({"models", "wording"}, _long_headings),
    ({"terms", "questions"}, _domains),
    ({"terms", "reading"}, _trades),
    ({"terms", "sources"}, _term_sources),
    ({"questions", "manners"}, _answers_that_are_wishes),
    ({"questions", "models", "advice", "sources"}, _advice),
    ({"activities", "signals", "questions", "models", "advice", "sources"}, activity_names),
    ({"activities", "signals"}, listed_names),
)
"""The checks that every loading makes."""
