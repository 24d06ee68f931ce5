"""How long classifying takes: 300 characters with the explanation, catalogues of three sizes, hostile texts.

Measured with Python 3.11 on a machine that had other work: 56 us with 284 phrases, 59 us with 1,962 (1.04 times), 73 us with all 7,860,
which also find more in these texts. Wanted are 50 us; what is left is spread evenly over splitting, finding, quoting and weighing.
"""

from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from time import process_time

from bot import rulefiles
from bot.core.classify import Classifier
from bot.core.clues import ClueBook
from bot.core.rulebook import Rulebook
from tests.bench.reading import say
from tests.core.test_profile import HOSTILE

TEXTS = (
    "We need a team to review about 500 NDAs and supplier contracts a month against our playbook. They mark what deviates, propose the "
    "fallback wording and pass on whatever is unusual; our counsel signs off each one. No legal advice is involved, nor talks with "
    "them. Most of it repeats, some of it does not.",
    "Around 4,000 supplier invoices a month come in by mail and on paper. Somebody has to key them into the ledger, match them with the "
    "purchase orders and chase our buyers where a number is missing. The steps are written down, a colleague needs two weeks to learn "
    "them, and we check one invoice in twenty.",
    "Before the summer some 900 people will apply for work in our two hotels. Somebody outside should screen the candidates: read what "
    "they sent, call each for ten minutes with our list of questions, and note the answers. Our own managers see the forty best and "
    "decide. We hear each Friday how many left.",
)
"""Three descriptions of about 300 characters."""

SIZES = (300, 2_000)
"""Phrases; and then all of ours."""

LONG = 20_000
ROUNDS = 300


def microseconds(works: Sequence[Callable[[], object]], times: int = 10, rounds: int = ROUNDS) -> list[float]:
    """CPU time, the best of some rounds of each; all take turns in every round, so that a busy machine slows them alike."""
    best = [float("inf")] * len(works)
    for _ in range(rounds):
        for place, work in enumerate(works):
            start = process_time()
            for _ in range(times):
                work()
            best[place] = min(best[place], process_time() - start)
    return [seconds / times * 1e6 for seconds in best]


def catalogues(rules: Rulebook) -> Iterator[tuple[int, Rulebook]]:
    """The rules with so many phrases for kinds of work: the works of the texts, then others of which they say nothing; at last all."""
    classifier, book = Classifier(rules), ClueBook(rules.activities, rules.signals)
    leading = {each.activity.id for text in TEXTS for each in classifier.classify(text).profile.activities[:1]}
    found = {clue.id for text in TEXTS for clue in book.read(text).clues}
    activities = [activity for field in rules.activities for activity in field.activities]
    activities.sort(key=lambda activity: (activity.id not in leading, activity.id in found))
    sizes = list(accumulate(len(list(activity.phrases())) for activity in activities))
    for most in (*SIZES, sizes[-1]):
        kept = activities[: bisect(sizes, most)]
        field = rules.activities[0].model_copy(update={"activities": tuple(kept)})
        yield sizes[len(kept) - 1], rules.model_copy(update={"activities": (field,)})


def main() -> None:
    """Print the tables."""
    rules = rulefiles.load()
    sized = [(size, Classifier(cut)) for size, cut in catalogues(rules)]
    works = [lambda c=classifier: [c.classify(text) for text in TEXTS] for _, classifier in sized]
    figures = [each / len(TEXTS) for each in microseconds(works)]
    say(f"{'phrases':>8}{'300 characters us':>19}{'times the first':>17}")
    for (size, _), us in zip(sized, figures, strict=True):
        say(f"{size:>8}{us:>19.0f}{us / figures[0]:>16.2f}x")
    classifier = Classifier(rules)
    say(f"\n{LONG} characters: ms, and how many times as long twice as many take")
    for piece in (*HOSTILE, " ".join(TEXTS) + " "):
        once, twice = (piece * (size // len(piece)) for size in (LONG, 2 * LONG))
        short, long = microseconds([lambda t=text: classifier.classify(t) for text in (once, twice)], 1, 10)  # type: ignore[misc]
        say(f"{piece[:32]!r:>36}{short / 1e3:>8.2f}{long / short:>8.1f}x")


if __name__ == "__main__":
    main()
