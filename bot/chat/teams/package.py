"""The app package: what an administrator uploads to a tenant. Its commands are those of the bot's help, its icons are drawn here."""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import NAMESPACE_URL, uuid5

from bot.chat.teams.events import SHORTCUTS
from bot.core.manners import COMMANDS
from bot.core.wording import Wording

Flavour = Literal["listening", "mentions"]

PLAIN, PREVIEW = "1.25", "1.29"
"""The schema that most tenants take, and the first that knows slash commands and private messages to a bot."""
COLOUR: Final = "#1f4d4a"
_STAMP: Final = (1980, 1, 1, 0, 0, 0)
Pixel = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who offers the app within the tenant: a name, and the pages about it, its privacy and its terms."""

    name: str
    site: str
    privacy: str
    terms: str


def manifest(
    client_id: str, version: str, publisher: Publisher, wording: Wording, flavour: Flavour, *, slash: bool = False
) -> dict[str, Any]:
    """The app's manifest. Listening, it hears every message of a team or chat whose owner consents; else mentions alone."""
    schema = PREVIEW if slash else PLAIN
    commands = [{"title": name, "description": wording.text(f"command.{name}")} for name in (*COMMANDS, "classify")]
    bot: dict[str, Any] = {
        "botId": client_id,
        "scopes": ["team", "groupChat", "personal"],
        "supportsFiles": False,
        "isNotificationOnly": False,
        "commandLists": [{"scopes": ["team", "groupChat", "personal"], "commands": commands}],
    }
    if slash:
        bot["supportsTargetedMessages"] = True
        bot["commandLists"][0]["triggers"] = ["mention", "slash"]
    made: dict[str, Any] = {
        "$schema": f"https://developer.microsoft.com/en-us/json-schemas/teams/v{schema}/MicrosoftTeams.schema.json",
        "manifestVersion": schema,
        "version": version,
        "id": str(uuid5(NAMESPACE_URL, f"spellout:{client_id}")),
        "developer": {
            "name": publisher.name[:32],
            "websiteUrl": publisher.site,
            "privacyUrl": publisher.privacy,
            "termsOfUseUrl": publisher.terms,
        },
        "name": {"short": "Spellout", "full": "Spellout, the colleague who spells acronyms out"},
        "description": {
            "short": "Spells outsourcing acronyms out and helps to choose an operating model",
            "full": wording.text("help.text"),
        },
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": COLOUR,
        "bots": [bot],
        "composeExtensions": [{"botId": client_id, "commands": [_entry(name, action, wording) for name, action in SHORTCUTS.items()]}],
        "supportsChannelFeatures": "tier1",
        "validDomains": [],
    }
    return made | (_consent(client_id) if flavour == "listening" else {})


def _entry(name: str, action: str, wording: Wording) -> dict[str, Any]:
    """An entry of a message's menu."""
    title, does = wording.text(f"menu.{action}"), wording.text(f"menu.{action}_does")
    return {"id": name, "type": "action", "title": title, "description": does, "context": ["message"], "fetchTask": True}


def _consent(client_id: str) -> dict[str, Any]:
    """What the owner of a team or chat agrees to: that messages which do not mention the bot are heard too."""
    names = ("ChannelMessage.Read.Group", "ChatMessage.Read.Chat")
    return {
        "webApplicationInfo": {"id": client_id, "resource": f"api://botid-{client_id}"},
        "authorization": {"permissions": {"resourceSpecific": [{"name": name, "type": "Application"} for name in names]}},
    }


def package(made: dict[str, Any]) -> bytes:
    """The zip file: the manifest and two icons, the same bytes for the same manifest."""
    files = {
        "manifest.json": json.dumps(made, indent=2, ensure_ascii=False).encode() + b"\n",
        "color.png": _png(192, _colour),
        "outline.png": _png(32, _outline),
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _STAMP)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, content)
    return target.getvalue()


# --------------------------------------------------------------------------- icons


def _png(size: int, pixel: Callable[[float, float], Pixel]) -> bytes:
    """A square picture; `pixel` gives the colour of a point, both of whose coordinates go from 0 to 1. Edges are smoothed."""
    rows = b"".join(b"\0" + b"".join(bytes(_smooth(x, y, size, pixel)) for x in range(size)) for y in range(size))
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _smooth(x: int, y: int, size: int, pixel: Callable[[float, float], Pixel]) -> list[int]:
    points = [pixel((x + dx) / size, (y + dy) / size) for dx in (0.25, 0.75) for dy in (0.25, 0.75)]
    solid = sum(point[3] for point in points)
    colour = [sum(point[channel] * point[3] for point in points) // solid if solid else 255 for channel in range(3)]
    return [*colour, solid // 4]


def _bubble(x: float, y: float, grow: float = 0.0) -> bool:
    """Whether a point is in the speech bubble: a rounded box with a tail at its lower left."""
    left, top, right, bottom, radius = 0.16 - grow, 0.2 - grow, 0.84 + grow, 0.68 + grow, 0.14 + grow
    dx, dy = max(left + radius - x, 0.0, x - right + radius), max(top + radius - y, 0.0, y - bottom + radius)
    tail = 0.26 - grow <= x <= 0.42 + grow and 0.6 <= y <= 0.86 + grow - (x - 0.26) * 1.1
    return dx * dx + dy * dy <= radius * radius or tail


def _dots(x: float, y: float, radius: float) -> bool:
    """Whether a point is in one of the three dots that stand for an abbreviation."""
    return any((x - centre) ** 2 + (y - 0.44) ** 2 <= radius * radius for centre in (0.33, 0.5, 0.67))


def _colour(x: float, y: float) -> Pixel:
    ground = (0x1F, 0x4D, 0x4A, 255)
    return (255, 255, 255, 255) if _bubble(x, y) and not _dots(x, y, 0.055) else ground


def _outline(x: float, y: float) -> Pixel:
    line = _bubble(x, y, 0.06) and not _bubble(x, y, -0.02)
    return (255, 255, 255, 255 if line or _dots(x, y, 0.05) else 0)
