"""Foreign text made safe for the terminal: the only place where a venue's or a user's strings are cleaned and measured.

Control and format characters (escape sequences, bidirectional overrides, joiners, variation selectors) and combining marks
are dropped, because they move the cursor, reverse neighbours or have no agreed width. Nothing is ever read as markup.
"""

import re
import unicodedata
from functools import lru_cache

from rich.cells import cell_len, set_cell_size

from adlwatch.tui.spans import ASCII_GLYPHS

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])?")
_DROPPED = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Mn", "Me", "Zl", "Zp"})
_FLAGS = range(0x1F1E6, 0x1F200)
_ASCII_TABLE = str.maketrans(ASCII_GLYPHS)


@lru_cache(maxsize=4096)
def clean(value: str) -> str:
    """One line with nothing in it that could do more than take up cells."""
    if value.isascii() and value.isprintable():
        return value
    value = _ESCAPE.sub("", value).replace("\t", " ").replace("\n", " ")
    return "".join(c for c in value if unicodedata.category(c) not in _DROPPED and ord(c) not in _FLAGS)


@lru_cache(maxsize=4096)
def to_ascii(value: str) -> str:
    """The same width in cells, ASCII only: our glyphs by their stand-in, anything else as `?`."""
    if value.isascii():
        return value
    translated = value.translate(_ASCII_TABLE)
    return "".join(c if c.isascii() else "?" * cell_len(c) for c in translated)


def width(value: str) -> int:
    """Terminal cells that cleaned text takes."""
    return len(value) if value.isascii() else cell_len(value)


def cut(value: str, cells: int) -> str:
    """At most `cells` wide; text that had to be cut ends in an ellipsis."""
    if width(value) <= cells:
        return value
    return set_cell_size(value, cells - 1) + "…" if cells > 1 else "…"[:cells]
