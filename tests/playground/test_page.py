"""The page in a real browser: what a person sees and does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Locator, Page, expect
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler

from bot.playground import StandIn
from tests.playground.gallery import MANIFEST, gallery_app

pytestmark = pytest.mark.asyncio(loop_scope="module")


@asynccontextmanager
async def stage(browser: Browser, *, width: int = 1360, height: int = 860, dark: bool = False) -> AsyncIterator[tuple[StandIn, Page]]:
    """The playground with the gallery bot in it, and a page that must not complain or load anything from elsewhere."""
    async with StandIn(MANIFEST, history=True) as slack:
        handler = AsyncSocketModeHandler(gallery_app(slack), slack.app_token)
        await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt left it untyped
        context = await browser.new_context(viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light")
        page = await context.new_page()
        page.set_default_timeout(10_000)
        trouble: list[str] = []
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda line: trouble.append(line.text) if line.type in ("error", "warning") else None)
        page.on("request", lambda request: None if request.url.startswith(slack.page_url) else trouble.append(request.url))
        await page.goto(slack.page_url)
        await expect(page.get_by_role("status").filter(has_text="Spellout is here")).to_be_visible()
        try:
            yield slack, page
            assert trouble == []
        finally:
            await context.close()
            await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt left it untyped


def thread(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Thread")


def message(page: Page, text: str) -> Locator:
    return page.get_by_role("article").filter(has_text=text).first


async def test_a_sample_is_answered_in_a_thread_and_two_people_press(browser: Browser) -> None:
    async with stage(browser) as (slack, page):
        await page.get_by_role("button", name="Should we bring in an RPO for the Q3 push?").click()
        await expect(thread(page).get_by_text("can be two things here")).to_be_visible()
        await expect(page.get_by_role("main").get_by_role("button", name="1 reply")).to_be_visible()

        await page.get_by_role("button", name="You are Maya").click()
        await page.get_by_role("menuitemradio", name="Jonas Weber").click()
        await expect(page.get_by_role("button", name="You are Jonas")).to_be_visible()
        await thread(page).get_by_role("button", name="Recruitment").click()
        await slack.until(lambda: any("actions" in each.attempt.payload for each in slack.dispatcher.delivered))

        pressed = slack.dispatcher.delivered[-1].attempt.payload
        assert (pressed["user"]["id"], pressed["actions"][0]["value"]) == ("U0JONAS", "Recruitment")


async def test_writing_in_channel_and_thread_with_the_keyboard_alone(browser: Browser) -> None:
    async with stage(browser) as (_, page):
        await page.keyboard.type("say hello")
        await page.keyboard.press("Shift+Enter")
        await page.keyboard.type("to <b>all</b>")
        await page.keyboard.press("Enter")
        reply = thread(page).get_by_role("article", name="Spellout")
        await expect(reply).to_contain_text("hello\nto <b>all</b>", use_inner_text=True)

        box = thread(page).get_by_role("textbox", name="Reply as Maya")
        await box.fill("say thanks")
        await box.press("Enter")
        await expect(thread(page).get_by_text("4 replies")).to_be_hidden()
        await expect(thread(page).get_by_text("3 replies")).to_be_visible()

        await box.press("Escape")
        await expect(thread(page)).to_be_hidden()
        await page.get_by_role("button", name="vendor-contracts").focus()
        await page.keyboard.press("ArrowDown")
        await expect(page.get_by_role("heading", level=1)).to_have_text("talent")
        await expect(page.get_by_role("button", name="talent")).to_be_focused()


async def test_edit_delete_and_the_shortcut_menu(browser: Browser) -> None:
    async with stage(browser) as (_, page):
        await page.keyboard.type("a & b <c>")
        await page.keyboard.press("Enter")
        mine = message(page, "a & b <c>")
        await mine.hover()
        await mine.get_by_role("button", name="More actions").click()
        await page.get_by_role("menuitem", name="Edit message").click()
        await expect(page.get_by_role("textbox", name="Edit message")).to_have_value("a & b <c>")
        await page.keyboard.type(" d")
        await page.keyboard.press("Enter")
        await expect(message(page, "a & b <c> d")).to_contain_text("(edited)")

        await message(page, "a & b <c> d").hover()
        await message(page, "a & b <c> d").get_by_role("button", name="More actions").click()
        await page.get_by_role("menuitem", name="Delete message").click()
        await expect(page.get_by_text("a & b <c> d")).to_have_count(0)

        theirs = message(page, "The support renewal is signed")
        await theirs.hover()
        await theirs.get_by_role("button", name="More actions").click()
        await expect(page.get_by_role("menuitem")).to_have_count(1)
        await page.get_by_role("menuitem", name="Repeat this").click()
        await expect(page.get_by_role("dialog", name="Repeat")).to_be_visible()
        await page.get_by_role("button", name="Send").last.click()
        await expect(page.get_by_text("Please complete this required field.")).to_be_visible()
        await page.get_by_role("textbox", name="What to repeat").fill("hush")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Louder, please")).to_be_visible()
        await page.get_by_role("textbox", name="What to repeat").fill("good news")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await expect(page.get_by_role("button", name="Spellout, 1 new")).to_be_visible()


async def test_slash_commands_are_offered_whispered_and_refused_in_threads(browser: Browser) -> None:
    async with stage(browser) as (_, page):
        await page.keyboard.type("/ec")
        await expect(page.get_by_role("option", name="/echo")).to_be_visible()
        await page.keyboard.press("Enter")
        await page.keyboard.type("psst")
        await page.keyboard.press("Enter")
        await expect(message(page, "psst")).to_contain_text("Only visible to you")

        await page.keyboard.type("say open a thread")
        await page.keyboard.press("Enter")
        await thread(page).get_by_role("textbox").fill("/echo x")
        await thread(page).get_by_role("textbox").press("Enter")
        await expect(thread(page).get_by_text("/echo is not supported in threads.")).to_be_visible()

        await page.get_by_role("button", name="You are Maya").click()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="You are Jonas")).to_be_visible()
        await expect(page.get_by_text("psst")).to_have_count(0)


async def test_every_kind_of_block_is_shown_and_told_when_used(browser: Browser) -> None:
    async with stage(browser) as (slack, page):
        await page.keyboard.type("gallery")
        await page.keyboard.press("Enter")
        card = message(page, "Every kind of block")
        for role, name in [
            ("heading", "Every kind of block"),
            ("heading", "Markdown"),
            ("img", "A chart of three bars"),
            ("link", "a link"),
        ]:
            await expect(card.get_by_role(role, name=name).first).to_be_visible()  # type: ignore[arg-type]  # roles are literals
        for shown in ("& <b>no tags</b>", "Plain *stars* stay", "@Jonas Weber", "#talent", "A quoted line", "x = 1"):
            await expect(card).to_contain_text(shown)
        await expect(card.get_by_text("(", exact=False).filter(has_text="unknown")).to_have_count(0)

        await card.get_by_role("radio", name="A licensed expert").check()
        await card.get_by_role("checkbox", name="Chat").check()
        await card.get_by_role("combobox").select_option(label="Research")
        await card.get_by_role("button", name="More").first.click()
        await page.get_by_role("menuitem", name="Archive").click()
        await card.get_by_role("button", name="Danger").click()
        await page.get_by_role("dialog", name="Are you sure?").get_by_role("button", name="Yes").click()

        def told() -> dict[str, object]:
            found: dict[str, object] = {}
            for each in slack.dispatcher.delivered:
                for action in each.attempt.payload.get("actions", []):
                    chosen = action.get("selected_options") or action.get("selected_option") or action.get("value")
                    found[action["action_id"]] = chosen
            return found

        await slack.until(lambda: len(told()) == 5)
        assert told()["third"] == "3"
        assert [told()[name]["value"] for name in ("radio", "pick", "more")] == ["high", "research", "archive"]  # type: ignore[index]


async def test_a_window_is_filled_in_sent_and_closed(browser: Browser) -> None:
    async with stage(browser) as (slack, page):
        await page.keyboard.type("/gallery window")
        await page.keyboard.press("Enter")
        window = page.get_by_role("dialog", name="How Spellout speaks")
        await expect(window.get_by_role("radio", name="When it helps")).to_be_checked()
        await window.get_by_role("radio", name="Never").check()
        await window.get_by_label("Where").select_option("all")
        await window.get_by_label("A note for the others").fill("because <of> that")
        await window.get_by_role("button", name="Save").click()
        await expect(window).to_have_count(0)

        sent = slack.dispatcher.delivered[-1].attempt.payload
        values = sent["view"]["state"]["values"]
        assert values["mode"]["mode"]["selected_option"]["value"] == "off"
        assert values["pause"]["pause"]["value"] == "30"
        assert values["note"]["note"]["value"] == "because <of> that"

        await page.get_by_role("textbox").first.fill("/gallery window")
        await page.keyboard.press("Enter")
        await expect(window).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(window).to_have_count(0)
        await slack.until(lambda: slack.people.window("maya") is None)


async def test_what_happens_elsewhere_shows_as_unread_and_a_reload_leads_back(browser: Browser) -> None:
    async with stage(browser) as (slack, page):
        await slack.people.say("jonas", "#talent", "anybody here?")
        await page.get_by_role("button", name="talent, 1 new").click()
        await expect(message(page, "anybody here?")).to_be_visible()
        await expect(page.get_by_role("button", name="talent", exact=True)).to_be_visible()

        await message(page, "anybody here?").hover()
        await message(page, "anybody here?").get_by_role("button", name="Reply in thread").click()
        await expect(thread(page).get_by_role("textbox")).to_be_focused()
        await page.reload()
        await expect(page.get_by_role("heading", level=1)).to_have_text("talent")
        await expect(thread(page).get_by_text("anybody here?")).to_be_visible()


async def test_it_says_when_the_bot_is_away(browser: Browser) -> None:
    async with stage(browser) as (slack, page):
        slack.sockets.freeze()
        slack.sockets.drop()
        await expect(page.get_by_text("Waiting for Spellout")).to_be_visible()


async def test_it_is_readable_at_twice_the_size_and_in_the_dark(browser: Browser) -> None:
    async with stage(browser, width=640, height=430, dark=True) as (_, page):
        await page.get_by_role("button", name="Should we bring in an RPO for the Q3 push?").click()
        await page.get_by_role("button", name="1 reply").click()
        await expect(thread(page).get_by_role("button", name="Something else")).to_be_in_viewport()
        wider = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wider

        await thread(page).get_by_role("button", name="Close thread").click()
        await page.get_by_role("button", name="Channels").click()
        await page.get_by_role("button", name="finance-ops").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("finance-ops")
        await page.get_by_role("button", name="Light colours").click()
        await expect(page.get_by_role("button", name="Dark colours")).to_be_visible()
        assert await page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
