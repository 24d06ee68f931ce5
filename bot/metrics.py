"""What Spellout counts of itself, for Prometheus: how much and how fast, never who or where."""

import re
import time
from collections.abc import Callable
from platform import python_version
from typing import Final, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder

from bot import __version__
from bot.core.messages import Event, Reply
from bot.core.turn import Decision

DIALOGUE_STEPS: Final = {
    "dialogue started": "started",
    "dialogue started from a description": "started",
    "question asked": "asked",
    "answered": "answered",
    "answer not understood": "not_understood",
    "result shown": "result",
    "stopped": "stopped",
}
"""The core's words for what happened in a dialogue, and what they are counted as."""
ASKED: Final = "asked"
CORRECTED: Final = frozenset({"corrected", "reopened"})
"""A person said that a reading was wrong, or opened it again."""

OTHER: Final = "other"
_MOST_VALUES = 60
_WORD = re.compile(r"[a-z][a-z0-9_ ]{0,39}")
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_SLOW = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class _Bounded:
    """Keeps a label's values few and plain, whatever the world calls its errors: what is too much, or odd, is `other`."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def __call__(self, value: str) -> str:
        if value in self._known:
            return value
        if not _WORD.fullmatch(value) or len(self._known) >= _MOST_VALUES:
            return OTHER
        self._known.add(value)
        return value


class Metrics:
    """The counters of one process, in a registry of their own. Only its event loop may use it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.registry = CollectorRegistry()
        self._clock = clock
        self._reason, self._error = _Bounded(), _Bounded()
        self._on_their_way = _OnTheirWay()
        self._ignored: dict[tuple[str, str], tuple[Counter, Counter]] = {}
        """The counters of what is ignored, kept at hand: most events are."""
        registry = self.registry
        ProcessCollector(registry=registry)
        build = Gauge("spellout_build_info", "The version that runs; always 1", ["version", "python"], registry=registry)
        build.labels(__version__, python_version()).set(1)
        self._events = Counter("spellout_events", "Events heard, by kind", ["kind"], registry=registry)
        self._repeated = Counter("spellout_events_repeated", "Events that had been heard before", registry=registry)
        self._failed = Counter("spellout_events_failed", "Events that the program failed on: a mistake in it", registry=registry)
        self._put_off = Counter(
            "spellout_requests_put_off", "Requests that were not taken, since too many were being heard", registry=registry
        )
        self._silences = Counter("spellout_silences", "Events that were answered with silence, by reason", ["reason"], registry=registry)
        self._asks = Counter("spellout_asks", "Questions what an acronym means", registry=registry)
        self._corrections = Counter("spellout_corrections", "Readings that a person corrected or opened again", registry=registry)
        self._steps = Counter("spellout_dialogue_steps", "Steps of dialogues, by kind", ["step"], registry=registry)
        self._replies = Counter("spellout_replies", "Replies sent, by surface", ["surface"], registry=registry)
        self._postponed = Counter("spellout_replies_postponed", "Attempts to send after which a reply waits", registry=registry)
        self._dropped = Counter("spellout_replies_dropped", "Replies that were given up or refused for good", registry=registry)
        self._hearing = Histogram(
            "spellout_hear_seconds", "From an event being heard to its outcome being saved", buckets=_QUICK, registry=registry
        )
        self._replying = Histogram(
            "spellout_reply_seconds", "From an event being heard to a reply being sent", buckets=_SLOW, registry=registry
        )
        self._depth = Gauge("spellout_outbox_depth", "Replies that wait to be sent", registry=registry)
        self._oldest = Gauge("spellout_outbox_oldest_seconds", "For how long the oldest of them has waited", registry=registry)
        self._slack = Counter(
            "spellout_slack_errors", "Calls that Slack refused or that did not reach it, by kind", ["kind"], registry=registry
        )
        self._store = Counter("spellout_database_errors", "Failures of the database", registry=registry)
        self._store_up = Gauge("spellout_database_up", "Whether the database could be used last", registry=registry)
        self._socket = Gauge(
            "spellout_socket_age_seconds", "Seconds since Slack last answered on the socket; -1 without Socket Mode", registry=registry
        )
        self._rules = Gauge("spellout_rules_info", "The version of the rules in use; always 1", ["version"], registry=registry)
        self._mistakes = Gauge(
            "spellout_rules_mistakes", "Mistakes in the rules as last edited; above 0, older ones are in use", registry=registry
        )
        self._reloads = Counter(
            "spellout_rules_reloads", "Edits of the rules that were looked at, by outcome", ["outcome"], registry=registry
        )
        self._draining = Gauge("spellout_draining", "Whether the process is stopping", registry=registry)
        self._store_up.set(1)
        self._socket.set(-1)
        for kind in get_args(Event):  # from the start on, so that an alert on nothing being heard has something to look at
            self._events.labels(kind.__name__.lower())
        for step in DIALOGUE_STEPS.values():
            self._steps.labels(step)

    def shown(self, accept: str = "") -> tuple[bytes, str]:
        """Everything as Prometheus reads it, and its content type."""
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type

    # ----------------------------------------------------------------------- the service

    def now(self) -> float:
        """The time to measure from (seconds of a clock that only runs)."""
        return self._clock()

    def ignored(self, event: Event, reason: str) -> None:
        """An event that needed no decision."""
        kind = type(event).__name__
        if (counters := self._ignored.get((kind, reason))) is None:
            counters = self._events.labels(kind.lower()), self._silences.labels(self._reason(reason))
            self._ignored[kind, reason] = counters
        for counter in counters:
            counter.inc()

    def repeated(self, event: Event) -> None:
        """An event that had been heard before."""
        self._events.labels(type(event).__name__.lower()).inc()
        self._repeated.inc()

    def failed(self, event: Event) -> None:
        """An event that the program failed on."""
        self._events.labels(type(event).__name__.lower()).inc()
        self._failed.inc()

    def put_off(self) -> None:
        """A request that was not taken, because too many are being heard."""
        self._put_off.inc()

    def decided(self, event: Event, decision: Decision, conversation: str, since: float, queued_at: int) -> None:
        """An event whose outcome is saved: heard at `since`; its replies are in the outbox under `conversation` and `queued_at`."""
        self._events.labels(type(event).__name__.lower()).inc()
        self._hearing.observe(max(self._clock() - since, 0))
        for what in decision.happened or (decision.reason,):
            if what == ASKED:
                self._asks.inc()
            elif what in CORRECTED:
                self._corrections.inc()
            elif what in DIALOGUE_STEPS:
                self._steps.labels(DIALOGUE_STEPS[what]).inc()
        if not decision.replies:
            self._silences.labels(self._reason(decision.reason)).inc()
        windows = sum(reply.surface == "window" for reply in decision.replies)
        if windows:
            self._replies.labels("window").inc(windows)
        self._on_their_way.left(conversation, queued_at, since, len(decision.replies) - windows)

    def replied(self, reply: Reply, conversation: str, queued_at: int, waited: float) -> None:
        """A reply that was sent; `waited` (seconds) is how long it stood in the outbox, for what another process had heard."""
        self._replies.labels(reply.surface).inc()
        since = self._on_their_way.arrived(conversation, queued_at)
        self._replying.observe(max(waited if since is None else self._clock() - since, 0))

    def postponed(self) -> None:
        """An attempt to send failed, and the reply waits."""
        self._postponed.inc()

    def dropped(self, conversation: str, queued_at: int) -> None:
        """A reply will never be sent."""
        self._dropped.inc()
        self._on_their_way.arrived(conversation, queued_at)

    # ----------------------------------------------------------------------- the world

    def backlog(self, depth: int, oldest: float) -> None:
        """How many replies wait, and for how long (seconds) the oldest has."""
        self._depth.set(depth)
        self._oldest.set(max(oldest, 0))

    def database_failed(self) -> None:
        """The database failed once."""
        self._store.inc()
        self._store_up.set(0)

    def database_works(self) -> None:
        """It can be used."""
        self._store_up.set(1)

    def slack_error(self, kind: str) -> None:
        """Slack refused a call with this code, or it did not get through: the name of the exception."""
        self._slack.labels(self._error(_CAPITAL.sub("_", kind).lower())).inc()

    def socket(self, age: float | None) -> None:
        """When Slack last answered on the socket (seconds ago); None without Socket Mode."""
        self._socket.set(-1 if age is None else age)

    def rules(self, version: str) -> None:
        """These rules are in use, and the last edit is right."""
        self._rules.clear()
        self._rules.labels(version).set(1)
        self._mistakes.set(0)

    def reloaded(self, mistakes: int) -> None:
        """An edit of the rules was looked at and had so many mistakes."""
        self._reloads.labels("kept" if mistakes else "taken").inc()
        self._mistakes.set(mistakes)

    def draining(self) -> None:
        """The process stops."""
        self._draining.set(1)


class _OnTheirWay:
    """When the events of unsent replies were heard. Another process may send a reply, so that only the latest are remembered."""

    MOST = 10_000

    def __init__(self) -> None:
        self._since: dict[tuple[str, int], tuple[float, int]] = {}

    def left(self, conversation: str, queued_at: int, since: float, replies: int) -> None:
        if not replies:
            return
        first, more = self._since.pop((conversation, queued_at), (since, 0))
        self._since[conversation, queued_at] = first, more + replies
        if len(self._since) > self.MOST:
            del self._since[next(iter(self._since))]

    def arrived(self, conversation: str, queued_at: int) -> float | None:
        since, replies = self._since.pop((conversation, queued_at), (None, 0))
        if since is not None and replies > 1:
            self._since[conversation, queued_at] = since, replies - 1
        return since
