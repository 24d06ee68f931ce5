"""How teams, channels and chats are called: as their activities say, or as Teams tells who asks. In memory alone."""

import asyncio
from typing import Final

import structlog

from bot.chat.payload import Payload, part, string
from bot.chat.teams.latest import Latest
from bot.chat.teams.payload import CONVERSATION
from bot.chat.teams.sdk import Connector
from bot.ports import Refused, TryLater

_log = structlog.get_logger(__name__)

KNOWN: Final = 2_000
"""How many conversations are kept in mind."""
LONGEST: Final = 80
"""Letters of a name that are shown."""
PATIENCE: Final = 3.0
"""Seconds that Teams has to tell a team's name, without which a card can do."""


class Titles:
    """The names of conversations."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._teams = Latest[str](KNOWN)
        self._titles = Latest[tuple[str, str]](KNOWN)

    def note(self, conversation: str, activity: Payload) -> None:
        """Remember the team of a channel, and the name of a chat, where an activity tells."""
        data = activity.get("channelData")
        team = string(part(part(data, "team"), "id"))
        if conversation and CONVERSATION.fullmatch(team):
            self._teams.keep(conversation, team)
        name = string(part(activity.get("conversation"), "name")) or string(part(part(data, "channel"), "name"))
        if conversation and name.strip() and conversation not in self._titles:
            self._titles.keep(conversation, (_short(string(part(part(data, "team"), "name"))), _short(name)))

    async def of(self, url: str, conversation: str) -> tuple[str, str]:
        """The names of its team and of itself; "" for what is not known."""
        team = self._teams.get(conversation, "")
        known = self._titles.get(conversation, ("", ""))
        if not team or known[0]:
            return known
        try:
            async with asyncio.timeout(PATIENCE):
                name, channels = await self._connector.team(url, team)
        except (TryLater, Refused, TimeoutError) as failure:
            _log.info("team_not_looked_up", why=str(failure) or "time-out")
            return known
        self._titles.keep(conversation, (_short(name), _short(channels.get(conversation, "")) or known[1]))
        return self._titles[conversation]


def _short(name: str) -> str:
    return " ".join(name.split())[:LONGEST]
