"""What somebody types reaches the app as Slack's own client would send it."""

import time
from typing import Any

import pytest

from bot.playground.cast import open_workspace
from bot.playground.compose import Composer

Json = dict[str, Any]


@pytest.fixture(scope="module")
def composer() -> Composer:
    workspace = open_workspace("Spellout", history=False)
    return Composer(workspace.people.values(), workspace.channels.values())


WRITTEN = [
    ("plain words", "plain words"),
    ("R&D is <5% of 10 > 3", "R&amp;D is &lt;5% of 10 &gt; 3"),
    ("@Maya Ortiz and @jonas, see #talent", "<@U0MAYA> and <@U0JONAS>, see <#C0TALENT|talent>"),
    ("@Spellout what is KPO?", "<@U0SPELLOUT> what is KPO?"),
    ("@mayan is nobody, a#talent is nothing, #nowhere neither", "@mayan is nobody, a#talent is nothing, #nowhere neither"),
    ("look @channel", "look <!channel>"),
    ("see https://example.org/a?b=1&c=2 now", "see <https://example.org/a?b=1&amp;c=2> now"),
    ("mail me@example.org or example.com", "mail <mailto:me@example.org|me@example.org> or <http://example.com|example.com>"),
    ("`@Maya <x>` stays code", "`@Maya &lt;x&gt;` stays code"),
    ("```RPO @Maya\n<b>```after", "```RPO @Maya\n&lt;b&gt;```after"),
    ("```never closed @Maya", "```never closed <@U0MAYA>"),
    ("> quoted\nnot quoted", "&gt; quoted\nnot quoted"),
    ("<!channel> typed by hand", "&lt;!channel&gt; typed by hand"),
    ("مرحبا *RPO* 👋", "مرحبا *RPO* 👋"),
    ("", ""),
]


@pytest.mark.parametrize(("typed", "wire"), WRITTEN, ids=[typed for typed, _ in WRITTEN])
def test_a_message_is_written_as_slack_writes_it(composer: Composer, typed: str, wire: str) -> None:
    assert composer.message(typed).text == wire


def test_a_message_also_comes_as_rich_text(composer: Composer) -> None:
    composed = composer.message("*RPO* for @Maya `x`\n> quoted\n```code```")

    assert composed.blocks
    section, quote, code = composed.blocks[0]["elements"]
    assert section["elements"] == [
        {"type": "text", "text": "RPO", "style": {"bold": True}},
        {"type": "text", "text": " for "},
        {"type": "user", "user_id": "U0MAYA"},
        {"type": "text", "text": " "},
        {"type": "text", "text": "x", "style": {"code": True}},
    ]
    assert quote == {"type": "rich_text_quote", "elements": [{"type": "text", "text": "quoted"}]}
    assert code == {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "code"}]}


def test_a_command_gets_ids_only_when_it_asked_for_them(composer: Composer) -> None:
    assert composer.command("R&D for @Maya in #talent", escapes=True) == "R&amp;D for <@U0MAYA|maya> in <#C0TALENT|talent>"
    assert composer.command("R&D for @Maya in #talent", escapes=False) == "R&amp;D for @Maya in #talent"


@pytest.mark.parametrize("piece", ["*", "`", "@", "#", "<", "a.", "http://", "*a ", "_ _", "``` ", "> ", "a@a."])
def test_no_text_is_slow(composer: Composer, piece: str) -> None:
    begun = time.perf_counter()
    composer.message((piece * 40_000)[:40_000])

    assert time.perf_counter() - begun < 2
