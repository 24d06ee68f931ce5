"""Delivery by signed HTTP requests, as Slack calls an app's request URL."""

import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.playground.delivery import Answer, Attempt
from bot.playground.guard import LOOPBACK

Json = dict[str, Any]


class HttpLine:
    """Posts to one request URL on this machine."""

    def __init__(self, url: str, signing_secret: str, within: float) -> None:
        if (urlsplit(url).hostname or "") not in LOOPBACK:
            raise ValueError(f"The stand-in delivers to this machine only, not to {url}.")
        self._url = url
        self._secret = signing_secret.encode()
        self._session = ClientSession(timeout=ClientTimeout(total=within))

    async def verify(self, token: str) -> None:
        """Slack's own first question to a new request URL; the app must echo the challenge."""
        challenge = "a-challenge-to-be-echoed"
        answer = await self._post({"type": "url_verification", "challenge": challenge, "token": token}, "application/json", {})
        if not answer.ok or (answer.body or {}).get("challenge", (answer.body or {}).get("text")) != challenge:
            raise RuntimeError(f"{self._url} did not answer the url_verification challenge ({answer.why or answer.body}).")

    async def deliver(self, attempt: Attempt) -> Answer:
        """One signed request."""
        if attempt.kind == "events_api":
            retry = {"X-Slack-Retry-Num": str(attempt.number), "X-Slack-Retry-Reason": attempt.reason} if attempt.number else {}
            return await self._post(attempt.payload, "application/json", retry)
        form = attempt.payload if attempt.kind == "slash_commands" else {"payload": json.dumps(attempt.payload)}
        return await self._post(form, "application/x-www-form-urlencoded", {})

    async def close(self) -> None:
        """Release the connections."""
        await self._session.close()

    async def _post(self, content: Json, kind: str, more: dict[str, str]) -> Answer:
        body = json.dumps(content) if kind == "application/json" else urlencode(content)
        headers = {"Content-Type": kind, **self._signature(body), **more}
        try:
            async with self._session.post(self._url, data=body.encode(), headers=headers) as response:
                text = await response.text()
                final = response.headers.get("x-slack-no-retry") == "1"
                if response.status != 200:
                    return Answer(False, why="http_error", final=final)
                return Answer(True, _body(text))
        except TimeoutError:
            return Answer(False, why="http_timeout")
        except (ClientError, ConnectionError):
            return Answer(False, why="connection_failed")

    def _signature(self, body: str) -> dict[str, str]:
        stamp = str(int(time.time()))
        digest = hmac.new(self._secret, f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def _body(text: str) -> Json | None:
    if not text.strip():
        return None
    try:
        body = json.loads(text)
    except ValueError:
        return {"text": text}
    return body if isinstance(body, dict) else {"text": text}
