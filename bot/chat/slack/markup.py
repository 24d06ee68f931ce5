"""Slack's markup: into plain text for what people wrote, out of it for what we send."""

import re

_TOKEN = re.compile(r"<([^<>]*)>")
_LABELLED = re.compile(r"([@#])([A-Z0-9]+)(?:\|(.*))?", re.DOTALL)
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_BROADCASTS = ("here", "channel", "everyone")


def plain_text(markup: str, me: str) -> tuple[str, bool]:
    """What a person sees of a message, without the mentions of the bot `me`; and whether there were any.

    Entities are undone once and nothing is read twice, so that text that merely looks like markup stays text.
    """
    if not markup.isprintable():
        markup = _UNFIT.sub("\ufffd", markup.replace("\r\n", "\n").replace("\r", "\n"))
    if "<" not in markup and "&" not in markup:
        return markup.strip(), False
    pieces: list[str] = []
    addressed, leading, end = False, False, 0
    for token in _TOKEN.finditer(markup):
        pieces.append(_unescape(markup[end : token.start()]))
        end = token.end()
        if me and token[1].split("|", 1)[0] == f"@{me}":
            leading = leading if addressed else not "".join(pieces).strip()
            addressed = True
            pieces[-1] = pieces[-1].rstrip(" \t")
        else:
            pieces.append(_shown(token[1]))
    pieces.append(_unescape(markup[end:]))
    text = "".join(pieces).strip()
    return (text.lstrip(",: \t") if leading else text), addressed


def escape(text: str) -> str:
    """The text as Slack's markup that says exactly it: no mention, link or broadcast can come of it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") if "&" in text else text


def _shown(token: str) -> str:
    """What stands for the part between `<` and `>`: names keep their sign, links are their address alone."""
    if named := _LABELLED.fullmatch(token):
        sign, name, label = named.groups()
        return sign + (_unescape(label) if sign == "#" and label else name)
    target, _, label = token.partition("|")
    if target.startswith("!"):
        return _special(target[1:], _unescape(label))
    return _unescape(target.removeprefix("mailto:").removeprefix("tel:"))


def _special(command: str, label: str) -> str:
    name, _, rest = command.partition("^")
    if name in _BROADCASTS:
        return f"@{name}"
    if name == "subteam":
        return f"@{rest.partition('^')[0]}"
    return label or name
