"""What is counted: everything that is heard, decided and sent, and never who or where."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.brain import Brain
from bot.core.memory import Memory
from bot.core.messages import Commanded, Event, Place, Pressed, Reply, Said
from bot.core.rulebook import Rulebook
from bot.core.turn import Decision
from bot.metrics import Metrics
from bot.ports import Refused, TryLater
from tests.service_stage import Stage, echo, said


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def listing(metrics: Metrics) -> str:
    return metrics.shown()[0].decode()


def test_what_was_not_heard_yet_is_counted_as_none() -> None:
    assert 'spellout_events_total{kind="said"} 0.0' in listing(Metrics())


async def test_events_are_counted_by_kind_and_their_repetitions_apart(stage: Stage) -> None:
    async with stage.running() as service:
        await service.hear(said("hello", event="Ev1"))
        await service.hear(said("hello", event="Ev1"))
        await service.hear(Pressed(Place("chat", "T1", "C1", "1.0"), "U1", "yes", ("p1",)))
        await service.idle()
    assert (stage.counted("events_total", kind="said"), stage.counted("events_total", kind="pressed")) == (2, 1)
    assert stage.counted("events_repeated_total") == 1


async def test_replies_are_counted_by_where_they_are_seen_and_timed_from_the_event_on(stage: Stage) -> None:
    stage.chat.answers["one"] = [TryLater("ratelimited", seconds=20)]
    async with stage.running() as service:
        await service.hear(said("one two"))
        await service.hear(Commanded(Place("chat", "T1", "C1", "new-1"), "U1", "help", ("c1",)))
        await service.idle()
        stage.clock.now += 20
        await service.idle()
    assert (stage.counted("replies_total", surface="thread"), stage.counted("replies_total", surface="whisper")) == (2, 1)
    assert (stage.counted("reply_seconds_count"), stage.counted("reply_seconds_sum")) == (3, 40)
    assert stage.counted("replies_postponed_total") == 1
    assert stage.counted("hear_seconds_count") == 2


async def test_what_another_process_heard_is_timed_by_its_row(stage: Stage) -> None:
    stage.chat.answers["one"] = [TryLater("internal_error", seconds=30)]
    async with stage.running() as service:
        await service.hear(said("one"))
        await service.idle()
    stage.metrics = Metrics(stage.clock)
    async with stage.running() as service:
        stage.clock.now += 30
        await service.idle()
    assert (stage.counted("reply_seconds_count"), stage.counted("reply_seconds_sum")) == (1, 30)


async def test_a_reply_that_will_never_be_sent_is_counted_as_dropped(stage: Stage) -> None:
    stage.chat.answers["one"] = [Refused("is_archived")]
    async with stage.running() as service:
        await service.hear(said("one two"))
        await service.idle()
    assert (stage.counted("replies_dropped_total"), stage.counted("replies_total", surface="thread")) == (1, 1)


async def test_silence_is_counted_by_its_reason(stage: Stage) -> None:
    def fall_silent(event: Event, place: Place, memory: Memory, now: int) -> Decision:
        return Decision(memory, (), "said lately")

    stage.decide = fall_silent
    stage.concerns = lambda event: isinstance(event, Said) and event.text != "lunch?"
    async with stage.running() as service:
        await service.hear(said("lunch?"))
        await service.hear(said("RPO"))
    assert (stage.counted("silences_total", reason="no concern"), stage.counted("silences_total", reason="said lately")) == (1, 1)


async def test_what_is_ignored_unheard_is_counted_as_if_it_had_been_heard(stage: Stage) -> None:
    stage.concerns = lambda event: False
    async with stage.running() as service:
        assert service.ignores(said("lunch?"))
        await service.hear(said("lunch?", event="Ev2"))
    assert stage.counted("events_total", kind="said") == 2
    assert stage.counted("silences_total", reason="no concern") == 2


async def test_what_is_ignored_is_counted_by_its_kind_and_by_why(stage: Stage) -> None:
    stage.depends = lambda event: True
    async with stage.running() as service:
        await service.hear(said("2"))
        await service.hear(Pressed(said("").place, "U1", "stop", ("p1",)))
        stage.metrics.ignored(said("lunch?"), "no concern")
    assert [stage.counted("events_total", kind=kind) for kind in ("said", "pressed")] == [2, 1]
    assert [stage.counted("silences_total", reason=reason) for reason in ("nothing remembered", "no concern")] == [2, 1]


async def test_windows_are_counted_when_they_are_to_open(stage: Stage) -> None:
    stage.decide = lambda event, place, memory, now: replace(
        echo(event, place, memory, now), replies=(Reply((), "settings", surface="window", to="U1"),)
    )
    async with stage.running() as service:
        await service.hear(said("settings"))
    assert stage.counted("replies_total", surface="window") == 1


async def test_an_event_that_the_rules_fail_on_is_counted(stage: Stage) -> None:
    def fail(event: Event, place: Place, memory: Memory, now: int) -> Decision:
        raise KeyError

    stage.decide = fail
    async with stage.running() as service:
        await service.hear(said("hello"))
    assert stage.counted("events_failed_total") == 1


async def test_questions_corrections_and_the_steps_of_a_dialogue_are_counted(stage: Stage, rules: Rulebook) -> None:
    """The whole story with the real rules: asked, answered, corrected, four questions, a result."""
    stage.decide = Brain(rules).decide
    here = Place("chat", "T1", "C1", "1.0")
    presses = ["mean:RPO:recruitment_process_outsourcing", "reopen:RPO", "mean:RPO:research_process_outsourcing", "choose:RPO"]
    async with stage.running() as service:
        await service.hear(said("Should we bring in an RPO for the Q3 push?"))
        for number, choice in enumerate(presses):
            await service.hear(Pressed(here, "U1", choice, (f"p{number}",)))
        for number, answer in enumerate(["a lot", "a degree", "an expert reads much of it", "stop"]):
            await service.hear(Said(here, "U1", answer, (f"a{number}",), reply=True))
        await service.idle()
    assert (stage.counted("asks_total"), stage.counted("corrections_total")) == (1, 1)
    steps = {step: stage.counted("dialogue_steps_total", step=step) for step in ("started", "asked", "answered", "stopped")}
    assert steps["started"] == steps["stopped"] == 1
    assert steps["asked"] >= 3
    assert steps["answered"] >= 2


async def test_the_outbox_tells_its_depth_and_its_oldest_row(stage: Stage) -> None:
    stage.chat.answers["one"] = [TryLater("ratelimited", seconds=60)]
    async with stage.running() as service:
        assert await service.backlog() == 0
        assert stage.counted("outbox_oldest_seconds") == 0
        await service.hear(said("one two three"))
        await service.idle()
        stage.clock.now += 50
        assert await service.backlog() == 3
    assert (stage.counted("outbox_depth"), stage.counted("outbox_oldest_seconds")) == (3, 50)


async def test_no_label_names_a_team_a_channel_or_a_person(stage: Stage) -> None:
    async with stage.running() as service:
        await service.hear(Said(Place("chat", "T0TEAM", "C0CHANNEL", "1.0"), "U0PERSON", "one two", ("e1",)))
        await service.idle()
    assert [name for name in ("T0TEAM", "C0CHANNEL", "U0PERSON", "1.0:") if name in listing(stage.metrics)] == []


def test_what_the_world_calls_its_errors_cannot_grow_the_labels() -> None:
    metrics = Metrics()
    metrics.slack_error("ratelimited")
    metrics.slack_error("ClientConnectorError")
    metrics.slack_error('"}\nspellout_forged 1')
    for number in range(200):
        metrics.slack_error(f"error_{number}")
    kinds = [line for line in listing(metrics).splitlines() if line.startswith("spellout_slack_errors_total{")]
    assert 'spellout_slack_errors_total{kind="client_connector_error"} 1.0' in kinds
    assert len(kinds) <= 61
    assert "forged" not in listing(metrics)


def test_only_one_version_of_the_rules_is_in_use() -> None:
    metrics = Metrics()
    metrics.rules("abc")
    metrics.rules("def")
    assert [line for line in listing(metrics).splitlines() if line.startswith("spellout_rules_info{")] == [
        'spellout_rules_info{version="def"} 1.0'
    ]


def test_two_of_them_share_nothing() -> None:
    one, other = Metrics(), Metrics()
    one.slack_error("ratelimited")
    assert "ratelimited" not in listing(other)
