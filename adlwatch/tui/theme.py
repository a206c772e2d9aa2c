"""Palettes: what each role looks like. Every state also has a glyph and a word, so no palette carries meaning alone.

Blue, yellow and red are the three that stay furthest apart for protan, deutan and tritan eyes. The `terminal` palette uses
the terminal's own sixteen colours, or none at all under NO_COLOR, and then says by bold and reverse what others say by hue.
"""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct
from textual.theme import Theme

from adlwatch.tui.spans import Role


class Palette(Struct, frozen=True):
    """Rich style definitions by role, for the ground, and for what the tables add."""

    name: str
    base: str
    roles: Mapping[Role, str]
    cursor: str
    flash: str
    bar: str
    dark: bool = True
    native: bool = False
    """True where the terminal's own colours are used: no true colour may appear."""

    def textual_theme(self) -> Theme | None:
        """The same colours for Textual's own widgets (input, command palette); None where Textual's theme serves."""
        if self.native:
            return None
        ink, ground = self.base.split(" on ")
        bar = self.bar.rsplit(" on ", 1)[1]
        accent = self.roles[Role.ACCENT].split()[-1]
        return Theme(
            name=self.name,
            primary=accent,
            secondary=accent,
            accent=accent,
            foreground=ink,
            background=ground,
            surface=bar,
            panel=bar,
            dark=self.dark,
        )


def _palette(name: str, colours: str, *, dark: bool = True) -> Palette:
    """Colours in this order: ink ground bar cursor flash dim, ok watch warning critical, gain loss, accent."""
    ink, ground, bar, cursor, flash, dim, ok, watch, warning, critical, gain, loss, accent = colours.split()
    roles = {
        Role.TEXT: "",
        Role.DIM: dim,
        Role.STRONG: "bold",
        Role.OK: ok,
        Role.WATCH: watch,
        Role.WARNING: f"bold {warning}",
        Role.CRITICAL: f"bold {critical}",
        Role.BLIND: f"italic {dim}",
        Role.GAIN: gain,
        Role.LOSS: loss,
        Role.ACCENT: accent,
        Role.LABEL: f"bold {ground} on {accent}",
    }
    return Palette(
        name, f"{ink} on {ground}", MappingProxyType(roles), f"on {cursor}", f"bold on {flash}", f"{ink} on {bar}", dark
    )


_TERMINAL_ROLES = {
    Role.TEXT: "",
    Role.DIM: "dim",
    Role.STRONG: "bold",
    Role.OK: "green",
    Role.WATCH: "yellow",
    Role.WARNING: "bold yellow",
    Role.CRITICAL: "bold reverse red",
    Role.BLIND: "dim italic",
    Role.GAIN: "green",
    Role.LOSS: "red",
    Role.ACCENT: "cyan",
    Role.LABEL: "bold reverse",
}

_TRUE_COLOUR = (
    _palette("dark", "#d3dae3 #11151c #1a202a #1f2d44 #3a2b12 #939eae #4db6ff #ffd23f #ffa02b #ff667f #6fd6b0 #ff8fa3 #7aa2f7"),
    _palette(
        "midnight", "#c8ccd4 #000000 #0c1016 #1a2740 #33260d #8d939e #4db6ff #ffd23f #ffa02b #ff6078 #7ec8a9 #f59aa9 #56b6c2"
    ),
    _palette(
        "light",
        "#1f2328 #ffffff #eef1f5 #d3e5ff #ffe9a0 #59616a #0550ae #6f5400 #a03c00 #b80f1c #0d5f25 #b3261e #0550ae",
        dark=False,
    ),
    _palette(
        "deuteranopia", "#d3dae3 #11151c #1a202a #1f2d44 #38300f #939eae #5cb8f0 #f5ec6a #e08a00 #ff6a83 #5cb8f0 #e69f00 #d68db4"
    ),
    _palette(
        "tritanopia", "#d3dae3 #11151c #1a202a #2a3038 #123330 #a0a8b2 #5fd7d7 #f7d3e3 #ffa0a0 #ff6274 #5fd7d7 #ffa0a0 #9ad1d4"
    ),
    _palette(
        "contrast", "#ffffff #000000 #000000 #003a80 #4a3200 #c0c0c0 #66d9ff #ffff00 #ffb000 #ff8497 #66ffb3 #ffa9b9 #00e5ff"
    ),
)
_TERMINAL = Palette(
    "terminal", "default on default", MappingProxyType(_TERMINAL_ROLES), "reverse", "bold", "default on default", native=True
)
PALETTES: Mapping[str, Palette] = MappingProxyType({palette.name: palette for palette in (*_TRUE_COLOUR, _TERMINAL)})
DEFAULT = "dark"
NATIVE = "terminal"
