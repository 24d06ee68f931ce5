"""The Web API methods: what they check and what they do. The transport around them is webapi.py."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.playground import blockcheck
from bot.playground.blocknames import named
from bot.playground.manifest import Manifest
from bot.playground.workspace import Channel, Message, Workspace

Json = dict[str, Any]
LONGEST_TEXT = 40_000


class SlackError(Exception):
    """What Slack answers instead: `{"ok": false, "error": ...}` and perhaps more."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.answer: Json = {"ok": False, "error": error, **more}


@dataclass(frozen=True, slots=True)
class Content:
    """Text and blocks of a message, checked."""

    text: str
    blocks: list[Json] | None
    warnings: tuple[str, ...] = ()


def refuse_blocks(complaints: list[str], error: str = "invalid_blocks") -> None:
    """Answer as Slack does when blocks are not what it takes."""
    if complaints:
        raise SlackError(error, errors=complaints, response_metadata={"messages": [f"[ERROR] {each}" for each in complaints]})


def read_content(arguments: Json, *, limited: bool = True) -> Content:
    """The text and blocks of the arguments, or the error that Slack answers."""
    text, blocks = arguments.get("text") or "", arguments.get("blocks")
    if not isinstance(text, str):
        text = str(text)
    if isinstance(blocks, str):
        raise SlackError("invalid_blocks_format")
    if not text and not blocks:
        raise SlackError("no_text")
    warnings = []
    if len(text) > LONGEST_TEXT:
        text = text[:LONGEST_TEXT]
        warnings.append("message_truncated")
    if blocks:
        refuse_blocks(blockcheck.message_complaints(blocks))
        if limited and blockcheck.too_long(blocks):
            raise SlackError("msg_blocks_too_long")
        if not text:
            warnings.append("missing_text_in_message")
    return Content(text, named(blocks) if blocks else None, tuple(warnings))


class Calls:
    """What every method needs: the workspace, the rights of the app, and the checks they share."""

    def __init__(self, workspace: Workspace, manifest: Manifest) -> None:
        self.space = workspace
        self.manifest = manifest

    def need(self, *scopes: str) -> None:
        """Refuse when none of the scopes is granted."""
        if not self.manifest.scopes.intersection(scopes):
            raise SlackError("missing_scope", needed=scopes[0], provided=",".join(sorted(self.manifest.scopes)))

    def channel(self, arguments: Json) -> Channel:
        """The channel by its id."""
        channel = self.space.channels.get(str(arguments.get("channel", "")))
        if channel is None or (channel.kind != "public" and self.space.bot.id not in channel.members):
            raise SlackError("channel_not_found")
        return channel

    def postable(self, arguments: Json) -> Channel:
        """The channel to post in: by id, by #name, or a person's id for the direct message with them."""
        where = str(arguments.get("channel", ""))
        if where in self.space.people and where != self.space.bot.id:
            return self.space.direct(where)
        named = next((c for c in self.space.channels.values() if c.kind != "im" and f"#{c.name}" == where), None)
        channel = named or self.channel(arguments)
        if self.space.bot.id not in channel.members and not (channel.kind == "public" and "chat:write.public" in self.manifest.scopes):
            raise SlackError("not_in_channel")
        return channel

    def message(self, arguments: Json, error: str = "message_not_found", field: str = "ts") -> Message:
        """A message of a channel by its ts; ephemeral ones cannot be found."""
        message = self.space.find(self.channel(arguments).id, str(arguments.get(field, "")))
        if message is None or message.to is not None:
            raise SlackError(error)
        return message

    def thread(self, arguments: Json, channel: Channel) -> str | None:
        """The head of a thread to post in."""
        thread = arguments.get("thread_ts")
        if not thread:
            return None
        head = self.space.find(channel.id, str(thread))
        if head is None or head.to is not None or head.thread_ts is not None:
            raise SlackError("thread_not_found")
        return head.ts

    def post(self, channel: Channel, content: Content, thread: str | None, *, to: str | None = None, broadcast: bool = False) -> Message:
        """A message of the bot."""
        message = Message(
            channel.id, self.space.now(), self.space.bot.id, content.text, content.blocks, thread, to, broadcast=broadcast and bool(thread)
        )
        return self.space.post(message)


@dataclass(frozen=True, slots=True)
class Method:
    """One method: what it does, and which scopes it needs (any of them)."""

    run: Callable[[Any, Json], Json]
    scopes: tuple[str, ...] = ()


def warned(answer: Json, warnings: tuple[str, ...]) -> Json:
    """The answer with Slack's warnings."""
    if warnings:
        answer |= {"warning": ",".join(warnings), "response_metadata": {"warnings": list(warnings)}}
    return answer
