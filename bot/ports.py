"""What the service needs: rules that decide, a store, a sender."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from bot.core.memory import Memory
from bot.core.messages import Event, Place, Reply
from bot.core.turn import Decision


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One reply of the outbox on its way out.

    `thread` is the thread to post in (None: the channel itself), `message` the message to replace (None: post a new one).
    """

    id: int
    place: Place
    reply: Reply
    thread: str | None
    message: str | None
    answer_url: str | None
    attempts: int
    queued_at: int = 0
    """When it was put into the outbox (seconds since 1970, UTC)."""
    uncertain: bool = False
    """Whether an earlier attempt ended without our knowing how: the reply may stand there already."""
    leased_until: int = 0
    """Until when it is ours to send (seconds since 1970, UTC); then another process may take it."""

    @property
    def mark(self) -> str:
        """A name for this reply that no other has, by which it can be found again at the service."""
        return f"{self.queued_at}-{self.id}"

    @property
    def anew(self) -> bool:
        """Whether it becomes a message of its own, rather than to replace one or to answer somebody's command."""
        return self.message is None and (self.answer_url is None or self.place.direct)


@dataclass(frozen=True, slots=True)
class Stepped:
    """The outcome of one step: whether the event was new, the windows to open now (never stored), and the reason given by the core."""

    new: bool
    windows: tuple[Reply, ...] = ()
    reason: str = ""
    queued: int = 0
    """How many replies were put into the outbox."""


class Mind(Protocol):
    """What decides: the rules, without any I/O. Several threads may ask it at a time."""

    def decide(self, event: Event, place: Place, memory: Memory, now: int) -> Decision:
        """What to remember and what to say."""
        ...

    def concerns(self, event: Event) -> bool:
        """Whether it could need an answer or be worth remembering; never wrong when it says no."""
        ...

    def depends(self, event: Event) -> bool:
        """Whether it can only matter where something of its conversation is remembered; never wrong when it says yes."""
        ...

    def about(self, event: Event) -> str:
        """The id of the decision record that it is about, or nothing."""
        ...


class StoreError(Exception):
    """The database could not be opened, read or written: one sentence with the remedy. Nothing of the step was saved."""


class Unreachable(StoreError):
    """The database is away, starting or stopping: to wait may be all it takes."""


class Store(Protocol):
    """Durable memory. Every method is synchronous and is one transaction; the service calls them in `at_once` worker threads.

    Each of them may raise StoreError.
    """

    @property
    def at_once(self) -> int:
        """How many threads may use it without waiting for one another."""
        ...

    def remembers(self, place: Place) -> bool:
        """Whether anything is remembered of the conversation of this place: one read."""
        ...

    def step(
        self,
        place: Place,
        marks: tuple[str, ...],
        now: int,
        decide: Callable[[Place, Memory], Decision],
        answer_url: str | None = None,
        person: str = "",
        about: str = "",
    ) -> Stepped:
        """Drop the event if any of its marks was seen; else load the memory, decide, and save memory, marks and replies together.

        A place inside a thread that Spellout itself opened is first translated to that conversation's own place (`new-...`), which is
        why `decide` gets the place. `about` is the id of a decision record of the same channel: the memory then holds it, and the place
        is that of its conversation.
        """
        ...

    def due(self, now: int, limit: int, resting: frozenset[str] | None = None) -> tuple[Outgoing, ...]:
        """The replies to send now, at most one a conversation (in order), leased so that nobody else sends them meanwhile.

        Where it is told which channels and workspaces rest (by their keys): no new message for those channels, at most one for any other,
        and nothing at all for those workspaces.
        """
        ...

    def sent(self, outgoing: Outgoing, message: str | None) -> None:
        """Note that it was sent: forget its content, remember the message id for its slot."""
        ...

    def retry(self, outgoing: Outgoing, at: int, uncertain: bool = True) -> None:
        """Leave it in the outbox until then (seconds since 1970); whether it may stand there already."""
        ...

    def give_up(self, outgoing: Outgoing) -> None:
        """Drop a reply that the service refuses for good, and those that only make sense in the thread it was to open."""
        ...

    def next_due(self, resting: frozenset[str] = frozenset()) -> int | None:
        """When the next waiting reply becomes due (seconds since 1970), or None if nothing waits but for those that rest."""
        ...

    def backlog(self) -> tuple[int, int | None]:
        """How many replies wait, and since when the oldest does (seconds since 1970)."""
        ...

    def take_over(self) -> None:
        """Called once at start: what a process that is gone had leased is due again, where no other process shares the database."""
        ...

    def purge(self, now: int) -> Iterator[int]:
        """Forget what is too old to matter: marks and unsendable replies after a day, idle conversations after the retention time.

        Each step of the iterator is one short transaction, and says how many rows it forgot.
        """
        ...

    def close(self) -> None:
        """Release the database."""
        ...


class TryLater(Exception):
    """The chat service could not take the reply now; `seconds` says when to try again (None: use the usual back-off).

    `uncertain` says whether the reply may have arrived nevertheless.
    """

    def __init__(self, why: str, seconds: float | None = None, *, uncertain: bool = True) -> None:
        super().__init__(why)
        self.seconds = seconds
        self.uncertain = uncertain


class Refused(Exception):
    """The chat service will never take this reply; the text says why (its own error code)."""


class Sender(Protocol):
    """The outgoing half of a chat adapter."""

    async def send(self, outgoing: Outgoing) -> str | None:
        """Post, replace or whisper; the message's id, or None for a whisper. Raises TryLater or Refused."""
        ...


# --------------------------------------------------------------------------- where Spellout is installed


@dataclass(frozen=True, slots=True)
class Installation:
    """Spellout in one workspace of a chat service, or in a whole organisation.

    `team` is the id under which the places of this installation are kept (`Place.team`): the organisation's where it is installed for
    all of it, else the workspace's.
    """

    service: str
    team: str
    token: str = field(repr=False)
    """The bot's token: a secret, kept encrypted."""
    bot_user: str
    bot: str
    app: str = ""
    enterprise: str = ""
    """The organisation that the workspace belongs to, if any."""
    everywhere: bool = False
    """Whether it is installed for the whole organisation."""
    scopes: tuple[str, ...] = ()
    installed_by: str = ""
    installed_at: int = 0
    """Seconds since 1970, UTC."""


class Installations(Protocol):
    """Where Spellout is installed. Synchronous and safe to use from any thread; each method may raise StoreError."""

    def install(self, installation: Installation) -> None:
        """Remember it, in place of an earlier one of the same service and team."""
        ...

    def installation(self, service: str, team: str) -> Installation | None:
        """The installation of this team, if there is one; StoreError also where its token cannot be decrypted."""
        ...

    def installations(self, service: str) -> tuple[Installation, ...]:
        """Every installation at this service, the latest first."""
        ...

    def uninstall(self, service: str, team: str) -> None:
        """Delete the installation and everything else that was stored of this team."""
        ...

    def issue_state(self, state: str, until: int) -> None:
        """Remember the state of an installation that was begun, until then (seconds since 1970)."""
        ...

    def consume_state(self, state: str, now: int) -> bool:
        """Whether this state was issued, has not ended and was not consumed before; from now on it is."""
        ...
