"""Every palette can be read: contrast by WCAG, and states that stay apart for the eyes a palette is made for."""

from collections.abc import Sequence
from itertools import combinations

import pytest
from rich.style import Style

from adlwatch.tui.spans import Role
from adlwatch.tui.theme import PALETTES, Palette

READABLE = 4.5
"""WCAG 2.2, success criterion 1.4.3, for text."""
SEEN = 1.15
"""Luminance of the cursor's and the flash's ground against the page: seen, and text on it still read."""
APART = 20.0
"""CIE76 ΔE; 2.3 is just noticeable side by side."""
STATES = (Role.OK, Role.WATCH, Role.WARNING, Role.CRITICAL, Role.BLIND)
# Machado, Oliveira, Fernandes (2009), severity 1.0, on linear RGB.
NORMAL = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
DEUTAN = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))
TRITAN = ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900))
Matrix = tuple[tuple[float, float, float], ...]

TRUE_COLOUR = [palette for palette in PALETTES.values() if not palette.native]


def linear(triplet: Sequence[int]) -> list[float]:
    return [v / 12.92 if (v := c / 255) <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for c in triplet]


def luminance(triplet: Sequence[int]) -> float:
    red, green, blue = linear(triplet)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Sequence[int], other: Sequence[int]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def seen_by(triplet: Sequence[int], eye: Matrix) -> tuple[float, float, float]:
    """CIE Lab of a colour as that eye sees it."""
    rgb = linear(triplet)
    red, green, blue = (min(1.0, max(0.0, sum(m * c for m, c in zip(row, rgb, strict=True)))) for row in eye)
    x, y, z = (
        value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116
        for value in (
            (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505,
            0.2126 * red + 0.7152 * green + 0.0722 * blue,
            (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089,
        )
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(one: Sequence[int], other: Sequence[int], eye: Matrix) -> float:
    pairs = zip(seen_by(one, eye), seen_by(other, eye), strict=True)
    return float(sum((a - b) ** 2 for a, b in pairs) ** 0.5)


def ink(palette: Palette, role: Role) -> Sequence[int]:
    colour = (Style.parse(palette.base) + Style.parse(palette.roles[role])).color
    assert colour is not None
    assert colour.triplet is not None
    return colour.triplet


def ground(style: Style) -> Sequence[int]:
    assert style.bgcolor is not None
    assert style.bgcolor.triplet is not None
    return style.bgcolor.triplet


def grounds(palette: Palette) -> dict[str, Style]:
    base = Style.parse(palette.base)
    return {"page": base} | {name: base + Style.parse(getattr(palette, name)) for name in ("bar", "cursor", "flash")}


@pytest.mark.parametrize("palette", TRUE_COLOUR, ids=lambda palette: palette.name)
def test_every_role_can_be_read_on_every_ground(palette: Palette) -> None:
    for role, definition in palette.roles.items():
        for name, under in grounds(palette).items():
            style = under + Style.parse(definition)
            assert style.color is not None
            assert style.color.triplet is not None
            assert contrast(style.color.triplet, ground(style)) >= READABLE, (role, name)


@pytest.mark.parametrize("palette", TRUE_COLOUR, ids=lambda palette: palette.name)
def test_cursor_and_flash_are_seen(palette: Palette) -> None:
    page = ground(grounds(palette)["page"])
    for name in ("cursor", "flash"):
        assert contrast(ground(grounds(palette)[name]), page) >= SEEN, name
    assert palette.cursor != palette.flash


@pytest.mark.parametrize(
    ("name", "eye"),
    [(palette.name, NORMAL) for palette in TRUE_COLOUR] + [("deuteranopia", DEUTAN), ("tritanopia", TRITAN)],
)
def test_states_stay_apart_for_the_eyes_a_palette_is_made_for(name: str, eye: Matrix) -> None:
    palette = PALETTES[name]
    for one, other in [*combinations(STATES, 2), (Role.GAIN, Role.LOSS)]:
        assert difference(ink(palette, one), ink(palette, other), eye) >= APART, (one, other)


def test_there_is_a_palette_for_every_kind_of_terminal_and_eye() -> None:
    wanted = {"dark", "midnight", "light", "deuteranopia", "tritanopia", "contrast", "terminal"}
    assert set(PALETTES) >= wanted
    assert not PALETTES["light"].dark


def test_the_terminals_own_palette_names_no_true_colour() -> None:
    native = PALETTES["terminal"]
    for definition in (native.base, native.bar, native.cursor, native.flash, *native.roles.values()):
        assert "#" not in definition


def test_without_any_colour_what_is_urgent_still_looks_different() -> None:
    """Under NO_COLOR only bold, dim, italic and reverse are left."""
    native = PALETTES["terminal"]
    looks = {
        role: (style.bold, style.dim, style.italic, style.reverse)
        for role in (Role.TEXT, Role.WARNING, Role.CRITICAL, Role.BLIND)
        for style in (Style.parse(native.roles[role]),)
    }
    assert len(set(looks.values())) == len(looks)
