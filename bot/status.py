"""The status port: does the process live, can it work, and what has it counted. For the operator's own machines, not for the world."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiohttp import web

from bot.metrics import Metrics
from bot.ports import StoreError
from bot.rulewatch import RuleWatch
from bot.service import Service

PATIENCE = 2.0
"""Seconds that the database has to answer in."""

_NOT_KEPT = {"Cache-Control": "no-store"}


class Connection(Protocol):
    """What is to be known of a chat adapter."""

    async def connected(self) -> bool:
        """Whether it listens."""
        ...

    def socket_age(self) -> float | None:
        """Seconds since the service last answered on the socket, where there is one."""
        ...


class Listener(Protocol):
    """What is to be known of a chat adapter that is called over HTTP."""

    @property
    def unverified(self) -> tuple[str, ...]:
        """What of the service's part has never worked since the start."""
        ...

    async def connected(self) -> bool:
        """Whether it listens."""
        ...


@dataclass
class Vitals:
    """The parts to be asked how they are; what is not there yet is still starting."""

    metrics: Metrics
    stopping: Callable[[], bool]
    rules: RuleWatch | None = None
    service: Service | None = None
    chat: Connection | None = None
    teams: Listener | None = None
    patience: float = field(default=PATIENCE)
    database: str = ""
    """What is wrong with the database that is waited for at the start."""

    async def readiness(self) -> dict[str, Any]:
        """Whether work should be sent here, why not, and the figures behind it."""
        if self.stopping() or self.service is None or (self.chat is None and self.teams is None):
            waited_for = {"database": self.database} if self.database else {}
            return {"ready": False, "reasons": ["stopping" if self.stopping() else "starting"]} | waited_for | self._rules()
        database = await self._database(self.service)
        chats = await self._chats()
        troubles = {"database": bool(database), **{name: not state["connected"] for name, state in chats.items()}}
        reasons = [name for name, trouble in troubles.items() if trouble]
        return {"ready": not reasons, "reasons": reasons, "database": database or "works", **chats} | self._rules()

    async def _chats(self) -> dict[str, dict[str, Any]]:
        """How each chat service is."""
        found: dict[str, dict[str, Any]] = {}
        if self.chat is not None:
            age = self.chat.socket_age()
            found["slack"] = {"connected": await self.chat.connected()} | ({} if age is None else {"socket_age_seconds": round(age, 1)})
        if self.teams is not None:
            unverified = list(self.teams.unverified)
            found["teams"] = {"connected": await self.teams.connected()} | ({"not_yet_verified": unverified} if unverified else {})
        return found

    def _rules(self) -> dict[str, Any]:
        if self.rules is None:
            return {}
        return {
            "rules": {"version": self.rules.rules.version, "last_edit_broken": bool(self.rules.mistakes), "mistakes": self.rules.mistakes}
        }

    async def _database(self, service: Service) -> str:
        """What is wrong with the database, without its address; "" if nothing is."""
        try:
            async with asyncio.timeout(self.patience):
                await service.backlog()
        except StoreError:
            return "fails; the log says why (store_failed)"
        except TimeoutError:
            return f"did not answer within {self.patience:g} s"
        return "cannot be written; the log says why (store_failed)" if service.troubled else ""

    async def measured(self, accept: str) -> tuple[bytes, str]:
        """All metrics, with those that are read off at this moment."""
        if self.service is not None and not self.stopping():
            await self._database(self.service)
        if self.chat is not None:
            self.metrics.socket(self.chat.socket_age())
        return self.metrics.shown(accept)


def application(vitals: Vitals) -> web.Application:
    """The three pages: `/healthz`, `/readyz`, `/metrics`."""

    async def healthz(request: web.Request) -> web.Response:
        return web.json_response({"ok": True}, headers=_NOT_KEPT)

    async def readyz(request: web.Request) -> web.Response:
        readiness = await vitals.readiness()
        return web.json_response(readiness, status=200 if readiness["ready"] else 503, headers=_NOT_KEPT)

    async def metrics(request: web.Request) -> web.Response:
        body, content_type = await vitals.measured(request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": content_type, **_NOT_KEPT})

    pages: dict[str, Callable[[web.Request], Awaitable[web.Response]]] = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}
    app = web.Application(client_max_size=1024)
    app.add_routes([web.get(path, page) for path, page in pages.items()])
    return app
