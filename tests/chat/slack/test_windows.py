"""Windows, with the real Bolt, over Socket Mode and signed HTTP: opened while the trigger lives, and not trusted when they return."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from bot.core.brain import Brain
from bot.core.messages import Choice, Event, Field, Reply, Submitted
from bot.core.rulebook import Rulebook
from bot.pacing import Pace
from bot.playground import StandIn
from bot.ports import Stepped
from bot.service import Service
from bot.store import SqlStore
from tests.chat.slack.conftest import CHANNEL, MANIFEST, Connected, Transport, connect, reply
from tests.chat.slack.test_events import payload

BRIEF = reply("All twelve fields", surface="window", to="U0MAYA", title="Full brief")
SETTINGS = Reply(
    (Field("mode", "How much?", (Choice("on", "On"), Choice("off", "Off")), ("on",)),),
    "Settings",
    surface="window",
    to="U0MAYA",
    title="Settings",
    window="settings",
    submit="Save",
)


def showing(window: Reply) -> Callable[[Event], Awaitable[Stepped]]:
    """A service that answers everything with this window."""

    async def show(event: Event) -> Stepped:
        return Stepped(new=True, windows=(window,))

    return show


def whispers(at: Connected) -> list[str]:
    """What only Maya sees."""
    return [whisper.text for whisper in at.slack.workspace.whispers("U0MAYA")]


# --------------------------------------------------------------------------- opening


async def test_a_window_opens_at_once_with_the_trigger_of_the_press(at: Connected) -> None:
    at.notes.then = showing(BRIEF)
    await at.slack.people.command("maya", CHANNEL, "/spellout choose")
    await at.rest()
    window = at.slack.people.window("maya")
    assert window
    assert window.content["title"]["text"] == "Full brief"
    assert window.content["close"]["text"] == "Close"


async def test_what_a_window_would_show_is_whispered_when_it_cannot_open(at: Connected) -> None:
    at.notes.then = showing(BRIEF)
    at.slack.faults.error("views.open", "expired_trigger_id")
    await at.slack.people.command("maya", CHANNEL, "/spellout choose")
    await at.rest()
    assert at.slack.people.window("maya") is None
    assert whispers(at) == ["All twelve fields"]


@pytest.mark.parametrize("code", ["expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id", "view_too_large"])
async def test_a_window_to_fill_in_that_cannot_open_is_told_so_since_no_message_can_hold_its_fields(at: Connected, code: str) -> None:
    at.notes.then = showing(SETTINGS)
    at.slack.faults.error("views.open", code)
    await at.slack.people.command("maya", CHANNEL, "/spellout settings")
    await at.rest()
    assert at.slack.people.window("maya") is None
    assert whispers(at) == ["That came too late."]


async def test_slack_being_busy_is_told_too_since_the_trigger_dies_meanwhile(at: Connected) -> None:
    at.notes.then = showing(SETTINGS)
    at.slack.faults.refuse("views.open")
    await at.slack.people.command("maya", CHANNEL, "/spellout settings")
    await at.rest()
    assert whispers(at) == ["That came too late."]


# --------------------------------------------------------------------------- sending off


async def test_a_window_that_is_sent_off_closes_and_brings_what_was_chosen(at: Connected) -> None:
    at.notes.then = showing(SETTINGS)
    await at.slack.people.command("maya", CHANNEL, "/spellout settings")
    await at.rest()
    at.notes.then = None
    await at.slack.people.fill("maya", "spellout:mode", "Off")
    assert await at.slack.people.submit("maya") == {}
    await at.rest()
    assert at.slack.people.window("maya") is None
    submitted = at.heard[-1]
    assert isinstance(submitted, Submitted)
    assert (submitted.place, submitted.person, submitted.window) == (at.heard[0].place, "U0MAYA", "settings")
    assert (submitted.values, submitted.offered, submitted.outsider) == ({"mode": ("off",)}, {"mode": ("on", "off")}, False)


STRANGE: list[tuple[str, Any]] = [
    ("callback_id", "spellout:"),
    ("callback_id", "spellout:a b"),
    ("callback_id", "other:settings"),
    ("callback_id", None),
    ("private_metadata", ""),
    ("private_metadata", '{"channel": "C0VENDOR"}'),
    ("private_metadata", "C0VENDOR:../../etc"),
    ("private_metadata", "C" * 3_000),
    ("private_metadata", 7),
]


@pytest.mark.parametrize(("key", "value"), STRANGE)
async def test_a_window_that_is_none_of_ours_is_acknowledged_and_changes_nothing(at: Connected, key: str, value: Any) -> None:
    body = deepcopy(payload("window_submitted"))
    body["view"][key] = value
    answer = await at.slack.dispatcher.ask("interactive", body)
    await at.rest()
    assert (answer.ok, answer.body) == (True, None)
    assert at.heard == []


@pytest.mark.parametrize("values", [None, [], {"spellout:mode": None}, {"spellout:mode": {"spellout:mode": "off"}}, {"x": {"y": {"z": 1}}}])
async def test_what_is_filled_in_has_to_be_of_the_shape_that_was_offered(at: Connected, values: Any) -> None:
    body = deepcopy(payload("window_submitted"))
    body["view"]["state"] = {"values": values}
    answer = await at.slack.dispatcher.ask("interactive", body)
    await at.rest()
    assert answer.ok
    for event in at.heard:
        assert isinstance(event, Submitted)
        assert not any(event.values.values())


# --------------------------------------------------------------------------- the settings, from end to end


class Clock:
    """The stand-in's time, which passes when told."""

    def __init__(self) -> None:
        self.now = 1_795_251_600.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def working(transport: Transport, brain: Brain, database: Path, clock: Clock) -> AsyncIterator[tuple[Connected, Service]]:
    """The whole of Spellout at the stand-in."""
    async with StandIn(MANIFEST.as_slack_reads_it(), clock=clock) as slack, connect(slack, transport) as at:
        store = SqlStore.open(f"sqlite:///{database}")
        service = Service(store, at.chat.sender, brain, pace=Pace(apart=0))
        await service.start()
        at.notes.then = service.hear
        try:
            yield at, service
        finally:
            await service.stop(1)
            store.close()


@pytest.fixture(scope="module")
def brain(rules: Rulebook) -> Brain:
    return Brain(rules)


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_settings_open_are_saved_and_hold(transport: Transport, brain: Brain, tmp_path: Path) -> None:
    async with working(transport, brain, tmp_path / "spellout.sqlite", Clock()) as (at, service):
        people = at.slack.people
        await people.command("maya", CHANNEL, "/spellout settings")
        await at.rest()
        await people.fill("maya", "spellout:mode", "Off")
        assert await people.submit("maya") == {}
        await at.rest()
        await service.idle()
        assert whispers(at) == ["Saved. In this channel: Off."]
        head = await people.say("jonas", CHANNEL, "Should we bring in an RPO for the Q3 push?")
        await at.rest()
        await service.idle()
        assert at.slack.said(CHANNEL, head.ts) == []


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_settings_that_take_longer_than_the_trigger_lives_are_told_and_open_the_next_time(
    transport: Transport, brain: Brain, tmp_path: Path
) -> None:
    clock = Clock()
    async with working(transport, brain, tmp_path / "spellout.sqlite", clock) as (at, service):

        async def slowly(event: Event) -> Stepped:
            stepped = await service.hear(event)
            clock.now += 4
            return stepped

        at.notes.then = slowly
        await at.slack.people.command("maya", CHANNEL, "/spellout settings")
        await at.rest()
        assert [call.answer["error"] for call in at.slack.faults.made("views.open")] == ["expired_trigger_id"]
        assert at.slack.people.window("maya") is None
        assert whispers(at) == ["That came too late."]
        at.notes.then = service.hear
        await at.slack.people.command("maya", CHANNEL, "/spellout settings")
        await at.rest()
        assert at.slack.people.window("maya")


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_what_came_into_the_channel_after_the_window_opened_is_not_undone_by_it(
    transport: Transport, brain: Brain, tmp_path: Path
) -> None:
    async with working(transport, brain, tmp_path / "spellout.sqlite", Clock()) as (at, service):
        people = at.slack.people

        async def rest() -> None:
            await at.rest()
            await service.idle()

        async def press(person: str, label: str) -> None:
            message = at.slack.workspace.replies("C0VENDOR", head.ts)[-1]
            await people.press(person, message, label)
            await rest()

        head = await people.say("jonas", CHANNEL, "Should we bring in an RPO for the Q3 push?")
        await rest()
        await people.command("maya", CHANNEL, "/spellout settings")
        await rest()
        await press("jonas", "Recruitment process outsourcing")
        await press("jonas", "Always in this channel")
        await people.submit("maya")
        await rest()
        await people.command("maya", CHANNEL, "/spellout settings")
        await rest()
        window = people.window("maya")
        assert window
        assert "RPO = recruitment process outsourcing" in str(window.content["blocks"])


# --------------------------------------------------------------------------- people of another company


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_a_window_filled_in_by_somebody_of_another_company_changes_nothing(
    transport: Transport, brain: Brain, tmp_path: Path
) -> None:
    async with working(transport, brain, tmp_path / "spellout.sqlite", Clock()) as (at, service):
        body = deepcopy(payload("window_submitted_by_outsider"))
        body["view"]["app_installed_team_id"] = at.slack.workspace.team
        answer = await at.slack.dispatcher.ask("interactive", body)
        await at.rest()
        assert answer.ok
        (submitted,) = at.heard
        assert isinstance(submitted, Submitted)
        assert submitted.outsider
        await at.slack.people.command("maya", CHANNEL, "/spellout settings")
        await at.rest()
        window = at.slack.people.window("maya")
        assert window
        mode = next(block["element"] for block in window.content["blocks"] if block.get("block_id") == "spellout:mode")
        assert mode["initial_option"]["value"] == "helpful"
        assert service
