"""Reading a venue's own indicator on the venue's own scale. Getting one upside down is the worst bug this program can have."""

from collections.abc import Mapping
from math import ceil, isfinite
from typing import Literal

from msgspec import Struct

from adlwatch.domain.fact import Grade

LEVELS = 5
_UNCERTAIN = frozenset((Grade.INFERRED, Grade.UNKNOWN))

Value = str | int | float | None
Raw = Value | dict[str, Value]
"""A raw value, or the venue's row per side."""


class LightScale(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The venue's own indicator and how to read it. At most one of `levels`, `full` and `rank` is given; none: not readable."""

    grade: Grade
    sources: tuple[str, ...]
    field: str | None = None
    """Where the value stands in the venue's API; None where the venue shows none."""
    levels: dict[str, int] | None = None
    """Raw value → level 1..5, one entry per value of the scale."""
    full: float | None = None
    """Raw value at one end of a continuous scale from 0: 1 for a fraction, 100 for a percentage."""
    rank: bool = False
    """Raw value is `place/total`, 1 = closed first."""
    rising: bool = True
    """Whether a larger raw value is closer to the front."""
    none: dict[str, str] = {}
    """Raw value → what it means, for values that say nothing about a place."""
    sides: dict[Literal["long", "short", "both"], str] = {}
    """Names of the rows where the venue answers per side; any other row is a flag and is ignored."""
    direction: Grade | None = None
    """How well it is known which end is the front; None: as well as the rest."""
    note: str | None = None

    @property
    def readable(self) -> bool:
        """Whether a raw value can be turned into a level."""
        return self.levels is not None or self.full is not None or self.rank

    @property
    def certain(self) -> bool:
        """Whether the direction of the scale is more than an inference."""
        return (self.direction or self.grade) not in _UNCERTAIN


class Read(Struct, frozen=True, gc=False):
    """A raw value read on its scale: a level, or why there is none."""

    level: int | None
    note: str | None = None
    quantile: float | None = None


def read(scale: LightScale, raw: Value) -> Read:
    """A raw value on the venue's scale; never clamped, never guessed."""
    if scale.field is None:
        return Read(None, "the venue shows no light")
    if raw is None or raw == "":
        return Read(None, "the venue sent no value")
    if not scale.readable:
        return Read(None, f"raw {raw}: the venue's scale is not documented")
    if scale.rank:
        return _by_rank(raw)
    key = str(raw) if type(raw) is int else _spelled(raw)
    if key in scale.none:
        return Read(None, f"raw {raw}: {scale.none[key]}")
    return _by_level(key, scale.levels, raw) if scale.levels is not None else _by_fraction(_number(raw), scale, raw)


def _spelled(raw: Value) -> str:
    """As profiles spell values: 3.0 and "3" are 3."""
    number = _number(raw)
    return str(raw) if number is None else f"{number:g}"


def _by_level(key: str, levels: Mapping[str, int], raw: Value) -> Read:
    level = levels.get(key)
    return Read(None, f"raw {raw} is not on the venue's scale") if level is None else Read(level)


def _by_fraction(number: float | None, scale: LightScale, raw: Value) -> Read:
    full = scale.full or 1.0
    if number is None or not 0 <= number <= full:
        return Read(None, f"raw {raw} is not on the venue's scale of 0 to {full:g}")
    quantile = number / full if scale.rising else 1 - number / full
    return Read(level_of(quantile), quantile=quantile)


def _by_rank(raw: Value) -> Read:
    place, _, total = str(raw).partition("/")
    if not (place.isdecimal() and total.isdecimal() and 1 <= int(place) <= int(total)):
        return Read(None, f"raw {raw} is not a place in a queue (place/total)")
    behind = (int(total) - int(place) + 1) / int(total)
    return Read(level_of(behind), quantile=behind)


def level_of(quantile: float) -> int:
    """The light of a place in the queue: ceil(5 * quantile), at least 1."""
    return min(LEVELS, max(1, ceil(LEVELS * quantile - 1e-9)))


def _number(raw: Value) -> float | None:
    try:
        number = float(raw)  # type: ignore[arg-type]  # None was answered before
    except (TypeError, ValueError):
        return None
    return number if isfinite(number) and not isinstance(raw, bool) else None
