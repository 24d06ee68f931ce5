"""Spellout in Microsoft's own playground, driven in a browser: a clarification, the four questions, a recommendation, and a channel.

Only on request (`make test-teams-playground`), since the playground comes from npm. Pictures are left in test-results/teams.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from aiohttp import ClientSession, web

from tests.chat.teams.playground.parts import NAME, ROOT, Missing, agents_playground, bot
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
    await sees(page, "means Recruitment process outsourcing here")
    assert await page.get_by_text("Which one do you mean?").count() == 0
    await press(page, "Choose an operating model")
    await sees(page, "1 of 4")
    await page.screenshot(path=pictures / "2-question.png")
    for number, answer in enumerate(("1", "2", "2", "1"), start=1):
        await sees(page, f"{number} of 4")
        await say(page, answer)
    await sees(page, "Runner-up")
    await page.screenshot(path=pictures / "3-recommendation.png", full_page=True)


async def test_an_answer_is_taken_back_though_the_playground_deletes_nothing(page: "Page", pictures: Path) -> None:
    await say(page, "help me choose")
    for number, answer in enumerate(("1", "2"), start=1):
        await sees(page, f"{number} of 4")
        await say(page, answer)
    await sees(page, "3 of 4")
    await say(page, "change 1")
    await sees(page, "Taken back.")
    await page.screenshot(path=pictures / "5-taken-back.png")
    await say(page, "3")
    await sees(page, "3 of 4")
    await page.screenshot(path=pictures / "6-changed.png")


async def test_in_a_group_chat_the_bot_has_its_name_and_a_private_answer_leaves_a_line(page: "Page", pictures: Path) -> None:
    await page.get_by_text("Group Chat", exact=True).first.click(timeout=WAIT)
    await page.get_by_role("textbox").last.click(timeout=WAIT)
    await page.keyboard.type("@")
    await page.screenshot(path=pictures / "7-mention.png")
    await page.get_by_text(NAME, exact=True).last.click(timeout=WAIT)
    await page.keyboard.type(" settings")
    await page.keyboard.press("Enter")
    await sees(page, "I sent it to your own chat with me.")
    await page.screenshot(path=pictures / "8-group.png")
    await page.get_by_text("Personal Chat").first.click(timeout=WAIT)
    await sees(page, "This belongs to")
    await page.screenshot(path=pictures / "9-private.png")


async def test_what_listens_there_already_is_not_taken_for_the_playground() -> None:
    """The stranger answers every request with 200, as many programs do."""
    stranger = web.Application()
    stranger.router.add_get("/{any:.*}", _welcome)
    runner = web.AppRunner(stranger)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    with pytest.raises(Missing, match=f"does not come up at http://127.0.0.1:{port}"):
        async with agents_playground("http://127.0.0.1:9", port):
            pass
    await runner.cleanup()


async def _welcome(request: web.Request) -> web.Response:
    return web.Response(text="welcome")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
async def test_however_it_is_stopped_nothing_listens_afterwards(number: signal.Signals) -> None:
    pipe = asyncio.subprocess.PIPE
    program = await asyncio.create_subprocess_exec(sys.executable, "-m", __package__, cwd=ROOT, stdout=pipe)
    assert program.stdout is not None
    told = (await asyncio.wait_for(program.stdout.readline(), 60)).decode()
    port = int(told.partition("127.0.0.1:")[2].partition(" ")[0])
    program.send_signal(number)
    await asyncio.wait_for(program.wait(), 20)
    for _ in range(100):
        if not _listens(port):
            break
        await asyncio.sleep(0.1)
    assert not _listens(port)
    assert program.returncode in (0, -number)


def _listens(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


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
