"""Two workspaces in one process, with the same channels, threads and people by their ids: neither sees or changes what is the other's."""

import copy
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from bot.core.brain import Brain
from bot.core.rulebook import Rulebook
from bot.playground.delivery import Attempt
from bot.playground.team import Team
from bot.playground.workspace import Message
from tests.chat.slack.house import CHANNEL, KEEPING, QUESTION, House, house
from tests.chat.slack.stage import buttons_of

OURS, THEIRS = "T0NORTHLGT", "T0HARBOUR"


@pytest.fixture(scope="module")
def brain(rules: Rulebook) -> Brain:
    return Brain(rules)


@pytest.fixture
async def at(brain: Brain) -> AsyncIterator[House]:
    async with house(brain) as running:
        running.slack.add_team(THEIRS, "Harbour")
        for team in running.slack.teams:
            assert (await running.install(team)).status == 200
        yield running


def rows(at: House, team: str) -> dict[str, list[tuple[Any, ...]]]:
    """All that is stored of a team."""
    with at.store.engine.connect() as connection:
        return {table.name: [tuple(row) for row in connection.execute(select(table).where(table.c.team == team))] for table in KEEPING}


async def press(at: House, team: Team, label: str) -> None:
    """Maya presses the latest button that says so, be it in a menu."""
    space = team.workspace
    messages = (*space.everything(), *space.whispers(space.person("maya").id))
    for message in sorted(messages, key=lambda each: each.ts, reverse=True):
        for button in reversed(buttons_of(message.blocks or [])):
            if button["type"] == "overflow" and label in [option["text"]["text"] for option in button["options"]]:
                await team.people.choose("maya", message, button["action_id"], label)
                return await at.rest()
            if button["type"] == "button" and label in (button["text"]["text"], button.get("accessibility_label")):
                await team.people.press("maya", message, button["action_id"], block_id="")
                return await at.rest()
    raise AssertionError(f"there is no button {label!r}")


async def say(at: House, team: Team, text: str, thread: Message) -> None:
    await team.people.say("maya", CHANNEL, text, thread=thread)
    await at.rest()


async def command(at: House, team: Team, line: str) -> str:
    """What Maya is told privately, in full."""
    await team.people.command("maya", CHANNEL, line)
    await at.rest()
    heard = team.workspace.whispers(team.workspace.person("maya").id)
    return f"{heard[-1].text}\n{heard[-1].blocks}" if heard else ""


async def live(at: House, team: Team) -> Message:
    """Everything that leaves something behind: a meaning, a house meaning, a whole dialogue, an export, settings."""
    head = await at.ask(team, QUESTION)
    await press(at, team, "Recruitment process outsourcing")
    await press(at, team, "Always in this channel")
    await press(at, team, "Choose an operating model")
    for answer in ("2", "2", "2", "same steps each time"):
        await say(at, team, answer, head)
    await press(at, team, "Export as Markdown")
    assert team.people.window("maya"), "the export did not open"
    await team.people.close("maya")
    await command(at, team, "/classify Two people enter supplier invoices into the ledger, same steps each time")
    await command(at, team, "/spellout settings")
    await team.people.fill("maya", "spellout:mode", "Off")
    assert await team.people.submit("maya") == {}
    await at.rest()
    return head


def in_their_name(attempt: Attempt, at: House, theirs: Team) -> Attempt:
    """The same delivery, as Slack would send it for the other workspace."""

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: renamed(each) for key, each in value.items()}
        if isinstance(value, list):
            return [renamed(each) for each in value]
        return THEIRS if value == OURS else value

    payload = renamed(copy.deepcopy(attempt.payload))
    if "response_url" in payload:
        maya = theirs.workspace.person("maya").id
        payload["response_url"] = at.slack.answer_url("maya", CHANNEL).rpartition("/")[0] + "/" + theirs.tickets.link(maya, "C0VENDOR")
    if "trigger_id" in payload:
        payload["trigger_id"] = theirs.tickets.trigger(theirs.workspace.person("maya").id)
    return Attempt(attempt.kind, payload)


async def test_what_one_workspace_has_the_other_does_not_see(at: House) -> None:
    ours, theirs = at.slack.teams
    head = await live(at, ours)
    theirs.workspace.post(Message(head.channel, head.ts, head.user, "Who fills the roles?"))
    await at.rest()

    await say(at, theirs, "2", head)
    assert at.answers(theirs, head) == [], "the other workspace's dialogue went on here"
    records = await command(at, theirs, "/spellout records")
    assert "ecruitment" not in records
    await command(at, theirs, "/spellout settings")
    window = theirs.people.window("maya")
    assert window
    assert "Recruitment process outsourcing" not in str(window.content), "the other's house meaning is shown"
    mode = next(block["element"] for block in window.content["blocks"] if block.get("element", {}).get("action_id") == "spellout:mode")
    assert mode["initial_option"]["value"] == "helpful", "the other's setting is shown"
    await theirs.people.close("maya")
    asked = await at.ask(theirs, QUESTION)
    assert len(at.answers(theirs, asked)) == 1, "the other's silence or house meaning holds here"


async def test_every_request_of_one_workspace_repeated_in_the_others_name_changes_nothing_of_the_first(at: House) -> None:
    ours, theirs = at.slack.teams
    head = await live(at, ours)
    before = rows(at, OURS)
    shown = [(each.ts, each.text, str(each.blocks)) for each in ours.workspace.everything()]
    secrets = [row[0] for row in before["records"]]
    assert secrets, "there is no record to be read by others"
    deliveries = [each.attempt for each in at.slack.dispatcher.delivered]
    token, theirs.token = theirs.token, ""
    theirs.workspace.post(Message(head.channel, head.ts, head.user, head.text, head.blocks))
    theirs.token = token

    for attempt in deliveries:
        await at.slack.dispatcher._once(in_their_name(attempt, at, theirs))
        await at.rest()

    assert all(each.answer.ok for each in at.slack.dispatcher.delivered)
    assert rows(at, THEIRS)["conversations"], "the repeated requests did nothing at all"
    assert rows(at, OURS) == before
    assert [(each.ts, each.text, str(each.blocks)) for each in ours.workspace.everything()] == shown
    seen = str(theirs.workspace._messages) + str(theirs.workspace.windows)
    assert [secret for secret in secrets if secret in seen] == []


async def test_values_and_metadata_that_another_workspace_made_mean_nothing_here(at: House) -> None:
    ours = at.slack.home
    head = await live(at, ours)
    before = rows(at, OURS)
    window = {
        "type": "modal",
        "callback_id": "spellout:settings",
        "private_metadata": f"C0VENDOR:{head.ts}",
        "app_installed_team_id": THEIRS,
        "blocks": [],
        "state": {"values": {"b": {"spellout:mode": {"type": "radio_buttons", "selected_option": {"value": "helpful"}}}}},
    }
    maya = {"id": ours.workspace.person("maya").id, "team_id": OURS}
    for team in (OURS, THEIRS):
        await at.slack.dispatcher.ask(
            "interactive",
            {"type": "view_submission", "team": {"id": team}, "user": maya, "trigger_id": f"1.{team}", "view": window},
        )
        await at.rest()
    assert rows(at, OURS) == before
