"""You: what your accounts on the mock venues hold at the start, as data."""

from msgspec import Struct


class LegSpec(Struct, frozen=True):
    """A perp or future held at the start; `entry` is the entry price as a fraction of the start price."""

    symbol: str
    size: float
    """Signed base units."""
    entry: float
    leverage: float
    isolated: bool = False
    """An isolated leg has its notional over `leverage` as margin."""


class AccountSpec(Struct, frozen=True):
    """One account at the start. Cross legs together are levered `leverage` times against the account's equity."""

    id: str
    venue: str
    leverage: float
    legs: tuple[LegSpec, ...]
    holdings: tuple[tuple[str, float], ...] = ()
    owner: str | None = None
    delta_neutral: bool | None = None


class HedgeName(Struct, frozen=True):
    """A hedge as the user would name it: legs are `account:symbol:side` or `account:asset`."""

    name: str
    legs: tuple[str, ...]

    @property
    def accounts(self) -> tuple[str, ...]:
        """The account of each leg; the source of the first tells of the hedge."""
        return tuple(leg.partition(":")[0] for leg in self.legs)


YOU = (
    AccountSpec("alpha-main", "mock-alpha", 11.0, (LegSpec("BTC/USDT:USDT", -2.0, 1.003, 15),), (("BTC", 2.0),)),
    AccountSpec("alpha-pair", "mock-alpha", 6.0, (LegSpec("ETH/USDT:USDT", -40.0, 1.004, 10),)),
    AccountSpec(
        "beta-main",
        "mock-beta",
        3.0,
        (LegSpec("BTC/USDT:USDT", -1.2, 1.010, 5), LegSpec("BTC/USDT:USDT-270326", 1.2, 1.008, 5)),
    ),
    AccountSpec(
        "gamma-main",
        "mock-gamma",
        4.0,
        (LegSpec("ETH/USDC:USDC", 40.0, 1.003, 8), LegSpec("WIF/USDC:USDC", -60_000.0, 1.010, 4, isolated=True)),
    ),
    AccountSpec(
        "gamma-neutral",
        "mock-gamma",
        7.0,
        (LegSpec("ETH/USDC:USDC", -25.0, 1.040, 20),),
        (("ETH", 25.8),),
        owner="neutral-fund",
        delta_neutral=True,
    ),
)

HEDGES = (
    HedgeName("btc-carry", ("alpha-main:BTC/USDT:USDT:short", "alpha-main:BTC")),
    HedgeName("eth-pair", ("alpha-pair:ETH/USDT:USDT:short", "gamma-main:ETH/USDC:USDC:long")),
    HedgeName("btc-calendar", ("beta-main:BTC/USDT:USDT:short", "beta-main:BTC/USDT:USDT-270326:long")),
    HedgeName("eth-neutral", ("gamma-neutral:ETH/USDC:USDC:short", "gamma-neutral:ETH")),
)
