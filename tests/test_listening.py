"""Bytes that are no HTTP: they are refused with a bare status, and neither the answer nor the log holds them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.typedefs import Middleware
from structlog.testing import capture_logs

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


@asynccontextmanager
async def listening(middlewares: tuple[Middleware, ...] = (discreet,), **more: float) -> AsyncIterator[int]:
    """A port with handlers that give back what they read, at once or in pieces."""

    async def read(request: web.Request) -> web.Response:
        return web.Response(text=await request.text())

    async def read_in_pieces(request: web.Request) -> web.Response:
        return web.Response(body=b"".join([piece async for piece in request.content.iter_chunked(10)]))

    async def read_and_think(request: web.Request) -> web.Response:
        text, thought = await request.text(), asyncio.Event()
        asyncio.get_running_loop().call_later(0.3, thought.set)
        await thought.wait()
        return web.Response(text=text)

    application = web.Application(middlewares=middlewares)
    application.on_response_prepare.append(unnamed)
    application.add_routes([web.route("*", "/", read), web.post("/pieces", read_in_pieces), web.post("/slow", read_and_think)])
    runner = Runner(application, access_log=None, **more)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with listening() as port:
        yield port


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


# --------------------------------------------------------------------------- what never ends

LENGTH = b"Content-Length: 1000\r\n\r\n{"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"


@pytest.mark.parametrize("path", ["/", "/pieces"])
@pytest.mark.parametrize("body", [LENGTH, CHUNKED])
async def test_a_body_that_never_ends_is_not_waited_for(path: str, body: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with capture_logs() as log:
        async with listening(body_seconds=0.05) as port:
            said = await answer(port, f"POST {path} HTTP/1.1\r\nHost: x\r\n".encode() + body)
    head, _, rest = said.partition("\r\n\r\n")
    assert (head.split()[1], rest, "server:" in head.lower()) == ("408", "", False)
    assert ([line for line in log if line["log_level"] != "debug"], caplog.records) == ([], [])


async def test_a_head_that_never_ends_is_not_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    with capture_logs() as log:
        async with listening(body_seconds=0.05) as port:
            assert await answer(port, b"") == ""
            assert await answer(port, b"POST / HTTP/1.1\r\nHost:") == ""
    assert ([line for line in log if line["log_level"] != "debug"], caplog.records) == ([], [])


async def test_an_answer_may_take_longer_than_the_time_for_its_question() -> None:
    async with listening(body_seconds=0.2) as port:
        said = await answer(port, b"POST /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi")
    assert said.endswith("\r\n\r\nhi")


@pytest.mark.parametrize("middlewares", [(discreet,), ()])
async def test_a_peer_that_goes_away_in_the_middle_of_its_body_is_no_fault_of_ours(
    middlewares: tuple[Middleware, ...], caplog: pytest.LogCaptureFixture
) -> None:
    with capture_logs() as log:
        async with listening(middlewares) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n" + LENGTH)
            assert b"100" in await reader.readline()
            writer.close()
            assert (await answer(port, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).startswith("HTTP/1.1 200")
    assert ([line for line in log if line["log_level"] != "debug"], caplog.records) == ([], [])
