"""What stands for the rules in the store's tests: deciders that say and remember what a test wants."""

from collections.abc import Callable

from bot.core.memory import Meaning, Memory, Thread
from bot.core.messages import Place, Reply, Span, Text
from bot.core.turn import Decision
from bot.store import SqlStore

Decide = Callable[[Place, Memory], Decision]

THREAD = Place("chat", "T1", "C1", "100.1")
OTHER_THREAD = Place("chat", "T1", "C1", "200.2")
NEW_THREAD = Place("chat", "T1", "C1", "new-7")


def reply(text: str, slot: str = "") -> Reply:
    """A plain reply in the thread."""
    return Reply((Text((Span(text),)),), text, slot)


def opening(text: str) -> Reply:
    """A reply that opens a thread."""
    return Reply((Text((Span(text),)),), text, "opening", opens=True)


def whisper(text: str) -> Reply:
    """A reply that one person sees."""
    return Reply((Text((Span(text),)),), text, surface="whisper", to="U1")


def saying(*replies: Reply) -> Decide:
    """A decider that answers always the same and remembers nothing."""
    return lambda place, memory: Decision(memory, replies, "said")


def noting(term: str, *replies: Reply) -> Decide:
    """A decider that remembers one more term in the thread."""

    def decide(place: Place, memory: Memory) -> Decision:
        meanings = memory.thread.meanings | {term: Meaning(sense=term, how="noted")}
        return Decision(Memory(thread=Thread(meanings=meanings), channel=memory.channel), replies, "noted")

    return decide


def terms_noted(store: SqlStore, place: Place) -> set[str]:
    """The terms that the store remembers for this place now."""
    seen: set[str] = set()

    def look(place: Place, memory: Memory) -> Decision:
        seen.update(memory.thread.meanings)
        return Decision(memory)

    store.step(place, (), 0, look)
    return seen


def forget_old(store: SqlStore, now: int) -> None:
    """Forget everything that is too old by then."""
    for _ in store.purge(now):
        pass
