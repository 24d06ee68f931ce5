"""`spellout db`, `spellout keys` and `spellout forget`: the database upgraded and looked at, its keys, and what is to be forgotten."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from bot import settings
from bot.core.record import moment
from bot.settings import OperatorError, Settings
from bot.store import SqlStore, engine, faults
from bot.store.health import Health, examine
from bot.store.sealing import REMEDY, SETTING, new_key

db = typer.Typer(name="db", help="The database: bring its tables up to date, see how it is.", no_args_is_help=True)
keys = typer.Typer(name="keys", help="The keys that the tokens of installed workspaces are encrypted with.", no_args_is_help=True)

# --------------------------------------------------------------------------- db


@db.command()
def upgrade() -> None:
    """Bring the database's tables up to date, as every start does."""
    reached = engine.reach(settings.load(Settings).database_url)
    try:
        before = engine.upgrade(reached)
    finally:
        reached.dispose()
    name = faults.name_of(reached.url)
    if before == engine.REVISION:
        typer.echo(f"The tables of {name} are at {engine.REVISION} already.")
    else:
        typer.echo(f"The tables of {name} are at {engine.REVISION} now{f'; they were at {before}' if before else ''}.")


@db.command()
def check() -> None:
    """Say whether the database can be used, what it holds, and since when the oldest reply waits."""
    health = examine(settings.load(Settings).database_url)
    typer.echo(f"{health.database} answers. {_tables(health)}; this program needs {engine.REVISION}.")
    for size in health.sizes:
        on_disk = "" if size.bytes is None else f"{_amount(size.bytes):>12}"
        typer.echo(f"{size.table:<16}{size.rows:>12,} {_plural('row', size.rows):<4}{on_disk}")
    typer.echo(f"Together {_amount(health.bytes)}. {_waiting(health)}")
    complaint = _complaint(health)
    if complaint:
        raise OperatorError(complaint)
    typer.echo("It can be read and written.")


def _complaint(health: Health) -> str:
    """What is wrong, with the remedy; nothing where all is well."""
    if health.newer:
        return f"The database was written by a newer Spellout: install that version, or set {faults.SETTING} to another database."
    if health.refused:
        return health.refused
    return (
        ""
        if health.current
        else "The tables are not those of this program: run `spellout db upgrade`, or start Spellout, which does it too."
    )


def _tables(health: Health) -> str:
    return f"Its tables are at {health.revision}" if health.revision else "It has no tables yet"


def _waiting(health: Health) -> str:
    if health.waiting_since is None:
        return "No reply waits to be sent."
    minutes = max(int(time.time()) - health.waiting_since, 0) // 60
    return (
        f"The oldest reply that waits to be sent was queued {moment(health.waiting_since)}, {minutes:,} {_plural('minute', minutes)} ago."
    )


def _plural(word: str, number: int) -> str:
    return word if number == 1 else f"{word}s"


def _amount(size: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.4g} {unit}"
        size /= 1000
    return f"{size:.4g} GB"


# --------------------------------------------------------------------------- keys


@keys.command()
def new() -> None:
    """Print a new key, to be put in front of those in SPELLOUT_ENCRYPTION_KEYS."""
    typer.echo(new_key())


@keys.command()
def rotate() -> None:
    """Encrypt every token anew with the first key; afterwards the others can be removed from SPELLOUT_ENCRYPTION_KEYS."""
    if not settings.load(Settings).encryption_keys:
        raise OperatorError(f"There is no key to encrypt with: {REMEDY}.")
    with _store() as store:
        done = store.rotate()
    typer.echo(f"Tokens that are encrypted with the first key of {SETTING} now: {done.sealed}.")
    if done.unreadable:
        raise OperatorError(
            f"No key opens the token of {', '.join(done.unreadable)}: add the key it was encrypted with to {SETTING} and rotate again, "
            "or install Spellout there again."
        )


# --------------------------------------------------------------------------- forget


def forget(
    team: Annotated[str, typer.Option(metavar="ID", help="The workspace or organisation, such as T0HOME.")],
    user: Annotated[str, typer.Option(metavar="ID", help="Only this person of it, such as U0MAYA.")] = "",
    service: Annotated[str, typer.Option(help="The chat service.")] = "slack",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Delete everything that is stored of a team, its decision records and installation included; or of one person of it.

    Of a person, what they answered stays in dialogues and decision records as somebody's; descriptions in their own words go.
    """
    if not team or ":" in team or ":" in service:
        raise OperatorError(f"There is no team “{team}” at “{service}”: give its id, such as T0HOME.")
    whom = f"the person {user} of the team {team}" if user else f"the team {team}"
    with _store() as store:
        if not yes and not _confirmed(f"Delete everything that is stored of {whom} at {service}, for good?"):
            raise OperatorError("Nothing was deleted.")
        counts = store.forget_person(service, team, user) if user else store.forget_team(service, team)
        name = faults.name_of(store.engine.url)
    if not any(counts.values()):
        typer.echo(f"Nothing was stored of {whom} at {service} in {name}: is this the right id, and the right database?")
        return
    typer.echo(f"What was stored of {whom} at {service} in {name} is deleted. Rows that this changed:")
    for table, rows in counts.items():
        typer.echo(f"{table:<16}{rows:>12,}")


def _confirmed(question: str) -> bool:
    if sys.stdin is None or not sys.stdin.isatty():
        raise OperatorError("Nobody is there to confirm it: add --yes.")
    return typer.confirm(question)


@contextmanager
def _store() -> Iterator[SqlStore]:
    chosen = settings.load(Settings)
    keys, keep_records = chosen.encryption_keys, chosen.keep_records_days
    store = SqlStore.open(chosen.database_url, chosen.keep_days, keys=keys, keep_records_days=keep_records, create=False)
    try:
        yield store
    finally:
        store.close()
