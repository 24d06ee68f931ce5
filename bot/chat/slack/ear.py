"""The incoming half: every request of Slack, acknowledged once its outcome is saved."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import structlog
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.chat.payload import NotForUs
from bot.chat.slack.departure import Departure, departure
from bot.chat.slack.events import translate, trigger_of
from bot.chat.slack.messenger import Messenger
from bot.chat.slack.payload import Us, delivery_of, team_of
from bot.chat.slack.socket import NOT_NOW
from bot.chat.slack.workspaces import Workspaces
from bot.chat.taken import AT_ONCE, FirstTry, Taken, insisting
from bot.core.messages import Deleted, Event, Field, Reply, Said
from bot.ports import Outgoing, Refused, Stepped, StoreError, TryLater

_log = structlog.get_logger(__name__)

Hear = Callable[[Event], Awaitable[Stepped]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient the adapter is. All times in seconds."""

    ping: float = 10
    patience: float = 30
    """How long the socket may be dead before it is replaced."""
    store: tuple[float, ...] = (0.5, 2, 5, 15)
    """The pauses before an event is given to a failing store again."""
    acknowledge: float = 2
    """How long an acknowledgement waits for the store; Slack waits for three."""
    farewell: float = 1
    """How long deleting what was stored of a workspace waits for what is still being heard."""
    at_once: int = AT_ONCE
    """How many requests are heard at once; what is more is not acknowledged."""
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep


class Ear(AsyncMiddleware):
    """Takes every request that Bolt lets in, of any kind, and answers as soon as its outcome is saved.

    One ear instead of listeners: nothing is unhandled (Slack would deliver it again), nothing waits for Bolt's polling of `ack`, and no
    failure of ours can take an acknowledgement back, as an exception in a Bolt listener does.
    """

    def __init__(
        self,
        workspaces: Workspaces,
        messenger: Messenger,
        not_opened: Reply,
        not_saved: Reply,
        pace: Pace,
        put_off: Callable[[], None] = lambda: None,
    ) -> None:
        """`put_off` hears of each request that is too much now."""
        self._workspaces = workspaces
        self._messenger = messenger
        self._not_opened, self._not_saved = not_opened, not_saved
        self._pace = pace
        self._taken = Taken[bool](pace.at_once, put_off)
        self._leaving: set[asyncio.Task[Any]] = set()
        self.hear: Hear | None = None
        """Who listens; None: nobody yet, or no more."""

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        """Never calls the next one. What is acknowledged is never lost without a word.

        What cannot be saved in time is not acknowledged where Slack would deliver it again, which our marks then notice; a press or a
        command comes only once, so that it is acknowledged and tried on, and the person told where that was in vain. What is more than we
        can hold is not even begun: Slack delivers an event again, and shows the person that a press or a command failed.
        """
        if self.hear is None or self._taken.puts_off():
            return BoltResponse(status=NOT_NOW)
        saved = await self._saved(self.hear, req)
        if not saved and req.body.get("type") == "event_callback":
            return BoltResponse(status=NOT_NOW)
        offered: dict[str, Any] | str = {"options": []} if req.body.get("type") == "block_suggestion" else ""
        return BoltResponse(status=200, body=offered)

    def speak(self, not_opened: Reply, not_saved: Reply) -> None:
        """Say this from now on where a window came too late to open, and where what was acknowledged could not be saved."""
        self._not_opened, self._not_saved = not_opened, not_saved

    async def acknowledged(self, grace: float) -> None:
        """Wait for what was taken, for as long as its acknowledgement waits."""
        await self._taken.rest(min(grace, self._pace.acknowledge))

    async def stop(self, grace: float) -> None:
        """Take nothing new, and wait for what was taken."""
        self.hear = None
        await self._taken.stop(grace)

    async def rest(self) -> None:
        """Wait until everything that was taken so far has been heard."""
        await self._taken.rest()

    # ----------------------------------------------------------------------- from request to outcome

    async def _saved(self, hear: Hear, request: AsyncBoltRequest) -> bool:
        """Begin to hear it; whether its outcome was saved at the first try and in time."""
        return bool(await self._taken.take(lambda first_try: self._listen(hear, request, first_try), self._pace.acknowledge))

    async def _listen(self, hear: Hear, request: AsyncBoltRequest, first_try: FirstTry[bool]) -> None:
        """Everything that a request leads to; never raises."""
        try:
            heard = await self._insisting(hear, request, first_try)
            if heard is not None:
                event, stepped = heard
                for window in stepped.windows:
                    await self._open(window, event, trigger_of(request.body))
        except Exception as error:
            _log.error("event_failed", delivery=delivery_of(request.body), why=type(error).__name__)
            if not first_try.done():
                first_try.set_result(True)  # it would fail again

    async def _insisting(self, hear: Hear, request: AsyncBoltRequest, first_try: FirstTry[bool]) -> tuple[Event, Stepped] | None:
        try:
            return await insisting(lambda: self._heard(hear, request), first_try, lambda _: True, self._pace.store, self._pace.pause)
        except StoreError:
            _log.error("event_lost", delivery=delivery_of(request.body))
            await self._tell_lost(request)
            return None

    async def _tell_lost(self, request: AsyncBoltRequest) -> None:
        """Tell the person, where Slack gave an address for answers: nothing that was stored is needed for that, not even who we are."""
        event = translate(request.body, Us(""))
        if event is None or isinstance(event, Said | Deleted) or not event.answer_url:
            return
        whisper = replace(self._not_saved, to=event.person)
        try:
            await self._messenger.answer(Outgoing(0, event.place, whisper, event.place.thread, None, event.answer_url, 0))
        except (Refused, TryLater) as why:
            _log.error("loss_not_told", delivery=delivery_of(request.body), why=str(why))

    async def _heard(self, hear: Hear, request: AsyncBoltRequest) -> tuple[Event, Stepped] | None:
        """The event and what came of it, or None for what is not for us; raises StoreError."""
        if (left := departure(request.body)) is not None:
            await self._take_leave(left)
            return None
        try:
            team = team_of(request.body)
        except NotForUs:
            return None
        workspace = await self._workspaces.of(team)
        if workspace is None:
            _log.warning("not_installed", team=team, delivery=delivery_of(request.body))
            return None
        event = translate(request.body, workspace.us)
        if event is None:
            return None
        _tell_repeats(request, event)
        return event, await hear(event)

    async def _take_leave(self, left: Departure) -> None:
        """Delete what there is of a workspace, after whatever of it is being heard, lest that be stored afterwards."""
        self._workspaces.doubt(left.team)
        me = asyncio.current_task()
        if me is not None:
            self._leaving.add(me)
            me.add_done_callback(self._leaving.discard)
        if others := self._taken.running - self._leaving:
            await asyncio.wait(others, timeout=self._pace.farewell)
        await self._workspaces.leave(left)

    # ----------------------------------------------------------------------- windows

    async def _open(self, window: Reply, event: Event, trigger: str | None) -> None:
        """Open the window; where it comes too late, whisper what would stand in it."""
        try:
            if trigger is None:
                raise Refused("no_trigger")
            await self._messenger.open(trigger, window, event.place)
        except (Refused, TryLater) as failure:
            _log.warning("window_not_opened", why=str(failure))
            shown = self._not_opened if any(isinstance(part, Field) for part in window.parts) else window
            whisper = replace(shown, surface="whisper", to=window.to or event.person)
            url = None if isinstance(event, Said | Deleted) else event.answer_url
            try:
                await self._messenger.send(Outgoing(0, event.place, whisper, event.place.thread, None, url, 0))
            except (Refused, TryLater) as why:
                _log.error("window_not_whispered", why=str(why))


def _tell_repeats(request: AsyncBoltRequest, event: Event) -> None:
    """Slack counts deliveries from 0; what comes again is heard like anything else, since it may never have arrived."""
    number = (request.headers.get("x-slack-retry-num") or ["0"])[0]
    if number != "0":
        reason = (request.headers.get("x-slack-retry-reason") or [""])[0]
        _log.info("delivered_again", marks=event.marks, number=number, reason=reason)
