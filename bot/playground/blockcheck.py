"""What Slack refuses in blocks and windows: one table of limits and shapes, told in Slack's words.

Kinds that Slack knows and this table does not (video, file, table, date pickers and the like) are refused too: better here than unseen.
"""

import json
from typing import Any

from bot.playground.shapes import Complain, Shape, anything, boolean, both, by_type, many, number, one_of, string, thing

Json = dict[str, Any]

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
MARKDOWN_TOTAL, BLOCKS_TOTAL = 12_000, 13_200
ID, URL = 255, 3000


def plain(most: int) -> Shape:
    """A plain text object."""
    return by_type({"plain_text": thing({"text": string(most)}, {"emoji": boolean})})


def words(most: int) -> Shape:
    """A text object of either kind."""
    return by_type(
        {
            "plain_text": thing({"text": string(most)}, {"emoji": boolean}),
            "mrkdwn": thing({"text": string(most)}, {"verbatim": boolean}),
        }
    )


CONFIRM = thing(
    {"title": plain(100), "text": words(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
OPTION = thing({"text": plain(75), "value": string(150)}, {"description": plain(75)})
RICH_OPTION = thing({"text": words(75), "value": string(150)}, {"description": words(75)})
OVERFLOW_OPTION = thing({"text": plain(75), "value": string(150)}, {"description": plain(75), "url": string(URL)})
GROUP = thing({"label": plain(75), "options": many(OPTION, 100)})
ACTS: dict[str, Shape] = {"action_id": string(ID), "confirm": CONFIRM}
FOCUS: dict[str, Shape] = {"focus_on_load": boolean}
HOLDER: dict[str, Shape] = {"placeholder": plain(150)}
PICKS: dict[str, Shape] = {**ACTS, **FOCUS, **HOLDER}


def initial_is_an_option(value: Any, at: str, complain: Complain) -> None:
    """What is chosen at first must be one of the options, word for word."""
    options = list(value.get("options") or [])
    for group in value.get("option_groups") or []:
        options += group.get("options") or [] if isinstance(group, dict) else []
    if "initial_option" in value and value["initial_option"] not in options:
        complain(f"{at}/initial_option", "must exactly match one of the provided options")
    for option in value.get("initial_options") or []:
        if option not in options:
            complain(f"{at}/initial_options", "must exactly match the provided options")


def has_options(value: Any, at: str, complain: Complain) -> None:
    """A select has options or groups of them, not both."""
    if ("options" in value) == ("option_groups" in value):
        complain(at, "must provide either options or option_groups")


def static(initial: dict[str, Shape]) -> Shape:
    """A select whose options are listed."""
    fields = {**PICKS, "options": many(OPTION, 100), "option_groups": many(GROUP, 100), **initial}
    return both(thing({}, fields), has_options, initial_is_an_option)


IMAGE = thing({"alt_text": string(2000)}, {"image_url": string(URL), "slack_file": anything})
BUTTON = thing(
    {"text": plain(75)},
    {**ACTS, "url": string(URL), "value": string(2000), "style": one_of("primary", "danger"), "accessibility_label": string(75)},
)
OPEN_PICKS = {
    "users_select": thing({}, {**PICKS, "initial_user": string(ID)}),
    "channels_select": thing({}, {**PICKS, "initial_channel": string(ID), "response_url_enabled": boolean}),
    "conversations_select": thing(
        {}, {**PICKS, "initial_conversation": string(ID), "default_to_current_conversation": boolean, "filter": anything}
    ),
}
CHOICES: dict[str, Shape] = {
    "static_select": static({"initial_option": OPTION}),
    "multi_static_select": static({"initial_options": many(OPTION, 100), "max_selected_items": number(1, 100)}),
    "radio_buttons": both(
        thing({"options": many(RICH_OPTION, 10)}, {**ACTS, **FOCUS, "initial_option": RICH_OPTION}), initial_is_an_option
    ),
    "checkboxes": both(
        thing({"options": many(RICH_OPTION, 10)}, {**ACTS, **FOCUS, "initial_options": many(RICH_OPTION, 10)}), initial_is_an_option
    ),
    **OPEN_PICKS,
}
ACTION_ELEMENTS: dict[str, Shape] = {
    **CHOICES,
    "button": BUTTON,
    "overflow": thing({"options": many(OVERFLOW_OPTION, 5, 2)}, ACTS),
}
INPUT_ELEMENTS: dict[str, Shape] = {
    **CHOICES,
    "plain_text_input": thing(
        {},
        {
            "action_id": string(ID),
            "initial_value": string(3000, 0),
            "multiline": boolean,
            "min_length": number(0, 3000),
            "max_length": number(1, 3000),
            "dispatch_action_config": anything,
            **FOCUS,
            **HOLDER,
        },
    ),
    "number_input": thing(
        {"is_decimal_allowed": boolean},
        {
            "action_id": string(ID),
            "initial_value": string(100),
            "min_value": string(100),
            "max_value": string(100),
            "dispatch_action_config": anything,
            **FOCUS,
            **HOLDER,
        },
    ),
}

STYLE = thing({}, {"bold": boolean, "italic": boolean, "strike": boolean, "code": boolean, "underline": boolean})
RUNS: dict[str, Shape] = {
    "text": thing({"text": string(BLOCKS_TOTAL)}, {"style": STYLE}),
    "link": thing({"url": string(URL)}, {"text": string(URL), "unsafe": boolean, "style": STYLE}),
    "user": thing({"user_id": string(ID)}, {"style": STYLE}),
    "channel": thing({"channel_id": string(ID)}, {"style": STYLE}),
    "usergroup": thing({"usergroup_id": string(ID)}, {"style": STYLE}),
    "emoji": thing({"name": string(100)}, {"unicode": string(100), "skin_tone": number(1, 6), "style": STYLE}),
    "broadcast": thing({"range": one_of("here", "channel", "everyone")}, {"style": STYLE}),
    "date": thing({"timestamp": number(0, 10**11), "format": string(300)}, {"fallback": string(300), "url": string(URL), "style": STYLE}),
}
RUN = by_type(RUNS)
QUIET_RUN = by_type({"text": RUNS["text"], "link": RUNS["link"]})
RICH_SECTION = thing({"elements": many(RUN, 1000, 0)})
RICH = by_type(
    {
        "rich_text_section": RICH_SECTION,
        "rich_text_list": thing(
            {"style": one_of("bullet", "ordered"), "elements": many(by_type({"rich_text_section": RICH_SECTION}), 500)},
            {"indent": number(0, 8), "offset": number(0, 10_000), "border": number(0, 1)},
        ),
        "rich_text_quote": thing({"elements": many(RUN, 1000, 0)}, {"border": number(0, 1)}),
        "rich_text_preformatted": thing({"elements": many(QUIET_RUN, 1000, 0)}, {"border": number(0, 1), "language": string(50)}),
    }
)


def says_something(value: Any, at: str, complain: Complain) -> None:
    """A section needs a text or fields."""
    if "text" not in value and "fields" not in value:
        complain(at, "missing required field: text or fields")


BLOCK: dict[str, Shape] = {"block_id": string(ID)}
ANYWHERE: dict[str, Shape] = {
    "section": both(
        thing(
            {},
            {
                **BLOCK,
                "text": words(3000),
                "fields": many(words(2000), 10),
                "accessory": by_type({**ACTION_ELEMENTS, "image": IMAGE}),
                "expand": boolean,
            },
        ),
        says_something,
    ),
    "header": thing({"text": plain(150)}, BLOCK),
    "context": thing({"elements": many(by_type({"plain_text": words(3000), "mrkdwn": words(3000), "image": IMAGE}), 10)}, BLOCK),
    "divider": thing({}, BLOCK),
    "actions": thing({"elements": many(by_type(ACTION_ELEMENTS), 25)}, BLOCK),
    "image": thing({"alt_text": string(2000)}, {**BLOCK, "image_url": string(URL), "slack_file": anything, "title": plain(2000)}),
    "rich_text": thing({"elements": many(RICH, 500)}, BLOCK),
    "input": thing(
        {"label": plain(2000), "element": by_type(INPUT_ELEMENTS)},
        {**BLOCK, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
}
IN_MESSAGES = many(by_type({**ANYWHERE, "markdown": thing({"text": string(MARKDOWN_TOTAL)}, BLOCK)}), MESSAGE_BLOCKS)
IN_VIEWS = many(by_type(ANYWHERE), VIEW_BLOCKS)
VIEW_COMMON: dict[str, Shape] = {"private_metadata": string(3000, 0), "callback_id": string(ID, 0), "external_id": string(ID, 0)}
VIEWS = by_type(
    {
        "modal": thing(
            {"title": plain(24), "blocks": IN_VIEWS},
            {
                **VIEW_COMMON,
                "submit": plain(24),
                "close": plain(24),
                "clear_on_close": boolean,
                "notify_on_close": boolean,
                "submit_disabled": boolean,
            },
        ),
        "home": thing({"blocks": IN_VIEWS}, VIEW_COMMON),
    }
)


def message_complaints(blocks: Any) -> list[str]:
    """What Slack would say about these blocks of a message; empty when it takes them."""
    found: list[str] = []
    complain = _into(found)
    IN_MESSAGES(blocks, "/blocks", complain)
    if not found:
        _names_are_unique(blocks, "/blocks", complain)
        if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > MARKDOWN_TOTAL:
            complain("/blocks", f"markdown must be less than {MARKDOWN_TOTAL + 1} characters in total")
    return found


def view_complaints(view: Any) -> list[str]:
    """What Slack would say about this window; empty when it takes it."""
    found: list[str] = []
    complain = _into(found)
    VIEWS(view, "/view", complain)
    if not found:
        _names_are_unique(view["blocks"], "/view/blocks", complain)
        if any(block["type"] == "input" for block in view["blocks"]) and "submit" not in view and view["type"] == "modal":
            complain("/view", "missing required field: submit")
    return found


def too_long(blocks: list[Json]) -> bool:
    """Whether all blocks together are more than Slack takes in one message (undocumented: about 13,200 characters)."""
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) > BLOCKS_TOTAL


def _into(found: list[str]) -> Complain:
    return lambda at, what: found.append(f"{what} [json-pointer:{at}]")


def elements(block: Json) -> list[Json]:
    """The elements of a block that can be pressed, chosen or filled in."""
    inside = block.get("elements", []) if block["type"] == "actions" else [block.get("accessory"), block.get("element")]
    return [each for each in inside if each and each["type"] != "image"]


def _names_are_unique(blocks: list[Json], at: str, complain: Complain) -> None:
    seen: set[str] = set()
    for place, block in enumerate(blocks):
        name = block.get("block_id")
        if name in seen:
            complain(f"{at}/{place}/block_id", f"`block_id` {name} already exists for another block")
        if name:
            seen.add(name)
        actions = [each["action_id"] for each in elements(block) if "action_id" in each]
        for action in {each for each in actions if actions.count(each) > 1}:
            complain(f"{at}/{place}", f"`action_id` {action} already exists for another element")
