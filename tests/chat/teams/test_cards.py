"""What a reply looks like in Teams."""

import json
from typing import Any

import pytest

from bot.chat.teams import cards, limits
from bot.chat.teams.cards import Setting, card, fallback, people, said
from bot.core.messages import Choice, Choices, Code, Divider, Fact, Field, Heading, Items, Note, Part, Reply, Span, Text, Who
from tests.chat.teams.stage import actions_of, elements_of, visible

SETTING = Setting({"at": "19:x|1"}, {"29:maya": "Maya Ortiz"}, "somebody")
MARKS = "*bold* _it_ [a](http://b) <at>Maya</at> # 1. `code` {{DATE()}}"


def painted(*parts: Part, setting: Setting = SETTING, **more: Any) -> dict[str, Any]:
    return card(Reply(parts, "A full sentence.", **more), setting)


def runs(shown: dict[str, Any]) -> list[dict[str, Any]]:
    return [run for element in elements_of(shown) for run in element.get("inlines", [])]


def test_a_card_is_of_the_version_that_teams_knows_and_says_itself_in_a_sentence() -> None:
    shown = painted(Text((Span("RPO means "), Span("recruitment", "bold"), Span(" here.", "italic"))))
    assert (shown["type"], shown["version"], shown["fallbackText"]) == ("AdaptiveCard", "1.5", "A full sentence.")
    assert [(run["text"], run.get("weight"), run.get("italic")) for run in runs(shown)] == [
        ("RPO means ", None, None),
        ("recruitment", "Bolder", None),
        (" here.", None, True),
    ]


def test_a_source_with_an_address_is_a_link() -> None:
    (before, source) = runs(painted(Text((Span("Source: "), Span("P1", link="https://a.example/b")))))
    assert (source["text"], source["selectAction"]) == ("P1", {"type": "Action.OpenUrl", "url": "https://a.example/b"})
    assert "selectAction" not in before


@pytest.mark.parametrize(
    "part",
    [Text((Span(MARKS),)), Note((Span(MARKS),)), Items(((Span(MARKS),),)), Fact("Label", ((Span(MARKS),),)), Code(MARKS), Heading(MARKS)],
    ids=lambda part: part.kind,
)
def test_what_a_person_wrote_is_never_read_as_markup(part: Part) -> None:
    shown = painted(part)
    assert MARKS in visible(shown)
    assert all(element["type"] == "RichTextBlock" for element in elements_of(shown))


def test_people_are_named_without_being_notified() -> None:
    reply = Reply((Text((Who("29:maya"), Span(" and "), Who("29:else"))), Items(((Who("29:third"),),))), "x")
    assert people(reply) == {"29:maya", "29:else", "29:third"}
    assert visible(card(reply, SETTING)).startswith("Maya Ortiz and somebody")
    assert "entities" not in json.dumps(card(reply, SETTING))


def test_a_button_is_executed_and_sent_off_where_a_client_cannot() -> None:
    (action,) = actions_of(painted(Choices((Choice("settle:RPO", "Recruitment", "RPO means recruitment", main=True),))))
    data = {"spellout": {"choice": "settle:RPO", "at": "19:x|1"}}
    assert (action["type"], action["verb"], action["data"], action["style"]) == ("Action.Execute", "spellout", data, "positive")
    assert (action["title"], action["tooltip"]) == ("Recruitment", "RPO means recruitment")
    assert (action["fallback"]["type"], action["fallback"]["data"]) == ("Action.Submit", data)


def test_in_a_window_a_button_can_only_be_sent_off() -> None:
    (action,) = actions_of(painted(Choices((Choice("a", "A"),)), setting=Setting({}, dialog=True)))
    assert action["type"] == "Action.Submit"
    assert "fallback" not in action


def test_buttons_stand_in_rows_that_teams_shows_and_rarer_ones_behind_a_menu() -> None:
    many = tuple(Choice(f"c{number}", f"Choice {number}") for number in range(8))
    shown = painted(Choices(many, more=(Choice("rare", "Rare"), Choice("rarer", "Rarer"))))
    rows = [element["actions"] for element in elements_of(shown)]
    assert [len([action for action in row if "mode" not in action]) for row in rows] == [6, 2]
    assert [action["title"] for action in rows[-1] if action.get("mode") == "secondary"] == ["Rare", "Rarer"]


def test_a_button_beside_a_line_stands_at_its_right() -> None:
    shown = painted(Text((Span("Judgment: some"),), beside=Choice("change", "Change")))
    (columns,) = [element["columns"] for element in shown["body"]]
    assert [column["width"] for column in columns] == ["stretch", "auto"]
    assert [action["title"] for action in actions_of(shown)] == ["Change"]


def test_a_window_is_a_form_with_what_it_offered() -> None:
    fields = (
        Field("mode", "How much?", (Choice("helpful", "Helpful", "asks"), Choice("off", "Off")), ("off",)),
        Field("more", "And", (Choice("shadow", "Shadow"), Choice("others", "Others")), ("shadow", "others"), many=True),
        Field("text", "What is done?", (), typed=True),
        Field("mode", "Again?", (Choice("x", "X"),)),
    )
    shown = painted(*fields, window="settings", submit="Save", title="Settings", surface="window", to="29:maya")
    inputs = [(e["type"], e["id"], e.get("value")) for e in elements_of(shown) if e["type"].startswith("Input.")]
    assert inputs == [
        ("Input.ChoiceSet", "spellout.mode", "off"),
        ("Input.ChoiceSet", "spellout.more", "shadow,others"),
        ("Input.Text", "spellout.text", None),
    ]
    (action,) = actions_of(shown)
    assert action["data"]["spellout"]["window"] == "settings"
    assert action["data"]["spellout"]["offered"]["more"] == ["shadow", "others"]
    assert action["associatedInputs"] == "auto"
    assert visible(shown).startswith("Settings\nHow much?\nHelpful: asks\nOff")


def test_a_field_stands_only_in_a_form() -> None:
    assert "Input" not in json.dumps(painted(Field("mode", "How much?", (Choice("a", "A"),)), Text((Span("x"),))))


def test_code_and_lines_keep_their_ends() -> None:
    shown = painted(Code("# Record\n\n| a | b |"), Text((Span("One\nTwo"),)))
    assert visible(shown) == "# Record\n\xa0\n| a | b |\nOne\nTwo"
    assert {run.get("fontType") for run in runs(shown)[:3]} == {"Monospace"}


def test_commands_are_told_as_they_are_given_in_teams() -> None:
    assert (
        said("See /spellout settings, /classify We need, or a/spelloutx")
        == "See @Spellout settings, @Spellout classify We need, or a/spelloutx"
    )


def test_numbered_items_can_be_typed() -> None:
    shown = painted(Items(((Span("One"),), (Span("Two"),)), numbered=True), Divider())
    assert visible(shown) == "1.\xa0One\n2.\xa0Two"


def test_whatever_the_reply_the_card_fits_and_its_buttons_stay() -> None:
    long = Span("word " * 2_000)
    parts: tuple[Part, ...] = (
        Heading("Title"),
        *(Fact(f"Fact {n}", ((long,), (long,))) for n in range(60)),
        Code("x\n" * 500),
        Choices((Choice("a", "Go"),)),
    )
    shown = painted(*parts)
    assert len(json.dumps(shown["body"], ensure_ascii=False, separators=(",", ":")).encode()) <= limits.CARD_SIZE
    assert [action["title"] for action in actions_of(shown)] == ["Go"]


def test_an_empty_reply_still_says_something() -> None:
    assert visible(card(Reply((), ""), SETTING)) == cards.ELLIPSIS
    assert fallback(Reply((), "x" * 5_000)).endswith(cards.ELLIPSIS)
    assert len(fallback(Reply((), "x" * 5_000))) <= limits.FALLBACK
