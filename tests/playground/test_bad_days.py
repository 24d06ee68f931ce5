"""Lost lines, silent apps, refusals and retries, on order."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession, web
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import Patience, StandIn
from bot.playground.delivery import Attempt
from tests.playground.conftest import AT_ONCE, connected
from tests.playground.echo import MANIFEST

Json = dict[str, Any]


def attempts(slack: StandIn, event_type: str = "message") -> list[Attempt]:
    """The deliveries of events that people caused."""
    made = [each.attempt for each in slack.dispatcher.delivered]
    return [each for each in made if each.payload.get("event", {}).get("type") == event_type and "bot_id" not in each.payload["event"]]


# --------------------------------------------------------------------------- the line to the app


async def test_what_happens_while_nobody_listens_is_delivered_as_a_retry_when_somebody_comes(slack: StandIn) -> None:
    first = await slack.people.say("maya", "#talent", "say early")
    second = await slack.people.say("maya", "#talent", "say early too")

    async with connected(slack):
        await slack.until(lambda: slack.said("#talent", first.ts) and slack.said("#talent", second.ts))

    assert [(each.number, each.reason) for each in attempts(slack)] == [(1, "timeout"), (1, "timeout")]


async def test_asked_to_reconnect_the_app_comes_back_and_hears_everything(over_sockets: StandIn) -> None:
    slack = over_sockets
    await slack.sockets.refresh()
    message = await slack.people.say("maya", "#talent", "say still here")

    await slack.until(lambda: slack.said("#talent", message.ts))
    assert slack.sockets.connections == 2


async def test_each_event_goes_to_one_of_several_sockets(slack: StandIn) -> None:
    async with connected(slack), connected(slack):
        await slack.until(lambda: len(slack.sockets.open) == 2)
        messages = [await slack.people.say("maya", "#talent", f"say {number}") for number in range(6)]
        await slack.until(lambda: all(slack.said("#talent", each.ts) for each in messages))
        await slack.settled()

        assert [len(slack.said("#talent", each.ts)) for each in messages] == [1] * 6


async def test_a_lost_acknowledgement_makes_slack_deliver_again_with_the_same_event_id(hasty: StandIn) -> None:
    async with connected(hasty):
        hasty.sockets.lose_acks(1)
        message = await hasty.people.say("maya", "#talent", "say it twice")
        await hasty.until(lambda: len(hasty.said("#talent", message.ts)) == 2)  # the echo bot does not drop duplicates

    first, again = attempts(hasty)[:2]
    assert (first.number, again.number, again.reason) == (0, 1, "timeout")
    assert first.payload["event_id"] == again.payload["event_id"]


async def test_a_broken_line_is_noticed_and_the_event_delivered_again(slack: StandIn) -> None:
    async with connected(slack):
        slack.sockets.lose_acks(1)
        await slack.people.say("maya", "#talent", "not a word for the echo")
        await slack.until(lambda: not slack.sockets.acks_to_lose)
        slack.sockets.drop()
        assert not slack.connected

    async with connected(slack):
        await slack.until(lambda: any(each.answer.ok for each in slack.dispatcher.delivered))

    assert {each.payload["event_id"] for each in attempts(slack)} == {attempts(slack)[0].payload["event_id"]}


async def test_a_frozen_line_stays_open_and_acknowledges_nothing(hasty: StandIn) -> None:
    async with connected(hasty):
        hasty.sockets.freeze()
        answer = await hasty.people.command("maya", "#talent", "/echo hello")

        assert not answer.ok
        assert hasty.sockets.open


async def test_a_socket_address_works_once(over_sockets: StandIn) -> None:
    client = AsyncWebClient(over_sockets.app_token, base_url=over_sockets.api_url)
    url = (await client.apps_connections_open(app_token=over_sockets.app_token))["url"]
    async with ClientSession() as session:
        async with session.ws_connect(url) as socket:
            assert (await socket.receive_json())["type"] == "hello"
        with pytest.raises(ClientError):
            await session.ws_connect(url)


# --------------------------------------------------------------------------- an app that does not answer


async def test_a_command_without_an_app_fails_visibly(hasty: StandIn) -> None:
    answer = await hasty.people.command("maya", "#talent", "/echo hello")

    assert answer.why == '/echo failed with the error "dispatch_failed"'
    assert hasty.workspace.notices[-1] == ("U0MAYA", answer.why)


async def test_commands_are_refused_in_threads_and_unknown_ones_everywhere(over_sockets: StandIn) -> None:
    people = over_sockets.people
    head = await people.say("maya", "#talent", "good morning")

    assert (await people.command("maya", "#talent", "/echo x", thread=head)).why == "/echo is not supported in threads. Sorry!"
    assert (await people.command("maya", "#talent", "/nothing x")).why == "/nothing is not a valid command."


Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def serve(handler: Respond) -> tuple[web.AppRunner, str]:
    """An app of our own behind a request URL."""
    app = web.Application()
    app.router.add_post("/events", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}/events"


async def test_http_events_are_tried_four_times_and_say_why(slack: StandIn) -> None:
    seen: list[tuple[str | None, str | None]] = []

    async def failing(request: web.Request) -> web.Response:
        body = await request.json() if request.content_type == "application/json" else {}
        if "challenge" in body:
            return web.json_response({"challenge": body["challenge"]})
        seen.append((request.headers.get("X-Slack-Retry-Num"), request.headers.get("X-Slack-Retry-Reason")))
        return web.Response(status=500)

    runner, url = await serve(failing)
    await slack.deliver_http(url)
    await slack.people.say("maya", "#talent", "hello")
    await slack.settled()
    await runner.cleanup()

    assert seen == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]


async def test_an_app_may_ask_not_to_be_tried_again(slack: StandIn) -> None:
    async def failing(request: web.Request) -> web.Response:
        body = await request.json()
        if "challenge" in body:
            return web.Response(text=body["challenge"])
        return web.Response(status=500, headers={"x-slack-no-retry": "1"})

    runner, url = await serve(failing)
    await slack.deliver_http(url)
    await slack.people.say("maya", "#talent", "hello")
    await slack.settled()
    await runner.cleanup()

    assert len(attempts(slack)) == 1


async def test_an_http_app_that_hangs_or_is_gone_is_told_apart(hasty: StandIn) -> None:
    never = asyncio.Event()

    async def hanging(request: web.Request) -> web.Response:
        body = await request.post()
        if not body:
            return web.Response(text=(await request.json())["challenge"])
        await never.wait()
        return web.Response()

    runner, url = await serve(hanging)
    await hasty.deliver_http(url)
    await hasty.people.command("maya", "#talent", "/echo x")
    never.set()
    await runner.cleanup()
    await hasty.people.command("maya", "#talent", "/echo x")

    assert [each.answer.why for each in hasty.dispatcher.delivered] == ["http_timeout", "connection_failed"]


async def test_a_request_url_has_to_pass_the_challenge_and_be_on_this_machine(slack: StandIn) -> None:
    async def deaf(request: web.Request) -> web.Response:
        return web.Response(text="what?")

    runner, url = await serve(deaf)
    with pytest.raises(RuntimeError, match="did not answer the url_verification challenge"):
        await slack.deliver_http(url)
    await runner.cleanup()
    with pytest.raises(ValueError, match="this machine only"):
        await slack.deliver_http("http://example.org/events")


async def test_a_wrong_signing_secret_is_refused_by_the_app(over_http: StandIn) -> None:
    url = over_http.dispatcher.line
    with pytest.raises(RuntimeError, match="http_error"):
        await over_http.deliver_http(url._url, "another secret")  # type: ignore[attr-defined]  # the address the fixture made


async def test_the_answer_in_the_body_of_an_http_command_is_shown(slack: StandIn) -> None:
    async def answering(request: web.Request) -> web.Response:
        body = await request.post()
        if not body:
            return web.Response(text=(await request.json())["challenge"])
        if body["text"] == "all":
            return web.json_response({"response_type": "in_channel", "text": "for all"})
        return web.Response(text="for you")

    runner, url = await serve(answering)
    await slack.deliver_http(url)
    await slack.people.command("maya", "#talent", "/echo all")
    await slack.people.command("maya", "#talent", "/echo me")
    await runner.cleanup()

    assert [each["text"] for each in slack.said("#talent")] == ["for all"]
    assert [each.text for each in slack.workspace.whispers("U0MAYA")] == ["for you"]


# --------------------------------------------------------------------------- a Web API that has a bad day


async def test_asked_to_slow_down_the_real_client_tries_again(over_sockets: StandIn) -> None:
    slack = over_sockets
    slack.faults.refuse("chat.postMessage", retry_after=0)
    message = await slack.people.say("maya", "#talent", "say it anyway")

    await slack.until(lambda: slack.said("#talent", message.ts))
    assert [call.status for call in slack.faults.made("chat.postMessage")] == [429, 200]


async def test_errors_and_broken_connections_happen_before_or_after_the_effect(slack: StandIn) -> None:
    async with ClientSession() as session:

        async def post(text: str) -> str:
            body = {"channel": "C0TALENT", "text": text}
            headers = {"Authorization": f"Bearer {slack.bot_token}"}
            try:
                async with session.post(slack.api_url + "chat.postMessage", json=body, headers=headers) as response:
                    return f"{response.status} {(await response.json()).get('error', 'ok')}"
            except ClientError:
                return "broken"

        slack.faults.refuse("chat.postMessage", status=503)
        slack.faults.error("chat.postMessage", "fatal_error")
        slack.faults.drop("*")
        slack.faults.lose_answer("*")
        outcomes = [await post("one"), await post("two"), await post("three"), await post("four"), await post("five")]

    assert outcomes == ["503 service_unavailable", "200 fatal_error", "broken", "broken", "200 ok"]
    assert [each["text"] for each in slack.said("#talent")] == ["four", "five"]


async def test_a_call_can_be_held_until_the_test_says_so(over_sockets: StandIn) -> None:
    slack = over_sockets
    hold = slack.faults.hold("chat.postMessage")
    message = await slack.people.say("maya", "#talent", "say it later")

    await hold.reached.wait()
    assert slack.said("#talent", message.ts) == []
    hold.release()
    await slack.until(lambda: slack.said("#talent", message.ts))


async def test_waiting_in_vain_says_what_happened_instead(slack: StandIn) -> None:
    with pytest.raises(TimeoutError, match=r"The last calls of the app: none\. Open sockets: 0"):
        await slack.until(lambda: slack.said("#talent"), timeout=0.01)


async def test_stopping_gives_up_what_is_under_way() -> None:
    standin = StandIn(MANIFEST, patience=Patience(acknowledged_within=60, retry_after=AT_ONCE))
    await standin.start()
    await standin.people.say("maya", "#talent", "nobody will ever hear this")
    await standin.stop()

    assert not standin.dispatcher.busy
