"""Every story at Teams: the SDK and adapter as they are, real tokens, the service and a database; with messages for one person alone, and
in a tenant without them, where that person's own chat is used."""

from pathlib import Path

import pytest

from bot.core.brain import Brain
from bot.core.rulebook import Rulebook
from tests.chat.teams.stage import teams_stage
from tests.stories import Story, play, stories

EXCLUDED: dict[str, str] = {}


@pytest.fixture(scope="module")
def brain(rules: Rulebook) -> Brain:
    return Brain(rules)


def plays() -> list[object]:
    """Every story in a tenant with private messages; those that hold a private message also in one without."""
    private = [story for story in stories() if any(key.startswith(("bot whispers", "bot opens")) for key, _ in story.turns)]
    return [
        *(pytest.param(story, True, id=f"targeted: {story.title}") for story in stories()),
        *(pytest.param(story, False, id=f"personal: {story.title}") for story in private),
    ]


@pytest.mark.parametrize(("story", "targeted"), plays())
async def test_story_at_teams(story: Story, targeted: bool, brain: Brain, tmp_path: Path) -> None:
    async with teams_stage(brain, tmp_path / "spellout.sqlite", targeted) as stage:
        await play(story, stage)
