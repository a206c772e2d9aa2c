"""Legs: positions and balances on one scale, whatever the venue's spelling, contract type or multiplier.

Units are canonical (1 kPEPE = 1000 PEPE), signed, positive long; prices are USD per canonical unit. Unknown stays None.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from msgspec import Struct

from adlwatch.domain.model import Holding, MarginMode, Position
from adlwatch.domain.underlying import Underlying, of_asset
from adlwatch.domain.value import base_units


class LegKind(StrEnum):
    """What a leg is held in."""

    PERP = "perp"
    DATED = "dated"
    SPOT = "spot"
    COLLATERAL = "collateral"


_PERP, _DATED = LegKind.PERP, LegKind.DATED


class Leg(Struct, frozen=True, gc=False):
    """One position or balance as part of a hedge."""

    key: str
    account: str
    venue: str
    kind: LegKind
    derivative: bool
    """True for a perp or a future: ADL or a liquidation can take it away."""
    underlying: str
    sign: int
    units: float | None
    """Signed canonical units at the mark."""
    price: float | None
    """USD per canonical unit: the leg's own mark; for a balance its own or its coin's price."""
    pnl: float | None
    expiry: date | None = None
    margin_mode: MarginMode | None = None


def position_leg(position: Position, key: str, mark: float | None, pnl: float | None, underlying: Underlying) -> Leg:
    """A perp or dated future as a leg, at a mark and with its PnL there; `key` is the position's."""
    what, factor, expiry = underlying
    units, sign = base_units(position, mark), position.side.sign
    return Leg(
        key,
        position.account,
        position.venue,
        _PERP if expiry is None else _DATED,
        True,
        what,
        sign,
        None if units is None else sign * units * factor,
        None if mark is None else mark / factor,
        pnl,
        expiry,
        position.margin_mode,
    )


def holding_leg(holding: Holding, marks: Mapping[str, float], aliases: Mapping[str, str]) -> Leg:
    """A balance as a leg, at `marks[key]` or else `marks[underlying]`."""
    what, factor, _ = of_asset(holding.asset, aliases)
    key = holding.key
    own = marks.get(key)
    return Leg(
        key=key,
        account=holding.account,
        venue=holding.venue,
        kind=LegKind.COLLATERAL if holding.collateral else LegKind.SPOT,
        derivative=False,
        underlying=what,
        sign=1 if holding.amount > 0 else -1,
        units=holding.amount * factor,
        price=marks.get(what) if own is None else own / factor,
        pnl=None,
    )
