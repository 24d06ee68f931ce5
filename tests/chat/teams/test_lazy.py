"""The SDK is met only when Teams is used, and reads nothing that is not its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def told(program: str, cwd: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHON_DOTENV_DISABLED", None)
    done = subprocess.run([sys.executable, "-c", program], cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_neither_the_program_nor_the_adapter_imports_the_sdk_before_it_is_used(tmp_path: Path) -> None:
    program = "import sys, bot.app, bot.cli, bot.chat.teams.app, json; print(json.dumps([m.split('.')[0] for m in sys.modules]))"
    assert not {"microsoft_teams", "fastapi", "msal"} & set(json.loads(told(program, tmp_path)))


def test_the_sdk_reads_no_env_file_when_it_is_imported(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CLIENT_ID=from-the-file\nSOMETHING=else\n")
    program = (
        "import os; from bot.chat.teams.sdk import Connector, Identity; Connector(Identity());"
        "print(os.environ.get('CLIENT_ID'), os.environ.get('SOMETHING'), os.environ.get('PYTHON_DOTENV_DISABLED'))"
    )
    assert told(program, tmp_path) == "None None None"


def test_without_the_extra_a_sentence_says_what_to_install(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['microsoft_teams'] = None\n"
        "from bot.chat.teams.sdk import Connector, Identity, TeamsError\n"
        "try: Connector(Identity())\n"
        "except TeamsError as error: print(error)"
    )
    assert "pip install '.[teams]'" in told(program, tmp_path)
