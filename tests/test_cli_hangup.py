"""SIGHUP asks for the rules anew; whenever it comes, it never ends `spellout serve`."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

STARTS = """
import os, signal, sys
from bot import cli

class WhileItStarts:
    def find_spec(self, name, path, target=None):
        if name == "bot.app":
            print("hangup", flush=True)
            os.kill(os.getpid(), signal.SIGHUP)

signal.signal(signal.SIGHUP, signal.SIG_DFL)
sys.meta_path.insert(0, WhileItStarts())
sys.exit(cli.run(["serve"]))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there is no such signal here")
def test_a_hangup_while_it_starts_does_not_end_it(tmp_path: Path) -> None:
    """It gets as far as the database, which cannot be used."""
    (tmp_path / "bad.sqlite").write_bytes(b"this is no database at all, only text" * 100)
    environment = {
        "SLACK_BOT_TOKEN": "xoxb-1-2-x",
        "SLACK_APP_TOKEN": "xapp-1-2-x",
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
        "SPELLOUT_DATABASE_URL": f"sqlite:///{tmp_path}/bad.sqlite",
        "PYTHONPATH": ":".join(sys.path),
    }
    run = subprocess.run([sys.executable, "-c", STARTS], capture_output=True, text=True, check=False, env=environment, cwd=tmp_path)
    assert run.stdout == "hangup\n"
    assert run.returncode == 1, run.stderr
    assert "bad.sqlite" in run.stderr.splitlines()[-1]
