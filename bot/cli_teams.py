"""`spellout teams-package`: the app package that an administrator uploads to a tenant."""

import re
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final

import typer

from bot import settings
from bot.rulefiles import load
from bot.settings import OperatorError
from bot.settings_teams import APP_PAGE, TeamsSettings, app_id

_VERSION: Final = re.compile(r"(0|[1-9][0-9]{0,4})(\.(0|[1-9][0-9]{0,4})){2}")
_FLAVOURS: Final = {"listening": "hears every message where its owner consents", "mentions": "hears mentions alone"}


def command(
    site: Annotated[str, typer.Option(metavar="URL", help="A page of your organisation about Spellout, https://...; Teams asks for one.")],
    publisher: Annotated[str, typer.Option(help="Your organisation's name, as Teams shows it.")] = "Spellout",
    privacy: Annotated[str | None, typer.Option(metavar="URL", help="The page about privacy; without it, that of --site.")] = None,
    terms: Annotated[str | None, typer.Option(metavar="URL", help="The terms of use; without them, the page of --site.")] = None,
    mentions: Annotated[bool, typer.Option("--mentions", help="Hear mentions alone: no consent to read messages is asked for.")] = False,
    slash: Annotated[bool, typer.Option("--slash", help="Offer slash commands answered privately (a preview; manifest 1.29).")] = False,
    client_id: Annotated[str | None, typer.Option(help="The Application (client) ID; without it, TEAMS_CLIENT_ID.")] = None,
    number: Annotated[
        str | None, typer.Option("--version", metavar="N.N.N", help="The app's version, higher than that of the upload it replaces.")
    ] = None,
    target: Annotated[Path | None, typer.Option("--to", help="The file to write; without it, spellout-teams.zip or the like.")] = None,
) -> None:
    """Write the app package for Microsoft Teams."""
    from bot.chat.teams import package  # noqa: PLC0415 - no other command needs it

    chosen = settings.load(TeamsSettings)
    bot = _given(client_id) if client_id else chosen.client_id
    if not bot:
        raise OperatorError(f"Set TEAMS_CLIENT_ID, or give --client-id: {APP_PAGE}.")
    if not publisher.strip() or not publisher.isprintable() or len(publisher) > 32:
        raise OperatorError(f"--publisher is the name that Teams shows: give one of 1 to 32 letters (these are {len(publisher)}).")
    if number is not None and not _VERSION.fullmatch(number):
        raise OperatorError(f"--version is {number!r}: give three numbers with dots between them, such as 1.2.0.")
    pages = {"--site": site, "--privacy": privacy or site, "--terms": terms or site}
    for name, page in pages.items():
        if not page.startswith("https://") or len(page) > 2_048 or not page.isprintable() or " " in page:
            raise OperatorError(f"{name} is {page!r}: give the address of a page, which begins with https://")
    publishing = package.Publisher(publisher, *pages.values())
    flavour: package.Flavour = "mentions" if mentions else "listening"
    rules = load(chosen.rules)
    made = package.manifest(bot, number or version("spellout"), publishing, rules.wording, flavour, slash=slash)
    where = target or Path(f"spellout-teams{'-mentions' if mentions else ''}.zip")
    where.write_bytes(package.package(made))
    holds = ", ".join([_FLAVOURS[flavour], *(["offers slash commands"] if slash else []), f"version {made['version']}"])
    typer.echo(f"{where} holds the app ({holds}): upload it in Teams under Apps > Manage your apps > Upload an app.")
    typer.echo(
        "It takes the place of an earlier upload for this bot, of whichever kind; Teams takes it only with a higher version (--version)."
    )


def _given(client_id: str) -> str:
    try:
        return app_id(client_id)
    except ValueError as error:
        raise OperatorError(f"--client-id {error}.") from None
