"""What is sent to Teams, where, and what becomes of it on bad days."""

import asyncio
from typing import Any

import pytest

from bot.chat.teams import sdk
from bot.core.messages import Choice, Choices, Place, Reply, Span, Text, Who
from bot.ports import Outgoing, Refused, TryLater
from tests.chat.teams.conftest import Connected, connect
from tests.chat.teams.stage import actions_of, visible
from tests.chat.teams.world import OUTBOUND, TENANT, World

CHANNEL = "19:vendor@thread.tacv2"
HEAD = "1795251600000"


def place(thread: str = HEAD, channel: str = CHANNEL, **more: Any) -> Place:
    return Place("teams", TENANT, channel, thread, **more)


def reply(text: str = "Reading RPO as recruitment.", **more: Any) -> Reply:
    return Reply((Text((Span(text),)),), text, **more)


def outgoing(where: Place | None = None, said: Reply | None = None, **more: Any) -> Outgoing:
    where = where or place()
    given = {"id": 1, "place": where, "reply": said or reply(), "thread": where.thread, "message": None, "answer_url": None, "attempts": 0}
    return Outgoing(**{**given, **more})


@pytest.mark.parametrize(
    ("where", "thread", "conversation"),
    [
        (place(), HEAD, f"{CHANNEL};messageid={HEAD}"),
        (place("new-5"), "new-5", CHANNEL),
        (place("new-5"), HEAD, f"{CHANNEL};messageid={HEAD}"),
        (place(), None, CHANNEL),
        (place("dm", "a:maya", direct=True), "dm", "a:maya"),
        (place("chat-20261121", "19:group@thread.v2"), "chat-20261121", "19:group@thread.v2"),
    ],
)
async def test_a_reply_is_posted_where_its_conversation_is(at: Connected, where: Place, thread: str | None, conversation: str) -> None:
    message = await at.chat.sender.send(outgoing(where, thread=thread))
    (call,) = at.teams.calls
    assert (call.method, call.path) == ("POST", f"/v3/conversations/{conversation}/activities")
    assert call.headers["Authorization"] == f"Bearer {OUTBOUND}"
    assert call.body["summary"] == "Reading RPO as recruitment."
    assert message in at.teams.messages


async def test_a_reply_replaces_its_message_and_is_posted_anew_where_that_is_gone(at: Connected) -> None:
    message = await at.chat.sender.send(outgoing())
    assert await at.chat.sender.send(outgoing(said=reply("Changed."), message=message)) == message
    assert visible(at.teams.messages[str(message)].card) == "Changed."
    at.teams.messages.clear()
    assert await at.chat.sender.send(outgoing(said=reply("Anew."), message=message)) != message


async def test_a_message_is_taken_away_and_one_that_is_gone_already_is_no_trouble(at: Connected) -> None:
    message = await at.chat.sender.send(outgoing())
    for _ in range(2):
        assert await at.chat.sender.send(outgoing(said=reply(gone=True), message=message)) is None
    assert at.teams.messages == {}
    assert await at.chat.sender.send(outgoing(said=reply(gone=True))) is None


async def test_people_are_named_as_teams_knows_them_and_asked_for_once(at: Connected) -> None:
    at.teams.names["29:jonas"] = "Jonas Weber"
    said = Reply((Text((Span("Shared by "), Who("29:jonas"), Span(" and "), Who("29:nobody"))),), "Shared.")
    for _ in range(2):
        message = await at.chat.sender.send(outgoing(said=said))
    assert visible(at.teams.messages[str(message)].card) == "Shared by Jonas Weber and somebody"
    assert [call.path.rpartition("/")[2] for call in at.teams.calls if call.method == "GET"].count("29:jonas") == 1


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Maya \ud800Ortiz", "Maya Ortiz"), ("Maya\n\u202eOrtiz", "Maya Ortiz"), ("x" * 300, "x" * 200), (" \n", "somebody")],
)
async def test_a_name_is_shown_on_one_line_and_can_always_be_sent(at: Connected, name: str, shown: str) -> None:
    await at.deliver(at.teams.activity("message", text="hello", **{"from": {"id": "29:maya", "name": name}}))
    message = await at.chat.sender.send(outgoing(said=Reply((Text((Who("29:maya"),)),), "Maya.")))
    assert visible(at.teams.messages[str(message)].card) == shown


# --------------------------------------------------------------------------- for one person


async def test_a_whisper_is_a_message_that_only_one_person_sees(at: Connected) -> None:
    assert await at.chat.sender.send(outgoing(said=reply(surface="whisper", to="29:maya"))) is None
    (message,) = at.teams.messages.values()
    assert (message.to, message.conversation) == ("29:maya", f"{CHANNEL};messageid={HEAD}")


async def test_where_such_a_message_is_refused_the_persons_own_chat_is_used(at: Connected) -> None:
    at.teams.answers = [(403, {})]
    await at.chat.sender.send(outgoing(said=reply(surface="whisper", to="29:maya")))
    message, _ = at.teams.messages.values()
    assert (message.to, message.conversation) == ("", "a:maya")


async def test_a_tenant_without_such_messages_never_sees_one(teams: World) -> None:
    async with connect(teams, targeted=False) as at:
        for _ in range(2):
            await at.chat.sender.send(outgoing(said=reply(surface="whisper", to="29:maya")))
        assert not at.chat.capabilities.targeted
    where_asked = f"/v3/conversations/{CHANNEL};messageid={HEAD}/activities"
    assert [call.path for call in teams.calls] == ["/v3/conversations", *["/v3/conversations/a:maya/activities", where_asked] * 2]
    assert teams.calls[0].body["members"] == [{"id": "29:maya"}]


async def test_a_whisper_in_a_chat_of_two_is_a_message(at: Connected) -> None:
    await at.chat.sender.send(outgoing(place("dm", "a:maya", direct=True), reply(surface="whisper", to="29:maya")))
    (message,) = at.teams.messages.values()
    assert (message.to, message.conversation) == ("", "a:maya")


async def test_the_buttons_of_a_whisper_say_under_seal_where_they_belong_and_the_others_without(at: Connected) -> None:
    parts = (Choices((Choice("share:1", "Share"),)),)
    await at.chat.sender.send(outgoing(said=Reply(parts, "Share?", surface="whisper", to="29:maya")))
    await at.chat.sender.send(outgoing(said=Reply(parts, "Share?")))
    whispered, posted = [actions_of(message.card)[0]["data"]["spellout"] for message in at.teams.messages.values()]
    assert posted == {"choice": "share:1", "at": f"{CHANNEL}|{HEAD}"}
    assert len(whispered.pop("seal")) == 32
    assert whispered == posted


# --------------------------------------------------------------------------- bad days


@pytest.mark.parametrize(
    ("status", "headers", "seconds", "uncertain"),
    [
        (429, {"Retry-After": "7"}, 7.0, False),
        (429, {"Retry-After": "soon"}, None, False),
        (412, {}, None, False),
        (502, {}, None, True),
        (503, {"Retry-After": "999999"}, 3600.0, True),
        (504, {}, None, True),
        (500, {}, None, True),
        (401, {}, None, False),
    ],
)
async def test_what_teams_cannot_take_now_is_sent_later(
    at: Connected, status: int, headers: dict[str, str], seconds: float | None, uncertain: bool
) -> None:
    """It is uncertain whether it stands already where Teams may have taken it before it failed."""
    at.teams.answers = [(status, headers)]
    with pytest.raises(TryLater, match=str(status)) as later:
        await at.chat.sender.send(outgoing())
    assert (later.value.seconds, later.value.uncertain) == (seconds, uncertain)
    assert await at.chat.sender.send(outgoing()) is not None


async def test_a_token_that_teams_refuses_is_told_to_the_operator(at: Connected, capsys: pytest.CaptureFixture[str]) -> None:
    at.teams.answers = [(401, {})]
    with pytest.raises(TryLater):
        await at.chat.sender.send(outgoing())
    assert "teams_refuses_the_token" in capsys.readouterr().out


@pytest.mark.parametrize("status", [400, 403, 413])
async def test_what_teams_will_never_take_is_refused(at: Connected, status: int) -> None:
    at.teams.answers = [(status, {})]
    with pytest.raises(Refused, match=str(status)):
        await at.chat.sender.send(outgoing())


async def test_a_connector_that_does_not_answer_is_not_waited_for(teams: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdk, "TIMEOUT", 0.05)
    teams.hold = asyncio.Event()
    async with connect(teams) as at:
        with pytest.raises(TryLater, match="ReadTimeout") as later:
            await at.chat.sender.send(outgoing())
        assert later.value.uncertain
        teams.hold.set()


async def test_a_call_ends_also_where_each_step_of_it_is_in_time(teams: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdk, "WHOLE", 0.05)
    teams.hold = asyncio.Event()
    async with connect(teams) as at:
        with pytest.raises(TryLater, match="TimeoutError") as later:
            await at.chat.sender.send(outgoing())
        assert later.value.uncertain
        teams.hold.set()


async def test_a_connector_that_is_not_there_is_tried_again(teams: World) -> None:
    async with connect(teams, service_url="http://127.0.0.1:9") as at:
        with pytest.raises(TryLater, match="ConnectError") as later:
            await at.chat.sender.send(outgoing())
        assert not later.value.uncertain
