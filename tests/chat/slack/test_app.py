"""The traps of Slack, each with the real Bolt, over Socket Mode and over signed HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.chat.slack.app import Pace
from bot.chat.slack.manifest import load_manifest
from bot.core.memory import Memory
from bot.core.messages import Choice, Choices, Commanded, Deleted, Event, Place, Pointed, Pressed, Reply, Said
from bot.core.turn import Decision
from bot.playground import Patience, StandIn
from bot.ports import Stepped, StoreError
from bot.service import Service
from bot.store import SqlStore
from tests.chat.slack.conftest import AT_ONCE, CHANNEL, Connected, Transport, connect, outgoing, place, reply
from tests.chat.slack.test_events import NAMES, payload
from tests.service_stage import Rules

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


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_slow_work_does_not_delay_the_acknowledgement(slack: StandIn, transport: Transport) -> None:
    assert Pace().acknowledge < Patience().acknowledged_within
    working, done = asyncio.Event(), asyncio.Event()

    async def take_long(event: Event) -> Stepped:
        working.set()
        await done.wait()
        return Stepped(new=True)

    async with connect(slack, transport, pace=Pace(acknowledge=0.05)) as at:
        at.notes.then = take_long
        answer = await slack.people.command("maya", CHANNEL, "/spellout RPO")
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

        service = Service(store, at.chat.sender, Rules(decide))
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
        await at.slack.until(lambda: len(at.heard) >= 3)
        await at.rest()
        assert paused[:1] == [0.5]
        assert not at.tries[0], "what was not saved was acknowledged"
        assert at.tries[-1], "what was saved at last was not acknowledged"


@asynccontextmanager
async def broken(slack: StandIn) -> AsyncIterator[Connected]:
    """The adapter before a store that never works; no time passes between the attempts."""

    async def pause(seconds: float) -> None:
        """No time passes."""

    async def fail(event: Event) -> Stepped:
        raise StoreError("The disk is full.")

    async with connect(slack, "http", pace=Pace(store=(1, 1), pause=pause)) as at:
        at.notes.then = fail
        yield at


async def test_a_store_that_stays_broken_ends_the_attempts(slack: StandIn) -> None:
    async with broken(slack) as at:
        await slack.people.say("maya", CHANNEL, "An RPO?")
        await at.rest()
        assert not any(at.tries), "what was not saved was acknowledged"
        assert len(at.heard) == 3 * len(at.tries), "each delivery is tried three times"
        assert not slack.faults.made("response_url")


@pytest.mark.parametrize(
    ("way", "name"),
    [
        ("slash_commands", "command"),
        ("slash_commands", "command_in_direct"),
        ("interactive", "press_on_head"),
        ("interactive", "shortcut_explain"),
    ],
)
async def test_who_did_what_no_store_ever_took_is_told_so_without_the_store(slack: StandIn, way: Any, name: str) -> None:
    link = slack.api_url.replace("/api/", "/answer/") + slack._tickets.link("U0MAYA", "C0VENDOR")
    async with broken(slack) as at:
        before = len(slack.faults.calls)
        assert (await slack.dispatcher.ask(way, {**payload(name), "response_url": link})).ok
        await at.rest()
        assert [whisper.text for whisper in slack.workspace.whispers("U0MAYA")] == ["That was not saved."]
        assert [call.method for call in slack.faults.calls][before:] == ["response_url"]


async def test_where_even_that_cannot_be_said_the_log_says_so(slack: StandIn) -> None:
    async with broken(slack) as at:
        slack.faults.refuse("response_url", status=404)
        with capture_logs() as log:
            await slack.people.command("maya", CHANNEL, "/spellout KPO")
            await at.rest()
    assert [line["event"] for line in log if line["event"] in ("event_lost", "loss_not_told")] == ["event_lost", "loss_not_told"]


# --------------------------------------------------------------------------- silence


async def test_joins_bots_and_our_own_words_edits_and_deletions_are_not_heard(at: Connected) -> None:
    at.slack.workspace.join(at.slack.workspace.channel(CHANNEL), "U0PRIYA")
    at.slack.workspace.edit(await at.slack.people.say("maya", CHANNEL, "An offer"), "An offer", None, marked=False)
    ours = await at.chat.sender.send(outgoing(place("new-2"), reply("An RPO?"), thread=None))
    await at.chat.sender.send(outgoing(place("new-2"), reply("A BPO?"), thread=None, message=ours))
    await at.chat.sender.send(outgoing(place("new-2"), Reply((), "Taken back.", slot="a", gone=True), message=ours))
    await at.chat.sender.send(outgoing(place("dm", "D0MAYA"), reply("An RPO, you said?")))
    await at.chat.sender.send(outgoing(place("new-1"), reply("An RPO, you said?"), thread=None))
    await at.rest()
    assert [event.text for event in at.heard if isinstance(event, Said)] == ["An offer"]
    assert len(at.heard) == 1
    assert all(at.tries)


# --------------------------------------------------------------------------- edits and deletions


async def test_an_edit_is_heard_in_its_thread_and_in_its_new_words(at: Connected) -> None:
    head = await at.slack.people.say("maya", CHANNEL, "Who fills the roles?")
    answer = await at.slack.people.say("jonas", CHANNEL, "An offer", thread=head)
    await at.slack.people.edit("jonas", answer, "An RPO offer")
    await at.rest()
    first, edited = at.heard[-2:]
    assert isinstance(first, Said)
    assert isinstance(edited, Said)
    assert (edited.place, edited.message, edited.text) == (place(head.ts), answer.ts, "An RPO offer")
    assert (edited.edited, edited.reply, edited.person) == (True, True, "U0JONAS")
    assert not set(first.marks) & set(edited.marks)


@pytest.mark.parametrize("name", ["edit", "delete"])
async def test_what_is_edited_or_deleted_once_is_taken_once_after_its_message(name: str, slack: StandIn) -> None:
    async with connect(slack, "http") as at:
        store = SqlStore.open("sqlite://")
        taken: list[str] = []

        def decide(event: Event, where: Place, memory: Memory, now: int) -> Decision:
            taken.append(type(event).__name__)
            return Decision(memory)

        service = Service(store, at.chat.sender, Rules(decide))
        await service.start()
        at.notes.then = service.hear
        for delivered in ("message", "message", name, name):
            await at.deliver(payload(delivered))
        assert taken == ["Said", "Said" if name == "edit" else "Deleted"]
        await service.stop(1)
        store.close()


async def test_a_deletion_is_heard_be_it_of_a_message_or_of_a_thread_s_head(at: Connected) -> None:
    alone = await at.slack.people.say("maya", CHANNEL, "An RPO?")
    await at.slack.people.delete("maya", alone)
    head = await at.slack.people.say("maya", CHANNEL, "An RPO?")
    answer = await at.slack.people.say("jonas", CHANNEL, "A good one", thread=head)
    await at.slack.people.delete("maya", head)
    await at.slack.people.delete("jonas", answer)
    await at.rest()
    gone = [(event.place, event.message, event.person) for event in at.heard if isinstance(event, Deleted)]
    assert gone == [
        (place(alone.ts), alone.ts, "U0MAYA"),
        (place(head.ts), head.ts, "U0MAYA"),
        (place(head.ts), answer.ts, "U0JONAS"),
    ]
