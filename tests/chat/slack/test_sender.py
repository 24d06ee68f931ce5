"""Replies reach Slack, and every way in which they do not has its meaning."""

import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import ClientSession, TCPConnector, web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer

from bot.chat.slack.connection import API_URL, TIMEOUT, address, make_client
from bot.chat.slack.payload import IN_THREAD
from bot.chat.slack.sender import SlackSender
from bot.core.messages import Choice, Choices, Heading, Items, Place, Reply, Span
from bot.playground import StandIn
from bot.playground.workspace import Channel, Message
from bot.ports import Refused, TryLater
from tests.chat.slack.conftest import WORDS, outgoing, reply

DIRECT = Place("slack", "T0NORTHLGT", "D0MAYA", "dm", direct=True)
NEW = Place("slack", "T0NORTHLGT", "C0VENDOR", "new-123abc")
ELSEWHERE = Place("slack", "T0NORTHLGT", "C0ELSE", "new-123abc")
WHISPER = reply("Only for you", surface="whisper", to="U0MAYA")


@pytest.fixture
async def sender(slack: StandIn) -> AsyncIterator[SlackSender]:
    """The sender alone, in a workspace with one channel that it is not in."""
    slack.workspace.add(Channel("C0ELSE", "elsewhere", "public", {"U0MAYA"}))
    client = make_client(slack.bot_token, slack.api_url, False)
    async with ClientSession(timeout=TIMEOUT) as client.session:
        yield SlackSender(client, WORDS.close, WORDS.apologies)


@pytest.fixture
async def head(slack: StandIn) -> Message:
    """A message by Maya."""
    return await slack.people.say("maya", "vendor-contracts", "An RPO?")


@pytest.fixture
def thread(head: Message) -> Place:
    """Its thread."""
    return Place("slack", "T0NORTHLGT", "C0VENDOR", head.ts)


@pytest.fixture
def answer_url(slack: StandIn) -> str:
    """An address for answers to Maya in #vendor-contracts."""
    return slack.api_url.replace("/api/", "/answer/") + slack._tickets.link("U0MAYA", "C0VENDOR")


def whispers(slack: StandIn) -> list[tuple[str, str | None]]:
    """What only Maya sees: text and thread."""
    return [(each.text, each.thread_ts) for each in slack.workspace.whispers("U0MAYA")]


# --------------------------------------------------------------------------- what arrives


async def test_a_reply_stands_in_the_thread_and_gives_its_id(slack: StandIn, sender: SlackSender, thread: Place) -> None:
    ts = await sender.send(outgoing(thread, reply("Recruiting")))
    (said,) = slack.said("C0VENDOR", thread.thread)
    assert (said["ts"], said["text"], said["thread_ts"]) == (ts, "Recruiting", thread.thread)


async def test_what_is_posted_unfurls_nothing_and_parses_nothing(slack: StandIn, sender: SlackSender, thread: Place) -> None:
    await sender.send(outgoing(thread, reply("See https://example.com and @here")))
    (call,) = slack.faults.made("chat.postMessage")
    assert {key: call.arguments[key] for key in ("unfurl_links", "unfurl_media", "mrkdwn", "parse")} == {
        "unfurl_links": False,
        "unfurl_media": False,
        "mrkdwn": False,
        "parse": "none",
    }


@pytest.mark.parametrize("place", [NEW, DIRECT])
async def test_what_opens_a_thread_or_a_direct_line_stands_in_no_thread(slack: StandIn, sender: SlackSender, place: Place) -> None:
    await sender.send(outgoing(place, reply("Let us begin", opens=True)))
    assert "thread_ts" not in slack.faults.made("chat.postMessage")[0].arguments


async def test_a_reply_replaces_the_one_of_its_slot(slack: StandIn, sender: SlackSender, thread: Place) -> None:
    ts = await sender.send(outgoing(thread, reply("Which one?")))
    assert await sender.send(outgoing(thread, reply("Recruiting"), message=ts)) == ts
    assert [said["text"] for said in slack.said("C0VENDOR", thread.thread)] == ["Recruiting"]


@pytest.mark.parametrize("code", ["message_not_found", "cant_update_message", "edit_window_closed"])
async def test_what_cannot_be_replaced_is_said_anew(slack: StandIn, sender: SlackSender, thread: Place, code: str) -> None:
    ts = await sender.send(outgoing(thread, reply("Which one?")))
    slack.faults.error("chat.update", code)
    again = await sender.send(outgoing(thread, reply("Recruiting"), message=ts))
    assert again != ts
    assert [said["text"] for said in slack.said("C0VENDOR", thread.thread)] == ["Which one?", "Recruiting"]


# --------------------------------------------------------------------------- what is taken back

GONE = Reply((), "Taken back.", slot="ask", gone=True)
ASKED = replace(reply("Which one?"), parts=(Choices((Choice("a", "A"),)),))


async def test_what_is_taken_back_is_deleted(slack: StandIn, sender: SlackSender, thread: Place) -> None:
    ts = await sender.send(outgoing(thread, ASKED))
    assert await sender.send(outgoing(thread, GONE, message=ts)) is None
    assert slack.said("C0VENDOR", thread.thread) == []


async def test_what_was_never_posted_needs_no_deletion(slack: StandIn, sender: SlackSender, thread: Place) -> None:
    await sender.send(outgoing(thread, GONE))
    assert slack.faults.made("chat.delete") == []


async def test_what_somebody_else_deleted_is_gone_as_it_should_be(slack: StandIn, sender: SlackSender, thread: Place) -> None:
    ts = await sender.send(outgoing(thread, ASKED))
    await sender.send(outgoing(thread, GONE, message=ts))
    assert await sender.send(outgoing(thread, GONE, message=ts)) is None
    assert [call.answer.get("error") for call in slack.faults.made("chat.delete")] == [None, "message_not_found"]
    assert slack.faults.made("chat.update") == []


async def test_the_head_of_a_thread_that_is_taken_back_leaves_the_answers_standing(slack: StandIn, sender: SlackSender) -> None:
    ts = await sender.send(outgoing(NEW, reply("Let us begin", opens=True), thread=None))
    opened = slack.workspace.find("C0VENDOR", ts or "")
    assert opened
    await slack.people.say("maya", "vendor-contracts", "Good", thread=opened)
    await sender.send(outgoing(NEW, GONE, message=ts))
    assert opened.subtype == "tombstone"
    assert [each.text for each in slack.workspace.replies("C0VENDOR", ts or "")] == ["Good"]


@pytest.mark.parametrize("code", ["cant_delete_message", "compliance_exports_prevent_deletion"])
async def test_what_a_workspace_keeps_says_that_it_was_taken_back_and_has_no_buttons(
    slack: StandIn, sender: SlackSender, thread: Place, code: str
) -> None:
    ts = await sender.send(outgoing(thread, ASKED))
    slack.faults.error("chat.delete", code)
    assert await sender.send(outgoing(thread, GONE, message=ts)) is None
    (said,) = slack.said("C0VENDOR", thread.thread)
    assert said["text"] == "Taken back."
    assert [block["type"] for block in said["blocks"]] == ["rich_text"]


# --------------------------------------------------------------------------- what only one person sees


async def test_a_whisper_in_a_thread_is_ephemeral(slack: StandIn, sender: SlackSender, thread: Place) -> None:
    assert await sender.send(outgoing(thread, WHISPER)) is None
    assert whispers(slack) == [("Only for you", thread.thread)]


async def test_a_whisper_in_a_direct_message_is_a_plain_post(slack: StandIn, sender: SlackSender, answer_url: str) -> None:
    assert await sender.send(outgoing(DIRECT, WHISPER, answer_url=answer_url)) is None
    assert [said["text"] for said in slack.said("D0MAYA")] == ["Only for you"]
    assert slack.faults.made("response_url") == []


async def test_a_whisper_goes_to_the_address_for_answers_where_there_is_one(slack: StandIn, sender: SlackSender, answer_url: str) -> None:
    await sender.send(outgoing(NEW, WHISPER, answer_url=answer_url, thread=None))
    (call,) = slack.faults.made("response_url")
    assert (call.arguments["response_type"], call.arguments["replace_original"]) == ("ephemeral", False)
    assert whispers(slack) == [("Only for you", None)]


async def test_an_answer_stands_in_the_thread_only_where_the_person_looks_at_it(
    slack: StandIn, sender: SlackSender, thread: Place, answer_url: str
) -> None:
    await sender.send(outgoing(thread, WHISPER, answer_url=answer_url))
    await sender.send(outgoing(thread, WHISPER, answer_url=answer_url + IN_THREAD))
    assert whispers(slack) == [("Only for you", None), ("Only for you", thread.thread)]


async def test_an_address_that_is_used_up_gives_way_to_an_ephemeral_message(
    slack: StandIn, sender: SlackSender, thread: Place, answer_url: str
) -> None:
    for _ in range(6):
        await sender.send(outgoing(thread, WHISPER, answer_url=answer_url))
    assert len(slack.faults.made("response_url")) == 6
    assert len(slack.faults.made("chat.postEphemeral")) == 1
    assert len(whispers(slack)) == 6


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/answer",
        "http://169.254.169.254/latest",
        "https://hooks.slack.com.evil.example/x",
        "https://hooks.slack.com@evil.example/x",
        "https://hooks.slack.com/commands/1",
        "file:///etc/passwd",
        "http://[::1",
        "nonsense",
        "",
    ],
)
async def test_an_address_that_is_not_slacks_is_never_called(slack: StandIn, sender: SlackSender, thread: Place, url: str) -> None:
    await sender.send(outgoing(thread, WHISPER, answer_url=url))
    assert slack.faults.made("response_url") == []
    assert whispers(slack) == [("Only for you", thread.thread)]


class Unreachable(AbstractResolver):
    """A network in which nothing is found; it remembers what was looked for."""

    def __init__(self) -> None:
        self.looked_for: list[str] = []

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        self.looked_for.append(host)
        raise OSError("no such host")

    async def close(self) -> None:
        """Nothing to close."""


@pytest.mark.parametrize(
    ("url", "called"),
    [
        ("https://hooks.slack.com/commands/1", "hooks.slack.com"),
        ("https://hooks.slack-gov.com/commands/1", "hooks.slack-gov.com"),
        ("https://files.slack.com/commands/1", "slack.com"),
        ("https://hooks.slack.com:443/commands/1", "slack.com"),
    ],
)
async def test_of_slacks_own_hosts_only_the_one_for_answers_gets_an_answer(thread: Place, url: str, called: str) -> None:
    network = Unreachable()
    client = make_client("xoxb-1", API_URL, False)
    async with ClientSession(timeout=TIMEOUT, connector=TCPConnector(resolver=network)) as client.session:
        with pytest.raises(TryLater):
            await SlackSender(client, WORDS.close, WORDS.apologies).send(outgoing(thread, WHISPER, answer_url=url))
    assert set(network.looked_for) == {called}, "the whisper goes by the API where the address is not trusted"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_an_address_that_leads_on_elsewhere_is_not_followed(slack: StandIn, sender: SlackSender, thread: Place, status: int) -> None:
    asked: list[str] = []

    async def lead_on(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=status if request.path == "/answer" else 200, headers={"Location": "/elsewhere"})

    application = web.Application()
    application.router.add_route("*", "/{path}", lead_on)
    async with TestServer(application) as crossing:
        await sender.send(outgoing(thread, WHISPER, answer_url=str(crossing.make_url("/answer"))))
    assert asked == ["/answer"]
    assert [call.method for call in slack.faults.calls] == ["chat.postEphemeral"]
    assert whispers(slack) == [("Only for you", thread.thread)]


# --------------------------------------------------------------------------- what does not arrive


async def test_not_being_in_the_channel_is_told_to_the_one_who_asked(slack: StandIn, sender: SlackSender, answer_url: str) -> None:
    with pytest.raises(Refused, match="not_in_channel"):
        await sender.send(outgoing(ELSEWHERE, reply("Let us begin", opens=True), answer_url=answer_url))
    assert whispers(slack) == [("Invite me first.", None)]


async def test_an_apology_that_does_not_arrive_changes_nothing(slack: StandIn, sender: SlackSender) -> None:
    with pytest.raises(Refused, match="not_in_channel"):
        await sender.send(outgoing(ELSEWHERE, reply("Let us begin", opens=True), answer_url="https://evil.example/"))


async def test_an_apology_waits_with_the_reply_where_slack_is_busy(slack: StandIn, sender: SlackSender, answer_url: str) -> None:
    slack.faults.refuse("response_url", retry_after=4)
    with pytest.raises(TryLater) as later:
        await sender.send(outgoing(ELSEWHERE, reply("Let us begin", opens=True), answer_url=answer_url))
    assert later.value.seconds == 4


@pytest.mark.parametrize("code", ["not_in_channel", "channel_not_found", "is_archived", "restricted_action", "thread_not_found", "no_text"])
async def test_what_slack_will_never_take_is_refused_with_its_word(slack: StandIn, sender: SlackSender, thread: Place, code: str) -> None:
    slack.faults.error("chat.postMessage", code)
    with pytest.raises(Refused, match=code):
        await sender.send(outgoing(thread, reply("Recruiting")))


@pytest.mark.parametrize(
    "code",
    [
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "ratelimited",
        "rate_limited",
        "token_revoked",
        "account_inactive",
        "missing_scope",
    ],
)
async def test_what_may_pass_or_be_mended_waits(slack: StandIn, sender: SlackSender, thread: Place, code: str) -> None:
    slack.faults.error("chat.postMessage", code)
    with pytest.raises(TryLater):
        await sender.send(outgoing(thread, reply("Recruiting")))


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update", "chat.postEphemeral", "response_url"])
async def test_being_told_to_wait_is_passed_on_and_not_slept_over(
    slack: StandIn, sender: SlackSender, thread: Place, answer_url: str, method: str
) -> None:
    ways: dict[str, dict[str, Any]] = {
        "chat.postMessage": {"said": reply("Recruiting")},
        "chat.update": {"said": reply("Recruiting"), "message": "1.1"},
        "chat.postEphemeral": {"said": WHISPER},
        "response_url": {"said": WHISPER, "answer_url": answer_url},
    }
    slack.faults.refuse(method, status=429, retry_after=30)
    with pytest.raises(TryLater) as later:
        await sender.send(outgoing(thread, **ways[method]))
    assert later.value.seconds == 30
    assert len(slack.faults.made(method)) == 1


@pytest.mark.parametrize("said", [reply("Recruiting"), WHISPER])
@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_slack_in_trouble_is_tried_later(slack: StandIn, sender: SlackSender, answer_url: str, said: Reply, status: int) -> None:
    slack.faults.refuse("*", status=status)
    with pytest.raises(TryLater) as later:
        await sender.send(outgoing(NEW, said, answer_url=answer_url))
    assert later.value.seconds is None


async def test_a_connection_that_breaks_once_is_made_again_where_repeating_harms_nobody(
    slack: StandIn, sender: SlackSender, thread: Place
) -> None:
    message = await sender.send(outgoing(thread, reply("Recruiting")))
    slack.faults.drop("chat.update", 1)
    assert await sender.send(outgoing(thread, reply("Research"), message=message)) == message


@pytest.mark.parametrize("place", ["thread", "channel"])
async def test_a_post_whose_answer_was_lost_is_found_again_and_not_said_twice(
    slack: StandIn, sender: SlackSender, thread: Place, place: str
) -> None:
    first = outgoing(thread if place == "thread" else NEW, reply("Recruiting"), thread=thread.thread if place == "thread" else None)
    slack.faults.lose_answer("chat.postMessage", 1)
    with pytest.raises(TryLater):
        await sender.send(first)
    assert len(slack.faults.made("chat.postMessage")) == 1

    again = await sender.send(replace(first, attempts=1, uncertain=True))

    assert len(slack.faults.made("chat.postMessage")) == 1
    assert again == str(slack.faults.made("chat.postMessage")[0].answer["ts"])


async def test_a_post_that_never_arrived_is_made_when_nothing_of_it_is_found(slack: StandIn, sender: SlackSender, thread: Place) -> None:
    slack.faults.drop("chat.postMessage", 1)
    first = outgoing(thread, reply("Recruiting"))
    with pytest.raises(TryLater):
        await sender.send(first)
    assert await sender.send(replace(first, attempts=1, uncertain=True))


async def test_a_slack_that_is_not_there_is_tried_later() -> None:
    nowhere = "http://127.0.0.1:1/"  # nothing listens on port 1
    client = make_client("xoxb-1", nowhere, False)
    async with ClientSession(timeout=TIMEOUT) as client.session:
        sender = SlackSender(client, WORDS.close, WORDS.apologies)
        for said in (reply("Recruiting"), WHISPER):
            with pytest.raises(TryLater, match="ClientConnectorError"):
                await sender.send(outgoing(NEW, said, answer_url=nowhere))


@pytest.mark.parametrize("code", ["invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"])
async def test_a_sentence_arrives_even_where_its_blocks_do_not(slack: StandIn, sender: SlackSender, thread: Place, code: str) -> None:
    slack.faults.error("chat.postMessage", code)
    assert await sender.send(outgoing(thread, reply("Recruiting")))
    assert [said["text"] for said in slack.said("C0VENDOR", thread.thread)] == ["Recruiting"]


async def test_the_largest_reply_is_taken(slack: StandIn, sender: SlackSender, thread: Place) -> None:
    lines = tuple((Span("many words " * 400, "bold"),) for _ in range(60))
    tall = Reply((Heading("h" * 400), *(Items(lines, numbered=True) for _ in range(60))), "x" * 40_000)
    assert await sender.send(outgoing(thread, tall))
    assert slack.faults.made("chat.postMessage")[-1].answer["ok"]
    assert await sender.send(outgoing(thread, replace(tall, surface="whisper", to="U0MAYA"))) is None


# --------------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("url", "leads"),
    [
        ("https://slack.com/api/", "slack"),
        ("https://northlight.enterprise.slack.com/api/", "slack"),
        ("https://slack-gov.com/api/", "slack"),
        ("https://hooks.slack.com:443/x", "slack"),
        ("http://slack.com/api/", "elsewhere"),
        ("https://slack.com:8443/api/", "elsewhere"),
        ("https://slack.com.evil.example/api/", "elsewhere"),
        ("https://evilslack.com/api/", "elsewhere"),
        ("https://slack.com@evil.example/api/", "elsewhere"),
        ("https://me:secret@slack.com/api/", "elsewhere"),
        ("http://127.0.0.1:8642/api/", "here"),
        ("http://localhost/api/", "here"),
        ("http://[::1]:9/api/", "here"),
        ("http://127.9.9.9/api/", "here"),
        ("http://0.0.0.0/api/", "elsewhere"),
        ("http://localhost.evil.example/", "elsewhere"),
        ("ftp://localhost/", "elsewhere"),
        ("https://slack.com\n.evil.example/", "elsewhere"),
        ("https://slack.com:port/", "elsewhere"),
        ("", "elsewhere"),
    ],
)
def test_where_an_address_leads(url: str, leads: str) -> None:
    assert address(url) == leads
