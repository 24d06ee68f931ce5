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

    def help(self, whisper_to: str = "", *, direct: bool = False) -> Reply:
        """What Spellout can do, a line each: by commands in a channel, by plain words in a direct message."""
        does = self._words() if direct else self._commands()
        lines = tuple(self._w.line("help.item", command=command, does=self._w.text(key)) for command, key in does.items())
        more = () if direct else (Text(self._w.line("help.words")),)
        return self._reply((Text(self._w.line("help.text")), Items(lines), *more, Note(self._w.line("help.menu"))), whisper_to)

    @staticmethod
    def _commands() -> dict[str, str]:
        named = {f"/spellout {name}": f"command.{name}" for name in COMMANDS}
        return {"/spellout KPO": "help.term", "/classify": "command.classify"} | named

    def _words(self) -> dict[str, str]:
        """What can be typed, with what it does; some of it does less without a channel."""
        said = {"term": "help.term", "choose": "command.choose", "classify": "command.classify"}
        others = {name: f"command.{name}" for name in COMMANDS if name not in said and name != "help"}
        return {self._w.text(f"help.say_{name}"): key for name, key in said.items()} | others | {"settings": "help.settings_direct"}

    def settings_hint(self, whisper_to: str) -> Reply:
        """Settings open from the slash command, which brings what a window needs."""
        return self._reply((Text(self._w.line("help.settings")),), whisper_to)

    def not_understood(self, whisper_to: str = "") -> Reply:
        """An addressed message that asks for nothing we know."""
        return self._reply((Text(self._w.line("help.not_understood")),), whisper_to)
