"""That one process alone works with an SQLite file: a second one would send anew what the first has on its way."""

import os
import sys
from pathlib import Path

from sqlalchemy import URL

from bot.ports import StoreError
from bot.store.engine import file_of
from bot.store.faults import SETTING, name_of

if sys.platform != "win32":
    import fcntl

_SUFFIX = "-serving"
"""What is locked is a file of its own: to close one that SQLite uses would take SQLite's own locks away."""


class Claim:
    """Held until it is released, or its process ends in whichever way."""

    def __init__(self, url: URL) -> None:
        """Take it, where the database is a file and the system can; raises StoreError where another process has it."""
        self._file: int | None = None
        database = file_of(url)
        if sys.platform == "win32" or database is None:
            return
        path = Path(f"{database.resolve()}{_SUFFIX}")
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            raise StoreError(
                f"Another Spellout works with the database {name_of(url)}: stop that one, or let them share a PostgreSQL ({SETTING})."
            ) from None
        except OSError:
            self.release()  # a file system without locks

    def release(self) -> None:
        """Let another process have it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
