"""Every story, on the brain alone: what is decided, without any chat service."""

import pytest

from bot.core.brain import Brain
from bot.core.rulebook import Rulebook
from tests.core_stage import CoreStage
from tests.stories import Story, play, stories


@pytest.fixture(scope="module")
def brain(rules: Rulebook) -> Brain:
    return Brain(rules)


@pytest.mark.parametrize("story", stories(), ids=lambda story: story.title)
async def test_story(story: Story, brain: Brain) -> None:
    await play(story, CoreStage(brain))
