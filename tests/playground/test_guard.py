"""The playground is for this machine alone."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.playground import NotLoopback, StandIn
from tests.playground.echo import MANIFEST

Json = dict[str, Any]


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


async def key_of(slack: StandIn, session: ClientSession) -> str:
    async with session.get(slack.page_url) as response:
        found = re.search(r'name="key" content="([^"]+)"', await response.text())
    assert found
    return found[1]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.5", "example.org"])
async def test_it_binds_to_nothing_but_loopback(host: str) -> None:
    with pytest.raises(NotLoopback, match=r"answers on this machine only: use 127\.0\.0\.1 or ::1"):
        await StandIn(MANIFEST).start(host)


async def test_it_can_live_on_the_newer_loopback_address_too(session: ClientSession) -> None:
    standin = StandIn(MANIFEST)
    try:
        await standin.start("::1")
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    async with session.get(standin.page_url) as response:
        assert response.status == 200
    await standin.stop()


async def test_an_occupied_port_is_an_error_and_another_one_works_afterwards(slack: StandIn) -> None:
    other = StandIn(MANIFEST)
    with pytest.raises(OSError, match="address already in use"):
        await other.start(port=int(slack.page_url.rstrip("/").rsplit(":", 1)[1]))
    await other.start()
    await other.stop()


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:1"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["", "api/api.test", "page/state", "static/page.js"])
async def test_other_web_sites_and_other_names_get_nothing(slack: StandIn, session: ClientSession, headers: Json, path: str) -> None:
    async with session.get(slack.page_url + path, headers=headers) as response:
        assert response.status == 403
        assert "Access-Control-Allow-Origin" not in response.headers


async def test_a_link_from_elsewhere_may_open_the_page(slack: StandIn, session: ClientSession) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}
    async with session.get(slack.page_url, headers=headers) as response:
        assert response.status == 200
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("key", ["", "guessed", "ключ"])
async def test_without_the_pages_key_nothing_is_shown_or_done(slack: StandIn, session: ClientSession, key: str) -> None:
    say = {"person": "maya", "channel": "#talent", "text": "x"}
    async with session.get(slack.page_url + "page/state", params={"key": key}) as response:
        assert response.status == 403
    async with session.get(slack.page_url + "page/stream", params={"key": key}) as response:
        assert response.status == 403
    async with session.post(slack.page_url + "page/do/say", params={"key": key}, json=say) as response:
        assert response.status == 403
    assert slack.workspace.everything() == []


async def test_the_key_is_another_one_at_every_start(slack: StandIn, session: ClientSession) -> None:
    async with StandIn(MANIFEST) as other:
        assert await key_of(slack, session) != await key_of(other, session)


@pytest.mark.parametrize("name", ["..%2fpage.py", "%2e%2e%2f%2e%2e%2fservice.py", "nothing.js", "cast.json"])
async def test_only_the_pages_own_files_are_served(slack: StandIn, session: ClientSession, name: str) -> None:
    async with session.get(f"{slack.page_url}static/{name}") as response:
        assert response.status == 404


@pytest.mark.parametrize(
    ("act", "given", "status"),
    [
        ("say", {"person": "maya", "channel": "#talent", "text": "hello"}, 200),
        ("say", {"person": "maya"}, 200),
        ("say", {"person": "maya", "channel": "#talent", "text": 5}, 200),
        ("press", {"person": "maya", "channel": "C0TALENT", "ts": "1.0", "action_id": "a", "block_id": "b"}, 200),
        ("fly", {"person": "maya"}, 400),
        ("say", [], 400),
    ],
    ids=str,
)
async def test_nonsense_from_the_page_is_answered_not_raised(
    slack: StandIn, session: ClientSession, act: str, given: Any, status: int
) -> None:
    headers = {"X-Playground-Key": await key_of(slack, session)}
    async with session.post(f"{slack.page_url}page/do/{act}", json=given, headers=headers) as response:
        assert response.status == status
        if status == 200:
            assert isinstance((await response.json())["ok"], bool)
