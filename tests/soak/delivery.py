"""Getting events to one of the replicas as Slack does: signed, in three seconds, again when nobody acknowledges, and sometimes twice."""

import asyncio
import hashlib
import hmac
import json
import random
import time
from collections import Counter
from collections.abc import Coroutine, Sequence
from urllib.parse import urlencode

from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout, TCPConnector

from tests.soak.people import Json

WITHIN = 3
"""Seconds that Slack waits for an acknowledgement."""
AGAIN_AFTER = (1, 6, 30)
"""Slack's own pauses before it delivers again are about 0, 60 and 300 seconds."""


class Delivery:
    """A load balancer in front of the replicas, and Slack in front of it."""

    def __init__(self, urls: Sequence[str], secret: str, dice: random.Random, *, doubled: float, at_once: int) -> None:
        self._urls, self._secret, self._dice, self._doubled = list(urls), secret.encode(), dice, doubled
        self._gate = asyncio.Semaphore(at_once)
        self._session = ClientSession(
            timeout=ClientTimeout(total=WITHIN), connector=TCPConnector(limit=0, keepalive_timeout=5), auto_decompress=False
        )
        self._later: set[asyncio.Task[bool]] = set()
        self.counts: Counter[str] = Counter()
        self.waits: list[float] = []
        self.given_up: list[str] = []

    async def event(self, payload: Json) -> bool:
        """Deliver an event until it is acknowledged; False if Slack gave up."""
        body = json.dumps(payload).encode()
        if self._dice.random() < self._doubled:
            self.counts["delivered twice"] += 1
            self._spawn(self._later_on(body))
        if await self._once(body, "application/json", 0):
            return True
        for number, pause in enumerate(AGAIN_AFTER, start=1):
            await asyncio.sleep(pause)
            self.counts["delivered again"] += 1
            if await self._once(body, "application/json", number):
                return True
        self.given_up.append(str(payload["event_id"]))
        return False

    async def ask(self, payload: Json, wrapped: bool) -> bool:
        """Deliver a command or a press, once; whether it was acknowledged."""
        form = {"payload": json.dumps(payload)} if wrapped else payload
        return await self._once(urlencode(form).encode(), "application/x-www-form-urlencoded", 0)

    async def close(self) -> None:
        """Let go."""
        for task in self._later:
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)
        await self._session.close()

    def _spawn(self, work: Coroutine[None, None, bool]) -> None:
        task = asyncio.create_task(work)
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def _later_on(self, body: bytes) -> bool:
        """The second delivery, at the same time or a while after the first."""
        await asyncio.sleep(self._dice.choice((0, 0, 0.2, 2)))
        return await self._once(body, "application/json", 1)

    async def _once(self, body: bytes, kind: str, number: int) -> bool:
        async with self._gate:
            return await self._delivered(body, kind, number)

    async def _delivered(self, body: bytes, kind: str, number: int) -> bool:
        first = self._dice.randrange(len(self._urls))
        for url in (*self._urls[first:], *self._urls[:first]):
            try:
                return await self._post(url, body, kind, number)
            except ClientConnectorError:  # nobody listens there: the load balancer takes another
                continue
            except TimeoutError:
                return self._note("not acknowledged in time")
            except (ClientError, OSError):
                return self._note("connection broken")
        return self._note("no replica there")

    async def _post(self, url: str, body: bytes, kind: str, number: int) -> bool:
        stamp = str(int(time.time()))
        digest = hmac.new(self._secret, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": kind, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
        if number:
            headers |= {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": "http_error"}
        began = time.perf_counter()
        async with self._session.post(url, data=body, headers=headers) as response:
            await response.read()
        if response.status != 200:
            return self._note(f"answered {response.status}")
        self.counts["acknowledged"] += 1
        self.waits.append(time.perf_counter() - began)
        return True

    def _note(self, what: str) -> bool:
        self.counts[what] += 1
        return False
