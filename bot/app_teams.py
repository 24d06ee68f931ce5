"""The part of the composition that concerns Microsoft Teams."""

from typing import get_args

import structlog

from bot.chat.teams.app import TeamsChat
from bot.chat.teams.clouds import CLOUDS
from bot.chat.teams.guard import Trust
from bot.chat.teams.login import NoToken
from bot.chat.teams.sdk import Identity, TeamsError
from bot.chat.teams.sender import Words
from bot.chat.teams.waiting import Happened
from bot.core.rulebook import Rulebook
from bot.metrics import Metrics
from bot.settings import OperatorError
from bot.settings_teams import TeamsSettings, refusal

_log = structlog.get_logger(__name__)


def make(settings: TeamsSettings, rules: Rulebook, metrics: Metrics | None = None) -> TeamsChat:
    """Spellout at Teams, as it is set up; raises OperatorError where that would let anybody in, or the library is missing."""
    tenants = {*(settings.allowed_tenants or "").split(","), settings.tenant_id or ""} - {""}
    hosts = {CLOUDS[settings.cloud].host, *(settings.service_hosts or "").split(",")} - {""}
    secret = settings.client_secret.get_secret_value() if settings.client_secret else ""
    try:
        return TeamsChat(
            identity=Identity(settings.client_id or "", secret, settings.tenant_id or "", settings.cloud),
            words=words(rules),
            trust=Trust(frozenset(hosts), frozenset(tenants), here=settings.only_here),
            local=settings.only_here,
            targeted=settings.targeted and not settings.only_here,
            metrics=metrics,
        )
    except TeamsError as error:
        raise OperatorError(str(error)) from None


async def introduce(chat: TeamsChat) -> None:
    """Get the first token: raises OperatorError where Microsoft refuses our credentials. One that cannot be asked now is asked later."""
    try:
        await chat.sign_in()
    except NoToken as failure:
        if failure.refused:
            raise OperatorError(f"Microsoft refuses the credentials of Teams ({failure}). {refusal(str(failure))}") from None
        _log.warning("teams_token_not_fetched", why=str(failure))


def words(rules: Rulebook) -> Words:
    """What the Teams adapter itself has to say."""
    say = rules.wording.text
    outcomes: tuple[Happened, ...] = get_args(Happened)
    return Words(
        somebody=say("shared.somebody"),
        happened={each: say(f"task.{each}") for each in outcomes},
        failed=say("task.failed"),
        about=say("task.about", where="{where}"),
        within=say("task.within", channel="{channel}", team="{team}"),
        channel=say("task.channel"),
        chat=say("task.chat"),
    )
