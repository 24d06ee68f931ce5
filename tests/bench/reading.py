"""How long reading takes: ordinary messages, messages with an acronym, glossaries of many sizes, hostile texts."""

import sys
from collections.abc import Callable
from string import ascii_uppercase
from time import perf_counter, process_time

from bot import rulefiles
from bot.core.senses import Weigher
from bot.core.terms import Term

PLAIN = "ok so I pushed the fix to staging and Ann will check the numbers at https://example.org tomorrow morning, fine"
HIT = "We want an RPO to hire 40 nurses before the summer, the internal team cannot do it and the vendor sent a proposal for it."
LONGEST = 40_000
WHOLE = 12
"""Pieces: a multiple of it ends alike however often it is doubled. Of an odd number of fences the last one makes code of what follows."""

ROUNDS = 5


def microseconds(work: Callable[[], object], times: int = 2_000) -> float:
    """CPU time, the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = process_time()
        for _ in range(times):
            work()
        best = min(best, process_time() - start)
    return best / times * 1e6


def hostile(piece: str, length: int = LONGEST) -> tuple[str, str]:
    """A text of this piece, of about this length, and one of twice as many."""
    count = length // (WHOLE * len(piece)) * WHOLE
    return piece * count + " RPO", piece * 2 * count + " RPO"


def glossary(terms: tuple[Term, ...], size: int) -> tuple[Term, ...]:
    """So many terms: ours, those of which we speak by ourselves first, and copies under other names."""
    terms = tuple(sorted(terms, key=lambda term: term.tier == "never"))
    names = (f"{a}{b}{c}Q" for a in ascii_uppercase for b in ascii_uppercase for c in ascii_uppercase)
    copies = (terms[0].model_copy(update={"term": name, "lowercase": False, "variants": ()}) for name in names)
    return (*terms[:size], *(next(copies) for _ in range(size - len(terms))))


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(line + "\n")


def main() -> None:
    """Print the tables."""
    from tests.core.test_reading import HOSTILE  # noqa: PLC0415 - the tools of the tests are not to weigh on a server that is measured

    rules = rulefiles.load()
    say(f"{'terms':>8}{'build ms':>10}{'plain us/100':>14}{'long forms us/100':>19}{'read and weighed us':>21}")
    for size in (len(rules.terms), 10, 100, 1_000):
        terms = glossary(rules.terms, size)
        start = perf_counter()
        weigher = Weigher(terms, rules.reading)
        build = (perf_counter() - start) * 1e3
        per_hundred = 100 / len(PLAIN)
        plain = microseconds(lambda w=weigher: w.reader.mentions(PLAIN), 20_000) * per_hundred  # type: ignore[misc]
        spelled = microseconds(lambda w=weigher: w.reader.spelled_out(PLAIN), 20_000) * per_hundred  # type: ignore[misc]
        hit = microseconds(lambda w=weigher: w.readings(HIT))  # type: ignore[misc]
        say(f"{size:>8}{build:>10.0f}{plain:>14.2f}{spelled:>19.2f}{hit:>21.0f}")
    weigher = Weigher(rules.terms, rules.reading)
    say(f"\n{LONGEST} hostile characters: ms, and how many times as long twice as many take")
    for piece in HOSTILE:
        once, twice = (microseconds(lambda t=t: (weigher.readings(t), weigher.reader.spelled_out(t)), 1) / 1e3 for t in hostile(piece))  # type: ignore[misc]
        say(f"{piece!r:>16}{once:>8.2f}{twice / once:>8.1f}x")


if __name__ == "__main__":
    main()
