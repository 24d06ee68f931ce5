"""The full brief: what it says of its sources."""

from bot.core.brief_cards import BriefCards
from bot.core.messages import Fact, Span
from bot.core.rulebook import Rulebook
from tests.core_stage import visible


def test_a_source_with_an_address_is_a_link_and_our_own_judgment_is_said_in_words(rules: Rulebook) -> None:
    brief = BriefCards(rules).brief("kpo", "maya")
    assert brief is not None
    spans = [piece for part in brief.parts if isinstance(part, Fact) for line in part.lines for piece in line if isinstance(piece, Span)]
    links = {span.text: span.link for span in spans if span.link}

    assert links["BPO pricing models"] == rules.sources.url("P1")
    assert not any("Elysiate" in name for name in links)
    assert f"[{rules.wording.text('result.own')}]" in visible(brief)
    assert "own]" not in visible(brief)
    assert "https://" not in visible(brief)
