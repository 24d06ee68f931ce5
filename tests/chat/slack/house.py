"""Spellout in a company: HTTP mode, workspaces that add it by OAuth, the real service and a real store."""

import re
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from aiohttp import ClientResponse, ClientSession, CookieJar, web
from sqlalchemy import func, select

from bot.chat.slack.app import EVENTS_PATH, Distribution, SlackChat
from bot.chat.slack.manifest import load_manifest
from bot.core.brain import Brain
from bot.pacing import Pace
from bot.playground import Patience, StandIn
from bot.playground.team import Team
from bot.playground.workspace import Message
from bot.service import Service
from bot.store import SqlStore
from bot.store.sealing import new_key
from bot.store.tables import channels, conversations, installations, marks, outbox, people, posts, records
from tests.chat.slack.conftest import AT_ONCE, WORDS

CHANNEL = "vendor-contracts"
QUESTION = "Should we bring in an RPO for the Q3 push?"
KEEPING = (conversations, channels, people, records, posts, outbox, installations)


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as a browser shows it."""

    status: int
    text: str
    headers: Any

    @property
    def button(self) -> str:
        """Where the page's button leads."""
        found = re.search(r'<a class="button" href="([^"]+)"', self.text)
        assert found, self.text
        return unescape(found[1])


class Browser:
    """Somebody's browser, which keeps cookies."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._session = ClientSession(cookie_jar=CookieJar(unsafe=True))

    async def open(self, address: str, **more: Any) -> Seen:
        """Go there, following redirects."""
        async with self._session.get(self.root + address if address.startswith("/") else address, **more) as response:
            return await seen(response)

    async def close(self) -> None:
        await self._session.close()


async def seen(response: ClientResponse) -> Seen:
    return Seen(response.status, await response.text(), response.headers)


class House:
    """The program as an operator runs it."""

    def __init__(self, slack: StandIn, chat: SlackChat, service: Service, store: SqlStore, browser: Browser) -> None:
        self.slack, self.chat, self.service, self.store, self.browser = slack, chat, service, store, browser

    async def allow(self, team: Team, browser: Browser | None = None) -> str:
        """Open the page, press its button, and be where Slack asks; the address on which this workspace allows it."""
        page = await (browser or self.browser).open("/slack/install")
        assert page.status == 200
        parts = urlsplit(page.button)
        return urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query), ("team", team.workspace.team)])))

    async def install(self, team: Team) -> Seen:
        """The whole way, to the page that says what came of it."""
        return await self.browser.open(await self.allow(team))

    async def rest(self) -> None:
        """Everything delivered is heard, and everything due is sent."""
        await self.slack.settled()
        await self.chat.rest()
        await self.service.idle()
        await self.slack.settled()

    async def ask(self, team: Team, text: str = QUESTION, channel: str = CHANNEL) -> Message:
        """Maya writes something there, and it is answered if it is going to be."""
        message = await team.people.say("maya", channel, text)
        await self.rest()
        return message

    def answers(self, team: Team, message: Message) -> list[str]:
        """What Spellout said in the thread."""
        space = team.workspace
        return [each.text for each in space.replies(message.channel, message.ts) if each.user == space.bot.id]

    def kept(self, team: str) -> dict[str, int]:
        """How many rows of each table belong to a team; tables without any are left out."""
        with self.store.engine.connect() as connection:
            counts = {
                table.name: connection.execute(select(func.count()).select_from(table).where(table.c.team == team)).scalar_one()
                for table in KEEPING
            }
            of = marks.c.mark.startswith(f"slack:{team}:", autoescape=True)
            counts[marks.name] = connection.execute(select(func.count()).select_from(marks).where(of)).scalar_one()
        return {name: count for name, count in counts.items() if count}


@asynccontextmanager
async def house(
    brain: Brain, database: str = "sqlite://", *, clock: Callable[[], float] = time.time, outbox: Pace | None = None, **changes: Any
) -> AsyncIterator[House]:
    """Everything is up and listens; nobody has installed it yet."""
    async with AsyncExitStack() as running:
        slack = await running.enter_async_context(StandIn(load_manifest().as_slack_reads_it(), patience=Patience(retry_after=AT_ONCE)))
        slack.grants.end(slack.home)
        door = socket.create_server(("127.0.0.1", 0))
        root = f"http://127.0.0.1:{door.getsockname()[1]}"
        store = SqlStore.open(database, keys=[new_key()])
        running.callback(store.close)
        credentials = {"client_id": slack.grants.client_id, "client_secret": slack.grants.client_secret}
        chat = SlackChat(
            words=WORDS,
            signing_secret=slack.signing_secret,
            installations=store,
            distribution=Distribution(**{**credentials, "public_url": root, **changes}),
            api_url=slack.api_url,
            clock=clock,
        )
        service = Service(store, chat.sender, brain, pace=outbox or Pace(apart=0))
        chat.on_installed = service.wake
        running.push_async_callback(chat.close)
        running.push_async_callback(service.stop, 1)
        running.push_async_callback(chat.stop, 1)
        await chat.start(service.hear, service.ignores)
        await service.start()
        application = web.Application()
        chat.mount(application)
        runner = web.AppRunner(application, access_log=None)
        running.push_async_callback(runner.cleanup)
        await runner.setup()
        await web.SockSite(runner, door).start()
        await slack.deliver_http(root + EVENTS_PATH)
        browser = Browser(root)
        running.push_async_callback(browser.close)
        yield House(slack, chat, service, store, browser)
