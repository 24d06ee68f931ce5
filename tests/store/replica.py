"""Another process on the same database, which stands still at a chosen moment: `python replica.py URL MOMENT`."""

import sys

from bot.core.memory import Memory
from bot.core.messages import Place
from bot.core.turn import Decision
from bot.store import SqlStore
from tests.store.deciders import THREAD


def stand_still(moment: str) -> None:
    """Say where we are, and wait to be killed (or for the test to end)."""
    print(moment, flush=True)  # noqa: T201 - the test reads it
    sys.stdin.read()


def main(url: str, moment: str) -> None:
    store = SqlStore.open(url)
    if moment == "leased":
        assert len(store.due(1000, 1)) == 1
        stand_still(moment)

    def decide(place: Place, memory: Memory) -> Decision:
        stand_still(moment)
        return Decision(memory)

    store.step(THREAD, ("e1",), 1000, decide)


if __name__ == "__main__":
    main(*sys.argv[1:])
