"""What Slack sends becomes an event, or silence; never an exception."""

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.slack.events import translate, trigger_of
from bot.chat.slack.payload import IN_THREAD, Us
from bot.core.messages import Commanded, Deleted, Event, Place, Pointed, Pressed, Said, Submitted

PAYLOADS = Path(__file__).parent / "payloads"
NAMES = sorted(path.stem for path in PAYLOADS.glob("*.json"))
US = Us("U0SPELL", "T0HOME", "E0ORG")
TS, LATER, EARLIER = "1795251600.000100", "1795251700.000200", "1795251500.000100"
ASKED = "Should we bring in an RPO for the Q3 push?"
ACTIONS, COMMANDS, APP = (f"https://hooks.slack.com/{kind}/T0HOME/1/answer" for kind in ("actions", "commands", "app"))


def payload(name: str) -> Any:
    """A request body as Slack sends it."""
    return json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))


def channel(thread: str, channel: str = "C0VENDOR", team: str = "T0HOME") -> Place:
    """A place that is no direct message."""
    return Place("slack", team, channel, thread)


def direct(thread: str) -> Place:
    """A place in the direct message with Maya."""
    return Place("slack", "T0HOME", "D0MAYA", thread, direct=True)


def said(place: Place, text: str, event: str, ts: str = TS, *, person: str = "U0MAYA", **more: bool) -> Said:
    """A message by Maya."""
    at = f"slack:{place.team}"
    return Said(place, person, text, (f"{at}:event:{event}", f"{at}:message:{place.channel}:{ts}"), message=ts, **more)


def edited(place: Place, text: str, event: str, **more: Any) -> Said:
    """A message in new words: known by its event alone, since the message's own mark is that of its first words."""
    return replace(said(place, text, event, edited=True), marks=(f"slack:{place.team}:event:{event}",), **more)


def deleted(place: Place, event: str, person: str = "U0MAYA") -> Deleted:
    """Maya's message is gone."""
    return Deleted(place, person, TS, (f"slack:{place.team}:event:{event}",))


def pressed(place: Place, *, url: str = ACTIONS, person: str = "U0MAYA") -> Pressed:
    """A press of the one button."""
    marks = (f"slack:{place.team}:trigger:1111.2222.abc0", f"slack:{place.team}:press:{place.channel}:{person}:1795251800.123456")
    return Pressed(place, person, "sense:RPO:recruitment", marks, answer_url=url or None)


def submitted(person: str = "U0MAYA", outsider: bool = False, **values: tuple[str, ...]) -> Submitted:
    """The settings window sent off."""
    offered = {"mode": ("helpful", "unclear"), "more": ("shadow", "with_others"), "house": ("RPO",)}
    marks = ("slack:T0HOME:trigger:1111.2222.abc0",)
    return Submitted(channel("new-11112222abc0"), person, "settings", values, marks, offered, outsider=outsider)


def commanded(place: Place, words: str) -> Commanded:
    """A slash command."""
    return Commanded(place, "U0MAYA", words, (f"slack:{place.team}:trigger:1111.2222.abc0",), answer_url=COMMANDS)


HEARD: dict[str, Event] = {
    "message": said(channel(TS), ASKED, "Ev0MESSAGE"),
    "message_threaded": said(channel(TS), "The research one, I think", "Ev0THREADED", LATER, reply=True),
    "message_head_of_thread": said(channel(TS), ASKED, "Ev0HEAD"),
    "message_private_channel": said(channel(TS, "G0BOARD"), ASKED, "Ev0PRIVATE"),
    "message_group_direct": said(channel(TS, "C0GROUPDM"), ASKED, "Ev0MPIM"),
    "message_direct": said(direct("dm"), "what is KPO?", "Ev0DIRECT", addressed=True),
    "message_direct_threaded": said(direct(TS), "and LPO?", "Ev0DIRECT2", LATER, addressed=True, reply=True),
    "message_with_mention": said(channel(TS), "what is KPO?", "Ev0MENTIONED", addressed=True),
    "app_mention": said(channel(TS), "what is KPO?", "Ev0MENTION", addressed=True),
    "message_only_mention": said(channel(TS), "", "Ev0BARE", addressed=True),
    "message_me": said(channel(TS), "is looking for an RPO", "Ev0ME"),
    "message_file_share": said(channel(TS), "Is this RPO quote fair?", "Ev0FILE"),
    "message_thread_broadcast": said(channel(TS), "So it is an RPO", "Ev0BROADCAST", LATER, reply=True),
    "message_markup": said(
        channel(TS),
        "Hi @U0JONAS, see #talent & https://example.com/rpo?a=1&b=2 <soon> @here\n> RPO is cheap\n`RPO` maya@example.com",
        "Ev0MARKUP",
    ),
    "message_shared_channel": said(channel(TS), "Is that your RPO?", "Ev0SHARED", person="U9GUEST", outside=True, outsider=True),
    "message_shared_channel_home": said(channel(TS), ASKED, "Ev0SHAREDHOME", outside=True),
    "app_mention_by_outsider": said(
        channel(TS), "what is KPO?", "Ev0SHAREDMENTION", person="U9GUEST", addressed=True, outside=True, outsider=True
    ),
    "edit": edited(channel(TS), "Should we bring in a BPO?", "Ev0EDIT"),
    "edit_in_thread": edited(channel(EARLIER), "Should we bring in a BPO?", "Ev0EDITREPLY", reply=True),
    "edit_in_direct": edited(direct("dm"), "Should we bring in a BPO?", "Ev0EDITDM", addressed=True),
    "edit_of_mention": edited(channel(TS), "should we bring in a BPO?", "Ev0EDITMENTION", addressed=True),
    "edit_to_nothing": edited(channel(TS), "", "Ev0EDITFILE"),
    "edit_by_outsider": edited(channel(TS), "Should we bring in a BPO?", "Ev0SHAREDEDIT", person="U9GUEST", outside=True, outsider=True),
    "delete": deleted(channel(TS), "Ev0DELETE"),
    "delete_in_thread": deleted(channel(EARLIER), "Ev0DELETEREPLY"),
    "delete_in_direct": deleted(direct("dm"), "Ev0DELETEDM"),
    "delete_of_head": deleted(channel(TS), "Ev0TOMB"),
    "message_organisation": said(channel(TS, team="E0ORG"), ASKED, "Ev0ORG", person="W0MAYA"),
    "press_in_thread": pressed(channel(TS), url=ACTIONS + IN_THREAD),
    "press_on_head": pressed(channel("1795251610.000900")),
    "press_in_direct": pressed(direct("dm")),
    "press_in_whisper": pressed(channel("new-77778888abc")),
    "press_in_whisper_of_unknown_origin": pressed(channel("new-11112222abc0")),
    "press_in_whisper_in_thread": pressed(channel(TS), url=ACTIONS + IN_THREAD),
    "press_in_window": pressed(channel(TS), url=""),
    "press_in_menu": pressed(channel(TS), url=ACTIONS + IN_THREAD),
    "press_by_outsider": replace(pressed(channel(TS), url=ACTIONS + IN_THREAD, person="U9GUEST"), outsider=True),
    "window_submitted": submitted(mode=("unclear",), more=("with_others",), house=()),
    "window_submitted_with_strange_values": submitted(mode=(), more=("shadow",), house=()),
    "window_submitted_by_outsider": submitted("U9GUEST", outsider=True, mode=("unclear",), more=("with_others",), house=()),
    "press_organisation": pressed(channel(TS, team="E0ORG"), url=ACTIONS + IN_THREAD, person="W0MAYA"),
    "command": commanded(channel("new-11112222abc0"), "RPO & KPO"),
    "command_in_direct": commanded(direct("dm"), "choose"),
    "command_organisation": commanded(channel("new-11112222abc0", team="E0ORG"), "RPO & KPO"),
    "command_classify": replace(commanded(channel("new-11112222abc0"), "We review R&D contracts, 500 a month"), command="classify"),
    "window_with_text_submitted": replace(
        submitted(text=("We review contracts <500 a month>,\nour counsel signs",), keep=("keep",)),
        window="work",
        offered={"keep": ("keep",)},
    ),
    "shortcut_classify": Pointed(
        channel(TS),
        "U0MAYA",
        "classify",
        "An LPO <or> an RPO, @U0MAYA?",
        ("slack:T0HOME:trigger:1111.2222.abc0",),
        answer_url=APP,
        message=TS,
    ),
    "shortcut_explain": Pointed(
        channel(TS),
        "U0MAYA",
        "explain",
        "An LPO <or> an RPO, @U0MAYA?",
        ("slack:T0HOME:trigger:1111.2222.abc0",),
        answer_url=APP,
        message=TS,
    ),
    "shortcut_choose_in_thread": Pointed(
        channel(TS),
        "U0MAYA",
        "choose",
        "An LPO <or> an RPO, @U0MAYA?",
        ("slack:T0HOME:trigger:1111.2222.abc0",),
        answer_url=APP + IN_THREAD,
        message="1795251700.000200",
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_every_payload_is_heard_as_it_should_be_or_met_with_silence(name: str) -> None:
    assert translate(payload(name), US) == HEARD.get(name)
    assert (name in HEARD) or name.startswith("silent_") or name.endswith("_without_text")


def test_the_two_deliveries_of_one_mention_are_known_to_be_the_same() -> None:
    message, mention = translate(payload("message_with_mention"), US), translate(payload("app_mention"), US)
    assert isinstance(message, Said)
    assert isinstance(mention, Said)
    assert set(message.marks) & set(mention.marks)
    assert (message.place, message.text, message.addressed) == (mention.place, mention.text, mention.addressed)


def test_messages_of_two_workspaces_never_share_a_mark() -> None:
    body = payload("message")
    other = copy.deepcopy(body)
    other["authorizations"][0]["team_id"] = "T0ELSEWHERE"
    first, second = translate(body, US), translate(other, US)
    assert first
    assert second
    assert not set(first.marks) & set(second.marks)


def test_an_edit_is_no_repetition_of_what_was_said_first_nor_of_an_earlier_edit() -> None:
    body = payload("edit")
    first, second = translate(payload("message"), US), translate(body, US)
    body["event_id"] = "Ev0EDIT2"
    third = translate(body, US)
    assert first
    assert second
    assert third
    assert not (set(first.marks) & set(second.marks) | set(second.marks) & set(third.marks))


# --------------------------------------------------------------------------- who belongs to another company

WORKSPACE, IN_ORGANISATION, WHOLE = Us("U0SPELL", "T0HOME"), Us("U0SPELL", "T0HOME", "E0ORG"), Us("U0SPELL", "E0ORG", "E0ORG")


def outsider(name: str, us: Us, **changes: Any) -> bool:
    """Whether the person of this payload, with these changes of its (or its event's) parts, is taken for an outsider."""
    body = payload(name)
    for key, value in changes.items():
        target = body["event"] if key in body.get("event", {}) or key in ("user_team", "source_team", "user_profile") else body
        target[key] = value
    event = translate(body, us)
    assert event
    return event.outsider


@pytest.mark.parametrize(
    ("us", "changes", "expected"),
    [
        (WORKSPACE, {}, True),
        (WORKSPACE, {"user_team": "T0HOME"}, False),
        (WORKSPACE, {"user_team": None, "source_team": None, "user_profile": None}, False),
        (IN_ORGANISATION, {"user_team": "E0ORG", "source_team": "E0ORG"}, False),
        (IN_ORGANISATION, {"user_team": "T0SIBLING"}, True),
        (WHOLE, {"user_team": "E0ORG"}, False),
        (WHOLE, {"user_team": "T0ANY", "team_id": "T0ANY", "enterprise_id": "E0ORG"}, False),
        (WHOLE, {"user_team": "T9OTHER", "team_id": "T9OTHER", "enterprise_id": "E9OTHER"}, True),
        (WORKSPACE, {"user_team": None, "source_team": None, "user_profile": {"team": "T9OTHER"}}, True),
        (WORKSPACE, {"user_team": 7, "source_team": [], "user_profile": "?", "team": None}, True),
        (WORKSPACE, {"is_ext_shared_channel": False}, False),
    ],
)
def test_in_a_shared_channel_the_author_s_own_company_is_told_by_the_message(us: Us, changes: dict[str, Any], expected: bool) -> None:
    assert outsider("app_mention_by_outsider", us, **changes) is expected


@pytest.mark.parametrize("name", ["press_in_thread", "window_submitted", "shortcut_explain", "press_in_window"])
def test_whoever_acts_is_at_home_if_their_workspace_is_ours(name: str) -> None:
    user = {"id": "U0MAYA", "team_id": "T0HOME"}
    assert not outsider(name, WORKSPACE, user=user)
    assert outsider(name, WORKSPACE, user=user | {"team_id": "T9OTHER"})
    assert outsider(name, WORKSPACE, user=user | {"team_id": "T9OTHER"}, enterprise={"id": "E0ORG"})
    assert outsider(name, IN_ORGANISATION, user=user | {"team_id": "T0SIBLING"}, enterprise={"id": "E0ORG"})
    assert not outsider(name, WORKSPACE, user={"id": "U0MAYA"})
    assert outsider(name, WORKSPACE, user={"id": "U0MAYA"}, team={"id": "T9OTHER"})


def test_where_the_app_is_installed_for_the_whole_organisation_all_its_people_are_at_home() -> None:
    assert not outsider("press_organisation", WHOLE)
    assert not outsider("command_organisation", WHOLE)
    assert outsider(
        "press_organisation",
        WHOLE,
        user={"id": "W9ROSA", "team_id": "E9OTHER"},
        enterprise={"id": "E0ORG"},
        is_enterprise_install=False,
        team={"id": "E0ORG"},
    )


def test_a_window_belongs_to_where_the_app_is_installed_whoever_fills_it_in() -> None:
    event = translate(payload("window_submitted_by_outsider"), US)
    assert event
    assert event.place.team == "T0HOME"


# --------------------------------------------------------------------------- what is not as it should be


ODD_IDS: tuple[Any, ...] = ("C0:x", "c0-lower", "C0\n", "C" * 200, "1:2", " ", 7, ["C0"], {"id": "C0"})


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("message", ("event", "channel")),
        ("message", ("event", "user")),
        ("message", ("event", "ts")),
        ("message_threaded", ("event", "thread_ts")),
        ("edit", ("event", "channel")),
        ("edit", ("event", "message", "user")),
        ("edit", ("event", "message", "ts")),
        ("edit_in_thread", ("event", "message", "thread_ts")),
        ("edit", ("event_id",)),
        ("delete", ("event", "channel")),
        ("delete", ("event", "deleted_ts")),
        ("delete", ("event", "previous_message", "user")),
        ("delete_in_thread", ("event", "previous_message", "thread_ts")),
        ("window_submitted", ("user", "id")),
        ("window_submitted", ("trigger_id",)),
        ("window_submitted", ("view", "private_metadata")),
        ("window_submitted", ("view", "app_installed_team_id")),
        ("message", ("event_id",)),
        ("message", ("authorizations", 0, "team_id")),
        ("press_in_thread", ("user", "id")),
        ("press_in_thread", ("container", "channel_id")),
        ("press_in_thread", ("container", "thread_ts")),
        ("press_in_thread", ("trigger_id",)),
        ("press_in_thread", ("actions", 0, "action_ts")),
        ("press_in_window", ("view", "private_metadata")),
        ("command", ("channel_id",)),
        ("command", ("user_id",)),
        ("command", ("team_id",)),
        ("command", ("trigger_id",)),
        ("shortcut_explain", ("channel", "id")),
        ("shortcut_explain", ("message", "ts")),
    ],
)
def test_ids_of_another_shape_are_refused(name: str, path: tuple[str | int, ...]) -> None:
    body = payload(name)
    part = body
    for key in path[:-1]:
        part = part[key]
    heard: list[tuple[Any, Event]] = []
    for bad in ODD_IDS:
        part[path[-1]] = bad
        event = translate(body, US)
        if event is not None:
            heard.append((bad, event))
    assert heard == []


@pytest.mark.parametrize("name", NAMES)
def test_a_payload_without_any_one_of_its_parts_does_no_harm(name: str) -> None:
    for body in _without_one(payload(name)):
        translate(body, US)
        trigger_of(body)


REPLACEMENTS: tuple[Any, ...] = (None, 0, "", [], {}, True, "\ud800")


def _without_one(body: Any) -> Iterator[Any]:
    """The body with one key or item missing or replaced, at any depth."""
    keys = list(body) if isinstance(body, dict) else list(range(len(body))) if isinstance(body, list) else []
    for key in keys:
        for replaced in REPLACEMENTS:
            changed = copy.copy(body)
            changed[key] = replaced
            yield changed
        for deeper in _without_one(body[key]):
            changed = copy.copy(body)
            changed[key] = deeper
            yield changed


def _vocabulary() -> tuple[list[str], list[str]]:
    """All keys and all strings that occur in the payloads."""
    keys, words = set(), set()
    left = [payload(name) for name in NAMES]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            keys |= set(part)
            left += part.values()
        elif isinstance(part, list):
            left += part
        elif isinstance(part, str):
            words.add(part)
    return sorted(keys), sorted(words)


KEYS, WORDS = map(st.sampled_from, _vocabulary())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=12),
    max_leaves=40,
)


@settings(max_examples=400, deadline=None)
@given(JSON)
def test_nothing_that_arrives_can_raise(body: Any) -> None:
    event = translate(body, US)
    assert event is None or event.place.service == "slack"
    trigger_of(body)


def test_the_channels_name_is_taken_along_where_slack_tells_it() -> None:
    command, press = translate(payload("command"), US), translate(payload("shortcut_explain"), US)
    private = translate(payload("command_in_direct"), US)

    assert isinstance(command, Commanded)
    assert command.channel_name == "vendor-contracts"
    assert isinstance(press, Pointed)
    assert press.channel_name == "vendor-contracts"
    assert isinstance(private, Commanded)
    assert private.channel_name == ""
