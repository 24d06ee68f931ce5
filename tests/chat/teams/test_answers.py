"""What a press, a form and a message's menu are answered with, and what becomes of them when nothing comes in time."""

import asyncio
from typing import Any

import pytest

from bot.chat.teams.app import Pace
from bot.chat.teams.sdk import Identity
from bot.core.messages import Choice, Choices, Event, Pointed, Pressed, Reply, Span, Submitted, Text
from bot.ports import Outgoing, Stepped, StoreError
from tests.chat.teams.conftest import Connected, connect
from tests.chat.teams.stage import WORDS, actions_of, visible
from tests.chat.teams.test_sender import outgoing
from tests.chat.teams.world import APP, SECRET, TENANT, Message, World

CHANNEL = "19:vendor@thread.tacv2"
AT = {"at": f"{CHANNEL}|1"}


def reply(text: str, **more: Any) -> Reply:
    return Reply((Text((Span(text),)),), text, **more)


def press(teams: World, ours: dict[str, Any], **more: Any) -> dict[str, Any]:
    value = {"action": {"verb": "spellout", "data": {"spellout": ours}}}
    return teams.activity("invoke", **{"name": "adaptiveCard/action", "value": value, "replyToId": "77", **more})


def point(teams: World, command: str = "explainAcronyms") -> dict[str, Any]:
    message = {"id": "1", "body": {"contentType": "html", "content": "<p>An RPO</p>"}}
    return teams.activity("invoke", name="composeExtension/fetchTask", value={"commandId": command, "messagePayload": message})


def answering(at: Connected, *replies: Reply, message: str | None = None, windows: tuple[Reply, ...] = ()) -> None:
    """From now on every event is answered with these, as the outbox would send them."""

    async def then(event: Event) -> Stepped:
        assert isinstance(event, Pressed | Submitted | Pointed)
        for number, said in enumerate(replies, start=1):
            out = Outgoing(number, event.place, said, event.place.thread, message if said.slot else None, event.answer_url, 0)
            await at.chat.sender.send(out)
        return Stepped(new=True, windows=windows, queued=len(replies))

    at.notes.then = then


async def test_a_press_is_answered_with_the_card_that_takes_its_place_for_everybody(at: Connected) -> None:
    where = (await at.deliver(press(at.teams, {"choice": "x", **AT})))[1]
    assert where == {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": WORDS.happened["unchanged"]}
    at.teams.messages["77"] = standing("77")
    answering(at, reply("Settled.", slot="a"), reply("More."), message="77")
    status, answer = await at.deliver(press(at.teams, {"choice": "x", **AT}))
    assert (status, answer["type"]) == (200, "application/vnd.microsoft.card.adaptive")
    assert visible(answer["value"]) == visible(at.teams.messages["77"].card) == "Settled."


def standing(name: str) -> Message:
    return Message(name, CHANNEL, {"body": []}, "")


async def test_a_press_on_another_message_is_not_answered_with_its_card(at: Connected) -> None:
    at.teams.messages["78"] = standing("78")
    answering(at, reply("Settled.", slot="a"), message="78")
    assert (await at.deliver(press(at.teams, {"choice": "x", **AT})))[1]["value"] == WORDS.happened["elsewhere"]


async def test_a_form_gives_way_to_its_private_answer_and_is_closed_in_any_case(at: Connected) -> None:
    form = {"window": "settings", "offered": {}, **AT}
    answering(at, reply("Saved.", surface="whisper", to="29:maya"))
    assert visible((await at.deliver(press(at.teams, form)))[1]["value"]) == "Saved."
    assert at.teams.messages == {}
    answering(at)
    assert visible((await at.deliver(press(at.teams, form)))[1]["value"]) == WORDS.happened["unchanged"]


async def test_a_messages_menu_shows_what_is_for_that_person_in_its_window(at: Connected) -> None:
    answering(at, reply("For Jonas.", surface="whisper", to="29:jonas"), reply("For Maya.", surface="whisper", to="29:maya"))
    _, answer = await at.deliver(point(at.teams))
    assert answer["task"]["type"] == "continue"
    assert visible(answer["task"]["value"]["card"]["content"]) == "For Maya."
    assert [message.to for message in at.teams.messages.values()] == ["29:jonas"]


async def test_a_window_opens_in_the_menus_window_and_else_as_a_private_card(at: Connected) -> None:
    window = reply("Full brief.", surface="window", to="29:maya", title="Brief")
    answering(at, windows=(window,))
    _, answer = await at.deliver(point(at.teams))
    assert (answer["task"]["value"]["title"], at.teams.messages) == ("Brief", {})
    await at.deliver(press(at.teams, {"choice": "x", **AT}))
    await at.chat.rest()
    (card,) = at.teams.messages.values()
    assert (card.to, visible(card.card)) == ("29:maya", "Brief\nFull brief.")


async def test_a_private_card_that_teams_cannot_take_now_is_sent_again(teams: World) -> None:
    async with connect(teams, pace=Pace(window=(0,), card=1)) as at:
        answering(at, windows=(reply("Full brief.", surface="window", to="29:maya"),))
        teams.answers = [(503, {})]
        await at.deliver(press(teams, {"choice": "x", **AT}))
        await at.chat.rest()
        assert len(teams.messages) == 1


async def test_where_the_answer_is_elsewhere_the_menu_says_so(at: Connected) -> None:
    answering(at, reply("1 of 4"))
    assert (await at.deliver(point(at.teams, "chooseModel")))[1] == {"task": {"type": "message", "value": WORDS.happened["elsewhere"]}}
    assert len(at.teams.messages) == 1


async def test_who_waits_is_not_kept_waiting_for_a_card_that_does_not_come(teams: World) -> None:
    async def then(event: Event) -> Stepped:
        return Stepped(new=True, queued=3)

    async with connect(teams, pace=Pace(card=0.01)) as at:
        at.notes.then = then
        assert (await at.deliver(press(teams, {"choice": "x", **AT})))[1]["value"] == WORDS.happened["coming"]


async def test_what_comes_too_late_for_its_request_is_said_as_ever(at: Connected) -> None:
    heard: list[Event] = []

    async def then(event: Event) -> Stepped:
        heard.append(event)
        return Stepped(new=True)

    at.notes.then = then
    await at.deliver(point(at.teams))
    (event,) = heard
    assert isinstance(event, Pointed)
    late = Outgoing(1, event.place, reply("Late.", surface="whisper", to="29:maya"), event.place.thread, None, event.answer_url, 0)
    await at.chat.sender.send(late)
    assert [message.to for message in at.teams.messages.values()] == ["29:maya"]


@pytest.mark.parametrize("ours", [{"choice": "x", "at": "19:other@thread.tacv2|1"}, {"choice": "x"}, {}])
async def test_a_press_that_is_not_ours_to_take_fails_politely(at: Connected, ours: dict[str, Any]) -> None:
    status, answer = await at.deliver(press(at.teams, ours))
    assert (status, answer["statusCode"], answer["value"]["message"]) == (200, 400, WORDS.failed)
    assert at.notes.heard == []


async def test_a_press_that_could_not_be_saved_says_so_and_is_tried_on(teams: World) -> None:
    tries: list[Event] = []

    async def then(event: Event) -> Stepped:
        tries.append(event)
        if len(tries) == 1:
            raise StoreError("locked")
        return Stepped(new=True)

    async with connect(teams, pace=Pace(store=(0,))) as at:
        at.notes.then = then
        assert (await at.deliver(press(teams, {"choice": "x", **AT})))[1]["statusCode"] == 400
        assert (await at.deliver(point(teams, "unknown")))[1] == {"task": {"type": "message", "value": WORDS.failed}}
        await at.chat.rest()
    assert len(tries) == 2


# --------------------------------------------------------------------------- in time


async def test_a_menu_is_answered_within_its_time_however_long_the_store_and_the_card_take(teams: World) -> None:
    release = asyncio.Event()

    async def then(event: Event) -> Stepped:
        await release.wait()
        return Stepped(new=True, queued=1)

    async with connect(teams, pace=Pace(invoke=0.05, acknowledge=60, card=60)) as at:
        at.notes.then = then
        async with asyncio.timeout(5):
            assert (await at.deliver(point(teams)))[1] == {"task": {"type": "message", "value": WORDS.failed}}
            release.set()
            assert (await at.deliver(point(teams)))[1] == {"task": {"type": "message", "value": WORDS.happened["coming"]}}


def shared(activity: dict[str, Any]) -> dict[str, Any]:
    """The same in a channel in which another organisation listens."""
    channel = {**activity["channelData"]["channel"], "type": "shared"}
    return {**activity, "channelData": {**activity["channelData"], "channel": channel}}


async def test_where_a_person_belongs_is_not_asked_for_long_who_is_a_stranger_then(teams: World) -> None:
    async with connect(teams, pace=Pace(home=0.05)) as at:
        assert (await at.deliver(shared(teams.activity("message", text="hello"))))[0] == 200
        teams.hold = asyncio.Event()
        other = {"id": "29:jonas", "name": "Jonas"}
        async with asyncio.timeout(5):
            assert (await at.deliver(shared(teams.activity("message", text="hello", **{"from": other}))))[0] == 200
        teams.hold.set()
    assert [event.outsider for event in at.notes.heard] == [False, True]


@pytest.mark.parametrize("status", [403, 503])
async def test_who_belongs_nowhere_known_is_a_stranger_until_it_is_known(at: Connected, status: int) -> None:
    at.teams.answers = [(status, {})]
    for _ in range(2):
        assert (await at.deliver(shared(at.teams.activity("message", text="hello"))))[0] == 200
    assert [event.outsider for event in at.notes.heard] == [True, False]


async def test_nobodys_home_is_asked_for_what_is_not_for_us(at: Connected) -> None:
    assert (await at.deliver(shared(at.teams.activity("messageReaction", reactionsAdded=[]))))[0] == 200
    assert (await at.deliver(at.teams.activity("message", text="hello")))[0] == 200
    assert at.teams.calls == []


# --------------------------------------------------------------------------- who made the card


async def test_a_private_card_works_after_a_restart_but_only_where_the_secret_is_the_same(teams: World) -> None:
    said = Reply((Choices((Choice("share:1", "Share"),)),), "Share?", surface="whisper", to="29:maya")
    async with connect(teams, targeted=False) as before:
        await before.chat.sender.send(outgoing(said=said))
    card = next(message for message in teams.messages.values() if message.conversation == "a:maya")
    data = actions_of(card.card)[0]["data"]["spellout"]
    own = {"id": "a:maya", "conversationType": "personal", "tenantId": TENANT}
    for secret, heard in ((SECRET, 1), (SECRET + "x", 0)):
        async with connect(teams, identity=Identity(APP, secret, TENANT)) as at:
            await at.deliver(press(teams, data, conversation=own))
            assert len(at.notes.heard) == heard
