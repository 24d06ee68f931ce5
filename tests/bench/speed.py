"""What Spellout costs, against the least that any program could cost and against what is commonly written: `make bench`.

tests/bench/README.md says how to read it. With `--rounds N` it takes N rounds instead of five; `--chart FILE` writes the chart there.
"""

import argparse
import asyncio
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import process_time

from bot import rulefiles
from bot.core.brain import Brain
from bot.core.classify import Classifier
from bot.core.messages import Place, Said
from bot.core.rulebook import Rulebook
from bot.core.senses import Weigher
from tests.bench import chart, storing
from tests.bench.classify import TEXTS, catalogues
from tests.bench.load import HIT, ROOT, FakeSlack, Program, Round
from tests.bench.reading import LONGEST, PLAIN, glossary, hostile, say
from tests.core.test_reading import HOSTILE

MESSAGES, REPLIES = 1_500, 200
"""In a round."""

NAIVE_TERMS = 100
HERE = Place("slack", "T1", "C1", "1.0")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: ours against something else, or a time; `least` where more is better."""

    number: str
    what: str
    values: tuple[float, ...]
    wanted: float
    unit: str = "x"
    least: bool = False

    @property
    def value(self) -> float:
        """The middle of the rounds."""
        return median(self.values)

    @property
    def met(self) -> bool:
        """Whether that is as wanted."""
        return self.value >= self.wanted if self.least else self.value <= self.wanted

    def line(self) -> str:
        """As it is printed."""
        spread = f"{min(self.values):.2f} - {max(self.values):.2f}" if len(self.values) > 1 else ""
        wanted = f"{'>=' if self.least else '<='} {self.wanted:g}"
        return f"{self.number:>4}  {self.what:<74}{self.value:>9.2f} {self.unit:<3}{spread:>16}{wanted:>10}  {'yes' if self.met else 'NO'}"


Rounds = dict[str, list[Round]]


def ratios(ours: Sequence[Round], others: Sequence[Round]) -> tuple[float, ...]:
    """CPU a message, ours against another's of the same round."""
    return tuple(one.each / other.each for one, other in zip(ours, others, strict=True))


# --------------------------------------------------------------------------- over the wire


async def play(programs: dict[str, Program], rounds: int, once: Callable[[Program], object]) -> Rounds:
    """So many rounds in which all take turns, after one that does not count."""
    taken: Rounds = {name: [] for name in programs}
    for number in range(rounds + 1):
        for name, program in programs.items():
            result = await once(program)  # type: ignore[misc]
            if number:
                taken[name].append(result)
    return taken


async def over_the_wire(rounds: int) -> tuple[list[Figure], Rounds]:
    """The figures of whole programs, one group after the other."""
    terms = [term.term for term in rulefiles.load().terms]
    names = (terms + [f"{name}{letter}" for name in terms for letter in "QXZ"])[:NAIVE_TERMS]
    async with AsyncExitStack() as running:
        slack = FakeSlack()
        await slack.start()
        running.push_async_callback(slack.stop)

        async def begin(name: str, **settings: object) -> Program:
            program = Program(name, slack, **settings)
            running.push_async_callback(program.stop)
            await program.start()
            return program

        plain = {
            "floor": await begin("floor"),
            "bolt": await begin("bolt"),
            "naive": await begin("bolt", terms=names),
            "ours, 10 terms": await begin("ours", terms=10),
            "ours": await begin("ours", terms=1_000),
            "ours, 10,000 terms": await begin("ours", terms=10_000),
        }
        say(f"Ordinary messages, signed HTTP: {rounds} rounds of {MESSAGES} each ...")
        http = await play(plain, rounds, lambda program: program.round(MESSAGES // 10 if program is plain["naive"] else MESSAGES))
        say(f"Answers in threads of which nothing is remembered: {rounds} rounds of {REPLIES} each ...")
        threads = await play({"ours": plain["ours"]}, rounds, lambda program: program.round(REPLIES, in_thread=True))
        idle = {"bolt": await begin("bolt"), "ours": await begin("ours")}
        memory = {name: (await program.used())["memory"] for name, program in idle.items()}
        for program in (*plain.values(), *idle.values()):
            await program.stop()
        say(f"Messages with an acronym, signed HTTP, every reply waited for: {rounds} rounds of {REPLIES} each ...")
        answering = {"bolt": await begin("bolt", says=True), "ours": await begin("ours")}
        hits = await play(answering, rounds, lambda program: program.round(REPLIES, HIT, replies=True))
        for program in answering.values():
            await program.stop()
        sockets: Rounds = {"bolt": [], "ours": []}
        say(f"Ordinary messages, Socket Mode: {rounds} rounds of {MESSAGES} each ...")
        for name, settings in (("bolt", {}), ("ours", {"terms": 1_000})):
            program = await begin(name, socket=True, **settings)
            await program.round(MESSAGES)
            sockets[name] = [await program.round(MESSAGES) for _ in range(rounds)]
            await program.stop()
    ours = http["ours"]
    return [
        Figure("1", "CPU of an ordinary message, HTTP, 1,000 terms, against bare Bolt", ratios(ours, http["bolt"]), 0.4),
        Figure("2", "the same against aiohttp, signature and JSON alone", ratios(ours, http["floor"]), 1.15),
        Figure(
            "3", "ordinary messages a CPU second, Socket Mode, against bare Bolt", ratios(sockets["bolt"], sockets["ours"]), 4, least=True
        ),
        Figure(
            "4", "CPU of an ordinary message, 10,000 terms against 10", ratios(http["ours, 10,000 terms"], http["ours, 10 terms"]), 1.05
        ),
        Figure(
            "7",
            "messages answered a CPU second, all saved, against Bolt's fixed reply",
            ratios(hits["bolt"], hits["ours"]),
            1.5,
            least=True,
        ),
        Figure("8", "p99 against p50, 16 at once, ordinary messages", tuple(each.tail for each in ours), 1.5),
        Figure("8", "p99 against p50, 16 at once, messages that are answered", tuple(each.tail for each in hits["ours"]), 1.5),
        Figure("11", "memory when idle, against bare Bolt", (memory["ours"] / memory["bolt"],), 1.4),
    ], {
        **http,
        "ours, in a thread": threads["ours"],
        "bolt, reply": hits["bolt"],
        "ours, reply": hits["ours"],
        "bolt, socket": sockets["bolt"],
        "ours, socket": sockets["ours"],
    }


# --------------------------------------------------------------------------- in one process


def turns(works: Sequence[Callable[[], object]], times: int, rounds: int) -> list[list[float]]:
    """Microseconds of CPU time of each, round by round: the best of three tries in turn, so that a busy machine slows them alike."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        best = [float("inf")] * len(works)
        for _ in range(3):
            for place, work in enumerate(works):
                since = process_time()
                for _ in range(times):
                    work()
                best[place] = min(best[place], (process_time() - since) / times * 1e6)
        for place, value in enumerate(best):
            taken[place].append(value)
    return taken


def against(some: Sequence[float], others: Sequence[float]) -> tuple[float, ...]:
    """Some against others, round by round."""
    return tuple(one / other for one, other in zip(some, others, strict=True))


def reading(rules: Rulebook, rounds: int) -> list[Figure]:
    """Looking through a message."""
    brains = [Brain(rules.model_copy(update={"terms": glossary(rules.terms, size)})) for size in (10, 1_000, 10_000)]
    plain = (PLAIN * 400)[:LONGEST]
    messages = [Said(HERE, "U1", plain[:size], ()) for size in (100, 4_000, LONGEST)]
    few, some, many = turns([lambda b=brain: b.concerns(messages[0]) for brain in brains], 5_000, rounds)  # type: ignore[misc]
    middle = turns([lambda: brains[1].concerns(messages[1])], 200, rounds)[0]
    long = turns([lambda: brains[1].concerns(messages[2])], 20, rounds)[0]
    weigher = Weigher(rules.terms, rules.reading)
    worst, doubled = 0.0, 0.0
    for piece in HOSTILE:
        works = [lambda t=text: (weigher.readings(t), weigher.reader.spelled_out(t)) for text in hostile(piece)]
        once, twice = map(min, turns(works, 1, rounds))
        worst, doubled = max(worst, once), max(doubled, twice / once)
    return [
        Figure("4", "looking through a message, 10,000 terms against 10", against(many, few), 1.1),
        Figure("5", "looking through 100 characters", tuple(some), 1, "us"),
        Figure("5", "4,000 characters", tuple(middle), 25, "us"),
        Figure("5", "40,000 characters", tuple(value / 1e3 for value in long), 1, "ms"),
        Figure("6", f"the worst of {len(HOSTILE)} hostile texts of 40,000 characters", (worst / 1e3,), 10, "ms"),
        Figure("6", "the worst growth when their length doubles", (doubled,), 2.2),
    ]


def classifying(rules: Rulebook, rounds: int) -> list[Figure]:
    """Classifying a description, its explanation included."""
    sized = [Classifier(cut) for _, cut in catalogues(rules)]
    works = [lambda c=each: [c.classify(text) for text in TEXTS] for each in sized[:2]]
    few, many = turns(works, 30, rounds)
    return [
        Figure("10", "classifying 300 characters, with the explanation", tuple(value / len(TEXTS) for value in few), 50, "us"),
        Figure("10", "with 2,000 phrases against 300", against(many, few), 1.15),
    ]


def saving(rules: Rulebook, rounds: int) -> list[Figure]:
    """Steps of dialogues in both databases, by the clock."""
    brain, found = Brain(rules), list[Figure]()
    with storing.databases() as urls:
        for (database, (few, many, url)), wanted in zip(urls.items(), (5, 1.5), strict=True):
            ours, theirs = asyncio.run(storing.against_async(url, brain, rounds))
            times = against([each[0] for each in theirs], [each[0] for each in ours])
            found.append(
                Figure("9", f"steps a second, {database}, 16 at once, against SQLAlchemy's async engine", times, wanted, least=True)
            )
            sized = storing.sizes((few, many), brain, rounds)
            found.append(Figure("12", f"a step, {database}, 100,000 open against 100", tuple(m[0] / f[0] for f, m in sized), 1.2))
    return found


def importing(rounds: int) -> list[Figure]:
    """Starting: CPU time of an interpreter that imports."""

    def spent(module: str) -> float:
        code = f"import time, {module}; print(time.process_time())"
        return float(subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout)

    pairs = [(spent("bot.chat.slack.app"), spent("slack_bolt.async_app")) for _ in range(rounds)]
    return [Figure("11", "CPU to import the Slack service, against slack_bolt.async_app", tuple(ours / bolt for ours, bolt in pairs), 1.5)]


# --------------------------------------------------------------------------- the table


def conditions() -> str:
    """Where it was measured."""
    load = os.getloadavg()[0]
    return f"Python {platform.python_version()}, {os.cpu_count()} CPUs, load {load:.1f}, loopback, no TLS"


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--chart", type=Path)
    given = asked.parse_args()
    say(conditions())
    rules, rounds = rulefiles.load(), max(given.rounds, 1)
    figures, taken = asyncio.run(over_the_wire(rounds))
    say(f"In one process, and in both databases: {rounds} rounds ...")
    figures += [*reading(rules, rounds), *classifying(rules, rounds), *saving(rules, rounds), *importing(rounds)]
    say(f"\n{'program':<24}{'CPU us a message':>18}{'messages/s by the clock':>26}{'p99/p50':>10}")
    for name, each in taken.items():
        clock = median(one.count / one.seconds for one in each)
        say(f"{name:<24}{median(one.each for one in each):>18.0f}{clock:>26.0f}{median(one.tail for one in each):>10.1f}")
    say(f"\n{'':>4}  {'figure':<74}{'middle':>9} {'':<3}{'spread':>16}{'wanted':>10}  met")
    for figure in sorted(figures, key=lambda figure: int(figure.number)):
        say(figure.line())
    if given.chart:
        costs = {name: median(one.each for one in each) for name, each in taken.items()}
        given.chart.write_text(chart.drawn(costs, conditions()), encoding="utf-8")
        say(f"\nThe chart is in {given.chart}.")


if __name__ == "__main__":
    main()
