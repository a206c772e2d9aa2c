"""What can be filtered and sorted by: text and numbers of hedges, positions and balances by name, read only when asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

from adlwatch.domain.light import Light
from adlwatch.domain.snapshot import HedgeView, HoldingView, PositionView

Item = HedgeView | PositionView | HoldingView
T = TypeVar("T")


def _level(light: Light | None) -> float | None:
    return float(light.level) if light is not None and light.level is not None else None


def _size(value: float | None) -> float | None:
    return abs(value) if value is not None else None


Read = Callable[[Any], T]

TEXTS: Mapping[type[Item], Mapping[str, Read[str]]] = MappingProxyType(
    {
        HedgeView: {"name": lambda h: h.name, "underlying": lambda h: h.underlying, "kind": lambda h: h.kind},
        PositionView: {
            "name": lambda p: p.hedge or "",
            "underlying": lambda p: p.underlying,
            "account": lambda p: p.account,
            "venue": lambda p: p.venue,
            "symbol": lambda p: p.symbol,
            "side": lambda p: p.side.value,
            "source": lambda p: p.source,
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
    }
)
NUMBERS: Mapping[type[Item], Mapping[str, Read[float | None]]] = MappingProxyType(
    {
        HedgeView: {
            "light": lambda h: _level(h.light),
            "naked": lambda h: _size(h.naked_usd),
            "notional": lambda h: h.gross_usd,
            "pnl": lambda h: h.unrealized_pnl,
            "next": lambda h: abs(h.next_light.move) if h.next_light is not None else None,
            "liq": lambda h: h.liquidation_distance,
            "age": lambda h: h.age_seconds,
        },
        PositionView: {
            "light": lambda p: _level(p.light),
            "score": lambda p: p.score.value,
            "notional": lambda p: p.notional,
            "pnl": lambda p: p.unrealized_pnl,
            "next": lambda p: abs(p.next_light.move) if p.next_light is not None else None,
            "liq": lambda p: p.liquidation.distance,
            "age": lambda p: p.age_seconds,
        },
        HoldingView: {"notional": lambda h: _size(h.value_usd), "age": lambda h: h.age_seconds},
    }
)
TEXT_NAMES = ("name", "underlying", "account", "venue", "symbol", "side", "kind", "source")
NUMBER_NAMES = ("light", "score", "naked", "notional", "pnl", "next", "liq", "age")
LARGEST_FIRST = frozenset({"light", "score", "naked", "notional", "age"})
"""Numbers whose large values are the ones to look at; of the others, the small."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a filter looks at: an item, and after it what it belongs to, which fills in the fields that the item lacks."""

    items: tuple[Item, ...]

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
        return next((item.severity.value for item in reversed(self.items) if not isinstance(item, HoldingView)), None)
