"""What is kept of a description: all of it is read, and the label behind `--called` is taken out of it."""

from time import process_time

import pytest

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
