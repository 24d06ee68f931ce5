"""What Spellout says of itself: what it can do, and that it did not get something."""

from collections.abc import Sequence

from bot.core.manners import COMMANDS
from bot.core.messages import Items, Note, Part, Reply, Text
from bot.core.term_cards import TermCards
from bot.core.wording import Wording


class HelpCards:
    """Builds the replies that help."""

    def __init__(self, wording: Wording, terms: TermCards) -> None:
        self._w, self._terms = wording, terms

    def _reply(self, parts: Sequence[Part], whisper_to: str) -> Reply:
        return Reply(tuple(parts), self._terms.fallback(parts), surface="whisper" if whisper_to else "thread", to=whisper_to)

    def help(self, whisper_to: str = "") -> Reply:
        """What Spellout can do."""
        does = {"/spellout KPO": "help.term", "/classify": "command.classify"} | {
            f"/spellout {name}": f"command.{name}" for name in COMMANDS
        }
        lines = tuple(self._w.line("help.item", command=command, does=self._w.text(key)) for command, key in does.items())
        parts = (Text(self._w.line("help.text")), Items(lines), Text(self._w.line("help.words")), Note(self._w.line("help.menu")))
        return self._reply(parts, whisper_to)

    def settings_hint(self, whisper_to: str) -> Reply:
        """Settings open from the slash command, which brings what a window needs."""
        return self._reply((Text(self._w.line("help.settings")),), whisper_to)

    def not_understood(self, whisper_to: str = "") -> Reply:
        """An addressed message that asks for nothing we know."""
        return self._reply((Text(self._w.line("help.not_understood")),), whisper_to)
