"""What happens to an event: dropped if seen before, decided and saved in one step, and its replies sent from the outbox."""

import asyncio
import contextvars
import math
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

import structlog

from bot.core.memory import Memory
from bot.core.messages import Deleted, Event, Place, Said
from bot.core.turn import Decision
from bot.pacing import Pacing
from bot.ports import Outgoing, Refused, Sender, Stepped, Store, StoreError, TryLater

_log = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_PACKAGE = Path(__file__).parent
_SHORTEST_PAUSE = 0.02  # another process may hold what is due: look again soon, but not in a frenzy

Note = Callable[[], None]
"""What the store is to be told about a reply after an attempt to send it."""


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


class Failed(Exception):
    """A part of the program raised what it must not raise; the text says where, and nothing of the event."""


class Service:
    """Hears events and sees to it that every reply is sent, in the order of its conversation, across crashes."""

    def __init__(
        self,
        store: Store,
        sender: Sender,
        decide: Callable[[Event, Place, Memory, int], Decision],
        *,
        concerns: Callable[[Event], bool] = lambda event: True,
        clock: Callable[[], float] = time.time,
        pace: Pace | None = None,
    ) -> None:
        self._store = store
        self._sender = sender
        self._decide = decide
        self._concerns = concerns
        self._clock = clock
        self._pace = pace or Pace()
        self._pacing = Pacing(self._pace.apart)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._outbox: asyncio.Task[None] | None = None
        self._sending: dict[int, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._purge_at = 0.0
        self._stopped = False

    # ----------------------------------------------------------------------- hearing

    async def hear(self, event: Event) -> Stepped:
        """Take one event; returns when its outcome is saved. StoreError: it was not taken and may be delivered again.

        An event that the rules fail on is answered with silence.
        """
        log = _log.bind(event=type(event).__name__, conversation=event.place.key, marks=event.marks)
        try:
            with _containing_faults(StoreError):
                if not self._concerns(event):
                    return Stepped(new=True, reason="no concern")
                stepped = await self._in_store(self._step, event)
        except Failed as failure:
            log.error("event_failed", where=str(failure))
            return Stepped(new=True, reason="failed")
        log.info("heard" if stepped.new else "repeated", reason=stepped.reason, replies=stepped.queued)
        if stepped.queued:
            self.wake()
        return stepped

    def _step(self, event: Event) -> Stepped:
        now = int(self._clock())

        def decide(place: Place, memory: Memory) -> Decision:
            return self._decide(event, place, memory, now)

        answer_url = None if isinstance(event, Said | Deleted) else event.answer_url
        return self._store.step(event.place, event.marks, now, decide, answer_url, event.person)

    async def _in_store(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run it in the one thread that uses the store, with this task's context."""
        if self._stopped:
            raise StoreError("Spellout is stopping and takes nothing more: the event will be delivered again.")
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(context.run, partial(work, *args, **kwargs)))

    # ----------------------------------------------------------------------- from start to stop

    async def start(self) -> None:
        """Begin to send, first of all what an earlier process left; raises StoreError."""
        await self._in_store(self._store.take_over)
        await self._purge()
        self._outbox = asyncio.create_task(self._run_outbox(), name="outbox")

    async def stop(self, grace: float = 10) -> None:
        """Send what is due, for at most `grace` seconds, then stop. What remains is sent at the next start."""
        if self._outbox is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(grace):
                    await self.idle()
            running = [self._outbox, *self._sending.values()]
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        self._stopped = True
        await asyncio.to_thread(self._thread.shutdown)

    async def idle(self) -> None:
        """Wait until the outbox has nothing that is due now."""
        self.wake()
        await self._idle.wait()

    def wake(self) -> None:
        """Look into the outbox soon."""
        self._idle.clear()
        self._wake.set()

    # ----------------------------------------------------------------------- the outbox

    async def _run_outbox(self) -> None:
        while True:
            self._wake.clear()
            try:
                with _containing_faults(StoreError):
                    pause = await self._send_what_is_due()
                    await self._purge()
            except (StoreError, Failed) as error:
                _log.error("store_failed", why=str(error))
                pause = self._pace.store_pause
            else:
                if not self._sending and not self._wake.is_set():
                    self._idle.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()

    async def _send_what_is_due(self) -> float:
        """Start to send what is due; how long nothing will be due after that."""
        free = self._pace.at_once - len(self._sending)
        if free <= 0:
            return self._pace.look
        due, next_due = await self._in_store(self._look, free, self._pacing.resting(self._clock()))
        for outgoing in due:
            if outgoing.id not in self._sending:  # its lease may have ended while we still try to note its outcome
                self._pacing.posting(outgoing, self._clock())
                self._sending[outgoing.id] = asyncio.create_task(self._deliver(outgoing))
        ends = [end for end in (next_due, self._pacing.next_end()) if end is not None]
        return min(max(min(ends) - self._clock(), _SHORTEST_PAUSE), self._pace.look) if ends else self._pace.look

    def _look(self, free: int, resting: frozenset[str]) -> tuple[tuple[Outgoing, ...], int | None]:
        due = self._store.due(int(self._clock()), free, resting)
        posted_to = {outgoing.place.channel_key for outgoing in due if outgoing.anew}
        return due, None if len(due) == free else self._store.next_due(resting | posted_to)

    async def _deliver(self, outgoing: Outgoing) -> None:
        try:
            await self._tell_store(await self._attempt(outgoing))
        finally:
            del self._sending[outgoing.id]
            self.wake()

    async def _tell_store(self, note: Note) -> None:
        """Until the store took the note, the reply must not be sent again: this conversation waits for the store."""
        while True:
            try:
                with _containing_faults(StoreError):
                    await self._in_store(note)
                return
            except (StoreError, Failed) as error:
                _log.error("store_failed", why=str(error))
            await asyncio.sleep(self._pace.store_pause)

    async def _attempt(self, outgoing: Outgoing) -> Note:
        log = _log.bind(outbox=outgoing.id, conversation=outgoing.place.key, attempt=outgoing.attempts + 1)
        try:
            with _containing_faults(TryLater, Refused, TimeoutError):
                async with asyncio.timeout(self._pace.one_attempt):
                    message = await self._sender.send(outgoing)
        except Refused as refusal:
            log.error("reply_refused", why=str(refusal))
            return partial(self._store.give_up, outgoing)
        except TryLater as later:
            if later.seconds is not None:
                self._pacing.asked_to_wait(outgoing, self._clock(), later.seconds)
            return self._postponed(outgoing, later, log)
        except TimeoutError:
            return self._postponed(outgoing, TryLater("time-out"), log)
        except Failed as failure:
            log.error("sender_failed", where=str(failure))
            if outgoing.attempts + 1 >= self._pace.broken:
                return partial(self._store.give_up, outgoing)
            return self._postponed(outgoing, TryLater("failed"), log)
        log.info("sent", message=message)
        return partial(self._store.sent, outgoing, message)

    def _postponed(self, outgoing: Outgoing, later: TryLater, log: structlog.typing.FilteringBoundLogger) -> Note:
        now = self._clock()
        if now - outgoing.queued_at >= self._pace.give_up:
            log.error("reply_given_up", why=str(later))
            return partial(self._store.give_up, outgoing)
        pauses = self._pace.back_off
        pause = later.seconds if later.seconds is not None else pauses[min(outgoing.attempts, len(pauses) - 1)]
        log.warning("reply_postponed", why=str(later), seconds=pause)
        return partial(self._store.retry, outgoing, math.ceil(now + pause), later.uncertain)

    async def _purge(self) -> None:
        now = self._clock()
        if now >= self._purge_at:
            self._purge_at = now + self._pace.purge
            await self._in_store(self._store.purge, int(now))


@contextmanager
def _containing_faults(*expected: type[Exception]) -> Iterator[None]:
    """The one place that catches everything: a fault in the handling of one event or reply must not stop the others.

    Only the kind of the fault and the line of ours it came from are told, because its text could quote what a person wrote.
    """
    try:
        yield
    except expected:
        raise
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_PACKAGE)] or frames
        raise Failed(f"{type(error).__name__} at {Path(ours[-1].filename).name}:{ours[-1].lineno}") from None
