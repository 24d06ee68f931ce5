"""Every story at Slack: the real client, the real adapter, the real service and database, over both transports."""

from pathlib import Path

import pytest

from bot.core.brain import Brain
from bot.core.rulebook import Rulebook
from tests.chat.slack.stage import Transport, slack_stage
from tests.stories import Story, play, stories


@pytest.fixture(scope="module")
def brain(rules: Rulebook) -> Brain:
    return Brain(rules)


@pytest.mark.parametrize("transport", ["socket", "http"])
@pytest.mark.parametrize("story", stories(), ids=lambda story: story.title)
async def test_story_at_slack(story: Story, transport: Transport, brain: Brain, tmp_path: Path) -> None:
    async with slack_stage(brain, tmp_path / "spellout.sqlite", transport) as stage:
        await play(story, stage)
