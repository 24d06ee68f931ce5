"""The stage at Slack: the stand-in, the unmodified adapter over Socket Mode or signed HTTP, the real service and a real database."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from aiohttp import web

from bot.chat.slack.app import EVENTS_PATH, SlackChat, Words
from bot.chat.slack.manifest import load_manifest
from bot.core.brain import Brain
from bot.core.messages import Reply
from bot.pacing import Pace
from bot.playground import StandIn
from bot.playground.workspace import Change, Channel, Message, Person
from bot.service import Service
from bot.store import SqlStore
from tests.stories import NAMES, OUTSIDERS, Shown, Where

Transport = Literal["socket", "http"]
MANIFEST = load_manifest()
CHANNEL, SHARED = "vendor-contracts", "northlight-harbour"
WORDS = Words(close="Close", not_opened=Reply((), "Too late."), not_saved=Reply((), "Not saved."))


def complete_the_cast(slack: StandIn) -> None:
    """Bring in who is in the stories and not in the playground, and open a channel with the people of another company."""
    space = slack.workspace
    known = {person.real_name for person in space.people.values()}
    for key, name in NAMES.items():
        if name not in known:
            person = Person(f"U0{key.upper()}", key, name, team="T9HARBOUR" if key in OUTSIDERS else "")
            space.people[person.id] = person
            if not person.team:
                space.channel(CHANNEL).members.add(person.id)
    space.add(Channel("C0SHARED", SHARED, "public", set(space.people), shared=True))


class SlackStage:
    """Plays stories through Slack's wire formats."""

    def __init__(self, slack: StandIn, brain: Brain, database: Path, transport: Transport) -> None:
        self.slack, self._brain, self._transport = slack, brain, transport
        self._database = f"sqlite:///{database}"
        self._running = AsyncExitStack()
        self._news: list[Shown] = []
        self._head: Message | None = None
        self._last: Message | None = None
        self._ahead = 0
        complete_the_cast(slack)
        slack.workspace.watch(self._notice)

    # ------------------------------------------------------------------ the bot's process

    async def start(self) -> None:
        """The bot comes up."""
        store = SqlStore.open(self._database)
        self._running.callback(store.close)
        signed = self._transport == "http"
        self.chat = SlackChat(
            bot_token=self.slack.bot_token,
            app_token=None if signed else self.slack.app_token,
            signing_secret=self.slack.signing_secret if signed else None,
            words=WORDS,
            api_url=self.slack.api_url,
        )
        self.service = Service(store, self.chat.sender, self._brain, clock=lambda: time.time() + self._ahead, pace=Pace(apart=0))
        self._running.push_async_callback(self.chat.close)
        self._running.push_async_callback(self.service.stop, 1)
        self._running.push_async_callback(self.chat.stop, 1)
        await self.chat.start(self.service.hear, self.service.ignores)
        await self.service.start()
        if signed:
            await self._listen()

    async def _listen(self) -> None:
        application = web.Application()
        self.chat.mount(application)
        runner = web.AppRunner(application, access_log=None)
        self._running.push_async_callback(runner.cleanup)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        await self.slack.deliver_http(f"http://127.0.0.1:{runner.addresses[0][1]}{EVENTS_PATH}")

    async def stop(self) -> None:
        """The bot goes down in good order."""
        await self._running.aclose()
        self._running = AsyncExitStack()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def wait(self, seconds: int) -> None:
        self._ahead += seconds

    async def rest(self) -> None:
        """Everything delivered is heard, and everything due is sent."""
        await self.slack.settled()
        await self.chat.rest()
        await self.service.idle()
        await self.slack.settled()

    # ------------------------------------------------------------------ what people do

    async def say(self, person: str, text: str, where: Where) -> None:
        people = self.slack.people
        if where == "private":
            self._last = await people.say(NAMES[person], "@", text)
        elif where == "thread" and self._head is not None:
            self._last = await people.say(NAMES[person], self._head.channel, text, thread=self._head)
        else:
            text = f"@{self.slack.workspace.bot.real_name} {text}" if where.startswith("bot") else text
            channel = SHARED if where.endswith("shared") else CHANNEL
            self._head = self._last = await people.say(NAMES[person], channel, text)

    async def edit(self, person: str, text: str) -> None:
        assert self._last is not None, "nothing to edit"
        await self.slack.people.edit(NAMES[person], self._last, text)

    async def delete(self, person: str) -> None:
        assert self._last is not None, "nothing to delete"
        await self.slack.people.delete(NAMES[person], self._last)

    async def submit(self, person: str, choices: Mapping[str, Sequence[str]]) -> None:
        window = self.slack.people.window(NAMES[person])
        assert window is not None, "no window is open"
        for block in window.content["blocks"]:
            if block["type"] == "input" and block["label"]["text"] in choices:
                await self.slack.people.fill(NAMES[person], block["element"]["action_id"], *choices[block["label"]["text"]])
        assert await self.slack.people.submit(NAMES[person]) == {}

    async def press(self, person: str, label: str) -> None:
        message, action, option = self._button(person, label)
        if option:
            await self.slack.people.choose(NAMES[person], message, action, option)
        else:
            await self.slack.people.press(NAMES[person], message, action)

    async def press_together(self, presses: Sequence[tuple[str, str]]) -> None:
        buttons = [(NAMES[person], *self._button(person, label)[:2]) for person, label in presses]
        await asyncio.gather(*(self.slack.people.press(*button) for button in buttons))

    async def command(self, person: str, words: str, where: Where) -> None:
        places = {"private": "@", "shared": SHARED}
        await self.slack.people.command(NAMES[person], places.get(where, CHANNEL), words)

    async def point(self, person: str, shortcut: str) -> None:
        assert self._head is not None, "nothing to point at"
        await self.slack.people.shortcut(NAMES[person], self._head, shortcut)

    def _button(self, person: str, label: str) -> tuple[Message, str, str]:
        """The message, the action id, and the option where it is one of a menu."""
        space = self.slack.workspace
        who = space.person(NAMES[person]).id
        mine = [message for message in (*space.everything(), *space.whispers(who)) if message.user == space.bot.id]
        for message in reversed(mine):
            for button in reversed(buttons_of(message.blocks or [])):
                if button["type"] == "overflow" and label in [option["text"]["text"] for option in button["options"]]:
                    return message, button["action_id"], label
                says = button.get("accessibility_label", "")
                if button["type"] == "button" and (label in {button["text"]["text"], says} or says.endswith(f" {label}")):
                    return message, button["action_id"], ""
        raise AssertionError(f"no button {label!r} is to be seen")

    # ------------------------------------------------------------------ what they see

    async def shown(self) -> list[Shown]:
        await self.rest()
        news, self._news = self._news, []
        return news

    def _notice(self, change: Change) -> None:
        message = change.message
        if change.kind == "window" and (window := self.slack.people.window(change.person)):
            self._news.append(Shown("opens", self._visible(window.content["blocks"]), self._key(change.person)))
        elif message is None or message.user != self.slack.workspace.bot.id:
            return
        elif change.kind == "posted":
            to = self._key(message.to) if message.to else ""
            self._news.append(Shown("whispers" if to else "says", self._visible(message.blocks or []), to))
        elif change.kind == "removed":
            self._news.append(Shown("removes", self._visible((change.before or {}).get("blocks", []))))
        elif change.kind == "edited":
            self._news.append(Shown("changes", self._visible(message.blocks or [])))

    def _key(self, person: str) -> str:
        name = self.slack.workspace.person(person).real_name
        return next(key for key, full in NAMES.items() if full == name)

    def _visible(self, blocks: list[dict[str, Any]]) -> str:
        text = "\n".join(visible(block) for block in blocks)
        for person in self.slack.workspace.people.values():
            text = text.replace(f"<@{person.id}>", person.real_name)
        return text


def buttons_of(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All buttons and menus, in their order."""
    found = []
    for block in blocks:
        there = [*block.get("elements", []), *([block["accessory"]] if "accessory" in block else [])]
        found += [element for element in there if element["type"] in ("button", "overflow")]
    return found


def visible(node: dict[str, Any]) -> str:
    """The text that a block or element shows, line by line; a person as `<@ID>`, marks of mrkdwn taken off."""
    kind = node.get("type")
    if kind == "user":
        return f"<@{node['user_id']}>"
    if kind in {"rich_text", "actions", "context", "rich_text_list"}:
        return "\n".join(visible(element) for element in node["elements"])
    if kind in {"rich_text_section", "rich_text_quote", "rich_text_preformatted"}:
        return "".join(visible(element) for element in node["elements"])
    text = node.get("text", "")
    if isinstance(text, dict):
        text = text["text"]
        if node["text"]["type"] == "mrkdwn":
            text = _unmarked(text)
    elif kind == "mrkdwn":
        text = _unmarked(text)
    lines = [text, *(visible(field) for field in node.get("fields", []))]
    if kind == "input":
        lines = [node["label"]["text"], *(option["text"]["text"] for option in node["element"].get("options", ()))]
    if kind == "overflow":
        lines = [option["text"]["text"] for option in node["options"]]
    if "accessory" in node:
        lines.append(visible(node["accessory"]))
    return "\n".join(line for line in lines if line)


def _unmarked(text: str) -> str:
    for mark in ("*", "_"):
        text = text.replace(mark, "")
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@asynccontextmanager
async def slack_stage(brain: Brain, database: Path, transport: Transport) -> AsyncIterator[SlackStage]:
    """A stage that is up, with its own workspace."""
    async with StandIn(MANIFEST.as_slack_reads_it()) as slack:
        stage = SlackStage(slack, brain, database, transport)
        await stage.start()
        try:
            yield stage
        finally:
            await stage.stop()
