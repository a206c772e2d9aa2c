"""What a `[[source]]` of kind `extended` may say.

Positions are private at Extended, so they are typed in; markets named without a position serve a book file that holds them.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from adlwatch.adapters.keyless import ApiUrl, KeylessOptions

API_URL = "https://api.starknet.extended.exchange"
MarketName = Annotated[str, Meta(pattern=r"^[\w.]{1,40}-[\w.]{1,20}$")]
Amount = Annotated[float, Meta(gt=0, lt=1e18)]
Fraction = Annotated[float, Meta(gt=0, lt=1)]


class TypedPosition(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One position as you type it in."""

    market: MarketName
    """The venue's own name, such as BTC-USD."""
    side: Literal["long", "short"]
    size: Amount
    """In base units."""
    entry_price: Amount
    maintenance_rate: Fraction | None = None
    """Maintenance margin as a fraction of the value; without it, half of the initial one in the market's first tier that fits."""


class ExtendedOptions(KeylessOptions, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Options of an `extended` source."""

    interval: Annotated[float, Meta(gt=0)] = 10.0
    positions: tuple[TypedPosition, ...] = ()
    balance: float | None = None
    """The account's balance without unrealized PnL, in USD; without it there is no score, so no light."""
    markets: tuple[MarketName, ...] = ()
    """Markets to read beside those of the positions."""
    api_url: ApiUrl = API_URL

    def __post_init__(self) -> None:
        if not self.positions and not self.markets:
            raise ValueError("names nothing to read: give positions, or markets for a book file that holds them")
        keys = [(position.market, position.side) for position in self.positions]
        if len(set(keys)) < len(keys):
            raise ValueError("names a position twice: one market and side is one position")

    @property
    def names(self) -> tuple[str, ...]:
        """Every market to read, once."""
        return tuple(dict.fromkeys((*(position.market for position in self.positions), *self.markets)))
