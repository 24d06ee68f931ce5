"""Replicas of the real program, which can be killed and come back."""

import asyncio
import contextlib
import os
import socket
import sys
from pathlib import Path

from bot.settings import table

ROOT = Path(__file__).parents[2]
_READY_WITHIN = 60


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


class Replica:
    """One process of the program over signed HTTP, which can be killed and comes back."""

    def __init__(self, name: str, folder: Path, settings: dict[str, str], command: tuple[str, ...]) -> None:
        self.name, self._folder, self._command = name, folder, command
        self.port = free_port()
        inherited = {key: value for key, value in os.environ.items() if key not in {row.name for row in table()}}
        self._environment = {**inherited, **settings, "PORT": str(self.port), "PYTHONPATH": str(ROOT)}
        self._process: asyncio.subprocess.Process | None = None
        self.kills = self.failed_starts = 0

    @property
    def url(self) -> str:
        """Where Slack's events go."""
        return f"http://127.0.0.1:{self.port}/slack/events"

    @property
    def log(self) -> Path:
        """Everything it logged, through all its lives."""
        return self._folder / f"{self.name}.log"

    async def start(self) -> None:
        """Start it, unless it runs, and wait until it listens; like a supervisor, again and again where it ends by itself."""
        async with asyncio.timeout(_READY_WITHIN):
            while self._process is None or not await self._listens():
                if self._process is None or self._process.returncode is not None:
                    self.failed_starts += self._process is not None
                    await self._spawn()
                await asyncio.sleep(0.1)

    async def _spawn(self) -> None:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, *self._command, cwd=self._folder, env=self._environment, stdout=log, stderr=log
            )

    async def kill(self) -> None:
        """kill -9."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            self.kills += 1
            process.kill()
        else:
            self.failed_starts += 1
        await process.wait()

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return True
