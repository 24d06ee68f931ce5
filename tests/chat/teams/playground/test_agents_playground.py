"""Spellout in Microsoft's own playground, driven in a browser: a clarification, the four questions, a recommendation, and a channel.

Only on request (`make test-teams-playground`), since the playground comes from npm. Pictures are left in test-results/teams.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from aiohttp import ClientSession

from tests.chat.teams.playground.parts import ROOT, agents_playground, bot
from tests.test_app import free_port

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

PICTURES = ROOT / "test-results" / "teams"
WAIT = 20_000
"""Milliseconds that the page may take to show something."""

pytestmark = [
    pytest.mark.skipif("TEAMS_PLAYGROUND" not in os.environ, reason="on request: make test-teams-playground"),
    pytest.mark.filterwarnings("default"),
    pytest.mark.asyncio(loop_scope="module"),
]


@pytest.fixture(scope="module")
def pictures() -> Path:
    PICTURES.mkdir(parents=True, exist_ok=True)
    return PICTURES


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: "Browser") -> AsyncIterator["Page"]:
    """The playground's page in front of the bot; fonts from elsewhere stay there."""
    async with bot() as endpoint, agents_playground(endpoint, free_port()) as url:
        context = await browser.new_context(viewport={"width": 1300, "height": 1000})
        await context.route(lambda asked: not asked.startswith(url), lambda route: route.abort())
        page = await context.new_page()
        await page.goto(url)
        await page.get_by_text("Personal Chat").first.wait_for(timeout=WAIT)
        yield page
        await context.close()


async def say(page: "Page", text: str) -> None:
    box = page.get_by_role("textbox").last
    await box.click(timeout=WAIT)
    await page.keyboard.type(text)
    await page.keyboard.press("Enter")


async def press(page: "Page", label: str) -> None:
    await page.get_by_role("button", name=label).last.click(timeout=WAIT)


async def sees(page: "Page", text: str) -> None:
    await page.get_by_text(text).last.wait_for(timeout=WAIT)


async def test_from_an_unclear_acronym_to_a_recommendation(page: "Page", pictures: Path) -> None:
    await say(page, "Should we take an RPO?")
    await sees(page, "Which one do you mean?")
    await page.screenshot(path=pictures / "1-clarification.png")
    await press(page, "Recruitment process outsourcing")
    await sees(page, "in this thread")
    assert await page.get_by_text("Which one do you mean?").count() == 0
    await press(page, "Choose an operating model")
    await sees(page, "1 of 4")
    await page.screenshot(path=pictures / "2-question.png")
    for number, answer in enumerate(("1", "2", "2", "1"), start=1):
        await sees(page, f"{number} of 4")
        await say(page, answer)
    await sees(page, "Runner-up")
    await page.screenshot(path=pictures / "3-recommendation.png", full_page=True)


async def test_a_message_in_a_channel_that_mentions_nobody_is_answered_in_its_thread(page: "Page", pictures: Path) -> None:
    """The playground cannot give the consent under which Teams would deliver it, but it takes the activity as it would come."""
    root, text = page.url.rstrip("/"), "Should we bring in an RPO for the Q3 push?"
    await page.get_by_text("General").first.click(timeout=WAIT)
    await page.get_by_role("textbox").first.click(timeout=WAIT)
    await page.keyboard.type(text)
    async with page.expect_response(lambda answer: answer.url.endswith("/messages"), timeout=WAIT) as posted:
        await page.get_by_role("button", name="Post", exact=True).click(timeout=WAIT)
    head = await (await posted.value).json()
    async with ClientSession() as session:
        async with session.get(f"{root}/_internal/v1/config") as answer:
            config = (await answer.json())["config"]
        activity = {
            "type": "message",
            "id": head["messageId"],
            "text": text,
            "channelId": "msteams",
            "serviceUrl": f"{root}/_connector",
            "from": {"id": config["currentUser"]["id"], "name": config["currentUser"]["name"]},
            "recipient": {"id": config["bot"]["id"], "name": config["bot"]["name"]},
            "conversation": {
                "id": head["postConversationId"],
                "conversationType": "channel",
                "tenantId": config["tenantId"],
                "isGroup": True,
            },
            "channelData": {"tenant": {"id": config["tenantId"]}, "channel": {"id": "team-id"}, "team": {"id": "team-id"}},
        }
        async with session.post(f"{root}/_internal/v1/customActivities", json=activity) as answer:
            assert answer.status < 300
    await sees(page, "Which one do you mean?")
    await page.screenshot(path=pictures / "4-channel.png")
    await press(page, "Research process outsourcing")
    await sees(page, "in this thread")
