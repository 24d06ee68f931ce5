"""The app hears what its manifest subscribed to, in the shape Slack gives it, and nothing else."""

from typing import Any

import pytest

from bot.playground import Message, StandIn
from bot.playground.choices import NotPossible
from bot.playground.workspace import Channel
from tests.playground.conftest import connected
from tests.playground.echo import BUTTONS, MANIFEST

Json = dict[str, Any]


def heard(slack: StandIn) -> list[Json]:
    """The events that were delivered, oldest first."""
    return [each.attempt.payload["event"] for each in slack.dispatcher.delivered if "event" in each.attempt.payload]


async def test_edits_and_deletions_come_as_hidden_events(over_sockets: StandIn) -> None:
    slack = over_sockets
    message = await slack.people.say("maya", "#talent", "first")
    await slack.people.edit("maya", message, "second")
    await slack.people.delete("maya", message)
    await slack.settled()

    said, changed, deleted = heard(slack)
    assert said["client_msg_id"]
    assert (changed["subtype"], changed["message"]["text"], changed["previous_message"]["text"]) == ("message_changed", "second", "first")
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", message.ts)
    assert "user" not in changed
    assert len({said["ts"], changed["ts"], deleted["ts"]}) == 3


async def test_the_bots_own_messages_are_delivered_to_it_too(over_sockets: StandIn) -> None:
    slack = over_sockets
    message = await slack.people.say("maya", "#talent", "say hello")
    await slack.until(lambda: slack.said("#talent", message.ts))
    await slack.settled()

    own = heard(slack)[-1]
    assert (own["bot_id"], own["user"], own["thread_ts"]) == ("B0SPELLOUT", "U0SPELLOUT", message.ts)


async def test_nothing_is_heard_of_places_without_the_bot_or_of_whispers(over_sockets: StandIn) -> None:
    slack = over_sockets
    slack.workspace.add(Channel("C0QUIET", "quiet", "public", {"U0MAYA"}))
    await slack.people.say("maya", "#quiet", "@Echo are you there?")
    await slack.people.command("maya", "#talent", "/echo for me only")
    await slack.until(lambda: slack.workspace.whispers("U0MAYA"))
    await slack.settled()

    assert heard(slack) == []


@pytest.mark.parametrize(
    ("channel", "kind"), [("#talent", "channel"), ("#sourcing-board", "group"), ("@", "im")], ids=["public", "private", "direct"]
)
async def test_a_message_says_in_which_kind_of_place_it_was_written(over_sockets: StandIn, channel: str, kind: str) -> None:
    await over_sockets.people.say("maya", channel, "hello")
    await over_sockets.settled()

    assert heard(over_sockets)[0]["channel_type"] == kind


async def test_without_the_subscription_or_its_scope_there_is_silence() -> None:
    settings: Json = {**MANIFEST["settings"], "event_subscriptions": {"bot_events": ["message.groups"]}}
    scopes: Json = {"scopes": {"bot": ["channels:history", "chat:write"]}}
    async with StandIn({**MANIFEST, "settings": settings, "oauth_config": scopes}) as slack, connected(slack):
        await slack.people.say("maya", "#talent", "not subscribed")
        await slack.people.say("maya", "#sourcing-board", "no scope")
        await slack.settled()

        assert heard(slack) == []


async def test_without_interactivity_a_button_does_nothing() -> None:
    settings: Json = {**MANIFEST["settings"], "interactivity": {"is_enabled": False}}
    async with StandIn({**MANIFEST, "settings": settings}) as slack, connected(slack):
        message = await slack.people.say("maya", "#talent", "buttons")
        (offer,) = await slack.until(lambda: slack.said("#talent", message.ts))
        shown = slack.workspace.find(message.channel, offer["ts"])
        assert shown

        answer = await slack.people.press("maya", shown, "Again")

    assert answer.why == "This app is not configured to handle interactive responses."


async def test_a_press_carries_message_place_value_and_state(over_sockets: StandIn) -> None:
    slack = over_sockets
    message = await slack.people.say("maya", "#talent", "buttons")
    (offer,) = await slack.until(lambda: slack.said("#talent", message.ts))
    shown = slack.workspace.find(message.channel, offer["ts"])
    assert shown
    await slack.people.press("jonas", shown, "stop")

    payload = slack.dispatcher.delivered[-1].attempt.payload
    (action,) = payload["actions"]
    assert payload["container"] == {
        "type": "message",
        "message_ts": shown.ts,
        "channel_id": "C0TALENT",
        "is_ephemeral": False,
        "thread_ts": message.ts,
    }
    assert payload["user"]["id"] == "U0JONAS"
    assert payload["message"]["blocks"][1]["elements"] == BUTTONS[1]["elements"]
    assert (action["action_id"], action["block_id"], "value" in action) == ("stop", "row", False)
    assert payload["response_url"].startswith(slack.page_url)
    assert payload["trigger_id"]


async def test_a_press_in_a_whisper_carries_no_message(over_sockets: StandIn) -> None:
    slack = over_sockets
    shown = slack.workspace.post(Message("C0TALENT", slack.workspace.now(), "U0SPELLOUT", "psst", BUTTONS, to="U0MAYA"))
    await slack.people.press("maya", shown, "Stop")

    payload = slack.dispatcher.delivered[-1].attempt.payload
    assert payload["container"]["is_ephemeral"]
    assert "message" not in payload
    with pytest.raises(NotPossible, match="only visible to somebody else"):
        await slack.people.press("jonas", shown, "Stop")


async def test_joining_reacting_and_opening_the_app_are_told_where_subscribed() -> None:
    events = {"bot_events": ["member_joined_channel", "reaction_added", "app_home_opened"]}
    settings: Json = {**MANIFEST["settings"], "event_subscriptions": events}
    scopes: Json = {"scopes": {"bot": ["channels:read", "reactions:read"]}}
    async with StandIn({**MANIFEST, "settings": settings, "oauth_config": scopes}) as slack, connected(slack):
        new = Channel("C0NEW", "new", "public", {"U0MAYA"})
        slack.workspace.add(new)
        slack.workspace.join(new, slack.workspace.bot.id)
        message = await slack.people.say("maya", "#new", "welcome")
        slack.workspace.react(message, "eyes", "U0MAYA")
        await slack.people.open_home("maya")
        await slack.settled()

        joined, reacted, opened = heard(slack)
    assert (joined["type"], joined["user"], joined["channel"]) == ("member_joined_channel", "U0SPELLOUT", "C0NEW")
    assert (reacted["type"], reacted["item"]["ts"]) == ("reaction_added", message.ts)
    assert (opened["type"], opened["tab"], opened["channel"]) == ("app_home_opened", "messages", "D0MAYA")


async def test_people_cannot_do_what_is_not_there(slack: StandIn) -> None:
    message = await slack.people.say("maya", "#talent", "hello")

    with pytest.raises(NotPossible, match="nothing to press"):
        await slack.people.press("maya", message, "Again")
    with pytest.raises(NotPossible, match="did not write"):
        await slack.people.edit("jonas", message, "mine now")
    with pytest.raises(NotPossible, match="no message shortcut"):
        await slack.people.shortcut("maya", message, "unknown")
    with pytest.raises(NotPossible, match="No window"):
        await slack.people.submit("maya")
    with pytest.raises(LookupError, match="Nobody here"):
        await slack.people.say("nobody", "#talent", "hello")
    with pytest.raises(LookupError, match="no channel"):
        await slack.people.say("maya", "#nowhere", "hello")
