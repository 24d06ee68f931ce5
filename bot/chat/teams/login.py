"""Our own proof towards Teams: a token that Microsoft's login gives for the client secret, kept until shortly before it ends.

The SDK would fetch it with a library that looks Microsoft up on the event loop and waits for ever.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.chat.payload import string

_log = structlog.get_logger(__name__)

TIMEOUT: Final = 10.0
"""Seconds that asking for a token may take."""
EARLY: Final = 300.0
"""Seconds before its end at which a token is asked for anew."""
LAST: Final = 30.0
"""Seconds before its end until which a token still serves where no new one can be had."""
_PASSING: Final = frozenset({"AADSTS90006", "AADSTS90012", "AADSTS90024", "AADSTS90033"})
"""Microsoft's numbers for troubles of its own, whatever the status they come with."""


class NoToken(Exception):
    """There is no token: Microsoft's word for it, and whether it refuses our credentials, which waiting does not mend."""

    def __init__(self, why: str, *, refused: bool) -> None:
        super().__init__(why)
        self.refused = refused


class Login:
    """The token of one app; however many ask for it at once, Microsoft is asked once."""

    def __init__(self, endpoint: str, client_id: str, secret: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._client_id = client_id
        self._secret = secret
        self._clock = clock
        self._token, self._ends = "", 0.0
        self._asking: asyncio.Task[None] | None = None

    @property
    def known(self) -> bool:
        """Whether Microsoft has ever given us a token."""
        return bool(self._token)

    async def token(self, scope: str, tenant: str) -> str:
        """A token for this scope that is good for a while yet; raises NoToken."""
        if self._ends - EARLY <= self._clock():
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask(scope, tenant), name="teams-login")
                self._asking.add_done_callback(_retrieved)
            try:
                await asyncio.shield(self._asking)
            except NoToken as failure:
                if self._ends - LAST <= self._clock():
                    raise
                _log.warning("teams_token_not_renewed", why=str(failure))
        return self._token

    async def _ask(self, scope: str, tenant: str) -> None:
        asked = {"grant_type": "client_credentials", "client_id": self._client_id, "client_secret": self._secret, "scope": scope}
        try:
            async with (
                ClientSession(timeout=ClientTimeout(total=TIMEOUT), trust_env=True) as session,
                session.post(f"{self._endpoint}/{tenant}/oauth2/v2.0/token", data=asked, allow_redirects=False) as answer,
            ):
                status, said = answer.status, await answer.json(content_type=None)
        except (ClientError, OSError, TimeoutError, ValueError) as error:
            raise NoToken(type(error).__name__, refused=False) from None
        if status != 200 or not isinstance(said, Mapping) or not string(said.get("access_token")):
            word = _word(status, said)
            raise NoToken(word, refused=400 <= status < 500 and status not in (408, 429) and word not in _PASSING)
        self._token, self._ends = string(said.get("access_token")), self._clock() + _seconds(said.get("expires_in"))

    def drop(self) -> None:
        """Serve this token no more: Teams does not take it."""
        self._ends = 0.0

    async def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)


def _retrieved(task: "asyncio.Task[None]") -> None:
    """Who waited may have gone; then nobody else looks at how it ended."""
    if not task.cancelled():
        task.exception()


def _word(status: int, said: object) -> str:
    """Microsoft's number for what is wrong, which says more than its word; never its sentence, which quotes what we sent."""
    codes: Any = said.get("error_codes") if isinstance(said, Mapping) else None
    if isinstance(codes, list) and codes and isinstance(codes[0], int):
        return f"AADSTS{codes[0]}"
    return f"status {status}"


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
