"""The wiring: Teams' requests in through our own web server, checked by us and then by Microsoft's SDK, and answered once their outcome is
saved."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final

import structlog
from aiohttp import web

from bot.chat.payload import part, string
from bot.chat.taken import AT_ONCE, FirstTry, Taken, insisting
from bot.chat.teams.capabilities import Capabilities
from bot.chat.teams.cards import CONTENT_TYPE, Setting, card
from bot.chat.teams.events import INVOKES, POINTED, PRESSED, SENT_OFF, Us, translate
from bot.chat.teams.guard import Trust, Turned, checked, from_here, token_fault
from bot.chat.teams.limits import REQUEST, TITLE
from bot.chat.teams.payload import TASK, Seals, is_shared, where
from bot.chat.teams.sdk import PATH, Connector, Identity, TeamsError
from bot.chat.teams.sender import TeamsSender, Words
from bot.chat.teams.waiting import Waiting, WaitingRoom
from bot.core.messages import Commanded, Deleted, Event, Reply, Said, Span, Submitted, Text
from bot.metrics import Metrics
from bot.ports import Outgoing, Refused, Stepped, StoreError, TryLater

_log = structlog.get_logger(__name__)

MESSAGE: Final = "application/vnd.microsoft.activity.message"
ERROR: Final = "application/vnd.microsoft.error"
NOT_NOW: Final = 503
"""The status for what was not taken; why, the log has told already."""
Hear = Callable[[Event], Awaitable[Stepped]]
Answer = tuple[int, Any]


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient the adapter is. All times in seconds."""

    store: tuple[float, ...] = (0.5, 2, 5, 15)
    """The pauses before an event is given to a failing store again."""
    acknowledge: float = 4
    """How long the answer to a message waits for the store; Teams waits for fifteen."""
    invoke: float = 4.5
    """Within how long a press or a menu is answered, all in all; Teams gives a message's menu five."""
    home: float = 2
    """How long may be asked where a person belongs, who is a stranger then."""
    card: float = 2.5
    """How long a button waits for the card that answers it."""
    window: tuple[float, ...] = (0.5, 2)
    """The pauses before a window's card is sent again."""
    at_once: int = AT_ONCE
    """How many requests are heard at once; what is more is asked to come later."""
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep


class TeamsChat:
    """Spellout at Teams. Start it with the service's `hear`; give the service its `sender`."""

    def __init__(
        self,
        *,
        identity: Identity,
        words: Words,
        trust: Trust,
        local: bool = False,
        targeted: bool = True,
        service_url: str = "",
        keys_url: str = "",
        login_url: str = "",
        pace: Pace | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        """Raises TeamsError where what is given would let anybody in. `keys_url` and `login_url` stand for Microsoft's own in tests."""
        _check(identity, trust, local)
        self._local = local
        self._trust = trust
        self._pace = pace or Pace()
        self._hear: Hear | None = None
        self._taken = Taken[Stepped](self._pace.at_once, (metrics or Metrics()).put_off)
        self._room = WaitingRoom()
        seals = Seals(secrets.token_bytes() if local else sha256(b"spellout cards\0" + identity.client_secret.encode()).digest())
        self._us = Us("" if local else identity.tenant, seals)
        self._connector = Connector(identity, service_url, keys_url, login_url)
        self.capabilities = Capabilities(targeted=targeted)
        self.sender = TeamsSender(self._connector, seals, words, self.capabilities, self._room)

    def speak(self, words: Words) -> None:
        """Use these words from now on."""
        self.sender.words = words

    # ----------------------------------------------------------------------- from start to stop

    def mount(self, application: web.Application) -> None:
        """Add the one route."""
        application.router.add_post(PATH, self._receive)

    async def start(self, hear: Hear, ignores: Callable[[Event], bool] | None = None) -> None:
        """Fetch what is needed to check tokens, then take activities. All of them are heard: Teams sends little that is not for us."""
        await self._connector.start(self._take)
        self._hear = hear
        _log.info("teams_ready", local=self._local, targeted=self.capabilities.targeted)

    async def sign_in(self) -> None:
        """Get the token that replies need; raises NoToken. Nothing to do in the local mode."""
        if not self._local:
            await self._connector.sign_in()

    async def stop(self, grace: float = 10) -> None:
        """Take nothing new, and wait for what was taken. The sender still works, so that the service can send what is due."""
        self._hear = None
        await self._taken.stop(grace)

    async def close(self) -> None:
        """Let go of Teams; nothing can be sent afterwards."""
        await self._connector.close()

    async def rest(self) -> None:
        """Wait until everything that was taken so far has been heard."""
        await self._taken.rest()

    async def connected(self) -> bool:
        """Whether we take activities."""
        return self._hear is not None

    @property
    def unverified(self) -> tuple[str, ...]:
        """What Microsoft has not given us yet since the start: a token, its keys."""
        return self._connector.unverified

    # ----------------------------------------------------------------------- coming in

    async def _receive(self, request: web.Request) -> web.Response:
        try:
            if self._local and not from_here(request.remote, request.host):
                raise Turned(403, "not_from_here")
            activity = checked(await _body(request), request.headers.get("Content-Type", ""), self._trust)
            authorization = request.headers.get("Authorization", "")
            if not self._local and (fault := token_fault(authorization, self._connector.issuer)):
                raise Turned(401, "token", fault)
        except web.RequestPayloadError:
            return _unreadable(request)
        except Turned as turned:
            _log.warning("request_turned_away", **turned.told)
            return web.Response(status=turned.status)
        status, body = await self._connector.receive(activity, authorization)
        if status >= 500 and status != NOT_NOW:
            _log.error("request_not_handled", status=status)
        return web.Response(status=status) if body is None or status >= 400 else web.json_response(body, status=status)

    async def _take(self, activity: dict[str, Any]) -> Answer:
        """Take an activity that Teams has sent, and answer once its outcome is saved."""
        if self._hear is None:
            return NOT_NOW, None
        due = asyncio.get_running_loop().time() + self._pace.invoke
        self.sender.note(activity)
        event = translate(activity, self._us)
        if event is not None and self._us.tenant and is_shared(activity):
            event = translate(activity, self._us, await self._home(activity, event.person))
        if event is not None and self._taken.puts_off():
            return NOT_NOW, None
        if activity["type"] == "invoke":
            return await self._answered(self._hear, activity, event, due)
        if event is None:
            return 200, None
        stepped = await self._saved(self._hear, event, self._pace.acknowledge)
        return (200 if stepped else NOT_NOW), None

    async def _home(self, activity: dict[str, Any], person: str) -> str:
        """The person's own tenant, where people of several may be; "" (a stranger) where it cannot be learnt."""
        at = where(activity)
        try:
            async with asyncio.timeout(self._pace.home):
                return await self.sender.home_of(at.tenant, at.conversation, person)
        except TimeoutError:
            _log.warning("member_not_looked_up", why="time-out")
            return ""

    async def _answered(self, hear: Hear, activity: dict[str, Any], event: Event | None, due: float) -> Answer:
        """Hear a request that waits for its answer, and answer with what came of it."""
        name = string(activity.get("name"))
        if name not in INVOKES:
            return 501, None
        if event is None:
            return 200, self._failed(name)
        waiting = Waiting(
            message="" if name != PRESSED else string(activity.get("replyToId")),
            conversation=string(part(activity.get("conversation"), "id")),
            place=event.place.key,
            window=name in (POINTED, SENT_OFF),
            form=isinstance(event, Submitted),
            person=event.person,
        )
        with self._room.enter(f"{TASK}{activity['id']}", waiting):
            clock = asyncio.get_running_loop().time
            stepped = await self._saved(hear, event, due - clock())
            if stepped is None:
                return 200, self._failed(name)
            await waiting.answered(stepped.queued + len(stepped.windows), min(self._pace.card, due - clock()))
        return 200, self._card(waiting) if name == PRESSED else self._window(waiting)

    def _card(self, waiting: Waiting) -> Any:
        """The card that takes the place of the one that was pressed; a form that was sent off is closed in any case."""
        told = self.sender.words.happened[waiting.happened]
        shown = waiting.card or (card(Reply((Text((Span(told),)),), told), Setting({})) if waiting.form else None)
        if shown:
            return {"statusCode": 200, "type": CONTENT_TYPE, "value": shown}
        return {"statusCode": 200, "type": MESSAGE, "value": told}

    def _window(self, waiting: Waiting) -> Any:
        if not waiting.card:
            happened = "elsewhere" if waiting.happened == "below" else waiting.happened
            return {"task": {"type": "message", "value": self.sender.words.happened[happened]}}
        title = (waiting.title or self.sender.words.title)[:TITLE]
        shown = {"title": title, "height": "medium", "width": "medium", "card": {"contentType": CONTENT_TYPE, "content": waiting.card}}
        return {"task": {"type": "continue", "value": shown}}

    def _failed(self, name: str) -> Any:
        if name == PRESSED:
            return {"statusCode": 400, "type": ERROR, "value": {"code": "BadRequest", "message": self.sender.words.failed}}
        return {"task": {"type": "message", "value": self.sender.words.failed}}

    # ----------------------------------------------------------------------- hearing

    async def _saved(self, hear: Hear, event: Event, within: float) -> Stepped | None:
        """Begin to hear it; what came of it, or None where its outcome was not saved at the first try and in time (seconds)."""
        return await self._taken.take(lambda first_try: self._listen(hear, event, first_try), within)

    async def _listen(self, hear: Hear, event: Event, first_try: FirstTry[Stepped]) -> None:
        """Everything that an event leads to; never raises. Teams delivers nothing twice on its own, so that what a failing store did not
        take is tried on."""
        try:
            stepped = await self._heard(hear, event, first_try)
            for window in stepped.windows if stepped else ():
                await self._show(window, event)
        except Exception as error:
            _log.error("event_failed", marks=event.marks, why=type(error).__name__)

    async def _heard(self, hear: Hear, event: Event, first_try: FirstTry[Stepped]) -> Stepped | None:
        try:
            return await insisting(lambda: hear(event), first_try, lambda stepped: stepped, self._pace.store, self._pace.pause)
        except StoreError:
            _log.error("event_lost", marks=event.marks)
            return None

    async def _show(self, window: Reply, event: Event) -> None:
        """Show what would be a window: in the window that waits for it, else as a private card."""
        private = replace(window, surface="whisper", to=window.to or event.person)
        url = None if isinstance(event, Said | Deleted | Commanded) else event.answer_url
        for pause in (*self._pace.window, None):
            try:
                await self.sender.send(Outgoing(0, event.place, private, event.place.thread, None, url, 0))
            except TryLater as later:
                _log.warning("window_postponed", why=str(later))
            except Refused as refusal:
                _log.error("window_not_shown", why=str(refusal))
                return
            else:
                return
            if pause is not None:
                await self._pace.pause(pause)


def _check(identity: Identity, trust: Trust, local: bool) -> None:
    """Whoever can reach us must not be able to speak for Teams, nor learn our token."""
    if local and (identity.client_id or identity.client_secret):
        raise TeamsError("TEAMS_LOCAL works without credentials alone: leave TEAMS_CLIENT_ID and TEAMS_CLIENT_SECRET out, or TEAMS_LOCAL.")
    if local and not trust.here:
        raise TeamsError("TEAMS_LOCAL talks to this machine alone: leave TEAMS_SERVICE_HOSTS out.")
    if not local and not (identity.client_id and identity.tenant and identity.client_secret):
        raise TeamsError("Teams needs TEAMS_CLIENT_ID, TEAMS_CLIENT_SECRET and TEAMS_TENANT_ID: set all three of them.")


def _unreadable(request: web.Request) -> web.Response:
    """The answer to a body that is not what its headers say; nothing more of it is read, nor tried to be."""
    request.content.feed_eof()
    answer = web.Response(status=400)
    answer.force_close()
    return answer


async def _body(request: web.Request) -> bytes:
    """The body, as much of it as is allowed."""
    if (request.content_length or 0) > REQUEST:
        raise Turned(413, "too_large")
    body = bytearray()
    async for chunk in request.content.iter_chunked(65_536):
        body += chunk
        if len(body) > REQUEST:
            raise Turned(413, "too_large")
    return bytes(body)
