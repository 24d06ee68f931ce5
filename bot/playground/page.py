"""The page's own door: its files, what it shows, what people do on it, and a stream of everything that changes."""

import asyncio
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.playground.cast import read_cast
from bot.playground.choices import NotPossible
from bot.playground.delivery import Answer
from bot.playground.guard import Handler
from bot.playground.manifest import Manifest
from bot.playground.pageview import PageView
from bot.playground.people import People
from bot.playground.workspace import Change, Message, Workspace

Json = dict[str, Any]
Act = Callable[[Json], Awaitable[Json]]

STATIC = Path(__file__).with_name("static")
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
HEARTBEAT = 15.0
MOST_UNSENT = 5000


class Page:
    """Serves the page of one stand-in."""

    def __init__(self, workspace: Workspace, manifest: Manifest, people: People, connected: Callable[[], bool]) -> None:
        self._space = workspace
        self._people = people
        self._view = PageView(workspace, manifest, read_cast()["samples"], connected)
        self._key = secrets.token_urlsafe(24)
        self._streams: set[asyncio.Queue[Json | None]] = set()
        self._forget = workspace.watch(self._changed)
        self._acts: dict[str, Act] = {
            "say": self._say,
            "edit": self._edit,
            "delete": self._delete,
            "command": self._command,
            "shortcut": self._shortcut,
            "press": self._press,
            "choose": self._choose,
            "submit": self._submit,
            "press_in_window": self._press_in_window,
            "close": self._close,
        }

    def routes(self) -> list[web.RouteDef]:
        """All addresses of the page."""
        return [
            web.get("/", self._index),
            web.get("/static/{name}", self._file),
            web.get("/page/state", self._guarded(self._state)),
            web.get("/page/stream", self._guarded(self._stream)),
            web.post("/page/do/{act}", self._guarded(self._do)),
        ]

    def stop(self) -> None:
        """End all streams."""
        self._forget()
        for queue in self._streams:
            queue.put_nowait(None)

    # ----------------------------------------------------------------- files

    async def _index(self, request: web.Request) -> web.Response:
        text = (STATIC / "index.html").read_text(encoding="utf-8").replace("{{key}}", self._key)
        return web.Response(text=text, content_type="text/html", headers=HEADERS)

    async def _file(self, request: web.Request) -> web.Response:
        path = STATIC / request.match_info["name"]
        if path.parent != STATIC or path.suffix not in KINDS or not path.is_file():
            raise web.HTTPNotFound(text="There is no such file.")
        return web.Response(body=path.read_bytes(), content_type=KINDS[path.suffix], charset="utf-8", headers=HEADERS)

    # ----------------------------------------------------------------- what is shown

    def _guarded(self, handler: Handler) -> Handler:
        """Only for the page that this start of the playground served."""

        async def checked(request: web.Request) -> web.StreamResponse:
            given = request.headers.get("X-Playground-Key") or request.query.get("key", "")
            if not hmac.compare_digest(given.encode(), self._key.encode()):
                raise web.HTTPForbidden(text="This page is from an earlier start of the playground: reload it.")
            return await handler(request)

        return checked

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response(self._view.everything(), headers=HEADERS)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        self._streams.add(queue)
        try:
            with suppress(ConnectionError):
                await response.write(b": welcome\n\n")
                await self._send_all(queue, response)
        finally:
            self._streams.discard(queue)
        return response

    async def _send_all(self, queue: asyncio.Queue[Json | None], response: web.StreamResponse) -> None:
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT):
                    news = await queue.get()
            except TimeoutError:
                await response.write(b": still here\n\n")
                continue
            if news is None or queue.qsize() > MOST_UNSENT:
                return
            await response.write(f"data: {json.dumps(news)}\n\n".encode())

    def _changed(self, change: Change) -> None:
        if self._streams and (news := self._view.news(change)):
            for queue in self._streams:
                queue.put_nowait(news)

    # ----------------------------------------------------------------- what people do

    async def _do(self, request: web.Request) -> web.Response:
        act = self._acts.get(request.match_info["act"])
        try:
            given = await request.json()
        except ValueError:
            given = None
        if act is None or not isinstance(given, dict):
            raise web.HTTPBadRequest(text="The page asked for something that does not exist.")
        try:
            return web.json_response({"ok": True, **await act(given)}, headers=HEADERS)
        except (NotPossible, LookupError, TypeError) as error:
            return web.json_response({"ok": False, "error": str(error)}, headers=HEADERS)

    def _message(self, given: Json) -> Message:
        message = self._space.find(given["channel"], given["ts"])
        if message is None:
            raise NotPossible("That message is no longer here.")
        return message

    async def _say(self, given: Json) -> Json:
        message = await self._people.say(given["person"], given["channel"], given["text"], given.get("thread"))
        return {"ts": message.ts}

    async def _edit(self, given: Json) -> Json:
        await self._people.edit(given["person"], self._message(given), given["text"])
        return {}

    async def _delete(self, given: Json) -> Json:
        await self._people.delete(given["person"], self._message(given))
        return {}

    async def _command(self, given: Json) -> Json:
        answer = await self._people.command(given["person"], given["channel"], given["text"], given.get("thread"))
        return _outcome(answer)

    async def _shortcut(self, given: Json) -> Json:
        answer = await self._people.shortcut(given["person"], self._message(given), given["callback_id"])
        return _outcome(answer)

    async def _press(self, given: Json) -> Json:
        answer = await self._people.press(given["person"], self._message(given), given["action_id"], block_id=given["block_id"])
        return _outcome(answer)

    async def _choose(self, given: Json) -> Json:
        message, values = self._message(given), given["values"]
        answer = await self._people.choose(given["person"], message, given["action_id"], *values, block_id=given["block_id"])
        return _outcome(answer)

    async def _submit(self, given: Json) -> Json:
        for field in given["fields"]:
            await self._people.fill(given["person"], field["action_id"], *field["values"], block_id=field["block_id"])
        return {"errors": await self._people.submit(given["person"])}

    async def _press_in_window(self, given: Json) -> Json:
        person, values = given["person"], given.get("values", [])
        answer = await self._people.press_in_window(person, given["action_id"], *values, block_id=given["block_id"])
        return _outcome(answer)

    async def _close(self, given: Json) -> Json:
        await self._people.close(given["person"])
        return {}


def _outcome(answer: Answer) -> Json:
    """Whether the app took it; if not, what the service tells the person."""
    return {"answered": answer.ok, "why": "" if answer.ok else answer.why}
