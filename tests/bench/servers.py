"""The programs that are measured, each in a process of its own: `python -m tests.bench.servers NAME` and a JSON line of settings.

It prints where it listens. For each line that it reads it prints what it has used by then; it ends with its standard input, or by itself
after ten minutes.
"""

import asyncio
import json
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from aiohttp import web

LONGEST_LIFE = 600.0
"""Seconds."""

SECRET, BOT_TOKEN, APP_TOKEN = "0123456789abcdef0123456789abcdef", "xoxb-bench", "xapp-bench"
PATH = "/slack/events"
Settings = dict[str, Any]
Serve = Callable[[Settings, AsyncExitStack], Awaitable[str]]


async def listen(application: web.Application, running: AsyncExitStack) -> str:
    """Listen on a free port of this machine; the address."""
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
    running.push_async_callback(runner.cleanup)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


# --------------------------------------------------------------------------- what it is measured against


async def floor(given: Settings, running: AsyncExitStack) -> str:
    """aiohttp, the signature and JSON: what nobody who listens over HTTP can do without."""
    from slack_sdk.signature import SignatureVerifier  # noqa: PLC0415  # each process imports what it measures

    verifier = SignatureVerifier(SECRET)

    async def take(request: web.Request) -> web.Response:
        body = (await request.read()).decode()
        stamp, signature = request.headers["X-Slack-Request-Timestamp"], request.headers["X-Slack-Signature"]
        if not verifier.is_valid(body, stamp, signature):
            return web.Response(status=401)
        json.loads(body)
        return web.Response()

    application = web.Application()
    application.router.add_post(PATH, take)
    return await listen(application, running)


async def bolt(given: Settings, running: AsyncExitStack) -> str:
    """Bolt as its guide shows it: a listener for messages that does nothing; with `terms`, one per term; with `says`, one that answers."""
    from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request  # noqa: PLC0415
    from slack_bolt.app.async_app import AsyncApp  # noqa: PLC0415
    from slack_sdk.web.async_client import AsyncWebClient  # noqa: PLC0415

    client = AsyncWebClient(token=BOT_TOKEN, base_url=f"{given['slack']}/api/")
    app = AsyncApp(client=client, signing_secret=SECRET)

    async def answer(say: Any) -> None:
        await say("BPO is business process outsourcing.")

    async def nothing() -> None:
        pass

    for name in given.get("terms", ()):
        app.message(re.compile(rf"\b{re.escape(name)}\b"))(answer)
    if given.get("says"):
        app.message("BPO")(answer)
    app.event("message")(nothing)
    if given.get("socket"):
        from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler  # noqa: PLC0415

        handler = AsyncSocketModeHandler(app, APP_TOKEN)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        running.push_async_callback(handler.close_async)
        return ""

    async def take(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    application = web.Application()
    application.router.add_post(PATH, take)
    return await listen(application, running)


# --------------------------------------------------------------------------- ours


async def ours(given: Settings, running: AsyncExitStack) -> str:
    """The whole of Spellout as `spellout serve` runs it, with a database file and a log; `terms`: how many it knows; `without`: what is
    left out, "gate" or "settle"."""
    from bot import app, logs, rulefiles  # noqa: PLC0415
    from bot.chat.slack.app import SlackChat  # noqa: PLC0415
    from bot.core.brain import Brain  # noqa: PLC0415
    from bot.lifetime import Lifetime, settle  # noqa: PLC0415
    from bot.metrics import Metrics  # noqa: PLC0415
    from bot.settings import Local  # noqa: PLC0415
    from bot.store import SqlStore  # noqa: PLC0415
    from tests.bench.reading import glossary  # noqa: PLC0415

    logs.to_stderr(Local.model_validate({}), "info")
    rules = rulefiles.load()
    if size := given.get("terms"):
        rules = rules.model_copy(update={"terms": glossary(rules.terms, size)})
    folder = running.enter_context(tempfile.TemporaryDirectory())
    url = f"sqlite:///{Path(folder) / 'spellout.db'}"
    make = "import sys; from bot.store import SqlStore; SqlStore.open(sys.argv[1]).close()"
    await (await asyncio.create_subprocess_exec(sys.executable, "-c", make, url)).wait()  # as at every start but the first: without Alembic
    store, metrics = SqlStore.open(url), Metrics()
    running.callback(store.close)
    socket = bool(given.get("socket"))
    chat = SlackChat(
        bot_token=BOT_TOKEN,
        app_token=APP_TOKEN if socket else None,
        signing_secret=None if socket else SECRET,
        installations=store,
        words=app._words(rules),
        api_url=f"{given['slack']}/api/",
        metrics=metrics,
    )
    application = web.Application(client_max_size=app.LARGEST_REQUEST)
    chat.mount(application)
    address = await listen(application, running)
    await app._start(chat, store, Brain(rules), running, Lifetime(1), metrics)
    without = given.get("without", ())
    if "gate" in without:
        chat._gate.ignores = None
    if "settle" not in without:
        settle()
    return address


SERVERS: dict[str, Serve] = {"floor": floor, "bolt": bolt, "ours": ours}

# --------------------------------------------------------------------------- the process


def used() -> dict[str, float]:
    """CPU seconds so far, and the memory held now in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return {"cpu": time.process_time(), "memory": pages * os.sysconf("SC_PAGE_SIZE") / 1e6}


def report(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Answer each line that is read, until there are no more."""
    for _ in sys.stdin:
        sys.stdout.write(json.dumps(used()) + "\n")
        sys.stdout.flush()
    loop.call_soon_threadsafe(stop.set)


async def main(name: str, given: Settings) -> None:
    """Serve until nobody wants it any more."""
    async with AsyncExitStack() as running:
        address, stop = await SERVERS[name](given, running), asyncio.Event()
        sys.stdout.write(json.dumps({"address": address}) + "\n")
        sys.stdout.flush()
        threading.Thread(target=report, args=(asyncio.get_running_loop(), stop), daemon=True).start()
        try:
            async with asyncio.timeout(LONGEST_LIFE):
                await stop.wait()
        except TimeoutError:
            sys.stderr.write("Nobody ended this process within ten minutes: it ends by itself.\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))
