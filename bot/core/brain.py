"""The one decision place: an event and a memory go in, the new memory and the replies come out."""

from dataclasses import dataclass

from bot.core.memory import Memory
from bot.core.messages import Reply


@dataclass(frozen=True, slots=True)
class Decision:
    """The new memory, the replies in the order to be sent, and why: a short word for logs and counters, never user text."""

    memory: Memory
    replies: tuple[Reply, ...] = ()
    reason: str = ""
