"""The parts that all of Slack's payloads share: ids of a known shape, whose app this is, and who belongs to another company."""

import re
from dataclasses import dataclass
from typing import Final

from bot.chat.payload import MAPPING, Payload, mapping, part, shaped, string
from bot.core.messages import Place

SERVICE: Final = "slack"
ACTION: Final = "spellout"
"""How the action and block ids of our own buttons and fields begin."""
IN_THREAD: Final = "#in-thread"
"""Ends an answer URL whose answer belongs into the thread, because the person is looking at it. Never sent to Slack."""

CHANNEL = re.compile(r"[CDG][A-Z0-9]{1,30}")
PERSON = re.compile(r"[UW][A-Z0-9]{1,30}")
TEAM = re.compile(r"[TE][A-Z0-9]{1,30}")
TS = re.compile(r"[0-9]{1,12}\.[0-9]{1,9}")
OTHER = re.compile(r"[A-Za-z0-9.]{1,120}")
THREAD = re.compile(rf"dm|new-[A-Za-z0-9]{{1,120}}|{TS.pattern}")

_CHANNEL_NAME = re.compile(r"[\w-]{1,80}")
_NO_NAMES = ("directmessage", "privategroup")


# --------------------------------------------------------------------------- where


def channel_name(value: object) -> str:
    """What a channel is called; "" for direct messages and whatever is no channel's name."""
    named = string(value)
    return named if _CHANNEL_NAME.fullmatch(named) and named not in _NO_NAMES and not named.startswith("mpdm-") else ""


def place(team: str, channel: str, thread: str) -> Place:
    """A place at Slack."""
    return Place(SERVICE, team, channel, thread, is_direct(channel))


def is_direct(channel: str) -> bool:
    """Whether this is a direct message."""
    return channel.startswith("D")


def new_thread(trigger: str) -> str:
    """The name of a thread that this interaction may open."""
    return "new-" + trigger.replace(".", "")


def marks(team: str, *names: str) -> tuple[str, ...]:
    """The names under which a delivery may be repeated."""
    return tuple(f"{SERVICE}:{team}:{name}" for name in names)


def answer_url(body: Payload, in_thread: bool) -> str | None:
    """Where the one who acted can be answered."""
    url = body.get("response_url")
    if not isinstance(url, str) or not 0 < len(url) <= 1_000 or not url.isprintable():
        return None
    return url.partition("#")[0] + (IN_THREAD if in_thread else "")


def team_of(body: Payload) -> str:
    """Whose app this is: the organisation where it is installed for all of it, else the workspace.

    In shared channels that is ours: of an event the authorisation tells, of a window where the app is installed, since the window's team
    is that of the person.
    """
    granted = body.get("authorizations")
    source = mapping(granted[0]) if isinstance(granted, list) and granted else body
    if source.get("is_enterprise_install") in (True, "true"):
        return shaped(source.get("enterprise_id") or _id_of(source.get("enterprise")), TEAM)
    installed = part(body.get("view"), "app_installed_team_id")
    named = installed or source.get("team_id") or _id_of(source.get("team")) or part(body.get("user"), "team_id")
    return shaped(named, TEAM)


def delivery_of(payload: object) -> str:
    """By which name a delivery is told in the log: the event's, or that of the interaction's trigger."""
    names = (part(payload, "event_id"), part(payload, "trigger_id"))
    return next((name for name in names if isinstance(name, str) and OTHER.fullmatch(name)), "")


def _id_of(value: object) -> object:
    return value.get("id") if isinstance(value, MAPPING) else value


# --------------------------------------------------------------------------- who


@dataclass(frozen=True, slots=True)
class Us:
    """Who we are at Slack: the bot's user id, and the workspace (and its organisation, if any) whose people are at home.

    Guests of the home workspace are at home: what tells them apart takes the scope users:read, which is more than we ask for. The people
    of the organisation's other workspaces are not, where the app is installed for one workspace only. Where it is installed for the whole
    organisation, an interaction does not always tell who belongs elsewhere; a message in a shared channel does.
    """

    user: str
    team: str = ""
    organisation: str = ""

    def has(self, *names: object) -> bool:
        """Whether one of these is our workspace or organisation."""
        return any(isinstance(name, str) and name != "" and name in (self.team, self.organisation) for name in names)


def author_is_outsider(body: Payload, event: Payload, us: Us) -> bool:
    """Whether a message in a channel that is shared with another company was written by one of its people."""
    if body.get("is_ext_shared_channel") is not True:
        return False
    homes = (event.get("user_team"), event.get("source_team"), part(event.get("user_profile"), "team"))
    home = next((name for name in homes if name), event.get("team"))
    organisation = body.get("enterprise_id") if body.get("team_id") == home else None
    return not us.has(home, organisation)


def is_outsider(body: Payload, us: Us) -> bool:
    """Whether the person of an interaction or command belongs to another company."""
    home = part(body.get("user"), "team_id") or body.get("team_id") or _id_of(body.get("team"))
    whole = body.get("is_enterprise_install") in (True, "true")
    organisation = (body.get("enterprise_id") or _id_of(body.get("enterprise"))) if whole else None
    return not us.has(home, organisation)
