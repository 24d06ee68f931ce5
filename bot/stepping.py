"""One event on its way through the store, and who comes first in a conversation."""

import asyncio
from typing import Final
from weakref import WeakValueDictionary

from bot.core.memory import Memory
from bot.core.messages import Deleted, Event, Place, Said
from bot.core.turn import Decision
from bot.ports import Mind, Stepped, Store

NOTHING_REMEMBERED: Final = "nothing remembered"
"""Why an event that depends on what was said before is met with silence."""


class Step:
    """One event, by the rules that it met on arrival, and what was decided about it."""

    def __init__(self, event: Event, mind: Mind, now: int) -> None:
        self._event, self._decide, self.now = event, mind.decide, now
        self._depends, self._about = mind.depends(event), mind.about(event)
        self.place = event.place
        self.decision: Decision | None = None

    def take(self, store: Store) -> Stepped:
        """Decide and save it; where it can only matter by what is remembered, and nothing is, one read was all. Raises StoreError."""
        event = self._event
        if self._depends and not store.remembers(event.place):
            return Stepped(new=True, reason=NOTHING_REMEMBERED)
        answer_url = None if isinstance(event, Said | Deleted) else event.answer_url
        return store.step(event.place, event.marks, self.now, self._decided, answer_url, event.person, self._about)

    def _decided(self, place: Place, memory: Memory) -> Decision:
        """Perhaps more than once: where somebody else was quicker, the store asks again."""
        self.place, self.decision = place, self._decide(self._event, place, memory, self.now)
        return self.decision


class Turns:
    """In each conversation one event after the other, in the order in which they came: several threads would overtake one another."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, place: Place) -> asyncio.Lock:
        """To be held while an event of this conversation is decided; it is there for as long as somebody wants it."""
        if (lock := self._locks.get(place.key)) is None:
            lock = self._locks[place.key] = asyncio.Lock()
        return lock
