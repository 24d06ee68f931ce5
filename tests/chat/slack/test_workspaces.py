"""Who we are where: looked up once a minute at most, by one who asks for all, and never from a memory that was doubted."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.chat.slack.payload import Us
from bot.chat.slack.workspaces import FRESH, Clients, ManyWorkspaces, Workspace
from bot.ports import Installation, StoreError
from bot.store import SqlStore
from bot.store.sealing import new_key

HERE = Installation("slack", "T1", "xoxb-1", "U0BOT", "B0BOT", enterprise="E1", installed_at=1)


class Asked(SqlStore):
    """The store, which counts how often it is asked, and waits when told."""

    asked = 0
    fails = False

    def __init__(self, *given: object, **more: object) -> None:
        super().__init__(*given, **more)  # type: ignore[arg-type]
        self.go = threading.Event()
        self.go.set()
        self.reached = threading.Event()

    def installation(self, service: str, team: str) -> Installation | None:
        self.asked += 1
        found = super().installation(service, team)
        self.reached.set()
        assert self.go.wait(5)
        if self.fails:
            raise StoreError("The disk is full.")
        return found


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store() -> Iterator[Asked]:
    opened = Asked(SqlStore.open("sqlite://").engine, keys=[new_key()])
    opened.install(HERE)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def many(store: Asked, clock: Clock) -> ManyWorkspaces:
    return ManyWorkspaces(Clients("http://127.0.0.1:9/api/", allow_any_url=False), store, clock)


def token(workspace: Workspace | None) -> str | None:
    return workspace.client.token if workspace else None


async def test_a_workspace_is_who_its_installation_says(many: ManyWorkspaces) -> None:
    found = await many.of("T1")
    assert found
    assert (found.us.user, found.us.team, found.us.organisation, found.client.token) == ("U0BOT", "T1", "E1", "xoxb-1")
    assert await many.of("T2") is None


async def test_it_is_looked_up_again_after_a_minute_and_not_before(many: ManyWorkspaces, store: Asked, clock: Clock) -> None:
    await many.of("T1")
    store.install(replace(HERE, token="xoxb-2"))
    clock.now = FRESH - 1
    assert token(await many.of("T1")) == "xoxb-1"
    clock.now = FRESH
    assert token(await many.of("T1")) == "xoxb-2"
    assert store.asked == 2


async def test_who_we_are_is_known_for_longer_than_a_token_is_believed_and_until_it_is_doubted(
    many: ManyWorkspaces, store: Asked, clock: Clock
) -> None:
    assert many.known("T1") is None
    await many.of("T1")
    clock.now = FRESH * 100
    assert many.known("T1") == Us("U0BOT", "T1", "E1")
    assert store.asked == 1
    many.doubt("T1")
    assert many.known("T1") is None
    await many.of("T1")
    store.uninstall("slack", "T1")
    clock.now = FRESH * 200
    await many.of("T1")
    assert many.known("T1") is None


async def test_all_who_ask_at_once_wait_for_one_answer(many: ManyWorkspaces, store: Asked) -> None:
    store.go.clear()
    asking = [asyncio.create_task(many.of("T1")) for _ in range(10)]
    await asyncio.sleep(0)
    asking[0].cancel()
    store.go.set()
    answers = await asyncio.gather(*asking[1:])
    assert {token(answer) for answer in answers} == {"xoxb-1"}
    assert store.asked == 1


async def test_an_answer_that_was_doubted_before_it_came_is_not_kept(many: ManyWorkspaces, store: Asked) -> None:
    store.go.clear()
    late = asyncio.create_task(many.of("T1"))
    assert await asyncio.to_thread(store.reached.wait, 5)
    store.install(replace(HERE, token="xoxb-2"))
    many.doubt("T1")
    store.go.set()
    await late
    assert token(await many.of("T1")) == "xoxb-2"


async def test_a_store_that_fails_is_asked_again(many: ManyWorkspaces, store: Asked) -> None:
    store.fails = True
    with pytest.raises(StoreError):
        await many.of("T1")
    store.fails = False
    assert token(await many.of("T1")) == "xoxb-1"


async def test_a_workspace_that_is_not_there_is_not_remembered_as_such(many: ManyWorkspaces, store: Asked) -> None:
    assert await many.of("T2") is None
    store.install(replace(HERE, team="T2"))
    assert token(await many.of("T2")) == "xoxb-1"
