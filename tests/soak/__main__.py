"""`make soak`: the whole run, a table of figures, and exit 1 where anything was lost or doubled."""

import argparse
import asyncio
import sys
from contextlib import suppress

import structlog

from tests.postgres import Postgres, running
from tests.soak.people import Plan, Town
from tests.soak.soak import Course, prepared
from tests.soak.verdict import Verdict, judge, settled


async def soak(course: Course, postgres: Postgres) -> Verdict:
    """One soak, ended in bounded time."""
    async with prepared(course, postgres) as run:
        with suppress(TimeoutError):  # what is missing then, is told
            async with asyncio.timeout(course.longest + 2 * course.settle):
                await run.run()
        settling = await settled(run)
        return await asyncio.to_thread(judge, run, settling)


def main() -> int:
    """Run it as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--workspaces", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=float, default=600, help="seconds after which nothing new begins")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    course = Course(Plan.of(given.events), Town(given.workspaces, 40), seed=given.seed, longest=given.longest)
    with running() as postgres:
        verdict = asyncio.run(soak(course, postgres))
    width = max(map(len, verdict.figures))
    for name, figure in verdict.figures.items():
        sys.stdout.write(f"{name:{width}}  {figure}\n")
    for line in verdict.wrong[:50]:
        sys.stdout.write(f"WRONG: {line}\n")
    return 1 if verdict.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
