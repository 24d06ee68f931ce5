"""Every entry is given what Slack would never send: each request is acknowledged, and nothing of ours fails.

FUZZ_EXAMPLES says how many requests each entry gets.
"""

import asyncio
import copy
import json
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_bolt.response import BoltResponse
from structlog.testing import capture_logs

from bot.chat.slack.app import SlackChat
from bot.chat.slack.ear import Ear
from bot.chat.slack.manifest import load_manifest
from bot.core.brain import Brain
from bot.core.rulebook import Rulebook
from bot.playground import StandIn
from bot.service import Service
from bot.store import SqlStore
from tests.chat.slack.conftest import connect
from tests.chat.slack.house import house
from tests.chat.slack.test_door import signed
from tests.chat.slack.test_events import NAMES, payload

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "50"))
FAULTS = {"event_failed", "event_lost", "request_failed", "sender_failed", "store_failed"}
"""What we log of our own faults. That Bolt stumbled over something is logged too, and acknowledged."""
Json = Any
FORM = "application/x-www-form-urlencoded"

# --------------------------------------------------------------------------- what is sent

WORDS = [
    *("T0HOME", "C0VENDOR", "D0MAYA", "U0MAYA", "E1", "dm", "new-1", "1.0", "true", "RPO", "<!channel>"),
    *("<@U1|x", "spellout:a:b", "spellout:settings", "C0VENDOR:1795251600.000100", "mean:RPO:recruiting", "answer:1:judgment:high"),
    *("export:1", "app_uninstalled", "tokens_revoked", "event_callback", "view_submission"),
    *("block_actions", "message_action", "message_changed", "message_deleted"),
]
TEXTS = st.text(max_size=40) | st.sampled_from(["", "\x00", "\ud800", "\u202e", "RPO " * 2000, *WORDS])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8)
PAYLOADS = {name: payload(name) for name in NAMES}
COMMANDS = [name for name, body in PAYLOADS.items() if "command" in body]
EVENTS = [name for name, body in PAYLOADS.items() if body.get("type") in ("event_callback", "app_rate_limited")]
INTERACTIONS = [name for name in PAYLOADS if name not in (*COMMANDS, *EVENTS)]


def spots(value: Json) -> Iterator[tuple[Any, ...]]:
    """The ways to every part of a payload."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in parts:
        yield (key,)
        yield from ((key, *rest) for rest in spots(inner))


@st.composite
def spoiled(draw: st.DrawFn, names: list[str]) -> Json:
    """A real payload with one to three parts replaced, taken away, or put where they do not belong."""
    body = copy.deepcopy(PAYLOADS[draw(st.sampled_from(names))])
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(sorted(spots(body), key=str)))
        place = body
        for key in way:
            place = place[key]
        match draw(st.sampled_from(["replace", "remove", "copy"])):
            case "replace":
                place[last] = draw(VALUES)
            case "copy":
                place[last] = copy.deepcopy(draw(st.sampled_from(sorted(map(str, spots(body))))))
            case _:
                place.pop(last)
        if not body:
            break
    return body


# --------------------------------------------------------------------------- how it is sent


@contextmanager
def untroubled(chat: SlackChat) -> Iterator[None]:
    """Nothing of ours fails meanwhile, and no task ends in an exception that nobody saw."""
    troubles: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: troubles.append(str(context)))
    ear, process = chat._ear, Ear.async_process

    async def watched(**given: Any) -> BoltResponse:
        try:
            return await process(ear, **given)
        except Exception as error:
            troubles.append(repr(error))
            raise

    with capture_logs() as log, pytest.MonkeyPatch.context() as patched:
        patched.setattr(ear, "async_process", watched)
        yield
    assert troubles == []
    assert [line for line in log if line["event"] in FAULTS] == []


def fuzz(runner: asyncio.Runner, chat: SlackChat, bodies: st.SearchStrategy[Json], send: Callable[[Json], Awaitable[None]]) -> None:
    """Send so many of them, each in its turn."""

    async def one(body: Json) -> None:
        with untroubled(chat):
            await send(body)

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(bodies)
    def each(body: Json) -> None:
        runner.run(one(body))

    each()


def as_form(fields: Json) -> str:
    flat = {key: value if isinstance(value, str) else json.dumps(value) for key, value in fields.items()}
    return urlencode({key.encode("utf-8", "replace"): value.encode("utf-8", "replace") for key, value in flat.items()})


@pytest.fixture(scope="module")
def brain(rules: Rulebook) -> Brain:
    return Brain(rules)


@pytest.mark.parametrize("entry", ["events", "interactions", "commands", "anything"])
def test_over_http_everything_signed_is_acknowledged(entry: str, brain: Brain) -> None:
    entries: dict[str, tuple[st.SearchStrategy[Json], str, Callable[[Json], str]]] = {
        "events": (spoiled(EVENTS), "application/json", json.dumps),
        "interactions": (spoiled(INTERACTIONS), FORM, lambda body: as_form({"payload": json.dumps(body)})),
        "commands": (spoiled(COMMANDS), FORM, as_form),
        "anything": (VALUES, "application/json", json.dumps),
    }
    bodies, kind, written = entries[entry]
    with asyncio.Runner() as runner:
        company = house(brain)
        at = runner.run(company.__aenter__())
        runner.run(at.install(at.slack.home))
        granted = at.store.installation("slack", "T0NORTHLGT")
        assert granted
        session = runner.run(opened())

        async def send(body: Json) -> None:
            at.store.install(granted)  # some requests say that we have left
            text = written(json.loads(json.dumps(body).replace("T0HOME", "T0NORTHLGT")))
            headers = signed(at.slack.signing_secret, text) | {"Content-Type": kind}
            async with session.post(at.browser.root + "/slack/events", data=text.encode(), headers=headers) as response:
                assert response.status == 200, (response.status, text)
            await at.chat.rest()

        try:
            fuzz(runner, at.chat, bodies, send)
        finally:
            runner.run(session.close())
            runner.run(company.__aexit__(None, None, None))


async def opened() -> ClientSession:
    return ClientSession()


def test_the_pages_take_any_address_and_any_cookie(brain: Brain) -> None:
    keys = st.sampled_from(["code", "state", "error", "team", "x"])
    queries = st.dictionaries(keys, TEXTS, max_size=4)
    headers = st.dictionaries(st.sampled_from(["Cookie", "Content-Type", "Accept-Language"]), st.text("abc=;,%\"'<>/_-0", max_size=40))
    with asyncio.Runner() as runner:
        company = house(brain)
        at = runner.run(company.__aenter__())
        session = runner.run(opened())

        async def send(given: Json) -> None:
            path, query, more = given
            async with session.get(f"{at.browser.root}{path}?{as_form(query)}", headers=more) as response:
                page = await response.text()
            assert response.status < 500, (response.status, given)
            assert "<script" not in page
            assert at.store.installations("slack") == ()

        try:
            fuzz(
                runner, at.chat, st.tuples(st.sampled_from(["/slack/install", "/slack/oauth_redirect", "/support"]), queries, headers), send
            )
        finally:
            runner.run(session.close())
            runner.run(company.__aexit__(None, None, None))


@pytest.mark.parametrize("entry", ["events_api", "interactive", "slash_commands"])
def test_over_a_socket_every_envelope_is_acknowledged(entry: Any, brain: Brain) -> None:
    names = {"events_api": EVENTS, "interactive": INTERACTIONS, "slash_commands": COMMANDS}[entry]
    with asyncio.Runner() as runner:
        slack = StandIn(load_manifest().as_slack_reads_it())
        runner.run(slack.start())
        connection = connect(slack, "socket")
        at = runner.run(connection.__aenter__())
        store = SqlStore.open("sqlite://")
        service = Service(store, at.chat.sender, brain)
        at.notes.then = service.hear

        async def send(body: Json) -> None:
            answer = await slack.dispatcher.ask(entry, body)
            assert answer.ok, (answer, body)
            await at.chat.rest()

        try:
            fuzz(runner, at.chat, spoiled(names) | st.dictionaries(TEXTS, VALUES, max_size=4), send)
        finally:
            runner.run(connection.__aexit__(None, None, None))
            runner.run(service.stop(1))
            runner.run(slack.stop())
            store.close()
