"""What an operator wants to know before anything goes wrong: each part looked at once, and what to do about what is not right."""

import asyncio
import errno
import json
import platform
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.request import urlopen

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import __version__, doctor_teams, settings
from bot.chat.slack.connection import TIMEOUT, WORLD, SlackError, code_of, make_client
from bot.chat.slack.manifest import load_manifest
from bot.core.rulebook import Rulebook
from bot.findings import Finding, State
from bot.ports import Installation, StoreError
from bot.rulefiles import RuleError, load
from bot.settings import OperatorError, Settings
from bot.settings_teams import TeamsSettings, services
from bot.store import SqlStore
from bot.store.engine import REVISION
from bot.store.health import examine

CLOCK_BROKEN, CLOCK_DOUBTFUL = 300, 60
"""Seconds between Slack's clock and ours: at five minutes signed requests are refused."""
MOST_WORKSPACES = 50


def examined(clock: Callable[[], float] = time.time) -> list[Finding]:
    """Everything, in the order in which it matters. `clock` tells seconds since 1970."""
    findings = [Finding("program", "good", f"Spellout {__version__} on Python {platform.python_version()}, {platform.system()}.")]
    try:
        chosen, teams = settings.load(Settings), settings.load(TeamsSettings)
        mode, in_teams = services(chosen, teams)
    except OperatorError as error:
        return [
            *findings,
            *(Finding("settings", "broken", line, "Mend this first; the rest depends on it.") for line in str(error).splitlines()),
        ]
    heard = [f"Slack is heard over {_way(chosen, mode)}"] if mode else []
    heard += ["Teams is heard over HTTP"] if in_teams else []
    findings.append(Finding("settings", "good", f"They are complete; {', '.join(heard)}."))
    rules, finding = _rules(chosen)
    findings.append(finding)
    database = _database(chosen)
    findings.append(database)
    if mode:
        findings += asyncio.run(_slack(chosen, clock))
    if mode and chosen.many and database.state == "good":
        findings += asyncio.run(_workspaces(chosen))
    if in_teams:
        findings += _teams(teams, rules)
    if mode == "http" or in_teams:
        findings.append(_port("port", chosen.host, chosen.port, "PORT"))
    if chosen.status_port:
        findings.append(_port("status port", chosen.status_host, chosen.status_port, "SPELLOUT_STATUS_PORT"))
    else:
        remedy = "Set SPELLOUT_STATUS_PORT to have /readyz and /metrics."
        findings.append(Finding("status port", "doubtful", "There is none: nobody can see whether this works.", remedy))
    return findings


def _way(chosen: Settings, mode: str) -> str:
    """How Slack is heard."""
    return "Socket Mode" if mode == "socket" else "HTTP, for every workspace that adds it" if chosen.many else "HTTP"


def _teams(chosen: TeamsSettings, rules: Rulebook | None) -> list[Finding]:
    """Teams, and the app packages that lie here."""
    findings = asyncio.run(doctor_teams.examined(chosen))
    return findings + doctor_teams.packages(chosen, rules.wording, Path.cwd()) if rules else findings


# --------------------------------------------------------------------------- here


def _rules(chosen: Settings) -> tuple[Rulebook | None, Finding]:
    try:
        rules = load(chosen.rules)
    except RuleError as error:
        first, count = error.mistakes[0], len(error.mistakes)
        return None, Finding("rules", "broken", f"Mistakes: {count}, the first in {first}", "Run `spellout rules check` and mend them all.")
    return rules, Finding("rules", "good", f"{len(rules.terms)} terms, {len(rules.models)} operating models, version {rules.version}.")


def _database(chosen: Settings) -> Finding:
    try:
        health = examine(chosen.database_url)
    except StoreError as error:
        new = "There is no database" in str(error)
        return Finding("database", "doubtful" if new else "broken", str(error))
    if health.newer:
        return Finding("database", "broken", f"{health.database} was written by a newer Spellout.", "Install that version.")
    if health.refused:
        return Finding("database", "broken", health.refused)
    if not health.current:
        remedy = "Run `spellout db upgrade`, or start Spellout, which does it too."
        tables = f"the tables of {health.revision}" if health.revision else "no tables yet"
        return Finding("database", "doubtful", f"{health.database} has {tables}.", remedy)
    return Finding("database", "good", f"{health.database} answers and can be written; its tables are at {REVISION}.")


def _port(check: str, host: str, port: int, setting: str) -> Finding:
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE and _spellout_answers(host, port):
            return Finding(check, "good", f"A Spellout answers on port {port} of {host} already.")
        why = "is taken by another program" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        return Finding(check, "broken", f"Port {port} of {host} {why}.", f"Stop that program, or set {setting} to another port.")
    return Finding(check, "good", f"Port {port} of {host} is free.")


def _spellout_answers(host: str, port: int) -> bool:
    with suppress(OSError, ValueError), urlopen(f"http://{host}:{port}/healthz", timeout=2) as page:  # both parts are the operator's own
        return "ok" in json.load(page)
    return False


# --------------------------------------------------------------------------- Slack


async def _slack(chosen: Settings, clock: Callable[[], float]) -> list[Finding]:
    token = "" if chosen.many or not chosen.bot_token else chosen.bot_token.get_secret_value()
    try:
        client = make_client(token, chosen.api_url, chosen.allow_api_url)
    except SlackError as error:
        return [Finding("slack", "broken", str(error))]
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        client.session = session
        findings, headers = await (_reachable(client) if chosen.many else _identity(client))
        findings += _clock(headers, clock)
        if chosen.app_token and headers is not None:
            findings.append(await _app_token(client, chosen.app_token.get_secret_value()))
    return findings


async def _identity(client: AsyncWebClient) -> tuple[list[Finding], Mapping[str, str] | None]:
    """Who the bot token makes us, and what it may do."""
    try:
        me = await client.auth_test()
    except WORLD as error:
        return [_refused("slack", error, "SLACK_BOT_TOKEN", "OAuth & Permissions")], _headers(error)
    if not me.get("bot_id"):
        remedy = "Copy the Bot User OAuth Token, which starts with xoxb-."
        return [Finding("slack", "broken", "SLACK_BOT_TOKEN is not a bot's token.", remedy)], me.headers
    return [Finding("slack", "good", f"The bot {me.get('user_id')} is in {me.get('team_id')}."), _scopes(me.headers)], me.headers


async def _reachable(client: AsyncWebClient) -> tuple[list[Finding], Mapping[str, str] | None]:
    """Without a token of our own: whether Slack answers at all."""
    try:
        answer = await client.api_test()
    except WORLD as error:
        return [_refused("slack", error, "SLACK_API_URL", "")], _headers(error)
    return [Finding("slack", "good", "Slack answers.")], answer.headers


def _refused(check: str, error: Exception, setting: str, page: str) -> Finding:
    if not isinstance(error, SlackApiError):
        remedy = "Let this machine reach slack.com by https, or name a proxy in HTTPS_PROXY."
        return Finding(check, "broken", f"Slack cannot be reached ({type(error).__name__}).", remedy)
    remedy = f"Copy {setting} again from {page} of your app at api.slack.com/apps." if page else "Try again, and look at status.slack.com."
    return Finding(check, "broken", f"Slack refuses {setting} ({code_of(error) or 'no reason given'}).", remedy)


def _headers(error: Exception) -> Mapping[str, str] | None:
    found = getattr(error.response, "headers", None) if isinstance(error, SlackApiError) else None
    return found if isinstance(found, Mapping) else None


def _scopes(headers: Mapping[str, str]) -> Finding:
    granted = set(headers.get("x-oauth-scopes", "").replace(" ", "").split(",")) - {""}
    wanted = set(load_manifest().oauth_config.scopes.bot)
    if not granted:
        return Finding("scopes", "doubtful", "Slack does not say which scopes are granted.")
    if missing := sorted(wanted - granted):
        remedy = "Paste `spellout manifest` into your app's manifest at api.slack.com/apps, and install the app again."
        return Finding("scopes", "broken", f"Not granted: {', '.join(missing)}.", remedy)
    if more := sorted(granted - wanted):
        return Finding(
            "scopes", "doubtful", f"Granted and never needed: {', '.join(more)}.", "Take them out of the app, and install it again."
        )
    return Finding("scopes", "good", f"All {len(wanted)} of the manifest are granted, and no others.")


def _clock(headers: Mapping[str, str] | None, clock: Callable[[], float]) -> Iterator[Finding]:
    if headers is None:
        return
    try:
        apart = round(clock() - parsedate_to_datetime(headers.get("Date", "")).timestamp())
    except (TypeError, ValueError):
        yield Finding("clock", "doubtful", "Slack does not say what time it is.")
        return
    state: State = "broken" if abs(apart) >= CLOCK_BROKEN else "doubtful" if abs(apart) >= CLOCK_DOUBTFUL else "good"
    way = "fast" if apart > 0 else "slow"
    said = f"It is {abs(apart)} s {way} against Slack's." if state != "good" else "It agrees with Slack's."
    yield Finding(
        "clock", state, said, "" if state == "good" else "Let this machine keep its time by NTP; signatures older than 300 s are refused."
    )


async def _app_token(client: AsyncWebClient, token: str) -> Finding:
    try:
        await client.apps_connections_open(app_token=token)
    except WORLD as error:
        return _refused("app token", error, "SLACK_APP_TOKEN", "Basic Information > App-Level Tokens (scope connections:write)")
    return Finding("app token", "good", "It opens a socket.")


async def _workspaces(chosen: Settings) -> list[Finding]:
    """The installations by OAuth: whether their tokens can be decrypted and are still good."""
    try:
        rows = {size.table: size.rows for size in examine(chosen.database_url).sizes}
        store = SqlStore.open(chosen.database_url, keys=chosen.encryption_keys)
        try:
            found = store.installations("slack")
        finally:
            store.close()
    except StoreError as error:
        return [Finding("workspaces", "broken", str(error))]
    if sealed := rows.get("installations", 0) - len(found):
        remedy = "Put the key that encrypted them back into SPELLOUT_ENCRYPTION_KEYS, behind the first one."
        return [Finding("workspaces", "broken", f"Tokens that none of the keys decrypts: {sealed}.", remedy)]
    refused = [installation.team for installation in found[:MOST_WORKSPACES] if not await _good(installation, chosen)]
    if refused:
        remedy = "Let somebody there add Spellout again, or run `spellout forget --team` with the id."
        return [Finding("workspaces", "doubtful", f"Of {len(found)}, these have a token that Slack refuses: {', '.join(refused)}.", remedy)]
    return [Finding("workspaces", "good", f"{len(found)} with a good token.")]


async def _good(installation: Installation, chosen: Settings) -> bool:
    client = make_client(installation.token, chosen.api_url, chosen.allow_api_url)
    try:
        await client.auth_test()
    except WORLD:
        return False
    return True
