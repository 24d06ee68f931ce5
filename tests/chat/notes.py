"""A service that only takes notes, for adapters to talk to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.core.messages import Event
from bot.ports import Stepped


@dataclass
class Notes:
    """What was heard; `then` may do more and says what came of the step."""

    heard: list[Event] = field(default_factory=list)
    then: Callable[[Event], Awaitable[Stepped]] | None = None

    async def hear(self, event: Event) -> Stepped:
        self.heard.append(event)
        return await self.then(event) if self.then else Stepped(new=True)
