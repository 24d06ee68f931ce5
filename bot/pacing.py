"""How hard the outbox tries, how often a channel is posted to, and who waits when a chat service asks for patience."""

from dataclasses import dataclass

from bot.ports import Outgoing


@dataclass(frozen=True, slots=True)
class Pace:
    """How hard and how long the outbox tries. All times in seconds."""

    at_once: int = 32
    """How many conversations are sent to at the same time."""
    apart: float = 1
    """The time between two new messages in one channel; others are not held up by it."""
    back_off: tuple[float, ...] = (1, 2, 5, 15, 60)
    """The pauses between attempts; the last one repeats."""
    one_attempt: float = 30
    """How long one attempt may take; shorter than the store's lease, or a second attempt could begin beside it."""
    give_up: int = 86_400
    broken: int = 5
    """After so many attempts a reply that makes the sender itself fail is dropped."""
    look: float = 30
    """The longest time without looking into the outbox."""
    store_pause: float = 2
    """The pause after the store failed."""
    purge: int = 3_600


class Pacing:
    """When which channel may be posted to again: about one new message a second, as chat services wish; replacements are not counted.

    A chat service that asks one channel to wait is obeyed there. When it asks a second channel of the same workspace meanwhile, it means
    the workspace, and the whole workspace waits. Each process paces what it sends itself.
    """

    def __init__(self, apart: float) -> None:
        self._apart = apart
        self._rests: dict[str, float] = {}
        self._asked: dict[str, float] = {}
        """The channels that were asked to wait, and until when."""

    def resting(self, now: float) -> frozenset[str]:
        """The channels and workspaces, by their keys, that are not to be posted to now."""
        self._rests = {key: until for key, until in self._rests.items() if until > now}
        return frozenset(self._rests)

    def next_end(self) -> float | None:
        """When the first of those that rest may be posted to again (seconds since 1970), None if none rests."""
        return min(self._rests.values(), default=None)

    def posting(self, outgoing: Outgoing, now: float) -> None:
        """An attempt begins."""
        if outgoing.anew:
            self._rest(outgoing.place.channel_key, now + self._apart)

    def asked_to_wait(self, outgoing: Outgoing, now: float, seconds: float) -> None:
        """The chat service refused it, and wants to be left alone for so many seconds."""
        team, channel, until = outgoing.place.team_key, outgoing.place.channel_key, now + seconds
        self._asked = {key: end for key, end in self._asked.items() if end > now} | {channel: until}
        self._rest(channel, until)
        if sum(key.startswith(f"{team}:") for key in self._asked) > 1:
            self._rest(team, until)

    def _rest(self, key: str, until: float) -> None:
        self._rests[key] = max(until, self._rests.get(key, until))
