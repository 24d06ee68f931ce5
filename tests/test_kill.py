"""kill -9 of the whole program in the middle of a dialogue: nothing is lost, nothing is said twice."""

from functools import partial
from pathlib import Path
from typing import Literal

import pytest

from bot.app import manifest
from bot.playground import Patience, StandIn
from bot.playground.workspace import Message
from tests.test_app import heard, serving, settings

CHANNEL = "vendor-contracts"
Moment = Literal["acknowledged", "posted"]


def told(slack: StandIn, head: Message) -> list[str]:
    """What the bot's messages in the thread say now."""
    return [str(message["text"]) for message in slack.said(CHANNEL, head.ts)]


@pytest.mark.parametrize("moment", ["acknowledged", "posted"])
async def test_a_dialogue_goes_on_after_a_kill_at_any_step(tmp_path: Path, moment: Moment) -> None:
    """Every step is killed as soon as Slack has its acknowledgement, or as soon as its reply stands there, and started again."""
    async with StandIn(manifest(), patience=Patience(retry_after=(0.05, 0.1, 0.2))) as slack:
        environment = settings(slack, tmp_path, SLACK_APP_TOKEN=slack.app_token)
        head: Message | None = None
        for step, line in enumerate(["@Spellout help me choose", "a lot", "a degree"], start=1):
            async with serving(tmp_path, environment) as program:
                await heard(program)
                if head is not None:
                    await settled(slack, head, step - 1)
                said = await slack.people.say("maya", CHANNEL, line, thread=head)
                head = head or said
                if moment == "acknowledged":
                    await slack.until(partial(acknowledged, slack, said))
                else:
                    await slack.until(partial(posted, slack, head, step))
                program.kill()
                await program.wait()
        assert head is not None
        async with serving(tmp_path, environment) as program:
            await heard(program)
            await settled(slack, head, 3)
            replies = told(slack, head)
    assert len(replies) == 3, replies
    assert [text[:6] for text in replies[2:]] == ["3 of 4"]
    assert "A lot" in replies[0]
    assert "degree" in replies[1]


def acknowledged(slack: StandIn, said: Message) -> bool:
    deliveries = [each for each in slack.dispatcher.delivered if each.answer.ok]
    return any(each.attempt.payload.get("event", {}).get("ts") == said.ts for each in deliveries)


def posted(slack: StandIn, head: Message, replies: int) -> bool:
    return len(told(slack, head)) >= replies


async def settled(slack: StandIn, head: Message, questions: int) -> None:
    """The last question stands in the thread, and the ones before have shrunk to their answers."""

    def look() -> bool:
        replies = told(slack, head)
        return len(replies) >= questions and [text[:6] for text in replies if " of 4" in text[:6]] == [f"{questions} of 4"]

    await slack.until(look)
