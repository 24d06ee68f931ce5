"""What somebody types, as Slack's own client sends it: entities, links and mentions in the text, and the same as rich text."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bot.playground.workspace import Channel, Person

Json = dict[str, Any]

FENCE = "```"
TOKEN = re.compile(
    r"(?P<code>`[^`\n]+`)"
    r"|(?P<url>https?://[^\s<>|`]+)"
    r"|(?P<mail>[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4})"
    r"|(?P<site>\b[a-z0-9-]{1,63}\.(?:com|org|net|io|dev)\b(?:/[^\s<>|`]*)?)"
    r"|(?<![\w@])@(?P<at>\w)"
    r"|(?<![\w#])#(?P<hash>[\w-]{1,80})"
    r"|(?P<style>(?<!\w)(?P<mark>[*_~])(?P<inner>[^\s*_~`\n](?:[^*_~`\n]*[^\s*_~`\n])?)(?P=mark)(?!\w))"
)
STYLES = {"*": "bold", "_": "italic", "~": "strike"}
EVERYBODY = ("channel", "here", "everyone")


@dataclass(frozen=True, slots=True)
class Composed:
    """The message as the wire has it."""

    text: str
    blocks: list[Json] | None


def escape(text: str) -> str:
    """The three characters that Slack writes as entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Composer:
    """Knows who and what can be named."""

    def __init__(self, people: Iterable[Person], channels: Iterable[Channel]) -> None:
        names = {name: person for person in people for name in (person.real_name, person.real_name.split()[0], person.name)}
        self._names = sorted(((name.lower(), person) for name, person in names.items()), key=lambda pair: -len(pair[0]))
        self._channels = {channel.name: channel for channel in channels if channel.kind != "im"}

    def message(self, typed: str) -> Composed:
        """A message: text, and rich text blocks."""
        text: list[str] = []
        parts: list[Json] = []
        pieces = typed.split(FENCE)
        for place, piece in enumerate(pieces):
            fenced = place % 2 == 1 and place < len(pieces) - 1
            if fenced:
                text.append(FENCE + escape(piece) + FENCE)
                parts.append({"type": "rich_text_preformatted", "elements": [{"type": "text", "text": piece.strip("\n") or " "}]})
                continue
            opening = FENCE if place % 2 == 1 else ""
            text.append(self._lines(opening + piece, parts))
        block = {"type": "rich_text", "block_id": "typed", "elements": parts}
        return Composed("".join(text), [block] if parts else None)

    def command(self, typed: str, *, escapes: bool) -> str:
        """What follows a slash command: names become ids only where the command asked for it."""
        if not escapes:
            return escape(typed)
        return self._inline(typed, [], lambda kind, ident, name: f"<{kind}{ident}|{name}>")

    def _lines(self, piece: str, parts: list[Json]) -> str:
        out: list[str] = []
        for line in piece.split("\n"):
            quoted = line.startswith(("> ", ">")) and bool(line.strip("> "))
            shown = line[1:].removeprefix(" ") if quoted else line
            runs: list[Json] = []
            written = self._inline(shown, runs, lambda kind, ident, name: f"<{kind}{ident}>" if kind == "@" else f"<{kind}{ident}|{name}>")
            out.append(f"&gt; {written}" if quoted else written)
            self._append("rich_text_quote" if quoted else "rich_text_section", runs, parts)
        return "\n".join(out)

    @staticmethod
    def _append(kind: str, runs: list[Json], parts: list[Json]) -> None:
        if parts and parts[-1]["type"] == kind:
            parts[-1]["elements"] += [{"type": "text", "text": "\n"}, *runs]
        elif runs:
            parts.append({"type": kind, "elements": runs})

    def _inline(self, line: str, runs: list[Json], link: Callable[[str, str, str], str]) -> str:
        out: list[str] = []
        at = 0
        while match := TOKEN.search(line, at):
            named = self._token(match, line, link)
            written, run, end = named or (escape(match[0]), _text(match[0]), match.end())
            for piece in (line[at : match.start()],):
                out.append(escape(piece))
                if piece:
                    runs.append(_text(piece))
            out.append(written)
            runs.append(run)
            at = end
        if line[at:]:
            out.append(escape(line[at:]))
            runs.append(_text(line[at:]))
        return "".join(out)

    def _token(self, match: re.Match[str], line: str, link: Callable[[str, str, str], str]) -> tuple[str, Json, int] | None:
        found, end = match[0], match.end()
        kind = match.lastgroup if match.lastgroup not in ("mark", "inner") else "style"
        if kind == "at":
            return self._mention(line, match.start(), link)
        if kind == "hash":
            channel = self._channels.get(match["hash"])
            return (link("#", channel.id, channel.name), {"type": "channel", "channel_id": channel.id}, end) if channel else None
        if kind == "code":
            return escape(found), _text(found.strip("`"), "code"), end
        if kind == "style":
            return escape(found), _text(match["inner"], STYLES[match["mark"]]), end
        url = {"mail": f"mailto:{found}", "site": f"http://{found}"}.get(kind or "", found)
        shown = "" if url == found else f"|{found}"
        return f"<{escape(url)}{shown}>", {"type": "link", "url": url, **({"text": found} if shown else {})}, end

    def _mention(self, line: str, start: int, link: Callable[[str, str, str], str]) -> tuple[str, Json, int] | None:
        rest = line[start + 1 : start + 81].lower()
        for word in EVERYBODY:
            if _whole(rest, word):
                return f"<!{word}>", {"type": "broadcast", "range": word}, start + 1 + len(word)
        for name, person in self._names:
            if _whole(rest, name):
                return link("@", person.id, person.name), {"type": "user", "user_id": person.id}, start + 1 + len(name)
        return None


def _whole(rest: str, name: str) -> bool:
    return rest.startswith(name) and not rest[len(name) : len(name) + 1].isalnum()


def _text(text: str, style: str = "") -> Json:
    return {"type": "text", "text": text, **({"style": {style: True}} if style else {})}
