"""Several chat services in one process, as one: each reply goes out where it belongs, and all of them start and stop together."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from aiohttp import web

from bot.core.messages import Event
from bot.ports import Outgoing, Sender, Stepped, TryLater

HEALTH_PATH = "/healthz"

Hear = Callable[[Event], Awaitable[Stepped]]
Ignores = Callable[[Event], bool]


class Chat(Protocol):
    """What every chat adapter is."""

    @property
    def sender(self) -> Sender:
        """Its outgoing half."""
        ...

    def mount(self, application: web.Application) -> None:
        """Add its routes."""
        ...

    async def start(self, hear: Hear, ignores: Ignores | None = None) -> None:
        """Begin to listen; what `ignores` says yes to need not be heard."""
        ...

    async def stop(self, grace: float = 10) -> None:
        """Take nothing new, and wait for what was taken (seconds)."""
        ...

    async def close(self) -> None:
        """Let go of the service."""
        ...

    async def connected(self) -> bool:
        """Whether it listens."""
        ...


class Together:
    """The chat services of this process, by their names in `Place.service`. It is itself one, and the sender of all."""

    def __init__(self, **chats: Chat) -> None:
        self._chats = chats

    @property
    def services(self) -> list[str]:
        """Their names."""
        return sorted(self._chats)

    @property
    def sender(self) -> Sender:
        """The outgoing half of them all."""
        return self

    async def send(self, outgoing: Outgoing) -> str | None:
        """Send by the service of the reply's place; where that is not served now, the reply waits. Raises TryLater or Refused."""
        chat = self._chats.get(outgoing.place.service)
        if chat is None:
            raise TryLater(f"{outgoing.place.service} is not served here", uncertain=False)
        return await chat.sender.send(outgoing)

    def mount(self, application: web.Application) -> None:
        """Add the routes of all, and the health check where no service brings one."""
        for chat in self._chats.values():
            chat.mount(application)
        if not any(resource.canonical == HEALTH_PATH for resource in application.router.resources()):
            application.router.add_get(HEALTH_PATH, self._health)

    async def start(self, hear: Hear, ignores: Ignores | None = None) -> None:
        """Start one after the other; the first that cannot ends it."""
        for chat in self._chats.values():
            await chat.start(hear, ignores)

    async def stop(self, grace: float = 10) -> None:
        """Stop them all at the same time."""
        await asyncio.gather(*(chat.stop(grace) for chat in self._chats.values()))

    async def close(self) -> None:
        """Let go of all services."""
        for chat in self._chats.values():
            await chat.close()

    async def connected(self) -> bool:
        """Whether all of them listen."""
        return all([await chat.connected() for chat in self._chats.values()])

    async def _health(self, request: web.Request) -> web.Response:
        connected = await self.connected()
        return web.json_response({"ok": connected}, status=200 if connected else 503)
