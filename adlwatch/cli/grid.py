"""Plain-text tables and paragraphs as wide as the terminal."""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap

PIPED_WIDTH = 120
"""Columns where there is no terminal to ask."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title, and from which terminal width on it is shown."""

    title: str
    right: bool = False
    from_width: int = 0


def width() -> int:
    """Columns of the terminal."""
    return shutil.get_terminal_size((PIPED_WIDTH, 24)).columns


def grid(columns: Sequence[Column], rows: Iterable[Sequence[str]], wide: int) -> str:
    """The table with the columns that a width of `wide` allows; a line that is still too long is cut."""
    shown = [i for i, column in enumerate(columns) if wide >= column.from_width]
    table = [[columns[i].title for i in shown], *([printable(row[i]) for i in shown] for row in rows)]
    widths = [max(len(line[k]) for line in table) for k in range(len(shown))]
    lines = (
        "  ".join(
            cell.rjust(size) if columns[i].right else cell.ljust(size) for i, cell, size in zip(shown, line, widths, strict=True)
        )
        for line in table
    )
    return "\n".join(_cut(line.rstrip(), wide) for line in lines)


def paragraph(label: str, text: str, wide: int, indent: int = 16) -> str:
    """`label` in a column of its own, the text beside it, wrapped."""
    lines = wrap(printable(text), max(20, wide - indent), break_long_words=False, break_on_hyphens=False) or [""]
    return "\n".join(f"{label if n == 0 else '':<{indent}}{line}" for n, line in enumerate(lines))


def printable(text: str) -> str:
    """Names come from venues and files: what could steer the terminal is taken out."""
    return "".join(c if c.isprintable() else "?" for c in text)


def _cut(line: str, wide: int) -> str:
    return line if len(line) <= wide else line[: wide - 1] + "…"
