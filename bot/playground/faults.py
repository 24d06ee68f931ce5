"""Bad days on order: the next calls of a method fail, hang or lose their answer. And the list of all calls, for assertions."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One call that the app made: the method (`response_url` for an answer to an interaction), its arguments, the error if any."""

    method: str
    arguments: Json
    answer: Json
    status: int = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with a call."""

    kind: Literal["status", "error", "drop", "lose"]
    status: int = 200
    retry_after: float = 1
    error: str = ""


@dataclass(slots=True)
class Hold:
    """Calls that wait: `reached` is set when the first one came, `release` lets all go."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    _free: asyncio.Event = field(default_factory=asyncio.Event)

    def release(self) -> None:
        """Let them go."""
        self._free.set()

    async def wait(self) -> None:
        """Wait for the release."""
        self.reached.set()
        await self._free.wait()


class Faults:
    """What tests (and soak runs) order; `method` may be `*` for any."""

    def __init__(self, beat: Callable[[], None]) -> None:
        self.calls: deque[Call] = deque(maxlen=5000)
        self._next: dict[str, deque[Fault]] = {}
        self._holds: dict[str, Hold] = {}
        self._beat = beat

    def refuse(self, method: str, times: int = 1, *, status: int = 429, retry_after: float = 1) -> None:
        """The next calls are answered with this HTTP status; 429 comes with Retry-After."""
        self._order(method, times, Fault("status", status=status, retry_after=retry_after))

    def error(self, method: str, error: str, times: int = 1) -> None:
        """The next calls are answered `{"ok": false, "error": ...}`."""
        self._order(method, times, Fault("error", error=error))

    def drop(self, method: str, times: int = 1) -> None:
        """The connection breaks before the next calls take effect."""
        self._order(method, times, Fault("drop"))

    def lose_answer(self, method: str, times: int = 1) -> None:
        """The next calls take effect, but the connection breaks before the app hears so."""
        self._order(method, times, Fault("lose"))

    def hold(self, method: str) -> Hold:
        """Calls wait before they take effect, until released."""
        hold = self._holds[method] = Hold()
        return hold

    def _order(self, method: str, times: int, fault: Fault) -> None:
        self._next.setdefault(method, deque()).extend([fault] * times)

    async def meet(self, method: str) -> Fault | None:
        """What happens to this call now; waits while it is held."""
        hold = self._holds.get(method) or self._holds.get("*")
        if hold is not None:
            await hold.wait()
        for name in (method, "*"):
            if self._next.get(name):
                return self._next[name].popleft()
        return None

    def note(self, call: Call) -> None:
        """Remember the call."""
        self.calls.append(call)
        self._beat()

    def made(self, method: str) -> list[Call]:
        """All calls of a method so far, oldest first."""
        return [call for call in self.calls if call.method == method]
