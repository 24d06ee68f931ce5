"""What the page gets to see: the whole workspace at first, then every change."""

from collections.abc import Callable
from typing import Any

from bot.playground.manifest import Manifest
from bot.playground.workspace import Change, Message, Workspace

Json = dict[str, Any]


class PageView:
    """The workspace as the page wants it: one page shows all people, one at a time."""

    def __init__(self, workspace: Workspace, manifest: Manifest, samples: list[str], connected: Callable[[], bool]) -> None:
        self._space = workspace
        self._manifest = manifest
        self._samples = samples
        self._connected = connected

    def everything(self) -> Json:
        """All there is, but ephemeral messages: those are gone when the page is loaded again."""
        space = self._space
        return {
            "team": space.name,
            "bot": space.bot.id,
            "about": self._manifest.description,
            "connected": self._connected(),
            "people": [
                {"id": p.id, "name": p.name, "real_name": p.real_name, "title": p.title, "bot": p.bot} for p in space.people.values()
            ],
            "channels": [
                {"id": c.id, "name": c.name, "kind": c.kind, "topic": c.topic, "members": sorted(c.members)}
                for c in space.channels.values()
            ],
            "messages": [self.message(each) for each in space.everything()],
            "windows": {person: self.window(person) for person in space.windows},
            "commands": [{"name": c.name, "description": c.description, "hint": c.hint} for c in self._manifest.commands.values()],
            "shortcuts": [
                {"name": s.name, "callback_id": s.callback_id, "description": s.description}
                for s in self._manifest.shortcuts.values()
                if s.kind == "message"
            ],
            "samples": self._samples,
        }

    def news(self, change: Change) -> Json | None:
        """A change, or None when the page shows nothing of it."""
        match change.kind:
            case "posted" | "edited" | "reacted" if change.message:
                return {"type": "message", "message": self.message(change.message)}
            case "removed" if change.message:
                return {"type": "removed", "channel": change.message.channel, "ts": change.message.ts}
            case "window":
                return {"type": "window", "person": change.person, "window": self.window(change.person)}
            case "app":
                return {"type": "app", "connected": self._connected()}
        return None

    @staticmethod
    def message(message: Message) -> Json:
        """One message."""
        return {
            "channel": message.channel,
            "ts": message.ts,
            "user": message.user,
            "text": message.text,
            "blocks": message.blocks,
            "thread": message.thread_ts,
            "to": message.to,
            "edited": bool(message.edited),
            "gone": message.subtype == "tombstone",
            "broadcast": message.broadcast,
            "reactions": [{"name": name, "count": len(who)} for name, who in message.reactions.items()],
        }

    def window(self, person: str) -> Json | None:
        """The top window of somebody."""
        stack = self._space.windows.get(person)
        if not stack:
            return None
        return {"id": stack[-1].id, "hash": stack[-1].hash, "content": stack[-1].content, "state": stack[-1].state}
