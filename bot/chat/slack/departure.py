"""Slack's word that an app was taken out of a workspace, or its token revoked. Pure."""

from dataclasses import dataclass
from typing import Final

from bot.chat.payload import NotForUs, Payload, mapping, part, shaped
from bot.chat.slack.payload import TEAM, team_of

DEPARTURES: Final = ("app_uninstalled", "tokens_revoked")


@dataclass(frozen=True, slots=True)
class Departure:
    """Which workspace (or organisation) is left, and when (seconds since 1970, by Slack's clock; 0: not told)."""

    team: str
    at: int


def departure(payload: object) -> Departure | None:
    """What a request body says of leaving, or None. People's tokens are none of ours."""
    try:
        body = mapping(payload)
        event = mapping(body.get("event"))
        if body.get("type") != "event_callback" or event.get("type") not in DEPARTURES:
            return None
        if event["type"] == "tokens_revoked" and not part(event.get("tokens"), "bot"):
            return None
        at = body.get("event_time")
        return Departure(_left(body), at if isinstance(at, int) and at > 0 else 0)
    except NotForUs:
        return None


def _left(body: Payload) -> str:
    """Who is left. Once it is, nobody authorises an event any more: then a body without a workspace speaks of its organisation."""
    if not body.get("authorizations") and not body.get("team_id"):
        return shaped(body.get("enterprise_id"), TEAM)
    return team_of(body)
