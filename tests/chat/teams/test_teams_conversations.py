"""Every story at Teams: the SDK and adapter as they are, real tokens, the service and a database; with messages for one person alone, and
in a tenant without them, where that person's own chat is used."""

from pathlib import Path

import pytest

from bot.chat.teams.capabilities import Capabilities
from bot.core.brain import Brain
from bot.core.rulebook import Rulebook
from tests.chat.teams.stage import TeamsStage, teams_stage
from tests.stories import Story, play, stories

EXCLUDED: dict[str, str] = {}
"""Stories that Teams cannot tell, each with the capability it would take: none."""


@pytest.fixture(scope="module")
def brain(rules: Rulebook) -> Brain:
    return Brain(rules)


def plays() -> list[object]:
    """Every story in a tenant with private messages; those that hold a private message also in one without."""
    return [
        *(told(story, True, f"targeted: {story.title}") for story in stories()),
        *(told(story, False, f"personal: {story.title}") for story in stories() if holds(story, "bot whispers", "bot opens")),
    ]


def told(story: Story, targeted: bool, name: str) -> object:
    """The story, or why it cannot be told."""
    lacking = EXCLUDED.get(story.title)
    return pytest.param(story, targeted, id=name, marks=[pytest.mark.skip(reason=f"Teams lacks: {lacking}")] if lacking else [])


def holds(story: Story, *turns: str) -> bool:
    """Whether one of these turns is in the story."""
    return any(key.startswith(turns) for key, _ in story.turns)


def test_no_story_is_left_out_but_for_what_teams_is_declared_to_lack() -> None:
    declared = Capabilities(targeted=True)
    titles = {story.title for story in stories()}
    assert set(EXCLUDED) <= titles
    assert [name for name in EXCLUDED.values() if getattr(declared, name)] == []
    assert len(titles) - len(EXCLUDED) > 100


def test_what_opens_a_window_elsewhere_is_a_private_card_in_teams_as_declared() -> None:
    assert TeamsStage.opens_windows is Capabilities(targeted=True).windows is False
    assert sum(holds(story, "bot opens") for story in stories()) > 5


@pytest.mark.parametrize(("story", "targeted"), plays())
async def test_story_at_teams(story: Story, targeted: bool, brain: Brain, tmp_path: Path) -> None:
    async with teams_stage(brain, tmp_path / "spellout.sqlite", targeted) as stage:
        await play(story, stage)
