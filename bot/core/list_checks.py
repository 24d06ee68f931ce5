"""What can be wrong with the lists of rules/signals.yml that say what words around a phrase do, and with the sentences that show it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from bot.core.activities import Context, Negation, Shown
from bot.core.classify import Classifier, classifier_of
from bot.core.problems import Path, Problem, listed, unknown

if TYPE_CHECKING:
    from bot.core.rulebook import Rulebook

SIGNALS = "signals.yml"


def _lists(rules: "Rulebook") -> Iterator[tuple[str, Negation | Context]]:
    yield "negation", rules.signals.negation
    yield "context", rules.signals.context


def _all_shown(rules: "Rulebook") -> Iterator[tuple[Path, Shown]]:
    """Every example of a list with its place."""
    for part, lists in _lists(rules):
        for name, shown in lists.examples.items():
            yield from (((part, "examples", name, place), each) for place, each in enumerate(shown))


def names(rules: "Rulebook") -> Iterator[Problem]:
    """Everything that the examples of lists name exists."""
    work = [activity.id for field in rules.activities for activity in field.activities]
    known: Mapping[str, tuple[str, Sequence[str]]] = {
        "rules_out": ("kind of work", work),
        "halves": ("kind of work", work),
        "hears": ("signal", [signal.id for signal in rules.signals.signals]),
        "denies": ("signal", [signal.id for signal in rules.signals.signals]),
    }
    clerical = rules.signals.context.clerical.work
    if clerical not in work:
        yield Problem(SIGNALS, ("context", "clerical", "work"), unknown("kind of work", clerical, work))
    for path, shown in _all_shown(rules):
        if shown.work and shown.work not in work:
            yield Problem(SIGNALS, (*path, "work"), unknown("kind of work", shown.work, work))
        for key, (what, ids) in known.items():
            for place, name in enumerate(getattr(shown, key)):
                if name not in ids:
                    yield Problem(SIGNALS, (*path, key, place), unknown(what, name, ids))


def examples(rules: "Rulebook") -> Iterator[Problem]:
    """Every example of a list is read as it says, and one of each list would not be without the list."""
    classifier = classifier_of(rules)
    wrong = False
    for path, shown in _all_shown(rules):
        told = misread(shown, classifier)
        if told:
            wrong = True
            yield Problem(SIGNALS, path, told)
    if wrong:
        return
    for part, lists in _lists(rules):
        for name, all_shown in lists.examples.items():
            without = classifier.without(name)
            if not any(misread(shown, without) for shown in all_shown):
                told = f"every example holds without `{name}`, expected one that needs it"
                yield Problem(SIGNALS, (part, "examples", name), told)


def misread(shown: Shown, classifier: Classifier) -> str | None:
    """What an example expects and does not get."""
    described, found = classifier.described(shown.say), classifier.classify(shown.say, forced=True)
    leading = found.profile.leading
    got: Mapping[str, Sequence[str]] = {
        "work": [leading.activity.id] if leading else [],
        "rules_out": [clue.id for clue in described.ruled_out],
        "hears": [clue.id for clue in described.clues if clue.kind == "signal"],
        "denies": [clue.id for clue in described.clues if clue.kind == "denied"],
        "halves": [half.activity for half in found.halves],
    }
    for name, ids in got.items():
        expected = getattr(shown, name)
        for each in [expected] if expected and isinstance(expected, str) else expected:
            if each not in ids:
                return f"expected `{name}` to be `{each}`, but it is {listed(dict.fromkeys(ids)) or 'nothing'}"
    return None
