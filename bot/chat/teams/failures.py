"""What a failed call at Teams means for the reply: that it is worth another try, or that it never will be taken."""

from typing import Final

import structlog

from bot.chat.teams.login import NoToken
from bot.ports import Refused, TryLater

_log = structlog.get_logger(__name__)

AGAIN: Final = frozenset({408, 412, 425, 429, 500, 502, 503, 504})
"""What Teams answers when the same call may succeed later."""
NEVER: Final = frozenset({501, 505})
"""What a server answers when it does not know how to do that, and will not learn it by waiting."""
_NOT_ARRIVED: Final = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "ValueError"})
"""Failures before anything was sent; a ValueError is a token that the SDK cannot read."""
_LONGEST_WAIT: Final = 3_600


def understood(error: Exception) -> TryLater | Refused:
    """What a failed call means for the reply."""
    if isinstance(error, NoToken):
        if error.refused:
            _log.error("teams_refuses_the_token", why=str(error))
        return TryLater(f"no token ({error})", uncertain=False)
    response = getattr(error, "response", None)
    if response is None:
        return TryLater(type(error).__name__, uncertain=type(error).__name__ not in _NOT_ARRIVED)
    status, headers = int(response.status_code), response.headers
    if status in (401, 407):
        _log.error("teams_refuses_the_token", status=status)
        return TryLater(f"status {status}", uncertain=False)
    if status in AGAIN or (status >= 500 and status not in NEVER):
        return TryLater(f"status {status}", retry_after(headers.get("Retry-After")), uncertain=status not in (412, 425, 429))
    return Refused(f"status {status}")


def retry_after(value: object) -> float | None:
    """The seconds that Teams asks to wait, if it says so sensibly."""
    said = str(value or "").strip()
    return float(min(max(int(said), 1), _LONGEST_WAIT)) if said.isascii() and said.isdigit() and len(said) < 10 else None
