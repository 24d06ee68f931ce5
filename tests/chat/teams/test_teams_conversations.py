"""Every story at Teams: the SDK and adapter as they are, real tokens, the service and a database; with messages for one person alone, and
in a tenant without them, where that person's own chat is used."""

from pathlib import Path

import pytest

from bot.chat.teams.capabilities import Capabilities
from bot.core.brain import Brain
from bot.core.rulebook import Rulebook
from tests.chat.teams.stage import TeamsStage, teams_stage
from tests.stories import Story, play, stories


@pytest.fixture(scope="module")
def brain(rules: Rulebook) -> Brain:
    return Brain(rules)


def holds(story: Story, *turns: str) -> bool:
    """Whether one of these turns is in the story."""
    return any(key.startswith(turns) for key, _ in story.turns)


PLAYS = [
    *((story, True) for story in stories()),
    *((story, False) for story in stories() if holds(story, "bot whispers", "bot opens")),
]
"""Every story in a tenant with messages for one person alone; those that hold one also in a tenant without them."""


def test_no_story_is_left_out() -> None:
    titles = {story.title for story in stories()}
    assert {story.title for story, targeted in PLAYS if targeted} == titles
    assert len(titles) > 100


def test_what_opens_a_window_elsewhere_is_a_private_card_in_teams_as_declared() -> None:
    assert TeamsStage.opens_windows is Capabilities(targeted=True).windows is False
    assert sum(holds(story, "bot opens") for story in stories()) > 5


@pytest.mark.parametrize(
    ("story", "targeted"), PLAYS, ids=[f"{'targeted' if targeted else 'personal'}: {story.title}" for story, targeted in PLAYS]
)
async def test_story_at_teams(story: Story, targeted: bool, brain: Brain, tmp_path: Path) -> None:
    async with teams_stage(brain, tmp_path / "spellout.sqlite", targeted) as stage:
        await play(story, stage)
