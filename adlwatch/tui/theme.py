"""Palettes: what each role looks like. Every state also has a glyph and a word, so no palette carries meaning alone.

Blue, yellow and red are the three that stay furthest apart for protan, deutan and tritan eyes. The `terminal` palette uses
the terminal's own sixteen colours, or none at all under NO_COLOR, and then says by bold and reverse what others say by hue.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from textual.theme import Theme

from adlwatch.tui.spans import Role


@dataclass(frozen=True, slots=True)
class Palette:
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
    _palette("dark", "#d3dae3 #11151c #1a202a #2a3a52 #33415c #7d8896 #4db6ff #ffd23f #ffa62b #ff4d6d #6fd6b0 #ff8fa3 #7aa2f7"),
    _palette(
        "midnight", "#c8ccd4 #000000 #0c1016 #1d2c45 #263248 #767c88 #4db6ff #ffd23f #ffa62b #ff4d6d #7ec8a9 #f59aa9 #56b6c2"
    ),
    _palette(
        "light",
        "#1f2328 #ffffff #eef1f5 #cfe3ff #fff0b3 #656d76 #0550ae #7a5c00 #a34700 #c1121f #116329 #b3261e #0550ae",
        dark=False,
    ),
    _palette(
        "deuteranopia", "#d3dae3 #11151c #1a202a #2a3a52 #33415c #7d8896 #56b4e9 #f0e442 #e69f00 #ff5470 #56b4e9 #e69f00 #cc79a7"
    ),
    _palette(
        "tritanopia", "#d3dae3 #11151c #1a202a #2f3640 #3c434f #7d8896 #5fd7d7 #f2c6de #ff8f8f #ff2f4f #5fd7d7 #ff8f8f #9ad1d4"
    ),
    _palette(
        "contrast", "#ffffff #000000 #000000 #004a9f #5f3f00 #c0c0c0 #66d9ff #ffff00 #ffb000 #ff6b81 #66ffb3 #ff9db0 #00e5ff"
    ),
)
_TERMINAL = Palette(
    "terminal", "default on default", MappingProxyType(_TERMINAL_ROLES), "reverse", "bold", "default on default", native=True
)
PALETTES: Mapping[str, Palette] = MappingProxyType({palette.name: palette for palette in (*_TRUE_COLOUR, _TERMINAL)})
DEFAULT = "dark"
NATIVE = "terminal"
