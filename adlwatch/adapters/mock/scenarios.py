"""Scenarios as tables: what happens when, and what should be seen. `docs/mock.md` is about these."""

from typing import Literal

from msgspec import Struct, structs

from adlwatch.adapters.mock.portfolio import YOU, AccountSpec, LegSpec

Deed = Literal["move", "volatility", "depth", "drain", "private", "lights", "order", "corrupt"]


class Event(Struct, frozen=True):
    """One line of a scenario.

    deed        what            value                                         over
    move        underlying, *   return as a fraction                          seconds it takes
    volatility  *               multiplier of the usual volatility
    depth       *               multiplier of the usual depth of all books
    drain       venue, *        fraction of its pools that is withdrawn
    private     venue           open, hang or fail: its private API
    lights      venue           served, frozen or hidden: its ADL lights
    order       account:symbol  fraction of the leg that the user closes by order
    corrupt     venue           what is wrong with its replies, see `wire.corrupt`; `none` ends it
    """

    at: float
    deed: Deed
    what: str = "*"
    value: float | str = 1.0
    over: float = 0.0


class Scenario(Struct, frozen=True):
    """A story. `event` is the second to which 'jump to the event' jumps."""

    name: str
    title: str
    see: str
    event: float
    events: tuple[Event, ...]
    you: tuple[AccountSpec, ...] = YOU
    traders: int = 20_000
    funds: float = 1.0
    """Multiplier of every pool's first balance."""
    leverage: float = 1.0
    """Multiplier of the leverage that the crowd sets."""


def _levered(account: str, leverage: float) -> tuple[AccountSpec, ...]:
    """You, with another leverage in one account."""
    return tuple(structs.replace(spec, leverage=leverage) if spec.id == account else spec for spec in YOU)


def _moves(at: float, over: float, **returns: float) -> tuple[Event, ...]:
    return tuple(Event(at, "move", name, value, over) for name, value in returns.items())


_QUIET = 20.0
_CRASH = (
    Event(_QUIET, "volatility", value=3.0),
    Event(_QUIET, "depth", value=0.5),
    *_moves(_QUIET, 5.0, BTC=-0.030, ETH=-0.045, WIF=-0.080),
    Event(_QUIET + 5, "depth", value=0.15),
    *_moves(_QUIET + 6, 10.0, BTC=-0.105, ETH=-0.140, WIF=-0.280),
    Event(_QUIET + 30, "move", "*", 0.030, 20.0),
    Event(_QUIET + 40, "depth", value=0.6),
    Event(_QUIET + 60, "volatility", value=1.5),
)
_WHALES = (
    AccountSpec("alpha-main", "mock-alpha", 14.0, (LegSpec("BTC/USDT:USDT", -2_400.0, 1.020, 20),), (("BTC", 2_400.0),)),
    AccountSpec("alpha-pair", "mock-alpha", 14.0, (LegSpec("ETH/USDT:USDT", -40_000.0, 1.020, 20),), (("ETH", 40_000.0),)),
)

SCENARIOS = (
    Scenario(
        "calm",
        "a quiet day",
        "Prices wander, lights move by a level now and then, pools stay full: hardly a liquidation, nobody deleveraged.",
        0.0,
        (),
    ),
    Scenario(
        "grind",
        "a slow fall",
        "The market loses 6 % in ten minutes. Lights of the shorts climb one by one, each at its refresh; the estimate is "
        "there before. Books and pools hold: no ADL.",
        60.0,
        (Event(10, "volatility", value=1.5), *_moves(10, 600.0, BTC=-0.06, ETH=-0.075, WIF=-0.10)),
        funds=5.0,
    ),
    Scenario(
        "cascade",
        "a crash, liquidations, empty pools, and the short of a carry trade is taken",
        "20 s of quiet; the mark falls 3 % in 5 s, then 10 % more in 10 s; liquidations thin the books and empty the pools "
        "within seconds; the front shorts are auto-deleveraged, among them the BTC short of btc-carry: naked long BTC, an "
        "incident. The shielded short of eth-neutral stays although its score is at the front.",
        _QUIET,
        _CRASH,
        funds=0.4,
    ),
    Scenario(
        "squeeze",
        "the other way: longs are taken",
        "Everything rises: BTC 12 %, ETH 18 %, WIF 40 %. Shorts are liquidated, the WIF short among them; the ETH long of "
        "eth-pair is deleveraged: naked short ETH in a rising market.",
        _QUIET,
        (
            Event(_QUIET, "volatility", value=2.0),
            Event(_QUIET, "depth", value=0.15),
            *_moves(_QUIET, 12.0, BTC=0.12, ETH=0.18, WIF=0.40),
        ),
        you=_levered("gamma-main", 13.0),
        funds=0.2,
    ),
    Scenario(
        "alt-gap",
        "a thin altcoin falls through its book",
        "WIF gaps down 35 % within 2 s while BTC and ETH hardly move. Only the pool gamma-alts empties; the unhedged WIF short "
        "is closed at a profit it did not choose.",
        15.0,
        (Event(14, "depth", value=0.3), *_moves(15, 2.0, WIF=-0.35)),
    ),
    Scenario(
        "fund-drain",
        "the pools go first",
        "Withdrawals take the pools to nothing within 30 s; markets warn while every light is still as it was. Then 4 % down is "
        "enough to deleverage somebody.",
        45.0,
        (
            *(Event(10.0 + 5 * i, "drain", value=0.6) for i in range(6)),
            Event(40, "drain"),
            Event(44, "depth", value=0.2),
            *_moves(45, 4.0, BTC=-0.04, ETH=-0.055, WIF=-0.09),
        ),
    ),
    Scenario(
        "outage",
        "a venue goes dark in the middle of a cascade",
        "As in cascade, but the private API of mock-beta hangs from 24 s, answers 503 from 34 s, and is back at 44 s: its "
        "source turns late, stale and failing, its last known legs stay on screen with their age. Back, it tells that the BTC "
        "short of btc-calendar was taken meanwhile.",
        _QUIET,
        (
            *_CRASH,
            Event(24, "private", "mock-beta", "hang"),
            Event(34, "private", "mock-beta", "fail"),
            Event(44, "private", "mock-beta", "open"),
        ),
        you=_levered("beta-main", 10.0),
        funds=0.4,
    ),
    Scenario(
        "flap",
        "a light at a boundary",
        "BTC and ETH swing by half a percent with a period of a minute: lights near a boundary go up and down with every "
        "refresh. Alerts should not.",
        0.0,
        tuple(
            event
            for i in range(30)
            for event in _moves(5.0 + 30 * i, 15.0, BTC=0.006 * (-1) ** (i + 1), ETH=0.007 * (-1) ** (i + 1))
        ),
    ),
    Scenario(
        "bad-data",
        "replies that cannot be trusted",
        "mock-alpha: mark NaN (10 to 16 s: scores unknown, named), replies older than the last (40 to 46 s). mock-beta: "
        "positions without entry price (20 to 26 s), nothing at all (50 to 56 s). mock-gamma: a position is missing and comes "
        "back (30 to 36 s), HTML (60 to 66 s), lights frozen from 70 s and hidden from 130 s.",
        10.0,
        (
            Event(10, "corrupt", "mock-alpha", "nan-mark"),
            Event(16, "corrupt", "mock-alpha", "none"),
            Event(20, "corrupt", "mock-beta", "missing"),
            Event(26, "corrupt", "mock-beta", "none"),
            Event(30, "corrupt", "mock-gamma", "vanish"),
            Event(36, "corrupt", "mock-gamma", "none"),
            Event(40, "corrupt", "mock-alpha", "crossed"),
            Event(46, "corrupt", "mock-alpha", "none"),
            Event(50, "corrupt", "mock-beta", "empty"),
            Event(56, "corrupt", "mock-beta", "none"),
            Event(60, "corrupt", "mock-gamma", "html"),
            Event(66, "corrupt", "mock-gamma", "none"),
            Event(70, "lights", "mock-gamma", "frozen"),
            Event(130, "lights", "mock-gamma", "hidden"),
        ),
    ),
    Scenario(
        "burst",
        "hundreds of ADL fills in a second",
        "A gap of 14 % in one step bankrupts hundreds of small longs at once while the pools are empty. Two large accounts "
        "are the front of their queues: each bankrupt long is one fill of theirs. One incident each, not hundreds.",
        15.0,
        (Event(14, "drain"), Event(14, "depth", value=0.05), *_moves(15, 0.25, BTC=-0.14, ETH=-0.14)),
        you=_WHALES,
        traders=6_000,
        leverage=3.0,
    ),
    Scenario(
        "shield-cliff",
        "a small trim takes the shield from the rest",
        "As in cascade, but at 10 s an own order closes 4 % of the short of eth-neutral: the account is 7 % net long, beyond the "
        "venue's 5 %, the shield is gone, and the cascade takes the short.",
        _QUIET,
        (Event(10, "order", "gamma-neutral:ETH/USDC:USDC", 0.04), *_CRASH),
        you=_levered("gamma-neutral", 14.0),
        funds=0.4,
    ),
)


def scenario(name: str) -> Scenario:
    """The scenario of that name; KeyError names those there are."""
    for found in SCENARIOS:
        if found.name == name:
            return found
    raise KeyError(f"no scenario {name!r}; there are {', '.join(s.name for s in SCENARIOS)}")


_FILLS_PER_TRADER = 0.08
"""Own ADL fills of `burst` for each trader of its world, measured."""


def burst(fills: int) -> Scenario:
    """`burst` in a world large enough for about `fills` own ADL fills within a second."""
    return structs.replace(scenario("burst"), traders=max(2_000, round(fills / _FILLS_PER_TRADER)))
