"""Bad days from end to end: the real client, adapter, service, rules and database; each fault leads to one reply, no more and no fewer."""

import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.chat.slack.app import Pace as Patience
from bot.core.brain import Brain
from bot.core.rulebook import Rulebook
from bot.pacing import Pace
from bot.playground import StandIn
from bot.playground.workspace import Channel, Message
from bot.service import Service
from bot.store import SqlStore
from tests.chat.slack.conftest import CHANNEL, Connected, connect
from tests.postgres import Postgres
from tests.service_stage import Clock

QUESTION = "@Spellout what is KPO?"
ELSEWHERE = "elsewhere"


@dataclass
class House:
    """Spellout as a whole, over signed HTTP, with a clock that obeys."""

    at: Connected
    service: Service
    store: SqlStore
    clock: Clock
    logs: list[dict[str, object]] = field(default_factory=list)

    @property
    def slack(self) -> StandIn:
        return self.at.slack

    async def rest(self) -> None:
        """Everything delivered is heard, and everything due is sent or put off."""
        await self.at.rest()
        await self.service.idle()
        await self.slack.settled(timeout=20)

    async def ask(self, channel: str = CHANNEL, words: str = QUESTION) -> Message:
        """Somebody asks, and what happens at once has happened."""
        message = await self.slack.people.say("maya", channel, words)
        await self.rest()
        return message

    async def later(self, seconds: float) -> None:
        """Time passes."""
        self.clock.now += seconds
        await self.rest()

    def logged(self, event: str, what: str = "why") -> list[object]:
        """What the log says of this, each time."""
        return [line.get(what, "") for line in self.logs if line["event"] == event]

    def answers(self, message: Message) -> list[str]:
        """What the bot said in its thread, by the first words."""
        return [str(said["text"])[:29] for said in self.slack.said(message.channel, message.ts)]


ANSWER = ["Knowledge process outsourcing"]


@asynccontextmanager
async def house(slack: StandIn, database: str, brain: Brain, one_attempt: float = 30) -> AsyncIterator[House]:
    """Spellout as `spellout serve` makes it."""
    space = slack.workspace
    space.add(Channel("C0ELSE", ELSEWHERE, "public", {*space.channel(CHANNEL).members}))
    clock = Clock()
    clock.now = math.floor(time.time())
    store = SqlStore.open(database)

    async def pause(seconds: float) -> None:
        """No time passes."""

    async with connect(slack, "http", pace=Patience(store=(0, 0), pause=pause)) as at:
        pace = Pace(apart=1, one_attempt=one_attempt, store_pause=0)
        service = Service(store, at.chat.sender, brain, clock=clock, pace=pace)
        at.notes.then = service.hear
        await service.start()
        with capture_logs() as logs:
            yield House(at, service, store, clock, logs)  # type: ignore[arg-type]  # structlog's own kind of mapping
        await service.stop(1)
    store.close()


@pytest.fixture(scope="module")
def brain(rules: Rulebook) -> Brain:
    return Brain(rules)


@pytest.fixture
async def home(slack: StandIn, tmp_path: Path, brain: Brain) -> AsyncIterator[House]:
    async with house(slack, f"sqlite:///{tmp_path}/spellout.sqlite", brain) as it:
        yield it


# --------------------------------------------------------------------------- Slack is busy, broken or away


async def test_told_to_wait_it_waits_so_long_and_answers_elsewhere_meanwhile(home: House) -> None:
    home.slack.faults.refuse("chat.postMessage", status=429, retry_after=30)
    waiting = await home.ask()
    elsewhere = await home.ask(ELSEWHERE)
    assert (home.answers(waiting), home.answers(elsewhere)) == ([], ANSWER)
    await home.later(29)
    assert home.answers(waiting) == []
    await home.later(1)
    assert home.answers(waiting) == ANSWER
    assert home.slack.faults.made("conversations.replies") == [], "what Slack refused need not be looked up"


async def test_a_whole_workspace_that_is_told_to_wait_is_left_alone(home: House) -> None:
    home.slack.faults.refuse("chat.postMessage", times=2, status=429, retry_after=30)
    asked = [await home.ask(), await home.ask(ELSEWHERE), await home.ask("@")]
    assert len(home.slack.faults.made("chat.postMessage")) == 2
    for _ in range(3):
        await home.later(30)
    assert [home.answers(message) for message in asked[:2]] == [ANSWER, ANSWER]
    assert len(home.slack.faults.made("chat.postMessage")) == 5


async def test_ten_questions_in_one_channel_are_answered_a_second_apart_and_in_order(home: House) -> None:
    asked = [await home.slack.people.say("maya", CHANNEL, QUESTION) for _ in range(10)]
    elsewhere = await home.ask(ELSEWHERE)
    for answered in range(1, 11):
        assert [bool(home.answers(each)) for each in asked] == [number < answered for number in range(10)]
        assert home.answers(elsewhere) == ANSWER
        await home.later(1)


@pytest.mark.parametrize(
    "happen",
    [
        pytest.param(lambda slack: slack.faults.refuse("chat.postMessage", status=500), id="500"),
        pytest.param(lambda slack: slack.faults.refuse("chat.postMessage", status=503), id="503"),
        pytest.param(lambda slack: slack.faults.error("chat.postMessage", "internal_error"), id="internal error"),
        pytest.param(lambda slack: slack.faults.drop("chat.postMessage"), id="reset before the post"),
        pytest.param(lambda slack: slack.faults.lose_answer("chat.postMessage"), id="reset after the post"),
    ],
)
async def test_after_trouble_there_is_one_answer(home: House, happen: Callable[[StandIn], None]) -> None:
    happen(home.slack)
    message = await home.ask()
    for _ in range(3):
        await home.later(60)
    assert home.answers(message) == ANSWER
    assert home.slack.faults.made("conversations.replies"), "what may have arrived was not looked up"


async def test_an_answer_that_takes_too_long_and_arrives_late_is_not_given_twice(slack: StandIn, tmp_path: Path, brain: Brain) -> None:
    async with house(slack, f"sqlite:///{tmp_path}/spellout.sqlite", brain, one_attempt=0.05) as home:
        hold = slack.faults.hold("chat.postMessage")
        message = await slack.people.say("maya", CHANNEL, QUESTION)
        await hold.reached.wait()
        await home.service.idle()
        assert home.logged("reply_postponed") == ["time-out"]
        hold.release()
        await slack.until(lambda: home.answers(message))
        await home.later(60)
        assert home.answers(message) == ANSWER
        assert home.logged("found_posted")


# --------------------------------------------------------------------------- what people with rights do


async def test_while_the_token_is_revoked_replies_wait_for_it(home: House) -> None:
    home.slack.tokens.revoked.add(home.slack.bot_token)
    message = await home.ask()
    await home.later(60)
    assert home.answers(message) == []
    assert home.logged("slack_refuses_the_token", "code") == ["token_revoked"] * 2
    home.slack.tokens.revoked.clear()
    await home.later(60)
    assert home.answers(message) == ANSWER


@pytest.mark.parametrize("code", ["is_archived", "not_in_channel", "channel_not_found", "restricted_action"])
async def test_where_it_may_not_speak_any_more_the_reply_is_dropped_and_the_reason_told(home: House, code: str) -> None:
    home.slack.faults.error("chat.postMessage", code)
    refused = await home.ask()
    await home.later(60)
    assert home.answers(refused) == []
    assert home.logged("reply_refused") == [code]
    again = await home.ask()
    assert home.answers(again) == ANSWER


async def test_the_bot_that_was_removed_tells_the_one_who_asked_by_a_command(home: House) -> None:
    home.slack.workspace.channel(CHANNEL).members.discard(home.slack.workspace.bot.id)
    await home.slack.people.command("maya", CHANNEL, "/spellout help me choose")
    await home.rest()
    assert [whisper.text for whisper in home.slack.workspace.whispers("U0MAYA")] == ["Invite me first."]
    assert home.logged("reply_refused") == ["not_in_channel"]


async def test_a_question_of_ours_that_somebody_deleted_is_answered_below(home: House) -> None:
    message = await home.ask(words="@Spellout help me choose")
    (asked,) = home.slack.workspace.replies(message.channel, message.ts)
    home.slack.workspace.remove(asked)
    await home.slack.people.say("maya", CHANNEL, "a lot", thread=message)
    for _ in range(3):
        await home.later(1)
    assert [text[:8] for text in home.answers(message)] == ["1 · Spec", "2 of 4  "]


async def test_a_command_whose_address_for_answers_has_expired_is_answered_by_a_whisper(home: House) -> None:
    home.slack.faults.refuse("response_url", status=404)
    await home.slack.people.command("maya", CHANNEL, "/spellout KPO")
    await home.rest()
    (whisper,) = home.slack.workspace.whispers("U0MAYA")
    assert whisper.text.startswith(ANSWER[0])
    assert len(home.slack.faults.made("chat.postEphemeral")) == 1


# --------------------------------------------------------------------------- the database


def fill_the_disk(store: SqlStore) -> None:
    """SQLite then behaves as on a full disk: it gets no more pages, and the one for the marks of deliveries has no room left."""
    with store.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {connection.exec_driver_sql('PRAGMA page_count').scalar_one()}")
    for size in (1000, 100, 10):
        with suppress(OperationalError):
            for number in count():
                with store.engine.begin() as connection:
                    connection.exec_driver_sql("INSERT INTO marks (mark, at) VALUES (?, 0)", (f"{number:0{size}}",))


async def test_on_a_full_disk_nothing_is_acknowledged_and_everything_comes_later(home: House) -> None:
    fill_the_disk(home.store)
    message = await home.slack.people.say("maya", CHANNEL, QUESTION)
    await home.at.rest()
    assert home.answers(message) == []
    assert set(home.at.tries) == {False}, "what could not be saved was acknowledged"
    with home.store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    home.slack.dispatcher.event(home.slack.dispatcher.delivered[0].attempt.payload)
    await home.rest()
    assert home.answers(message) == ANSWER
    assert home.at.tries[-1]


async def test_a_postgresql_that_is_restarted_in_the_middle_costs_no_answer_and_doubles_none(
    slack: StandIn, postgres: Postgres, brain: Brain
) -> None:
    async with house(slack, postgres.database(), brain) as home:
        hold = slack.faults.hold("chat.postMessage")
        before = await slack.people.say("maya", CHANNEL, QUESTION)
        await hold.reached.wait()
        postgres.kill()
        hold.release()
        during = await slack.people.say("maya", ELSEWHERE, QUESTION)
        await home.at.rest()
        tries = [each.answer.ok for each in slack.dispatcher.delivered if each.attempt.payload["event"]["ts"] == during.ts]
        assert set(tries) == {False}, "what could not be saved was acknowledged"
        postgres.start()
        slack.dispatcher.event(slack.dispatcher.delivered[-1].attempt.payload)
        for _ in range(3):
            await home.later(1)
        assert (home.answers(before), home.answers(during)) == (ANSWER, ANSWER)
