"""What is being heard: so much at once, and a word about the rest."""

import asyncio
from functools import partial

from structlog.testing import capture_logs

from bot.chat.taken import FirstTry, Taken


async def endless(first_try: FirstTry[bool]) -> None:
    """A request that the database never lets go of."""
    await asyncio.Event().wait()


async def until(done: asyncio.Event, first_try: FirstTry[bool]) -> None:
    """A request that is saved once `done`."""
    await done.wait()
    first_try.set_result(True)


async def test_who_asks_is_told_what_came_of_it_or_nothing_where_that_takes_too_long() -> None:
    taken, done = Taken[bool](), asyncio.Event()
    assert await taken.take(partial(until, done), 0) is None
    done.set()
    assert await taken.take(partial(until, done), 10) is True
    await taken.rest()
    assert not taken.running


async def test_what_still_runs_at_the_end_of_the_grace_is_cut_off_and_counted() -> None:
    taken, done = Taken[bool](), asyncio.Event()
    for listen in (endless, endless, partial(until, done)):
        await taken.take(listen, 0)
    done.set()
    await taken.rest(0.01)
    with capture_logs() as log:
        await taken.stop(0)
        await taken.stop(0)
    assert [(line["event"], line["count"]) for line in log] == [("events_cut_off", 2)]
    assert not taken.running


async def test_there_is_room_again_as_soon_as_one_is_heard() -> None:
    taken, done = Taken[bool](2), asyncio.Event()
    await taken.take(endless, 0)
    assert not taken.puts_off()
    await taken.take(partial(until, done), 0)
    assert taken.puts_off()
    done.set()
    await taken.rest(0.01)
    assert not taken.puts_off()
    await taken.stop(0)


async def test_what_is_put_off_is_counted_each_time_and_told_once_a_second() -> None:
    now, counted = 100.0, 0

    def count() -> None:
        nonlocal counted
        counted += 1

    taken = Taken[bool](1, count, lambda: now)
    await taken.take(endless, 0)
    with capture_logs() as log:
        for _ in range(5):
            assert taken.puts_off()
        now += 0.9
        assert taken.puts_off()
        now += 0.1
        assert taken.puts_off()
    assert [(line["event"], line["log_level"], line["count"]) for line in log] == [("put_off", "warning", 1), ("put_off", "warning", 6)]
    assert counted == 7
    await taken.stop(0)
