"""The look at the log itself: it finds what is planted, in whatever shape it was logged."""

import json
import logging

import pytest
import structlog
from structlog.testing import capture_logs

from bot.app import manifest
from bot.playground import StandIn
from tests import leaks

SECRET = "the merger is called Bluebird"
_log = structlog.get_logger("bot.somewhere")


@pytest.fixture
def log(log: leaks.Watch) -> leaks.Watch:
    """A watch of its own, so that what these tests leak on purpose does not fail them."""
    log.lines = []
    return log


def found(watch: leaks.Watch) -> bool:
    """Whether there is something; what there was is forgotten."""
    there = bool(watch.found())
    watch.lines.clear()
    return there


@pytest.mark.parametrize(
    "leak",
    [
        lambda: _log.debug(f"heard {SECRET}"),
        lambda: _log.info("heard", text=SECRET),
        lambda: _log.bind(where={"deep": [SECRET]}).warning("heard"),
        lambda: _log.info("heard", error=KeyError(SECRET)),
        lambda: logging.getLogger("some.library").debug("request: %s", {"text": SECRET}),
        lambda: _log.info("connected", with_token="xoxb-1-2-abcdef"),
    ],
    ids=["event", "value", "bound", "exception", "library", "token"],
)
def test_whatever_is_logged_is_found(log: leaks.Watch, leak: object) -> None:
    log.plant(SECRET)
    assert callable(leak)
    leak()
    assert found(log)


def test_what_a_test_captures_is_found_too(log: leaks.Watch) -> None:
    log.plant(SECRET)
    with capture_logs():
        _log.info("heard", text=SECRET)
    assert found(log)


def test_what_another_process_logs_is_found(log: leaks.Watch) -> None:
    log.plant('She said "Bluebird" … twice')
    log.note_output(json.dumps({"event": "heard", "text": 'She said "Bluebird" … twice'}) + "\n")
    assert found(log)


async def test_what_people_write_and_what_the_stand_in_gives_out_is_planted(log: leaks.Watch) -> None:
    async with StandIn(manifest()) as slack:
        slack.dispatcher.event({"event": {"text": "Is Bluebird an RPO?"}})
        await slack.dispatcher.stop()
        for secret in (slack.bot_token, slack.app_token, slack.signing_secret):
            _log.info("heard", secret=secret)
            assert found(log)


def test_an_ordinary_line_is_left_alone(log: leaks.Watch) -> None:
    log.plant(SECRET, "why", "a lot")
    _log.info("heard", reason="why", replies=1, marks=("Ev1",), conversation="slack:T1:C1:1.0")
    assert not found(log)
