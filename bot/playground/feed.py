"""What the app hears of the workspace: every change that its manifest subscribed to, in channels where it is a member."""

from bot.playground.delivery import Dispatcher
from bot.playground.manifest import Manifest
from bot.playground.payloads import Payloads
from bot.playground.workspace import CHANNEL_TYPES, Change, Channel, Message, Workspace

MESSAGE_EVENTS = {"channel": "message.channels", "group": "message.groups", "im": "message.im", "mpim": "message.mpim"}


class Feed:
    """Turns changes of the workspace into events."""

    def __init__(self, workspace: Workspace, manifest: Manifest, payloads: Payloads, dispatcher: Dispatcher) -> None:
        self._space = workspace
        self._manifest = manifest
        self._payloads = payloads
        self._dispatcher = dispatcher

    def hear(self, change: Change) -> None:
        """Send the events that this change means to the app, if any."""
        if change.message is not None:
            if change.message.to is None:
                self._message(change, change.message, self._space.channels[change.message.channel])
        elif change.kind == "joined":
            channel = self._space.channels[change.channel]
            if self._manifest.hears("member_joined_channel") and self._space.bot.id in channel.members:
                self._dispatcher.event(self._payloads.event(self._payloads.joined(change.person, channel), channel))

    def _message(self, change: Change, message: Message, channel: Channel) -> None:
        if self._space.bot.id not in channel.members:
            return
        if change.kind == "reacted":
            if self._manifest.hears("reaction_added"):
                self._dispatcher.event(self._payloads.event(self._payloads.reacted(message, change.person, change.text), channel))
            return
        if self._manifest.hears(MESSAGE_EVENTS[CHANNEL_TYPES[channel.kind]]):
            self._dispatcher.event(self._payloads.event(self._as_event(change, message, channel), channel))
        if change.kind == "posted" and channel.kind != "im" and self._names_bot(message) and self._manifest.hears("app_mention"):
            self._dispatcher.event(self._payloads.event(self._payloads.mention(message, channel), channel))

    def _as_event(self, change: Change, message: Message, channel: Channel) -> dict[str, object]:
        if change.kind == "edited":
            return self._payloads.changed(message, change.before or {}, channel)
        if change.kind == "removed":
            return self._payloads.deleted(message, change.before or {}, channel)
        return self._payloads.message(message, channel)

    def _names_bot(self, message: Message) -> bool:
        return f"<@{self._space.bot.id}" in message.text and message.user != self._space.bot.id
