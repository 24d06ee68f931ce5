"""The command line: `spellout try`, `serve`, `doctor`, `explain`, `choose`, `recommend`, `classify`, `check`, `eval` and the others."""

import io
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
import yaml
from rich.console import Console
from typer.exceptions import TyperException

from bot import (
    answerlist,
    cli_check,
    cli_classify,
    cli_db,
    cli_doctor,
    cli_eval,
    cli_recommend,
    cli_records,
    cli_teams,
    jsonlines,
    settings,
    terminal,
)
from bot.core.brain import Brain
from bot.core.rulebook import Rulebook
from bot.core.senses import explained
from bot.lifetime import collect_rarely
from bot.ports import StoreError
from bot.rulefiles import RuleError, check, load
from bot.settings import Local, OperatorError, Settings
from bot.settings_teams import TeamsSettings, services


class UsageError(TyperException):
    """The command was given something else than it takes."""

    exit_code = 2


app = typer.Typer(name="spellout", help="Spells outsourcing acronyms out and helps to choose an operating model.", add_completion=False)
rules_app = typer.Typer(name="rules", help="Work on the rules.")
slack_app = typer.Typer(name="slack-cli", help="What Slack's own command line tool runs, as .slack/hooks.json tells it.", hidden=True)
app.add_typer(rules_app)
app.add_typer(slack_app)
app.add_typer(cli_records.app)
app.add_typer(cli_db.db)
app.add_typer(cli_db.keys)
app.command("forget")(cli_db.forget)
app.command("check")(cli_check.check)
app.command("doctor")(cli_doctor.doctor)
app.command("eval")(cli_eval.evaluate)
app.command("classify")(cli_classify.command)
app.command("teams-package")(cli_teams.command)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
AsJsonLines = Annotated[bool, typer.Option("--jsonl", help="Read JSON objects from standard input, one a line, and print one for each.")]


@app.callback(invoke_without_command=True)
def spellout(
    context: typer.Context, show_version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False
) -> None:
    """Spells outsourcing acronyms out and helps to choose an operating model."""
    if show_version:
        typer.echo(f"spellout {version('spellout')}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command("try")
def try_(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="The port of the page; without it, a usual or free one.")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
) -> None:
    """Open the playground: Spellout in a browser page on this machine, with no token and nothing kept."""
    from bot import app as parts  # noqa: PLC0415 - the chat libraries take a while to import

    parts.try_out(settings.load(Local), port, browser=not no_browser, say=typer.echo)


@app.command()
def serve() -> None:
    """Work in Slack (over Socket Mode if SLACK_APP_TOKEN is set, else over HTTP), in Teams if TEAMS_CLIENT_ID is set, or in both."""
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until it reads the rules anew: nothing is read yet, and it must not end us
    chosen, teams = settings.load(Settings), settings.load(TeamsSettings)
    mode, in_teams = services(chosen, teams)
    from bot import app as parts  # noqa: PLC0415 - the chat libraries take a while to import

    parts.serve(chosen, mode, teams if in_teams else None)


@app.command()
def explain(
    text: Annotated[list[str] | None, typer.Argument(help="The message to read; without it, standard input is read.")] = None,
    as_json: AsJson = False,
    as_json_lines: AsJsonLines = False,
) -> None:
    """Say what the acronyms of a message mean, and because of which words."""
    if as_json_lines and text:
        raise UsageError("--jsonl reads rows from standard input: leave TEXT out, or --jsonl.")
    message = "" if as_json_lines else _text(text)
    rules = _rulebook()
    if as_json_lines:
        jsonlines.answer(_input(), sys.stdout, lambda row: explained(row["text"], rules), text=str)
    elif as_json:
        jsonlines.write(sys.stdout, explained(message, rules))
    else:
        _talk(rules).explain(message)


@app.command()
def choose() -> None:
    """Answer four questions here and get an operating model recommended."""
    typer.echo("Type the number of an answer. Ctrl-C, or an empty line after the result, leaves.\n")
    _talk(_rulebook()).choose(_typed)


@app.command()
def recommend(
    answers: Annotated[str | None, typer.Option(metavar="ANSWERS", help="What is known, such as judgment=high,knowledge=trained.")] = None,
    as_json: AsJson = False,
    as_json_lines: AsJsonLines = False,
) -> None:
    """Recommend an operating model for answers that are known already; what is left out counts as not sure."""
    if as_json_lines == (answers is not None):
        raise UsageError("Give either --answers, such as judgment=high,knowledge=trained,review=qa,structure=process, or --jsonl.")
    rules = _rulebook()
    if answers is None:
        jsonlines.answer(_input(), sys.stdout, lambda row: cli_recommend.row(row["answers"], rules), answers=dict)
        return
    given = answerlist.parsed(answers)
    result = cli_recommend.row(given, rules)
    if as_json:
        jsonlines.write(sys.stdout, result)
    else:
        terminal.show(_console(), cli_recommend.card(given, rules), buttons=False)


@rules_app.command("check")
def rules_check(
    folder: Annotated[Path | None, typer.Option(help="A folder made like rules/; without it, SPELLOUT_RULES or ours.")] = None,
) -> None:
    """Check every rule file and list every mistake."""
    rules = check(folder or settings.load(Local).rules)
    typer.echo(f"The rules are sound: {len(rules.terms)} terms, {len(rules.models)} operating models, version {rules.version}.")


@app.command()
def manifest(
    http: Annotated[str | None, typer.Option(metavar="URL", help="For HTTP mode: the public address, https://...")] = None,
    as_json: AsJson = False,
) -> None:
    """Print Slack's app manifest, to be pasted where a Slack app is made."""
    from bot import app as parts  # noqa: PLC0415 - the chat libraries take a while to import

    plain = parts.manifest(http)
    typer.echo(json.dumps(plain, indent=2) if as_json else yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100))


@slack_app.command("get-manifest")
def slack_manifest(source: Annotated[str, typer.Option(help="The folder of the project, which Slack's tool names.")] = "") -> None:
    """Print the manifest as JSON on one line."""
    from bot import app as parts  # noqa: PLC0415 - the chat libraries take a while to import

    typer.echo(json.dumps(parts.manifest()))


@slack_app.command("start")
def slack_start() -> None:
    """Work in Slack over Socket Mode, with the tokens of Slack's tool where none are set."""
    for given, ours in (("SLACK_CLI_XOXB", "SLACK_BOT_TOKEN"), ("SLACK_CLI_XAPP", "SLACK_APP_TOKEN")):
        if os.environ.get(given) and not os.environ.get(ours):
            os.environ[ours] = os.environ[given]
    serve()


def _rulebook() -> Rulebook:
    return load(settings.load(Local).rules)


def _input() -> BinaryIO:
    if sys.stdin is None:
        raise OperatorError("Standard input is closed: give it a file, as in `spellout explain --jsonl < FILE`.")
    return sys.stdin.buffer


def _text(words: list[str] | None) -> str:
    """The message to read, from the command line or from standard input."""
    if not words and sys.stdin is not None and sys.stdin.isatty():
        raise UsageError('Give the message, as in `spellout explain "Do we need an RPO?"`.')
    try:
        return " ".join(words).encode().decode() if words else _input().read().decode("utf-8-sig")
    except UnicodeError:
        raise OperatorError("The message is not UTF-8: save or type it as UTF-8.") from None


def _talk(rules: Rulebook) -> terminal.Talk:
    return terminal.Talk(Brain(rules), _console(), lambda: int(time.time()))


def _console() -> Console:
    return Console(highlight=False, markup=False, emoji=False)


def _typed() -> str | None:
    try:
        return input("> " if sys.stdin.isatty() else "")
    except EOFError:
        typer.echo()
        return None
    except UnicodeDecodeError:
        raise OperatorError("What was typed is not UTF-8: set the terminal to UTF-8.") from None


def main() -> None:
    """The console script: every failure is a sentence on standard error and a non-zero exit."""
    collect_rarely()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that lacks a letter must not end the program
    code = run()
    try:
        sys.stdout.flush()
    except OSError as error:
        code = _complain(1, *_file_trouble(error))
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command (of `sys.argv` where not given) and return its exit code; no failure gets out."""
    try:
        result = app(arguments, standalone_mode=False, prog_name="spellout")
    except (OperatorError, StoreError, RuleError) as error:
        return _complain(1, str(error))
    except TyperException as error:
        return _complain(error.exit_code, _misused(error))
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except OSError as error:
        return _complain(1, *_file_trouble(error))
    except Exception as error:
        if os.environ.get("SPELLOUT_LOG") == "debug":
            traceback.print_exc()
        return _complain(70, f"Spellout made a mistake ({type(error).__name__}): please report it, with what SPELLOUT_LOG=debug shows.")
    return result if isinstance(result, int) else 0


def _misused(error: TyperException) -> str:
    """What was wrong with the command line, and where to read how it is meant."""
    said, context = error.format_message(), getattr(error, "ctx", None)
    stop = "" if said.endswith((".", "?")) else "."
    return f"{said}{stop} See `{context.command_path} --help`." if context else said


def _file_trouble(error: OSError) -> tuple[str, ...]:
    """What to say of input or output that failed: nothing where the reader of our output, such as `head`, had enough."""
    return () if isinstance(error, BrokenPipeError) else (f"Reading or writing failed ({error}): mend that and try again.",)


def _complain(code: int, *sentences: str) -> int:
    for sentence in sentences:
        typer.echo(sentence, err=True)
    return code
