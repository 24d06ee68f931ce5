"""What can be wrong between the kinds of work, the signals and the other rules; and what only reading the examples can show."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from bot.core.activities import Activity, Called, Doing, Listed, Worded, WorkField
from bot.core.classify import classifier_of
from bot.core.clues import ClueBook
from bot.core.lexicon import ways
from bot.core.problems import KEY, Path, Problem, unknown
from bot.core.questions import UNSURE
from bot.core.verdict import DOMAIN

if TYPE_CHECKING:
    from bot.core.rulebook import Rulebook

SIGNALS = "signals.yml"
_KINDS = ("number", "time", "money", "a")
"""Kinds of words that every phrase may ask for, as in `<number>`."""


def file_of(field: WorkField) -> str:
    """The file of a field of work, named as within `rules/`."""
    return f"activities/{field.id}.yml"


def _activities(rules: "Rulebook") -> Iterator[tuple[str, Path, Activity]]:
    """Every kind of work with its file and place."""
    for field in rules.activities:
        for place, activity in enumerate(field.activities):
            yield file_of(field), ("activities", place), activity


# --------------------------------------------------------------------------- at every loading


def names(rules: "Rulebook") -> Iterator[Problem]:
    """Everything that kinds of work, signals and mistakes name exists, and each kind of work stands once."""
    owners: dict[str, str] = {}
    for file, path, activity in _activities(rules):
        owner = owners.setdefault(activity.id, file)
        if owner != file:
            yield Problem(file, (*path, "id"), f"the kind of work `{activity.id}` stands in {owner} too, expected it once")
        yield from _answers(rules, file, (*path, "usual"), activity.usual)
        yield from _missing(rules, file, path, activity)
        yield from _source(rules, file, path, activity.source)
        yield from _sets(rules, file, path, activity)
    yield from _signal_names(rules)


def _signal_names(rules: "Rulebook") -> Iterator[Problem]:
    signals, models = rules.signals, [model.id for model in rules.models]
    for place, signal in enumerate(signals.signals):
        path: Path = ("signals", place)
        yield from _answers(rules, SIGNALS, (*path, "says"), signal.says)
        yield from _source(rules, SIGNALS, path, signal.source)
        yield from _sets(rules, SIGNALS, path, signal)
        yield from _answers(rules, SIGNALS, (*path, "denies"), signal.denies)
    for place, mistake in enumerate(signals.mistakes):
        path = ("mistakes", place)
        for number, model in enumerate(mistake.models):
            if model not in models:
                yield Problem(SIGNALS, (*path, "models", number), unknown("operating model", model, models))
        yield from _source(rules, SIGNALS, path, mistake.source)
        yield from _sets(rules, SIGNALS, path, mistake)
    labels = [label.id for label in rules.advice.labels]
    for part, rule in (("negation", signals.negation), ("context", signals.context)):
        yield from _sets(rules, SIGNALS, (part,), rule)
    yield from _sets(rules, SIGNALS, ("context", "clerical"), signals.context.clerical)
    for place, called in enumerate(signals.called):
        yield from _sets(rules, SIGNALS, ("called", place), called)
        if called.label not in labels:
            yield Problem(SIGNALS, ("called", place, "label"), unknown("label", called.label, labels))


def _answers(rules: "Rulebook", file: str, path: Path, answers: dict[str, str]) -> Iterator[Problem]:
    """Questions and options that do not exist."""
    questions = rules.questions.by_id
    for name, option in answers.items():
        if name not in questions:
            yield Problem(file, (*path, name, KEY), unknown("question", name, questions))
            continue
        known = [each for each in questions[name].by_id if each != UNSURE]
        if name == DOMAIN:
            known = [*known, *rules.advice.other_domains]
        if option not in known:
            what = "domain" if name == DOMAIN else f"answer to `{name}`"
            yield Problem(file, (*path, name), unknown(what, option, known))


def _missing(rules: "Rulebook", file: str, path: Path, activity: Activity) -> Iterator[Problem]:
    if not activity.usual.keys() <= rules.questions.by_id.keys():
        return  # the question that is missing was misspelled, which is told already
    for question in rules.questions.questions:
        if question.id not in activity.usual:
            yield Problem(file, (*path, "usual"), f"`{question.id}` is missing, expected the usual answer to each of the four questions")


def _source(rules: "Rulebook", file: str, path: Path, source: str) -> Iterator[Problem]:
    for reference in rules.sources.unknown(source):
        yield Problem(file, (*path, "source"), f"unknown source `{reference}`, expected an S- or P-number of sources.yml or `own`")


def _sets(rules: "Rulebook", file: str, path: Path, rule: Worded | Listed | Called) -> Iterator[Problem]:
    """Sets of words that rules/signals.yml does not have."""
    known = {*rules.signals.sets, *_KINDS}
    for place, phrase in rule.phrases():
        for word in phrase.split():
            if word.startswith("<") and word.endswith(">") and word[1:-1] not in known:
                yield Problem(file, (*path, *place), unknown("set", word[1:-1], known))


# --------------------------------------------------------------------------- thorough


def examples(rules: "Rulebook") -> Iterator[Problem]:
    """Every example is read as what it is an example of."""
    classifier = classifier_of(rules)
    for file, path, activity in _activities(rules):
        for place, example in enumerate(activity.examples):
            leading = classifier.classify(example, forced=True).profile.leading
            read = leading.activity.id if leading else "nothing"
            if read != activity.id:
                yield Problem(file, (*path, "examples", place), f"expected to be read as `{activity.id}`, but it is read as `{read}`")
    for place, signal in enumerate(rules.signals.signals):
        for number, example in enumerate(signal.examples):
            if signal.id not in {clue.id for clue in classifier.described(example).clues if clue.kind == "signal"}:
                yield Problem(SIGNALS, ("signals", place, "examples", number), f"expected the signal `{signal.id}`, but it is not heard")
    for place, mistake in enumerate(rules.signals.mistakes):
        for number, example in enumerate(mistake.examples):
            if mistake.id not in {found.id for found in classifier.classify(example).mistakes}:
                yield Problem(SIGNALS, ("mistakes", place, "examples", number), f"expected the mistake `{mistake.id}`, but it is not found")


def shared_phrases(rules: "Rulebook") -> Iterator[Problem]:
    """A phrase names one kind of work, in whatever inflection it is written."""
    book = ClueBook(rules.activities, rules.signals)
    owners: dict[object, tuple[str, str]] = {}
    for file, path, activity in _activities(rules):
        if activity.loose:
            continue
        for number, phrase in enumerate(activity.words):
            for way in _ways(book, [phrase]):
                owner, written = owners.setdefault(way, (activity.id, phrase))
                if owner != activity.id:
                    yield Problem(file, (*path, "words", number), _twice(phrase, owner, written))
                    break
        for number, doing in enumerate(activity.does):
            for key, written in _pairs(book, doing):
                owner, _ = owners.setdefault(key, (activity.id, written))
                if owner != activity.id:
                    yield Problem(file, (*path, "does", number), _twice(written, *owners[key]))
                    break


def _ways(book: ClueBook, phrases: Iterable[str]) -> Iterator[tuple[str, ...]]:
    for phrase in book.spelled(phrases):
        yield from ways(phrase)


def _pairs(book: ClueBook, doing: Doing) -> Iterator[tuple[object, str]]:
    """Every doing word with every thing, as names and as written."""
    done = [(way, phrase) for phrase in doing.to for way in _ways(book, [phrase])]
    for do in doing.do:
        for way in _ways(book, [do]):
            yield from (((way, to), f"{do} … {phrase}") for to, phrase in done)


def _twice(phrase: str, owner: str, written: str) -> str:
    return f"`{phrase}` names `{owner}` too (`{written}`), expected it under one kind of work"
