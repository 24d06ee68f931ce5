"""What proves that a request comes from Teams: its token, checked by Microsoft's SDK beside the event loop."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import structlog

_log = structlog.get_logger(__name__)

FETCH: Final = 10.0
"""Seconds that each step of fetching the keys may take."""
CHECK: Final = 10.0
"""Seconds that a check may take in all, keys included; Teams waits for fifteen."""
KEPT: Final = 86_400
"""Seconds that Microsoft's keys are kept, as it asks for; a token signed with a newer one has them fetched anew."""

_FAULTS: Final[Mapping[str, str]] = {
    "ExpiredSignatureError": "expired",
    "ImmatureSignatureError": "not valid yet: look at the clock",
    "InvalidAlgorithmError": "signature",
    "InvalidAudienceError": "audience",
    "InvalidIssuerError": "issuer",
    "InvalidSignatureError": "signature",
    "InvalidTokenError": "service url",
    "MissingRequiredClaimError": "a claim is missing",
    "PyJWKClientConnectionError": "keys unreachable",
    "PyJWKClientError": "key unknown",
    "TimeoutError": "keys unreachable",
}
"""What the check's failures mean; the bare InvalidTokenError is the SDK's own, of the address that is answered."""


def _fault(error: Exception) -> str:
    """What is wrong with the token, without a word of it."""
    return _FAULTS.get(type(error).__name__, type(error).__name__)


class Proof:
    """Checks tokens in threads of its own, because the SDK fetches keys while it waits. What is refused is logged by its kind alone."""

    def __init__(self, validator: Any) -> None:
        self._validator = validator
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="teams-tokens")
        self._keys = validator._service_validator._jwks_client
        self._keys.timeout = FETCH
        self.known = False
        """Whether Microsoft's keys have ever been fetched."""
        self._keys.jwk_set_cache.lifespan = KEPT

    async def validate_token(self, raw: str, service_url: str | None = None) -> Any:
        """What the token claims; raises what the SDK raises, or TimeoutError."""
        try:
            async with asyncio.timeout(CHECK):
                claims = await asyncio.get_running_loop().run_in_executor(self._threads, self._check, raw, service_url)
        except Exception as error:
            _log.warning("request_turned_away", status=401, why="token", fault=_fault(error))
            raise
        self.known = True
        return claims

    def _check(self, raw: str, service_url: str | None) -> Any:
        return asyncio.run(self._validator.validate_token(raw, service_url))

    async def warm(self) -> None:
        """Fetch the keys before the first token comes; raises what that raises, or TimeoutError."""
        async with asyncio.timeout(CHECK):
            await asyncio.get_running_loop().run_in_executor(self._threads, self._keys.get_signing_keys)
        self.known = True

    def close(self) -> None:
        """Check nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
