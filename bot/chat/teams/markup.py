"""Teams' markup -> the plain text that a person sees."""

import re
from collections.abc import Sequence
from html import unescape
from html.parser import HTMLParser

_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_MENTION = re.compile(r"<at(?: [^<>]*)?>([^<>]*)</at>")
_QUOTED = re.compile(r"<quoted [^<>]*/?>")
_BREAKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "pre", "blockquote"})
_UNSEEN = frozenset({"blockquote", "code", "pre", "script", "style", "title"})
"""What is no word of the writer's own: quotes, code."""


def fit(text: str) -> str:
    """The text without what no text should hold, and half a character that could not even be sent."""
    return _UNFIT.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def plain_text(text: str, mine: Sequence[str]) -> tuple[str, bool]:
    """What somebody wrote, without the mentions of the bot (`mine`, as they stand in the text); and whether there were any.

    Other mentions become `@name`. Entities are undone once and nothing is read twice.
    """
    text = fit(text)
    addressed, leading = False, False
    for mention in mine:
        before, found, after = text.partition(mention)
        while found:
            leading = leading or not before.strip()
            addressed = True
            text = f"{before.rstrip(' ')} {after.lstrip(' ')}" if before.strip() else after
            before, found, after = text.partition(mention)
    text = _MENTION.sub(r"@\1", _QUOTED.sub("", text))
    text = unescape(text).replace("\xa0", " ").strip()
    return (text.lstrip(",: \t") if leading else text), addressed


def text_of_html(markup: str) -> str:
    """What a person reads in HTML, without quotes and code; mentions become `@name`."""
    reader = _Reader()
    reader.feed(_UNFIT.sub("\ufffd", markup))
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).splitlines())
    return "\n".join(line for line in lines if line)


class _Reader(HTMLParser):
    """Gathers the text that is seen."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A part begins."""
        if tag in _UNSEEN:
            self._hidden.append(tag)
        if tag in _BREAKS:
            self.pieces.append("\n")
        if tag == "at" or ("itemtype", "http://schema.skype.com/Mention") in attrs:
            self.pieces.append("@")

    def handle_endtag(self, tag: str) -> None:
        """A part ends, and whatever was left open in it."""
        if tag in self._hidden:
            del self._hidden[self._hidden.index(tag) :]
        if tag in _BREAKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        """Text."""
        if not self._hidden:
            self.pieces.append(data)
