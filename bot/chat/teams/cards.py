"""A reply -> the Adaptive Card that shows it. Pure; plain dicts; every limit kept.

Every text stands in runs of rich text, which Teams does not parse, but for a heading that holds no mark. A person is shown by name, as
plain text, since a mention would notify.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bot.chat.teams import limits
from bot.chat.teams.payload import FIELD, OURS
from bot.core.messages import Choice, Choices, Code, Divider, Fact, Field, Heading, Items, Line, Note, Part, Reply, Span, Text, Who

Card = dict[str, Any]

CONTENT_TYPE: Final = "application/vnd.microsoft.card.adaptive"
ELLIPSIS: Final = "…"

_MARKS = re.compile(r"[*_`\[\]()<>#~\\&]|^\s*(?:[-+]|\d+[.)])\s")
"""What the markup of a heading would read."""
_COMMAND = re.compile(r"/(spellout|classify)(?![\w-])")
_ROOMS: Final = ((limits.LINE, limits.LINES), (1_000, 60), (300, 30), (150, 12), (80, 6), (80, 3))
"""How long a line and a list may be: tried in this order until everything together fits."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a card needs besides its reply: what its buttons carry, and how people are called.

    `dialog`: it stands in a window, whose buttons can only be sent off.
    """

    carried: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)
    somebody: str = ELLIPSIS
    dialog: bool = False
    about: str = ""
    """What it belongs to, where it stands elsewhere."""


def card(reply: Reply, setting: Setting) -> Card:
    """The card that says the reply, in as much detail as fits; buttons and fields are the last to go."""
    painter = _Painter(setting)
    body: list[Card] = []
    for line, lines in _ROOMS:
        body = painter.body(reply, line, lines)
        if _size(body) <= limits.CARD_SIZE:
            break
    while body and _size(body) > limits.CARD_SIZE:
        said = [index for index, element in enumerate(body) if not _acts(element)]
        body.pop(said[-1] if said else -1)
    return {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.5",
        "fallbackText": fallback(reply),
        "msteams": {"width": "Full"},
        "body": body or [_rich([_run(cut(reply.fallback.strip() or ELLIPSIS, 300))])],
    }


def line(text: str) -> Card:
    """A card that says a short line, beside what was said before."""
    return card(Reply((Note((Span(text),)),), text), Setting({}))


def fallback(reply: Reply) -> str:
    """What notifications and screen readers say: never empty."""
    return cut(said(reply.fallback.strip()), limits.FALLBACK) or ELLIPSIS


def people(reply: Reply) -> set[str]:
    """Everybody whom the reply names."""
    lines: list[Line] = []
    for each in reply.parts:
        if isinstance(each, Text | Note):
            lines.append(each.line)
        elif isinstance(each, Items | Fact):
            lines += each.lines
    return {piece.person for line in lines for piece in line if isinstance(piece, Who)}


def said(text: str) -> str:
    """The text with commands as they are given in Teams: by a mention."""
    return _COMMAND.sub(lambda found: "@Spellout" + (" classify" if found[1] == "classify" else ""), text)


def cut(text: str, limit: int) -> str:
    """The text, or as many whole words of it as fit with an ellipsis."""
    if len(text) <= limit:
        return text
    room = text[: limit - 1]
    at_word = max(room.rfind(" "), room.rfind("\n"))
    return (room[:at_word] if at_word > limit // 2 else room).rstrip() + ELLIPSIS


def _size(body: list[Card]) -> int:
    return len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())


def _acts(element: Card) -> bool:
    return element["type"] in ("ActionSet", "ColumnSet") or element["type"].startswith("Input.")


# --------------------------------------------------------------------------- parts


class _Painter:
    """Paints one reply."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    def body(self, reply: Reply, room: int, lines: int) -> list[Card]:
        """All elements, each line and list as long as it may be."""
        fields = list(_distinct(reply.parts)) if reply.window else [p for p in reply.parts if not isinstance(p, Field)]
        title = [_heading(reply.title)] if reply.title and not self._setting.dialog else []
        about = self._lines((Span(self._setting.about),), room, {"size": "Small", "isSubtle": True}) if self._setting.about else []
        elements = [*about, *title, *(element for part in fields for element in self._part(part, room, lines))]
        return [*elements, self._send_off(reply)] if reply.window else elements

    def _part(self, part: Part, room: int, most: int) -> list[Card]:
        match part:
            case Heading(text):
                return [_heading(text)] if text.strip() else []
            case Text(line, beside):
                shown = self._lines(line, room)
                return self._beside(shown, beside) if beside else shown
            case Items(lines, numbered):
                return self._listed(lines, room, most, "{}.\xa0".format if numbered else lambda _: "•\xa0")
            case Fact(label, lines):
                return self._fact(label, lines, room, most)
            case Note(line):
                return self._lines(line, room, {"size": "Small", "isSubtle": True})
            case Code(text):
                return _code(text, room, most)
            case Divider():
                return [{"type": "Container", "separator": True, "items": [], "minHeight": "1px"}]
            case Choices(choices, more):
                return self._rows(choices, more)
            case Field():
                return _field(part)

    def _lines(self, line: Line, room: int, look: Mapping[str, Any] | None = None) -> list[Card]:
        """A paragraph; each line of it is an element, since a run shows no line's end."""
        runs = self._runs(line, room, look or {})
        rows: list[list[Card]] = [[]]
        for run in runs:
            first, *rest = run["text"].split("\n")
            rows[-1].append({**run, "text": first})
            rows += [[{**run, "text": piece}] for piece in rest]
        shown = [[run for run in row if run["text"]] for row in rows]
        return [_rich(row, close=index > 0) for index, row in enumerate(row for row in shown if any(run["text"].strip() for run in row))]

    def _runs(self, line: Iterable[Span | Who], room: int, look: Mapping[str, Any]) -> list[Card]:
        runs: list[Card] = []
        left = room
        for piece in line:
            text = said(piece.text) if isinstance(piece, Span) else self._setting.names.get(piece.person, self._setting.somebody)
            if not text:
                continue
            if left < 2:
                runs.append(_run(ELLIPSIS, look))
                break
            link = {"selectAction": {"type": "Action.OpenUrl", "url": piece.link}} if isinstance(piece, Span) and piece.link else {}
            runs.append({**_run(cut(text, left), look, piece.style if isinstance(piece, Span) else "plain"), **link})
            left -= len(text)
        return runs

    def _listed(self, lines: tuple[Line, ...], room: int, most: int, lead: Callable[[int], str]) -> list[Card]:
        found: list[Card] = []
        for number, line in enumerate(lines[:most], start=1):
            item = (Span(lead(number)), *(line or (Span(ELLIPSIS),)))
            found += self._lines(item, room)
        if len(lines) > most:
            found.append(_rich([_run(ELLIPSIS)]))
        return [{**element, "spacing": "Small"} if index else element for index, element in enumerate(found)]

    def _fact(self, label: str, lines: tuple[Line, ...], room: int, most: int) -> list[Card]:
        if len(lines) > 1:
            listed = self._listed(lines, room, most, lambda _: "•\xa0")
            return [*self._lines((Span(label, "bold"),), room), *({**element, "spacing": "Small"} for element in listed)]
        body = lines[0] if lines else ()
        gap = (Span("  "),) if label and body else ()
        return self._lines((Span(label, "bold"), *gap, *body), room)

    # ------------------------------------------------------------------ buttons

    def _beside(self, paragraph: list[Card], choice: Choice) -> list[Card]:
        """A line with a button at its right."""
        rows = self._rows((choice,), ())
        if not rows or not paragraph:
            return [*paragraph, *rows]
        columns = [
            {"type": "Column", "width": "stretch", "items": paragraph, "verticalContentAlignment": "Center"},
            {"type": "Column", "width": "auto", "items": rows},
        ]
        return [{"type": "ColumnSet", "columns": columns}]

    def _rows(self, choices: tuple[Choice, ...], more: tuple[Choice, ...]) -> list[Card]:
        actions = [self._button(choice) for choice in choices if 0 < len(choice.id) <= limits.CARRIED]
        rare = [self._button(choice) | {"mode": "secondary"} for choice in more if 0 < len(choice.id) <= limits.CARRIED]
        rows = [actions[start : start + limits.BUTTONS] for start in range(0, len(actions), limits.BUTTONS)]
        rows = [*rows[:-1], rows[-1] + rare] if rows and rare else [*rows, *([rare] if rare else [])]
        return [{"type": "ActionSet", "actions": row} for row in rows]

    def _button(self, choice: Choice) -> Card:
        data = {OURS: {"choice": choice.id, **self._setting.carried}}
        look: Card = {"title": cut(choice.label or choice.says, limits.BUTTON_TEXT) or ELLIPSIS}
        if choice.says.strip():
            look["tooltip"] = cut(choice.says.strip(), limits.TOOLTIP)
        if choice.main:
            look["style"] = "positive"
        return self._action(look, data, "none")

    def _send_off(self, reply: Reply) -> Card:
        offered = {part.id: [choice.id for choice in _options(part)] for part in reply.parts if isinstance(part, Field)}
        data = {OURS: {"window": reply.window, "offered": offered, **self._setting.carried}}
        look = {"title": cut(reply.submit, limits.BUTTON_TEXT) or ELLIPSIS, "style": "positive"}
        return {"type": "ActionSet", "actions": [self._action(look, data, "auto")]}

    def _action(self, look: Card, data: Card, inputs: str) -> Card:
        """A button that is executed, or sent off by a client (or a window) that cannot execute one."""
        send = {"type": "Action.Submit", **look, "data": data, "associatedInputs": inputs}
        if self._setting.dialog:
            return send
        return {"type": "Action.Execute", "verb": OURS, **look, "data": data, "associatedInputs": inputs, "fallback": send}


def _run(text: str, look: Mapping[str, Any] | None = None, style: str = "plain") -> Card:
    styles: dict[str, Card] = {"bold": {"weight": "Bolder"}, "italic": {"italic": True}}
    return {"type": "TextRun", "text": text, **(look or {}), **styles.get(style, {})}


def _rich(runs: list[Card], *, close: bool = False) -> Card:
    return {"type": "RichTextBlock", "inlines": runs, **({"spacing": "None"} if close else {})}


def _heading(text: str) -> Card:
    short = cut(" ".join(said(text).split()), limits.LINE)
    if _MARKS.search(short):
        return _rich([_run(short, {"size": "Large"}, "bold")])
    return {"type": "TextBlock", "text": short, "style": "heading", "size": "Large", "weight": "Bolder", "wrap": True}


def _code(text: str, room: int, most: int) -> list[Card]:
    lines = [cut(line, room) or "\xa0" for line in text.splitlines()]
    shown = [*lines[:most], *([ELLIPSIS] if len(lines) > most else [])]
    return [_rich([_run(line, {"fontType": "Monospace"})], close=index > 0) for index, line in enumerate(shown)]


def _distinct(parts: tuple[Part, ...]) -> Iterable[Part]:
    """The parts without a second field of the same name."""
    known: set[str] = set()
    for part in parts:
        if not isinstance(part, Field) or part.id not in known:
            yield part
        if isinstance(part, Field):
            known.add(part.id)


def _options(field: Field) -> list[Choice]:
    """What can be chosen: no comma, since that divides what comes back."""
    return [choice for choice in field.options if 0 < len(choice.id) <= limits.OPTION_TEXT and "," not in choice.id][: limits.OPTIONS]


def _field(field: Field) -> list[Card]:
    """Something to fill in; nothing where there is nothing to choose."""
    entry: Card = {"id": f"{FIELD}{field.id}", "label": cut(said(field.label), limits.FIELD_LABEL)}
    if field.typed:
        return [{"type": "Input.Text", **entry, "isMultiline": True, "maxLength": limits.TYPED}]
    options = _options(field)
    if not options:
        return []
    choices = [{"title": cut(_described(choice), limits.OPTION_TEXT), "value": choice.id} for choice in options]
    chosen = [choice.id for choice in options if choice.id in field.chosen]
    return [
        {
            "type": "Input.ChoiceSet",
            **entry,
            "style": "expanded",
            "wrap": True,
            "isMultiSelect": field.many,
            "choices": choices,
            "value": ",".join(chosen),
        }
    ]


def _described(choice: Choice) -> str:
    return ": ".join(filter(None, (choice.label, choice.says)))
