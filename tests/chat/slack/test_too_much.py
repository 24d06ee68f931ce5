"""The database hangs while requests go on coming: so many are held at once, and the others are not acknowledged."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from bot.chat.slack.app import Pace
from bot.core.messages import Event, Said
from bot.metrics import Metrics
from bot.playground import Patience, StandIn
from bot.ports import Stepped
from tests.chat.slack.conftest import AT_ONCE, CHANNEL, MANIFEST, Connected, Transport, connect

HELD = 2


class Hanging:
    """A service whose database hangs until it is mended."""

    def __init__(self) -> None:
        self.mended = asyncio.Event()

    async def hear(self, event: Event) -> Stepped:
        await self.mended.wait()
        return Stepped(new=True)


@asynccontextmanager
async def hanging(transport: Transport, metrics: Metrics) -> AsyncIterator[tuple[Connected, Hanging]]:
    """The adapter, which holds two requests at once, after a message that came four times and was never acknowledged."""
    pace = Pace(at_once=HELD, acknowledge=0.01)
    async with (
        StandIn(MANIFEST.as_slack_reads_it(), patience=Patience(0.3, AT_ONCE)) as slack,
        connect(slack, transport, pace=pace, metrics=metrics) as at,
    ):
        service = Hanging()
        at.notes.then = service.hear
        await slack.people.say("maya", CHANNEL, "An RPO?")
        await slack.settled(timeout=20)
        try:
            yield at, service
        finally:
            service.mended.set()


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_what_is_too_much_is_not_acknowledged_and_comes_again(transport: Transport) -> None:
    metrics = Metrics()
    with capture_logs() as log:
        async with hanging(transport, metrics) as (at, service):
            assert at.tries == [False] * 4
            assert len(at.heard) == HELD
            service.mended.set()
            await at.rest()
            at.slack.dispatcher.event(at.slack.dispatcher.delivered[0].attempt.payload)
            await at.rest()
            assert at.tries[-1]
            assert len(at.heard) == HELD + 1
    assert metrics.registry.get_sample_value("spellout_requests_put_off_total") == 2
    assert {(line["log_level"], line["event"]) for line in log if line["event"] == "put_off"} == {("warning", "put_off")}
    assert not [line for line in log if line["log_level"] in ("error", "critical")]


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_a_command_that_is_too_much_fails_where_its_person_sees_it(transport: Transport) -> None:
    async with hanging(transport, Metrics()) as (at, service):
        answer = await at.slack.people.command("maya", CHANNEL, "/spellout KPO")
        assert (answer.ok, answer.why) == (False, '/spellout failed with the error "dispatch_failed"')
        service.mended.set()
        await at.rest()
        assert {type(event) for event in at.heard} == {Said}, "it was heard all the same"
