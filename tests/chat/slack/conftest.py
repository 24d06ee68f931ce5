"""The real adapter in front of the stand-in, with a service that only takes notes."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from aiohttp import web

from bot.chat.slack.app import EVENTS_PATH, Pace, SlackChat, Words
from bot.chat.slack.gate import Ignores
from bot.chat.slack.manifest import load_manifest
from bot.core.messages import Event, Place, Reply, Span, Text
from bot.playground import Patience, StandIn
from bot.ports import Outgoing
from tests.chat.notes import Notes

Transport = Literal["socket", "http"]
AT_ONCE = (0.0, 0.0, 0.0)
"""When an event that was not acknowledged comes again."""
MANIFEST = load_manifest()
CHANNEL = "vendor-contracts"
MISSING = Reply((Text((Span("Invite me first."),)),), "Invite me first.", surface="whisper")
TOO_LATE = Reply((Text((Span("That came too late."),)),), "That came too late.", surface="whisper")
NOT_SAVED = Reply((Text((Span("That was not saved."),)),), "That was not saved.", surface="whisper")
WORDS = Words(close="Close", not_opened=TOO_LATE, not_saved=NOT_SAVED, apologies={"not_in_channel": MISSING, "channel_not_found": MISSING})


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine's environment says about Slack or proxies is none of a test's business."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.delenv(name, raising=False)


@dataclass
class Connected:
    """The stand-in, the adapter, what was heard, and where its web server is."""

    slack: StandIn
    chat: SlackChat
    notes: Notes
    transport: Transport
    url: str = ""

    async def rest(self) -> None:
        """Everything delivered is acknowledged or given up, and heard."""
        await self.slack.settled(timeout=20)  # a busy machine may let several deliveries time out
        await self.chat.rest()

    async def deliver(self, event: dict[str, Any]) -> None:
        """One event as it stands, through Slack's own retries."""
        self.slack.dispatcher.event(event)
        await self.rest()

    @property
    def heard(self) -> list[Event]:
        return self.notes.heard

    @property
    def tries(self) -> list[bool]:
        """Which deliveries were acknowledged, oldest first."""
        return [delivered.answer.ok for delivered in self.slack.dispatcher.delivered]


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    """The stand-in for Slack with our own manifest, nobody connected."""
    async with StandIn(MANIFEST.as_slack_reads_it(), patience=Patience(retry_after=AT_ONCE)) as standin:
        yield standin


def make_chat(slack: StandIn, transport: Transport, **changes: Any) -> SlackChat:
    """The adapter as `spellout serve` makes it."""
    signed = transport == "http"
    given: dict[str, Any] = {
        "bot_token": slack.bot_token,
        "app_token": None if signed else slack.app_token,
        "signing_secret": slack.signing_secret if signed else None,
        "words": WORDS,
        "api_url": slack.api_url,
        "pace": Pace(),
    }
    return SlackChat(**{**given, **changes})


@asynccontextmanager
async def connect(slack: StandIn, transport: Transport, ignores: Ignores | None = None, **changes: Any) -> AsyncIterator[Connected]:
    """The adapter, connected to the stand-in; what `ignores` says yes to is stopped at the gate."""
    async with AsyncExitStack() as running:
        chat, notes = make_chat(slack, transport, **changes), Notes()
        running.push_async_callback(chat.close)
        running.push_async_callback(chat.stop, 1)
        connected = Connected(slack, chat, notes, transport)
        application = web.Application()
        chat.mount(application)
        runner = web.AppRunner(application, access_log=None)
        running.push_async_callback(runner.cleanup)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        connected.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        await chat.start(notes.hear, ignores)
        if transport == "http":
            await slack.deliver_http(connected.url + EVENTS_PATH)
        else:
            await slack.until(lambda: slack.sockets.open)
        yield connected


@pytest.fixture(params=["socket", "http"])
async def at(request: pytest.FixtureRequest, slack: StandIn) -> AsyncIterator[Connected]:
    """The adapter at the stand-in, by either way of delivery."""
    async with connect(slack, request.param) as connected:
        yield connected


def reply(text: str, **more: Any) -> Reply:
    """A plain reply."""
    return Reply((Text((Span(text),)),), text, **more)


def outgoing(place: Place, said: Reply, **more: Any) -> Outgoing:
    """A reply on its way out into its place's thread."""
    return Outgoing(
        **{"id": 1, "place": place, "reply": said, "thread": place.thread, "message": None, "answer_url": None, "attempts": 0, **more}
    )


def place(thread: str, channel: str = "C0VENDOR") -> Place:
    """A place in the stand-in's workspace."""
    return Place("slack", "T0NORTHLGT", channel, thread, channel.startswith("D"))
