"""The log as it is shown: neither a token at any depth, nor what a library's fault quotes."""

import subprocess
import sys
from typing import Literal

import pytest

TOKEN = "xoxb-1-2-" + "abcdefgh"
MESSAGE = "the merger is called Bluebird"
PROGRAM = """
import asyncio, gc, logging, structlog
from bot import logs
from bot.settings import Local

logs.to_stderr(Local(log_format={shape!r}), "info")
TOKEN, MESSAGE = {token!r}, {message!r}
{lines}
"""


def logged(lines: str, shape: Literal["json", "text"]) -> str:
    """What a process of its own logs when it runs these lines, for logging is set up once."""
    code = PROGRAM.format(shape=shape, token=TOKEN, message=MESSAGE, lines=lines)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(sys.path)})
    return run.stderr


OURS = """
log = structlog.get_logger("bot.somewhere")
log.warning("heard", plain=f"with {TOKEN}", deep={"a": [(TOKEN,), {TOKEN: 1}]}, error=KeyError(TOKEN), raw=TOKEN.encode(), count=3)
log.warning(f"heard {TOKEN}")
"""
A_LIBRARY = """
log = logging.getLogger("some.library")
log.warning("sent with %s", {"token": TOKEN})
try:
    raise ValueError(f"cannot read {MESSAGE} of {TOKEN}")
except ValueError as error:
    log.exception("cannot be read")
    log.warning("cannot be read", exc_info=error, stack_info=True)
"""
A_LOST_TASK = """
async def fail():
    raise KeyError(MESSAGE)

async def main():
    task = asyncio.ensure_future(fail())
    await asyncio.wait([task])
    del task
    gc.collect()

asyncio.run(main())
"""


@pytest.mark.parametrize(
    "secret", ["xapp-1-A1-2-" + "abc", "eyJhbGciOiJSUzI1NiJ9." + "eyJhdWQiOiJ4In0.c2lnbmVk", "abc8Q~" + "0123456789.0123456789~_-"]
)
def test_the_secrets_of_both_services_are_known(secret: str) -> None:
    said = logged(f"structlog.get_logger('x').warning('sent', headers=['Bearer {secret}'], url='https://x.example/{secret}')", "json")
    assert secret not in said
    assert said.count("...") == 2


@pytest.mark.parametrize("shape", ["json", "text"])
def test_tokens_are_struck_at_any_depth(shape: Literal["json", "text"]) -> None:
    said = logged(OURS, shape)
    assert said.count("heard") == 2
    assert "count" in said
    assert "abcdefgh" not in said


@pytest.mark.parametrize("shape", ["json", "text"])
def test_of_a_library_s_fault_only_its_kind_is_told(shape: Literal["json", "text"]) -> None:
    said = logged(A_LIBRARY, shape)
    assert "sent with" in said
    assert said.count("cannot be read") == said.count("ValueError") == 2
    assert [secret for secret in ("abcdefgh", MESSAGE, "Traceback", "Stack") if secret in said] == []


@pytest.mark.parametrize("shape", ["json", "text"])
def test_a_task_that_fails_unseen_does_not_tell_what_it_worked_on(shape: Literal["json", "text"]) -> None:
    said = logged(A_LOST_TASK, shape)
    assert "Task exception was never retrieved" in said
    assert "KeyError" in said
    assert MESSAGE not in said
