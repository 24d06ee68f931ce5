"""What Teams sends, as Spellout understands it."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.chat.teams.events import Us, translate
from bot.chat.teams.markup import plain_text, text_of_html
from bot.chat.teams.payload import Seals
from bot.core.messages import Commanded, Deleted, Place, Pointed, Pressed, Said, Submitted
from tests.chat.teams.world import BOT, ELSEWHERE, TENANT, World

CHANNEL, HEAD = "19:vendor@thread.tacv2", "1795251600000"
SEALS = Seals(b"a secret")
US = Us(TENANT, SEALS)
MENTION = {"type": "mention", "text": "<at>Spellout</at>", "mentioned": {"id": BOT, "name": "Spellout"}}
GROUP = {"id": "19:group@thread.v2", "conversationType": "groupChat", "tenantId": TENANT}
PERSONAL = {"id": "a:maya", "conversationType": "personal", "tenantId": TENANT}


def activity(kind: str = "message", **more: Any) -> dict[str, Any]:
    root = {"id": f"{CHANNEL};messageid={HEAD}", "conversationType": "channel", "tenantId": TENANT}
    return World(url="https://smba.trafficmanager.net/emea/").activity(kind, **{"conversation": root, **more})


def press(ours: dict[str, Any], **more: Any) -> dict[str, Any]:
    action = {"action": {"verb": "spellout", "data": {"spellout": ours, **more.pop("inputs", {})}}}
    return activity("invoke", **{"id": "f:1", "name": "adaptiveCard/action", "value": action, **more})


def channel(thread: str = HEAD) -> Place:
    return Place("teams", TENANT, CHANNEL, thread)


# --------------------------------------------------------------------------- messages


def test_a_message_heads_its_thread_or_stands_in_one() -> None:
    first, later = translate(activity(text="We need an RPO"), US), translate(activity(text="Which?", id="1795251600009"), US)
    assert isinstance(first, Said)
    assert isinstance(later, Said)
    assert (first.place, first.person, first.text, first.reply, first.message) == (channel(), "29:maya", "We need an RPO", False, HEAD)
    assert (later.place, later.reply) == (channel(), True)
    assert not first.addressed
    assert first.marks != later.marks


def test_a_mention_addresses_us_and_is_not_part_of_the_words() -> None:
    said = translate(activity(text="<at>Spellout</at>&nbsp;what is R&amp;D, <at>Jonas</at>?", entities=[MENTION]), US)
    assert isinstance(said, Said)
    assert (said.addressed, said.text) == (True, "what is R&D, @Jonas?")


MENTION_IN_HTML = '<span itemscope="" itemtype="http://schema.skype.com/Mention" itemid="0">Spellout</span>'


@pytest.mark.parametrize(
    ("plain", "html", "text"),
    [
        ("Jonas What RPO? This one", "<blockquote><p>Jonas</p><p>What RPO?</p></blockquote><p>This one</p>", "This one"),
        ("Set RPO = 1 &amp; go", "<p>Set <code>RPO = 1</code> &amp; go &amp;lt;</p>", "Set & go &lt;"),
        ("<at>Spellout</at> what is RPO = 1?", f"<p>{MENTION_IN_HTML}&nbsp;what is <code>RPO = 1</code>?</p>", "what is ?"),
        ("RPO = 1", "<pre>RPO = 1</pre>", ""),
        ("A <at>Jonas</at> bold RPO", "<p>A <strong>bold</strong> RPO</p>", "A @Jonas bold RPO"),
    ],
    ids=["a quote", "code", "a mention", "code alone", "neither"],
)
def test_what_is_quoted_and_code_are_nobodys_words(plain: str, html: str, text: str) -> None:
    """Teams sends every message a second time, as HTML; its words alone do not show what of them is a quote."""
    rich = [{"contentType": "application/octet-stream"}, {"contentType": "text/html", "content": html}]
    said = translate(activity(text=plain, attachments=rich, entities=[MENTION] if "Spellout" in plain else []), US)
    assert (said.text if isinstance(said, Said) else "") == text
    assert not isinstance(said, Said) or said.addressed is ("Spellout" in plain)


def test_a_mention_of_somebody_else_addresses_nobody_of_us() -> None:
    other = {"type": "mention", "text": "<at>Jonas</at>", "mentioned": {"id": "29:jonas"}}
    said = translate(activity(text="<at>Jonas</at> we need an RPO", entities=[other]), US)
    assert isinstance(said, Said)
    assert (said.addressed, said.text) == (False, "@Jonas we need an RPO")


def test_a_chat_of_two_is_one_thread_and_always_addressed() -> None:
    said = translate(activity(text="KPO", conversation=PERSONAL), US)
    assert isinstance(said, Said)
    assert (said.place, said.addressed) == (Place("teams", TENANT, "a:maya", "dm", direct=True), True)


def test_a_group_chat_is_a_thread_a_day_also_for_a_later_edit() -> None:
    said = translate(activity(text="We need an RPO", conversation=GROUP), US)
    edit = activity(
        "messageUpdate", text="x", conversation=GROUP, timestamp="2026-12-24T09:00:00Z", channelData={"eventType": "editMessage"}
    )
    edited = translate(edit, US)
    assert isinstance(said, Said)
    assert isinstance(edited, Said)
    assert (said.place.thread, said.reply, said.place.direct) == ("chat-20261121", True, False)
    assert edited.place == said.place


def test_a_private_message_within_a_channel_is_a_command_that_may_open_a_thread() -> None:
    private = {"id": BOT, "isTargeted": True}
    where = {"id": CHANNEL, "conversationType": "channel", "tenantId": TENANT}
    chosen = translate(activity(text="choose", recipient=private, conversation=where), US)
    bare = translate(activity(text="classify", recipient=private), US)
    assert isinstance(chosen, Commanded)
    assert isinstance(bare, Commanded)
    assert (chosen.words, chosen.command, chosen.place) == ("choose", "spellout", channel(f"new-{HEAD}"))
    assert (bare.words, bare.command, bare.place) == ("", "classify", channel())


def test_a_command_may_be_typed_as_people_know_it_from_elsewhere() -> None:
    typed = translate(activity(text="<at>Spellout</at> /classify two people enter invoices", entities=[MENTION]), US)
    assert isinstance(typed, Commanded)
    assert (typed.words, typed.command, typed.place) == ("two people enter invoices", "classify", channel())


@pytest.mark.parametrize(("event", "kind"), [("editMessage", Said), ("undeleteMessage", Said), ("somethingElse", type(None))])
def test_an_edit_is_the_message_in_new_words(event: str, kind: type) -> None:
    found = translate(activity("messageUpdate", text="We need somebody", channelData={"eventType": event, "tenant": {"id": TENANT}}), US)
    assert isinstance(found, kind)
    assert found is None or (isinstance(found, Said) and found.edited and found.message == HEAD)


def test_a_deletion_names_its_message() -> None:
    found = translate(activity("messageDelete", channelData={"eventType": "softDeleteMessage", "tenant": {"id": TENANT}}), US)
    assert isinstance(found, Deleted)
    assert (found.place, found.message) == (channel(), HEAD)


@pytest.mark.parametrize(
    "more",
    [
        {"text": ""},
        {"from": {"id": BOT}},
        {"from": {"id": "28:another-bot"}},
        {"from": {"id": "29:x", "role": "bot"}},
        {"conversation": {"id": CHANNEL + ";messageid=../x", "tenantId": TENANT}},
    ],
)
def test_what_nobody_said_is_not_for_us(more: dict[str, Any]) -> None:
    assert translate(activity(**{"text": "RPO", **more}), US) is None


def test_where_another_company_listens_it_is_said_who_belongs_to_it() -> None:
    shared = {"tenant": {"id": TENANT}, "channel": {"id": CHANNEL, "type": "shared"}}
    ours, theirs, unknown = (translate(activity(text="RPO", channelData=shared), US, home) for home in (TENANT, ELSEWHERE, ""))
    assert all(isinstance(said, Said) and said.outside for said in (ours, theirs, unknown))
    assert [said is not None and said.outsider for said in (ours, theirs, unknown)] == [False, True, True]


# --------------------------------------------------------------------------- buttons and windows


def test_a_press_brings_its_choice_its_conversation_and_where_it_is_answered() -> None:
    pressed = translate(press({"choice": "settle:RPO:recruitment", "at": f"{CHANNEL}|{HEAD}"}), US)
    assert isinstance(pressed, Pressed)
    assert (pressed.choice, pressed.place, pressed.answer_url) == ("settle:RPO:recruitment", channel(), "invoke:f:1")


def test_an_old_client_sends_a_press_as_a_message() -> None:
    pressed = translate(activity(value={"spellout": {"choice": "why", "at": f"{CHANNEL}|{HEAD}"}}), US)
    assert isinstance(pressed, Pressed)
    assert (pressed.choice, pressed.answer_url) == ("why", None)


def test_a_private_card_in_another_chat_acts_where_we_sealed_it_to_act() -> None:
    carried = SEALS.carried(channel("new-5"), "29:maya")
    pressed = translate(press({"choice": "share", **carried}, conversation=PERSONAL), US)
    assert isinstance(pressed, Pressed)
    assert pressed.place == channel("new-5")


@pytest.mark.parametrize(
    "carried",
    [
        {"at": f"{CHANNEL}|{HEAD}"},
        {"at": f"{CHANNEL}|{HEAD}", "seal": "0" * 32},
        {"at": f"{CHANNEL}|{HEAD}", "seal": None},
        SEALS.carried(channel(), "29:jonas"),
        {**SEALS.carried(channel(), "29:maya"), "at": f"19:other@thread.tacv2|{HEAD}"},
        Seals(b"another secret").carried(channel(), "29:maya"),
        {},
    ],
)
def test_nobody_acts_in_a_conversation_by_a_seal_that_is_not_theirs(carried: dict[str, Any]) -> None:
    assert translate(press({"choice": "share", **carried}, conversation=PERSONAL), US) is None


@pytest.mark.parametrize("choice", ["", "x" * 2_001, "a\nb", 7, None])
def test_a_choice_that_no_button_of_ours_bears_is_nothing(choice: object) -> None:
    assert translate(press({"choice": choice, "at": f"{CHANNEL}|{HEAD}"}), US) is None


def test_a_form_brings_what_is_chosen_of_what_it_offered() -> None:
    ours = {
        "window": "settings",
        "at": f"{CHANNEL}|{HEAD}",
        "offered": {"mode": ["helpful", "off"], "more": ["shadow", "others"], "text": []},
    }
    inputs = {
        "spellout.mode": "off,evil",
        "spellout.more": "others,shadow",
        "spellout.text": "Two\r\npeople\ud800\x00",
        "spellout.extra": "x",
    }
    sent = translate(press(ours, inputs=inputs), US)
    assert isinstance(sent, Submitted)
    assert sent.values == {"mode": ("off",), "more": ("shadow", "others"), "text": ("Two\npeople\ufffd\ufffd",)}
    assert sent.offered == {"mode": ("helpful", "off"), "more": ("shadow", "others")}
    assert sent.window == "settings"


def test_a_messages_menu_points_at_its_words_and_its_thread() -> None:
    message = {"id": "1795251600007", "replyToId": HEAD, "body": {"contentType": "html", "content": "<div>We need an <b>RPO</b></div>"}}
    value = {"commandId": "explainAcronyms", "messagePayload": message}
    pointed = translate(activity("invoke", id="f:2", name="composeExtension/fetchTask", value=value), US)
    assert isinstance(pointed, Pointed)
    assert (pointed.action, pointed.text, pointed.place, pointed.message) == ("explain", "We need an RPO", channel(), "1795251600007")


# --------------------------------------------------------------------------- anything at all

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "type", "tenant", "channel", "spellout", "choice", "at", "action", "data", "messagePayload", "body"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(["message", "messageUpdate", "messageDelete", "invoke"]),
    st.dictionaries(
        st.sampled_from(["from", "recipient", "conversation", "channelData", "value", "entities", "text", "name", "id", "timestamp"]),
        ANYTHING,
        max_size=4,
    ),
)
def test_no_activity_makes_it_raise(kind: str, parts: dict[str, Any]) -> None:
    translate({**activity(kind), **parts}, US)
    translate(parts, US)


# --------------------------------------------------------------------------- markup


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>We need an <strong>RPO</strong>&nbsp;soon</p>", "We need an RPO soon"),
        ("<p>One</p><p>Two<br>Three</p>", "One\nTwo\nThree"),
        ("<blockquote>What RPO?</blockquote><p>This one</p>", "This one"),
        ("<p>See <code>RPO = 1</code> there</p>", "See there"),
        ('<p><at id="0">Jonas</at>, an LPO?</p>', "@Jonas, an LPO?"),
        ("a &lt;b&gt; c", "a <b> c"),
        ("<div><script>RPO</script></blockquote>", ""),
    ],
)
def test_a_messages_html_is_read_as_people_see_it(markup: str, text: str) -> None:
    assert text_of_html(markup) == text


def test_text_that_looks_like_markup_stays_text() -> None:
    assert plain_text("&amp;lt;at&amp;gt; 5 &lt; 6", ()) == ("&lt;at&gt; 5 < 6", False)
    assert plain_text('<quoted messageId="1"/>An RPO', ()) == ("An RPO", False)
