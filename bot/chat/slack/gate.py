"""The gate before everything else: what can only be met with silence is told here, before it costs anything."""

import json
from collections.abc import Callable

from bot.chat.payload import part
from bot.chat.slack.events import MESSAGE_EVENTS, overheard, translate
from bot.chat.slack.payload import team_of
from bot.chat.slack.workspaces import Workspaces
from bot.core.messages import Event

Ignores = Callable[[Event], bool]


class Gate:
    """Looks at what Slack sent, by whichever way. Only plain messages can be stopped, and only by the service's own word that it will
    neither answer nor remember them; answers in threads, direct messages and mentions are never among them."""

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces
        self.ignores: Ignores | None = None
        """Whether the service ignores an event, which it counts, by what is said and never by who says it or where: the gate may not know.
        None: nobody can tell, so that everything goes on."""

    def stops(self, body: object) -> bool:
        """Whether the request need only be acknowledged. Never raises: what fails here, the ear meets again and reports."""
        if self.ignores is None or not isinstance(body, dict):
            return False
        if body.get("type") != "event_callback" or part(body.get("event"), "type") not in MESSAGE_EVENTS:
            return False
        try:
            us = self._workspaces.known(team_of(body))
            if us is None:
                return False
            event = overheard(body, us) or translate(body, us)
            return event is None or self.ignores(event)
        except Exception:
            return False


def read(body: str) -> object:
    """What an event says; None where it is written otherwise, as interactions and commands are, or makes no sense."""
    if not body.startswith("{"):
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
