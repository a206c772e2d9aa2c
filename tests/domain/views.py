"""Views made by hand: one carry trade, its source, and what may become of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from adlwatch.domain.light import Light, LightSource, LightState
from adlwatch.domain.model import Side
from adlwatch.domain.position_score import Score
from adlwatch.domain.reading import Health
from adlwatch.domain.snapshot import (
    HedgeView,
    HoldingView,
    Liquidation,
    PositionView,
    Severity,
    Shield,
    Snapshot,
    SourceView,
)

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
SHORT = "main:BTC/USDT:USDT:short"
SPOT = "main:BTC"
FAR = Liquidation(price=90_000.0, distance=0.8)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def lit(level: int) -> Light:
    return Light(state=LightState.LIT, level=level, source=LightSource.VENUE)


def position(size: float = 2.0, light: Light | None = None, **changes: Any) -> PositionView:
    shown = lit(2) if light is None else light
    fields: dict[str, Any] = {
        "key": SHORT,
        "account": "main",
        "venue": "binance",
        "symbol": "BTC/USDT:USDT",
        "side": Side.SHORT,
        "size": size,
        "notional": size * 50_000.0,
        "entry_price": 60_000.0,
        "mark_price": 50_000.0,
        "unrealized_pnl": 0.0,
        "score": Score(rule="binance-2025"),
        "light": shown,
        "estimate": shown,
        "liquidation": FAR,
        "severity": Severity.OK,
        "underlying": "BTC",
        "hedge": "btc-carry",
        "source": "s",
    }
    return PositionView(**fields | changes)


def holding(amount: float = 2.0, price: float | None = 50_000.0) -> HoldingView:
    value = None if price is None else amount * price
    return HoldingView(
        key=SPOT,
        account="main",
        venue="binance",
        asset="BTC",
        underlying="BTC",
        amount=amount,
        price=price,
        value_usd=value,
        hedge="btc-carry",
        source="s",
    )


def hedge(net: float | None = 0.0, ratio: float | None = 1.0, **changes: Any) -> HedgeView:
    fields: dict[str, Any] = {
        "name": "btc-carry",
        "underlying": "BTC",
        "kind": "cash-and-carry",
        "legs": (SHORT, SPOT),
        "net_delta": net,
        "hedge_ratio": ratio,
        "if_closed": (),
        "shield": Shield(state="not-eligible"),
        "severity": Severity.OK,
        "net_usd": None if net is None else net * 50_000.0,
    }
    return HedgeView(**fields | changes)


def source(health: Health = Health.LIVE, id_: str = "s", **changes: Any) -> SourceView:
    return SourceView(id=id_, health=health, age_seconds=1.0, error=None, **changes)


def snapshot(t: float = 0.0, **changes: Any) -> Snapshot:
    fields: dict[str, Any] = {
        "as_of": at(t),
        "severity": Severity.OK,
        "positions": (position(),),
        "holdings": (holding(),),
        "hedges": (hedge(),),
        "sources": (source(),),
    }
    return Snapshot(**fields | changes)
