"""`spellout records`: the decision records of the database, listed, shown, exported, compared, changed and deleted."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bot import answerlist, settings
from bot.core.brain import Brain
from bot.core.export import Export
from bot.core.memory import Memory, Record
from bot.core.messages import Place, Submitted
from bot.core.record import moment
from bot.core.turn import Decision
from bot.core.work_cards import ANSWERS
from bot.rulefiles import load
from bot.settings import OperatorError, Settings

if TYPE_CHECKING:
    from bot.store import SqlStore

app = typer.Typer(name="records", help="The decision records: what was decided, why, by whom and when.", no_args_is_help=True)


class Format(StrEnum):
    """How a record is written."""

    MD = "md"
    JSON = "json"
    CSV = "csv"


Id = Annotated[str, typer.Argument(metavar="ID", help="The record's id, as `spellout records list` shows it.")]


@app.command("list")
def list_(
    channel: Annotated[str, typer.Option(help="Only of this channel, such as slack:T0HOME:C0VENDOR.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many at most, the ones changed last first.")] = 50,
) -> None:
    """List the records, one a line: id, when it was changed last, model, confidence, channel."""
    if channel and channel.count(":") != 2:
        raise OperatorError(f"“{channel}” is no channel: write service:team:channel, such as slack:T0HOME:C0VENDOR.")
    with _records() as (store, export):
        found = store.records(channel, limit)
        if not found:
            typer.echo("There is no decision record yet." if not channel else f"There is no decision record of {channel}.", err=True)
        for record in found:
            typer.echo("\t".join((record.id, moment(record.changed_at), export.model(record), record.confidence, record.channel)))


@app.command()
def show(name: Id) -> None:
    """Show a record."""
    with _records() as (store, export):
        typer.echo(export.markdown(_found(store, name)), nl=False)


@app.command("export")
def export_(
    names: Annotated[list[str], typer.Argument(metavar="ID...", help="The records' ids; several only as CSV.", show_default=False)],
    form: Annotated[Format, typer.Option("--format", help="Markdown for people, JSON for programs, CSV for a spreadsheet.")] = Format.MD,
) -> None:
    """Write records to standard output, for the RFP file."""
    with _records() as (store, export):
        found = [_found(store, name) for name in names]
        if len(found) > 1 and form is not Format.CSV:
            raise OperatorError("Several records fit into one file as CSV only: add --format csv, or export them one by one.")
        match form:
            case Format.MD:
                text = export.markdown(found[0])
            case Format.JSON:
                text = export.json(found[0])
            case Format.CSV:
                text = export.csv(found)
    sys.stdout.write(text)


@app.command()
def compare(first: Id, second: Annotated[str, typer.Argument(metavar="ID", help="The other record's id.")]) -> None:
    """Put two records side by side."""
    with _records() as (store, export):
        typer.echo(export.compared(_found(store, first), _found(store, second)), nl=False)


@app.command()
def change(
    name: Id,
    answers: Annotated[str, typer.Argument(metavar="ANSWERS", help="The new answers, such as judgment=high,knowledge=trained.")],
    by: Annotated[str, typer.Option(metavar="WHO", help="Who answers: a person's id in the chat service, or a name.")] = "command line",
) -> None:
    """Reopen a record and change answers of it; the card in its conversation follows when `spellout serve` runs."""
    given = answerlist.parsed(answers)
    with _records() as (store, export):
        before, brain = _found(store, name), Brain(export.rules)
        answerlist.insist_known(given, export.rules)
        service, team, channel = before.channel.split(":", 2)
        thread = before.conversation.removeprefix(f"{before.channel}:")
        place = Place(service, team, channel, thread, direct=thread == "dm")
        values = {f"{question}:{name}": (option,) for question, option in given.items()}
        event, now = Submitted(place, by, ANSWERS, values, ()), int(time.time())

        def decide(where: Place, memory: Memory) -> Decision:
            decision = brain.decide(event, where, memory, now)
            return replace(decision, replies=tuple(reply for reply in decision.replies if reply.surface == "thread"))

        store.step(place, (), now, decide, person=by, about=name)
        after = _found(store, name)
        if after == before:
            raise OperatorError(
                "Nothing changed: those answers stand already, or questions are open in its conversation, to be answered there."
            )
        typer.echo(export.markdown(after), nl=False)


@app.command()
def delete(name: Id) -> None:
    """Delete a record, with its description where one was kept."""
    with _records() as (store, _):
        _found(store, name)
        store.forget_record(name)
        typer.echo(f"The record {name} is deleted.")


@contextmanager
def _records() -> Iterator[tuple["SqlStore", Export]]:
    from bot.store import SqlStore  # noqa: PLC0415 - SQLAlchemy takes a while to import, and every command would wait for it

    chosen = settings.load(Settings)
    export = Export(load(chosen.rules))
    store = SqlStore.open(chosen.database_url, chosen.keep_days, create=False)
    try:
        yield store, export
    finally:
        store.close()


def _found(store: "SqlStore", name: str) -> Record:
    record = store.record(name)
    if record is None:
        raise OperatorError(f"There is no record “{name}”: `spellout records list` shows those that there are.")
    return record
