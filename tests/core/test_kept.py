"""Results are kept in bounded memory, however many different things people write."""

from typing import Any

import pytest

from bot.core import classify, profile, votes, words
from bot.core.activities import Activity
from bot.core.classify import Classifier
from bot.core.kept import Kept
from bot.core.rulebook import Rulebook


def test_a_full_one_starts_over_and_keeps_the_newest() -> None:
    kept: Kept[int, str] = Kept(most=3)
    for number in range(4):
        kept[number] = str(number)
    assert kept == {3: "3"}


def test_what_is_known_already_may_change_in_a_full_one() -> None:
    kept: Kept[int, str] = Kept(most=2)
    kept[1], kept[2] = "one", "two"
    kept[2] = "zwei"
    assert kept == {1: "one", 2: "zwei"}


def test_a_classifier_keeps_everything_in_bounded_memory(rules: Rulebook) -> None:
    def mappings(owner: object, seen: set[int]) -> list[str]:
        """The names of the plain mappings that grow while texts are read."""
        grown = []
        for name, value in vars(owner).items() if hasattr(owner, "__dict__") else ():
            if id(value) in seen:
                continue
            seen.add(id(value))
            if type(value) is dict and id(value) in before and before[id(value)] != len(value):
                grown.append(f"{type(owner).__name__}.{name}")
            if type(value).__module__.startswith("bot.core"):
                grown += mappings(value, seen)
        return grown

    def sizes(owner: object) -> dict[int, int]:
        found: dict[int, int] = {}
        for value in vars(owner).values() if hasattr(owner, "__dict__") else ():
            if type(value) is dict:
                found[id(value)] = len(value)
            elif type(value).__module__.startswith("bot.core") and id(value) not in found:
                found[id(value)] = 0
                found |= sizes(value)
        return found

    classifier = Classifier(rules)
    before = sizes(classifier)
    activities: list[Activity] = [activity for field in rules.activities for activity in field.activities]
    for activity in activities:
        classifier.classify(f"{activity.examples[0]} It takes a lot of judgment, and nobody signs off.")
    assert mappings(classifier, set()) == []


class Forgetful(Kept[Any, Any]):
    """One that another thread starts over whenever it was just looked at, or just written to."""

    def __contains__(self, key: object) -> bool:
        found = super().__contains__(key)
        self.clear()
        return found

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, value)
        self.clear()


def test_what_another_thread_forgets_meanwhile_is_worked_out_again(rules: Rulebook, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "We hire nurses for hospitals; it takes a lot of judgment, and nobody signs off."
    expected = Classifier(rules).classify(text)
    for module in (classify, profile, votes, words):
        monkeypatch.setattr(module, "Kept", Forgetful)
    classifier = Classifier(rules)
    found = [classifier.classify(text) for _ in range(2)]
    assert [(each.model, each.confidence, each.runner_up) for each in found] == [
        (expected.model, expected.confidence, expected.runner_up)
    ] * 2
