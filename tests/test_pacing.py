"""A channel gets about one new message a second, and who is asked to wait, waits; all others are answered at once."""

from pathlib import Path

import pytest

from bot.core.memory import Memory
from bot.core.messages import Event, Place, Reply, Said
from bot.core.turn import Decision
from bot.pacing import Pace, Pacing
from bot.ports import Outgoing, TryLater
from tests.service_stage import Stage

PACED = Pace(store_pause=0, apart=1)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def said(text: str, channel: str, thread: str = "1.0", team: str = "T1") -> Said:
    return Said(Place("chat", team, channel, thread), "U1", text, (f"{team}/{channel}/{thread}/{text}",))


async def test_a_burst_in_one_channel_comes_spaced_and_in_order_and_holds_up_no_other_channel(stage: Stage) -> None:
    burst = [f"word{number}" for number in range(10)]
    async with stage.running(PACED) as service:
        for number, word in enumerate(burst):
            await service.hear(said(word, "C1", thread=f"{number}.0"))
        await service.hear(said("elsewhere", "C2"))
        await service.idle()
        assert sorted(stage.chat.shown) == ["elsewhere", "word0"]
        for second in range(1, 10):
            stage.clock.now += 0.5
            await service.idle()
            assert len(stage.chat.shown) == second + 1, "earlier than a second after the one before"
            stage.clock.now += 0.5
            await service.idle()
            assert len(stage.chat.shown) == second + 2
    assert [word for word in stage.chat.shown if word != "elsewhere"] == burst


async def test_what_waits_in_a_full_channel_takes_no_other_channels_place(stage: Stage) -> None:
    async with stage.running(Pace(store_pause=0, apart=1, at_once=2)) as service:
        for number in range(10):
            await service.hear(said(f"word{number}", "C1", thread=f"{number}.0"))
        await service.hear(said("elsewhere", "C2"))
        await stage.chat.has_shown(2)
    assert "elsewhere" in stage.chat.shown


async def test_the_next_message_comes_by_itself_when_the_second_is_over(stage: Stage) -> None:
    async with stage.running(Pace(store_pause=0, apart=0.05)) as service:
        await service.hear(said("one", "C1", thread="1.0"))
        await service.hear(said("two", "C1", thread="2.0"))
        await stage.chat.has_shown(1)
        stage.clock.now += 0.05
        await stage.chat.has_shown(2)
    assert stage.chat.shown == ["one", "two"]


async def test_a_replacement_need_not_wait_for_the_channel(stage: Stage) -> None:
    def decide(event: Event, place: Place, memory: Memory, now: int) -> Decision:
        return Decision(memory, tuple(Reply((), word, slot="question") for word in str(getattr(event, "text", "")).split()), "asked")

    stage.decide = decide
    async with stage.running(PACED) as service:
        await service.hear(said("asked answered", "C1"))
        await service.idle()
    assert stage.chat.shown == ["asked", "answered"]
    assert [outgoing.anew for outgoing in stage.chat.outgoing] == [True, False]


async def test_a_channel_that_is_asked_to_wait_waits_and_the_others_do_not(stage: Stage) -> None:
    stage.chat.answers["one"] = [TryLater("ratelimited", seconds=20)]
    async with stage.running(PACED) as service:
        await service.hear(said("one", "C1", thread="1.0"))
        await service.idle()
        await service.hear(said("behind", "C1", thread="2.0"))
        await service.hear(said("elsewhere", "C2"))
        stage.clock.now += 19
        await service.idle()
        assert stage.chat.shown == ["elsewhere"]
        for _ in range(2):
            stage.clock.now += 1
            await service.idle()
    assert stage.chat.shown == ["elsewhere", "one", "behind"]


async def test_a_workspace_that_is_asked_to_wait_waits_as_a_whole_and_the_others_do_not(stage: Stage) -> None:
    for word in ("one", "two", "three"):
        stage.chat.answers[word] = [TryLater("ratelimited", seconds=20)]
    async with stage.running(PACED) as service:
        for number, word in enumerate(("one", "two"), start=1):
            await service.hear(said(word, f"C{number}"))
            await service.idle()
        await service.hear(said("three", "C3"))
        await service.hear(said("elsewhere", "C1", team="T2"))
        stage.clock.now += 19
        await service.idle()
        assert stage.chat.shown == ["elsewhere"]
        assert stage.chat.answers["three"], "the third channel was tried although the workspace was asked to wait"
        stage.clock.now += 1
        await service.idle()
        assert stage.chat.shown == ["elsewhere", "one", "two"]


def test_who_need_not_wait_any_more_is_not_remembered() -> None:
    pacing = Pacing(apart=1)
    for number in range(1000):
        reply = Outgoing(number, Place("chat", f"T{number}", "C1", "1.0"), Reply((), "one"), "1.0", None, None, 0)
        pacing.posting(reply, now=number)
        pacing.asked_to_wait(reply, now=number, seconds=20)
    assert len(pacing.resting(999)) == len(pacing._asked) == 20


async def test_only_an_attempt_that_may_have_arrived_is_looked_up(stage: Stage) -> None:
    stage.chat.answers["refused"] = [TryLater("ratelimited", seconds=1, uncertain=False)]
    stage.chat.answers["lost"] = [TryLater("ServerDisconnectedError"), TryLater("ratelimited", seconds=1, uncertain=False)]
    async with stage.running(PACED) as service:
        for number, word in enumerate(("refused", "lost"), start=1):
            await service.hear(said(word, f"C{number}"))
        for _ in range(3):
            await service.idle()
            stage.clock.now += 2
        await service.idle()
    assert {outgoing.reply.fallback: outgoing.uncertain for outgoing in stage.chat.outgoing} == {"refused": False, "lost": True}
