"""Scenarios as tables: what happens when, and what should be seen. `docs/mock.md` is about these."""

from dataclasses import dataclass
from typing import Literal

Deed = Literal["move", "volatility", "depth", "drain", "private", "lights", "order", "corrupt"]


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a scenario.

    deed        what            value                                         over
    move        underlying, *   return as a fraction                          seconds it takes
    volatility  *               multiplier of the usual volatility
    depth       *               multiplier of the usual depth of all books
    drain       venue           fraction of its pools that is withdrawn
    private     venue           open, hang or fail: its private API
    lights      venue           served, frozen or hidden: its ADL lights
    order       account:symbol  fraction of the leg the user closes by order
    corrupt     venue           what is wrong with its replies, see `wire.py`; `none` ends it
    """

    at: float
    deed: Deed
    what: str = "*"
    value: float | str = 1.0
    over: float = 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story. `event` is the second to which 'jump to the event' jumps."""

    name: str
    title: str
    see: str
    event: float
    events: tuple[Event, ...]
    traders: int = 20_000
    funds: float = 1.0
    """Multiplier of every pool's first balance."""


def _crash(at: float) -> tuple[Event, ...]:
    return (
        Event(at, "volatility", value=3.0),
        Event(at, "depth", value=0.5),
        Event(at, "move", "BTC", -0.030, 5.0),
        Event(at, "move", "ETH", -0.045, 5.0),
        Event(at, "move", "WIF", -0.080, 5.0),
        Event(at + 5, "depth", value=0.15),
        Event(at + 6, "move", "BTC", -0.085, 10.0),
        Event(at + 6, "move", "ETH", -0.120, 10.0),
        Event(at + 6, "move", "WIF", -0.250, 10.0),
        Event(at + 30, "move", "*", 0.030, 20.0),
        Event(at + 40, "depth", value=0.6),
        Event(at + 60, "volatility", value=1.5),
    )


SCENARIOS = (
    Scenario("calm", "a quiet day", "Lights move by one level at most; no alert but those about funding.", 0.0, ()),
    Scenario(
        "cascade",
        "a crash, liquidations, an empty fund, and the short of a carry trade is taken",
        "20 s of quiet; the mark falls 3 %, then 8 % more; liquidations thin the books and empty the pools; the shorts in front "
        "are auto-deleveraged, among them the BTC short of btc-carry: naked long BTC, an incident.",
        20.0,
        _crash(20.0),
        funds=0.4,
    ),
)


def scenario(name: str) -> Scenario:
    """The scenario of that name; KeyError names those there are."""
    for found in SCENARIOS:
        if found.name == name:
            return found
    raise KeyError(f"no scenario {name!r}; there are {', '.join(s.name for s in SCENARIOS)}")
