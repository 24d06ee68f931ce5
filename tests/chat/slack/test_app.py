"""The traps of Slack, each with the real Bolt, over Socket Mode and over signed HTTP."""

import asyncio
import hashlib
import hmac
import json
import logging
import time
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from bot.chat.slack.app import Pace, SlackChat
from bot.chat.slack.connection import SlackError
from bot.chat.slack.manifest import load_manifest
from bot.core.memory import Memory
from bot.core.messages import Choice, Choices, Commanded, Event, Place, Pointed, Pressed, Said
from bot.core.turn import Decision
from bot.playground import Patience, StandIn
from bot.ports import Stepped, StoreError
from bot.service import Service
from bot.store import SqlStore
from tests.chat.slack.conftest import AT_ONCE, WORDS, Connected, Notes, connect, make_chat, outgoing, reply
from tests.chat.slack.test_events import NAMES, payload

CHANNEL = "vendor-contracts"


def place(thread: str, channel: str = "C0VENDOR") -> Place:
    """A place in the stand-in's workspace."""
    return Place("slack", "T0NORTHLGT", channel, thread, channel.startswith("D"))


# --------------------------------------------------------------------------- what is heard


async def test_a_message_is_acknowledged_and_heard(at: Connected) -> None:
    message = await at.slack.people.say("maya", CHANNEL, "Should we bring in an RPO?")
    await at.rest()
    (said,) = at.heard
    assert isinstance(said, Said)
    assert (said.place, said.text, said.person, said.addressed) == (place(message.ts), "Should we bring in an RPO?", "U0MAYA", False)
    assert at.tries == [True]


async def test_a_direct_message_is_addressed_to_us(at: Connected) -> None:
    await at.slack.people.say("maya", "@", "what is KPO?")
    await at.rest()
    (said,) = at.heard
    assert isinstance(said, Said)
    assert (said.place, said.addressed) == (place("dm", "D0MAYA"), True)


async def test_a_command_is_answered_where_only_its_person_looks(at: Connected) -> None:
    answer = await at.slack.people.command("maya", CHANNEL, "/spellout RPO & <KPO>")
    await at.rest()
    (commanded,) = at.heard
    assert answer.ok
    assert answer.body is None
    assert isinstance(commanded, Commanded)
    assert commanded.words == "RPO & <KPO>"
    await at.chat.sender.send(
        outgoing(commanded.place, reply("Recruiting", surface="whisper", to="U0MAYA"), answer_url=commanded.answer_url)
    )
    (whisper,) = at.slack.workspace.whispers("U0MAYA")
    assert (whisper.text, whisper.channel) == ("Recruiting", "C0VENDOR")


async def test_a_shortcut_works_inside_a_thread(at: Connected) -> None:
    head = await at.slack.people.say("maya", CHANNEL, "Who fills the roles?")
    answer_in_thread = await at.slack.people.say("jonas", CHANNEL, "An RPO", thread=head)
    await at.slack.people.shortcut("maya", answer_in_thread, "Explain the acronyms")
    await at.rest()
    pointed = at.heard[-1]
    assert isinstance(pointed, Pointed)
    assert (pointed.place, pointed.action, pointed.text) == (place(head.ts), "explain", "An RPO")
    said = outgoing(pointed.place, reply("Recruiting", surface="whisper", to="U0MAYA"), answer_url=pointed.answer_url)
    await at.chat.sender.send(said)
    (whisper,) = at.slack.workspace.whispers("U0MAYA")
    assert whisper.thread_ts == head.ts


async def test_a_press_brings_back_the_choice(at: Connected) -> None:
    head = await at.slack.people.say("maya", CHANNEL, "An RPO?")
    asked = replace(reply("Which one?"), parts=(Choices((Choice("sense:RPO:research", "Research"),)),))
    ts = await at.chat.sender.send(outgoing(place(head.ts), asked))
    message = at.slack.workspace.find("C0VENDOR", ts or "")
    assert message
    await at.slack.people.press("jonas", message, "Research")
    await at.rest()
    pressed = at.heard[-1]
    assert isinstance(pressed, Pressed)
    assert (pressed.place, pressed.person, pressed.choice) == (place(head.ts), "U0JONAS", "sense:RPO:research")


# --------------------------------------------------------------------------- acknowledgement


@pytest.mark.parametrize("name", NAMES)
async def test_every_kind_of_payload_is_acknowledged_at_the_first_delivery(name: str, at: Connected) -> None:
    body = payload(name)
    kind = "events_api" if body.get("type") == "event_callback" else "slash_commands" if "command" in body else "interactive"
    if kind == "events_api":
        await at.deliver(body)
    else:
        await at.slack.dispatcher.ask(kind, body)  # type: ignore[arg-type]
        await at.rest()
    assert at.tries == [True]


@pytest.mark.parametrize(
    "body",
    [
        {"type": "event_callback", "team_id": "T0HOME", "event": "no mapping"},
        {"type": "event_callback", "team_id": "T0HOME", "event": {"type": ["message"], "channel": {}, "user": 7}},
        {"type": "event_callback", "authorizations": [7], "event": {"type": "message"}},
        {"type": "event_callback", "enterprise": 5, "event": {}},
        {"type": 9},
        {},
    ],
)
async def test_a_payload_that_bolt_stumbles_over_is_acknowledged_too(at: Connected, body: dict[str, Any]) -> None:
    answer = await at.slack.dispatcher.ask("interactive", body)
    assert answer.ok or at.transport == "http"  # where it may be told that it is malformed
    assert at.heard == []


async def test_a_failure_right_after_the_acknowledgement_does_not_take_it_back(at: Connected) -> None:
    async def fail(event: Event) -> Stepped:
        raise RuntimeError("at once, before anything else could run")

    at.notes.then = fail
    answer = await at.slack.people.command("maya", CHANNEL, "/spellout RPO")
    await at.slack.people.say("maya", CHANNEL, "An RPO?")
    await at.rest()
    assert answer.ok
    assert at.tries == [True, True]


async def test_slow_work_does_not_delay_the_acknowledgement(at: Connected) -> None:
    working, done = asyncio.Event(), asyncio.Event()

    async def take_long(event: Event) -> Stepped:
        working.set()
        await done.wait()
        return Stepped(new=True)

    at.notes.then = take_long
    answer = await at.slack.people.command("maya", CHANNEL, "/spellout RPO")
    assert answer.ok
    await working.wait()
    done.set()
    await at.rest()


async def test_an_unknown_choice_list_gets_an_empty_answer(at: Connected) -> None:
    answer = await at.slack.dispatcher.ask("interactive", payload("silent_suggestion"))
    assert answer.body == {"options": []}


# --------------------------------------------------------------------------- once, and not too rarely


async def test_a_repeated_delivery_is_heard_like_the_first_since_it_may_be_the_only_one(at: Connected) -> None:
    body = payload("message")
    await at.deliver(body)
    await at.deliver(body)
    assert len(at.heard) == 2
    assert at.heard[0].marks == at.heard[1].marks


async def test_an_event_from_a_time_without_a_socket_comes_as_a_repeat_and_is_heard(slack: StandIn) -> None:
    await slack.people.say("maya", CHANNEL, "An RPO?")
    with capture_logs() as log:
        async with connect(slack, "socket") as at:
            await at.rest()
    assert [(line["number"], line["reason"]) for line in log if line["event"] == "delivered_again"] == [("1", "timeout")]
    assert len(at.heard) == 1


async def test_one_message_gets_one_reply_however_often_and_by_whatever_event_it_comes() -> None:
    manifest = load_manifest().as_slack_reads_it()
    async with StandIn(manifest, patience=Patience(0.2, AT_ONCE)) as slack, connect(slack, "socket") as at:
        store = SqlStore.open("sqlite://")

        def decide(event: Event, where: Place, memory: Memory, now: int) -> Decision:
            return Decision(memory, (reply("Knowledge process outsourcing"),), "said")

        service = Service(store, at.chat.sender, decide)
        await service.start()
        at.notes.then = service.hear
        slack.sockets.lose_acks(2)
        message = await slack.people.say("maya", CHANNEL, "@Spellout what is KPO?")
        await at.rest()
        await service.idle()
        assert len(at.heard) == 4
        assert [said["text"] for said in slack.said(CHANNEL, message.ts)] == ["Knowledge process outsourcing"]
        await service.stop(1)
        store.close()


async def test_a_store_that_fails_for_a_moment_gets_the_event_again(slack: StandIn) -> None:
    paused: list[float] = []

    async def pause(seconds: float) -> None:
        paused.append(seconds)

    async with connect(slack, "http", pace=Pace(store=(0.5, 2), pause=pause)) as at:

        async def fail_twice(event: Event) -> Stepped:
            if len(at.heard) < 3:
                raise StoreError("The disk is full.")
            return Stepped(new=True)

        at.notes.then = fail_twice
        await slack.people.say("maya", CHANNEL, "An RPO?")
        await at.rest()
        assert len(at.heard) == 3
        assert paused == [0.5, 2]


async def test_a_store_that_stays_broken_ends_the_attempts(slack: StandIn) -> None:
    async def pause(seconds: float) -> None:
        """No time passes."""

    async def fail(event: Event) -> Stepped:
        raise StoreError("The disk is full.")

    async with connect(slack, "http", pace=Pace(store=(1, 1), pause=pause)) as at:
        at.notes.then = fail
        await slack.people.say("maya", CHANNEL, "An RPO?")
        await at.rest()
        assert len(at.heard) == 3


# --------------------------------------------------------------------------- silence


async def test_edits_deletions_joins_bots_and_our_own_words_are_not_heard(at: Connected) -> None:
    message = await at.slack.people.say("maya", CHANNEL, "An offer")
    await at.slack.people.edit("maya", message, "An RPO offer")
    await at.slack.people.delete("maya", message)
    await at.chat.sender.send(outgoing(place("dm", "D0MAYA"), reply("An RPO, you said?")))
    await at.chat.sender.send(outgoing(place("new-1"), reply("An RPO, you said?"), thread=None))
    await at.rest()
    assert [event.text for event in at.heard if isinstance(event, Said)] == ["An offer"]
    assert all(at.tries)


# --------------------------------------------------------------------------- windows


async def test_a_window_opens_at_once_with_the_trigger_of_the_press(at: Connected) -> None:
    brief = reply("All twelve fields", surface="window", to="U0MAYA", title="Full brief")

    async def show(event: Event) -> Stepped:
        return Stepped(new=True, windows=(brief,))

    at.notes.then = show
    await at.slack.people.command("maya", CHANNEL, "/spellout choose")
    await at.rest()
    window = at.slack.people.window("maya")
    assert window
    assert window.content["title"]["text"] == "Full brief"
    assert window.content["close"]["text"] == "Close"


async def test_what_a_window_would_show_is_whispered_when_it_cannot_open(at: Connected) -> None:
    async def show(event: Event) -> Stepped:
        return Stepped(new=True, windows=(reply("All twelve fields", surface="window", title="Full brief"),))

    at.notes.then = show
    at.slack.faults.error("views.open", "expired_trigger_id")
    await at.slack.people.command("maya", CHANNEL, "/spellout choose")
    await at.rest()
    assert at.slack.people.window("maya") is None
    assert [whisper.text for whisper in at.slack.workspace.whispers("U0MAYA")] == ["All twelve fields"]


# --------------------------------------------------------------------------- the HTTP door


def signed(secret: str, body: str, at: int | None = None) -> dict[str, str]:
    """The headers of a request that Slack signed."""
    stamp = str(int(time.time()) if at is None else at)
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}", "Content-Type": "application/json"}


async def post(at: Connected, body: str | bytes, headers: dict[str, str], path: str = "/slack/events") -> int:
    async with ClientSession() as session, session.post(at.url + path, data=body, headers=headers) as response:
        return response.status


async def test_only_what_slack_signed_just_now_comes_in(slack: StandIn) -> None:
    body = json.dumps(payload("message"))
    async with connect(slack, "http") as at:
        assert await post(at, body, {"Content-Type": "application/json"}) == 401
        assert await post(at, body, signed("another secret", body)) == 401
        assert await post(at, body + " ", signed(slack.signing_secret, body)) == 401
        assert await post(at, body, signed(slack.signing_secret, body, int(time.time()) - 301)) == 401
        assert await post(at, body, {**signed(slack.signing_secret, body), "X-Slack-Request-Timestamp": "soon"}) == 401
        assert await post(at, body, {**signed(slack.signing_secret, body), "X-Slack-Signature": "v0=\u00e9"}) == 401
        assert await post(at, f"ssl_check=1&payload={body}", {"Content-Type": "application/x-www-form-urlencoded"}) == 401
        assert await post(at, "ssl_check=1&token=old", {"Content-Type": "application/x-www-form-urlencoded"}) == 200
        await at.rest()
        assert at.heard == []
        assert await post(at, body, signed(slack.signing_secret, body)) == 200
        await at.rest()
        assert len(at.heard) == 1


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{", b"[]", b'"x"', b"[" * 5_000, b"{" * 5_000, b"payload=%7B", b"payload=7", b""])
async def test_malformed_requests_are_refused_without_a_trace(slack: StandIn, body: bytes) -> None:
    async with connect(slack, "http") as at:
        assert await post(at, body, {"Content-Type": "application/json"}) in (400, 401)
        assert await post(at, body, {"Content-Type": "application/x-www-form-urlencoded; charset=nonsense"}) in (400, 401)


async def test_requests_wait_at_slack_while_we_are_not_ready(slack: StandIn) -> None:
    body = json.dumps(payload("message"))
    async with connect(slack, "http") as at:
        await at.chat.stop()
        assert await post(at, body, signed(slack.signing_secret, body)) == 503
        assert at.heard == []


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_the_health_check_tells_whether_we_listen(slack: StandIn, transport: Any) -> None:
    async with connect(slack, transport) as at, ClientSession() as session:
        async with session.get(at.url + "/healthz") as response:
            assert (response.status, await response.json()) == (200, {"ok": True})
        await at.chat.stop()
        async with session.get(at.url + "/healthz") as response:
            assert (response.status, await response.json()) == (503, {"ok": False})


async def test_without_a_signing_secret_there_is_no_door(slack: StandIn) -> None:
    async with connect(slack, "socket") as at:
        assert await post(at, "{}", {}) == 404


# --------------------------------------------------------------------------- starting and stopping


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
