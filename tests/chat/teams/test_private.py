"""What is for one person alone and stands in their own chat with us: that is told where it was asked, and the card tells where that was."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.app_teams import words
from bot.chat.teams.app import Pace, TeamsChat
from bot.core.brain import Brain
from bot.core.messages import Choice, Choices, Event, Pressed, Reply, Span, Submitted, Text
from bot.core.rulebook import Rulebook
from bot.pacing import Pace as Pacing
from bot.ports import Outgoing, Stepped
from bot.service import Service
from bot.store import SqlStore
from tests.chat.teams.conftest import Connected, connect
from tests.chat.teams.stage import actions_of, elements_of, make_chat, visible
from tests.chat.teams.test_answers import AT, press
from tests.chat.teams.test_sender import CHANNEL, HEAD, outgoing, place, reply
from tests.chat.teams.world import BOT, TENANT, Message, World, deliver, listening

GROUP = "19:group@thread.v2"
MENTION = {"type": "mention", "mentioned": {"id": BOT, "name": "Spellout"}, "text": "<at>Spellout</at>"}
FOR_MAYA = reply("Only for Maya.", surface="whisper", to="29:maya")


class Chatted:
    """The whole bot in a tenant without messages for one person alone, and what people do there."""

    def __init__(self, teams: World, url: str, chat: TeamsChat, service: Service) -> None:
        self.teams, self._url, self._chat, self._service = teams, url, chat, service

    async def mention(self, text: str, **more: Any) -> list[Message]:
        """What is new at Teams after somebody has addressed us."""
        return await self._after(self.teams.activity("message", text=f"<at>Spellout</at> {text}", entities=[MENTION], **more))

    async def press(self, message: Message, label: str) -> tuple[list[Message], Any]:
        """What is new after a press, and what it is answered with."""
        action = next(action for action in actions_of(message.card) if action["title"] == label)
        value = {"action": {"verb": action["verb"], "data": action["data"]}}
        conversation = {"id": message.conversation, "conversationType": "channel", "tenantId": TENANT}
        if message.conversation.startswith("a:"):
            conversation["conversationType"] = "personal"
        given = {"name": "adaptiveCard/action", "value": value, "replyToId": message.id, "conversation": conversation}
        activity = self.teams.activity("invoke", **given)
        before = set(self.teams.messages)
        async with asyncio.timeout(20):  # a press waits until its replies were sent, and no longer
            status, answer = await deliver(self._url, activity, self.teams.token())
        assert status == 200
        await self._chat.rest()
        await self._service.idle()
        return [message for key, message in self.teams.messages.items() if key not in before], answer["value"]

    async def _after(self, activity: Any) -> list[Message]:
        before = set(self.teams.messages)
        assert (await deliver(self._url, activity, self.teams.token()))[0] == 200
        await self._chat.rest()
        await self._service.idle()
        return [message for key, message in self.teams.messages.items() if key not in before]


@pytest.fixture
async def chatted(teams: World, rules: Rulebook, tmp_path: Path) -> AsyncIterator[Chatted]:
    store = SqlStore.open(f"sqlite:///{tmp_path}/spellout.sqlite")
    chat = make_chat(teams, targeted=False, words=words(rules), pace=Pace(card=60, invoke=60))
    service = Service(store, chat.sender, Brain(rules), pace=Pacing(apart=0))
    runner, url = await listening(chat.mount)
    await chat.start(service.hear)
    await service.start()
    yield Chatted(teams, url, chat, service)
    await chat.stop(1)
    await service.stop(1)
    await chat.close()
    await runner.cleanup()
    store.close()


def in_group(**more: Any) -> dict[str, Any]:
    return {
        "conversation": {"id": GROUP, "conversationType": "groupChat", "tenantId": TENANT, **more},
        "channelData": {"tenant": {"id": TENANT}},
    }


# --------------------------------------------------------------------------- where it was asked


@pytest.mark.parametrize("wish", ["settings", "why", "records", "terms"])
async def test_a_private_answer_to_a_mention_leaves_a_line_where_it_was_asked(chatted: Chatted, wish: str) -> None:
    private, line = sorted(await chatted.mention(wish), key=lambda message: not message.conversation.startswith("a:"))
    assert private.conversation == "a:maya"
    assert (line.conversation, visible(line.card)) == ("19:vendor@thread.tacv2;messageid=1", "I sent it to your own chat with me.")
    assert actions_of(line.card) == []


async def test_in_a_group_chat_too(chatted: Chatted) -> None:
    assert {message.conversation for message in await chatted.mention("settings", **in_group())} == {"a:maya", GROUP}


async def test_a_press_that_is_answered_privately_says_so_in_its_own_answer_and_nowhere_else(chatted: Chatted) -> None:
    (card,) = await chatted.mention("classify People review 500 contracts a month against our playbook, and our counsel signs off.")
    new, told = await chatted.press(card, "Full brief")
    assert [message.conversation for message in new] == ["a:maya"]
    assert told == "I sent it to your own chat with me."


async def test_a_press_that_changes_its_card_is_answered_with_the_changed_card(chatted: Chatted) -> None:
    """Over the outbox, which does not know whose answer it is."""
    (card,) = await chatted.mention("help me choose")
    _, told = await chatted.press(card, next(action["title"] for action in actions_of(card.card)))
    assert told == chatted.teams.messages[card.id].card


async def test_a_press_that_is_answered_in_its_thread_says_that(chatted: Chatted) -> None:
    (card,) = await chatted.mention("what is KPO?")
    new, told = await chatted.press(card, "Choose an operating model")
    assert [message.conversation for message in new] == [card.conversation]
    assert told == "The answer stands below." or told == chatted.teams.messages[card.id].card


async def test_why_do_you_ask_is_answered_and_not_merely_done(chatted: Chatted) -> None:
    (card,) = await chatted.mention("help me choose")
    _, told = await chatted.press(card, "Why do you ask?")
    assert told == "I sent it to your own chat with me."


async def test_two_who_press_at_the_same_time_both_hear_of_it(chatted: Chatted) -> None:
    (card,) = await chatted.mention("help me choose")
    label = next(action["title"] for action in actions_of(card.card))
    answers = await asyncio.gather(*(chatted.press(card, label) for _ in range(2)))
    assert len([told for _, told in answers if told == chatted.teams.messages[card.id].card]) >= 1


async def test_in_the_persons_own_chat_nothing_more_is_said(chatted: Chatted) -> None:
    (only,) = await chatted.mention("settings", **OWN)
    assert only.conversation == "a:maya"


async def test_what_only_that_person_sees_where_they_asked_needs_no_line(at: Connected) -> None:
    await at.chat.sender.send(outgoing(said=FOR_MAYA))
    assert [message.to for message in at.teams.messages.values()] == ["29:maya"]


async def test_a_line_that_cannot_be_posted_brings_no_second_card(teams: World) -> None:
    async with connect(teams, targeted=False) as at:
        teams.answers = [(0, {}), (0, {}), (503, {})]
        await at.chat.sender.send(outgoing(said=FOR_MAYA))
    assert [message.conversation for message in teams.messages.values()] == ["a:maya"]


async def test_of_several_answers_to_a_press_the_private_one_is_told(teams: World) -> None:
    async with connect(teams, targeted=False, pace=Pace(card=1)) as at:

        async def then(event: Event) -> Stepped:
            assert isinstance(event, Pressed)
            for number, said in enumerate((reply("For all."), FOR_MAYA)):
                await at.chat.sender.send(Outgoing(number, event.place, said, "1", None, event.answer_url, 0))
            return Stepped(new=True, queued=2)

        at.notes.then = then
        _, answer = await at.deliver(press(teams, {"choice": "x", **AT}))
        assert answer["value"] == at.chat.sender.words.sent


# --------------------------------------------------------------------------- a form to write in

OWN = {"conversation": {"id": "a:maya", "conversationType": "personal", "tenantId": TENANT}, "channelData": {"tenant": {"id": TENANT}}}


@pytest.mark.parametrize("where", [{}, OWN, in_group()], ids=["channel", "own chat", "group chat"])
async def test_classify_alone_brings_a_form_to_write_in(chatted: Chatted, where: dict[str, Any]) -> None:
    head = {"id": "1"} if not where else {}
    form = next(message for message in await chatted.mention("classify", **where, **head) if message.conversation == "a:maya")
    assert "Input.Text" in [element["type"] for element in elements_of(form.card)]


async def test_classify_alone_in_a_thread_means_the_message_above(chatted: Chatted) -> None:
    (hint,) = await chatted.mention("classify")
    assert "I keep no messages" in visible(hint.card)


# --------------------------------------------------------------------------- what it belongs to


async def first_line(at: Connected, channel: str = CHANNEL) -> str:
    await at.chat.sender.send(outgoing(place(channel=channel), FOR_MAYA))
    return visible(next(m for m in at.teams.messages.values() if m.conversation == "a:maya").card).partition("\n")[0]


@pytest.fixture
async def apart(teams: World, rules: Rulebook) -> AsyncIterator[Connected]:
    """A tenant without messages for one person alone."""
    async with connect(teams, targeted=False, words=words(rules)) as connected:
        yield connected


async def test_a_card_in_ones_own_chat_names_the_team_and_the_channel(apart: Connected) -> None:
    apart.teams.teams["19:team@thread.tacv2"] = ("Purchasing", {CHANNEL: "Vendors"})
    data = {"tenant": {"id": TENANT}, "team": {"id": "19:team@thread.tacv2"}, "channel": {"id": CHANNEL}}
    await apart.deliver(apart.teams.activity("message", text="hello", channelData=data))
    assert await first_line(apart) == "This belongs to Vendors in Purchasing."
    asked = [call.path for call in apart.teams.calls if call.path.startswith("/v3/teams")]
    assert await first_line(apart) == "This belongs to Vendors in Purchasing."
    assert [call.path for call in apart.teams.calls if call.path.startswith("/v3/teams")] == asked


async def test_the_first_channel_of_a_team_has_no_name_and_is_called_by_the_team(apart: Connected) -> None:
    apart.teams.teams[CHANNEL] = ("Purchasing", {CHANNEL: ""})
    data = {"tenant": {"id": TENANT}, "team": {"id": CHANNEL}, "channel": {"id": CHANNEL}}
    await apart.deliver(apart.teams.activity("message", text="hello", channelData=data))
    assert await first_line(apart) == "This belongs to Purchasing."


async def test_a_group_chat_is_named_where_it_has_a_name(apart: Connected) -> None:
    await apart.deliver(apart.teams.activity("message", text="hello", **in_group(name="Q3 **push**")))
    assert await first_line(apart, GROUP) == "This belongs to Q3 **push**."


@pytest.mark.parametrize(("channel", "where"), [(CHANNEL, "the channel where you asked"), (GROUP, "the chat where you asked")])
async def test_without_a_name_it_is_where_you_asked(apart: Connected, channel: str, where: str) -> None:
    assert await first_line(apart, channel) == f"This belongs to {where}."


async def test_a_team_that_cannot_be_looked_up_holds_nothing_up(apart: Connected) -> None:
    data = {"tenant": {"id": TENANT}, "team": {"id": "19:unknown@thread.tacv2"}, "channel": {"id": CHANNEL}}
    await apart.deliver(apart.teams.activity("message", text="hello", channelData=data))
    assert await first_line(apart) == "This belongs to the channel where you asked."


async def test_what_stands_in_its_own_conversation_does_not_name_it(apart: Connected) -> None:
    await apart.chat.sender.send(outgoing(said=reply("For all.")))
    await apart.chat.sender.send(outgoing(place("dm", "a:maya", direct=True), FOR_MAYA))
    assert [visible(message.card) for message in apart.teams.messages.values()] == ["For all.", "Only for Maya."]


async def test_a_form_in_ones_own_chat_still_names_it_when_it_is_answered(apart: Connected) -> None:
    form = Reply((Text((Span("Settings"),)), Choices((Choice("a", "A"),))), "Settings", surface="whisper", to="29:maya")
    await apart.chat.sender.send(outgoing(said=form))
    card = next(m for m in apart.teams.messages.values() if m.conversation == "a:maya")
    data = {**actions_of(card.card)[0]["data"]["spellout"], "window": "settings", "offered": {}}

    async def then(event: Event) -> Stepped:
        assert isinstance(event, Submitted)
        await apart.chat.sender.send(Outgoing(1, event.place, FOR_MAYA, HEAD, None, event.answer_url, 0))
        return Stepped(new=True, queued=1)

    apart.notes.then = then
    own = {"id": "a:maya", "conversationType": "personal", "tenantId": TENANT}
    _, answer = await apart.deliver(press(apart.teams, data, conversation=own))
    assert visible(answer["value"]) == "This belongs to the channel where you asked.\nOnly for Maya."
