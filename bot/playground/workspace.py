"""The workspace in memory: people, channels, messages, threads and open windows. No wire, no waiting."""

import itertools
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
Kind = Literal["public", "private", "im", "mpim"]

CHANNEL_TYPES: dict[Kind, str] = {"public": "channel", "private": "group", "im": "im", "mpim": "mpim"}
TOMBSTONE = "This message was deleted."


@dataclass(slots=True)
class Person:
    """A member: somebody at a keyboard, or the bot."""

    id: str
    name: str
    real_name: str
    title: str = ""
    bot: bool = False
    team: str = ""
    """The workspace of another company that they belong to; empty: this one."""


@dataclass(slots=True)
class Channel:
    """A place to talk. For a direct message `name` is the other person's id."""

    id: str
    name: str
    kind: Kind
    members: set[str]
    topic: str = ""
    shared: bool = False


@dataclass(slots=True)
class Message:
    """A message; with `to` it is ephemeral: only that person sees it."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] | None = None
    thread_ts: str | None = None
    to: str | None = None
    subtype: str | None = None
    edited: str | None = None
    broadcast: bool = False
    reactions: dict[str, list[str]] = field(default_factory=dict)
    state: dict[str, Json] = field(default_factory=dict)
    """What each person chose in this message without sending it: person -> block id -> action id -> value."""
    client_msg_id: str = ""
    metadata: Json | None = None
    """What the app attached to its own message."""

    @property
    def thread(self) -> str:
        """The ts of the thread it belongs to, or would head."""
        return self.thread_ts or self.ts


@dataclass(slots=True)
class View:
    """A window (modal) or home tab of one person."""

    id: str
    person: str
    content: Json
    hash: str
    root: str
    previous: str | None = None
    state: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """What happened, for those who watch: the app's event feed and the page."""

    kind: Literal["posted", "edited", "removed", "reacted", "joined", "window", "home", "notice", "app"]
    message: Message | None = None
    before: Json | None = None
    person: str = ""
    channel: str = ""
    text: str = ""


class Workspace:
    """Everything the stand-in remembers, bounded to the last `limit` messages."""

    def __init__(
        self,
        people: Iterable[Person],
        channels: Iterable[Channel],
        *,
        name: str = "Northlight",
        bot_name: str = "Spellout",
        limit: int = 2000,
        clock: Callable[[], float] = time.time,
        team: str = "T0NORTHLGT",
        enterprise: str = "",
        everywhere: bool = False,
    ) -> None:
        self.team = team
        self.enterprise = enterprise
        """The organisation that it belongs to; empty: none."""
        self.everywhere = everywhere
        """Whether the app is installed for the whole organisation."""
        self.name = name
        self.domain = name.lower()
        self.app = "A0SPELLOUT"
        self.bot_id = "B0SPELLOUT"
        self.bot = Person("U0SPELLOUT", bot_name.lower().replace(" ", "_"), bot_name, bot=True)
        self.clock = clock
        self.people = {person.id: person for person in [*people, self.bot]}
        self.channels = {channel.id: channel for channel in channels}
        self.notices: deque[tuple[str, str]] = deque(maxlen=200)
        self.windows: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self._limit = limit
        self._messages: dict[tuple[str, str], Message] = {}
        self._threads: dict[tuple[str, str], dict[str, Message]] = {}
        self._heads: dict[str, dict[str, Message]] = {channel: {} for channel in self.channels}
        self._last = 0
        self._watchers: list[Callable[[Change], None]] = []
        self._count = itertools.count(1)
        for person in list(self.people.values()):
            if not person.bot:
                self._open_direct(person)

    def _open_direct(self, person: Person) -> None:
        self.add(Channel("D" + person.id[1:], person.id, "im", {person.id, self.bot.id}))

    def add(self, channel: Channel) -> None:
        """Open one more channel."""
        self.channels[channel.id] = channel
        self._heads[channel.id] = {}

    # ----------------------------------------------------------------- looking up

    def person(self, who: str) -> Person:
        """By id, handle, first name or full name."""
        for person in self.people.values():
            if who in (person.id, person.name, person.real_name, person.real_name.split()[0]):
                return person
        raise LookupError(f"Nobody here is called {who!r}; there are {', '.join(p.name for p in self.people.values())}.")

    def channel(self, where: str) -> Channel:
        """By id or by name, with or without the hash."""
        if where in self.channels:
            return self.channels[where]
        for channel in self.channels.values():
            if channel.kind != "im" and channel.name == where.removeprefix("#"):
                return channel
        raise LookupError(
            f"There is no channel {where!r}; there are {', '.join('#' + c.name for c in self.channels.values() if c.kind != 'im')}."
        )

    def direct(self, who: str) -> Channel:
        """The direct message between a person and the bot."""
        return self.channels["D" + self.person(who).id[1:]]

    def find(self, channel: str, ts: str) -> Message | None:
        """The message, or None when it is not (or no longer) here."""
        return self._messages.get((channel, ts))

    def history(self, channel: str) -> list[Message]:
        """The channel's own messages, oldest first: no replies (but broadcast ones), no ephemeral ones."""
        return [m for m in self._heads[channel].values() if m.to is None]

    def replies(self, channel: str, thread_ts: str) -> list[Message]:
        """The thread's replies, oldest first, without its head and without ephemeral ones."""
        return [m for m in self._threads.get((channel, thread_ts), {}).values() if m.to is None]

    def whispers(self, who: str) -> list[Message]:
        """The ephemeral messages shown to a person, oldest first."""
        return [m for m in self._messages.values() if m.to == who]

    def everything(self) -> list[Message]:
        """All messages that are not ephemeral, oldest first."""
        return [m for m in self._messages.values() if m.to is None]

    # ----------------------------------------------------------------- names and times

    def now(self) -> str:
        """A new message id: the time in microseconds, unique and increasing."""
        self._last = max(int(self.clock() * 1_000_000), self._last + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def new_id(self, prefix: str) -> str:
        """A name that was never used before, not even by an earlier run."""
        return f"{prefix}{next(self._count):03X}{secrets.token_hex(4).upper()}"

    # ----------------------------------------------------------------- changing

    def watch(self, watcher: Callable[[Change], None]) -> Callable[[], None]:
        """Be told of every change from now on; returns the way to stop."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def tell(self, change: Change) -> None:
        """Let the watchers know."""
        for watcher in list(self._watchers):
            watcher(change)

    def post(self, message: Message) -> Message:
        """Add a message, forgetting the oldest beyond the limit."""
        key = (message.channel, message.ts)
        self._messages[key] = message
        if message.thread_ts:
            self._threads.setdefault((message.channel, message.thread_ts), {})[message.ts] = message
        if not message.thread_ts or message.broadcast:
            self._heads[message.channel][message.ts] = message
        while len(self._messages) > self._limit:
            self._forget(next(iter(self._messages.values())))
        self.tell(Change("posted", message))
        return message

    def _forget(self, message: Message) -> None:
        self._messages.pop((message.channel, message.ts), None)
        self._heads[message.channel].pop(message.ts, None)
        if message.thread_ts and (thread := self._threads.get((message.channel, message.thread_ts))):
            thread.pop(message.ts, None)
            if not thread:
                del self._threads[message.channel, message.thread_ts]

    def edit(self, message: Message, text: str, blocks: list[Json] | None, *, marked: bool) -> None:
        """Replace what a message says; `marked` shows that it was edited."""
        before = self.wire(message)
        message.text, message.blocks = text, blocks
        message.state.clear()
        if marked:
            message.edited = self.now()
        self.tell(Change("edited", message, before))

    def remove(self, message: Message) -> None:
        """Delete a message; the head of a thread with replies leaves a tombstone."""
        before = self.wire(message)
        if self.replies(message.channel, message.ts):
            message.text, message.blocks, message.subtype = TOMBSTONE, None, "tombstone"
            self.tell(Change("edited", message, before))
            return
        self._forget(message)
        self.tell(Change("removed", message, before))

    def react(self, message: Message, name: str, who: str) -> bool:
        """Add a reaction; False when that person already reacted so."""
        people = message.reactions.setdefault(name, [])
        if who in people:
            return False
        people.append(who)
        self.tell(Change("reacted", message, person=who, text=name))
        return True

    def join(self, channel: Channel, who: str) -> None:
        """Make somebody a member."""
        if who not in channel.members:
            channel.members.add(who)
            self.tell(Change("joined", person=who, channel=channel.id))

    def notice(self, who: str, channel: str, text: str) -> None:
        """Something that the service itself tells one person."""
        self.notices.append((who, text))
        self.tell(Change("notice", person=who, channel=channel, text=text))

    # ----------------------------------------------------------------- as Slack writes it

    def wire(self, message: Message) -> Json:
        """The message as Slack's API and events show it."""
        author = self.people.get(message.user)
        team = (author and author.team) or self.team
        wire: Json = {"type": "message", "user": message.user, "text": message.text, "ts": message.ts, "team": team}
        if team != self.team:
            wire |= {"user_team": team, "source_team": team}
        if message.blocks is not None:
            wire["blocks"] = message.blocks
        if message.client_msg_id:
            wire["client_msg_id"] = message.client_msg_id
        if message.user == self.bot.id:
            wire |= {"bot_id": self.bot_id, "app_id": self.app, "bot_profile": self.bot_profile()}
        if message.subtype:
            wire["subtype"] = message.subtype
        if message.edited:
            wire["edited"] = {"user": message.user, "ts": message.edited}
        if message.reactions:
            wire["reactions"] = [{"name": name, "users": list(who), "count": len(who)} for name, who in message.reactions.items()]
        return wire | self._thread_wire(message)

    def _thread_wire(self, message: Message) -> Json:
        if message.thread_ts:
            head = self.find(message.channel, message.thread_ts)
            parent = {"parent_user_id": head.user} if head else {}
            return {"thread_ts": message.thread_ts, **parent}
        replies = self.replies(message.channel, message.ts)
        if not replies:
            return {}
        users = list(dict.fromkeys(reply.user for reply in replies))
        return {
            "thread_ts": message.ts,
            "reply_count": len(replies),
            "reply_users": users,
            "reply_users_count": len(users),
            "latest_reply": replies[-1].ts,
        }

    def bot_profile(self) -> Json:
        """The app as its messages name it."""
        return {"id": self.bot_id, "app_id": self.app, "name": self.bot.real_name, "team_id": self.team, "deleted": False}
