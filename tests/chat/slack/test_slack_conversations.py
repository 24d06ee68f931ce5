"""Every story at Slack: the real client, the real adapter, the real service and database, over both transports."""

import shutil
from pathlib import Path

import pytest

from bot.core.brain import Brain
from bot.core.rulebook import Rulebook
from bot.store import SqlStore
from tests.chat.slack.stage import Transport, slack_stage
from tests.stories import Story, play, stories


@pytest.fixture(scope="module")
def brain(rules: Rulebook) -> Brain:
    return Brain(rules)


@pytest.fixture(scope="module")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which nothing stands yet. Its tables are made once: Alembic takes longer for them than a story does."""
    path = tmp_path_factory.mktemp("new") / "spellout.sqlite"
    SqlStore.open(f"sqlite:///{path}").close()
    return path


@pytest.mark.parametrize("transport", ["socket", "http"])
@pytest.mark.parametrize("story", stories(), ids=lambda story: story.title)
async def test_story_at_slack(story: Story, transport: Transport, brain: Brain, new_database: Path, tmp_path: Path) -> None:
    database = shutil.copy(new_database, tmp_path)
    async with slack_stage(brain, Path(database), transport) as stage:
        await play(story, stage)
