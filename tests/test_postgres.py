"""The PostgreSQL of the tests leaves nothing behind, whatever becomes of the tests."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.postgres import Postgres

HOLD = """
import sys
from tests.postgres import running
with running() as server:
    print(server.folder, server.pid, flush=True)
    sys.stdin.read()
"""


def test_a_killed_test_run_leaves_no_server_and_no_folder() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": ":".join(sys.path)}
    ) as run:
        assert run.stdout is not None
        folder, pid = run.stdout.readline().split()
        assert Path(folder).exists()
        run.kill()
    soon = time.monotonic() + 60
    while Path(folder).exists() and time.monotonic() < soon:
        os.sched_yield()
    assert not Path(folder).exists()
    assert not alive(int(pid))


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has asked for does not."""
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "State:\tZ" not in status.read_text()


def test_every_test_has_tables_of_its_own(postgres: Postgres) -> None:
    one, other = postgres.database(), postgres.database()
    postgres.ask("INSERT INTO marks VALUES ('m', 1)", url=one)

    assert postgres.ask("SELECT * FROM marks", url=one) == [("m", 1)]
    assert postgres.ask("SELECT * FROM marks", url=other) == []


def test_a_killed_server_keeps_what_was_committed(postgres: Postgres) -> None:
    url = postgres.database()
    postgres.ask("INSERT INTO marks VALUES ('m', 1)", url=url)
    postgres.restart()

    assert postgres.ask("SELECT * FROM marks", url=url) == [("m", 1)]
