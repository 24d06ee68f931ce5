"""What happens to an event: dropped if seen before, decided and saved in one step, and its replies sent from the outbox."""

import asyncio
import contextvars
import math
import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import ParamSpec, TypeVar

import structlog

from bot.containment import Failed, containing_faults
from bot.core.memory import Memory
from bot.core.messages import Deleted, Event, Place, Said
from bot.core.turn import Decision
from bot.metrics import Metrics
from bot.pacing import Pace, Pacing
from bot.ports import Mind, Outgoing, Refused, Sender, Stepped, Store, StoreError, TryLater
from bot.trouble import StoreTrouble

_log = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_SHORTEST_PAUSE = 0.02  # another process may hold what is due: look again soon, but not in a frenzy

_PROBE = Place("spellout", "", "", "probe")
"""Where nothing ever happens: what is written there only shows that something can be."""


Note = Callable[[], None]
"""What the store is to be told about a reply after an attempt to send it."""

Decide = Callable[[Event, Place, Memory, int], Decision]


class Service:
    """Hears events and sees to it that every reply is sent, in the order of its conversation, across crashes."""

    def __init__(
        self,
        store: Store,
        sender: Sender,
        mind: Mind,
        *,
        clock: Callable[[], float] = time.time,
        pace: Pace | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._store = store
        self._sender = sender
        self._mind = mind
        self._clock = clock
        self._metrics = metrics or Metrics()
        self._trouble = StoreTrouble(self._metrics)
        self._pace = pace or Pace()
        self._pacing = Pacing(self._pace.apart)
        self._threads = ThreadPoolExecutor(max_workers=store.at_once, thread_name_prefix="store")
        self._outbox: asyncio.Task[None] | None = None
        self._sending: dict[int, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._purge_at = 0.0
        self._batches: Iterator[int] | None = None
        self._stopped = False

    # ----------------------------------------------------------------------- hearing

    async def hear(self, event: Event) -> Stepped:
        """Take one event; returns when its outcome is saved. StoreError: it was not taken and may be delivered again.

        An event that the rules fail on is answered with silence.
        """
        mind = self._mind
        since = self._metrics.now()
        log = _log.bind(event=type(event).__name__, conversation=event.place.key, marks=event.marks)
        try:
            with containing_faults(StoreError):
                if self.ignores(event):
                    return Stepped(new=True, reason="no concern")
                if mind.depends(event) and not await self._in_store(self._store.remembers, event.place):
                    self._metrics.ignored(event, "nothing remembered")
                    return Stepped(new=True, reason="nothing remembered")
                step = _Step(event, mind.decide, int(self._clock()), mind.about(event))
                stepped = await self._in_store(step.take, self._store)
        except Failed as failure:
            self._metrics.failed(event)
            log.error("event_failed", where=str(failure))
            return Stepped(new=True, reason="failed")
        log.info("heard" if stepped.new else "repeated", reason=stepped.reason, replies=stepped.queued)
        if not stepped.new:
            self._metrics.repeated(event)
        elif step.decision:
            self._trouble.wrote()
            self._metrics.decided(event, step.decision, step.place.key, since, step.now)
        if stepped.queued:
            self.wake()
        return stepped

    def ignores(self, event: Event) -> bool:
        """Whether the event can only be met with silence and is worth no memory; it is counted then, and need not be heard."""
        if self._mind.concerns(event):
            return False
        self._metrics.ignored(event, "no concern")
        return True

    def think_with(self, mind: Mind) -> None:
        """Decide by other rules, from the next event on."""
        self._mind = mind

    async def _in_store(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run it in a thread that uses the store, with this task's context."""
        if self._stopped:
            raise StoreError("Spellout is stopping and takes nothing more: the event will be delivered again.")
        context = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, partial(context.run, partial(work, *args, **kwargs)))
        except StoreError as error:
            if not self._trouble.troubled:
                self._wake.set()  # the outbox finds out when the store works again
            self._trouble.failed(str(error))
            raise

    # ----------------------------------------------------------------------- how it is

    @property
    def troubled(self) -> bool:
        """Whether the store failed last and has not been written to since."""
        return self._trouble.troubled

    async def backlog(self) -> int:
        """How many replies wait in the outbox; raises StoreError."""
        depth, oldest = await self._in_store(self._store.backlog)
        self._metrics.backlog(depth, 0 if oldest is None else self._clock() - oldest)
        return depth

    # ----------------------------------------------------------------------- from start to stop

    async def start(self) -> None:
        """Begin to send, first of all what an earlier process left; raises StoreError, and may be called again then."""
        self._purge_at = 0
        await self._in_store(self._store.take_over)
        while await self._purge():
            pass
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
        await asyncio.to_thread(self._threads.shutdown)

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
                with containing_faults(StoreError):
                    if self._trouble.troubled:
                        await self._in_store(self._try_to_write)
                        self._trouble.wrote()
                    pause = await self._send_what_is_due()
                    if await self._purge():
                        pause = 0
            except StoreError:
                self._wake.clear()
                pause = self._pace.store_pause
            except Failed as failure:
                _log.error("outbox_failed", where=str(failure))
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

    def _try_to_write(self) -> None:
        self._store.step(_PROBE, (f"probe/{secrets.token_hex(8)}",), int(self._clock()), lambda place, memory: Decision(memory))

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
                with containing_faults(StoreError):
                    await self._in_store(note)
                self._trouble.wrote()
                return
            except StoreError:
                pass
            except Failed as failure:
                _log.error("outbox_failed", where=str(failure))
            await asyncio.sleep(self._pace.store_pause)

    async def _attempt(self, outgoing: Outgoing) -> Note:
        log = _log.bind(outbox=outgoing.id, conversation=outgoing.place.key, attempt=outgoing.attempts + 1)
        try:
            with containing_faults(TryLater, Refused, TimeoutError):
                async with asyncio.timeout(self._pace.one_attempt):
                    message = await self._sender.send(outgoing)
        except Refused as refusal:
            log.error("reply_refused", why=str(refusal))
            return self._given_up(outgoing)
        except TryLater as later:
            if later.seconds is not None:
                self._pacing.asked_to_wait(outgoing, self._clock(), later.seconds)
            return self._postponed(outgoing, later, log)
        except TimeoutError:
            return self._postponed(outgoing, TryLater("time-out"), log)
        except Failed as failure:
            log.error("sender_failed", where=str(failure))
            if outgoing.attempts + 1 >= self._pace.broken:
                return self._given_up(outgoing)
            return self._postponed(outgoing, TryLater("failed"), log)
        log.info("sent", message=message)
        self._metrics.replied(outgoing.reply, outgoing.place.key, outgoing.queued_at, self._clock() - outgoing.queued_at)
        return partial(self._store.sent, outgoing, message)

    def _postponed(self, outgoing: Outgoing, later: TryLater, log: structlog.typing.FilteringBoundLogger) -> Note:
        now = self._clock()
        if now - outgoing.queued_at >= self._pace.give_up:
            log.error("reply_given_up", why=str(later))
            return self._given_up(outgoing)
        pauses = self._pace.back_off
        pause = later.seconds if later.seconds is not None else pauses[min(outgoing.attempts, len(pauses) - 1)]
        log.warning("reply_postponed", why=str(later), seconds=pause)
        self._metrics.postponed()
        return partial(self._store.retry, outgoing, math.ceil(now + pause), later.uncertain)

    def _given_up(self, outgoing: Outgoing) -> Note:
        self._metrics.dropped(outgoing.place.key, outgoing.queued_at)
        return partial(self._store.give_up, outgoing)

    async def _purge(self) -> bool:
        """Forget one batch of what is too old, when it is time; whether there may be more. Events are taken between two batches."""
        now = self._clock()
        if self._batches is None:
            if now < self._purge_at:
                return False
            self._purge_at = now + self._pace.purge
            self._batches = self._store.purge(int(now))
        batches, self._batches = self._batches, None  # one that fails is over until the next time
        if await self._in_store(_went_on, batches):
            self._batches = batches
        return self._batches is not None


def _went_on(batches: Iterator[int]) -> bool:
    return next(batches, None) is not None


class _Step:
    """One event on its way through the store, and what was decided about it."""

    def __init__(self, event: Event, decide: Decide, now: int, about: str) -> None:
        self._event, self._decide, self.now, self._about = event, decide, now, about
        self.place = event.place
        self.decision: Decision | None = None

    def take(self, store: Store) -> Stepped:
        event = self._event
        answer_url = None if isinstance(event, Said | Deleted) else event.answer_url
        return store.step(event.place, event.marks, self.now, self._decided, answer_url, event.person, self._about)

    def _decided(self, place: Place, memory: Memory) -> Decision:
        """Perhaps more than once: where somebody else was quicker, the store asks again."""
        self.place, self.decision = place, self._decide(self._event, place, memory, self.now)
        return self.decision
