"""What proves that a request comes from Teams: its token, checked by Microsoft's SDK beside the event loop."""

import asyncio
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


class Proof:
    """Checks tokens in threads of its own, because the SDK fetches keys while it waits. What is refused is logged by its kind alone."""

    def __init__(self, validator: Any) -> None:
        self._validator = validator
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="teams-tokens")
        self._keys = validator._service_validator._jwks_client
        self._keys.timeout = FETCH
        self._keys.jwk_set_cache.lifespan = KEPT

    async def validate_token(self, raw: str, service_url: str | None = None) -> Any:
        """What the token claims; raises what the SDK raises, or TimeoutError."""
        try:
            async with asyncio.timeout(CHECK):
                return await asyncio.get_running_loop().run_in_executor(self._threads, self._check, raw, service_url)
        except Exception as error:
            _log.warning("token_refused", why=type(error).__name__)
            raise

    def _check(self, raw: str, service_url: str | None) -> Any:
        return asyncio.run(self._validator.validate_token(raw, service_url))

    async def warm(self) -> None:
        """Fetch the keys before the first token comes; raises what that raises, or TimeoutError."""
        async with asyncio.timeout(CHECK):
            await asyncio.get_running_loop().run_in_executor(self._threads, self._keys.get_signing_keys)

    def close(self) -> None:
        """Check nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
