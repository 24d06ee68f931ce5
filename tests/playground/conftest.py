"""A stand-in with a small app of the real Bolt in front of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler

from bot.playground import Patience, StandIn
from tests.playground.echo import MANIFEST, echo_app

AT_ONCE = (0.0, 0.0, 0.0)
PATIENT = Patience(acknowledged_within=10, retry_after=AT_ONCE)
HASTY = Patience(acknowledged_within=0.25, retry_after=AT_ONCE)
"""For the tests that wait for nothing to happen."""


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    """The stand-in alone."""
    async with StandIn(MANIFEST, patience=PATIENT) as standin:
        yield standin


@pytest.fixture
async def hasty() -> AsyncIterator[StandIn]:
    """The stand-in alone, giving up soon."""
    async with StandIn(MANIFEST, patience=HASTY) as standin:
        yield standin


@pytest.fixture
async def over_sockets(slack: StandIn) -> AsyncIterator[StandIn]:
    """The stand-in with the echo bot connected by Socket Mode."""
    async with connected(slack):
        yield slack


@asynccontextmanager
async def connected(slack: StandIn) -> AsyncIterator[AsyncSocketModeHandler]:
    """The echo bot, connected by Socket Mode."""
    handler = AsyncSocketModeHandler(echo_app(slack), slack.app_token)
    await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt left it untyped
    await slack.until(lambda: slack.sockets.open)
    try:
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


@pytest.fixture
async def over_http(slack: StandIn) -> AsyncIterator[StandIn]:
    """The stand-in with the echo bot behind signed requests."""
    runner = web.AppRunner(echo_app(slack).server(port=0, path="/events").web_app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await slack.deliver_http(f"http://127.0.0.1:{runner.addresses[0][1]}/events")
    yield slack
    await runner.cleanup()


@pytest.fixture(params=["sockets", "http"])
def echoing(request: pytest.FixtureRequest) -> StandIn:
    """The echo bot by either way of delivery."""
    standin: StandIn = request.getfixturevalue(f"over_{request.param}")
    return standin
