"""An app that shows every kind of block, for looking at the page and for the page's own test."""

import re
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.playground import StandIn
from tests.playground.echo import MANIFEST as ECHO
from tests.playground.echo import Json, echo_app


def plain(text: str) -> Json:
    """A plain text object."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    """A text object in Slack's markup."""
    return {"type": "mrkdwn", "text": text}


def run(text: str, **style: bool) -> Json:
    """A run of rich text."""
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def option(label: str, value: str, note: str = "") -> Json:
    """An option of a choice."""
    return {"text": plain(label), "value": value, **({"description": plain(note)} if note else {})}


MANIFEST: Json = {
    **ECHO,
    "display_information": {"name": "Spellout", "description": "Spells outsourcing acronyms out"},
    "features": {
        **ECHO["features"],
        "bot_user": {"display_name": "Spellout"},
        "slash_commands": [
            *ECHO["features"]["slash_commands"],
            {"command": "/gallery", "description": "Show every kind of block", "usage_hint": "[window]", "should_escape": True},
        ],
    },
}

GALLERY: list[Json] = [
    {"type": "header", "text": plain("Every kind of block")},
    {
        "type": "section",
        "text": mrkdwn(
            "*Bold*, _italic_, ~gone~, `code`, <https://example.org|a link>, <@U0MAYA>, <#C0TALENT|talent> &amp; &lt;b&gt;no tags&lt;/b&gt;"
        ),
        "accessory": {"type": "button", "action_id": "side", "text": plain("At the side"), "value": "side"},
    },
    {
        "type": "section",
        "fields": [mrkdwn("*Owner*\nMaya"), mrkdwn("*Due*\nThursday"), mrkdwn("*State*\nIn review"), plain("Plain *stars* stay")],
    },
    {"type": "section", "text": mrkdwn("&gt; A quoted line\n&gt; and one more\n```a block\n  of code```")},
    {"type": "context", "elements": [mrkdwn("A small grey line with *weight*"), plain("and a plain one")]},
    {"type": "divider"},
    {
        "type": "actions",
        "block_id": "choose",
        "elements": [
            {"type": "button", "action_id": "first", "text": plain("Primary"), "style": "primary", "value": "1"},
            {"type": "button", "action_id": "second", "text": plain("Plain"), "value": "2"},
            {
                "type": "button",
                "action_id": "third",
                "text": plain("Danger"),
                "style": "danger",
                "value": "3",
                "confirm": {
                    "title": plain("Are you sure?"),
                    "text": plain("It cannot be undone."),
                    "confirm": plain("Yes"),
                    "deny": plain("No"),
                },
            },
            {
                "type": "static_select",
                "action_id": "pick",
                "placeholder": plain("Pick one"),
                "options": [option("Recruitment", "recruitment"), option("Research", "research")],
            },
            {"type": "overflow", "action_id": "more", "options": [option("Copy", "copy"), option("Archive", "archive", "For good")]},
        ],
    },
    {
        "type": "actions",
        "block_id": "radios",
        "elements": [
            {
                "type": "radio_buttons",
                "action_id": "radio",
                "options": [option("A written procedure", "low", "Anybody can follow it"), option("A licensed expert", "high")],
            }
        ],
    },
    {
        "type": "actions",
        "block_id": "checks",
        "elements": [{"type": "checkboxes", "action_id": "check", "options": [option("Voice", "voice"), option("Chat", "chat")]}],
    },
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    run("Rich text with "),
                    run("weight", bold=True),
                    run(", "),
                    run("slant", italic=True),
                    run(", "),
                    run("code", code=True),
                    run(", *stars that stay*, "),
                    {"type": "user", "user_id": "U0JONAS"},
                    run(" in "),
                    {"type": "channel", "channel_id": "C0TALENT"},
                    run(" "),
                    {"type": "emoji", "name": "wave"},
                ],
            },
            {
                "type": "rich_text_list",
                "style": "ordered",
                "elements": [{"type": "rich_text_section", "elements": [run(each)]} for each in ("One", "Two", "Three")],
            },
            {
                "type": "rich_text_list",
                "style": "bullet",
                "indent": 1,
                "elements": [{"type": "rich_text_section", "elements": [run("Below")]}],
            },
            {"type": "rich_text_quote", "elements": [run("A quote")]},
            {"type": "rich_text_preformatted", "elements": [run("x = 1\ny = 2")]},
        ],
    },
    {"type": "image", "image_url": "https://example.org/chart.png", "alt_text": "A chart of three bars", "title": plain("An image")},
    {
        "type": "markdown",
        "text": "### Markdown\n\nWith **weight**, *slant*, `code` and [a link](https://example.org):\n\n- one\n- two\n\n> quoted",
    },
]

QUESTION: list[Json] = [
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    run("RPO", italic=True),
                    run(" can be two things here. "),
                    run("Recruitment process outsourcing", bold=True),
                    run(": someone outside finds and screens your candidates. "),
                    run("Research process outsourcing", bold=True),
                    run(": someone outside does research and analysis. Which do you mean?"),
                ],
            }
        ],
    },
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": f"sense:{at}", "text": plain(label), "value": label}
            for at, label in enumerate(("Recruitment", "Research", "Something else", "Help me choose an operating model"))
        ],
    },
]

WINDOW: Json = {
    "type": "modal",
    "callback_id": "gallery_window",
    "title": plain("How Spellout speaks"),
    "submit": plain("Save"),
    "close": plain("Not now"),
    "blocks": [
        {"type": "section", "text": mrkdwn("These hold for *#vendor-contracts*, and anybody in it can change them.")},
        {
            "type": "input",
            "block_id": "mode",
            "label": plain("When it speaks"),
            "element": {
                "type": "radio_buttons",
                "action_id": "mode",
                "options": [
                    option("When it helps", "helpful", "Asks when a word is undecided"),
                    option("Only when asked", "asked", "Mentions and commands"),
                    option("Never", "off"),
                ],
                "initial_option": option("When it helps", "helpful", "Asks when a word is undecided"),
            },
        },
        {
            "type": "input",
            "block_id": "pause",
            "optional": True,
            "label": plain("Days before it explains a word again"),
            "hint": plain("Empty means: never again."),
            "element": {"type": "number_input", "action_id": "pause", "is_decimal_allowed": False, "initial_value": "30"},
        },
        {
            "type": "input",
            "block_id": "where",
            "label": plain("Where"),
            "element": {
                "type": "static_select",
                "action_id": "where",
                "options": [option("This channel", "here"), option("Everywhere", "all")],
                "initial_option": option("This channel", "here"),
            },
        },
        {
            "type": "input",
            "block_id": "note",
            "optional": True,
            "label": plain("A note for the others"),
            "element": {"type": "plain_text_input", "action_id": "note", "multiline": True, "placeholder": plain("Why you changed it")},
        },
    ],
}


def gallery_app(slack: StandIn) -> AsyncApp:
    """The echo app, and a gallery."""
    app = echo_app(slack)

    async def acknowledge(ack: Any) -> None:
        await ack()

    async def show(command: Json, client: Any, respond: Any) -> None:
        if command["text"] == "window":
            await client.views_open(trigger_id=command["trigger_id"], view=WINDOW)
        else:
            await respond(text="Every kind of block", blocks=GALLERY)

    @app.middleware
    async def first(body: Json, client: Any, next: Any) -> None:
        event = body.get("event", {})
        if event.get("type") == "message" and not event.get("bot_id") and "subtype" not in event:
            if "RPO" in event["text"]:
                await client.chat_postMessage(
                    channel=event["channel"], thread_ts=event["ts"], text="RPO can be two things", blocks=QUESTION
                )
            if "gallery" in event["text"]:
                await client.chat_postMessage(channel=event["channel"], text="Every kind of block", blocks=GALLERY)
        await next()

    app.command("/gallery")(ack=acknowledge, lazy=[show])
    app.view("gallery_window")(acknowledge)
    app.action(re.compile(".*"))(acknowledge)
    return app
