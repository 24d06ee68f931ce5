"""Tokens at rest: sealed with the first key, opened with any, and worth nothing in another row than their own."""

import json
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from bot.ports import StoreError

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

SETTING = "SPELLOUT_ENCRYPTION_KEYS"
REMEDY = f"set {SETTING} to a key, which `spellout keys new` makes"


def new_key() -> str:
    """A new key."""
    from cryptography.fernet import Fernet  # noqa: PLC0415 - most commands never need it, and it takes a while to import

    return Fernet.generate_key().decode()


class Seal:
    """Seals and opens tokens. Without keys it opens none."""

    def __init__(self, keys: Sequence[str] = ()) -> None:
        self._keys = tuple(keys)

    @cached_property
    def _fernet(self) -> "MultiFernet":
        from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415 - see above

        try:
            return MultiFernet([Fernet(key) for key in self._keys])
        except ValueError:
            raise StoreError(f"{SETTING} holds something that is no key: `spellout keys new` makes one.") from None

    def seal(self, service: str, team: str, token: str) -> str:
        """The token, encrypted for this team's row alone; raises StoreError where no key is set."""
        if not self._keys:
            raise StoreError(f"The token of an installation is only kept encrypted: {REMEDY}, then install again.")
        plain = json.dumps({"service": service, "team": team, "token": token})
        return self._fernet.encrypt(plain.encode()).decode()

    def open(self, service: str, team: str, sealed: str) -> str | None:
        """The token, or None where no key opens it or it was sealed for another row."""
        if not self._keys:
            return None
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 - see above

        try:
            found = json.loads(self._fernet.decrypt(sealed.encode()))
        except (InvalidToken, ValueError):
            return None
        return str(found["token"]) if (found["service"], found["team"]) == (service, team) else None
