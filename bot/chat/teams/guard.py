"""The door: what a request must look like before anything else of it is read, and whom it may make us talk to."""

import base64
import binascii
import json
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from bot.chat.payload import part, string
from bot.chat.teams.clouds import CLOUDS
from bot.chat.teams.limits import REQUEST
from bot.chat.teams.payload import ACTIVITY, CONVERSATION, PERSON, TENANT, tenant_of

PUBLIC_HOSTS: Final = frozenset({CLOUDS["public"].host})
"""Where Teams' connector is, in the public cloud; other clouds have hosts of their own."""


class Turned(Exception):
    """The request is not let in: the status of the answer, and why, in a word for the log; of a token, also what is wrong with it."""

    def __init__(self, status: int, why: str, fault: str = "") -> None:
        super().__init__(why)
        self.status = status
        self.told = {"status": status, "why": why} | ({"fault": fault} if fault else {})


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom we talk to: the connector's hosts (or this machine alone), and the tenants (none named: any)."""

    hosts: frozenset[str] = PUBLIC_HOSTS
    tenants: frozenset[str] = frozenset()
    here: bool = False
    """Whether the connector is on this machine; then it is nowhere else."""

    def address(self, url: object) -> bool:
        """Whether replies may be sent there, with our token."""
        try:
            parts = urlsplit(string(url))
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        if not host or "@" in parts.netloc or not string(url).isprintable() or " " in string(url) or parts.query or parts.fragment:
            return False
        if self.here:
            return parts.scheme in ("http", "https") and is_loopback(host)
        return parts.scheme == "https" and host in self.hosts and port in (None, 443)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def from_here(peer: str | None, host: str) -> bool:
    """Whether a request comes from this machine and is meant for it: a page in a browser could reach us by another name."""
    try:
        named = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return is_loopback(peer or "") and is_loopback(named)


def checked(body: bytes, content_type: str, trust: Trust) -> dict[str, Any]:
    """The activity of a request; raises Turned where it is none that Teams would send us."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Turned(415, "content_type")
    if len(body) > REQUEST:
        raise Turned(413, "too_large")
    try:
        activity = json.loads(body)
    except (ValueError, RecursionError):
        raise Turned(400, "no_json") from None
    if not isinstance(activity, dict):
        raise Turned(400, "no_activity")
    _check_ids(activity)
    if not trust.address(activity.get("serviceUrl")):
        raise Turned(403, "service_url")
    if trust.tenants and tenant_of(activity) not in trust.tenants:
        raise Turned(403, "tenant")
    return activity


def _check_ids(activity: dict[str, Any]) -> None:
    kind = activity.get("type")
    if not isinstance(kind, str) or not 0 < len(kind) <= 64:
        raise Turned(400, "type")
    conversation = string(part(activity.get("conversation"), "id")).partition(";")
    ids = (
        ("id", ACTIVITY.fullmatch(string(activity.get("id")))),
        ("conversation", CONVERSATION.fullmatch(conversation[0])),
        ("from", PERSON.fullmatch(string(part(activity.get("from"), "id")))),
        ("tenant", TENANT.fullmatch(string(tenant_of(activity))) or tenant_of(activity) is None),
    )
    wrong = next((name for name, good in ids if not good), None)
    if wrong:
        raise Turned(400, f"no_{wrong}")


def token_fault(authorization: str, issuer: str) -> str:
    """What shows, without any proof, that a header holds no token of Teams: of this issuer, and it ends. "": it could be one.

    Of other issuers the SDK would take some, without the address that is answered, and fetch the keys of whichever tenant they name.
    """
    scheme, _, token = authorization.partition(" ")
    segments = token.split(".")
    if not token:
        return "none"
    if scheme != "Bearer" or len(segments) != 3 or len(token) > 16_384:
        return "malformed"
    try:
        claims = json.loads(base64.urlsafe_b64decode(segments[1] + "=" * (-len(segments[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return "malformed"
    if not isinstance(claims, dict) or claims.get("iss") != issuer:
        return "issuer"
    ends = claims.get("exp")
    return "" if isinstance(ends, int | float) and not isinstance(ends, bool) else "no end"
