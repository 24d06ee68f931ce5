"""What a step of a dialogue costs with all that it saves, in SQLite and PostgreSQL: with few and with many open dialogues, and against
SQLAlchemy's async engines, which run the very same statements.

The PostgreSQL is that of the tests, which does not wait for its disk (no fsync): what is measured is the work of both sides, not the disk.
"""

import asyncio
import itertools
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from sqlalchemy import Engine, delete, insert, make_url, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import greenlet_spawn

from bot import rulefiles
from bot.core.brain import Brain
from bot.core.memory import Memory
from bot.core.messages import Place, Said
from bot.store import SqlStore
from bot.store import engine as engines
from bot.store.tables import conversations
from tests.bench.reading import say
from tests.postgres import running

SIZES = (100, 100_000)
"""Open dialogues."""

STEPS, ROUNDS = 100, 5
AT_ONCE = 16
NOW = 1_795_251_600
HERE = Place("slack", "T1", "C1", f"{NOW}.000100")
_numbers = itertools.count(1)


class Full:
    """A store in which so many dialogues wait for their first answer."""

    def __init__(self, store: SqlStore, brain: Brain, size: int) -> None:
        self._store, self._brain, self.size = store, brain, size
        first = Said(self._thread(-1), "U1", "help me choose", ("begin",), addressed=True)
        self._step(first)
        with store.engine.begin() as connection:
            found = connection.execute(select(conversations).where(conversations.c.key == first.place.key))
            self._begun = dict(found.mappings().one())

    def open(self) -> None:
        """Let all of them wait for their first answer."""
        with self._store.engine.begin() as connection:
            connection.execute(delete(conversations))
            for start in range(0, self.size, 1_000):
                keys = [self._thread(number).key for number in range(start, min(start + 1_000, self.size))]
                connection.execute(insert(conversations), [self._begun | {"key": key} for key in keys])
        if self._store.engine.dialect.name == "postgresql":  # else its own cleaning up would run meanwhile
            with self._store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE conversations"))

    @staticmethod
    def _thread(number: int) -> Place:
        return Place("slack", "T1", "C1", f"{NOW + number}.000100")

    def _step(self, said: Said) -> int:
        return self._store.step(said.place, said.marks, NOW, lambda place, memory: self._brain.decide(said, place, memory, NOW)).queued

    def answer(self) -> tuple[float, float]:
        """Answer the first question of a hundred of them; seconds and CPU seconds of this process, each a step."""
        self.open()
        said = Said(self._thread(0), "U1", "2", (), reply=True)
        places = [self._thread(self.size // STEPS * number) for number in range(STEPS)]
        answers = [replace(said, place=place, marks=(f"m{next(_numbers)}",)) for place in places]
        since, spent = perf_counter(), process_time()
        queued = [self._step(answer) for answer in answers]
        taken = (perf_counter() - since) / STEPS, (process_time() - spent) / STEPS
        assert all(queued), "an answer was not understood"
        return taken


class Steps:
    """First answers, one dialogue each, decided beforehand: what is measured is what is saved."""

    def __init__(self, engine: Engine, brain: Brain) -> None:
        self.store = SqlStore(engine)
        begun = brain.decide(Said(HERE, "U1", "help me choose", (), addressed=True), HERE, Memory(), NOW)
        self._decision = brain.decide(Said(HERE, "U1", "2", (), reply=True), HERE, begun.memory, NOW)
        assert self._decision.replies, "an answer was not understood"

    def take(self, number: int) -> None:
        """One step of a dialogue of its own."""
        place = replace(HERE, thread=f"{NOW + number}.000200")
        self.store.step(place, (f"s{number}", f"t{number}"), NOW, lambda place, memory: self._decision, person="U1")


async def _taken(take: Callable[[int], Awaitable[None]], steps: int) -> tuple[float, float]:
    """Steps and CPU seconds of this process each, with so many under way all the time."""
    numbers = iter([next(_numbers) for _ in range(steps)])

    async def work() -> None:
        for number in numbers:
            await take(number)

    since, spent = perf_counter(), process_time()
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return (perf_counter() - since) / steps, (process_time() - spent) / steps


async def against_async(url: str, brain: Brain, rounds: int) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Seconds and CPU seconds a step, round by round: ours as the service takes them, in its threads, and by an async engine."""
    ours, theirs = Steps(engines.reach(url), brain), async_engine(url)
    same, loop = Steps(theirs.sync_engine, brain), asyncio.get_running_loop()
    with ThreadPoolExecutor(max_workers=ours.store.at_once) as threads:
        taken: tuple[list[tuple[float, float]], list[tuple[float, float]]] = [], []
        for number in range(rounds + 1):
            pair = (
                await _taken(lambda step: loop.run_in_executor(threads, ours.take, step), STEPS * 3),
                await _taken(lambda step: greenlet_spawn(same.take, step), STEPS * 3),
            )
            if number:
                for place, each in zip(taken, pair, strict=True):
                    place.append(each)
    await theirs.dispose()
    ours.store.close()
    return taken


def async_engine(url: str) -> AsyncEngine:
    """SQLAlchemy's own async engine on the same database: aiosqlite, one connection, prepared like ours, or asyncpg with one for each step
    that is under way."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_async_engine(parsed.set(drivername="sqlite+aiosqlite"), pool_size=1, max_overflow=0)
        engines.prepare_sqlite(engine.sync_engine)
        return engine
    schema = str(parsed.query["options"]).removeprefix("-csearch_path=")
    plain = parsed.set(drivername="postgresql+asyncpg").difference_update_query(["options"])
    return create_async_engine(plain, pool_size=AT_ONCE, connect_args={"server_settings": {"search_path": schema}})


def sizes(urls: Sequence[str], brain: Brain, rounds: int) -> list[list[tuple[float, float]]]:
    """Seconds and CPU seconds a step with few and with many open dialogues, round by round."""
    stores = [SqlStore.open(url) for url in urls]
    fulls = [Full(store, brain, size) for store, size in zip(stores, SIZES, strict=True)]
    taken = [[full.answer() for full in fulls] for _ in range(rounds + 1)][1:]
    for store in stores:
        store.close()
    return taken


@contextmanager
def databases() -> Iterator[dict[str, Sequence[str]]]:
    """Both kinds, with the URLs of three databases each."""
    with tempfile.TemporaryDirectory() as folder, running() as postgres:
        sqlite = [f"sqlite:///{Path(folder) / str(number)}.db" for number in range(3)]
        for url in sqlite:
            SqlStore.open(url).close()
        yield {"SQLite": sqlite, "PostgreSQL": [postgres.database() for _ in range(3)]}


def main() -> None:
    """Print both tables."""
    brain = Brain(rulefiles.load())
    with databases() as urls:
        say(f"{'database':>12}{'open':>9}{'steps/s':>10}{'our CPU us':>12}{'ratio':>8}{'spread':>14}")
        for name, (few, many, _) in urls.items():
            rounds = sizes((few, many), brain, ROUNDS)
            ratios = [many[0] / few[0] for few, many in rounds]
            for place, size in enumerate(SIZES):
                took, cpu = (median(each[place][part] for each in rounds) for part in (0, 1))
                ratio = f"{median(ratios):>7.2f}x{min(ratios):>8.2f}-{max(ratios):.2f}" if place else ""
                say(f"{name:>12}{size:>9}{1 / took:>10.0f}{cpu * 1e6:>12.0f}{ratio}")
        say(f"\n{'database':>12}{'engine':>16}{'steps/s':>10}{'our CPU us':>12}{'ratio':>8}{'spread':>14}   ({AT_ONCE} at once)")
        for name, (_, _, url) in urls.items():
            ours, theirs = asyncio.run(against_async(url, brain, ROUNDS))
            ratios = [other[0] / one[0] for one, other in zip(ours, theirs, strict=True)]
            for engine, each in (("SQLAlchemy async", theirs), ("ours", ours)):
                took, cpu = (median(one[part] for one in each) for part in (0, 1))
                ratio = f"{median(ratios):>7.2f}x{min(ratios):>8.2f}-{max(ratios):.2f}" if engine == "ours" else ""
                say(f"{name:>12}{engine:>16}{1 / took:>10.0f}{cpu * 1e6:>12.0f}{ratio}")


if __name__ == "__main__":
    main()
