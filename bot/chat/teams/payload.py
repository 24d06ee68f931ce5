"""The parts that all of Teams' activities share: ids of a known shape, where something happened, and the seal on what a card carries."""

import hmac
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from bot.chat.payload import Payload, mapping, part, shaped, string
from bot.core.messages import Place

SERVICE: Final = "teams"
OURS: Final = "spellout"
"""The verb of our buttons, and the key under which they carry what is ours."""
FIELD: Final = "spellout."
"""How the ids of our fields begin."""
TASK: Final = "invoke:"
"""Begins an answer URL that names an activity which waits for its answer in this process."""

CONVERSATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._@=+~-]{0,255}")
"""No slash, question mark or percent sign: it becomes part of an address."""
ACTIVITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._=+~-]{0,255}")
PERSON = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._@=+~-]{0,255}")
TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}")
DAY = re.compile(r"chat-[0-9]{8}")
THREAD = re.compile(rf"dm|{DAY.pattern}|new-[A-Za-z0-9]{{1,128}}|{ACTIVITY.pattern}")

_MILLISECONDS = re.compile(r"1[0-9]{12}")
_STAMP = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T")
_SEAL = 32


# --------------------------------------------------------------------------- where


@dataclass(frozen=True, slots=True)
class Where:
    """The conversation of an activity, taken apart: `root` is the message that heads the thread in a channel."""

    tenant: str
    conversation: str
    root: str
    kind: str

    @property
    def personal(self) -> bool:
        """Whether somebody talks with Spellout alone."""
        return self.kind == "personal"

    @property
    def group(self) -> bool:
        """Whether this is a group chat, which has no threads."""
        return self.kind == "groupChat"

    def place(self, thread: str) -> Place:
        """A place in this conversation."""
        return Place(SERVICE, self.tenant, self.conversation, thread, self.personal)


def where(activity: Payload) -> Where:
    """Where an activity happened."""
    conversation = mapping(activity.get("conversation"))
    base, _, rest = string(conversation.get("id")).partition(";")
    root = rest.removeprefix("messageid=") if rest.startswith("messageid=") else ""
    kind = string(conversation.get("conversationType")) or ("channel" if is_channel(base) else "personal")
    return Where(shaped(tenant_of(activity), TENANT), shaped(base, CONVERSATION), shaped(root, ACTIVITY) if root else "", kind)


def is_channel(conversation: str) -> bool:
    """Whether this is the id of a channel."""
    return "@thread.tacv2" in conversation


def tenant_of(activity: Payload) -> object:
    """The tenant that an activity names, unchecked."""
    return part(part(activity.get("channelData"), "tenant"), "id") or part(activity.get("conversation"), "tenantId")


def day(message: object, stamp: object) -> str:
    """The thread of a group chat that a message belongs to: that of its day (UTC), since nothing else divides a group chat.

    Teams' message ids are milliseconds since 1970, so that an edit or a deletion finds the thread of the message.
    """
    if isinstance(message, str) and _MILLISECONDS.fullmatch(message):
        return datetime.fromtimestamp(int(message) / 1000, UTC).strftime("chat-%Y%m%d")
    found = _STAMP.match(string(stamp))
    return f"chat-{''.join(found.groups())}" if found else "chat-00000000"


def new_thread(name: str) -> str:
    """The name of a thread that this activity may open."""
    return "new-" + re.sub(r"[^A-Za-z0-9]", "", name)[:128]


def is_shared(activity: Payload) -> bool:
    """Whether people of another organisation may be in the channel."""
    return part(part(activity.get("channelData"), "channel"), "type") == "shared"


def marks(tenant: str, *names: str) -> tuple[str, ...]:
    """The names under which a delivery may be repeated."""
    return tuple(f"{SERVICE}:{tenant}:{name}" for name in names)


# --------------------------------------------------------------------------- what a card carries


@dataclass(frozen=True, slots=True)
class Seals:
    """Proof that a card which stands outside its conversation was made by us for one person. `key` is a secret."""

    key: bytes = field(repr=False)

    def carried(self, place: Place, person: str = "") -> dict[str, str]:
        """What every button of a card carries: its conversation, sealed where the card is for one person alone."""
        at = f"{place.channel}|{place.thread}"
        return {"at": at, "seal": self._seal(place.team, at, person)} if person else {"at": at}

    def hold(self, tenant: str, at: str, person: str, seal: object) -> bool:
        """Whether we made this for this person."""
        return hmac.compare_digest(self._seal(tenant, at, person).encode(), string(seal).encode())

    def _seal(self, tenant: str, at: str, person: str) -> str:
        return hmac.new(self.key, "\0".join((tenant, at, person)).encode(), sha256).hexdigest()[:_SEAL]
