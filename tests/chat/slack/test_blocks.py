"""Replies become Block Kit that Slack takes, and nothing in them pings anybody."""

import json
import re
from typing import Any

import pytest
import slackblocks._limits as published
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block, RichTextBlock

from bot.chat.slack import blocks, limits
from bot.chat.slack.events import translate
from bot.core.messages import Choice, Choices, Divider, Fact, Heading, Items, Line, Note, Part, Place, Reply, Span, Text, Who
from bot.playground.blockcheck import message_complaints, too_long, view_complaints

PLACE = Place("slack", "T0HOME", "C0VENDOR", "1795251600.000100")
MAYA = Who("U0MAYA")


def line(*pieces: str | Span | Who) -> Line:
    """A line; bare strings are plain spans."""
    return tuple(Span(piece) if isinstance(piece, str) else piece for piece in pieces)


def shown(*parts: Part) -> list[dict[str, Any]]:
    """The blocks of a reply with these parts."""
    return blocks.message(Reply(parts, "A full sentence."))["blocks"]


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    """A rich text block."""
    return {"type": "rich_text", "elements": list(elements)}


def section(*elements: dict[str, Any]) -> dict[str, Any]:
    """A rich text section."""
    return {"type": "rich_text_section", "elements": list(elements)}


def text(words: str, **style: bool) -> dict[str, Any]:
    """A rich text run."""
    return {"type": "text", "text": words, **({"style": style} if style else {})}


def plain(words: str) -> dict[str, Any]:
    """A plain text object."""
    return {"type": "plain_text", "text": words, "emoji": False}


# --------------------------------------------------------------------------- what each part looks like


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (Heading("High-skill BPO"), {"type": "header", "text": plain("High-skill BPO")}),
        (
            Text(line("You wrote ", Span("RPO", "bold"), Span(" here", "italic"))),
            rich(section(text("You wrote "), text("RPO", bold=True), text(" here", italic=True))),
        ),
        (Text(line("Said ", MAYA)), rich(section(text("Said "), {"type": "user", "user_id": "U0MAYA"}))),
        (
            Items((line("one"), line("two"))),
            rich({"type": "rich_text_list", "style": "bullet", "elements": [section(text("one")), section(text("two"))]}),
        ),
        (Items((line("one"),), numbered=True), rich({"type": "rich_text_list", "style": "ordered", "elements": [section(text("one"))]})),
        (Fact("Pricing", (line("per item"),)), rich(section(text("Pricing", bold=True), text("\n"), text("per item")))),
        (
            Fact("Ask vendors", (line("who?"), line("where?"))),
            rich(
                section(text("Ask vendors", bold=True)),
                {"type": "rich_text_list", "style": "bullet", "elements": [section(text("who?")), section(text("where?"))]},
            ),
        ),
        (Fact("Pricing", ()), rich(section(text("Pricing", bold=True)))),
        (Note(line("Type a ", Span("number", "bold"))), {"type": "context", "elements": [plain("Type a number")]}),
        (
            Note(line("R&D, says ", MAYA)),
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "R&amp;D, says <@U0MAYA>", "verbatim": True}]},
        ),
        (Note(line("*loud* ", MAYA)), rich(section(text("*loud* "), {"type": "user", "user_id": "U0MAYA"}))),
        (Divider(), {"type": "divider"}),
        (
            Choices((Choice("a:1", "Recruitment", "It means recruitment", main=True), Choice("a:2", "Research"))),
            {
                "type": "actions",
                "elements": [
                    {
                        "type": "button",
                        "text": plain("Recruitment"),
                        "value": "a:1",
                        "style": "primary",
                        "accessibility_label": "It means recruitment",
                        "action_id": "spellout:0",
                    },
                    {"type": "button", "text": plain("Research"), "value": "a:2", "action_id": "spellout:1"},
                ],
            },
        ),
    ],
)
def test_every_part_has_its_look(part: Part, expected: dict[str, Any]) -> None:
    assert shown(part) == [expected]


def test_a_person_of_no_slack_is_shown_as_text() -> None:
    assert shown(Text((Who("<!channel>"),))) == [rich(section(text("<!channel>")))]


@pytest.mark.parametrize("part", [Heading(" "), Text(()), Text(line("")), Text(line("\n")), Items(()), Fact("", ()), Note(()), Choices(())])
def test_a_part_that_says_nothing_leaves_no_block(part: Part) -> None:
    assert shown(part, Text(line("something"))) == [rich(section(text("something")))]


def test_a_reply_without_parts_shows_its_sentence() -> None:
    assert shown() == [rich(section(text("A full sentence.")))]


def test_an_empty_line_of_a_list_keeps_its_number() -> None:
    (block,) = shown(Items((line(), line("second")), numbered=True))
    assert len(block["elements"][0]["elements"]) == 2


def test_buttons_have_names_of_their_own_across_rows() -> None:
    names = [
        button["action_id"] for block in shown(Choices((Choice("a", "A"),)), Choices((Choice("b", "B"),))) for button in block["elements"]
    ]
    assert names == ["spellout:0", "spellout:1"]


def test_a_whispers_buttons_know_the_conversation_that_a_press_goes_back_to() -> None:
    place = Place("slack", "T0HOME", "C0VENDOR", "new-123abc")
    reply = Reply((Choices((Choice("choose", "Choose"),)),), "Choose?", surface="whisper", to="U0MAYA")
    (row,) = blocks.message(reply, place)["blocks"]
    pressed = {
        "type": "block_actions",
        "team": {"id": "T0HOME"},
        "user": {"id": "U0MAYA"},
        "trigger_id": "9.9.z",
        "container": {"type": "message", "channel_id": "C0VENDOR", "message_ts": "1.1", "is_ephemeral": True},
        "actions": [{**row["elements"][0], "block_id": row["block_id"]}],
    }
    event = translate(pressed, "U0SPELL")
    assert event
    assert event.place == place


# --------------------------------------------------------------------------- the fallback


def test_the_fallback_is_a_sentence_without_any_mention() -> None:
    message = blocks.message(Reply((), "R&D for <!channel> and <@U0MAYA> @here"))
    assert message["text"] == "R&amp;D for &lt;!channel&gt; and &lt;@U0MAYA&gt; @here"
    assert (message["mrkdwn"], message["parse"], message["unfurl_links"], message["unfurl_media"]) == (False, "none", False, False)


@pytest.mark.parametrize("nothing", ["", "  ", "\n"])
def test_the_fallback_is_never_empty(nothing: str) -> None:
    assert blocks.fallback(Reply((), nothing)) == "…"


@pytest.mark.parametrize("words", ["&" * 9_000, "<>" * 5_000, "word & " * 1_000, "x" * 9_000, "x" * 2_990 + "&&&&"])
def test_a_long_fallback_is_cut_between_entities(words: str) -> None:
    fallback = blocks.fallback(Reply((), words))
    assert 500 < len(fallback) <= limits.FALLBACK
    assert fallback.endswith("…")
    assert not re.search(r"&(?!amp;|lt;|gt;)", fallback)


# --------------------------------------------------------------------------- limits


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (limits.MESSAGE_BLOCKS, published.MESSAGE_BLOCKS_MAX_ITEMS),
        (limits.VIEW_BLOCKS, published.VIEW_BLOCKS_MAX_ITEMS),
        (limits.HEADING, published.HEADER_TEXT_MAX_LENGTH),
        (limits.BUTTONS, published.ACTIONS_ELEMENTS_MAX_ITEMS),
        (limits.BUTTON_TEXT, published.BUTTON_TEXT_MAX_LENGTH),
        (limits.BUTTON_VALUE, published.BUTTON_VALUE_MAX_LENGTH),
        (limits.ACCESSIBILITY_LABEL, published.BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH),
        (limits.VIEW_TITLE, published.VIEW_TITLE_MAX_LENGTH),
        (limits.VIEW_TITLE, published.VIEW_CLOSE_MAX_LENGTH),
        (limits.PRIVATE_METADATA, published.VIEW_PRIVATE_METADATA_MAX_LENGTH),
    ],
)
def test_our_limits_are_those_that_are_published(ours: int, theirs: int) -> None:
    assert ours == theirs


def test_long_words_are_cut_at_a_word_with_an_ellipsis() -> None:
    assert limits.cut("a plain sentence", 16) == "a plain sentence"
    assert limits.cut("a plain sentence", 12) == "a plain…"
    assert limits.cut("incomprehensibilities", 10) == "incompreh…"
    assert len(limits.cut("x " * 100, 50)) <= 50


def test_more_buttons_than_a_row_takes_fill_several_rows() -> None:
    rows = shown(Choices(tuple(Choice(f"c:{number}", str(number)) for number in range(60))))
    assert [len(row["elements"]) for row in rows] == [25, 25, 10]


def test_too_many_paragraphs_are_joined_rather_than_lost() -> None:
    parts = tuple(Text(line(f"paragraph {number}")) for number in range(80))
    (block,) = shown(*parts)
    assert len(block["elements"]) == 80


def test_a_card_that_is_too_long_is_told_shorter_and_keeps_its_buttons() -> None:
    facts = [Fact(f"Field {number}", tuple(line("several plain words " * 10) for _ in range(8))) for number in range(12)]
    message = shown(Heading("Model"), *facts, Choices((Choice("again", "Start over"),)))
    assert [block["type"] for block in message] == ["header", *["rich_text"] * 12, "actions"]
    assert not too_long(message)


def test_a_window_has_room_for_more_than_a_message() -> None:
    facts = [Fact(f"Field {number}", tuple(line("several plain words " * 10) for _ in range(8))) for number in range(12)]
    reply = Reply(tuple(facts), "All of it", surface="window", to="U0MAYA", title="Full brief of everything there is")
    window = blocks.window(reply, "Close", PLACE)
    assert "…" not in json.dumps(window["blocks"], ensure_ascii=False)
    assert window["title"] == plain("Full brief of…")
    assert view_complaints(window) == []


WILD = st.text(max_size=40) | st.sampled_from(
    [
        "<!channel>",
        "<!here>",
        "<@U0MAYA>",
        "<#C0TALENT>",
        "*bold* _it_ `code` ~no~",
        ":wave:",
        "&lt;!channel&gt;",
        "> quoted",
        "\u202e",
        "\0",
    ]
)
LONG = st.builds(lambda word, times: word * times, WILD, st.sampled_from([1, 1, 1, 50, 2_000]))
PEOPLE = st.builds(Who, st.sampled_from(["U0MAYA", "W0JONAS"]) | WILD)
LINES = st.lists(st.builds(Span, LONG, st.sampled_from(["plain", "bold", "italic"])) | PEOPLE, max_size=5).map(tuple)
CHOICES = st.lists(st.builds(Choice, LONG, LONG, LONG, st.booleans()), max_size=30).map(tuple)
PARTS: st.SearchStrategy[Part] = st.one_of(
    st.builds(Heading, LONG),
    st.builds(Text, LINES),
    st.builds(Note, LINES),
    st.builds(Divider),
    st.builds(Items, st.lists(LINES, max_size=8).map(tuple), st.booleans()),
    st.builds(Fact, LONG, st.lists(LINES, max_size=4).map(tuple)),
    st.builds(Choices, CHOICES),
)
REPLIES = st.builds(
    lambda parts, times, words, title, surface: Reply(parts * times, words, surface=surface, to="U0MAYA", title=title),
    st.lists(PARTS, max_size=8).map(tuple),
    st.sampled_from([1, 1, 1, 12]),
    LONG,
    WILD,
    st.sampled_from(["thread", "whisper", "window"]),
)


@settings(max_examples=150, deadline=None)
@given(REPLIES)
def test_whatever_is_said_slack_takes_it_and_nobody_is_pinged(reply: Reply) -> None:
    message = blocks.message(reply, PLACE)
    assert message["text"]
    assert len(message["text"]) <= limits.FALLBACK
    assert "<" not in message["text"]
    check(message["blocks"], limits.MESSAGE_SIZE)
    assert not too_long(message["blocks"])
    assert message_complaints(message["blocks"]) == []
    view = blocks.window(reply, "Close", PLACE)
    check(view["blocks"], limits.VIEW_SIZE)
    assert view_complaints(view) == []


def check(rendered: list[dict[str, Any]], size: int) -> None:
    """Inside every limit, as three independent judges see it, and without a control sequence where Slack looks for one."""
    assert rendered
    assert len(json.dumps(rendered, ensure_ascii=False, separators=(",", ":"))) <= size
    for block, parsed in zip(rendered, Block.parse_all(rendered), strict=True):
        assert parsed is not None
        parsed.validate_json()
        if not isinstance(parsed, RichTextBlock):
            assert parsed.to_dict() == block
        if block["type"] == "context":
            assert all(len(element["text"]) <= limits.CONTEXT for element in block["elements"])
        for element in parsed_markup(block):
            assert element["verbatim"] is True
            assert not re.search(r"<(?!@[UW][A-Z0-9]+>)|[*_~`]", element["text"])


def parsed_markup(block: Any) -> list[dict[str, Any]]:
    """All text of the block that Slack parses as its markup."""
    if isinstance(block, list):
        return [found for each in block for found in parsed_markup(each)]
    if not isinstance(block, dict):
        return []
    own = [block] if block.get("type") == "mrkdwn" else []
    return own + [found for each in block.values() for found in parsed_markup(each)]
