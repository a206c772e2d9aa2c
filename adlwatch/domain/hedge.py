"""Hedges: legs of one underlying paired across accounts and venues of one owner, and what is left if a leg goes.

Pure and linear in the number of legs. Units and prices are those of `domain.leg`. Unknown stays None.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum
from statistics import median

from msgspec import Struct

from adlwatch.domain.leg import Leg, holding_leg, position_leg
from adlwatch.domain.model import Holding, Position
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import IfClosed
from adlwatch.domain.underlying import is_cash, namer
from adlwatch.domain.value import unrealized_pnl

FRACTIONS = (0.25, 0.5, 1.0)
"""Parts of a leg that are imagined taken away."""
SAME_ASSET_FACTOR = 3.0
"""Two prices further apart than this are not one asset, whatever their symbols say (a ticker used twice, a wrong multiplier)."""
_ROUNDING = 1e-12

Left = tuple[float, float | None, float | None, float | None]
"""A part of a leg that is taken away; the naked units, their USD and the USD lost per 1 % move against them that it leaves."""


class HedgeKind(StrEnum):
    """How the legs offset each other."""

    CASH_AND_CARRY = "cash-and-carry"
    REVERSE_CARRY = "reverse-carry"
    PERP_PERP = "perp-perp"
    CALENDAR = "calendar"
    UNHEDGED = "unhedged"


_CASH_AND_CARRY, _REVERSE_CARRY, _PERP_PERP, _CALENDAR, _UNHEDGED = HedgeKind


class Hedge(Struct, frozen=True, gc=False):
    """A hedge, or exposure without an offset (kind unhedged)."""

    name: str
    underlying: str
    kind: HedgeKind
    owner: str | None
    legs: tuple[Leg, ...]
    price: float | None
    """USD per unit at which exposure is valued: the median mark of the derivative legs."""
    net_delta: float | None
    net_usd: float | None
    gross_usd: float | None
    hedge_ratio: float | None
    basis: float | None
    """Average price of the short legs over the long ones' minus 1: a gain when prices converge. None where a price is unknown."""
    unrealized_pnl: float | None
    """Of the derivative legs, in USD."""
    units: tuple[float | None, ...]
    """Of each leg, signed, in units of the underlying; a leg in another asset by its value."""
    missing: tuple[str, ...] = ()
    """Legs the user named that do not exist (any more), or that an earlier hedge has."""
    explicit: bool = False
    """True where the user named the legs."""

    @property
    def if_closed(self) -> tuple[IfClosed, ...]:
        """What is left without each part of each leg; `domain.closing` adds what that costs."""
        legs = zip(self.legs, self.units, strict=True)
        return tuple([each for leg, units in legs for each in self.without(leg.key, units)])

    def without(self, key: str, units: float | None) -> list[IfClosed]:
        """What is left without each part of one leg of so many units."""
        return [IfClosed(key, fraction, naked, usd, loss) for fraction, naked, usd, loss in self.left(units)]

    def left(self, units: float | None) -> list[Left]:
        """What is left when each of `FRACTIONS` of a leg of so many units is gone."""
        found: list[Left] = []
        for fraction in FRACTIONS:
            usd = self.naked_usd(units, fraction)
            found.append((fraction, self.naked(units, fraction), usd, None if usd is None else abs(usd) * 0.01))
        return found

    def naked(self, units: float | None, fraction: float = 1.0) -> float | None:
        """Units left when a part of a leg of so many units is gone."""
        net = self.net_delta
        if net is None or units is None:
            return None
        return _clean(net - fraction * units, abs(units))

    def naked_usd(self, units: float | None, fraction: float = 1.0) -> float | None:
        """The same, valued at the hedge's price."""
        naked, price = self.naked(units, fraction), self.price
        return None if naked is None or price is None else naked * price


def pair(
    positions: Iterable[Position], holdings: Iterable[Holding], marks: Mapping[str, float], settings: Settings
) -> tuple[Hedge, ...]:
    """Every leg in exactly one hedge: the user's own first, the rest by owner and underlying, in order of first appearance.

    `marks` overrides prices: by leg key (USD per unit of that symbol or asset) or by underlying (USD per canonical unit, for
    example the index price, which values balances). Cash and balances worth less than `settings.dust_usd` are no legs.
    """
    legs, named = [], namer(settings.aliases)
    for position in positions:
        key = position.key
        mark = marks.get(key, position.mark_price)
        legs.append(position_leg(position, key, mark, unrealized_pnl(position, mark), named(position.symbol)))
    return pair_legs(legs + holding_legs(holdings, marks, settings), settings)


def holding_legs(holdings: Iterable[Holding], marks: Mapping[str, float], settings: Settings) -> list[Leg]:
    """All balances that may be legs: not cash, and not nothing."""
    aliases = settings.aliases
    return [
        holding_leg(holding, marks, aliases) for holding in holdings if holding.amount and not is_cash(holding.asset, aliases)
    ]


def pair_legs(legs: list[Leg], settings: Settings) -> tuple[Hedge, ...]:
    """As `pair`, of legs."""
    taken: set[str] = set()
    hedges, rest = _explicit(legs, settings, taken) if settings.hedges else ([], legs)
    groups: dict[tuple[str | None, str], list[Leg]] = defaultdict(list)
    owners = {account: settings.owner_of(account) for account in {leg.account for leg in rest}}
    for leg in rest:
        groups[owners[leg.account], leg.underlying].append(leg)
    for (owner, asset), group in groups.items():
        for same in _same_asset(group):
            if kept := _without_dust(same, settings.dust_usd):
                name = _free_name(asset.lower() if owner is None else f"{owner}/{asset.lower()}", taken)
                hedges.append(_hedge(name, asset, owner, kept))
    return tuple(hedges)


def _explicit(legs: list[Leg], settings: Settings, taken: set[str]) -> tuple[list[Hedge], list[Leg]]:
    """The user's hedges, and the legs they leave; the first hedge that names a leg has it."""
    free: dict[str, list[Leg]] = {}
    for leg in legs:
        free.setdefault(leg.key, []).append(leg)
    hedges = []
    for spec in settings.hedges:
        missing = tuple(key for key in spec.legs if key not in free)
        own = [leg for key in spec.legs for leg in free.pop(key, ())]
        if own:
            head = next((leg for leg in own if leg.derivative), own[0])
            name, owner = _free_name(spec.name, taken), settings.owner_of(head.account)
            hedges.append(_hedge(name, head.underlying, owner, own, missing, explicit=True))
    return hedges, [leg for rest in free.values() for leg in rest]


def _same_asset(group: list[Leg]) -> list[list[Leg]]:
    """The group split wherever prices are too far apart to be one asset; unpriced legs stay with the first part."""
    prices = [leg.price for leg in group if leg.price]
    if len(prices) < 2 or max(prices) <= SAME_ASSET_FACTOR * min(prices):
        return [group]
    parts: list[list[Leg]] = []
    last = 0.0
    for leg in sorted((leg for leg in group if leg.price), key=lambda leg: leg.price or 0.0):
        price = leg.price or 0.0
        if not parts or price > SAME_ASSET_FACTOR * last:
            parts.append([])
        parts[-1].append(leg)
        last = price
    parts.sort(key=len, reverse=True)
    parts[0] += [leg for leg in group if not leg.price]
    return parts


def _without_dust(group: list[Leg], dust_usd: float) -> list[Leg]:
    if not [leg for leg in group if not leg.derivative]:
        return group
    price = _reference(group)
    if price is None:
        return group
    return [leg for leg in group if leg.derivative or abs(leg.units or 0.0) * (leg.price or price) >= dust_usd]


def _free_name(name: str, taken: set[str]) -> str:
    """The name, with a number where it is taken."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    taken.add(free)
    return free


def _reference(legs: list[Leg]) -> float | None:
    """USD per unit at which the hedge's exposure is valued."""
    prices = [leg.price for leg in legs if leg.price and leg.derivative] or [leg.price for leg in legs if leg.price]
    if len(prices) > 2:
        return median(prices)
    return sum(prices) / len(prices) if prices else None


def _hedge(
    name: str, asset: str, owner: str | None, legs: list[Leg], missing: tuple[str, ...] = (), *, explicit: bool = False
) -> Hedge:
    price = _reference([leg for leg in legs if leg.underlying == asset] if explicit else legs)
    units = [leg.units if leg.underlying == asset else _converted(leg, price) for leg in legs]
    long_units, short_units = _sides(units)
    net = gross = ratio = None
    if long_units is not None and short_units is not None:
        gross = long_units + short_units
        net = _clean(long_units - short_units, gross)
        ratio = min(long_units, short_units) / max(long_units, short_units) if gross else None
    single = len(legs) == 1
    return Hedge(
        name,
        asset,
        _UNHEDGED if single else _kind(legs),
        owner,
        tuple(legs),
        price,
        net,
        None if net is None or price is None else net * price,
        None if gross is None or price is None else gross * price,
        ratio,
        None if single else _basis(legs),
        _pnl(legs),
        tuple(units),
        missing,
        explicit,
    )


def _converted(leg: Leg, price: float | None) -> float | None:
    """Units of a leg in another asset (the user says it hedges this one), by value."""
    return None if leg.units is None or not leg.price or not price else leg.units * leg.price / price


def _clean(net: float, scale: float) -> float:
    """Zero where only rounding is left."""
    return 0.0 if abs(net) <= _ROUNDING * scale else net


def _sides(units: list[float | None]) -> tuple[float, float] | tuple[None, None]:
    """Units long and units short, both positive; unknown where one leg's are."""
    long_units = short_units = 0.0
    for each in units:
        if each is None:
            return None, None
        if each > 0.0:
            long_units += each
        else:
            short_units -= each
    return long_units, short_units


def _kind(legs: list[Leg]) -> HedgeKind:
    spot = long_units = short_units = 0.0
    for leg in legs:
        units = leg.units or 0.0
        if not leg.derivative:
            spot += units
        elif units > 0.0:
            long_units += units
        else:
            short_units -= units
    if min(long_units, short_units) > abs(spot):
        return _CALENDAR if [leg for leg in legs if leg.expiry is not None] else _PERP_PERP
    if spot > 0.0 and short_units:
        return _CASH_AND_CARRY
    if spot < 0.0 and long_units:
        return _REVERSE_CARRY
    return _UNHEDGED


def _basis(legs: list[Leg]) -> float | None:
    """Average short price over average long price minus 1."""
    long_value = long_units = short_value = short_units = 0.0
    asset = legs[0].underlying
    for leg in legs:
        price, units = leg.price, leg.units
        if not price or not units or leg.underlying != asset:
            return None
        if units > 0.0:
            long_value += units * price
            long_units += units
        else:
            short_value += units * price
            short_units += units
    return (short_value / short_units) / (long_value / long_units) - 1.0 if short_units and long_units else None


def _pnl(legs: list[Leg]) -> float | None:
    """Sum over the derivative legs; None where there is none or one is unknown."""
    total = None
    for leg in legs:
        if leg.derivative:
            if leg.pnl is None:
                return None
            total = leg.pnl + (total or 0.0)
    return total
