"""A book under a joint shock: lights, liquidations and shields in order, with the arithmetic written out."""

from datetime import UTC, datetime
from typing import Any, cast

import msgspec
import numpy as np
import pytest

from adlwatch.domain.assess import States
from adlwatch.domain.crossing import EventKind
from adlwatch.domain.fact import Fact, Grade
from adlwatch.domain.light_scale import LightScale
from adlwatch.domain.model import Account, Candle, Holding, MarginMode, Market, Position, Side
from adlwatch.domain.queue import Queue, QueueKey
from adlwatch.domain.queue_priors import VenueKind
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.settings import Settings
from adlwatch.domain.venue import Facts, ShieldRule, VenueProfile
from adlwatch.domain.what_if_report import WhatIf, what_if

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class ScoreIsPlace:
    def place(self, score: Any, mark: Any, now: datetime) -> Any:
        return np.clip(score, 0.001, 1.0)


def perp(symbol: str, side: str, size: float = 1.0, account: str = "a", **more: Any) -> Position:
    fixed = {
        "venue": "v",
        "entry_price": 100.0,
        "mark_price": 100.0,
        "margin_mode": MarginMode.CROSS,
        "maintenance_margin": 0.5 * size,
        **more,
    }
    return Position(account=account, symbol=f"{symbol}/USDT:USDT", side=Side(side), size=size, **fixed)


def asked(
    moves: dict[str, float],
    *positions: Position,
    equity: float | None = 50.0,
    holdings: tuple[Holding, ...] = (),
    markets: tuple[Market, ...] = (),
    shield: ShieldRule | None = None,
    queued: bool = True,
) -> WhatIf:
    accounts = tuple(
        Account(id=name, venue="v", equity=equity, delta_neutral_mode=True) for name in {p.account for p in positions}
    )
    reading = Reading(
        source="s", as_of=NOW, received_at=NOW, positions=positions, holdings=holdings, accounts=accounts, markets=markets
    )
    facts = Facts(
        rule=Fact(grade=Grade.OFFICIAL, sources=(), value="binance-2025"),
        shield=None if shield is None else Fact(grade=Grade.OFFICIAL, sources=(), value=shield),
    )
    scale = LightScale(grade=Grade.UNKNOWN, sources=())
    profile = VenueProfile(id="v", title="v", kind=VenueKind.RETAIL, facts=facts, light=scale)
    queue = cast("Queue", ScoreIsPlace())
    queues = {QueueKey("v", p.symbol, p.side): queue for p in positions} if queued else {}
    state = SourceState(id="s", kind="book", interval=1.0, reading=reading)
    return what_if(States((state,), queues), Settings(profiles={"v": profile}), NOW, moves)


def test_positions_before_and_after() -> None:
    # BTC 100 to 85, short: U = 15, equity 65, score 15 / 65 = 0.23, light 2
    found = asked({"BTC": -0.15}, perp("BTC", "short"))
    (only,) = found.positions
    assert (only.mark, only.moved_mark, only.level, only.moved_level) == (100.0, 85.0, 1, 2)
    assert only.pnl_change == pytest.approx(15.0)
    assert only.account_equity == pytest.approx(65.0)
    assert only.moved_score == pytest.approx(15 / 65)
    assert not only.liquidated
    assert only.liquidation.computed
    assert found.label == "WHAT-IF"
    assert [(event.kind, event.level) for event in found.events] == [(EventKind.LIGHT, 2)]
    assert found.events[0].at == pytest.approx(12.5 / 15, abs=1e-6)


def test_loser_is_liquidated_on_the_way() -> None:
    # long: 50 - x = 0.5 (1 - x / 100) at x = 49.5 / 0.995 of the 60
    found = asked({"BTC": -0.6}, perp("BTC", "long"))
    assert found.positions[0].liquidated
    event = found.events[-1]
    assert (event.kind, event.key) == (EventKind.LIQUIDATION, "a:BTC/USDT:USDT:long")
    assert event.at == pytest.approx(49.5 / 0.995 / 60, abs=1e-6)


def test_other_coins_follow_bitcoin_by_their_beta() -> None:
    rng = np.random.default_rng(5).normal(0.0, 0.01, 40)

    def bars(symbol: str, beta: float) -> Market:
        closes = 100.0 * np.exp(np.cumsum(beta * rng))
        candles = tuple(
            Candle(NOW.replace(year=2025, day=1 + i // 24, hour=i % 24), 1.0, 1.0, 1.0, c) for i, c in enumerate(closes.tolist())
        )
        return Market(venue="v", symbol=f"{symbol}/USDT:USDT", candles=candles)

    found = asked(
        {"BTC": -0.1},
        perp("BTC", "short"),
        perp("ETH", "short"),
        perp("NEW", "short"),
        markets=(bars("BTC", 1.0), bars("ETH", 1.5), Market(venue="v", symbol="ETH/USDC:USDC")),
    )
    assert found.moves == {"BTC": -0.1, "ETH": pytest.approx(-0.15), "NEW": -0.1}
    assert found.assumed_betas == ("NEW",)


def test_shield_is_lost_on_the_way() -> None:
    # Long 1.1 coin against short 1 at 100 USD, equity 100: delta 10 / 100 = 0.1 of 0.12 allowed.
    # At a rise of x: 10 (1 + x) / (100 + 10 x) = 0.12  ->  x = 2 / 8.8
    rule = ShieldRule(measure="delta-to-equity", threshold=0.12, eligible="VIP")
    held = (Holding(account="a", venue="v", asset="BTC", amount=1.1, collateral=True),)
    found = asked({"BTC": 0.5}, perp("BTC", "short"), equity=100.0, holdings=held, shield=rule)
    lost = [event for event in found.events if event.kind is EventKind.SHIELD_LOST]
    assert [event.key for event in lost] == ["a:BTC"]
    assert lost[0].at == pytest.approx(2 / 8.8 / 0.5, abs=1e-6)
    assert lost[0].move == pytest.approx(2 / 8.8, abs=1e-6)
    assert not [
        e
        for e in asked({"BTC": 0.1}, perp("BTC", "short"), equity=100.0, holdings=held, shield=rule).events
        if e.kind is EventKind.SHIELD_LOST
    ]
    whitelist = ShieldRule(measure="whitelist", eligible="whitelist")
    assert not asked({"BTC": 0.1}, perp("BTC", "short"), shield=whitelist).events


def test_shielded_position_is_ranked_last_until_its_shield_goes() -> None:
    # As above, the other way: BTC -60 % lifts the short's score to 60 / 94 = 0.64, four lights, but the shield holds:
    # 10 (1 - x) / (100 - 10 x) only falls. Rising, it is lost on the way.
    rule = ShieldRule(measure="delta-to-equity", threshold=0.12, eligible="VIP")
    held = (Holding(account="a", venue="v", asset="BTC", amount=1.1, collateral=True),)
    down = asked({"BTC": -0.6}, perp("BTC", "short"), equity=100.0, holdings=held, shield=rule)
    assert (down.positions[0].level, down.positions[0].moved_level, down.events) == (1, 1, ())
    bare = asked({"BTC": -0.6}, perp("BTC", "short"), equity=100.0, holdings=held)
    assert bare.positions[0].moved_level == 4
    assert [event.level for event in bare.events] == [2, 3, 4]
    up = asked({"BTC": 0.5}, perp("BTC", "short", entry_price=170.0), equity=100.0, holdings=held, shield=rule)
    assert (up.positions[0].level, up.positions[0].moved_level) == (1, 1)


def test_unknown_stays_unknown() -> None:
    found = asked({"BTC": -0.1}, perp("BTC", "short", mark_price=None), equity=None, queued=False)
    (only,) = found.positions
    assert (only.moved_mark, only.pnl_change, only.level, only.moved_level, only.account_equity) == (None,) * 5
    assert found.events == ()
    assert b"NaN" not in msgspec.json.encode(found)


def test_move_of_a_coin_that_is_not_held_is_refused_but_bitcoin_may_lead() -> None:
    with pytest.raises(ValueError, match="move of DOGE: the book holds none; it holds ETH"):
        asked({"DOGE": -0.1}, perp("ETH", "short"))
    assert asked({"BTC": -0.1}, perp("ETH", "short")).moves == {"ETH": -0.1}
    with pytest.raises(ValueError, match="it holds nothing"):
        asked({"DOGE": -0.1})
    assert asked({}, perp("ETH", "short")).moves == {"ETH": 0.0}
