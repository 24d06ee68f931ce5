"""A message that is to go: deleted where Teams deletes, emptied where it does not, and never in the way of what follows."""

from pathlib import Path
from typing import Any

import pytest

from bot.core.brain import Brain
from bot.core.messages import Choice, Choices, Reply, Span, Text
from bot.core.rulebook import Rulebook
from bot.ports import Outgoing, Refused, TryLater
from tests.chat.teams.conftest import Connected
from tests.chat.teams.stage import actions_of, teams_stage, visible
from tests.chat.teams.test_sender import outgoing

ASKED = Reply((Text((Span("Which one?"),)), Choices((Choice("settle:RPO", "Recruitment"),))), "Which one?", slot="a")
GONE = Reply((), "Taken back.", slot="a", gone=True)


async def asked(at: Connected) -> str:
    message = await at.chat.sender.send(outgoing(said=ASKED))
    assert message is not None
    return message


def taking_away(message: str, attempts: int = 0) -> Outgoing:
    return outgoing(said=GONE, message=message, attempts=attempts)


async def test_where_nothing_can_be_deleted_the_conversation_goes_on(rules: Rulebook, tmp_path: Path) -> None:
    """What Microsoft's Agents Playground does: a deletion is answered with 501."""
    async with teams_stage(Brain(rules), tmp_path / "spellout.sqlite", targeted=False) as stage:
        stage.teams.cannot_delete = 501
        for said in ("help me choose", "1", "2"):
            await stage.say("maya", said, "private")
            await stage.shown()
        await stage.say("maya", "change 1", "private")
        shown = await stage.shown()
        assert any(each.text.startswith("1 of 4") for each in shown if each.kind == "says"), shown
        emptied = [message for message in stage.teams.messages.values() if visible(message.card) == "Taken back."]
        assert len(emptied) == 2, "the question and the help beside it"


@pytest.mark.parametrize("status", [400, 403, 405, 501, 505])
async def test_a_message_that_cannot_be_deleted_gives_way_to_a_line_without_buttons(at: Connected, status: int) -> None:
    message = await asked(at)
    at.teams.cannot_delete = status
    assert await at.chat.sender.send(taking_away(message)) is None
    assert visible(at.teams.messages[message].card) == "Taken back."
    assert actions_of(at.teams.messages[message].card) == []


async def test_a_deletion_that_fails_again_and_again_is_tried_twice_more(at: Connected) -> None:
    message = await asked(at)
    at.teams.cannot_delete = 500
    for attempt in (0, 1):
        with pytest.raises(TryLater, match="500"):
            await at.chat.sender.send(taking_away(message, attempt))
    assert visible(at.teams.messages[message].card) != "Taken back."
    assert await at.chat.sender.send(taking_away(message, 2)) is None
    assert visible(at.teams.messages[message].card) == "Taken back."


async def test_while_teams_takes_nothing_at_all_it_waits_but_not_for_ever(at: Connected) -> None:
    message = await asked(at)
    at.teams.answers = [(503, {})] * 2
    with pytest.raises(TryLater, match="503"):
        await at.chat.sender.send(taking_away(message, 2))
    with pytest.raises(Refused, match="not_deleted"):
        await at.chat.sender.send(taking_away(message, 8))


@pytest.mark.parametrize("status", [404, 410])
async def test_a_message_that_is_gone_when_it_is_to_be_emptied_is_no_trouble(at: Connected, status: int) -> None:
    message = await asked(at)
    at.teams.answers = [(403, {}), (status, {})]
    assert await at.chat.sender.send(taking_away(message)) is None


async def test_a_message_that_can_neither_be_deleted_nor_changed_is_left_alone(at: Connected, capsys: Any) -> None:
    message = await asked(at)
    at.teams.answers = [(501, {}), (403, {})]
    assert await at.chat.sender.send(taking_away(message)) is None
    assert "message_not_deleted" in capsys.readouterr().out


@pytest.mark.parametrize("status", [404, 405, 501, 505])
async def test_what_teams_does_not_know_it_will_not_know_later(at: Connected, status: int) -> None:
    at.teams.answers = [(status, {})]
    with pytest.raises(Refused, match=str(status)):
        await at.chat.sender.send(outgoing())
