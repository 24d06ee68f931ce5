"""What the app asked for: its manifest decides which events, commands and shortcuts it gets, and what it may call."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

EVENT_SCOPES = {
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "app_mention": "app_mentions:read",
    "reaction_added": "reactions:read",
}


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command."""

    name: str
    description: str
    hint: str
    escapes: bool


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A shortcut: in the menu of every message, or global."""

    name: str
    callback_id: str
    description: str
    kind: str


class Manifest:
    """An app manifest, read as Slack reads it."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        features = given.get("features") or {}
        settings = given.get("settings") or {}
        bot = features.get("bot_user") or {}
        self.name: str = bot.get("display_name") or (given.get("display_information") or {}).get("name") or "App"
        self.description: str = (given.get("display_information") or {}).get("description", "")
        self.scopes = frozenset(((given.get("oauth_config") or {}).get("scopes") or {}).get("bot") or ())
        self.events = frozenset((settings.get("event_subscriptions") or {}).get("bot_events") or ())
        self.interactive = bool((settings.get("interactivity") or {}).get("is_enabled"))
        self.commands = {
            each["command"]: Command(
                each["command"], each.get("description", ""), each.get("usage_hint", ""), bool(each.get("should_escape"))
            )
            for each in features.get("slash_commands") or ()
        }
        self.shortcuts = {
            each["callback_id"]: Shortcut(each["name"], each["callback_id"], each.get("description", ""), each["type"])
            for each in features.get("shortcuts") or ()
        }

    def hears(self, event: str) -> bool:
        """Whether the app is sent this event: subscribed, and its scope granted."""
        return event in self.events and (event not in EVENT_SCOPES or EVENT_SCOPES[event] in self.scopes)
