"""What can be filtered and sorted by: text and numbers of hedges, positions and balances by name, read only when asked for."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from msgspec import Struct

from adlwatch.domain.light import Light
from adlwatch.domain.snapshot import HedgeView, HoldingView, IfClosed, PositionView, StressLevel

Item = HedgeView | PositionView | HoldingView
Known = Item | IfClosed
"""What a field can be read from: an item, or what is left without it."""
T = TypeVar("T")


def _level(light: Light | None) -> float | None:
    return float(light.level) if light is not None and light.level is not None else None


def _size(value: float | None) -> float | None:
    return abs(value) if value is not None else None


def _most(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def whole(hedge: HedgeView) -> Iterable[IfClosed]:
    """What is left of a hedge without one of its legs, a leg at a time."""
    return (closed for closed in hedge.if_closed if closed.fraction >= 1)


Read = Callable[[Any], T]
STRESSED = (StressLevel.CALM, StressLevel.WATCH, StressLevel.WARNING, StressLevel.CRITICAL)

TEXTS: Mapping[type[Known], Mapping[str, Read[str]]] = MappingProxyType(
    {
        HedgeView: {
            "name": lambda h: h.name,
            "underlying": lambda h: h.underlying,
            "kind": lambda h: h.kind,
            "side": lambda h: h.kind,
            "shield": lambda h: h.shield.state,
        },
        PositionView: {
            "name": lambda p: p.hedge or "",
            "underlying": lambda p: p.underlying,
            "account": lambda p: p.account,
            "venue": lambda p: p.venue,
            "symbol": lambda p: p.symbol,
            "side": lambda p: p.side.value,
            "source": lambda p: p.source,
            "margin": lambda p: p.margin_mode.value if p.margin_mode is not None else "",
            "stress": lambda p: p.stress.value if p.stress is not None else "",
        },
        HoldingView: {
            "name": lambda h: h.hedge or "",
            "underlying": lambda h: h.underlying,
            "account": lambda h: h.account,
            "venue": lambda h: h.venue,
            "symbol": lambda h: h.asset,
            "side": lambda h: "long" if h.amount >= 0 else "short",
            "source": lambda h: h.source,
        },
        IfClosed: {},
    }
)
NUMBERS: Mapping[type[Known], Mapping[str, Read[float | None]]] = MappingProxyType(
    {
        HedgeView: {
            "light": lambda h: _level(h.light),
            "naked": lambda h: _size(h.naked_usd),
            "notional": lambda h: h.gross_usd,
            "pnl": lambda h: h.unrealized_pnl,
            "next": lambda h: abs(h.next_light.move) if h.next_light is not None else None,
            "liq": lambda h: h.liquidation_distance,
            "age": lambda h: h.age_seconds,
            "size": lambda h: _size(h.net_delta),
            "net": lambda h: _size(h.net_usd),
            "nextin": lambda h: h.next_light.minutes if h.next_light is not None else None,
            "liqin": lambda h: h.liquidation_minutes,
            "loss": lambda h: _most(closed.loss_per_1pct for closed in whole(h)),
            "rebuild": lambda h: _most(closed.rebuild_usd for closed in whole(h)),
            "carry": lambda h: h.carry_apr,
            "basis": lambda h: h.basis,
        },
        PositionView: {
            "light": lambda p: _level(p.light),
            "score": lambda p: p.score.value,
            "notional": lambda p: p.notional,
            "pnl": lambda p: p.unrealized_pnl,
            "next": lambda p: abs(p.next_light.move) if p.next_light is not None else None,
            "liq": lambda p: p.liquidation.distance,
            "age": lambda p: p.age_seconds,
            "size": lambda p: p.size,
            "mark": lambda p: p.mark_price,
            "entry": lambda p: p.entry_price,
            "leverage": lambda p: p.leverage,
            "estimate": lambda p: _level(p.estimate),
            "nextin": lambda p: p.next_light.minutes if p.next_light is not None else None,
            "liqprice": lambda p: p.liquidation.price,
            "liqin": lambda p: p.liquidation.minutes,
            "stress": lambda p: float(STRESSED.index(p.stress)) if p.stress in STRESSED else None,
        },
        HoldingView: {
            "notional": lambda h: _size(h.value_usd),
            "age": lambda h: h.age_seconds,
            "size": lambda h: _size(h.amount),
            "mark": lambda h: h.price,
        },
        IfClosed: {
            "naked": lambda c: _size(c.naked_usd),
            "loss": lambda c: c.loss_per_1pct,
            "rebuild": lambda c: c.rebuild_usd,
        },
    }
)
TEXT_NAMES = ("name", "underlying", "account", "venue", "symbol", "side", "kind", "source", "margin", "stress", "shield")
NUMBER_NAMES = (
    *("light", "estimate", "score", "naked", "net", "notional", "pnl", "next", "nextin", "liq", "liqin", "liqprice", "age"),
    *("size", "mark", "entry", "leverage", "loss", "rebuild", "carry", "basis"),
)
LARGEST_FIRST = frozenset(
    {"light", "estimate", "score", "naked", "net", "notional", "age", "size", "mark", "entry", "leverage", "loss", "rebuild"}
    | {"stress"}
)
"""Numbers whose large values are the ones to look at; of the others, the small."""


class Subject(Struct, frozen=True):
    """What a filter looks at: an item, and after it what it belongs to, which fills in the fields that the item lacks."""

    items: tuple[Known, ...]

    def texts(self) -> list[str]:
        """Every text there is."""
        return [read(item) for item in self.items for read in TEXTS[type(item)].values()]

    def text(self, name: str) -> list[str]:
        """The texts of that name."""
        return [TEXTS[type(item)][name](item) for item in self.items if name in TEXTS[type(item)]]

    def number(self, name: str) -> float | None:
        """The first known number of that name."""
        reads = ((NUMBERS[type(item)].get(name), item) for item in self.items)
        return next((value for read, item in reads if read is not None and (value := read(item)) is not None), None)

    @property
    def severity(self) -> str | None:
        """That of the last item which has one: a hedge's stands for its legs."""
        judged = (item for item in reversed(self.items) if isinstance(item, HedgeView | PositionView))
        return next((item.severity.value for item in judged), None)
