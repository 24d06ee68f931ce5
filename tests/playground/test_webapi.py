"""The Web API answers the real client as Slack does, and refuses what Slack refuses."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import StandIn
from bot.playground.workspace import Channel
from tests.playground.echo import BUTTONS, MANIFEST, WINDOW

Json = dict[str, Any]
CLOCK = 1_795_251_600.0


@pytest.fixture
async def clock() -> list[float]:
    return [CLOCK]


@pytest.fixture
async def slack(clock: list[float]) -> AsyncIterator[StandIn]:
    async with StandIn(MANIFEST, clock=lambda: clock[0]) as standin:
        standin.workspace.add(Channel("C0QUIET", "quiet", "public", {"U0MAYA"}))
        standin.workspace.add(Channel("C0SECRET", "secret", "private", {"U0MAYA"}))
        yield standin


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.fixture
def client(slack: StandIn, session: ClientSession) -> AsyncWebClient:
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])


async def refused(call: Any) -> Json:
    with pytest.raises(SlackApiError) as error:
        await call
    answer: Json = error.value.response.data
    return answer


async def test_it_says_who_the_bot_is(client: AsyncWebClient) -> None:
    me = await client.auth_test()

    assert (me["user_id"], me["bot_id"], me["team"]) == ("U0SPELLOUT", "B0SPELLOUT", "Northlight")
    assert "chat:write" in me.headers["x-oauth-scopes"]


async def test_a_posted_message_is_there_with_names_for_its_elements(slack: StandIn, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="#talent", text="Again?", blocks=BUTTONS)

    found = slack.workspace.find("C0TALENT", posted["ts"])
    assert found
    assert found.blocks
    assert found.blocks[1]["block_id"] == "row"
    assert all(block["block_id"] for block in found.blocks)


REFUSALS: list[tuple[str, Json, str]] = [
    ("chat.postMessage", {"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
    ("chat.postMessage", {"channel": "C0SECRET", "text": "x"}, "channel_not_found"),
    ("chat.postMessage", {"channel": "C0QUIET", "text": "x"}, "not_in_channel"),
    ("chat.postMessage", {"channel": "C0TALENT"}, "no_text"),
    ("chat.postMessage", {"channel": "C0TALENT", "text": "", "blocks": []}, "no_text"),
    ("chat.postMessage", {"channel": "C0TALENT", "text": "x", "blocks": "[{"}, "invalid_blocks_format"),
    ("chat.postMessage", {"channel": "C0TALENT", "text": "x", "blocks": [{"type": "no"}]}, "invalid_blocks"),
    ("chat.postMessage", {"channel": "C0TALENT", "text": "x", "thread_ts": "1.000000"}, "thread_not_found"),
    ("chat.update", {"channel": "C0TALENT", "ts": "1.000000", "text": "x"}, "message_not_found"),
    ("chat.delete", {"channel": "C0TALENT", "ts": "1.000000"}, "message_not_found"),
    ("chat.postEphemeral", {"channel": "C0TALENT", "user": "U0NOBODY", "text": "x"}, "user_not_found"),
    ("conversations.info", {"channel": "C0NOWHERE"}, "channel_not_found"),
    ("conversations.replies", {"channel": "C0TALENT", "ts": "1.000000"}, "thread_not_found"),
    ("conversations.open", {"users": "U0NOBODY"}, "user_not_found"),
    ("users.info", {"user": "U0NOBODY"}, "user_not_found"),
    ("reactions.add", {"channel": "C0TALENT", "timestamp": "1.000000", "name": "eyes"}, "message_not_found"),
    ("views.open", {"view": WINDOW, "trigger_id": "1.2"}, "invalid_trigger_id"),
    ("views.open", {"view": WINDOW}, "invalid_arguments"),
    ("views.open", {"view": {"type": "modal"}, "trigger_id": "1.2"}, "invalid_arguments"),
    ("views.update", {"view": WINDOW, "view_id": "V1"}, "not_found"),
    ("conversations.history", {"channel": "D0MAYA", "x": 1}, ""),
    ("bots.info", {"bot": "B0OTHER"}, "bot_not_found"),
    ("chat.meMessage", {"channel": "C0TALENT", "text": "x"}, "unknown_method"),
]


@pytest.mark.parametrize(("method", "arguments", "error"), REFUSALS, ids=[f"{method} {error}" for method, _, error in REFUSALS])
async def test_a_call_is_refused_as_slack_does(client: AsyncWebClient, method: str, arguments: Json, error: str) -> None:
    if not error:
        assert (await client.api_call(method, json=arguments))["ok"]
        return
    assert (await refused(client.api_call(method, json=arguments)))["error"] == error


@pytest.mark.parametrize("way", ["json", "params", "data"])
async def test_arguments_may_come_as_json_query_or_form(slack: StandIn, client: AsyncWebClient, way: str) -> None:
    given: Json = {"channel": "C0TALENT", "text": "from anywhere"}

    await client.api_call("chat.postMessage", **{way: given})  # type: ignore[arg-type]  # one of three of one type

    assert [each["text"] for each in slack.said("#talent")] == ["from anywhere"]
    assert slack.faults.made("chat.postMessage")[0].arguments == given


async def test_invalid_blocks_are_explained(client: AsyncWebClient) -> None:
    answer = await refused(client.chat_postMessage(channel="C0TALENT", text="x", blocks=[{"type": "section"}]))

    assert answer["response_metadata"]["messages"] == ["[ERROR] missing required field: text or fields [json-pointer:/blocks/0]"]


async def test_too_many_blocks_together_are_refused_but_not_at_an_answer_address(
    slack: StandIn, client: AsyncWebClient, session: ClientSession
) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 5
    address = slack.answer_url("maya", "#talent")

    assert (await refused(client.chat_postMessage(channel="C0TALENT", text="x", blocks=blocks)))["error"] == "msg_blocks_too_long"
    async with session.post(address, json={"text": "x", "blocks": blocks}) as response:
        assert response.status == 200


async def test_tokens_are_checked(slack: StandIn, session: ClientSession) -> None:
    async def error_with(token: str | None) -> str:
        client = AsyncWebClient(token, base_url=slack.api_url, session=session, retry_handlers=[])
        return str((await refused(client.auth_test()))["error"])

    assert await error_with(None) == "not_authed"
    assert await error_with("xoxb-wrong") == "invalid_auth"
    assert await error_with(slack.app_token) == "not_allowed_token_type"
    slack.tokens.revoked.add(slack.bot_token)
    assert await error_with(slack.bot_token) == "token_revoked"


async def test_what_the_manifest_did_not_ask_for_is_refused(session: ClientSession) -> None:
    async with StandIn({"oauth_config": {"scopes": {"bot": ["commands"]}}}) as standin:
        client = AsyncWebClient(standin.bot_token, base_url=standin.api_url, session=session, retry_handlers=[])
        answer = await refused(client.chat_postMessage(channel="C0TALENT", text="x"))

    assert answer["error"] == "missing_scope"
    assert answer["needed"] == "chat:write"


async def test_a_message_without_a_text_beside_its_blocks_is_warned_about(client: AsyncWebClient) -> None:
    answer = await client.api_call("chat.postMessage", json={"channel": "C0TALENT", "blocks": BUTTONS})

    assert answer["warning"] == "missing_text_in_message"


async def test_a_text_beyond_the_limit_is_cut(slack: StandIn, client: AsyncWebClient) -> None:
    answer = await client.chat_postMessage(channel="C0TALENT", text="x" * 40_001)

    assert answer["warning"] == "message_truncated"
    assert len(slack.said("#talent")[0]["text"]) == 40_000


async def test_an_update_keeps_to_slacks_rules_for_blocks_and_the_edited_mark(slack: StandIn, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel="C0TALENT", text="first", blocks=BUTTONS))["ts"]

    await client.chat_update(channel="C0TALENT", ts=ts, text="second", blocks=BUTTONS[:1])
    (shown,) = slack.said("#talent")
    assert len(shown["blocks"]) == 1
    assert "edited" not in shown

    await client.chat_update(channel="C0TALENT", ts=ts, text="third")
    (shown,) = slack.said("#talent")
    assert "blocks" not in shown
    assert shown["edited"]["user"] == "U0SPELLOUT"


async def test_somebody_elses_message_cannot_be_changed_or_deleted(slack: StandIn, client: AsyncWebClient) -> None:
    message = await slack.people.say("maya", "#talent", "mine")

    assert (await refused(client.chat_update(channel="C0TALENT", ts=message.ts, text="yours")))["error"] == "cant_update_message"
    assert (await refused(client.chat_delete(channel="C0TALENT", ts=message.ts)))["error"] == "cant_delete_message"


async def test_an_ephemeral_message_is_for_one_person_and_cannot_be_updated(slack: StandIn, client: AsyncWebClient) -> None:
    answer = await client.chat_postEphemeral(channel="C0TALENT", user="U0MAYA", text="psst")

    assert [each.text for each in slack.workspace.whispers("U0MAYA")] == ["psst"]
    assert slack.workspace.history("C0TALENT") == []
    call = client.chat_update(channel="C0TALENT", ts=answer["message_ts"], text="x")
    assert (await refused(call))["error"] == "message_not_found"
    outsider = client.chat_postEphemeral(channel="C0QUIET", user="U0JONAS", text="psst")
    assert (await refused(outsider))["error"] == "not_in_channel"


async def test_a_deleted_head_leaves_a_tombstone_while_it_has_replies(slack: StandIn, client: AsyncWebClient) -> None:
    head = (await client.chat_postMessage(channel="C0TALENT", text="head"))["ts"]
    reply = (await client.chat_postMessage(channel="C0TALENT", text="reply", thread_ts=head))["ts"]

    await client.chat_delete(channel="C0TALENT", ts=head)
    thread = await client.conversations_replies(channel="C0TALENT", ts=head)
    assert [each["text"] for each in thread["messages"]] == ["This message was deleted.", "reply"]

    await client.chat_delete(channel="C0TALENT", ts=reply)
    await client.chat_delete(channel="C0TALENT", ts=head)
    assert slack.workspace.everything() == []


async def test_it_tells_of_channels_people_and_reactions(slack: StandIn, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel="U0PRIYA", text="hello"))["ts"]
    await client.reactions_add(channel="D0PRIYA", timestamp=ts, name="eyes")

    assert (await client.conversations_info(channel="C0TALENT"))["channel"]["topic"]["value"] == "Hiring, teams, growing"
    assert (await client.conversations_open(users="U0PRIYA"))["channel"]["id"] == "D0PRIYA"
    assert (await client.users_info(user="U0PRIYA"))["user"]["real_name"] == "Priya Nair"
    assert (await client.team_info())["team"]["id"] == slack.workspace.team
    assert (await client.bots_info(bot="B0SPELLOUT"))["bot"]["name"] == "Echo"
    assert (await client.conversations_history(channel="D0PRIYA"))["messages"][0]["reactions"][0]["count"] == 1
    again = client.reactions_add(channel="D0PRIYA", timestamp=ts, name="eyes")
    assert (await refused(again))["error"] == "already_reacted"


async def test_a_trigger_opens_one_window_within_three_seconds(slack: StandIn, client: AsyncWebClient, clock: list[float]) -> None:
    first, late = slack.trigger("maya"), slack.trigger("maya")

    opened = await client.views_open(trigger_id=first, view=WINDOW)
    assert (await refused(client.views_open(trigger_id=first, view=WINDOW)))["error"] == "exchanged_trigger_id"
    clock[0] += 3.1
    assert (await refused(client.views_open(trigger_id=late, view=WINDOW)))["error"] == "expired_trigger_id"

    window = slack.people.window("maya")
    assert window
    assert window.id == opened["view"]["id"]
    stale = client.views_update(view_id=window.id, hash="1.old", view=WINDOW)
    assert (await refused(stale))["error"] == "hash_conflict"
    await client.views_update(view_id=window.id, hash=window.hash, view=WINDOW | {"callback_id": "changed"})
    assert window.content["callback_id"] == "changed"


async def test_windows_stack_three_deep(slack: StandIn, client: AsyncWebClient) -> None:
    await client.views_open(trigger_id=slack.trigger("maya"), view=WINDOW)
    for _ in range(2):
        await client.views_push(trigger_id=slack.trigger("maya"), view=WINDOW)
    deeper = client.views_push(trigger_id=slack.trigger("maya"), view=WINDOW)

    assert (await refused(deeper))["error"] == "push_limit_reached"
    await slack.people.close("maya")
    assert slack.people.window("maya")
    await slack.people.close("maya", everything=True)
    assert slack.people.window("maya") is None


async def test_an_answer_address_works_five_times_within_half_an_hour(slack: StandIn, session: ClientSession, clock: list[float]) -> None:
    async def answer(link: str, **body: Any) -> tuple[int, str]:
        async with session.post(link, json=body) as response:
            return response.status, await response.text()

    link, late = slack.answer_url("maya", "#talent"), slack.answer_url("maya", "#talent")
    for number in range(5):
        assert await answer(link, text=f"answer {number}") == (200, "ok")
    status, text = await answer(link, text="one too many")
    assert (status, "used_url" in text) == (404, True)
    clock[0] += 30 * 60 + 1
    assert "expired_url" in (await answer(late, text="too late"))[1]
    assert "invalid_url" in (await answer(slack.page_url + "answer/R0NONE", text="nowhere"))[1]
    assert len(slack.workspace.whispers("U0MAYA")) == 5


async def test_an_answer_may_be_public_replace_its_source_or_delete_it(
    slack: StandIn, client: AsyncWebClient, session: ClientSession
) -> None:
    ts = (await client.chat_postMessage(channel="C0TALENT", text="source"))["ts"]
    address = slack.answer_url("maya", "#talent", ts)

    async with session.post(address, json={"text": "for all", "response_type": "in_channel", "thread_ts": ts}):
        assert [each["text"] for each in slack.said("#talent", ts)] == ["for all"]
    async with session.post(address, json={"text": "replaced", "replace_original": True}):
        assert [each["text"] for each in slack.said("#talent")] == ["replaced"]
    async with session.post(address, json={"delete_original": True}):
        assert [each["text"] for each in slack.said("#talent")] == ["This message was deleted."]
    async with session.post(address, json={}) as response:
        assert (await response.json())["error"] == "no_text"


async def test_ids_never_repeat_and_memory_is_bounded() -> None:
    async with StandIn(MANIFEST, limit=20, clock=lambda: CLOCK) as standin:
        head = await standin.people.say("maya", "#talent", "head")
        seen = [(await standin.people.say("maya", "#talent", "x", thread=head)).ts for _ in range(30)]

        assert sorted(set(seen)) == seen
        assert len(standin.workspace.everything()) == 20
        assert standin.workspace.find("C0TALENT", head.ts) is None
        assert len(standin.workspace.replies("C0TALENT", head.ts)) == 20


async def test_a_malformed_body_is_refused(slack: StandIn, session: ClientSession) -> None:
    headers = {"Authorization": f"Bearer {slack.bot_token}", "Content-Type": "application/json"}
    for body, error in (("{", "invalid_json"), ("[]", "json_not_object")):
        async with session.post(slack.api_url + "chat.postMessage", data=body, headers=headers) as response:
            assert (response.status, (await response.json())["error"]) == (200, error)
