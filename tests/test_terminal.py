"""How replies look in a terminal."""

import io

import pytest
from rich.console import Console

from bot.core.messages import Choice, Choices, Divider, Fact, Heading, Items, Note, Reply, Span, Text, Who
from bot.terminal import show


def shown(*parts: object, width: int = 40, buttons: bool = True) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False, markup=False, emoji=False)
    show(console, Reply(parts, fallback=""), buttons=buttons)  # type: ignore[arg-type]
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_list_is_wrapped_under_its_marks() -> None:
    long = (Span("a statement that is longer than one line of this terminal"),)
    assert shown(Items((long,), numbered=True)).splitlines()[:2] == [
        "  1. a statement that is longer than one",
        "     line of this terminal",
    ]
    assert shown(Fact("Pricing", (long,))).splitlines()[:2] == ["Pricing", "  - a statement that is longer than one"]


def test_a_number_beside_a_paragraph_is_its_mark() -> None:
    assert shown(Text((Span("a lot"),), beside=Choice("answer:1:judgment:high", "3"))) == "  3. a lot\n\n"


def test_where_nobody_can_press_there_are_no_buttons() -> None:
    assert shown(Text((Span("RPO"),), beside=Choice("x", "Change")), Choices((Choice("y", "Stop"),)), buttons=False) == "RPO\n\n"


@pytest.mark.parametrize("text", ["[bold]not bold[/bold]", ":smile:", "*x*", "\u202eright to left", "\u200b", ""])
def test_what_a_person_wrote_is_shown_as_it_is(text: str) -> None:
    assert shown(Text((Span("said "), Span(f"“{text}”", "bold")))) == f"said “{text}”\n\n"


def test_a_link_shows_its_address() -> None:
    assert shown(Text((Span("see "), Span("P1", link="https://a.example/b"), Span("]")))) == "see P1 (https://a.example/b)]\n\n"


def test_every_kind_of_part_is_shown() -> None:
    who = (Span("by "), Who("you"), Span(" and "), Span("more", "italic"))
    assert shown(Heading("KPO"), Text(who), Divider(), Note(who)) == "KPO\nby you and more\n\nby you and more\n\n"
