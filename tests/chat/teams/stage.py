"""The stage at Teams: the connector's part played on loopback, real tokens, the SDK and adapter as they are, the service and a database.

What people do here is what Teams lets them do: a command is a private message to the bot within the channel, a window is a private card.
"""

import asyncio
import html
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from bot.chat.teams.app import Pace, TeamsChat
from bot.chat.teams.guard import Trust
from bot.chat.teams.sdk import Identity
from bot.chat.teams.sender import Words
from bot.core.brain import Brain
from bot.core.messages import Event
from bot.pacing import Pace as Pacing
from bot.ports import Stepped
from bot.service import Service
from bot.store import SqlStore
from tests.chat.teams.world import APP, BOT, ELSEWHERE, SECRET, TENANT, Message, World, deliver, listening, world
from tests.stories import NAMES, OUTSIDERS, Kind, Shown, Where

CHANNEL, SHARED = "19:vendor@thread.tacv2", "19:harbour@thread.tacv2"
WORDS = Words(
    somebody="somebody",
    happened={
        "private": "It is in your own chat.",
        "below": "It is below.",
        "elsewhere": "The answer stands in the conversation.",
        "done": "Done.",
        "coming": "It is on its way.",
        "unchanged": "Nothing changed.",
    },
    failed="That did not work.",
    about="",
)
MENTION = "<at>Spellout</at>"
COMMANDS = {
    "Explain the acronyms": "explainAcronyms",
    "Choose operating model": "chooseModel",
    "Classify this work": "classifyWork",
    "Why did Spellout do that": "whySilent",
}


def make_chat(teams: World, **changes: Any) -> TeamsChat:
    """The adapter as `spellout serve` makes it, with this world in Microsoft's place."""
    given: dict[str, Any] = {
        "identity": Identity(APP, SECRET, TENANT),
        "words": WORDS,
        "trust": Trust(tenants=frozenset({TENANT}), here=True),
        "service_url": teams.url,
        "keys_url": teams.keys_url,
        "login_url": teams.url,
        "pace": Pace(card=1),
    }
    return TeamsChat(**{**given, **changes})


class TeamsStage:
    """Plays stories through Teams' wire formats."""

    opens_windows = False

    def __init__(self, teams: World, brain: Brain, database: Path, targeted: bool) -> None:
        self.teams, self._brain, self._targeted = teams, brain, targeted
        self._database = f"sqlite:///{database}"
        self._running = AsyncExitStack()
        self._news: list[Shown] = []
        self._shown: list[Message] = []
        self._head: dict[str, Any] = {}
        self._last: dict[str, Any] = {}
        self._in_private = False
        self._came = asyncio.Event()
        self._ahead = 0
        self._url = ""
        teams.names |= {f"29:{key}": name for key, name in NAMES.items()}
        teams.homes |= {f"29:{key}": ELSEWHERE for key in OUTSIDERS}
        teams.watch = self._notice

    # ------------------------------------------------------------------ the bot's process

    async def start(self) -> None:
        """The bot comes up."""
        store = SqlStore.open(self._database)
        self._running.callback(store.close)
        self.chat = make_chat(self.teams, targeted=self._targeted)
        self.service = Service(store, self.chat.sender, self._brain, clock=lambda: time.time() + self._ahead, pace=Pacing(apart=0))
        self._running.push_async_callback(self.chat.close)
        self._running.push_async_callback(self.service.stop, 1)
        self._running.push_async_callback(self.chat.stop, 1)
        runner, self._url = await listening(self.chat.mount)
        self._running.push_async_callback(runner.cleanup)
        await self.chat.start(self._hear)
        await self.service.start()

    async def _hear(self, event: Event) -> Stepped:
        self._came.set()
        return await self.service.hear(event)

    async def stop(self) -> None:
        """The bot goes down in good order."""
        await self._running.aclose()
        self._running = AsyncExitStack()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def wait(self, seconds: int) -> None:
        self._ahead += seconds

    # ------------------------------------------------------------------ what people do

    def _activity(self, person: str, kind: str, channel: str, thread: str = "", **more: Any) -> dict[str, Any]:
        """An activity of this person in a channel, or (as Teams names it then) in their own chat with the bot."""
        personal = channel.startswith("a:")
        conversation: dict[str, Any] = {"id": channel, "conversationType": "personal" if personal else "channel", "tenantId": TENANT}
        data: dict[str, Any] = {"tenant": {"id": TENANT}}
        if not personal:
            data["channel"] = {"id": channel, "type": "shared" if channel == SHARED else "standard"}
        if thread:
            conversation["id"] += f";messageid={thread}"
        data |= more.pop("channelData", {})
        sender = {"id": f"29:{person}", "name": NAMES[person]}
        return self.teams.activity(kind, **{"from": sender, "conversation": conversation, "channelData": data, **more})

    async def _send(self, activity: dict[str, Any]) -> Any:
        status, answer = await deliver(self._url, activity, self.teams.token())
        assert status == 200, (status, activity)
        return answer

    async def say(self, person: str, text: str, where: Where) -> None:
        self._in_private = where == "private"
        if where == "private":
            self._last = self._activity(person, "message", f"a:{person}", text=html.escape(text, quote=False))
        elif where == "thread" and self._head:
            channel, _, thread = self._head["conversation"]["id"].partition(";messageid=")
            self._last = self._activity(person, "message", channel, thread, **_words(text))
        else:
            channel = SHARED if where.endswith("shared") else CHANNEL
            self._last = self._activity(person, "message", channel, **_words(f"@Spellout {text}" if where.startswith("bot") else text))
            self._last["conversation"]["id"] += f";messageid={self._last['id']}"
            self._head = self._last
        await self._send(self._last)

    async def edit(self, person: str, text: str) -> None:
        data = self._last["channelData"] | {"eventType": "editMessage"}
        stamp = f"2026-11-21T09:00:{len(self._news) % 60:02}.{next(self.teams.ids) % 1000:03}Z"
        edited = {**self._last, "type": "messageUpdate", "channelData": data, "timestamp": stamp}
        await self._send({**edited, "entities": [], **_words(text)})

    async def delete(self, person: str) -> None:
        data = self._last["channelData"] | {"eventType": "softDeleteMessage"}
        await self._send({**self._last, "type": "messageDelete", "channelData": data, "text": ""})

    async def press(self, person: str, label: str) -> None:
        await self._press(person, *self._button(person, label))

    async def press_together(self, presses: Sequence[tuple[str, str]]) -> None:
        buttons = [(person, *self._button(person, label)) for person, label in presses]
        pressing = []
        for button in buttons:  # heard in the order of the story, while each of them still waits for its answer
            self._came.clear()
            pressing.append(asyncio.create_task(self._press(*button)))
            await asyncio.wait_for(self._came.wait(), 10)
        await asyncio.gather(*pressing)

    async def submit(self, person: str, choices: Mapping[str, Sequence[str]]) -> None:
        message = next(m for m in reversed(self._shown) if self._sees(m, person) and _inputs(m.card))
        values = {}
        for entry in _inputs(message.card):
            values[entry["id"]] = entry.get("value", "")
            if entry["label"] in choices:
                values[entry["id"]] = _filled(entry, choices[entry["label"]])
        action = next(action for action in actions_of(message.card) if action["associatedInputs"] == "auto")
        await self._press(person, message, action, values)

    async def _press(self, person: str, message: Message, action: dict[str, Any], values: Mapping[str, str] | None = None) -> None:
        channel, _, thread = message.conversation.partition(";messageid=")
        self._in_private = channel.startswith("a:") and "seal" not in action["data"]["spellout"]
        data = {**action["data"], **(values or {})}
        if message.dialog:
            name, value = "composeExtension/submitAction", {"commandId": "explainAcronyms", "data": data}
        else:
            name, value = "adaptiveCard/action", {"action": {"type": action["type"], "verb": action["verb"], "data": data}}
        activity = self._activity(person, "invoke", channel, thread, name=name, value=value, replyToId=message.id)
        answer = await self._send(activity)
        if message.dialog:
            self._open(person, message.conversation, answer)
        elif answer["type"].endswith(".adaptive") and answer["value"] != message.card:
            message.card = answer["value"]
            if visible(message.card) not in WORDS.happened.values():
                self._news.append(Shown("whispers", self._visible(message.card), person))

    async def command(self, person: str, words: str, where: Where) -> None:
        text = words.removeprefix("/spellout").removeprefix("/").strip()
        if where == "private":
            await self.say(person, text, where)
            return
        self._in_private = False
        recipient = {"id": BOT, "name": "Spellout", "isTargeted": True}
        await self._send(
            self._activity(person, "message", SHARED if where == "shared" else CHANNEL, recipient=recipient, text=text or "help")
        )

    async def point(self, person: str, shortcut: str) -> None:
        self._in_private = False
        channel, _, thread = self._head["conversation"]["id"].partition(";messageid=")
        body = {"contentType": "html", "content": f"<div>{self._head['text']}</div>"}
        value = {"commandId": COMMANDS[shortcut], "messagePayload": {"id": self._head["id"], "body": body}}
        conversation = self._head["conversation"]["id"]
        self._open(
            person,
            conversation,
            await self._send(self._activity(person, "invoke", channel, thread, name="composeExtension/fetchTask", value=value)),
        )

    def _open(self, person: str, conversation: str, answer: Any) -> None:
        """The window that Teams shows for an answer of this kind."""
        if answer["task"]["type"] == "continue":
            card = answer["task"]["value"]["card"]["content"]
            self._shown.append(Message("", conversation, card, "", person, dialog=True))
            self._news.append(Shown("whispers", self._visible(card), person))
        else:
            assert answer["task"]["value"] == WORDS.happened["elsewhere"]

    def _button(self, person: str, label: str) -> tuple[Message, dict[str, Any]]:
        for message in reversed(self._shown):
            if self._sees(message, person):
                for action in reversed(actions_of(message.card)):
                    says = action.get("tooltip", "")
                    if label in {action["title"], says} or says.endswith(f" {label}"):
                        return message, action
        raise AssertionError(f"no button {label!r} is to be seen")

    def _sees(self, message: Message, person: str) -> bool:
        return message.to.removeprefix("29:") in ("", person) and message.conversation in (f"a:{person}", *_channels(message))

    # ------------------------------------------------------------------ what they see

    async def shown(self) -> list[Shown]:
        await self.chat.rest()
        await self.service.idle()
        news, self._news = self._news, []
        return news

    def _notice(self, kind: str, message: Message) -> None:
        to = message.to.removeprefix("29:")
        if visible(message.card) == WORDS.sent:
            return  # where it was asked, that the answer is elsewhere: tests/chat/teams/test_private.py
        if message.conversation.startswith("a:") and not self._in_private:
            to = message.conversation[2:]  # what is said there of another conversation, is said privately
        shown: Kind = "whispers" if to else kind  # type: ignore[assignment]
        if kind == "says":
            self._shown.append(message)
        elif kind == "removes":
            self._shown.remove(message)
        self._news.append(Shown(shown, self._visible(message.card), to))

    def _visible(self, card: dict[str, Any]) -> str:
        """What is seen, with commands as the stories tell them."""
        return visible(card).replace("@Spellout classify", "/classify").replace("@Spellout", "/spellout")


def _words(text: str) -> dict[str, Any]:
    """Text and entities, as Teams writes a message with a mention."""
    escaped = html.escape(text, quote=False)
    if not text.startswith("@Spellout"):
        return {"text": escaped}
    entity = {"type": "mention", "mentioned": {"id": BOT, "name": "Spellout"}, "text": MENTION}
    return {"text": escaped.replace("@Spellout", MENTION, 1), "entities": [entity]}


def _channels(message: Message) -> tuple[str, ...]:
    return () if message.conversation.startswith("a:") else (message.conversation,)


def elements_of(card: dict[str, Any]) -> list[dict[str, Any]]:
    """All elements, also those within columns."""
    found: list[dict[str, Any]] = []
    for element in card["body"]:
        columns = [item for column in element.get("columns", []) for item in column["items"]]
        found += [element, *columns]
    return found


def actions_of(card: dict[str, Any]) -> list[dict[str, Any]]:
    """All buttons, in their order."""
    return [action for element in elements_of(card) for action in element.get("actions", [])]


def _inputs(card: dict[str, Any]) -> list[dict[str, Any]]:
    return [element for element in elements_of(card) if element["type"].startswith("Input.")]


def _filled(entry: dict[str, Any], given: Sequence[str]) -> str:
    if entry["type"] == "Input.Text":
        return "".join(given)
    chosen = [choice["value"] for choice in entry["choices"] if any(f"{choice['title']}: ".startswith(f"{label}: ") for label in given)]
    return ",".join(chosen)


def visible(card: dict[str, Any]) -> str:
    """The text that a card shows, line by line."""
    lines: list[str] = []
    for element in elements_of(card):
        lines.append(element.get("text", ""))
        lines.append("".join(run["text"] for run in element.get("inlines", [])))
        lines.append(element.get("label", ""))
        lines += [choice["title"] for choice in element.get("choices", [])]
        lines += [action["title"] for action in element.get("actions", [])]
    return "\n".join(line for line in lines if line)


@asynccontextmanager
async def teams_stage(brain: Brain, database: Path, targeted: bool) -> AsyncIterator[TeamsStage]:
    """A stage that is up, with a world of its own."""
    async with world() as teams:
        stage = TeamsStage(teams, brain, database, targeted)
        await stage.start()
        try:
            yield stage
        finally:
            await stage.stop()
