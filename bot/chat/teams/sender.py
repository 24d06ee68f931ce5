"""The outgoing half: one reply of the outbox -> one message at Teams, or the reason why not."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog

from bot.chat.payload import Payload, part, string
from bot.chat.teams import cards
from bot.chat.teams.capabilities import Capabilities
from bot.chat.teams.cards import Card, Setting
from bot.chat.teams.events import person_of
from bot.chat.teams.latest import Latest
from bot.chat.teams.payload import ACTIVITY, DAY, Seals, is_channel
from bot.chat.teams.sdk import Connector
from bot.chat.teams.titles import Titles
from bot.chat.teams.waiting import Happened, Waiting, WaitingRoom
from bot.core.messages import Place
from bot.ports import Outgoing, Refused, TryLater

_log = structlog.get_logger(__name__)

KNOWN: Final = 10_000
"""How many conversations' addresses and people's names are kept in memory."""

DELETED_BY: Final = 2
"""After how many attempts a message that cannot be deleted just now gives way to a line instead."""
LEFT_BY: Final = 8
"""After how many it is left as it stands, so that what follows is said; some minutes later."""

_GONE: Final = frozenset({"status 404", "status 410"})


@dataclass(frozen=True, slots=True)
class Words:
    """The few words that this adapter needs itself: a person whose name is not known; what a press is answered with where no card
    answers it, and when it failed; what is said in place of a private answer; what a card in a person's own chat belongs to (`{where}`),
    a channel in a team (`{channel}`, `{team}`), and a channel and a chat without a name; the title of a window without one."""

    somebody: str
    happened: Mapping[Happened, str]
    failed: str
    about: str = "{where}"
    within: str = "{channel}, {team}"
    channel: str = ""
    chat: str = ""
    title: str = "Spellout"

    @property
    def sent(self) -> str:
        """What is said in place of an answer that went to the person's own chat."""
        return self.happened["private"]


class TeamsSender:
    """Posts, replaces, and says what is for one person alone."""

    def __init__(self, connector: Connector, seals: Seals, words: Words, capabilities: Capabilities, room: WaitingRoom) -> None:
        self.words = words
        self.capabilities = capabilities
        self._connector = connector
        self._seals = seals
        self._room = room
        self._urls = Latest[str](KNOWN)
        self._names = Latest[str](KNOWN)
        self._homes = Latest[str](KNOWN)
        self._chats = Latest[str](KNOWN)
        self._titles = Titles(connector)

    def note(self, activity: Payload) -> None:
        """Remember where a conversation is answered, and how a person is called; in memory alone."""
        conversation = string(part(activity.get("conversation"), "id")).partition(";")[0]
        tenant = string(part(part(activity.get("channelData"), "tenant"), "id"))
        for key in (conversation, tenant):
            if key:
                self._urls.keep(key, string(activity.get("serviceUrl")))
        self._titles.note(conversation, activity)
        if (person := person_of(activity)) and (name := _shown(string(part(activity.get("from"), "name")))):
            self._names.keep(person, name)

    async def home_of(self, place_tenant: str, conversation: str, person: str) -> str:
        """The tenant that a member of a conversation belongs to; "" where that cannot be learnt."""
        key = f"{conversation} {person}"
        if key not in self._homes:
            try:
                _, home = await self._connector.member(self._url(place_tenant, conversation), conversation, person)
            except (TryLater, Refused) as failure:
                _log.warning("member_not_looked_up", why=str(failure))
                return ""
            self._homes.keep(key, home)
        return self._homes[key]

    # ----------------------------------------------------------------------- sending

    async def send(self, outgoing: Outgoing) -> str | None:
        """Post, replace or whisper; the message's id, or None for a whisper. Raises TryLater or Refused."""
        waiting = self._room.find(outgoing, _conversation(outgoing))
        try:
            if outgoing.reply.surface != "thread":
                await self._whisper(outgoing, waiting)
                return None
            if outgoing.reply.gone:
                await self._take_away(outgoing)
                if waiting:
                    waiting.went.add("done")
                return None
            return await self._say(outgoing, waiting)
        finally:
            if waiting:
                waiting.note()

    async def _say(self, outgoing: Outgoing, waiting: Waiting | None) -> str:
        setting = await self._setting(outgoing)
        message = self._message(outgoing, setting)
        where, conversation = self._where(outgoing.place), _conversation(outgoing)
        if outgoing.message:
            try:
                await self._connector.replace(where, conversation, outgoing.message, message)
            except Refused as refusal:
                if str(refusal) not in _GONE:
                    raise
            else:
                if waiting:
                    waiting.offer(outgoing, lambda window: _card(outgoing, setting, window))
                    waiting.went.add("elsewhere")
                return outgoing.message
        if outgoing.uncertain:
            _log.warning("perhaps_posted_twice", outbox=outgoing.id)  # Teams cannot be asked: see Capabilities.finds_posts
        posted = await self._connector.post(where, conversation, message)
        if waiting:
            waiting.posted(conversation)
        return posted

    async def _take_away(self, outgoing: Outgoing) -> None:
        """Delete the message; one that is gone already is what was wanted. One that cannot be deleted says that it was taken back,
        without buttons, and in no case keeps what follows waiting."""
        if outgoing.message is None:
            return
        where, conversation = self._where(outgoing.place), _conversation(outgoing)
        if outgoing.attempts < DELETED_BY:
            try:
                await self._connector.delete(where, conversation, outgoing.message)
                return
            except Refused as refusal:
                if str(refusal) in _GONE:
                    return
                _log.warning("message_not_deleted", why=str(refusal))
        message = self._message(outgoing, await self._setting(outgoing))
        try:
            await self._connector.replace(where, conversation, outgoing.message, message)
        except Refused as refusal:
            if str(refusal) not in _GONE:
                _log.warning("message_not_emptied", why=str(refusal))
        except TryLater:
            if outgoing.attempts >= LEFT_BY:
                raise Refused("not_deleted") from None
            raise

    # ----------------------------------------------------------------------- for one person

    async def _whisper(self, outgoing: Outgoing, waiting: Waiting | None) -> None:
        """By the best way that works: a request of the person that waits, else a message in the conversation that only they see, else
        their own chat with us."""
        place, to = outgoing.place, outgoing.reply.to
        setting = await self._setting(outgoing)
        apart = setting if place.direct or self.capabilities.targeted else replace(setting, about=await self._about(place))
        if waiting and waiting.offer(outgoing, lambda window: _card(outgoing, setting if window else apart, window)):
            return
        where, conversation = self._where(place), _conversation(outgoing)
        if place.direct or (self.capabilities.targeted and await self._targeted(outgoing, setting)):
            if place.direct:
                await self._connector.post(where, place.channel, self._message(outgoing, setting))
            if waiting:
                waiting.posted(conversation)
            return
        chat = await self._chat_with(where, place.team, to)
        await self._connector.post(where, chat, self._message(outgoing, replace(setting, about=await self._about(place))))
        if waiting:
            waiting.posted(chat, private=True)
        elif not outgoing.answer_url:
            await self._say_where(where, conversation)

    async def _targeted(self, outgoing: Outgoing, setting: Setting) -> bool:
        """Whether it could be shown to the person within the conversation."""
        message = self._message(outgoing, setting, outgoing.reply.to)
        try:
            await self._connector.post(self._where(outgoing.place), _conversation(outgoing), message, targeted=True)
        except Refused as refusal:
            _log.warning("not_targeted", why=str(refusal))
            return False
        return True

    async def _say_where(self, where: str, conversation: str) -> None:
        """Say where somebody asked that the answer is in their own chat. It is said, so that nothing is tried again for this line."""
        line = self.words.sent
        try:
            await self._connector.post(where, conversation, self._connector.message(cards.line(line), line))
        except (TryLater, Refused) as failure:
            _log.warning("own_chat_not_told", why=str(failure))

    async def _about(self, place: Place) -> str:
        """What a card says that stands outside its conversation."""
        words = self.words
        team, channel = await self._titles.of(self._where(place), place.channel)
        named = words.within.replace("{channel}", channel).replace("{team}", team) if team and channel else team or channel
        return words.about.replace("{where}", named or (words.channel if is_channel(place.channel) else words.chat))

    async def _chat_with(self, where: str, tenant: str, person: str) -> str:
        key = f"{tenant} {person}"
        if key not in self._chats:
            self._chats.keep(key, await self._connector.personal_chat(where, tenant, person))
        return self._chats[key]

    # ----------------------------------------------------------------------- parts

    def _message(self, outgoing: Outgoing, setting: Setting, to: str = "") -> Any:
        return self._connector.message(_card(outgoing, setting, window=False), cards.fallback(outgoing.reply), to)

    async def _setting(self, outgoing: Outgoing) -> Setting:
        """What the card carries, and how the people in it are called."""
        place, reply = outgoing.place, outgoing.reply
        private = reply.to if reply.surface != "thread" and not place.direct else ""
        return Setting(
            self._seals.carried(place, private),
            {person: await self._name(place, person) for person in cards.people(reply)},
            self.words.somebody,
        )

    async def _name(self, place: Place, person: str) -> str:
        if person not in self._names:
            try:
                name, _ = await self._connector.member(self._where(place), place.channel, person)
            except (TryLater, Refused) as failure:
                _log.warning("member_not_looked_up", why=str(failure))
                return self.words.somebody
            self._names.keep(person, _shown(name) or self.words.somebody)
        return self._names[person]

    def _where(self, place: Place) -> str:
        return self._url(place.team, place.channel)

    def _url(self, tenant: str, conversation: str) -> str:
        """The connector's address: that of the conversation's last activity, else of its tenant's, else the world's."""
        return self._urls.get(conversation) or self._urls.get(tenant, "")


def _shown(name: str) -> str:
    """A person's name on one line, without what turns text around or cannot be sent."""
    return " ".join("".join(char if char.isprintable() else " " for char in name).split())[:200]


def _card(outgoing: Outgoing, setting: Setting, window: bool) -> Card:
    return cards.card(outgoing.reply, replace(setting, dialog=window))


def _conversation(outgoing: Outgoing) -> str:
    """The conversation to post in: a thread of a channel is named by its first message."""
    thread, channel = outgoing.thread, outgoing.place.channel
    flat = thread is None or thread == "dm" or thread.startswith("new-") or DAY.fullmatch(thread) or not ACTIVITY.fullmatch(thread)
    return channel if flat else f"{channel};messageid={thread}"
