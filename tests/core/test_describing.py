"""What is kept of a description: all of it is read, and the label behind `--called` is taken out of it."""

from pathlib import Path
from time import process_time

import pytest
import yaml

from bot.core.describing import Describer, called
from bot.core.memory import Described
from bot.core.rulebook import Rulebook


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
