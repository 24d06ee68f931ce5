"""Where Spellout is installed: kept with its token encrypted, one a team, and gone when it is uninstalled."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.core.messages import Place
from bot.ports import Installation, Outgoing, StoreError
from bot.store import SqlStore
from bot.store.sealing import Seal, new_key
from tests.store.deciders import reply, saying

OLD, NEW = new_key(), new_key()
TOKEN = "xoxb-1-planted-secret"
HERE = Installation(
    service="slack",
    team="T1",
    token=TOKEN,
    bot_user="U0BOT",
    bot="B1",
    app="A1",
    enterprise="E1",
    everywhere=False,
    scopes=("chat:write", "commands"),
    installed_by="U1",
    installed_at=1000,
)
THERE = replace(HERE, team="T2", token="xoxb-2-another", installed_at=2000)


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    opened = SqlStore.open(url, keys=[OLD])
    yield opened
    opened.close()


def test_an_installation_is_found_by_its_team_as_it_was(store: SqlStore) -> None:
    store.install(HERE)

    assert store.installation("slack", "T1") == HERE
    assert store.installation("slack", "T9") is None
    assert store.installation("other", "T1") is None


def test_it_needs_no_scopes_and_no_organisation(store: SqlStore) -> None:
    bare = Installation(service="slack", team="T1", token=TOKEN, bot_user="U0BOT", bot="B1")
    store.install(bare)

    assert store.installation("slack", "T1") == bare


def test_a_second_installation_of_a_team_takes_the_place_of_the_first(store: SqlStore) -> None:
    store.install(HERE)
    again = replace(HERE, token="xoxb-1-newer", everywhere=True, scopes=(), installed_at=3000)
    store.install(again)

    assert store.installations("slack") == (again,)


def test_they_are_listed_by_service_the_latest_first(store: SqlStore) -> None:
    for installation in (HERE, THERE, replace(HERE, service="other")):
        store.install(installation)

    assert store.installations("slack") == (THERE, HERE)
    assert store.installations("none") == ()


# --------------------------------------------------------------------------- tokens at rest


def stored(store: SqlStore) -> str:
    with store.engine.connect() as connection:
        return str(connection.execute(text("SELECT * FROM installations")).all())


def test_a_token_is_nowhere_in_the_database_or_in_what_is_printed(store: SqlStore) -> None:
    store.install(HERE)

    assert TOKEN not in stored(store)
    assert TOKEN not in repr(store.installation("slack", "T1"))


def test_the_same_token_never_looks_the_same(store: SqlStore) -> None:
    store.install(HERE)
    first = stored(store)
    store.install(HERE)

    assert stored(store) != first


def test_without_a_key_nothing_is_installed_and_the_remedy_is_told(url: str) -> None:
    store = SqlStore.open(url)
    with pytest.raises(StoreError, match="SPELLOUT_ENCRYPTION_KEYS to a key, which `spellout keys new` makes") as caught:
        store.install(HERE)

    assert TOKEN not in str(caught.value)
    assert store.installations("slack") == ()
    store.close()


def test_something_that_is_no_key_is_told(url: str) -> None:
    store = SqlStore.open(url, keys=["hunter2"])
    with pytest.raises(StoreError, match="SPELLOUT_ENCRYPTION_KEYS holds something that is no key") as caught:
        store.install(HERE)

    assert "hunter2" not in str(caught.value)
    store.close()


@pytest.mark.parametrize("keys", [[], [NEW]])
def test_a_token_that_no_key_opens_is_reported_and_hides_no_other(url: str, store: SqlStore, keys: list[str]) -> None:
    store.install(HERE)
    other = SqlStore.open(url, keys=keys)
    with capture_logs() as logs, pytest.raises(StoreError, match="No key of SPELLOUT_ENCRYPTION_KEYS opens the token of slack:T1"):
        other.installation("slack", "T1")
    assert [(entry["event"], entry["team"]) for entry in logs] == [("installation_unreadable", "T1")]
    assert TOKEN not in str(logs)
    if keys:
        other.install(THERE)
        assert other.installations("slack") == (THERE,)
    other.close()


@pytest.mark.parametrize("damaged", ["", "gAAAA", "not base64 at all", "ä"])
def test_a_damaged_token_is_one_that_no_key_opens(store: SqlStore, damaged: str) -> None:
    store.install(HERE)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE installations SET sealed_token = :damaged"), {"damaged": damaged})

    with pytest.raises(StoreError, match="opens the token of slack:T1: put the key back"):
        store.installation("slack", "T1")


@pytest.mark.parametrize("row", [{"team": "T2"}, {"service": "other"}])
def test_a_sealed_token_is_worth_nothing_in_another_row(store: SqlStore, row: dict[str, str]) -> None:
    """Who can write to the database cannot have one workspace's token used for another."""
    store.install(HERE)
    (column, value) = next(iter(row.items()))
    with store.engine.begin() as connection:
        connection.execute(text(f"UPDATE installations SET {column} = :value"), {"value": value})

    with pytest.raises(StoreError, match="No key of SPELLOUT_ENCRYPTION_KEYS opens the token"):
        store.installation(row.get("service", "slack"), row.get("team", "T1"))


# --------------------------------------------------------------------------- keys


def test_a_new_key_in_front_leaves_what_is_sealed_readable_and_after_rotation_the_old_one_can_go(url: str, store: SqlStore) -> None:
    store.install(HERE)
    store.install(THERE)
    both = SqlStore.open(url, keys=[NEW, OLD])
    assert both.installation("slack", "T1") == HERE
    assert both.rotate() == (2, ())
    both.close()

    alone = SqlStore.open(url, keys=[NEW])
    assert alone.installations("slack") == (THERE, HERE)
    alone.close()
    assert store.installations("slack") == ()


def test_rotation_leaves_alone_what_no_key_opens_and_names_it(url: str, store: SqlStore) -> None:
    store.install(HERE)
    other = SqlStore.open(url, keys=[NEW])
    other.install(THERE)

    assert other.rotate() == (1, ("slack:T1",))
    assert store.installation("slack", "T1") == HERE
    other.close()


def test_a_key_is_made_anew_each_time() -> None:
    assert OLD != NEW
    assert Seal([NEW]).open("slack", "T1", Seal([NEW, OLD]).seal("slack", "T1", TOKEN)) == TOKEN


# --------------------------------------------------------------------------- installations that were begun


def test_a_state_is_good_once(store: SqlStore) -> None:
    store.issue_state("abc", until=2000)

    assert store.consume_state("abc", now=1000)
    assert not store.consume_state("abc", now=1000)


def test_a_state_that_was_never_issued_is_none(store: SqlStore) -> None:
    assert not store.consume_state("abc", now=1000)


def test_a_state_ends(store: SqlStore) -> None:
    store.issue_state("abc", until=2000)
    store.issue_state("def", until=2000)

    assert store.consume_state("abc", now=1999)
    assert not store.consume_state("def", now=2000)


def test_the_database_does_not_tell_a_state(store: SqlStore) -> None:
    store.issue_state("abc-planted", until=2000)
    with store.engine.connect() as connection:
        row = connection.execute(text("SELECT hash, ends_at FROM install_states")).one()

    assert "planted" not in str(row)
    assert not store.consume_state(row.hash, now=1000)


def test_of_many_that_bring_the_same_state_at_once_one_is_let_in(store: SqlStore) -> None:
    store.issue_state("abc", until=2000)
    let_in: list[bool] = []
    ready = threading.Barrier(6)

    def bring() -> None:
        ready.wait()
        let_in.append(store.consume_state("abc", now=1000))

    threads = [threading.Thread(target=bring) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(let_in) == [False] * 5 + [True]


# --------------------------------------------------------------------------- gone


def test_what_is_uninstalled_is_gone_and_others_stay(store: SqlStore) -> None:
    for installation in (HERE, THERE, replace(HERE, service="other")):
        store.install(installation)
    store.uninstall("slack", "T1")
    store.uninstall("slack", "T1")

    assert store.installations("slack") == (THERE,)
    assert [found.team for found in store.installations("other")] == ["T1"]


# --------------------------------------------------------------------------- what waited for it


def queued(store: SqlStore, team: str, said: str) -> Outgoing:
    """A reply in the outbox of this team, leased at 1000."""
    store.step(Place("slack", team, "C1", f"{said}.0"), (), 1000, saying(reply(said)))
    (outgoing,) = store.due(1000, 1)
    return outgoing


def test_replies_that_wait_for_another_try_are_due_when_their_team_installs_anew_and_no_others(store: SqlStore) -> None:
    for team in ("T1", "T2"):
        store.retry(queued(store, team, "1"), 9000, uncertain=False)
    uncertain = queued(store, "T1", "2")
    store.retry(uncertain, 9000)
    on_its_way = queued(store, "T1", "3")

    store.install(HERE)

    due = store.due(1001, 9)
    assert sorted((each.place.team, each.reply.fallback, each.uncertain) for each in due) == [("T1", "1", False), ("T1", "2", True)]
    assert on_its_way.leased_until > 1001
