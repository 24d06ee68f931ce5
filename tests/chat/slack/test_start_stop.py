"""From start to stop: who we are, who may not be sent our token, and that nothing taken is dropped."""

import asyncio
import logging
from typing import Any

import pytest

from bot.chat.slack.app import Pace, SlackChat
from bot.chat.slack.connection import SlackError
from bot.core.messages import Event
from bot.playground import StandIn
from bot.ports import Stepped
from tests.chat.notes import Notes
from tests.chat.slack.conftest import CHANNEL, WORDS, Connected, make_chat, outgoing, place, reply


async def test_a_stop_waits_for_what_was_taken(at: Connected) -> None:
    working, done, finished = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def take_long(event: Event) -> Stepped:
        working.set()
        await done.wait()
        finished.set()
        return Stepped(new=True)

    at.notes.then = take_long
    await at.slack.people.say("maya", CHANNEL, "An RPO?")
    await working.wait()
    stopping = asyncio.create_task(at.chat.stop())
    done.set()
    await stopping
    assert finished.is_set()


async def test_a_stop_does_not_wait_for_ever(at: Connected) -> None:
    working = asyncio.Event()

    async def never_end(event: Event) -> Stepped:
        working.set()
        await asyncio.Event().wait()
        raise AssertionError

    at.notes.then = never_end
    await at.slack.people.say("maya", CHANNEL, "An RPO?")
    await working.wait()
    await at.chat.stop(0)
    await at.chat.rest()


@pytest.mark.parametrize(
    ("code", "transport", "method", "setting"),
    [
        ("invalid_auth", "http", "auth.test", "SLACK_BOT_TOKEN"),
        ("account_inactive", "http", "auth.test", "SLACK_BOT_TOKEN"),
        ("invalid_auth", "socket", "apps.connections.open", "SLACK_APP_TOKEN"),
        ("not_allowed_token_type", "socket", "apps.connections.open", "SLACK_APP_TOKEN"),
    ],
)
async def test_a_refused_token_is_told_in_one_sentence(slack: StandIn, code: str, transport: Any, method: str, setting: str) -> None:
    slack.faults.error(method, code)
    with pytest.raises(SlackError, match=rf"{setting} \({code}\): copy it again"):
        await make_chat(slack, transport).start(Notes().hear)


async def test_a_persons_token_is_told_from_a_bots(slack: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slack.workspace, "bot_id", None)
    with pytest.raises(SlackError, match="xoxb-"):
        await make_chat(slack, "http").start(Notes().hear)


@pytest.mark.parametrize("fault", ["drop", "refuse", "busy"])
async def test_a_slack_that_cannot_be_reached_is_waited_for(slack: StandIn, fault: str) -> None:
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    if fault == "drop":
        slack.faults.drop("auth.test", 6)
    else:
        slack.faults.refuse("auth.test", 3, status=503 if fault == "refuse" else 429, retry_after=7)
    chat = make_chat(slack, "http", pace=Pace(pause=pause))
    await chat.start(Notes().hear)
    assert await chat.connected()
    assert waited == ([7, 7, 7] if fault == "busy" else [1, 2, 5])
    await chat.stop()
    await chat.close()


def test_a_token_goes_nowhere_but_to_slack_and_to_this_machine() -> None:
    def chat(url: str, allow: bool = False) -> SlackChat:
        return SlackChat(bot_token="xoxb-1", app_token="xapp-1", words=WORDS, api_url=url, allow_any_url=allow)

    chat("https://slack.com/api/")
    chat("http://127.0.0.1:1/api/")
    chat("https://proxy.example/api/", allow=True)
    with pytest.raises(SlackError, match="SLACK_API_URL"):
        chat("https://proxy.example/api/")
    with pytest.raises(SlackError, match="SLACK_API_URL"):
        chat("file:///etc/passwd", allow=True)


def test_without_any_way_to_listen_the_two_settings_are_named() -> None:
    with pytest.raises(SlackError, match=r"SLACK_APP_TOKEN.*SLACK_SIGNING_SECRET"):
        SlackChat(bot_token="xoxb-1", words=WORDS)


async def test_nothing_that_people_write_is_logged_even_when_everything_is(at: Connected, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger().setLevel(logging.DEBUG)
        await at.slack.people.say("maya", CHANNEL, "a very secret RPO")
        await at.slack.people.command("maya", CHANNEL, "/spellout a very secret RPO")
        await at.chat.sender.send(outgoing(place("dm", "D0MAYA"), reply("a very secret answer")))
        await at.rest()
    ours = [record for record in caplog.records if not record.name.startswith(("aiohttp", "asyncio"))]
    assert "very secret" not in "\n".join(record.getMessage() for record in ours)
    assert at.slack.bot_token not in caplog.text
