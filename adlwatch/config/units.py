"""How numbers are shown."""

from typing import Annotated, Literal

from msgspec import Meta, Struct


class Units(Struct, frozen=True, forbid_unknown_fields=True):
    """Units, precision and separators of the terminal. Frozen; every default is what the columns were made for."""

    notional: Literal["compact", "full", "k", "M"] = "compact"
    """USD amounts: $44.1k and $1.25M, to the dollar, or always in thousands or millions."""
    size: Literal["base", "contracts"] = "base"
    """Base units, or contracts as the venue counts them (marked `ct`) where it says how many."""
    price: Literal["auto", "venue"] = "auto"
    """About five figures, or as many decimals as the venue's order book quotes."""
    price_decimals: Annotated[int, Meta(ge=0, le=10)] | None = None
    """So many decimals for every price, whatever `price` says."""
    percent_decimals: Annotated[int, Meta(ge=0, le=4)] | None = None
    """So many for every percentage; None: as each column needs."""
    thousands: Literal[",", " ", "'", "_", ""] = ","
    """Between thousands; empty: nothing."""
