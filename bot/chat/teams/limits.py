"""Every limit of Teams that we could meet, in one table."""

CARD_SIZE = 24_000
"""Of a card, as JSON: Teams documents 28 KB for the whole message."""
BUTTONS = 6
"""In one row; Teams shows no more."""
BUTTON_TEXT = 80
TOOLTIP = 200
LINE = 3_000
LINES = 200
FALLBACK = 1_000
CARRIED = 2_000
"""Characters of a choice's id."""
TITLE = 64
FIELD_LABEL = 500
OPTIONS = 50
OPTION_TEXT = 200
TYPED = 3_000
REQUEST = 256 * 1024
"""Bytes of an activity; Teams' own are far smaller."""
