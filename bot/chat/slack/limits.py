"""Every limit of Slack that we could meet, in one table, and how a text is cut to one."""

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MESSAGE_SIZE = 13_000
"""Of all blocks of a message together, as JSON: undocumented, `msg_blocks_too_long` comes a little above it."""
VIEW_SIZE = 200_000
"""Slack takes 250 kB."""
FALLBACK = 3_000
PARAGRAPH = 3_000
HEADING = 150
CONTEXT = 2_000
BUTTONS = 25
BUTTON_TEXT = 75
BUTTON_VALUE = 2_000
ACCESSIBILITY_LABEL = 75
IDENTIFIER = 255
VIEW_TITLE = 24
TYPED = 3_000
"""Characters of a text field; more would be taken, and is no description any more."""
PRIVATE_METADATA = 3_000
INPUT_LABEL = 2_000
RADIOS = 10
"""Radio buttons or checkboxes."""
OVERFLOW = 5
OPTION_TEXT = 75
OPTION_VALUE = 150

ELLIPSIS = "…"


def cut(text: str, limit: int) -> str:
    """The text, or as many whole words of it as fit with an ellipsis."""
    if len(text) <= limit:
        return text
    room = text[: limit - 1]
    at_word = max(room.rfind(" "), room.rfind("\n"))
    return (room[:at_word] if at_word > limit // 2 else room).rstrip() + ELLIPSIS


def pieces(text: str, limit: int) -> list[str]:
    """The text in pieces of whole lines, each as long as the limit allows; a longer line is cut."""
    found = [""]
    for line in text.splitlines():
        short = cut(line, limit - 1) + "\n"
        found = [*found[:-1], found[-1] + short] if len(found[-1] + short) <= limit else [*found, short]
    return [piece.rstrip() for piece in found if piece.strip()]
