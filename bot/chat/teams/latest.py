"""What is kept in mind of a world without end: the latest, in memory alone."""

from collections import OrderedDict
from typing import TypeVar

T = TypeVar("T")


class Latest(OrderedDict[str, T]):
    """Remembers so many at most, and forgets the oldest."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def keep(self, key: str, value: T) -> None:
        """Remember it as the latest."""
        self[key] = value
        self.move_to_end(key)
        if len(self) > self._most:
            self.popitem(last=False)
