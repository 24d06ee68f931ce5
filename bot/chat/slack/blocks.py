"""A reply -> what Slack shows of it. Pure; plain dicts; every limit kept.

What a person may have written stands only in rich text and plain text, which Slack does not parse. Slack's own markup is used for three
things, all escaped: the fallback, a note that names somebody, and a line with a button beside it. Fields to fill in stand only in windows
that can be sent off: a message with one would be refused.
"""

import json
import re
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any, TypedDict

from bot.chat.slack import limits
from bot.chat.slack.limits import ELLIPSIS, cut, pieces
from bot.chat.slack.markup import escape
from bot.chat.slack.payload import ACTION
from bot.core.messages import Choice, Choices, Code, Divider, Fact, Field, Heading, Items, Line, Note, Part, Place, Reply, Span, Text, Who

Block = dict[str, Any]

_PERSON = re.compile(r"[UW][A-Z0-9]{1,30}")
_MARKS = re.compile(r"[*_~`>]|:[^:\s]+:")
"""What Slack's markup would read in escaped text."""
_NO_SEAM = re.compile(r"[\w*][*_]|[*_][\w*]")
"""Where a mark would open or close within a word, or beside another mark, Slack shows it instead."""


class Message(TypedDict):
    """The arguments of a message that say what it is; where it goes is the sender's."""

    text: str
    blocks: list[Block]
    mrkdwn: bool
    parse: str
    unfurl_links: bool
    unfurl_media: bool


@dataclass(frozen=True, slots=True)
class _Room:
    """How long a line and a list may be."""

    line: int
    lines: int


_ROOMS = (_Room(limits.PARAGRAPH, 200), _Room(1_000, 60), _Room(300, 30), _Room(150, 12), _Room(80, 6), _Room(80, 3))
"""Tried in this order until everything together fits."""


def message(reply: Reply, place: Place | None = None) -> Message:
    """The message that says the reply. A whisper's buttons carry `place`, since a whisper stands in no thread."""
    whispered = place is not None and reply.surface == "whisper"
    thread = place.thread if place and whispered else ""
    return Message(
        text=fallback(reply),
        blocks=_blocks(reply, limits.MESSAGE_BLOCKS, limits.MESSAGE_SIZE, thread),
        mrkdwn=False,
        parse="none",
        unfurl_links=False,
        unfurl_media=False,
    )


def window(reply: Reply, close: str, place: Place) -> Block:
    """The modal that shows the reply; `close` is the word on its button."""
    view: Block = {
        "type": "modal",
        "title": _plain(reply.title or reply.fallback or ELLIPSIS, limits.VIEW_TITLE),
        "close": _plain(close, limits.VIEW_TITLE),
        "private_metadata": f"{place.channel}:{place.thread}",
        "blocks": _blocks(reply, limits.VIEW_BLOCKS, limits.VIEW_SIZE, "", fields=bool(reply.window)),
    }
    if reply.window:
        view |= {"callback_id": f"{ACTION}:{reply.window}", "submit": _plain(reply.submit, limits.VIEW_TITLE)}
    return view


def fallback(reply: Reply) -> str:
    """What notifications and screen readers say: never empty, and nothing in it is a mention."""
    text = reply.fallback.strip() or ELLIPSIS
    limit = limits.FALLBACK
    while len(escaped := escape(cut(text, limit))) > limits.FALLBACK:
        limit -= len(escaped) - limits.FALLBACK
        limit = max(limit, limits.FALLBACK // 5)
    return escaped


# --------------------------------------------------------------------------- parts


def _blocks(reply: Reply, most: int, size: int, thread: str, *, fields: bool = False) -> list[Block]:
    """The blocks, in as much detail as fits; buttons and fields are the last to go."""
    parts = _distinct(reply.parts) if fields else [part for part in reply.parts if not isinstance(part, Field)]
    for room in _ROOMS:
        blocks = _named(_joined([block for part in parts for block in _part(part, room)], most), thread)
        if len(blocks) <= most and _size(blocks) <= size:
            break
    while blocks and (len(blocks) > most or _size(blocks) > size):
        said = [index for index, block in enumerate(blocks) if block["type"] not in ("actions", "input") and "accessory" not in block]
        blocks.pop(said[-1] if said else -1)
    return blocks or [_paragraph(({"type": "text", "text": cut(reply.fallback.strip() or ELLIPSIS, 300)},))]


def _distinct(parts: tuple[Part, ...]) -> list[Part]:
    """The parts without a second field of the same name."""
    first = {part.id: place for place, part in reversed(list(enumerate(parts))) if isinstance(part, Field)}
    return [part for place, part in enumerate(parts) if not isinstance(part, Field) or first[part.id] == place]


def _part(part: Part, room: _Room) -> list[Block]:
    match part:
        case Heading(text):
            return [{"type": "header", "text": _plain(text, limits.HEADING)}] if text.strip() else []
        case Text(line, beside):
            elements = _elements(line, room)
            if beside is None:
                return [_paragraph(elements)] if elements else []
            return _with_button(elements, beside)
        case Items(lines, numbered):
            return [_rich([_list(lines, room, "ordered" if numbered else "bullet")])] if lines else []
        case Fact(label, lines):
            return _fact(label, lines, room)
        case Note(line):
            return [_note(elements)] if (elements := _elements(line, _Room(min(room.line, limits.CONTEXT), 1))) else []
        case Code(text):
            shown = pieces(text, room.line)[: room.lines]
            return [_rich([{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": piece}]}]) for piece in shown]
        case Divider():
            return [{"type": "divider"}]
        case Choices(choices, more):
            return _rows(choices, more)
        case Field():
            return _field(part)


def _fact(label: str, lines: tuple[Line, ...], room: _Room) -> list[Block]:
    heading = _elements((Span(label, "bold"),), room)
    if len(lines) > 1:
        return [_rich([*([_section(heading)] if heading else []), _list(lines, room, "bullet")])]
    body = _elements(lines[0], room) if lines else []
    gap = [{"type": "text", "text": "  "}] if heading and body else []
    return [_paragraph((*heading, *gap, *body))] if heading or body else []


def _note(elements: list[Block]) -> Block:
    """A grey line. Names need Slack's markup; where the rest of the line could be read as markup, it is rich text instead."""
    if all(element["type"] == "text" for element in elements):
        return {"type": "context", "elements": [_plain("".join(element["text"] for element in elements), limits.CONTEXT)]}
    marked = _marked(elements)
    if marked is None or len(marked) > limits.CONTEXT:
        return _paragraph(elements)
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": marked, "verbatim": True}]}


def _with_button(elements: list[Block], choice: Choice) -> list[Block]:
    """A line with a button at its right; below it, where the line could be read as markup (only a section takes a button beside it)."""
    marked = _marked(elements)
    rows = _rows((choice,))
    if not rows or not elements or marked is None or len(marked) > limits.PARAGRAPH:
        return [*([_paragraph(elements)] if elements else []), *rows]
    text = {"type": "mrkdwn", "text": marked, "verbatim": True}
    return [{"type": "section", "text": text, "accessory": rows[0]["elements"][0]}]


def _marked(elements: list[Block]) -> str | None:
    """The line in Slack's own markup, escaped; None where that would not show it as it is: text that would be read as markup, a link, a
    style within a word, beside another or over a line's end."""
    pieces: list[str] = []
    for element in elements:
        if element["type"] == "user":
            pieces.append(f"<@{element['user_id']}>")
            continue
        if element["type"] == "link":
            return None
        text, mark = element["text"], _mark(element)
        if _MARKS.search(text) or (mark and (text != text.strip() or "\n" in text)):
            return None
        pieces.append(f"{mark}{escape(text)}{mark}")
    seams = (f"{left[-1:]}{right[:1]}" for left, right in pairwise(pieces))
    return None if any(_NO_SEAM.fullmatch(seam) for seam in seams) else "".join(pieces)


def _mark(element: Block) -> str:
    style = element.get("style", {})
    return "*" if style.get("bold") else "_" if style.get("italic") else ""


def _field(field: Field) -> list[Block]:
    """One of the options, or any of them, or a text, to give in a window; no field where there is nothing to choose."""
    name, optional = f"{ACTION}:{field.id}", field.many or field.optional
    typed: Block = {"type": "plain_text_input", "action_id": name, "multiline": True, "max_length": limits.TYPED}
    element = typed if field.typed else _chosen(field, name)
    if element is None or len(name) > limits.IDENTIFIER:
        return []
    return [{"type": "input", "block_id": name, "label": _plain(field.label, limits.INPUT_LABEL), "element": element, "optional": optional}]


def _chosen(field: Field, name: str) -> Block | None:
    options = {choice.id: _option(choice) for choice in field.options if 0 < len(choice.id) <= limits.OPTION_VALUE}
    offered = dict(list(options.items())[: limits.RADIOS])
    chosen = [option for value, option in offered.items() if value in field.chosen]
    element: Block = {"type": "checkboxes" if field.many else "radio_buttons", "action_id": name, "options": list(offered.values())}
    if chosen:
        element |= {"initial_options": chosen} if field.many else {"initial_option": chosen[0]}
    return element if offered else None


def _option(choice: Choice) -> Block:
    option: Block = {"text": _plain(choice.label or choice.says, limits.OPTION_TEXT), "value": choice.id}
    if choice.says.strip():
        option["description"] = _plain(choice.says, limits.OPTION_TEXT)
    return option


def _rows(choices: tuple[Choice, ...], more: tuple[Choice, ...] = ()) -> list[Block]:
    """Buttons, and behind them a menu of the rarer ones, where these are enough for a menu and fit into it; else they are buttons too."""
    rare = [choice for choice in more if 0 < len(choice.id) <= limits.OPTION_VALUE]
    in_menu = rare[: limits.OVERFLOW] if len(rare) > 1 else []
    shown = (*choices, *(choice for choice in more if choice not in in_menu))
    elements = [_button(choice) for choice in shown if 0 < len(choice.id) <= limits.BUTTON_VALUE]
    if in_menu:
        elements.append(
            {"type": "overflow", "options": [_option(replace(choice, label=choice.label or choice.says, says="")) for choice in in_menu]}
        )
    rows = [elements[start : start + limits.BUTTONS] for start in range(0, len(elements), limits.BUTTONS)]
    return [{"type": "actions", "elements": row} for row in rows]


def _button(choice: Choice) -> Block:
    button: Block = {"type": "button", "text": _plain(choice.label or choice.says, limits.BUTTON_TEXT), "value": choice.id}
    if choice.main:
        button["style"] = "primary"
    if choice.says.strip():
        button["accessibility_label"] = cut(choice.says.strip(), limits.ACCESSIBILITY_LABEL)
    return button


# --------------------------------------------------------------------------- rich text


def _elements(line: Line, room: _Room) -> list[Block]:
    """The line's rich text, cut where it is longer than there is room for."""
    elements: list[Block] = []
    left = room.line
    for piece in line:
        if left < 2:
            elements += [{"type": "text", "text": ELLIPSIS}] if left >= 0 else []
            break
        if isinstance(piece, Who) and _PERSON.fullmatch(piece.person):
            elements.append({"type": "user", "user_id": piece.person})
            left -= len(piece.person)
        elif text := piece.person if isinstance(piece, Who) else piece.text:
            link = {"type": "link", "url": piece.link} if isinstance(piece, Span) and piece.link else {"type": "text"}
            element: Block = {**link, "text": cut(text, left)}
            if isinstance(piece, Span) and piece.style != "plain":
                element["style"] = {piece.style: True}
            elements.append(element)
            left -= len(text)
    return elements if any(e["type"] == "user" or e["text"].strip() for e in elements) else []


def _list(lines: tuple[Line, ...], room: _Room, style: str) -> Block:
    sections = [_section(_elements(line, room) or [{"type": "text", "text": ELLIPSIS}]) for line in lines[: room.lines]]
    if len(lines) > room.lines:
        sections.append(_section([{"type": "text", "text": ELLIPSIS}]))
    return {"type": "rich_text_list", "style": style, "elements": sections}


def _section(elements: list[Block]) -> Block:
    return {"type": "rich_text_section", "elements": elements}


def _rich(elements: list[Block]) -> Block:
    return {"type": "rich_text", "elements": elements}


def _paragraph(elements: list[Block] | tuple[Block, ...]) -> Block:
    return _rich([_section(list(elements))])


def _plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": cut(" ".join(text.split()), limit) or ELLIPSIS, "emoji": False}


# --------------------------------------------------------------------------- together


def _joined(blocks: list[Block], most: int) -> list[Block]:
    """The same with neighbouring paragraphs in one block, where there are too many blocks."""
    if len(blocks) <= most:
        return blocks
    joined: list[Block] = []
    for kind, group in groupby(blocks, key=lambda block: str(block["type"])):
        together = list(group)
        joined += [_rich([element for block in together for element in block["elements"]])] if kind == "rich_text" else together
    return joined


def _named(blocks: list[Block], thread: str) -> list[Block]:
    """The same with an id for every button, and the conversation as the id of their row where it has to be carried."""
    count = 0
    for row, block in enumerate(blocks):
        buttons = block["elements"] if block["type"] == "actions" else [block["accessory"]] if "accessory" in block else []
        if thread and buttons:
            block["block_id"] = f"{ACTION}:{thread}:{row}"
        for button in buttons:
            button["action_id"] = f"{ACTION}:{count}"
            count += 1
    return blocks


def _size(blocks: list[Block]) -> int:
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))
