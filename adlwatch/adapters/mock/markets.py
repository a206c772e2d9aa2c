"""The field of play as data: underlyings, venues, markets, kinds of traders. Amounts in USD, times in seconds."""

from msgspec import Struct

STEP = 0.25
"""Length of a step of the simulation."""
HOUR = 3600.0
DAY = 24 * HOUR
YEAR = 365 * DAY


class Underlying(Struct, frozen=True):
    """What an index is about. `volatility` is per year; `factor` is the share of its variance that is the market's own."""

    name: str
    price: float
    volatility: float
    factor: float


UNDERLYINGS = (
    Underlying("BTC", 112_400.0, 0.50, 0.85),
    Underlying("ETH", 3_950.0, 0.70, 0.75),
    Underlying("WIF", 0.82, 1.40, 0.45),
)


class Venue(Struct, frozen=True):
    """What the simulation must know of a venue to run it; its profile in `adlwatch/venues` says the same to the program."""

    name: str
    rule: str
    closing: str
    """`bankruptcy` or `previous-mark`."""
    light: str
    """Raw scale served: `0..4`, `1=front` (1 worst, 5 best, 6 none) or `0..1`."""
    fee: float
    liquidation_fee: float
    shield: float | None = None
    """Largest |net| / larger side of a delta-neutral account that is ranked last."""


VENUES = (
    Venue("mock-alpha", "binance-2025", "bankruptcy", "0..4", 0.0005, 0.0050),
    Venue("mock-beta", "value", "bankruptcy", "1=front", 0.0005, 0.0050),
    Venue("mock-gamma", "hyperliquid-engine", "previous-mark", "0..1", 0.00045, 0.0040, shield=0.05),
)

LIGHT_CADENCE = 30.0


class Pool(Struct, frozen=True):
    """An insurance pool; `cover` is its first balance as a fraction of its markets' open interest."""

    venue: str
    name: str
    cover: float


POOLS = (
    Pool("mock-alpha", "alpha-majors", 0.0040),
    Pool("mock-beta", "beta-btc", 0.0040),
    Pool("mock-gamma", "gamma-majors", 0.0040),
    Pool("mock-gamma", "gamma-alts", 0.0020),
)


class Market(Struct, frozen=True):
    """One perp or dated future. `depth` is the resting quantity within `reach` of the mid, as a fraction of open interest."""

    venue: str
    symbol: str
    underlying: int
    pool: int
    traders: float
    """Share of all traders."""
    open_interest: float
    """USD, one side."""
    turnover: float
    """Traded in 24 h as a multiple of open interest, at least what the crowd's own comings and goings need."""
    depth: float
    funding_hours: float | None
    basis: float
    """Premium that the market comes back to."""
    tiers: tuple[tuple[float, float], ...]
    """(notional from which, maintenance rate), ascending."""

    @property
    def key(self) -> tuple[str, str]:
        """Venue and symbol."""
        return self.venue, self.symbol


_MAJOR = ((0.0, 0.005), (1_000_000.0, 0.010), (8_000_000.0, 0.025))
_ALT = ((0.0, 0.015), (200_000.0, 0.030), (2_000_000.0, 0.060))
REACH = 0.05

MARKETS = (
    Market("mock-alpha", "BTC/USDT:USDT", 0, 0, 0.24, 480e6, 4.0, 0.050, 8.0, 0.0002, _MAJOR),
    Market("mock-alpha", "ETH/USDT:USDT", 1, 0, 0.20, 280e6, 4.5, 0.045, 8.0, 0.0002, _MAJOR),
    Market("mock-beta", "BTC/USDT:USDT", 0, 1, 0.16, 180e6, 4.0, 0.040, 8.0, 0.0001, _MAJOR),
    Market("mock-beta", "BTC/USDT:USDT-270326", 0, 1, 0.08, 56e6, 3.0, 0.030, None, 0.0150, _MAJOR),
    Market("mock-gamma", "ETH/USDC:USDC", 1, 2, 0.18, 160e6, 4.5, 0.040, 1.0, 0.0002, _MAJOR),
    Market("mock-gamma", "WIF/USDC:USDC", 2, 3, 0.14, 16e6, 6.0, 0.025, 1.0, 0.0004, _ALT),
)


class Kind(Struct, frozen=True):
    """One kind of trader. `momentum` above 0 follows the move of the last hours, below 0 fades it."""

    name: str
    share: float
    holding: float
    """Mean time a position is held."""
    leverage: float
    """Median leverage set; the spread is lognormal."""
    spread: float
    isolated: float
    """Share with isolated margin."""
    spare: float
    """Median of what a cross account holds above the margin its leverage asks for, as a multiple of that margin."""
    momentum: float
    long_bias: float
    """Log odds of being long in a quiet market."""
    stops: float
    """Share with a stop order."""
    size: float
    """Median notional, USD, before scaling to the market's open interest."""


KINDS = (
    Kind("scalper", 0.04, 40 * 60.0, 20.0, 0.7, 0.60, 1.5, 0.9, 0.10, 0.60, 1_200.0),
    Kind("day", 0.28, 7 * HOUR, 10.0, 0.8, 0.45, 2.0, 0.6, 0.25, 0.40, 1_500.0),
    Kind("fader", 0.16, 20 * HOUR, 7.0, 0.7, 0.35, 2.5, -0.9, 0.00, 0.30, 2_000.0),
    Kind("swing", 0.32, 4 * DAY, 5.0, 0.7, 0.30, 3.0, 0.4, 0.35, 0.25, 3_000.0),
    Kind("carry", 0.20, 18 * DAY, 3.0, 0.5, 0.10, 2.5, 0.0, -0.80, 0.05, 9_000.0),
)

SIZE_SPREAD = 1.7
"""Standard deviation of the logarithm of notional: the middle 90 % of traders span two and a half orders of magnitude."""
POSITION_LIMIT = 0.01
"""Largest position that a venue admits, as a fraction of a market's usual open interest."""
MAX_LEVERAGE = 100.0
MAINTENANCE_SHARE = 0.6
"""A position is opened with initial margin of at least maintenance over this."""


def venue(name: str) -> Venue:
    """The venue of that name; KeyError otherwise."""
    for found in VENUES:
        if found.name == name:
            return found
    raise KeyError(name)


def market_index(venue_name: str, symbol: str) -> int:
    """Position of a market in `MARKETS`; KeyError where there is none."""
    for i, market in enumerate(MARKETS):
        if market.key == (venue_name, symbol):
            return i
    raise KeyError(venue_name, symbol)
