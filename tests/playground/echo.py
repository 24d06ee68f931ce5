"""A tiny app, as anybody would write it with Bolt: it repeats what it hears, and has a button, a command, a shortcut and a window."""

import logging
import re
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import StandIn

Json = dict[str, Any]

MANIFEST: Json = {
    "display_information": {"name": "Echo", "description": "Repeats what it hears"},
    "features": {
        "bot_user": {"display_name": "Echo"},
        "slash_commands": [{"command": "/echo", "description": "Repeat it to me", "usage_hint": "[words]", "should_escape": True}],
        "shortcuts": [{"name": "Repeat this", "type": "message", "callback_id": "repeat", "description": "Repeat a message in a window"}],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                "app_mentions:read",
                "channels:history",
                "groups:history",
                "im:history",
                "chat:write",
                "commands",
                "channels:read",
                "users:read",
                "reactions:write",
                "team:read",
                "im:write",
            ]
        }
    },
    "settings": {
        "event_subscriptions": {"bot_events": ["message.channels", "message.groups", "message.im", "app_mention"]},
        "interactivity": {"is_enabled": True},
        "socket_mode_enabled": True,
    },
}

BUTTONS: list[Json] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*Again?*"}},
    {
        "type": "actions",
        "block_id": "row",
        "elements": [
            {"type": "button", "action_id": "again", "text": {"type": "plain_text", "text": "Again"}, "value": "one", "style": "primary"},
            {"type": "button", "action_id": "stop", "text": {"type": "plain_text", "text": "Stop"}},
        ],
    },
]

WINDOW: Json = {
    "type": "modal",
    "callback_id": "repeat_window",
    "title": {"type": "plain_text", "text": "Repeat"},
    "submit": {"type": "plain_text", "text": "Send"},
    "private_metadata": "kept",
    "blocks": [
        {
            "type": "input",
            "block_id": "words",
            "label": {"type": "plain_text", "text": "What to repeat"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}


def echo_app(slack: StandIn) -> AsyncApp:
    """The app, pointed at the stand-in by nothing but its base URL."""
    quiet = logging.getLogger("echo")
    quiet.setLevel(logging.WARNING)
    client = AsyncWebClient(
        slack.bot_token,
        base_url=slack.api_url,
        retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=2)],
        logger=quiet,
    )
    app = AsyncApp(client=client, signing_secret=slack.signing_secret, logger=quiet)

    @app.message(re.compile("^say "))
    async def heard(message: Json, say: Any) -> None:
        await say(text=message["text"].removeprefix("say "), thread_ts=message.get("thread_ts", message["ts"]))

    @app.message("buttons")
    async def offer(message: Json, say: Any) -> None:
        await say(text="Again?", blocks=BUTTONS, thread_ts=message["ts"])

    @app.event("app_mention")
    async def mentioned(event: Json, say: Any) -> None:
        await say(text="You called", thread_ts=event["ts"])

    async def pressed(body: Json, client: AsyncWebClient) -> None:
        await client.chat_update(
            channel=body["channel"]["id"], ts=body["message"]["ts"], text=f"{body['user']['name']} pressed {body['actions'][0]['value']}"
        )

    async def commanded(command: Json, respond: Any) -> None:
        await respond(text=command["text"] or "Nothing to repeat")

    async def pointed(body: Json, client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=WINDOW)

    async def nothing() -> None:
        """All was done with the acknowledgement."""

    async def acknowledge(ack: Any) -> None:
        await ack()

    async def submitted(ack: Any, view: Json) -> None:
        words = view["state"]["values"]["words"]["text"]["value"]
        await ack(response_action="errors", errors={"words": "Louder, please"}) if words == "hush" else await ack()

    async def repeated(view: Json, body: Json, client: AsyncWebClient) -> None:
        words = view["state"]["values"]["words"]["text"]["value"]
        if words != "hush":
            await client.chat_postMessage(channel=body["user"]["id"], text=f"{words} ({view['private_metadata']})")

    app.action("again")(ack=acknowledge, lazy=[pressed])
    app.action("stop")(ack=acknowledge, lazy=[nothing])
    app.command("/echo")(ack=acknowledge, lazy=[commanded])
    app.shortcut("repeat")(ack=acknowledge, lazy=[pointed])
    app.view("repeat_window")(ack=submitted, lazy=[repeated])

    @app.event(re.compile(".*"))
    async def everything_else() -> None:
        """Acknowledge what nobody listens to."""

    return app
