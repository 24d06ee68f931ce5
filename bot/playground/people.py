"""What a person can do in the workspace: write, press, choose, use commands and shortcuts, fill in windows."""

from collections.abc import Callable
from typing import Any

from bot.playground.blockcheck import elements
from bot.playground.chatmethods import answer_link
from bot.playground.choices import CHOSEN_MANY, CHOSEN_ONE, PICKED, NotPossible, chosen, pressed, unfilled
from bot.playground.compose import Composer
from bot.playground.delivery import Answer, Dispatcher
from bot.playground.manifest import Manifest
from bot.playground.methods import Calls, SlackError
from bot.playground.payloads import Payloads
from bot.playground.tickets import AnswerLink, Tickets
from bot.playground.viewmethods import Windows
from bot.playground.workspace import Channel, Message, Person, View

Json = dict[str, Any]
LONGEST_MESSAGE = 40_000


class People:
    """The hands of everybody in the workspace. People, channels and messages may be named by id or by name."""

    def __init__(
        self,
        calls: Calls,
        *,
        manifest: Manifest,
        payloads: Payloads,
        dispatcher: Dispatcher,
        tickets: Tickets,
        windows: Windows,
        answers_at: Callable[[], str],
    ) -> None:
        self._space = calls.space
        self._calls = calls
        self._manifest = manifest
        self._payloads = payloads
        self._dispatcher = dispatcher
        self._tickets = tickets
        self._windows = windows
        self._answers_at = answers_at

    # ----------------------------------------------------------------- writing

    async def say(self, person: str, channel: str, text: str, thread: str | Message | None = None) -> Message:
        """Write in a channel, in a thread, or (channel `@`) to the bot directly."""
        who, where = self._who(person), self._where(person, channel)
        composed = self._composer().message(text[:LONGEST_MESSAGE])
        head = self._find(where, thread).thread if thread else None
        message = Message(where.id, self._space.now(), who.id, composed.text, composed.blocks, head)
        message.client_msg_id = self._space.new_id("").lower()
        return self._space.post(message)

    async def edit(self, person: str, message: Message, text: str) -> None:
        """Change one's own message."""
        self._own(person, message)
        composed = self._composer().message(text[:LONGEST_MESSAGE])
        self._space.edit(message, composed.text, composed.blocks, marked=True)

    async def delete(self, person: str, message: Message) -> None:
        """Delete one's own message."""
        self._own(person, message)
        self._space.remove(message)

    # ----------------------------------------------------------------- commands and shortcuts

    async def command(self, person: str, channel: str, line: str, thread: str | Message | None = None) -> Answer:
        """Type a slash command; in a thread it is refused, as Slack does, and people of other companies have none."""
        who, where = self._who(person), self._where(person, channel)
        name, _, text = line.partition(" ")
        known = self._manifest.commands.get(name)
        if thread:
            return self._told(who, where, f"{name} is not supported in threads. Sorry!")
        if known is None or who.team:
            return self._told(who, where, f"{name} is not a valid command.")
        link = self._tickets.link(who.id, where.id)
        payload = self._payloads.command(
            name,
            self._composer().command(text.strip(), escapes=known.escapes),
            person=who,
            channel=where,
            trigger=self._tickets.trigger(who.id),
            answer_url=self._answers_at() + link,
        )
        answer = await self._dispatcher.ask("slash_commands", payload)
        if not answer.ok:
            return self._told(who, where, f'{name} failed with the error "dispatch_failed"')
        if answer.body:
            self._show(who, where, answer.body)
        return answer

    async def shortcut(self, person: str, message: Message, callback_id: str) -> Answer:
        """Use a message shortcut, by callback id or by name."""
        who, where = self._who(person), self._space.channels[message.channel]
        found = [
            each for each in self._manifest.shortcuts.values() if callback_id in (each.callback_id, each.name) and each.kind == "message"
        ]
        if not found or not self._manifest.interactive or who.team:
            raise NotPossible(f"There is no message shortcut {callback_id!r}.")
        link = self._answers_at() + self._tickets.link(who.id, where.id)
        payload = self._payloads.pointed(message, found[0].callback_id, who, self._tickets.trigger(who.id), link)
        return await self._interact(who, where, payload)

    async def open_home(self, person: str, tab: str = "messages") -> None:
        """Open the app's page, on its home or messages tab."""
        who = self._who(person)
        if self._manifest.hears("app_home_opened"):
            self._dispatcher.event(self._payloads.event(self._payloads.home_opened(who.id, tab), None))

    # ----------------------------------------------------------------- pressing and choosing

    async def press(self, person: str, message: Message, button: str, *, block_id: str = "") -> Answer:
        """Press a button, by its action id or its label."""
        element, block = self._element(message.blocks or [], button, ("button",), block_id)
        return await self._act(person, message, element, block, pressed(element))

    async def choose(self, person: str, message: Message, where: str, *options: str, block_id: str = "") -> Answer:
        """Choose in a select, radio buttons, checkboxes or an overflow menu (named by action id), by the options' labels or values."""
        element, block = self._element(message.blocks or [], where, (*CHOSEN_ONE, *CHOSEN_MANY, *PICKED), block_id)
        value = chosen(element, options)
        kept = message.state.setdefault(self._who(person).id, {})
        if element["type"] != "overflow":
            kept.setdefault(block["block_id"], {})[element["action_id"]] = value
        return await self._act(person, message, element, block, value)

    async def _act(self, person: str, message: Message, element: Json, block: Json, action: Json) -> Answer:
        who, where = self._who(person), self._space.channels[message.channel]
        if message.to not in (None, who.id):
            raise NotPossible("That message is only visible to somebody else.")
        action = {**action, "action_id": element["action_id"], "block_id": block["block_id"], "action_ts": self._space.now()}
        link = self._answers_at() + self._tickets.link(who.id, where.id, message.ts)
        payload = self._payloads.pressed(message, action, who, self._tickets.trigger(who.id), link)
        return await self._interact(who, where, payload)

    async def _interact(self, who: Person, where: Channel, payload: Json) -> Answer:
        if not self._manifest.interactive:
            return self._told(who, where, "This app is not configured to handle interactive responses.")
        answer = await self._dispatcher.ask("interactive", payload)
        if not answer.ok:
            return self._told(who, where, "This app did not respond. Try again in a moment.")
        return answer

    # ----------------------------------------------------------------- windows

    def window(self, person: str) -> View | None:
        """The window that is open in front of somebody."""
        stack = self._space.windows.get(self._who(person).id)
        return stack[-1] if stack else None

    async def fill(self, person: str, action_id: str, *values: str, block_id: str = "") -> None:
        """Fill in a field of the open window: a text, or the labels or values of options."""
        window = self._open_window(person)
        element, block = self._element(window.content["blocks"], action_id, (), block_id)
        value = chosen(element, values)
        window.state.setdefault(block["block_id"], {})[element["action_id"]] = value

    async def press_in_window(self, person: str, button: str, *options: str, block_id: str = "") -> Answer:
        """Press a button (or choose in an element) of the open window that the app wants to know of at once."""
        who, window = self._who(person), self._open_window(person)
        element, block = self._element(window.content["blocks"], button, (), block_id)
        action = pressed(element) if element["type"] == "button" else chosen(element, options)
        if element["type"] not in ("button", "overflow"):
            window.state.setdefault(block["block_id"], {})[element["action_id"]] = action
        action = action | {"action_id": element["action_id"], "block_id": block["block_id"], "action_ts": self._space.now()}
        payload = self._payloads.pressed_in_view(window, action, who, self._tickets.trigger(who.id))
        return await self._interact(who, self._space.direct(who.id), payload)

    async def submit(self, person: str) -> Json:
        """Send the open window off; the errors by block id where there are any."""
        who, window = self._who(person), self._open_window(person)
        if missing := unfilled(window.content["blocks"], window.state):
            return dict.fromkeys(missing, "Please complete this required field.")
        answer = await self._dispatcher.ask("interactive", self._payloads.submitted(window, who, self._tickets.trigger(who.id)))
        if not answer.ok:
            return {"": "We had some trouble connecting. Try again?"}
        try:
            return self._submitted(who, window, answer.body or {})
        except SlackError as error:
            return {"": f"The app's answer was refused: {error.answer}"}

    def _submitted(self, who: Person, window: View, answer: Json) -> Json:
        """What the app's acknowledgement asks for; nothing means: close the window."""
        match answer.get("response_action"):
            case "errors":
                return dict(answer.get("errors") or {})
            case "clear":
                self._windows.clear(who.id)
            case "update":
                self._windows.replace(window, answer.get("view"))
            case "push":
                self._windows.push(who.id, answer.get("view"))
            case _:
                if self.window(who.id) is window:
                    self._windows.pop(who.id)
        return {}

    async def close(self, person: str, *, everything: bool = False) -> None:
        """Close the open window, or the whole stack."""
        who, window = self._who(person), self._open_window(person)
        if everything or window.content.get("clear_on_close"):
            self._windows.clear(who.id)
        else:
            self._windows.pop(who.id)
        if window.content.get("notify_on_close"):
            await self._dispatcher.ask("interactive", self._payloads.closed(window, who, cleared=everything))

    # ----------------------------------------------------------------- finding things

    def _composer(self) -> Composer:
        return Composer(self._space.people.values(), self._space.channels.values())

    def _who(self, person: str) -> Person:
        return self._space.person(person)

    def _where(self, person: str, channel: str) -> Channel:
        where = self._space.direct(person) if channel in ("@", "@" + self._space.bot.real_name) else self._space.channel(channel)
        if self._who(person).id not in where.members:
            raise NotPossible(f"{person} is not in {channel}.")
        return where

    def _find(self, channel: Channel, message: str | Message) -> Message:
        found = message if isinstance(message, Message) else self._space.find(channel.id, message)
        if found is None:
            raise NotPossible(f"There is no message {message} in {channel.name}.")
        return found

    def _own(self, person: str, message: Message) -> None:
        if message.user != self._who(person).id:
            raise NotPossible(f"{person} did not write that message.")

    def _open_window(self, person: str) -> View:
        window = self.window(person)
        if window is None:
            raise NotPossible(f"No window is open in front of {person}.")
        return window

    @staticmethod
    def _element(blocks: list[Json], name: str, kinds: tuple[str, ...], block_id: str) -> tuple[Json, Json]:
        within = [block for block in blocks if block_id in ("", block.get("block_id"))]
        there = [(element, block) for block in within for element in elements(block) if not kinds or element["type"] in kinds]
        for element, block in there:
            if name in (element["action_id"], element.get("text", {}).get("text")):
                return element, block
        names = ", ".join(repr(element.get("text", {}).get("text") or element["action_id"]) for element, _ in there)
        raise NotPossible(f"There is nothing called {name!r} here; there is {names or 'nothing to press'}.")

    # ----------------------------------------------------------------- showing

    def _told(self, who: Person, where: Channel, text: str) -> Answer:
        self._space.notice(who.id, where.id, text)
        return Answer(False, why=text)

    def _show(self, who: Person, where: Channel, body: Json) -> None:
        try:
            answer_link(self._calls, AnswerLink(who.id, where.id, 0, None), body)
        except SlackError as error:
            self._told(who, where, f"The app's answer was refused: {error.answer}")
