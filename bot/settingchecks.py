"""What each setting has to look like, and what is said when it does not: a token, a secret, an address, keys."""

import base64
import binascii
import re
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr

KEY_BYTES = 32
"""Bytes of a key that tokens are encrypted with."""

BOT_TOKEN_PAGE = "it stands at api.slack.com/apps > your app > OAuth & Permissions"
APP_TOKEN_PAGE = "it is made at api.slack.com/apps > your app > Basic Information > App-Level Tokens, with the scope connections:write"
ADDRESS = "such as https://spellout.example.com, or http://127.0.0.1:3000 to try it on one machine"
SECRET_PAGE = "it stands at api.slack.com/apps > your app > Basic Information > App Credentials"

_KINDS = {
    "xoxb-": "a bot token, which belongs in SLACK_BOT_TOKEN",
    "xapp-": "an app-level token, which belongs in SLACK_APP_TOKEN",
    "xoxp-": "a person's token, which Spellout never needs",
    "xoxe": "a token that expires, from an app with token rotation, which Spellout does not support",
}
"""Slack's tokens by how they start."""


def _plain(value: SecretStr, page: str) -> str:
    text = value.get_secret_value()
    if re.search(r"""[\s"'`]""", text):
        raise ValueError(f"contains a space, line break or quote; paste the bare value: {page}")
    return text


def token(start: str, page: str) -> AfterValidator:
    """A token that starts like this; the page says where to get it."""

    def check(value: SecretStr) -> SecretStr:
        text = _plain(value, page)
        kind = next((kind for prefix, kind in _KINDS.items() if text.startswith(prefix) and prefix != start), None)
        if kind:
            raise ValueError(f"holds {kind}; this one starts with {start}: {page}")
        if not re.fullmatch(rf"{start}[A-Za-z0-9-]+", text):
            raise ValueError(f"is not a whole token, which starts with {start} and has only letters, digits and hyphens: {page}")
        return value

    return AfterValidator(check)


def signing_secret(value: SecretStr) -> SecretStr:
    """The whole signing secret."""
    text = _plain(value, SECRET_PAGE)
    if text.startswith(tuple(_KINDS)):
        raise ValueError(f"holds a token, not the signing secret: {SECRET_PAGE}")
    if not re.fullmatch(r"[0-9A-Za-z]{16,}", text):
        raise ValueError(f"is not a whole signing secret, which has 32 letters and digits: {SECRET_PAGE}")
    return value


def client_id(value: str) -> str:
    """An app's client id."""
    if not re.fullmatch(r"[0-9]+\.[0-9]+", value):
        raise ValueError(f"is not a whole client id, which is two numbers with a dot between them: {SECRET_PAGE}")
    return value


def public_url(value: str) -> str:
    """Without a slash at its end."""
    try:
        parts = urlsplit(value)
        loopback = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
        fit = (parts.scheme == "https" or loopback) and bool(parts.hostname) and not (parts.query or parts.fragment or "@" in parts.netloc)
    except ValueError:
        fit = False
    if not fit or not re.fullmatch(r"[A-Za-z0-9:/._~%\[\]-]+", value):
        raise ValueError(f"is no public address; give the one that your proxy answers at, {ADDRESS}")
    return value.rstrip("/")


def workspaces(value: str) -> str:
    """Ids of workspaces and organisations."""
    names = value.replace(",", " ").split()
    odd = next((name for name in names if not re.fullmatch(r"[TE][A-Z0-9]+", name)), None)
    if odd is not None:
        raise ValueError(f"holds {odd!r}; give ids of workspaces (T...) or organisations (E...) with commas between them")
    return value


def support(value: str) -> str:
    """Where people get help."""
    if not re.fullmatch(r"https://[\w.-]+\.\w+(:[0-9]+)?(/[\w./~%#?=&-]*)?|[\w.+-]+@[\w.-]+\.\w+", value, re.ASCII):
        raise ValueError("is neither a mail address nor an address that begins with https://")
    return value


def encryption_keys(value: SecretStr) -> SecretStr:
    """Keys of the right length."""
    keys = [key.strip() for key in value.get_secret_value().split(",")]
    for number, key in enumerate(keys, start=1):
        try:
            sound = len(base64.b64decode(key.encode("ascii"), altchars=b"-_", validate=True)) == KEY_BYTES
        except (UnicodeEncodeError, binascii.Error):
            sound = False
        if not sound:
            which = f", key {number} of {len(keys)}," if len(keys) > 1 else ""
            raise ValueError(f"holds something{which} that is no key of 32 bytes in URL-safe base64: `spellout keys new` makes one")
    return value


def folder(value: Path) -> Path:
    """A folder that is there."""
    if not value.is_dir():
        raise ValueError(f"names {value}, where there is no folder; name a folder made like rules/, or leave it out")
    return value
