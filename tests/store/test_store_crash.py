"""kill -9 at any moment: after the restart every thread goes on where it was, and every reply that was due is sent.

The one known window: a process that dies after the chat service has shown a message and before it could note so shows it once more.
"""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from bot.store.outbox import LEASE_SECONDS
from tests.store.deciders import terms_noted
from tests.store.doomed import __file__ as doomed
from tests.store.doomed import said, service

KILLED = -9


@pytest.fixture
def ahead(url: str) -> int:
    """How much later the next start comes: where others may share the database, the leases of the killed process must have ended."""
    return 0 if url.startswith("sqlite") else LEASE_SECONDS + 1


def run(folder: Path, url: str, moment: str, events: int, kill_after: int | None = None) -> list[int]:
    """Run the process until it is killed; the events that it had taken by then."""
    command = [sys.executable, doomed, str(folder), url, moment, str(events)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={"PYTHONPATH": ":".join(sys.path)}
    ) as process:
        assert process.stdout is not None
        taken = []
        for line in process.stdout:
            taken.append(int(line))
            if len(taken) == kill_after:
                process.kill()
    assert process.returncode == KILLED
    return taken


async def restart(folder: Path, url: str, ahead: int) -> None:
    """Start again on the same files and let everything come to rest."""
    again, store = service(folder, url, ahead=ahead)
    await again.start()
    await again.idle()
    await again.stop()
    store.close()


def posted(folder: Path) -> list[str]:
    path = folder / "posted"
    return path.read_text(encoding="utf-8").split() if path.exists() else []


async def test_killed_after_saving_and_before_sending(tmp_path: Path, url: str, ahead: int) -> None:
    assert run(tmp_path, url, "before sending", 4) == [0, 1, 2, 3]
    assert posted(tmp_path) == []
    await restart(tmp_path, url, ahead)
    assert sorted(posted(tmp_path)) == ["0", "1", "2", "3"]


async def test_killed_while_sending_the_next_start_need_not_wait(tmp_path: Path, url: str, ahead: int) -> None:
    run(tmp_path, url, "before posting", 1)
    await restart(tmp_path, url, ahead)
    assert posted(tmp_path) == ["0"]


async def test_killed_between_posting_and_noting_it_posts_once_more_and_no_more(tmp_path: Path, url: str, ahead: int) -> None:
    run(tmp_path, url, "after posting", 1)
    assert posted(tmp_path) == ["0"]
    await restart(tmp_path, url, ahead)
    await restart(tmp_path, url, ahead)
    assert posted(tmp_path) == ["0", "0"]


async def test_killed_in_the_middle_of_a_step_the_event_was_never_taken(tmp_path: Path, url: str, ahead: int) -> None:
    assert run(tmp_path, url, "while saving", 1) == []
    again, store = service(tmp_path, url, ahead=ahead)
    await again.start()
    assert (await again.hear(said(0))).new  # the chat service delivers it again
    await again.idle()
    await again.stop()
    store.close()
    assert posted(tmp_path) == ["0"]


@pytest.mark.parametrize("moment", [1, 7, 23, 60])
async def test_killed_at_any_moment_nothing_that_was_taken_is_lost(tmp_path: Path, url: str, ahead: int, moment: int) -> None:
    taken = run(tmp_path, url, "", 100_000, kill_after=moment)
    assert len(taken) >= moment
    again, store = service(tmp_path, url, ahead=ahead)
    await again.start()
    delivered_again = [await again.hear(said(number)) for number in range(len(taken) + 1)]
    await again.idle()
    await again.stop()

    assert not any(stepped.new for stepped in delivered_again[:-1])
    times = Counter(posted(tmp_path))
    answered = {str(number) for number in range(len(taken) + 1)}
    assert set(times) == answered
    assert sum(times.values()) - len(times) <= 3, "only the replies on their way when the process died may be repeated, one a conversation"
    for first in range(3):
        mine = [number for number in range(len(taken) + 1) if number % 3 == first]
        in_order = list(dict.fromkeys(number for number in posted(tmp_path) if int(number) % 3 == first))
        assert in_order[: len(mine)] == [str(number) for number in mine]
        assert {str(number) for number in mine} <= terms_noted(store, said(first).place)
    store.close()
