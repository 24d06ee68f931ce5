"""The two short-lived permissions that an interaction carries: a trigger to open a window, and an address to answer at."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

TRIGGER_LIFE = 3.0
ANSWER_LIFE, ANSWER_USES = 30 * 60.0, 5
KEPT = 2000


@dataclass(slots=True)
class Trigger:
    """Permission to open one window for one person within three seconds."""

    person: str
    born: float
    used: bool = False


@dataclass(slots=True)
class AnswerLink:
    """Where the app may answer an interaction: five times within half an hour."""

    person: str
    channel: str
    born: float
    source: str | None
    """The message that was pressed, which the answer may replace or delete."""
    used: int = 0


class Tickets:
    """All that were given out, bounded."""

    def __init__(self, clock: Callable[[], float], new_id: Callable[[str], str]) -> None:
        self._clock = clock
        self._new_id = new_id
        self._triggers: OrderedDict[str, Trigger] = OrderedDict()
        self._links: OrderedDict[str, AnswerLink] = OrderedDict()

    def trigger(self, person: str) -> str:
        """A new trigger id."""
        ident = self._new_id("").lower() + "." + self._new_id("").lower()
        self._triggers[ident] = Trigger(person, self._clock())
        while len(self._triggers) > KEPT:
            self._triggers.popitem(last=False)
        return ident

    def gave(self, ident: str) -> bool:
        """Whether this trigger or answer address was given out here."""
        return ident in self._triggers or ident in self._links

    def use_trigger(self, ident: str) -> str | Trigger:
        """The trigger, or the error that Slack answers."""
        trigger = self._triggers.get(ident)
        if trigger is None:
            return "invalid_trigger_id"
        if trigger.used:
            return "exchanged_trigger_id"
        if self._clock() - trigger.born > TRIGGER_LIFE:
            return "expired_trigger_id"
        trigger.used = True
        return trigger

    def link(self, person: str, channel: str, source: str | None = None) -> str:
        """A new answer address; only its last part."""
        ident = self._new_id("R")
        self._links[ident] = AnswerLink(person, channel, self._clock(), source)
        while len(self._links) > KEPT:
            self._links.popitem(last=False)
        return ident

    def use_link(self, ident: str) -> str | AnswerLink:
        """The link, or the error that Slack answers."""
        link = self._links.get(ident)
        if link is None:
            return "invalid_url"
        if self._clock() - link.born > ANSWER_LIFE:
            return "expired_url"
        if link.used >= ANSWER_USES:
            return "used_url"
        link.used += 1
        return link
