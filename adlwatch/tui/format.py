"""Numbers, ages and moves as text: pure, fixed in form, typographic minus, and `—` for what is unknown.

Nothing here pads: a column's width and alignment belong to its table. Units and precision are the user's: `use` sets them once,
at the start, as a locale is set.
"""

from datetime import datetime, tzinfo
from math import isfinite, isnan

from adlwatch.config.units import Units

UNKNOWN = "—"
MINUS = "−"
_SCALES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
_FIXED_SCALES = {"k": 1e3, "M": 1e6}

_units = Units()


def use(units: Units) -> None:
    """Show numbers in these units from here on."""
    global _units  # noqa: PLW0603  # one terminal, one user, as with a locale
    _units = units


def units() -> Units:
    """Those in use."""
    return _units


def _known(value: float | None) -> bool:
    return value is not None and not isnan(value)


def fixed(value: float | None, decimals: int, *, plus: bool = False) -> str:
    """A number with thousands separators; `plus` writes the sign of positive numbers too."""
    if value is None or isnan(value):
        return UNKNOWN
    if not isfinite(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    text = _grouped(abs(value), decimals)
    if not text.strip("0."):
        return text
    return f"{MINUS}{text}" if value < 0 else f"+{text}" if plus else text


def _grouped(amount: float, decimals: int) -> str:
    """With the separator between thousands; decimals are behind a point, whatever separates thousands."""
    return f"{amount:,.{decimals}f}".replace(",", _units.thousands)


def price(value: float | None, quoted: int | None = None) -> str:
    """About five significant figures, the way venues quote: 54,010  3,210.5  141.2  0.00123.

    With so many decimals as the user wants, or as the venue has `quoted` where the user wants those; a price that they would
    round to nothing keeps its figures.
    """
    if value is None or isnan(value):
        return UNKNOWN
    decimals = _units.price_decimals if _units.price_decimals is not None else quoted if _units.price == "venue" else None
    if decimals is not None and (value == 0 or abs(value) >= 0.5 * 10.0**-decimals):
        return fixed(value, decimals)
    size = abs(value)
    for least, decimals in ((10_000, 0), (1_000, 1), (100, 2), (1, 3)):
        if size >= least:
            return fixed(value, decimals)
    return fixed(value, 8).rstrip("0").rstrip(".") if 0 < size < 1e-3 else fixed(value, 5)


def size(value: float | None, contracts: float | None = None) -> str:
    """Units of the base asset, at most four decimals and never trailing zeros; `15ct` where contracts are wanted and known."""
    if _units.size == "contracts" and contracts is not None and not isnan(contracts):
        return f"{_amount(contracts)}ct"
    return _amount(value)


def _amount(value: float | None) -> str:
    if value is None or isnan(value):
        return UNKNOWN
    decimals = 0 if abs(value) >= 10_000 else 2 if abs(value) >= 100 else 4
    text = fixed(value, decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text


def usd(value: float | None, *, plus: bool = False) -> str:
    """USD to the dollar up to 100,000, in thousands or millions above, or in the user's unit: $81,000  −$8,985  $1.25M."""
    if value is None or isnan(value):
        return UNKNOWN
    if not isfinite(value):
        return f"{MINUS if value < 0 else ''}$∞"
    sign = MINUS if value < 0 else "+" if plus and value > 0 else ""
    return f"{sign}${_dollars(abs(value))}" if abs(value) >= 0.5 else "$0"


def _dollars(amount: float) -> str:
    if _units.notional == "compact":
        return _grouped(amount, 0) if amount < 99_999.5 else _compact(amount)
    return _compact(amount)


def _compact(amount: float) -> str:
    """In the user's unit; by itself in the largest that leaves something before the point."""
    if _units.notional == "full":
        return _grouped(amount, 0)
    if (scale := _FIXED_SCALES.get(_units.notional)) and amount >= scale / 100:
        return f"{_grouped(amount / scale, 1 if scale == 1e3 else 2)}{_units.notional}"
    for scale, suffix in _SCALES:
        if amount >= scale * 0.99995:
            scaled = amount / scale
            return f"{scaled:.{1 if scaled >= 99.95 or suffix == 'k' else 2}f}{suffix}"
    return f"{amount:.0f}"


def usd_short(value: float | None, *, plus: bool = False) -> str:
    """USD in at most eight cells: $950  $44.1k  $1.25M."""
    if value is None or not isfinite(value):
        return usd(value)
    sign = MINUS if value < 0 else "+" if plus and value > 0 else ""
    return f"{sign}${_compact(abs(value))}" if abs(value) >= 0.5 else "$0"


def exposure(value: float | None) -> str:
    """A signed USD exposure in words: `$81.0k long`, `flat`, or unknown."""
    if value is None or isnan(value):
        return UNKNOWN
    return "flat" if abs(value) < 0.5 else f"{usd_short(abs(value))} {'long' if value > 0 else 'short'}"


def percent(value: float | None, decimals: int = 0, *, plus: bool = False) -> str:
    """A fraction as per cent: 0.315 → `32%`; with the user's own decimals in place of `decimals`."""
    decimals = decimals if _units.percent_decimals is None else _units.percent_decimals
    return f"{fixed(value * 100, decimals, plus=plus)}%" if value is not None and not isnan(value) else UNKNOWN


def move(value: float | None) -> str:
    """A fraction the mark has to move, always signed: `−3.9%`."""
    return percent(value, 1, plus=True)


def score(value: float | None) -> str:
    """A ranking score in at most seven cells; scores span many orders, so small and large ones turn scientific."""
    if value is None or not isfinite(value):
        return fixed(value, 3)
    if value != 0 and not 1e-3 <= abs(value) < 1e4:
        return f"{value:.1e}".replace("-", MINUS)
    return fixed(value, 3 if abs(value) < 100 else 1)


def term(value: float | None) -> str:
    """One input or intermediate of a formula, with six significant figures."""
    if value is None or not isfinite(value):
        return fixed(value, 6)
    if value != 0 and not 1e-4 <= abs(value) < 1e12:
        return f"{value:.5e}".replace("-", MINUS)
    decimals = 2 if abs(value) >= 1000 else 4 if abs(value) >= 1 else 6
    return fixed(value, decimals)


def age(seconds: float | None) -> str:
    """Seconds since the time of the data, in at most four cells: 2s  59s  4m  3h  2d."""
    if seconds is None or not _known(seconds):
        return UNKNOWN
    whole = max(0, int(seconds))
    for least, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if whole >= least:
            return f"{whole // least}{unit}"
    return f"{whole}s"


def minutes(value: float | None) -> str:
    """A span of time ahead: 12 min  3.4 h  9 d."""
    if value is None or isnan(value):
        return UNKNOWN
    if value < 120:
        return f"{value:.0f} min"
    return f"{value / 60:.1f} h" if value < 2880 else f"{value / 1440:.0f} d"


def clock(at: datetime | None, zone: tzinfo | None = None) -> str:
    """Time of day to the second, in `zone` (UTC where none is set)."""
    return UNKNOWN if at is None else (at.astimezone(zone) if zone else at).strftime("%H:%M:%S")


def day_clock(at: datetime, zone: tzinfo | None = None) -> str:
    """Day and time of day: 22 Nov 16:20."""
    return (at.astimezone(zone) if zone else at).strftime("%d %b %H:%M")


def plural(count: int, noun: str) -> str:
    """`1 leg`, `2 legs`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
