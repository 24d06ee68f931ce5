"""A copy of the real rules that a test may break, and what loading it then says."""

from collections.abc import Callable, Mapping
from pathlib import Path

from bot import rulefiles
from bot.core.rulebook import Rulebook

HERE = "¦"
"""Marks the place in a replacement that the complaint should point at."""


class RulesCopy:
    """A folder of rules to break."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def told(self, files: Mapping[str, str | bytes | None] | None = None, load: Callable[[Path], Rulebook] = rulefiles.load) -> list[str]:
        """Put files there (text, bytes, or None to take one away); what loading says, line by line."""
        for name, content in (files or {}).items():
            if content is None:
                (self.folder / name).unlink()
            else:
                (self.folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        try:
            load(self.folder)
        except rulefiles.RuleError as error:
            return str(error).splitlines()
        return []

    def replaced(self, name: str, old: str, new: str, load: Callable[[Path], Rulebook] = rulefiles.load) -> list[str]:
        """Replace words of a file; what loading says, with `here:` for the place that `¦` marks in the new words."""
        text = (self.folder / name).read_text("utf-8")
        assert old in text, f"{old!r} does not stand in {name}"
        start = text.index(old)
        before = text[:start] + new.partition(HERE)[0]
        place = f"{self.folder / name}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}:"
        told = self.told({name: text.replace(old, new.replace(HERE, ""), 1)}, load)
        return [said.replace(place, "here:", 1) if said.startswith(place) else said for said in told]
