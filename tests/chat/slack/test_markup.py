"""Slack's markup becomes what a person sees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.slack.markup import escape, plain_text

ME = "U0SPELL"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("Do we need an RPO?", "Do we need an RPO?"),
        ("R&amp;D &lt;or&gt; KPO", "R&D <or> KPO"),
        ("twice &amp;lt;", "twice &lt;"),
        ("<@U0MAYA> knows", "@U0MAYA knows"),
        ("<@U0MAYA|maya the RPO> knows", "@U0MAYA knows"),
        ("in <#C0TALENT|talent-rpo>", "in #talent-rpo"),
        ("in <#C0TALENT>", "in #C0TALENT"),
        ("in <#C0TALENT|>", "in #C0TALENT"),
        ("<!here> and <!channel|channel> and <!everyone>", "@here and @channel and @everyone"),
        ("<!subteam^S0BUYERS|@rpo-buyers> please", "@S0BUYERS please"),
        ("due <!date^1795251600^{date}|21 November>", "due 21 November"),
        ("see <https://example.com/?a=1&amp;b=2|our RPO>", "see https://example.com/?a=1&b=2"),
        ("write to <mailto:rpo@example.com|the RPO>", "write to rpo@example.com"),
        ("call <tel:+4930123|+49 30 123>", "call +4930123"),
        ("&gt; RPO is cheap\nIs it?", "> RPO is cheap\nIs it?"),
        ("`RPO` and ```a &lt; b\nRPO```", "`RPO` and ```a < b\nRPO```"),
        ("a < b and <", "a < b and <"),
        ("&lt;@U0MAYA&gt; is only text", "<@U0MAYA> is only text"),
        ("one\r\ntwo", "one\ntwo"),
        ("half a pair \ud83d and a bell \x07", "half a pair \ufffd and a bell \ufffd"),
        ("   ", ""),
    ],
)
def test_markup_becomes_what_a_person_sees(markup: str, text: str) -> None:
    assert plain_text(markup, ME) == (text, False)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<@U0SPELL> what is KPO?", "what is KPO?"),
        ("<@U0SPELL|spellout>: what is KPO?", "what is KPO?"),
        ("what is KPO, <@U0SPELL>?", "what is KPO,?"),
        ("hey <@U0SPELL>, what is KPO?", "hey, what is KPO?"),
        (":wave: <@U0SPELL> hello", ":wave: hello"),
        ("&gt; RPO is cheap\n<@U0SPELL> is it?", "> RPO is cheap\n is it?"),
        ("<@U0SPELL><@U0SPELL> <@U0MAYA> asks", "@U0MAYA asks"),
        ("<@U0SPELL>", ""),
    ],
)
def test_our_own_name_is_taken_out_and_means_that_we_are_addressed(markup: str, text: str) -> None:
    assert plain_text(markup, ME) == (text, True)


@given(st.text())
def test_what_we_escape_is_read_back_as_it_was(text: str) -> None:
    fit, _ = plain_text(text.replace("<", "").replace("&", ""), ME)
    assert plain_text(escape(fit), ME) == (fit, False)


@pytest.mark.parametrize("hostile", ["<" * 40_000, "<@" * 20_000, " " * 40_000, "<@U0SPELL>" * 4_000, "&lt;" * 10_000, "<!a^b|" * 6_000])
def test_hostile_texts_are_read_in_one_pass(hostile: str) -> None:
    text, _ = plain_text(hostile, ME)
    assert len(text) <= len(hostile)
