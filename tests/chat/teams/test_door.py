"""Who is let in at Teams' door, and whom that can make us talk to."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.chat.teams.app import Pace, TeamsChat
from bot.chat.teams.guard import PUBLIC_HOSTS, Trust, Turned, checked, from_here
from bot.chat.teams.limits import REQUEST
from bot.chat.teams.sdk import Identity, TeamsError
from bot.core.messages import Event, Said
from bot.metrics import Metrics
from bot.ports import Stepped, StoreError
from tests.chat.teams.conftest import Connected, connect
from tests.chat.teams.stage import WORDS
from tests.chat.teams.test_answers import AT, press
from tests.chat.teams.test_sender import outgoing
from tests.chat.teams.world import APP, ELSEWHERE, STRANGER, TENANT, World, deliver

SECRET = "the merger is called Bluebird"
Change = Callable[[dict[str, Any]], Any]


async def post(url: str, body: bytes, **headers: str) -> int:
    async with aiohttp.ClientSession() as session, session.post(f"{url}/api/messages", data=body, headers=headers) as response:
        assert await response.read() == b""
        return response.status


# --------------------------------------------------------------------------- bodies


def without(*path: str) -> Change:
    def change(activity: dict[str, Any]) -> dict[str, Any]:
        inner = activity
        for name in path[:-1]:
            inner = inner[name]
        del inner[path[-1]]
        return activity

    return change


def having(**parts: Any) -> Change:
    return lambda activity: {**activity, **parts}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda _: {}, 400),
        (lambda _: [], 400),
        (lambda _: "text", 400),
        (lambda _: None, 400),
        (without("type"), 400),
        (without("id"), 400),
        (without("conversation"), 400),
        (without("conversation", "id"), 400),
        (without("from", "id"), 400),
        (without("serviceUrl"), 403),
        (having(type=7), 400),
        (having(type="x" * 65), 400),
        (having(id="../../activities"), 400),
        (having(id={"deep": []}), 400),
        (having(conversation="19:x"), 400),
        (having(conversation={"id": "19:x/../../y", "tenantId": TENANT}), 400),
        (having(conversation={"id": "19:x?isTargetedActivity=false", "tenantId": TENANT}), 400),
        (having(**{"from": {"id": "29:a/../b"}}), 400),
        (having(channelData={"tenant": {"id": 5}}), 400),
        (having(channelData={"tenant": {"id": ELSEWHERE}}), 403),
        (having(channelData={}, conversation={"id": "19:x", "tenantId": ELSEWHERE}), 403),
        (having(channelData={}, conversation={"id": "19:x"}), 403),
        (having(serviceUrl="http://127.0.0.1@evil.example/"), 403),
        (having(serviceUrl="https://evil.example/"), 403),
        (having(serviceUrl=["https://smba.trafficmanager.net/"]), 403),
    ],
)
def test_a_body_that_teams_would_not_send_is_refused(change: Change, status: int) -> None:
    good = World(url="http://127.0.0.1:1").activity("message", text=SECRET)
    trust = Trust(tenants=frozenset({TENANT}), here=True)
    assert checked(json.dumps(good).encode(), "application/json", trust) == good
    with pytest.raises(Turned) as turned:
        checked(json.dumps(change(good)).encode(), "application/json", trust)
    assert turned.value.status == status
    assert SECRET not in str(turned.value)


async def test_what_is_refused_is_answered_without_a_word_and_goes_no_further(at: Connected) -> None:
    for activity, status in ((having(type=7), 400), (having(serviceUrl="https://evil.example/"), 403)):
        assert await at.deliver(activity(at.teams.activity("message", text=SECRET))) == (status, None)
    assert at.notes.heard == []
    assert at.teams.calls == []


async def test_the_door_takes_json_alone_and_not_too_much_of_it(at: Connected) -> None:
    token = {"Authorization": f"Bearer {at.teams.token()}"}
    good = json.dumps(at.teams.activity("message", text="hello")).encode()
    assert await post(at.url, good, **token, **{"Content-Type": "text/plain"}) == 415
    assert await post(at.url, b"{", **token, **{"Content-Type": "application/json"}) == 400
    assert await post(at.url, b"[" * 100_000, **token, **{"Content-Type": "application/json"}) == 400
    assert await post(at.url, b"no gzip", **token, **{"Content-Type": "application/json", "Content-Encoding": "gzip"}) == 400
    assert await post(at.url, b"\xff\xfe", **token, **{"Content-Type": "application/json"}) == 400
    with pytest.raises(Turned, match="too_large"):
        checked(b" " * (REQUEST + 1), "application/json", Trust())
    assert await post(at.url, b" " * (REQUEST + 1), **token, **{"Content-Type": "application/json"}) == 413
    assert await post(at.url, good, **token, **{"Content-Type": "application/json; charset=utf-8"}) == 200
    assert len(at.notes.heard) == 1


async def test_a_body_without_an_end_is_not_read_to_it(at: Connected) -> None:
    """Too large as it says itself, and as it turns out: answered before any end has come."""
    refused = "HTTP/1.1 413"
    for way in (f"Content-Length: {REQUEST + 1}\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(at.url.rpartition(":")[2]))
        writer.write(f"POST /api/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{way}".encode())
        if "chunked" in way:
            writer.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
            for _ in range(REQUEST // 0x10000):
                writer.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        async with asyncio.timeout(5):
            assert (await reader.readline()).decode().startswith(refused)
        writer.close()


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("message", {"text": None, "entities": "no list"}),
        ("message", {"value": {"spellout": {"choice": 7}}}),
        ("message", {"value": {"spellout": {"window": "x y", "at": "|"}}}),
        ("messageUpdate", {"channelData": {"tenant": {"id": TENANT}}}),
        ("messageReaction", {"reactionsAdded": [{"type": "like"}]}),
        ("conversationUpdate", {"membersAdded": []}),
        ("installationUpdate", {"action": "add"}),
        ("unheardOf", {}),
        ("unheardOf", {"service_url": 5, "recipient": "x", "channelData": [], "timestamp": {}, "entities": 5, "value": ["x"]}),
        ("message", {"service_url": 5, "recipient": "x", "timestamp": {}, "entities": 5, "value": ["x"], "attachments": "x"}),
    ],
)
async def test_what_is_not_for_us_is_taken_and_left(at: Connected, kind: str, more: dict[str, Any]) -> None:
    assert await at.deliver(at.teams.activity(kind, **more)) == (200, None)
    assert at.notes.heard == []


async def test_an_unknown_request_for_an_answer_is_not_ours(at: Connected) -> None:
    assert await at.deliver(at.teams.activity("invoke", name="signin/verifyState", value={})) == (501, None)


# --------------------------------------------------------------------------- whom we talk to


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://smba.trafficmanager.net/emea/", True),
        ("https://smba.trafficmanager.net:443/teams", True),
        ("http://smba.trafficmanager.net/emea/", False),
        ("https://smba.trafficmanager.net:8443/", False),
        ("https://smba.trafficmanager.net.evil.example/", False),
        ("https://smba.trafficmanager.net@evil.example/", False),
        ("https://somebody@smba.trafficmanager.net/", False),
        ("https://smba.trafficmanager.net/x?y", False),
        ("http://127.0.0.1:3978/", False),
        ("http://[::1", False),
        (None, False),
    ],
)
def test_in_production_replies_and_our_token_go_to_the_connector_alone(url: object, good: bool) -> None:
    assert Trust(PUBLIC_HOSTS).address(url) is good


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("http://localhost:56150/_connector", True),
        ("http://127.0.0.1:1/", True),
        ("http://192.168.1.5/", False),
        ("https://smba.trafficmanager.net/emea/", False),
    ],
)
def test_the_local_mode_talks_to_this_machine_alone(url: str, good: bool) -> None:
    assert Trust(here=True).address(url) is good


def chat(**changes: Any) -> TeamsChat:
    return TeamsChat(
        **{"identity": Identity(APP, "secret", TENANT), "words": WORDS, "trust": Trust(tenants=frozenset({TENANT})), **changes}
    )


@pytest.mark.parametrize(
    "identity",
    [Identity(), Identity("", "secret", TENANT), Identity(APP, "", TENANT), Identity(APP, "secret", "")],
)
def test_it_refuses_to_start_without_client_id_secret_and_tenant(identity: Identity) -> None:
    with pytest.raises(TeamsError, match="TEAMS_CLIENT_ID, TEAMS_CLIENT_SECRET and TEAMS_TENANT_ID"):
        chat(identity=identity)


def test_the_unauthenticated_mode_refuses_credentials_and_other_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TeamsError, match="without credentials"):
        chat(local=True, trust=Trust(here=True))
    with pytest.raises(TeamsError, match="this machine alone"):
        chat(local=True, identity=Identity(), trust=Trust())
    monkeypatch.setenv("CLIENT_ID", APP)
    monkeypatch.setenv("CLIENT_SECRET", "from the environment")
    with pytest.raises(TeamsError, match="CLIENT_ID is set"):
        chat(local=True, identity=Identity(), trust=Trust(here=True))


async def test_no_variable_of_the_sdk_opens_the_door_in_production(teams: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DANGEROUSLY_ALLOW_UNAUTHENTICATED_REQUESTS", "true")
    monkeypatch.setenv("SERVICE_URL", "https://evil.example")
    async with connect(teams) as at:
        assert await at.deliver(teams.activity("message", text="hello"), "") == (401, None)
        assert await at.deliver(teams.activity("message", text="hello"), teams.token(key=STRANGER)) == (401, None)
        assert at.notes.heard == []


async def test_the_local_mode_takes_activities_without_a_token_and_shows_none(teams: World) -> None:
    async with connect(teams, identity=Identity(), local=True, trust=Trust(here=True), keys_url="") as at:
        assert await deliver(at.url, teams.activity("message", text="hello")) == (200, None)
        (said,) = at.notes.heard
        await at.chat.sender.send(outgoing(said.place))
    assert [call.headers.get("Authorization") for call in teams.calls] == [None]


@pytest.mark.parametrize(
    ("peer", "host", "here"),
    [
        ("127.0.0.1", "127.0.0.1:3978", True),
        ("::1", "[::1]:3978", True),
        ("127.0.0.1", "localhost", True),
        ("192.168.1.5", "127.0.0.1:3978", False),
        ("127.0.0.1", "evil.example", False),
        ("127.0.0.1", "[::1", False),
        ("127.0.0.1", "", False),
        (None, "localhost", False),
    ],
)
def test_the_local_mode_hears_this_machine_alone(peer: str | None, host: str, here: bool) -> None:
    assert from_here(peer, host) is here


async def test_a_page_in_a_browser_cannot_speak_for_teams_by_another_name(teams: World) -> None:
    async with connect(teams, identity=Identity(), local=True, trust=Trust(here=True), keys_url="") as at:
        body = json.dumps(teams.activity("message", text="hello")).encode()
        assert await post(at.url, body, **{"Content-Type": "application/json", "Host": "evil.example"}) == 403
        assert at.notes.heard == []


# --------------------------------------------------------------------------- days that are not good


async def test_what_is_not_saved_is_not_acknowledged_and_tried_on(teams: World) -> None:
    tries: list[Event] = []

    async def hear(event: Event) -> Stepped:
        tries.append(event)
        if len(tries) == 1:
            raise StoreError("full")
        return Stepped(new=True)

    async with connect(teams, pace=Pace(store=(0,))) as at:
        at.notes.then = hear
        assert await at.deliver(teams.activity("message", text="hello")) == (503, None)
        await at.chat.rest()
    assert len(tries) == 2


async def test_a_fault_of_ours_is_no_stack_trace_and_tells_nobody_what_was_written(
    at: Connected, capsys: pytest.CaptureFixture[str]
) -> None:
    async def hear(event: Event) -> Stepped:
        raise RuntimeError(event.text if isinstance(event, Said) else "")

    at.notes.then = hear
    assert await at.deliver(at.teams.activity("message", text=SECRET)) == (503, None)
    await at.chat.rest()
    told = "".join(capsys.readouterr())
    assert "RuntimeError" in told
    assert "Bluebird" not in told
    assert "Traceback" not in told


async def test_while_the_database_hangs_so_much_is_held_and_the_rest_is_asked_to_come_later(teams: World) -> None:
    mended, metrics = asyncio.Event(), Metrics()

    async def hang(event: Event) -> Stepped:
        await mended.wait()
        return Stepped(new=True)

    async with connect(teams, pace=Pace(at_once=2, acknowledge=0.01), metrics=metrics) as at:
        at.notes.then = hang
        with capture_logs() as log:
            for _ in range(4):
                assert await at.deliver(teams.activity("message", text="hello")) == (503, None)
            assert await at.deliver(press(teams, {"choice": "x", **AT})) == (503, None)
        assert len(at.notes.heard) == 2
        assert metrics.registry.get_sample_value("spellout_requests_put_off_total") == 3
        assert {(line["log_level"], line["event"]) for line in log} == {("warning", "put_off")}
        mended.set()
        await at.chat.rest()
        assert await at.deliver(teams.activity("message", text="hello")) == (200, None)
        assert len(at.notes.heard) == 3


async def test_after_the_stop_nothing_is_taken(at: Connected) -> None:
    await at.chat.stop(1)
    assert await at.deliver(at.teams.activity("message", text="hello")) == (503, None)
    assert not await at.chat.connected()


async def test_a_repeated_delivery_bears_the_same_mark_and_an_edit_another(at: Connected) -> None:
    activity = at.teams.activity("message", text="hello")
    edit = {**activity, "type": "messageUpdate", "channelData": activity["channelData"] | {"eventType": "editMessage"}}
    again = {**activity, "timestamp": "2026-11-21T09:00:07Z"}
    for each in (activity, again, edit, edit, {**edit, "timestamp": "2026-11-21T09:01:00Z"}):
        assert (await at.deliver(each))[0] == 200
    marks = [event.marks for event in at.notes.heard]
    assert marks[0] == marks[1]
    assert marks[2] == marks[3]
    assert len(set(marks)) == 3
