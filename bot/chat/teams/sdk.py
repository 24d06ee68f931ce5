"""The way to Teams: Microsoft's SDK, met in this module alone and only when Teams is used. It checks tokens and sends; nothing else.

It reads a file `.env` when it is imported, falls back on variables of other names, waits for ever, and fetches keys and tokens while
everything else stands still. All of that is undone here.
"""

import asyncio
import logging
import os
import warnings
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import urlsplit

import structlog

from bot.chat.teams.cards import CONTENT_TYPE, Card
from bot.chat.teams.clouds import CLOUDS
from bot.chat.teams.failures import understood
from bot.chat.teams.login import Login
from bot.chat.teams.payload import ACTIVITY, CONVERSATION
from bot.chat.teams.proof import Proof
from bot.ports import Refused

_log = structlog.get_logger(__name__)

PATH: Final = "/api/messages"
TIMEOUT: Final = 10.0
"""Seconds that each step of a call may take: to connect, to send, to be answered."""
WHOLE: Final = 20.0
"""Seconds that a call may take in all, its token included."""
_NOT_TAKEN: Final = frozenset({"status 401", "status 407"})
_THEIRS: Final = ("CLIENT_SECRET", "MANAGED_IDENTITY_CLIENT_ID")
"""Variables that would make the SDK get its tokens in another way than ours."""

_BODY: ContextVar[dict[str, Any]] = ContextVar("activity")
"""The activity as it came, while the SDK checks its token."""


class TeamsError(Exception):
    """Teams cannot be used as it is set up: one sentence with the remedy."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are at Microsoft. Without a client id we are nobody, and work on this machine alone."""

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    tenant: str = ""
    cloud: str = "public"


class _Door:
    """Where the SDK hangs its handler up; our own server calls it."""

    def __init__(self) -> None:
        self.handle: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]] | None = None

    def register_route(self, method: str, path: str, handler: Callable[[Any], Awaitable[Any]]) -> None:
        """Remember the handler of the messaging endpoint."""
        if (method, path) == ("POST", PATH):
            self.handle = handler

    def serve_static(self, path: str, directory: str) -> None:
        """Nothing of ours is static."""

    async def start(self, port: int) -> None:
        """Our own server is started elsewhere."""

    async def stop(self) -> None:
        """And stopped there."""


class Connector:
    """Teams' connector: who called is checked, and messages are posted, replaced and taken away. Each call raises TryLater or Refused."""

    def __init__(self, identity: Identity, service_url: str = "", keys_url: str = "", login_url: str = "") -> None:
        """`keys_url` and `login_url` stand for Microsoft's own in tests."""
        self._identity = identity
        self._door = _Door()
        self._clients: dict[str, Any] = {}
        self._default = (service_url or CLOUDS[identity.cloud].service_url).rstrip("/")
        with _alone():
            self._app, self._types, self._login = _load(identity, self._door, self._default, keys_url, login_url)
        warnings.filterwarnings("ignore", category=self._types.preview)  # targeted messages are a preview, each of which would warn
        if not identity.client_id and self._app.credentials is not None:
            raise TeamsError("CLIENT_ID is set, which Microsoft's SDK would use: remove it, or set TEAMS_CLIENT_ID instead of TEAMS_LOCAL.")
        self._checks: Proof | None = None

    @property
    def issuer(self) -> str:
        """Who signs what Teams sends."""
        return str(self._app.cloud.token_issuer)

    @property
    def hosts(self) -> tuple[str, str]:
        """Who gives our token, and who the keys of Teams' tokens."""
        return urlsplit(self._app.cloud.login_endpoint).netloc, urlsplit(self._app.cloud.openid_metadata_url).netloc

    async def start(self, take: Callable[[dict[str, Any]], Awaitable[tuple[int, Any]]]) -> None:
        """Be ready to check and to send; `take` gets each activity that is proved to come from Teams."""
        why = await self.prepare()
        if why:
            _log.warning("teams_keys_not_fetched", why=why)

        async def on_request(event: Any) -> dict[str, Any]:
            status, body = await take(_BODY.get())
            return {"status": status, "body": body}

        self._app.server.on_request = on_request

    async def prepare(self) -> str:
        """Fetch what tokens are checked by; why that failed, in a word, or "". Raises TeamsError."""
        await self._app.initialize()
        server = self._app.server
        if not self._identity.client_id:
            return ""
        if getattr(server, "_token_validator", None) is None:
            raise TeamsError("This version of microsoft-teams-apps is not known to Spellout: install 2.1.")
        self._checks = server._token_validator = Proof(server._token_validator)
        try:
            await self._checks.warm()
        except Exception as error:
            return type(error).__name__
        return ""

    async def sign_in(self) -> None:
        """Get a token for Teams, as the first reply would; raises NoToken."""
        await self._login.token(self._app.cloud.bot_scope, self._identity.tenant)

    @property
    def unverified(self) -> tuple[str, ...]:
        """What Microsoft has not given us yet since the start: a token, its keys. Nobody gives us any in the local mode."""
        if not self._identity.client_id:
            return ()
        known = {"token": self._login.known, "keys": self._checks is not None and self._checks.known}
        return tuple(name for name, given in known.items() if not given)

    async def receive(self, activity: dict[str, Any], authorization: str) -> tuple[int, Any]:
        """Let the SDK check the token, and the activity be taken; the status and body of the answer.

        Of the activity the SDK gets what the token speaks of: it reads nothing that was written, and cannot stumble over it.
        """
        if self._door.handle is None:
            return 503, None
        mark = _BODY.set(activity)
        try:
            named = {name: activity[name] for name in ("type", "id", "serviceUrl")}
            answer = await self._door.handle({"body": named, "headers": {"authorization": authorization}})
        finally:
            _BODY.reset(mark)
        return int(answer["status"]), answer["body"]

    async def close(self) -> None:
        """Let go of Teams; nothing can be sent afterwards."""
        if self._checks is not None:
            self._checks.close()
        await self._login.close()
        await self._app.http_client.http.aclose()
        await self._app.api.http.http.aclose()

    # ----------------------------------------------------------------------- going out

    async def post(self, url: str, conversation: str, message: Any, *, targeted: bool = False) -> str:
        """Post a message; its id."""
        activities = self._at(url)
        create = activities.create_targeted_activity if targeted else activities.create_activity
        sent = await self._call(create(conversation, message))
        return str(sent.id) if ACTIVITY.fullmatch(str(sent.id)) else ""

    async def replace(self, url: str, conversation: str, message_id: str, message: Any) -> None:
        """Put another content into a message of ours."""
        await self._call(self._at(url).update_activity(conversation, message_id, message))

    async def delete(self, url: str, conversation: str, message_id: str) -> None:
        """Take a message of ours away."""
        await self._call(self._at(url).delete_activity(conversation, message_id))

    async def personal_chat(self, url: str, tenant: str, person: str) -> str:
        """The person's own chat with us, opened where there is none yet."""
        account = self._types.Account(id=person)
        wanted = self._types.CreateConversationParams(members=[account], tenant_id=tenant, channel_data={"tenant": {"id": tenant}})
        opened = await self._call(self._at(url).create(wanted))
        if not CONVERSATION.fullmatch(str(opened.id)):
            raise Refused("no_conversation")
        return str(opened.id)

    async def member(self, url: str, conversation: str, person: str) -> tuple[str, str]:
        """What a person of a conversation is called, and the tenant that they belong to."""
        found = await self._call(self._at(url).get_member_by_id(conversation, person))
        return str(found.name or ""), str(getattr(found, "tenant_id", None) or "")

    async def team(self, url: str, team: str) -> tuple[str, dict[str, str]]:
        """What a team is called, and its channels by their ids; its first channel has no name."""
        found = await self._call(self._client(url).teams.get_by_id(team))
        channels = await self._call(self._client(url).teams.get_conversations(team))
        return str(found.name or ""), {str(each.id): str(each.name or "") for each in channels}

    def message(self, card: Card, summary: str, to: str = "") -> Any:
        """A message that shows this card; `to`: to this person alone."""
        types = self._types
        attachment = types.Attachment(content_type=CONTENT_TYPE, content=card)
        recipient = types.Account(id=to, is_targeted=True) if to else None
        return types.MessageActivityInput(attachments=[attachment], summary=summary, recipient=recipient)

    def _at(self, url: str) -> Any:
        return self._client(url).conversations

    def _client(self, url: str) -> Any:
        """The client for the connector at this address."""
        address = (url or self._default).rstrip("/")
        if address not in self._clients:
            if len(self._clients) >= 64:
                self._clients.clear()
            with _quietly():
                self._clients[address] = self._app.api.clone(service_url=address)
        return self._clients[address]

    async def _call(self, call: Awaitable[Any]) -> Any:
        try:
            async with asyncio.timeout(WHOLE):
                return await call
        except Exception as error:
            meaning = understood(error)
            if str(meaning) in _NOT_TAKEN:
                self._login.drop()
            raise meaning from None


@contextmanager
def _quietly() -> Iterator[None]:
    """The SDK warns of its own deprecated parts when it makes its clients."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _alone() -> Iterator[None]:
    """While the SDK is imported and made: no `.env` is read, no secret but ours, and its warnings about previews are not ours to show."""
    before = os.environ.get("PYTHON_DOTENV_DISABLED")
    os.environ["PYTHON_DOTENV_DISABLED"] = "true"
    theirs = {name: os.environ.pop(name) for name in _THEIRS if name in os.environ}
    try:
        with _quietly():
            yield
    finally:
        os.environ.pop("PYTHON_DOTENV_DISABLED")
        os.environ |= theirs if before is None else theirs | {"PYTHON_DOTENV_DISABLED": before}


def _load(identity: Identity, door: _Door, service_url: str, keys_url: str, login_url: str) -> tuple[Any, Any, Login]:
    """The SDK's application, the few of its types that we use, and what gives it its tokens."""
    try:
        from microsoft_teams import api, apps, common  # noqa: PLC0415 - an optional extra that takes half a second to import
        from microsoft_teams.api.auth import cloud_environment  # noqa: PLC0415
        from microsoft_teams.common.experimental import ExperimentalWarning  # noqa: PLC0415
    except ImportError:
        raise TeamsError(
            "Teams needs a further library: `pip install '.[teams]'` in Spellout's folder brings it, and `make setup` has it."
        ) from None
    for name in ("microsoft_teams", "msal"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # they log what people wrote; what matters of it is logged by us
    cloud = cloud_environment.from_name(CLOUDS[identity.cloud].sdk)
    if keys_url:
        cloud = cloud_environment.with_overrides(cloud, openid_metadata_url=keys_url)
    login = Login(login_url or cloud.login_endpoint, identity.client_id, identity.client_secret)
    app = apps.App(
        client_id=identity.client_id or None,
        tenant_id=identity.tenant or None,
        token=login.token if identity.client_id else None,
        client=common.ClientOptions(timeout=TIMEOUT),
        http_server_adapter=door,
        messaging_endpoint=PATH,
        service_url=service_url,
        cloud=cloud,
        dangerously_allow_unauthenticated_requests=not identity.client_id,
        state=False,
    )
    types = SimpleNamespace(
        Account=api.Account,
        Attachment=api.Attachment,
        MessageActivityInput=api.MessageActivityInput,
        CreateConversationParams=api.CreateConversationParams,
        preview=ExperimentalWarning,
    )
    return app, types, login
