"""What a step of a dialogue costs with its decision and all that it saves, in SQLite and PostgreSQL, with few and with many open dialogues.

The PostgreSQL is that of the tests, which does not wait for its disk (no fsync): what is measured is the work of both sides, not the disk.
"""

import itertools
import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from sqlalchemy import delete, insert, select, text

from bot import rulefiles
from bot.core.brain import Brain
from bot.core.messages import Place, Said
from bot.store import SqlStore
from bot.store.tables import conversations
from tests.bench.reading import say
from tests.postgres import running

SIZES = (100, 100_000)
"""Open dialogues."""

STEPS, ROUNDS = 100, 5
NOW = 1_795_251_600
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


def main() -> None:
    """Print the table."""
    brain = Brain(rulefiles.load())
    with tempfile.TemporaryDirectory() as folder, running() as postgres:
        sqlite = [f"sqlite:///{Path(folder) / str(size)}.db" for size in SIZES]
        say(f"{'database':>12}{'open':>9}{'steps/s':>10}{'our CPU us':>12}{'ratio':>8}{'spread':>14}")
        for name, urls in (("SQLite", sqlite), ("PostgreSQL", [postgres.database() for _ in SIZES])):
            stores = [SqlStore.open(url) for url in urls]
            fulls = [Full(store, brain, size) for store, size in zip(stores, SIZES, strict=True)]
            rounds = [[full.answer() for full in fulls] for _ in range(ROUNDS + 1)][1:]
            ratios = [many[0] / few[0] for few, many in rounds]
            for place, size in enumerate(SIZES):
                took, cpu = (median(each[place][part] for each in rounds) for part in (0, 1))
                ratio = f"{median(ratios):>7.2f}x{min(ratios):>8.2f}-{max(ratios):.2f}" if place else ""
                say(f"{name:>12}{size:>9}{1 / took:>10.0f}{cpu * 1e6:>12.0f}{ratio}")
            for store in stores:
                store.close()


if __name__ == "__main__":
    main()
