"""Text with a meaning: what every view model returns and the painter turns into terminal cells.

A span is (text, role). A role says what the text *is*, never how it looks; the theme decides that. Text is always written
with the Unicode glyphs below; where the terminal can't show them the painter translates each to one ASCII character.
"""

from enum import StrEnum
from typing import TypeAlias


class Role(StrEnum):
    """What a piece of text means."""

    TEXT = "text"
    DIM = "dim"
    STRONG = "strong"
    OK = "ok"
    WATCH = "watch"
    WARNING = "warning"
    CRITICAL = "critical"
    BLIND = "blind"
    GAIN = "gain"
    LOSS = "loss"
    ACCENT = "accent"
    LABEL = "label"


Span: TypeAlias = tuple[str, Role]
Spans: TypeAlias = tuple[Span, ...]

NOTHING: Spans = ()


def plain(spans: Spans) -> str:
    """The text alone."""
    return "".join(text for text, _ in spans)


def text(value: str, role: Role = Role.TEXT) -> Spans:
    """One span."""
    return ((value, role),)


def _dots(dots: int) -> str:
    """A braille cell, eight dots of a plot, as a mark at the same height."""
    upper, lower = dots & 0b0001_1011, dots & 0b1110_0100
    return ":" if upper and lower else "'" if upper else "." if lower else " "


ASCII_GLYPHS: dict[str, str] = {
    "▮": "#",
    "▯": ".",
    "▾": "v",
    "▼": "v",
    "▸": ">",
    "✖": "X",
    "▲": "!",
    "◆": "*",
    **dict.fromkeys("▁▂▃", "_"),
    **dict.fromkeys("▄▅▆", "-"),
    "▇": "=",
    "◀": "<",
    "‼": "!",
    "Δ": "d",
    **dict.fromkeys("●•", "o"),
    "○": "?",
    "◌": "~",
    "─": "-",
    "│": "|",
    **dict.fromkeys("┼└┘┬", "+"),
    **dict.fromkeys("├┤", "|"),
    "█": "#",
    "▀": '"',
    "▌": "#",
    "·": ".",
    "×": "x",
    "…": "~",
    "–": "-",
    "—": "-",
    "−": "-",
    "→": ">",
    "←": "<",
    "↑": "^",
    "↓": "v",
    "≥": ">",
    "≤": "<",
    "∞": "i",
    "“": '"',
    "”": '"',
    "’": "'",
    **{chr(0x2800 + dots): _dots(dots) for dots in range(0x100)},
}
