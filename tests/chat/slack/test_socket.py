"""The socket is alive again after whatever became of it."""

import asyncio
import gc
import json
import logging
import time

import pytest
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from structlog.testing import capture_logs

from bot.chat.slack.app import Pace
from bot.core.messages import Event
from bot.playground import StandIn
from bot.ports import Stepped
from tests.chat.notes import Notes
from tests.chat.slack.conftest import Connected, connect, make_chat

SWIFT = Pace(ping=0.02, patience=0.1)


async def heard_again(at: Connected) -> None:
    """A message that is written now arrives, and arrives once."""
    before = len({event.marks for event in at.heard})
    await at.slack.people.say("maya", "vendor-contracts", "An RPO?")
    await at.slack.until(lambda: len({event.marks for event in at.heard}) > before)
    await at.rest()
    assert len({event.marks for event in at.heard}) == before + 1


async def test_slacks_request_to_reconnect_is_followed(slack: StandIn) -> None:
    async with connect(slack, "socket") as at:
        await slack.sockets.refresh()
        await slack.until(lambda: slack.sockets.connections == 2)
        await heard_again(at)


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_a_new_connection_stands_before_the_old_one_goes(slack: StandIn, reason: str) -> None:
    async with connect(slack, "socket") as at:
        (old,) = slack.sockets.open
        hold = slack.faults.hold("apps.connections.open")
        await slack.sockets.refresh(reason)
        await hold.reached.wait()
        assert not old.ws.closed, "the old connection went before there was another"
        hold.release()
        await slack.until(lambda: slack.sockets.open)
        assert not old.ws.closed
        await old.ws.close()
        await heard_again(at)
        assert slack.sockets.connections == 2


async def test_what_the_old_connection_brought_is_acknowledged_on_it(slack: StandIn) -> None:
    async with connect(slack, "socket") as at:
        deciding, decided = asyncio.Event(), asyncio.Event()

        async def decide(event: Event) -> Stepped:
            deciding.set()
            await decided.wait()
            return Stepped(new=True)

        at.notes.then = decide
        await slack.people.say("maya", "vendor-contracts", "An RPO?")
        await deciding.wait()
        await slack.sockets.refresh()
        await slack.until(lambda: slack.sockets.open)
        decided.set()
        await at.rest()
        assert at.tries == [True]


async def test_a_stop_in_the_middle_of_a_renewal_leaves_no_session_open(slack: StandIn) -> None:
    clients: list[SocketModeClient] = []
    for turns in range(12):
        async with connect(slack, "socket"):
            hold = slack.faults.hold("apps.connections.open")
            await slack.sockets.refresh()
            await hold.reached.wait()
            clients += [each for each in gc.get_objects() if isinstance(each, SocketModeClient)]
            hold.release()
            await slack.until(lambda: slack.sockets.open)
            for _ in range(turns):
                await asyncio.sleep(0)
            clients += [each for each in gc.get_objects() if isinstance(each, SocketModeClient)]
    assert clients
    assert not [each for each in clients if not each.aiohttp_client_session.closed]


async def test_an_ordinary_message_whose_line_is_gone_disturbs_nothing(slack: StandIn) -> None:
    async with connect(slack, "socket", lambda event: True, pace=SWIFT) as at:
        await slack.people.say("maya", "vendor-contracts", "Lunch at noon?")
        await at.rest()
        assert at.tries == [True]
        (line,) = [each for each in gc.get_objects() if isinstance(each, SocketModeClient) and not each.closed]
        assert line.current_session is not None
        await line.current_session.close()
        late = {"envelope_id": "late", "type": "events_api", "payload": slack.dispatcher.delivered[-1].attempt.payload}
        await line.enqueue_message(json.dumps(late))
        await slack.until(lambda: slack.sockets.open)
        await slack.people.say("maya", "vendor-contracts", "Lunch at one?")
        await at.rest()
        assert at.tries[-1]
        assert at.heard == []


@pytest.mark.parametrize("reason", ["too_many_websockets", "link_disabled"])
async def test_where_there_is_one_connection_too_many_the_old_one_goes_first(slack: StandIn, reason: str) -> None:
    async with connect(slack, "socket") as at:
        (old,) = slack.sockets.open
        hold = slack.faults.hold("apps.connections.open")
        await slack.sockets.refresh(reason)
        await hold.reached.wait()
        hold.release()
        await slack.until(lambda: slack.sockets.open)
        assert old.ws.closed
        await heard_again(at)


async def test_a_connection_stays_where_slack_grants_no_other(slack: StandIn) -> None:
    async with connect(slack, "socket", pace=SWIFT) as at:
        slack.faults.error("apps.connections.open", "invalid_auth")
        with capture_logs() as log:
            await slack.sockets.refresh("warning")
            await slack.until(lambda: len(slack.faults.made("apps.connections.open")) == 2)
            async with asyncio.timeout(5):
                while not [line for line in log if line["event"] == "socket_not_renewed"]:  # noqa: ASYNC110 - a log cannot be awaited
                    await asyncio.sleep(0)
        assert await at.chat.connected()
        slack.sockets.drop_all()
        await slack.until(lambda: slack.sockets.open)
        await heard_again(at)


async def test_a_broken_connection_is_made_again(slack: StandIn) -> None:
    async with connect(slack, "socket", pace=SWIFT) as at:
        slack.sockets.drop()
        await slack.until(lambda: slack.sockets.open)
        await heard_again(at)


async def test_a_line_that_went_silent_is_replaced(slack: StandIn) -> None:
    async with connect(slack, "socket", pace=SWIFT) as at:
        slack.sockets.freeze()
        await slack.until(lambda: slack.sockets.connections >= 2)
        await heard_again(at)


async def test_a_ticket_that_went_stale_while_slack_was_away_is_not_kept_for_ever(slack: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connect(slack, "socket", pace=SWIFT) as at:
        with monkeypatch.context() as away:
            away.setattr(slack.sockets, "ticket", lambda: "stale")
            slack.sockets.drop()
            await slack.until(lambda: len(slack.faults.made("apps.connections.open")) == 2)
        await slack.until(lambda: slack.sockets.open)
        await heard_again(at)


async def test_a_refused_token_in_the_middle_is_not_the_end(slack: StandIn) -> None:
    async with connect(slack, "socket", pace=SWIFT) as at:
        slack.faults.error("apps.connections.open", "invalid_auth", 3)
        slack.sockets.drop()
        await slack.until(lambda: slack.sockets.open)
        await heard_again(at)


async def test_the_health_of_a_dead_line_is_told(slack: StandIn) -> None:
    async with connect(slack, "socket", pace=SWIFT) as at:
        assert await at.chat.connected()
        with_hold = slack.faults.hold("apps.connections.open")
        slack.sockets.drop()
        await with_hold.reached.wait()
        assert not await at.chat.connected()
        with_hold.release()
        await slack.until(lambda: slack.sockets.open)


async def test_the_age_of_the_socket_grows_for_as_long_as_slack_is_away(slack: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connect(slack, "socket", pace=SWIFT) as at:
        now = time.time()
        hold = slack.faults.hold("apps.connections.open")
        with capture_logs() as log:
            slack.sockets.drop_all()
            await hold.reached.wait()
            async with asyncio.timeout(5):
                while not [line for line in log if line["event"] == "socket_replaced"]:  # noqa: ASYNC110 - a log cannot be awaited
                    await asyncio.sleep(0)
        with monkeypatch.context() as later:
            later.setattr(time, "time", lambda: now + 91)
            age = at.chat.socket_age()
        assert age is not None
        assert 85 < age < 100
        hold.release()
        await slack.until(lambda: slack.sockets.open)


async def test_the_age_of_a_socket_that_never_opened_counts_from_the_beginning(slack: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    chat, now = make_chat(slack, "socket"), time.time()
    monkeypatch.setattr(time, "time", lambda: now + 91)
    age = chat.socket_age()
    assert age is not None
    assert 85 < age < 100


async def test_without_socket_mode_there_is_no_age(slack: StandIn) -> None:
    assert make_chat(slack, "http").socket_age() is None


async def test_a_line_that_slack_never_opens_is_asked_for_again(slack: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    chat, notes = make_chat(slack, "socket", pace=SWIFT), Notes()
    with monkeypatch.context() as away:
        away.setattr(slack.sockets, "ticket", lambda: "stale")
        starting = asyncio.create_task(chat.start(notes.hear))
        await slack.until(lambda: len(slack.faults.made("apps.connections.open")) == 2)
    await starting
    assert await chat.connected()
    await chat.stop()
    await chat.close()


async def test_neither_tickets_nor_texts_get_into_a_log_when_things_go_wrong(
    slack: StandIn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), capture_logs() as ours:
        async with connect(slack, "socket", pace=SWIFT):
            with monkeypatch.context() as away:
                away.setattr(slack.sockets, "ticket", lambda: "secretticket")
                slack.sockets.drop()
                await slack.until(lambda: len(slack.faults.made("apps.connections.open")) == 2)
            await slack.until(lambda: slack.sockets.open)
            await slack.dispatcher.ask("interactive", {"type": "event_callback", "team_id": "T0", "event": "a very secret RPO"})
    assert {line["event"] for line in ours} >= {"slack_connected", "socket_replaced", "envelope_not_handled"}
    told = str(ours) + "".join(record.getMessage() for record in caplog.records if not record.name.startswith(("aiohttp", "asyncio")))
    assert "secret" not in told
