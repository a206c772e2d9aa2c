"""Snapshots made by hand: the example board of the interface, and the states in which a screen has to say more."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from adlwatch.domain.light import UNKNOWN, Light, LightSource, LightState
from adlwatch.domain.model import MarginMode, Side
from adlwatch.domain.position_score import Score, Term
from adlwatch.domain.reading import Health
from adlwatch.domain.snapshot import (
    HedgeView,
    HoldingView,
    IfClosed,
    Liquidation,
    NextLight,
    PositionView,
    Severity,
    Shield,
    Snapshot,
    SourceView,
)

NOW = datetime(2026, 11, 22, 16, 20, 31, tzinfo=UTC)
NO_SHIELD = Shield(state="unknown")


def lit(
    level: int, source: LightSource = LightSource.VENUE, interval: tuple[int, int] | None = None, age: float | None = None
) -> Light:
    return Light(state=LightState.LIT, level=level, source=source, interval=interval, age_seconds=age)


BTC_SHORT = PositionView(
    key="bin-main:BTC/USDT:USDT:short",
    account="bin-main",
    venue="binance",
    symbol="BTC/USDT:USDT",
    side=Side.SHORT,
    size=1.5,
    notional=81_000.0,
    entry_price=60_000.0,
    mark_price=54_000.0,
    unrealized_pnl=9_000.0,
    score=Score(
        rule="binance-2025",
        value=0.147,
        pnl_ratio=0.1111,
        effective_leverage=1.3235,
        terms=(Term("unrealized_pnl", 9_000.0), Term("notional", 81_000.0), Term("equity", 61_200.0)),
    ),
    light=Light(state=LightState.LIT, level=4, source=LightSource.VENUE, interval=(4, 4), age_seconds=20.0, raw=3),
    estimate=Light(state=LightState.LIT, level=4, source=LightSource.CALIBRATED, interval=(3, 4), quantile=0.71, observations=7),
    liquidation=Liquidation(price=71_000.0, distance=0.3148),
    severity=Severity.WARNING,
    other_scores=(Score(rule="binance-legacy", value=0.022),),
    next_light=NextLight(level=5, mark=51_900.0, move=-0.0389),
    underlying="BTC",
    hedge="btc-carry",
    source="bin-main",
    margin_mode=MarginMode.CROSS,
    leverage=5.0,
    age_seconds=2.0,
    chance_up=0.04,
    reasons=("light 4 of 5 on a hedged leg",),
)
BTC_SPOT = HoldingView(
    key="bin-main:BTC",
    account="bin-main",
    venue="binance",
    asset="BTC",
    underlying="BTC",
    amount=1.5,
    price=54_010.0,
    value_usd=81_015.0,
    hedge="btc-carry",
    source="bin-main",
    age_seconds=2.0,
)
BTC_CARRY = HedgeView(
    name="btc-carry",
    underlying="BTC",
    kind="cash-and-carry",
    legs=(BTC_SPOT.key, BTC_SHORT.key),
    net_delta=0.0,
    hedge_ratio=1.0,
    if_closed=tuple(
        IfClosed(leg=BTC_SHORT.key, fraction=f, naked_units=1.5 * f, naked_usd=81_000.0 * f, loss_per_1pct=810.0 * f)
        for f in (0.25, 0.5, 1.0)
    ),
    shield=Shield(state="at-risk", ratio=0.041, threshold=0.05, headroom_units=0.0135, headroom_usd=729.0, account="bin-main"),
    severity=Severity.WARNING,
    gross_usd=162_015.0,
    unrealized_pnl=120.0,
    basis=-0.000185,
    light=BTC_SHORT.light,
    worst_leg=BTC_SHORT.key,
    next_light=BTC_SHORT.next_light,
    liquidation_distance=0.3148,
    naked_usd=81_000.0,
    net_usd=15.0,
    age_seconds=2.0,
    reasons=("light 4 of 5 on a hedged leg",),
)


def perp(account: str, asset: str, side: Side, *, size: float, mark: float, light: Light, **changes: object) -> PositionView:
    made = PositionView(
        key=f"{account}:{asset}/USDT:USDT:{side}",
        account=account,
        venue=account.split("-", maxsplit=1)[0],
        symbol=f"{asset}/USDT:USDT",
        side=side,
        size=size,
        notional=size * mark,
        entry_price=mark * 1.02,
        mark_price=mark,
        unrealized_pnl=-side.sign * size * mark * 0.02,
        score=Score(rule="value", value=0.311),
        light=light,
        estimate=light,
        liquidation=Liquidation(price=mark * 1.44, distance=0.44, computed=True),
        severity=Severity.OK,
        underlying=asset,
        source=account,
        age_seconds=1.0,
    )
    return replace(made, **changes)


ETH_LONG = perp(
    "okx-2",
    "ETH",
    Side.LONG,
    size=6.3,
    mark=3_459.0,
    light=lit(2),
    hedge="eth-arb",
    liquidation=Liquidation(price=3_040.0, distance=0.121),
)
ETH_SHORT = perp("bybit-1", "ETH", Side.SHORT, size=6.3, mark=3_460.0, light=lit(1), hedge="eth-arb")
ETH_ARB = HedgeView(
    name="eth-arb",
    underlying="ETH",
    kind="perp-perp",
    legs=(ETH_LONG.key, ETH_SHORT.key),
    net_delta=0.0,
    hedge_ratio=1.0,
    if_closed=(
        IfClosed(leg=ETH_LONG.key, fraction=1.0, naked_units=-6.3, naked_usd=-22_000.0, loss_per_1pct=220.0),
        IfClosed(leg=ETH_SHORT.key, fraction=1.0, naked_units=6.3, naked_usd=22_000.0, loss_per_1pct=220.0),
    ),
    shield=NO_SHIELD,
    severity=Severity.WATCH,
    gross_usd=44_100.0,
    unrealized_pnl=-31.0,
    light=ETH_LONG.light,
    next_light=NextLight(level=3, mark=3_210.0, move=-0.072),
    liquidation_distance=0.121,
    naked_usd=-22_000.0,
    age_seconds=1.0,
)
SOL = perp(
    "okx-2",
    "SOL",
    Side.SHORT,
    size=68.0,
    mark=144.1,
    light=lit(3, LightSource.MODELLED, (2, 4)),
    hedge="sol",
    next_light=NextLight(level=4, mark=141.2, move=-0.02),
    severity=Severity.WATCH,
)
SOL_ALONE = HedgeView(
    name="sol",
    underlying="SOL",
    kind="unhedged",
    legs=(SOL.key,),
    net_delta=-68.0,
    hedge_ratio=0.0,
    if_closed=(IfClosed(leg=SOL.key, fraction=1.0, naked_units=0.0, naked_usd=0.0, loss_per_1pct=0.0),),
    shield=NO_SHIELD,
    severity=Severity.WATCH,
    gross_usd=9_799.0,
    unrealized_pnl=410.0,
    light=SOL.light,
    worst_leg=SOL.key,
    next_light=SOL.next_light,
    liquidation_distance=0.44,
    naked_usd=0.0,
    age_seconds=1.0,
)


def source(id_: str, health: Health = Health.LIVE, age: float | None = 2.0, **changes: object) -> SourceView:
    made = SourceView(
        id=id_,
        health=health,
        age_seconds=age,
        error=None,
        kind="binance",
        last_success=NOW - timedelta(seconds=age or 0),
        next_attempt=NOW + timedelta(seconds=3),
        latency=0.123,
        interval=5.0,
        positions=1,
    )
    return replace(made, **changes)


SNAPSHOT = Snapshot(
    as_of=NOW,
    severity=Severity.WARNING,
    positions=(BTC_SHORT, ETH_LONG, ETH_SHORT, SOL),
    hedges=(SOL_ALONE, ETH_ARB, BTC_CARRY),
    holdings=(BTC_SPOT,),
    sources=(source("bin-main"), source("okx-2", age=4.0), source("bybit-1")),
    label="MOCK cascade ×10",
)
NO_LIGHT = replace(BTC_SHORT, light=UNKNOWN, estimate=UNKNOWN, score=Score(rule="binance-2025", missing=("equity",)))
