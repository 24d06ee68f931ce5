"""The app manifest: read, checked against Slack's limits, and its variant for HTTP."""

from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bot.chat.slack.connection import SlackError
from bot.chat.slack.departure import DEPARTURES
from bot.chat.slack.door import EVENTS_PATH

EVENTS: Final = frozenset({"app_mention", "message.channels", "message.groups", "message.im", "message.mpim", *DEPARTURES})
"""The events that the adapter hears."""
SCOPES: Final = frozenset(
    {"app_mentions:read", "channels:history", "groups:history", "im:history", "mpim:history"}  # each for one of the events of messages
    | {"chat:write"}  # chat.postMessage, chat.update, chat.postEphemeral
    | {"commands"}  # the slash command and the shortcuts
)
"""The scopes that hearing those and answering needs; views.open needs none."""

REDIRECT_PATH: Final = "/slack/oauth_redirect"
"""Where Slack sends people back to who allowed the app."""

_PACKAGE = Path(__file__).resolve().parents[2]
_PLACES = (_PACKAGE / "_manifest.yml", _PACKAGE.parent / "manifest.yml")

Name = Annotated[str, StringConstraints(min_length=1, max_length=35)]
Described = Annotated[str, StringConstraints(min_length=1, max_length=140)]


class Part(BaseModel):
    """A part of the manifest: keys that Slack does not know are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Metadata(Part):
    """Which version of the manifest's language it is written in."""

    major_version: Literal[1]
    minor_version: int


class Display(Part):
    """How the app is shown in Slack's directory."""

    name: Name
    description: Described
    background_color: Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
    long_description: Annotated[str, StringConstraints(min_length=175, max_length=4000)]


class AppHome(Part):
    """The tabs of the conversation with the app."""

    home_tab_enabled: bool
    messages_tab_enabled: bool
    messages_tab_read_only_enabled: bool


class BotUser(Part):
    """The name that the app goes by in channels."""

    display_name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._ -]{1,80}$")]
    always_online: bool


class SlashCommand(Part):
    """A slash command."""

    command: Annotated[str, StringConstraints(pattern=r"^/[a-z0-9_-]{1,31}$")]
    description: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    usage_hint: Annotated[str, StringConstraints(max_length=1000)]
    should_escape: bool
    url: str | None = None


class Shortcut(Part):
    """A shortcut, in the menu of a message or of the whole workspace."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=24)]
    type: Literal["message", "global"]
    callback_id: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    description: Annotated[str, StringConstraints(min_length=1, max_length=150)]


class Features(Part):
    """What people see of the app."""

    app_home: AppHome
    bot_user: BotUser
    slash_commands: Annotated[list[SlashCommand], Field(max_length=50)]
    shortcuts: Annotated[list[Shortcut], Field(max_length=10)]


class Scopes(Part):
    """What the bot may do."""

    bot: Annotated[list[str], Field(min_length=1, max_length=255)]


class OAuthConfig(Part):
    """What a workspace grants on installing the app."""

    redirect_urls: list[str] | None = None
    scopes: Scopes


class EventSubscriptions(Part):
    """What Slack tells the app."""

    bot_events: Annotated[list[str], Field(max_length=100)]
    request_url: str | None = None


class Interactivity(Part):
    """Whether buttons, windows and shortcuts reach the app."""

    is_enabled: bool
    request_url: str | None = None


class Switches(Part):
    """How the app is connected."""

    event_subscriptions: EventSubscriptions
    interactivity: Interactivity
    org_deploy_enabled: bool
    socket_mode_enabled: bool
    token_rotation_enabled: bool


class Manifest(Part):
    """A whole manifest."""

    metadata: Annotated[Metadata, Field(alias="_metadata")]
    display_information: Display
    features: Features
    oauth_config: OAuthConfig
    settings: Switches

    def as_slack_reads_it(self) -> dict[str, Any]:
        """The same as plain data, to be written as JSON or YAML."""
        return self.model_dump(by_alias=True, exclude_none=True)


def load_manifest() -> Manifest:
    """The manifest that ships: from the wheel, or from the checkout."""
    for place in _PLACES:
        if place.is_file():
            return read_manifest(place.read_text(encoding="utf-8"), place.name)
    raise SlackError("manifest.yml is missing: install Spellout again.")


def read_manifest(text: str, name: str) -> Manifest:
    """The manifest in this YAML text; raises SlackError with everything that Slack would refuse."""
    try:
        return Manifest.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise SlackError(f"{name} is not YAML: {error}") from None
    except ValidationError as error:
        mistakes = (f"{name}: {'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors(include_url=False))
        raise SlackError("\n".join(mistakes)) from None


def http_manifest(url: str) -> Manifest:
    """The manifest for HTTP at this public address, such as https://spellout.example.com; Slack sends everything to its /slack/events."""
    try:
        parts = urlsplit(url)
        fit = (
            parts.scheme == "https"
            and bool(parts.hostname)
            and url.isprintable()
            and not (parts.query or parts.fragment)
            and " " not in url
        )
    except ValueError:
        fit = False
    if not fit:
        raise SlackError(
            f"{url!r} is no address that Slack takes: give one that begins with https://, such as https://spellout.example.com."
        )
    root = url.rstrip("/").removesuffix(EVENTS_PATH)
    plain = load_manifest().as_slack_reads_it()
    plain["oauth_config"]["redirect_urls"] = [root + REDIRECT_PATH]
    plain["settings"]["socket_mode_enabled"] = False
    plain["settings"]["event_subscriptions"]["request_url"] = root + EVENTS_PATH
    plain["settings"]["interactivity"]["request_url"] = root + EVENTS_PATH
    for command in plain["features"]["slash_commands"]:
        command["url"] = root + EVENTS_PATH
    return Manifest.model_validate(plain)
