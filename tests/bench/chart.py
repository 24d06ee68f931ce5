"""The chart of a run: CPU a message, ours between the floor and what is commonly written. Plain SVG, readable on light and dark pages."""

from collections.abc import Mapping
from html import escape

GROUPS = (
    ("An ordinary message, over HTTP", (("floor", "aiohttp + signature + JSON"), ("ours", "Spellout, 1,000 terms"), ("bolt", "bare Bolt"),
                                        ("naive", "Bolt, a listener for each of 100 terms"))),
    ("An ordinary message, over a socket", (("ours, socket", "Spellout, 1,000 terms"), ("bolt, socket", "bare Bolt"))),
    ("A message that is answered, over HTTP", (("ours, reply", "Spellout, everything saved"), ("bolt, reply", "Bolt, one fixed reply"))),
)  # fmt: skip
WIDTH, ROW, LABEL, BARS = 760, 26, 270, 380
FONT = 'font-family="system-ui, sans-serif"'


def drawn(costs: Mapping[str, float], conditions: str) -> str:
    """The chart of these costs (CPU microseconds a message), each group on a scale of its own."""
    parts: list[str] = []
    y = 34
    for title, bars in GROUPS:
        parts.append(_text(16, y, title, 14, "bold"))
        longest = max(costs[name] for name, _ in bars)
        for name, label in bars:
            y += ROW
            length = max(costs[name] / longest * BARS, 2)
            colour = "#2f7d6d" if name.startswith("ours") else "#9aa4ad"
            parts.append(_text(16, y, label, 13))
            parts.append(f'<rect x="{LABEL}" y="{y - 13}" width="{length:.0f}" height="17" rx="2" fill="{colour}"/>')
            parts.append(_text(LABEL + length + 8, y, f"{costs[name]:,.0f} µs", 13))
        y += ROW + 16
    parts.append(_text(16, y, f"CPU microseconds a message, less is better; each group has its own scale. {conditions}.", 11))
    height = y + 18
    box = f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="CPU time a message" {FONT}>'
    return "\n".join([head, box, *parts, "</svg>", ""])


def _text(x: float, y: float, text: str, size: int, weight: str = "normal") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" font-weight="{weight}" fill="#1c2329">{escape(text)}</text>'
