"""Bytes that are no HTTP: they are refused with a bare status, and neither the answer nor the log holds them."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.chat.slack.door import discreet, unnamed
from bot.listening import Runner
from tests import leaks

TOKEN = "xoxb-1-2-" + "abcdefgh"
MESSAGE = "the merger is called Bluebird"
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNK = f"ZZ{{text: {MESSAGE}}}\r\n".encode()
UNREADABLE = {
    "path": f"GET /{TOKEN}\x01 HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    "method": f"{{{MESSAGE}}} / HTTP/1.1\r\n\r\n".encode(),
    "header": f"GET / HTTP/1.1\r\nHost: x\r\n{MESSAGE}\r\n\r\n".encode(),
    "chunk": HEAD + CHUNK,
}


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A port with a handler that gives back what it reads."""

    async def read(request: web.Request) -> web.Response:
        return web.Response(text=await request.text())

    application = web.Application(middlewares=[discreet])
    application.on_response_prepare.append(unnamed)
    application.add_routes([web.route("*", "/", read)])
    runner = Runner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def answer(port: int, sent: bytes) -> str:
    """All that comes back for these bytes, until the other side closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(10):
            writer.write(sent)
            return (await reader.read()).decode()
    finally:
        writer.close()


@pytest.mark.parametrize("sent", UNREADABLE.values(), ids=UNREADABLE)
async def test_what_cannot_be_read_is_refused_without_a_word_and_never_logged(port: int, sent: bytes, log: leaks.Watch) -> None:
    log.plant(TOKEN, MESSAGE)
    head, _, body = (await answer(port, sent)).partition("\r\n\r\n")
    assert head.split()[1] == "400"
    assert body == ""
    assert "server:" not in head.lower()
    assert log.found() == []


async def test_what_can_be_read_is_answered(port: int) -> None:
    said = await answer(port, b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi")
    assert said.startswith("HTTP/1.1 200 OK")
    assert said.endswith("\r\n\r\nhi")
