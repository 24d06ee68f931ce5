"""Whatever happens in whatever order, each conversation's replies leave once and in their order."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from bot.core.messages import Place
from bot.ports import Outgoing
from bot.store import SqlStore
from bot.store.outbox import LEASE_SECONDS
from tests.postgres import Postgres
from tests.store.deciders import reply, saying

THREADS = [Place("chat", "T1", "C1", f"{number}.0") for number in range(3)]


class Outbox(RuleBasedStateMachine):
    """Queues, sends, fails, crashes and waits; what is expected is kept in plain lists."""

    @staticmethod
    def url() -> str:
        return "sqlite://"

    def __init__(self) -> None:
        super().__init__()
        self.store = SqlStore.open(self.url())
        self.now = 1000
        self.queued = 0
        self.waiting: dict[str, list[str]] = {place.key: [] for place in THREADS}
        self.not_before: dict[str, int] = dict.fromkeys(self.waiting, 0)
        self.taken: list[Outgoing] = []

    @rule(place=st.sampled_from(THREADS), many=st.integers(1, 3))
    def hear(self, place: Place, many: int) -> None:
        names = [f"r{self.queued + number}" for number in range(many)]
        self.queued += many
        self.store.step(place, (), self.now, saying(*(reply(name) for name in names)))
        self.waiting[place.key] += names

    @rule(limit=st.integers(1, 3))
    def take(self, limit: int) -> None:
        due = self.store.due(self.now, limit)
        ready = [key for key, names in self.waiting.items() if names and self.not_before[key] <= self.now]
        assert len(due) == min(limit, len(ready))
        for outgoing in due:
            key = outgoing.place.key
            assert key in ready
            assert outgoing.reply.fallback == self.waiting[key][0]
            self.not_before[key] = self.now + LEASE_SECONDS
        self.taken += due

    def _pick(self, data: Any) -> Outgoing:
        outgoing: Outgoing = self.taken.pop(data.draw(st.integers(0, len(self.taken) - 1)))
        return outgoing

    def _gone(self, outgoing: Outgoing) -> None:
        """A note may come late, when another process has already sent the reply: then it changes nothing."""
        names = self.waiting[outgoing.place.key]
        if outgoing.reply.fallback in names:
            names.remove(outgoing.reply.fallback)
            self.not_before[outgoing.place.key] = 0

    @precondition(lambda self: self.taken)
    @rule(data=st.data(), refused=st.booleans())
    def leave(self, data: Any, refused: bool) -> None:
        outgoing = self._pick(data)
        if refused:
            self.store.give_up(outgoing)
        else:
            self.store.sent(outgoing, "m")
        self._gone(outgoing)

    @precondition(lambda self: self.taken)
    @rule(data=st.data(), seconds=st.integers(1, 90))
    def postpone(self, data: Any, seconds: int) -> None:
        outgoing = self._pick(data)
        self.store.retry(outgoing, self.now + seconds)
        if outgoing.reply.fallback in self.waiting[outgoing.place.key] and self.not_before[outgoing.place.key] == outgoing.leased_until:
            self.not_before[outgoing.place.key] = self.now + seconds

    @rule(seconds=st.integers(1, 90))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @invariant()
    def knows_when_to_look_again(self) -> None:
        expected = [self.not_before[key] for key, names in self.waiting.items() if names]
        found = self.store.next_due()
        assert (found is None) == (not expected)
        if found is not None:
            assert max(found, self.now) == max(min(expected), self.now)

    def teardown(self) -> None:
        self.now += 1000
        self.store.take_over()
        while due := self.store.due(self.now, 9):
            for outgoing in due:
                assert outgoing.reply.fallback == self.waiting[outgoing.place.key].pop(0)
                self.store.sent(outgoing, "m")
        assert not any(self.waiting.values())
        self.store.close()


def test_replies_leave_once_and_in_order_whatever_happens() -> None:
    run_state_machine_as_test(Outbox, settings=settings(max_examples=30, stateful_step_count=25, deadline=None))


def test_so_they_do_from_postgresql(postgres: Postgres) -> None:
    class Shared(Outbox):
        url = staticmethod(postgres.database)

    run_state_machine_as_test(Shared, settings=settings(max_examples=8, stateful_step_count=25, deadline=None))
