"""The whole story as a newcomer plays it: the command of the README, the page in a browser, two people, a recommended operating model.

With STORY_PNG set to a path, the end of the story is photographed: that is the picture in the README.
"""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address() -> AsyncIterator[str]:
    """Where `spellout try` says that it is open."""
    command = (sys.executable, "-m", "bot", "try", "--no-browser")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    assert process.stdout
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
        found = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert found, line
        yield found.group()
    finally:
        process.terminate()
        rest, _ = await asyncio.wait_for(process.communicate(), 15)
    assert process.returncode == 0, rest.decode()


@asynccontextmanager
async def open_page(browser: Browser, address: str) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 1440, "height": 1180}, device_scale_factor=1)
    page = await context.new_page()
    page.set_default_timeout(10_000)
    await page.goto(address)
    await expect(page.get_by_role("status").filter(has_text="Spellout is here")).to_be_visible()
    yield page
    await context.close()


def thread(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Thread")


async def write(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name=re.compile("^Message #"))
    await box.fill(text)
    await box.press("Enter")


async def become(page: Page, name: str) -> None:
    await page.get_by_role("button", name=re.compile("^You are ")).click()
    await page.get_by_role("menuitemradio", name=name).click()


async def test_the_whole_story_is_played_in_the_page_by_two_people(browser: Browser, address: str) -> None:
    async with open_page(browser, address) as page:
        await write(page, "Should we bring in an RPO for the Q3 push?")
        pane = thread(page)
        await expect(pane.get_by_text("Which one do you mean?")).to_be_visible()

        await pane.get_by_role("button", name="Recruitment process outsourcing").click()
        await expect(pane.get_by_text("in this thread (@Maya Ortiz)")).to_be_visible()
        await expect(pane.get_by_role("button", name="Research process outsourcing")).to_have_count(0)

        await pane.get_by_role("button", name="Choose an operating model").click()
        await expect(pane.get_by_text("1 of 4")).to_be_visible()
        await pane.get_by_role("button", name="Some: read a policy or product rule, then decide").click()
        await expect(pane.get_by_text("2 of 4")).to_be_visible()

        await become(page, "Jonas Weber")
        await pane.get_by_role("button", name="They must really know our product, policy or calendar").click()
        await expect(pane.get_by_text("(@Jonas Weber)")).to_be_visible()
        await become(page, "Maya Ortiz")

        reply = page.get_by_role("textbox", name="Reply as Maya")
        await expect(pane.get_by_text("3 of 4")).to_be_visible()
        await reply.fill("2")
        await reply.press("Enter")
        await expect(pane.get_by_text("4 of 4")).to_be_visible()
        await reply.fill("same steps each time")
        await reply.press("Enter")

        card = pane.get_by_role("article").last
        await expect(card.get_by_text("Recruitment process outsourcing · confidence: firm")).to_be_visible()
        for heading in (
            "Hiring profile",
            "Pricing model",
            "Quality method",
            "Client governance",
            "Confidentiality controls",
            "Mistakes to avoid",
            "Ask vendors",
        ):
            await expect(card.get_by_text(heading, exact=True)).to_be_visible()
        await expect(card.get_by_text("Runner-up:")).to_be_visible()
        await expect(page.get_by_text("1 of 4")).to_have_count(0)
        if os.environ.get("STORY_PNG"):
            await card.scroll_into_view_if_needed()
            await page.screenshot(path=os.environ["STORY_PNG"])

        await card.get_by_role("button", name="Full brief").click()
        brief = page.get_by_role("dialog")
        await expect(brief.get_by_text("Training and ramp")).to_be_visible()
        await expect(brief.get_by_text("Sources", exact=True)).to_be_visible()
        await brief.get_by_role("button", name="Close").last.click()


async def test_a_reading_is_noted_and_another_trade_is_left_alone(browser: Browser, address: str) -> None:
    async with open_page(browser, address) as page:
        await become(page, "Priya Nair")
        await write(page, "Our RPO is 15 minutes and the RTO an hour.")
        await write(page, "Recruitment process outsourcing (RPO) starts Monday.")
        await write(page, "We need an RPO to hire 40 nurses.")

        await page.get_by_role("main").get_by_role("button", name="1 reply").last.click()
        await expect(
            thread(page).get_by_text(re.compile("Reading RPO as recruitment process outsourcing, because of “.*hire”"))
        ).to_be_visible()
        main = page.get_by_role("main").get_by_role("article")
        for silent in ("Our RPO is 15 minutes", "Recruitment process outsourcing (RPO) starts Monday"):
            await expect(main.filter(has_text=silent).get_by_role("button", name=re.compile("repl"))).to_have_count(0)
