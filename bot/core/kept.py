"""Results that are kept because they come up again, in bounded memory."""

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Kept(dict[K, V]):
    """A mapping of results to be looked up again, which starts over when it holds `most` of them: what people write has no end.

    Several threads may use it: what one has just found or written may be forgotten by another, so that it is to be looked up once.
    """

    def __init__(self, most: int = 10_000) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: K, value: V) -> None:
        if len(self) >= self._most and key not in self:
            self.clear()
        super().__setitem__(key, value)
