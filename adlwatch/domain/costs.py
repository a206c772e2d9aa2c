"""What it costs to trade, from live depth where it is known, else from assumed spreads; always said which.

Rebuilding a leg of q units costs q·|mid - VWAP(q)| + fee·q·VWAP(q): half the spread is in the first term.
"""

from msgspec import Struct

from adlwatch.domain.model import Book, Side


class Costs(Struct, frozen=True, kw_only=True):
    """What is assumed where nothing better is known; fractions of notional unless said otherwise."""

    taker_fee: float = 0.0005
    """Where the venue's profile has none."""
    spot_fee: float = 0.001
    half_spread: float = 0.0002
    """Where the market's depth is not known."""
    financing_apr: float = 0.05
    """What capital put up as margin would earn elsewhere, per year."""
    financing_days: float = 7.0
    """How long added margin is expected to stay."""
    naked_seconds: float = 3.0
    """Between the two trades of closing and reopening."""

    def __post_init__(self) -> None:
        """Refuse a negative cost.

        Raises:
            ValueError: naming it.

        """
        for name in self.__struct_fields__:
            if getattr(self, name) < 0:
                raise ValueError(f"costs: {name} must not be negative")

    def financing(self, capital: float) -> float:
        """USD that capital forgoes while it stays as margin."""
        return capital * self.financing_apr * self.financing_days / 365.0


class TradeCost(Struct, frozen=True):
    """The cost of trading a size at once, in USD."""

    usd: float
    from_depth: bool
    """False: from an assumed spread."""
    thin: bool = False
    """True where the book was too thin: the rest is priced at its last level, so the figure is a lower bound."""
    price: float | None = None
    """Average price to expect."""


def trade_cost(units: float, price: float, side: Side, book: Book | None, *, fee: float, half_spread: float) -> TradeCost:
    """Cost of buying (side long) or selling `units` base units against the book, fee included."""
    levels = () if book is None else book.asks if side is Side.LONG else book.bids
    if book is None or not levels or not book.bids or not book.asks:
        return TradeCost(units * price * (fee + half_spread), from_depth=False, price=price * (1.0 + side.sign * half_spread))
    mid = (book.bids[0][0] + book.asks[0][0]) / 2.0
    average, thin = _vwap(levels, units)
    return TradeCost(units * (abs(average - mid) + fee * average), from_depth=True, thin=thin, price=average)


def _vwap(levels: tuple[tuple[float, float], ...], units: float) -> tuple[float, bool]:
    """Average price of taking `units`, and whether the book did not hold as many."""
    left, paid, price = units, 0.0, levels[0][0]
    for price, size in levels:
        taken = min(left, size)
        paid += taken * price
        left -= taken
        if left <= 0.0:
            break
    return ((paid + left * price) / units if units > 0.0 else price), left > 0.0
