"""What is kept of a description: all of it is read, and the label behind `--called` is taken out of it."""

from collections.abc import Iterator
from pathlib import Path
from time import process_time

import pytest
import yaml

from bot.core.describing import Describer, called
from bot.core.interview import Interview
from bot.core.memory import Described, Dialogue
from bot.core.rulebook import Rulebook
from bot.core.verdict import DRIVER


def described(rules: Rulebook, text: str) -> Described:
    return Describer(rules).described(text, number=1, by="maya", at=0)


@pytest.mark.parametrize(
    ("text", "rest", "label"),
    [
        ("Enter invoices --called KPO", "Enter invoices", "kpo"),
        ("Enter invoices\n —called: “KPO” every day", "Enter invoices  every day", "kpo"),
        ("--CALLED=bpo enter invoices", "enter invoices", "bpo"),
        ("Enter invoices --called", "Enter invoices", ""),
        ("So-called KPO", "So-called KPO", ""),
    ],
)
def test_the_label_that_somebody_gives_is_no_part_of_the_description(text: str, rest: str, label: str) -> None:
    assert called(text) == (rest, label)


@pytest.mark.parametrize("piece", [" ", "\n", "--", "--called ", " —", "— called"])
def test_no_text_keeps_the_label_from_being_found_soon(piece: str) -> None:
    begun = process_time()
    called((piece * 80_000)[:80_000])
    assert process_time() - begun < 1


def test_a_description_is_read_to_its_end(rules: Rulebook) -> None:
    work = described(rules, "x " * 19_900 + "Contract review for our counsel --called KPO")
    assert work.model == "lpo"
    assert [label.label for label in work.labels] == ["kpo"]


OVERLAPPING = "Review, for Zebulon, the NDAs against our playbook"
TEXTS = [text for texts in yaml.safe_load((Path(__file__).parent / "work_descriptions.yml").read_text()).values() for text in texts]


def test_the_words_between_matched_words_are_not_kept(rules: Rulebook) -> None:
    work = described(rules, OVERLAPPING)
    assert work.model == "lpo"
    assert "NDAs" in work.model_dump_json()
    assert "Zebulon" not in work.model_dump_json()


@pytest.mark.parametrize("every", [2, 3])
def test_no_word_that_the_rules_do_not_know_is_ever_kept(rules: Rulebook, every: int) -> None:
    kept = 0
    for text in TEXTS:
        words = text.split()
        strewn = " ".join(word if place % every else f"{word} Zebulon" for place, word in enumerate(words, 1))
        work = described(rules, strewn)
        kept += "words" in work.model_dump_json(exclude_defaults=True)
        assert "zebulon" not in work.model_dump_json().casefold(), text
    assert kept > len(TEXTS) / 4


# --------------------------------------------------------------------------- what is open, on the card and in the dialogue


def sentences(rules: Rulebook) -> Iterator[str]:
    """Every example of work, of signals and of mistakes in the rules."""
    for field in rules.activities:
        for activity in field.activities:
            yield from activity.examples
    for signal in rules.signals.signals:
        yield from signal.examples
    for mistake in rules.signals.mistakes:
        yield from mistake.examples
    for model in rules.models:
        yield from (example.work for example in model.examples)


class Walk:
    """Goes through dialogues to every end, each way once however many lead there."""

    def __init__(self, rules: Rulebook) -> None:
        self._interview = Interview(rules.questions, rules.advice)
        self._asked: dict[object, set[str]] = {}

    def asked(self, work: Described) -> set[str]:
        """Every question that can be asked after a description, whatever is answered."""
        return self._onward(self._interview.begin(1, "maya", work))

    def _onward(self, dialogue: Dialogue) -> set[str]:
        state = (dialogue.asking, dialogue.spared, tuple(self._interview.answers(dialogue).items()))
        if state not in self._asked:
            question = self._interview.question(dialogue.asking or "")
            found = {question.id} if question else set()
            for option in question.options if question else ():
                after = self._interview.answer(dialogue, dialogue.asking or "", option.id, "maya", 0)
                found |= self._onward(after) if after else set()
            self._asked[state] = found
        return self._asked[state]


def test_the_dialogue_asks_what_the_card_calls_open_and_nothing_else(rules: Rulebook) -> None:
    walk = Walk(rules)
    works = {text: work for text in sentences(rules) if (work := described(rules, text)).model}
    put = {text: walk.asked(work) for text, work in works.items()}
    assert len(works) >= 200
    assert {text: (work.open, put[text]) for text, work in works.items() if (put[text] ^ set(work.open)) - {DRIVER}} == {}
