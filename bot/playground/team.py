"""One workspace with all that the app can reach there, and the token that opens it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.playground.chatmethods import CHAT
from bot.playground.delivery import Dispatcher
from bot.playground.feed import Feed
from bot.playground.manifest import Manifest
from bot.playground.methods import Calls, Method
from bot.playground.payloads import Payloads
from bot.playground.people import People
from bot.playground.readmethods import READING
from bot.playground.tickets import Tickets
from bot.playground.viewmethods import Windows, view_methods
from bot.playground.workspace import Change, Workspace


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all workspaces share: the app's manifest, the way to the app, the clock, and where answers are taken."""

    manifest: Manifest
    dispatcher: Dispatcher
    clock: Callable[[], float]
    answers_at: Callable[[], str]
    beat: Callable[[], None]


class Team:
    """A workspace; the app hears of it and may act in it while it is installed there, which is while it has a token."""

    def __init__(self, workspace: Workspace, around: Surroundings, token: str = "") -> None:
        self.workspace = workspace
        self.token = token
        self.tickets = Tickets(around.clock, workspace.new_id)
        self.payloads = Payloads(workspace)
        self.calls = Calls(workspace, around.manifest)
        self.windows = Windows(workspace, self.payloads, self.tickets)
        self.methods: Mapping[str, Method] = {**READING, **CHAT, **view_methods(self.windows)}
        self.people = People(
            self.calls,
            manifest=around.manifest,
            payloads=self.payloads,
            dispatcher=around.dispatcher,
            tickets=self.tickets,
            windows=self.windows,
            answers_at=around.answers_at,
        )
        self._feed = Feed(workspace, around.manifest, self.payloads, around.dispatcher)
        workspace.watch(self._changed)
        workspace.watch(lambda change: around.beat())

    def _changed(self, change: Change) -> None:
        if self.token:
            self._feed.hear(change)
