"""Big type out of blocks: capital letters, figures and signs on a grid five dots high. Pure.

A dot is as many cells as its `Dot` says. The smallest is half a cell high, which ASCII cannot draw: there it is a whole one.
"""

from typing import NamedTuple

from adlwatch.tui.spans import Role, Spans

ROWS = 5
GAP = 1
"""Dots between two letters."""


class Dot(NamedTuple):
    """Size of a dot in cells; `down` 0 is half a cell."""

    across: int
    down: int

    def height(self) -> int:
        """Lines of one line of type."""
        return ROWS * self.down if self.down else (ROWS + 1) // 2


HALF, THIN = Dot(1, 0), Dot(1, 1)
SIZES = (Dot(6, 3), Dot(4, 2), Dot(2, 1))
"""From the largest; each dot about square."""

_GLYPHS = {
    "0": "### #.# #.# #.# ###",
    "1": ".#. ##. .#. .#. ###",
    "2": "### ..# ### #.. ###",
    "3": "### ..# ### ..# ###",
    "4": "#.# #.# ### ..# ..#",
    "5": "### #.. ### ..# ###",
    "6": "### #.. ### #.# ###",
    "7": "### ..# ..# ..# ..#",
    "8": "### #.# ### #.# ###",
    "9": "### #.# ### ..# ###",
    "A": "### #.# ### #.# #.#",
    "B": "##. #.# ##. #.# ##.",
    "C": "### #.. #.. #.. ###",
    "D": "##. #.# #.# #.# ##.",
    "E": "### #.. ##. #.. ###",
    "F": "### #.. ##. #.. #..",
    "G": "#### #... #.## #..# ####",
    "H": "#.# #.# ### #.# #.#",
    "I": "# # # # #",
    "J": "..# ..# ..# #.# ###",
    "K": "#.# #.# ##. #.# #.#",
    "L": "#.. #.. #.. #.. ###",
    "M": "#...# ##.## #.#.# #...# #...#",
    "N": "#..# ##.# #.## #..# #..#",
    "O": ".#. #.# #.# #.# .#.",
    "P": "### #.# ### #.. #..",
    "Q": "### #.# #.# ### ..#",
    "R": "### #.# ##. #.# #.#",
    "S": ".## #.. .#. ..# ##.",
    "T": "### .#. .#. .#. .#.",
    "U": "#.# #.# #.# #.# ###",
    "V": "#.# #.# #.# #.# .#.",
    "W": "#...# #...# #.#.# ##.## #...#",
    "X": "#.# #.# .#. #.# #.#",
    "Y": "#.# #.# ### .#. .#.",
    "Z": "### ..# .#. #.. ###",
    "$": ".#### #.#.. .###. ..#.# ####.",
    "%": "#.# ..# .#. #.. #.#",
    "?": "### ..# .## ... .#.",
    "!": "# # # . #",
    ".": ". . . . #",
    ",": ". . . # #",
    "'": "# . . . .",
    ":": ". # . # .",
    "-": "... ... ### ... ...",
    "+": "... .#. ### .#. ...",
    "/": "..# ..# .#. #.. #..",
    " ": ".. .. .. .. ..",
}
_SAME = str.maketrans({"−": "-", "–": "-", "—": "-", "·": "."})


def cells(value: str, dot: Dot) -> int:
    """How wide it will be."""
    dots = [len(glyph[0]) for glyph in _glyphs(value)]
    return max(0, sum(dots) + GAP * (len(dots) - 1)) * dot.across


def big(value: str, dot: Dot, role: Role = Role.STRONG) -> list[Spans]:
    """Lines of type; a sign that there is no glyph for is a question mark."""
    glyphs = _glyphs(value)
    rows = [("." * GAP).join(glyph[row] for glyph in glyphs) for row in range(ROWS)]
    lines = [_whole(row, dot) for row in rows for _ in range(dot.down)] if dot.down else _halved(rows)
    return [((line, role),) for line in lines]


def largest(value: str, across: int, down: int, small: Dot) -> Dot:
    """The largest dot with which it fits; `small` where none does."""
    return next((dot for dot in SIZES if cells(value, dot) <= across and dot.height() <= down), small)


def _glyphs(value: str) -> list[list[str]]:
    return [_GLYPHS.get(sign, _GLYPHS["?"]).split() for sign in value.upper().translate(_SAME)]


def _whole(row: str, dot: Dot) -> str:
    return "".join(("█" if each == "#" else " ") * dot.across for each in row)


def _halved(rows: list[str]) -> list[str]:
    signs = {"##": "█", "#.": "▀", ".#": "▄", "..": " "}
    padded = [*rows, "." * len(rows[0])]
    return [
        "".join(signs[a + b] for a, b in zip(upper, lower, strict=True))
        for upper, lower in zip(padded[::2], padded[1::2], strict=True)
    ]
