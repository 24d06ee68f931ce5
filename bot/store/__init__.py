"""What Spellout remembers, in SQLite or PostgreSQL."""

from bot.ports import StoreError
from bot.store.store import SqlStore

__all__ = ["SqlStore", "StoreError"]
