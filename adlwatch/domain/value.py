"""What a position is worth: size, notional and unrealized PnL, linear and inverse.

Linear: size q in base units, value q * price. Inverse: size Q in quote units, Q / price coins.
https://www.bitmex.com/app/perpetualContractsGuide gives both; domain symbols are those of the documentation.
"""

from adlwatch.domain.model import Contract, Position

_LINEAR, _INVERSE = Contract.LINEAR, Contract.INVERSE
"""Asked for several times a position and assessment: reading a member off its enumeration costs ten times a name."""


def base_units(position: Position, mark: float | None) -> float | None:
    """Size in base units (always positive); for an inverse contract this needs a mark."""
    if position.contract is _LINEAR:
        return position.size
    return position.size / mark if mark else None


def notional(position: Position, mark: float | None) -> float | None:
    """Value at `mark` in the quote currency; an inverse contract's is its size whatever the mark."""
    if position.contract is _INVERSE:
        return position.size
    return None if mark is None else position.size * mark


def unrealized_pnl(position: Position, mark: float | None) -> float | None:
    """Profit at `mark` in the quote currency, positive when winning.

    Inverse: Q * (1/entry - 1/mark) coins for a long, valued at the mark.
    """
    if mark is None:
        return None
    if position.contract is _INVERSE:
        return position.side.sign * position.size * (mark / position.entry_price - 1.0)
    return position.side.sign * position.size * (mark - position.entry_price)
