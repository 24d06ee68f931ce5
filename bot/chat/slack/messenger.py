"""Sends each reply as the bot of the workspace that it is for."""

from collections.abc import Mapping

from bot.chat.slack.sender import SlackSender
from bot.chat.slack.workspaces import LOST, Workspaces
from bot.core.messages import Place, Reply
from bot.ports import Outgoing, Refused, StoreError, TryLater


class Messenger:
    """The outgoing half. What happens in one workspace, a revoked token say, is nothing to any other."""

    def __init__(self, workspaces: Workspaces, close: str, apologies: Mapping[str, Reply]) -> None:
        self._workspaces = workspaces
        self._close, self._apologies = close, apologies

    def speak(self, close: str, apologies: Mapping[str, Reply]) -> None:
        """Use these words from now on."""
        self._close, self._apologies = close, apologies

    async def send(self, outgoing: Outgoing) -> str | None:
        """Post, replace or whisper; the message's id, or None for a whisper. Raises TryLater or Refused."""
        team = outgoing.place.team
        try:
            return await (await self._sender(team)).send(outgoing)
        except TryLater as later:
            self._doubt_refused(team, later)
            raise

    async def open(self, trigger: str, reply: Reply, place: Place) -> None:
        """Open a window while the trigger lives, three seconds. Raises TryLater or Refused."""
        try:
            await (await self._sender(place.team)).open(trigger, reply, place)
        except TryLater as later:
            self._doubt_refused(place.team, later)
            raise

    async def _sender(self, team: str) -> SlackSender:
        try:
            workspace = await self._workspaces.of(team)
        except StoreError:
            raise TryLater("installation_unreadable") from None
        if workspace is None:
            raise Refused("not_installed")
        return SlackSender(workspace.client, self._close, self._apologies)

    def _doubt_refused(self, team: str, later: TryLater) -> None:
        if str(later) in LOST:
            self._workspaces.doubt(team)
