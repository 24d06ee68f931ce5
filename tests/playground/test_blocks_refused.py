"""What Slack refuses in blocks is refused here too, in Slack's words and with the place."""

from copy import deepcopy
from typing import Any

import pytest

from bot.playground.blockcheck import message_complaints, too_long, view_complaints
from tests.playground.echo import BUTTONS, WINDOW
from tests.playground.gallery import GALLERY, QUESTION, mrkdwn, option, plain
from tests.playground.gallery import WINDOW as SETTINGS

Json = dict[str, Any]


def button(label: str = "Go", **more: Any) -> Json:
    return {"type": "button", "action_id": "go", "text": plain(label), **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def numbered(count: int, **more: Any) -> list[Json]:
    return [button(action_id=f"go:{number}", **more) for number in range(count)]


def select(count: int) -> Json:
    return {"type": "static_select", "action_id": "pick", "options": [option(f"Option {n}", str(n)) for n in range(count)]}


def choices(kind: str, count: int) -> Json:
    return {"type": kind, "action_id": "pick", "options": [option(f"Option {n}", str(n)) for n in range(count)]}


def section(text: str) -> Json:
    return {"type": "section", "text": mrkdwn(text)}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


AT_THE_LIMIT = [
    [{"type": "divider"}] * 50,
    [section("x" * 3000)],
    [{"type": "section", "fields": [mrkdwn("x" * 2000)] * 5}],
    [{"type": "header", "text": plain("x" * 150)}],
    [{"type": "context", "elements": [mrkdwn("x")] * 10}],
    [actions(*numbered(25))],
    [actions(button("x" * 75, value="v" * 2000, action_id="a" * 255))],
    [actions(select(100))],
    [actions(choices("radio_buttons", 10)), actions(choices("checkboxes", 10)), actions(choices("overflow", 5))],
    [{"type": "section", "block_id": "b" * 255, "text": mrkdwn("x")}],
]


@pytest.mark.parametrize("blocks", [*AT_THE_LIMIT, GALLERY, QUESTION, BUTTONS], ids=str)
def test_what_stays_within_the_limits_is_taken(blocks: list[Json]) -> None:
    assert message_complaints(blocks) == []


REFUSED: list[tuple[list[Json], str]] = [
    ([{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    ([section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    ([section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ([{"type": "section"}], "missing required field: text or fields [json-pointer:/blocks/0]"),
    ([{"type": "section", "fields": [mrkdwn("x")] * 11}], "no more than 10 items allowed [json-pointer:/blocks/0/fields]"),
    ([{"type": "section", "fields": [mrkdwn("x" * 2001)]}], "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]"),
    ([{"type": "header", "text": plain("x" * 151)}], "must be less than 151 characters [json-pointer:/blocks/0/text/text]"),
    ([{"type": "header", "text": mrkdwn("x")}], "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]"),
    ([{"type": "context", "elements": [mrkdwn("x")] * 11}], "no more than 10 items allowed [json-pointer:/blocks/0/elements]"),
    ([actions()], "no fewer than 1 items allowed [json-pointer:/blocks/0/elements]"),
    ([actions(*numbered(26))], "no more than 25 items allowed [json-pointer:/blocks/0/elements]"),
    ([actions(button("x" * 76))], "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]"),
    ([actions(button(value="v" * 2001))], "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]"),
    ([actions(button(action_id="a" * 256))], "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]"),
    ([actions(button(style="loud"))], "must be one of: primary, danger [json-pointer:/blocks/0/elements/0/style]"),
    ([actions(button(), button())], "`action_id` go already exists for another element [json-pointer:/blocks/0]"),
    ([actions(select(101))], "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]"),
    ([actions(choices("radio_buttons", 11))], "no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]"),
    ([actions(choices("checkboxes", 11))], "no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]"),
    ([actions(choices("overflow", 6))], "no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]"),
    ([actions(choices("overflow", 1))], "no fewer than 2 items allowed [json-pointer:/blocks/0/elements/0/options]"),
    (
        [actions({**select(1), "options": [option("x" * 76, "v")]})],
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]",
    ),
    (
        [actions({**select(1), "options": [option("x", "v" * 151)]})],
        "must be less than 151 characters [json-pointer:/blocks/0/elements/0/options/0/value]",
    ),
    (
        [actions({**select(2), "initial_option": option("Another", "0")})],
        "must exactly match one of the provided options [json-pointer:/blocks/0/elements/0/initial_option]",
    ),
    (
        [actions({"type": "static_select", "action_id": "a"})],
        "must provide either options or option_groups [json-pointer:/blocks/0/elements/0]",
    ),
    ([section("x") | {"block_id": "b" * 256}], "must be less than 256 characters [json-pointer:/blocks/0/block_id]"),
    ([section("x") | {"block_id": "b"}] * 2, "`block_id` b already exists for another block [json-pointer:/blocks/1/block_id]"),
    ([section("x") | {"colour": "red"}], "invalid additional property: colour [json-pointer:/blocks/0]"),
    ([{"type": "section", "text": {**mrkdwn("x"), "emoji": True}}], "invalid additional property: emoji [json-pointer:/blocks/0/text]"),
    ([{"type": "carousel"}], "unsupported type: carousel [json-pointer:/blocks/0/type]"),
    ([{"text": "x"}], "missing required field: type [json-pointer:/blocks/0]"),
    ([actions({"type": "plain_text_input"})], "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]"),
    ([rich({"type": "text", "text": "x"})], "unsupported type: text [json-pointer:/blocks/0/elements/0/type]"),
    (
        [rich({"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]})],
        "must be more than 0 characters [json-pointer:/blocks/0/elements/0/elements/0/text]",
    ),
    (
        [rich({"type": "rich_text_list", "style": "dashes", "elements": [{"type": "rich_text_section", "elements": []}]})],
        "must be one of: bullet, ordered [json-pointer:/blocks/0/elements/0/style]",
    ),
    (
        [rich({"type": "rich_text_preformatted", "elements": [{"type": "user", "user_id": "U1"}]})],
        "unsupported type: user [json-pointer:/blocks/0/elements/0/elements/0/type]",
    ),
    ([{"type": "markdown", "text": "x" * 12_001}], "must be less than 12001 characters [json-pointer:/blocks/0/text]"),
    ([{"type": "markdown", "text": "x" * 7000}] * 2, "markdown must be less than 12001 characters in total [json-pointer:/blocks]"),
]


@pytest.mark.parametrize(("blocks", "complaint"), REFUSED, ids=[complaint for _, complaint in REFUSED])
def test_what_breaks_a_limit_is_refused_with_its_place(blocks: list[Json], complaint: str) -> None:
    assert complaint in message_complaints(blocks)


@pytest.mark.parametrize("nonsense", [None, "text", 5, {}, [None], ["text"], [[]], [{"type": 5}], [{"type": []}]], ids=str)
def test_nonsense_is_refused_without_an_accident(nonsense: Any) -> None:
    assert message_complaints(nonsense)
    assert view_complaints(nonsense)


def test_all_blocks_together_may_not_be_too_long() -> None:
    assert not too_long([section("x" * 3000)] * 4)
    assert too_long([section("x" * 3000)] * 5)


@pytest.mark.parametrize("view", [WINDOW, SETTINGS, {"type": "home", "blocks": [{"type": "divider"}] * 100}], ids=lambda view: view["type"])
def test_a_proper_window_is_taken(view: Json) -> None:
    assert view_complaints(view) == []


VIEWS_REFUSED: list[tuple[Json, str]] = [
    ({"title": plain("x" * 25)}, "must be less than 25 characters [json-pointer:/view/title/text]"),
    ({"submit": plain("x" * 25)}, "must be less than 25 characters [json-pointer:/view/submit/text]"),
    ({"close": plain("x" * 25)}, "must be less than 25 characters [json-pointer:/view/close/text]"),
    ({"private_metadata": "x" * 3001}, "must be less than 3001 characters [json-pointer:/view/private_metadata]"),
    ({"callback_id": "x" * 256}, "must be less than 256 characters [json-pointer:/view/callback_id]"),
    ({"blocks": [{"type": "divider"}] * 101}, "no more than 100 items allowed [json-pointer:/view/blocks]"),
    ({"blocks": [{"type": "markdown", "text": "x"}]}, "unsupported type: markdown [json-pointer:/view/blocks/0/type]"),
    ({"type": "popup"}, "unsupported type: popup [json-pointer:/view/type]"),
    ({"width": 3}, "invalid additional property: width [json-pointer:/view]"),
]


@pytest.mark.parametrize(("change", "complaint"), VIEWS_REFUSED, ids=[complaint for _, complaint in VIEWS_REFUSED])
def test_a_window_that_breaks_a_limit_is_refused(change: Json, complaint: str) -> None:
    assert complaint in view_complaints({**deepcopy(WINDOW), **change})


def test_a_window_with_inputs_needs_a_button_to_send_it() -> None:
    view = {name: value for name, value in WINDOW.items() if name != "submit"}

    assert view_complaints(view) == ["missing required field: submit [json-pointer:/view]"]
