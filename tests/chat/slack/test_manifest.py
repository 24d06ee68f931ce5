"""The manifest asks Slack for exactly what the code uses, in a form that Slack takes."""

import re
from inspect import iscoroutinefunction
from pathlib import Path

import pytest
import yaml
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.slack import events, manifest
from bot.chat.slack.connection import SlackError
from bot.chat.slack.departure import DEPARTURES
from bot.chat.slack.manifest import Manifest, http_manifest, load_manifest, read_manifest

FILE = Path(__file__).parents[3] / "manifest.yml"
EVENT_SCOPES = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "app_uninstalled": "",
    "tokens_revoked": "",
}
"""What Slack's reference says that each event needs; nothing for those that tell us to go."""
READING = {"channels:history", "groups:history", "im:history", "mpim:history"}
METHOD_SCOPES: dict[str, set[str]] = {
    "auth_test": set(),
    "auth_revoke": set(),
    "oauth_v2_access": set(),
    "apps_connections_open": set(),
    "chat_postMessage": {"chat:write"},
    "chat_postEphemeral": {"chat:write"},
    "chat_update": {"chat:write"},
    "chat_delete": {"chat:write"},
    "conversations_history": READING,
    "conversations_replies": READING,
    "views_open": set(),
}
"""What Slack's reference says that each method of the Web API needs of a bot's token."""


@pytest.fixture
def shipped() -> Manifest:
    return load_manifest()


def test_the_first_line_says_whose_manifest_it_is() -> None:
    assert FILE.read_text(encoding="utf-8").startswith("# The manifest of a Slack app")


def test_it_subscribes_to_the_events_that_are_heard(shipped: Manifest) -> None:
    assert set(shipped.settings.event_subscriptions.bot_events) == manifest.EVENTS
    assert {event.partition(".")[0] for event in manifest.EVENTS} == {*events.MESSAGE_EVENTS, *DEPARTURES}


def methods_used() -> set[str]:
    """The methods of the Web API that the adapter's code calls, and Bolt for it when somebody installs it."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in Path(events.__file__).parent.glob("*.py"))
    offered = {name for name, member in vars(AsyncWebClient).items() if iscoroutinefunction(member)}
    return {name for name in offered if re.search(rf"client(\(.*\))?\.{name}\b", code)} | {"oauth_v2_access"}


def test_its_scopes_are_those_that_its_events_and_our_calls_need_and_no_more(shipped: Manifest) -> None:
    needed = ({EVENT_SCOPES[event] for event in manifest.EVENTS} - {""} | {"commands"}).union(
        *(METHOD_SCOPES[call] for call in methods_used())
    )
    assert sorted(shipped.oauth_config.scopes.bot) == sorted(needed)
    assert needed == manifest.SCOPES
    assert methods_used() == set(METHOD_SCOPES)


def test_its_commands_and_shortcuts_are_those_that_are_understood(shipped: Manifest) -> None:
    assert [command.command for command in shipped.features.slash_commands] == list(events.COMMANDS)
    assert all(command.should_escape for command in shipped.features.slash_commands)  # their text is read like that of a message
    assert {shortcut.callback_id for shortcut in shipped.features.shortcuts} == set(events.SHORTCUTS)
    assert {shortcut.type for shortcut in shipped.features.shortcuts} == {"message"}
    assert shipped.settings.interactivity.is_enabled


def test_direct_messages_and_whole_organisations_are_possible(shipped: Manifest) -> None:
    assert shipped.features.app_home.messages_tab_enabled
    assert not shipped.features.app_home.messages_tab_read_only_enabled
    assert shipped.settings.org_deploy_enabled
    assert not shipped.settings.token_rotation_enabled


def test_what_it_prints_is_what_the_file_says(shipped: Manifest) -> None:
    assert shipped.as_slack_reads_it() == yaml.safe_load(FILE.read_text(encoding="utf-8"))


def test_the_one_for_http_differs_by_its_addresses_alone(shipped: Manifest) -> None:
    url = "https://spellout.example.com/slack/events"
    over_http = http_manifest(url).as_slack_reads_it()
    assert over_http["oauth_config"].pop("redirect_urls") == ["https://spellout.example.com/slack/oauth_redirect"]
    assert over_http["settings"].pop("socket_mode_enabled") is False
    assert over_http["settings"]["event_subscriptions"].pop("request_url") == url
    assert over_http["settings"]["interactivity"].pop("request_url") == url
    assert [command.pop("url") for command in over_http["features"]["slash_commands"]] == [url, url]
    plain = shipped.as_slack_reads_it()
    assert plain["settings"].pop("socket_mode_enabled") is True
    assert over_http == plain


@pytest.mark.parametrize("root", ["https://spellout.example.com", "https://example.com/bots/spellout"])
@pytest.mark.parametrize("end", ["", "/", "/slack/events", "/slack/events/"])
def test_whatever_way_the_public_address_is_given_it_gets_our_paths(root: str, end: str) -> None:
    manifest = http_manifest(root + end)
    assert manifest.settings.event_subscriptions.request_url == f"{root}/slack/events"
    assert manifest.oauth_config.redirect_urls == [f"{root}/slack/oauth_redirect"]


@pytest.mark.parametrize(
    "url",
    ["http://spellout.example.com/", "spellout.example.com", "https://", "https://a b/", "https://[::1", "https://a/\n", "https://a/?b=c"],
)
def test_an_address_that_slack_refuses_is_refused_here(url: str) -> None:
    with pytest.raises(SlackError, match="begins with https://"):
        http_manifest(url)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda plain: plain["display_information"].update(name="x" * 36), "display_information.name"),
        (lambda plain: plain["display_information"].update(long_description="short"), "display_information.long_description"),
        (lambda plain: plain["features"]["shortcuts"][0].update(name="Choose an operating model"), "features.shortcuts.0.name"),
        (lambda plain: plain["features"]["slash_commands"][0].update(command="spellout"), "features.slash_commands.0.command"),
        (lambda plain: plain["settings"].update(socket_mode=True), "settings.socket_mode"),
        (lambda plain: plain.pop("oauth_config"), "oauth_config"),
    ],
)
def test_what_slack_would_refuse_is_told_with_its_place(shipped: Manifest, change: object, place: str) -> None:
    plain = shipped.as_slack_reads_it()
    change(plain)  # type: ignore[operator]
    with pytest.raises(SlackError, match=rf"mine\.yml: {place}: "):
        read_manifest(yaml.safe_dump(plain), "mine.yml")


def test_what_is_not_yaml_is_told() -> None:
    with pytest.raises(SlackError, match=r"mine\.yml is not YAML"):
        read_manifest("a: [", "mine.yml")
