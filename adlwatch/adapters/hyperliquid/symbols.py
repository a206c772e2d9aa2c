"""Hyperliquid's coin names in the program's words."""

VENUE = "hyperliquid"
HIP3_VENUE = "hyperliquid-hip3"
USDC = "USDC"
USDC_TOKEN = 0


def dex_of(coin: str) -> str:
    """The HIP-3 dex of a coin (`xyz` of `xyz:XYZ100`); empty for the main dex."""
    return coin.rpartition(":")[0]


def venue_of(dex: str) -> str:
    """The venue id of a dex: HIP-3 markets have no backstop vault and are a venue of their own."""
    return HIP3_VENUE if dex else VENUE


def symbol(coin: str, settle: str = USDC) -> str:
    """The unified symbol, the dex kept in front: `xyz:XYZ100/USDC:USDC`."""
    return f"{coin}/{settle}:{settle}"


def is_perp(coin: str) -> bool:
    """Whether a coin of a fill is a perp: spot pairs are `@107` or `PURR/USDC`, outcome tokens `+…` or `#…`."""
    return "/" not in coin and coin[0] not in "@+#"
