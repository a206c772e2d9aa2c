"""Pages out of spans: headings, label–value lines, small tables, two columns. Pure."""

import re
from collections.abc import Iterator, Sequence

from adlwatch.tui.spans import NOTHING, Role, Spans, plain, text
from adlwatch.tui.text import clean, cut, width

MARGIN = " "
LABEL_WIDTH = 15
LEAST_FOLDED = 16
"""Cells below which a page is not worth folding."""
_WORD = re.compile(r" *[^ ]+| +$")


def heading(title: str, cells: int) -> Spans:
    """` WHY ─────────`."""
    rule = max(0, cells - width(title) - 3)
    return ((f"{MARGIN}{title} ", Role.ACCENT), ("─" * rule, Role.DIM))


def labelled(label: str, value: Spans | str, *, cells: int = LABEL_WIDTH) -> Spans:
    """A dim label in a fixed width, then the value."""
    spans = text(value) if isinstance(value, str) else value
    return ((f"{MARGIN} {label:<{cells}}", Role.DIM), *spans)


def described(label: str, first: Spans, words: str, cells: int) -> list[Spans]:
    """A label, what stands first, and words that go on below themselves."""
    before = labelled(label, first)
    used = width(clean(plain(before)))
    used += 2 if first else 0
    room = max(12, cells - used)
    lines = wrapped(words, room, Role.DIM, indent="")
    indent = (" " * used, Role.TEXT)
    gap = ("  " if first else "", Role.TEXT)
    return [(*before, gap, *lines[0]), *((indent, *line) for line in lines[1:])]


def wrapped(value: str, cells: int, role: Role = Role.TEXT, indent: str = "  ") -> list[Spans]:
    """Running text in lines of at most `cells`; a word longer than a line is cut into pieces."""
    room = max(8, cells - len(indent))
    lines: list[str] = [""]
    for word in (piece for whole in clean(value).split() for piece in _pieces(whole, room)):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if width(joined) <= room:
            lines[-1] = joined
        else:
            lines.append(word)
    return [text(indent + line, role) for line in lines]


def folded(spans: Spans, cells: int) -> list[Spans]:
    """A line that is too long in several, broken between words where it can be, each below what follows its label."""
    if cells < LEAST_FOLDED or _width(spans) <= cells:
        return [spans]
    indent = _hanging(spans, cells)
    lines: list[list[tuple[str, Role]]] = [[]]
    used = 0
    for word, role in _words(spans, cells - indent):
        shown = word
        if used + width(word) > cells:
            shown, used = word.lstrip(), indent
            lines.append([(" " * indent, Role.TEXT)])
        lines[-1].append((shown, role))
        used += width(shown)
    return [tuple(line) for line in lines]


def _hanging(spans: Spans, cells: int) -> int:
    """Where a folded line goes on: after its label, or as far in as it begins."""
    first, whole = spans[0][0], plain(spans)
    label = width(clean(first)) if len(spans) > 1 and first.endswith(" ") else len(whole) - len(whole.lstrip(" "))
    return label if label <= cells // 2 else 2


def _words(spans: Spans, room: int) -> Iterator[tuple[str, Role]]:
    """The words with the blanks before them, cut where one is longer than a line."""
    for value, role in spans:
        for word in _WORD.findall(clean(value)):
            yield from ((piece, role) for piece in _pieces(word, room))


def _pieces(word: str, room: int) -> list[str]:
    if width(word) <= room:
        return [word]
    room = room if word.isascii() else room // 2  # a character takes two cells at most
    return [word[i : i + room] for i in range(0, len(word), room)]


def table(rows: Sequence[Sequence[Spans]], *, right: frozenset[int] = frozenset()) -> list[Spans]:
    """Rows of cells in columns as wide as their widest cell; the columns in `right` are right-aligned."""
    if not rows:
        return []
    widths = [max(_width(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        spans: list[tuple[str, Role]] = [(f"{MARGIN} ", Role.TEXT)]
        for i, cell in enumerate(row):
            padding = (" " * (widths[i] - _width(cell)), Role.TEXT)
            spans += [padding, *cell] if i in right else [*cell, padding]
            spans.append(("  ", Role.TEXT))
        lines.append(tuple(spans[:-1]))
    return lines


def beside(left: Sequence[Spans], right: Sequence[Spans], cells: int) -> list[Spans]:
    """Two columns; the left one takes `cells`."""
    height = max(len(left), len(right))
    return [
        (*fitted(left[i] if i < len(left) else NOTHING, cells), *(right[i] if i < len(right) else NOTHING)) for i in range(height)
    ]


def fitted(spans: Spans, cells: int) -> Spans:
    """Cut or padded to `cells`."""
    result: list[tuple[str, Role]] = []
    room = cells
    for value, role in spans:
        shown = cut(clean(value), room) if room > 0 else ""
        result.append((shown, role))
        room -= width(shown)
    return (*result, (" " * max(0, room), Role.TEXT))


def _width(spans: Spans) -> int:
    return width(clean(plain(spans)))
