"""A changed position: what its size, entry, margin and account become."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlwatch.domain.edit import adjusted, edited, grown
from adlwatch.domain.gather import PositionRow, gather
from adlwatch.domain.model import Account, Contract, MarginMode, Position, Side
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.value import unrealized_pnl

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def states(**more: Any) -> tuple[SourceState, ...]:
    fixed = {
        "size": 2.0,
        "entry_price": 100.0,
        "mark_price": 80.0,
        "margin_mode": MarginMode.CROSS,
        "maintenance_margin": 1.0,
        **more,
    }
    only = Position(account="a", venue="v", symbol="BTC/USDT:USDT", side=Side.SHORT, **fixed)
    account = Account(id="a", venue="v", equity=140.0, wallet=100.0, maintenance_margin=5.0)
    reading = Reading(source="s", as_of=NOW, received_at=NOW, positions=(only,), accounts=(account,))
    return (SourceState(id="s", kind="book", interval=1.0, reading=reading),)


def row(of: tuple[SourceState, ...]) -> PositionRow:
    return gather(of, NOW).positions[0]


def account(of: tuple[SourceState, ...]) -> Account:
    return gather(of, NOW).accounts["a"]


def test_growing_averages_the_entry() -> None:
    assert grown(row(states()), 1.5).entry_price == pytest.approx((2 * 100 + 1 * 80) / 3)
    coin = grown(row(states(contract=Contract.INVERSE, size=800.0)), 2.0)
    assert coin.entry_price == pytest.approx(1_600 / (800 / 100 + 800 / 80))
    assert grown(row(states(mark_price=None)), 2.0).entry_price == 100.0


def test_half_the_size_takes_half_the_profit_into_the_wallet() -> None:
    before = states()
    after = edited(before, adjusted(row(before), ratio=0.5, margin_usd=10.0))
    assert row(after).position.size == 1.0
    held = account(after)
    assert (held.equity, held.wallet, held.maintenance_margin) == (150.0, 130.0, 4.5)  # 20 of 40 realized, 10 paid in


def test_isolated_margin_is_the_positions_own() -> None:
    before = states(margin_mode=MarginMode.ISOLATED, isolated_margin=60.0)
    after = edited(before, adjusted(row(before), ratio=2.0, margin_usd=-20.0))
    assert row(after).position.isolated_margin == pytest.approx(100.0)
    assert account(after).equity == 140.0


def test_bankruptcy_price_of_a_cross_position_follows() -> None:
    # 2 short at 80, bankrupt at 130: 100 stand behind; with 20 more and half the size 120 behind 1.
    before = states(bankruptcy_price=130.0)
    after = edited(before, adjusted(row(before), ratio=0.5, margin_usd=20.0))
    assert row(after).position.bankruptcy_price == pytest.approx(200.0)


def test_ratio_of_zero_closes() -> None:
    before = states()
    after = edited(before, adjusted(row(before), ratio=0.0))
    assert gather(after, NOW).positions == ()
    assert account(after).wallet == 140.0


@settings(max_examples=40, deadline=None)
@given(st.floats(0.05, 5.0), st.sampled_from(list(Contract)))
def test_resizing_alone_changes_no_equity_and_keeps_profit_whole(ratio: float, contract: Contract) -> None:
    before = states(contract=contract)
    after = edited(before, adjusted(row(before), ratio=ratio))
    assert gather(after, NOW).equity["a"] == pytest.approx(140.0)
    old, new = (unrealized_pnl(row(each).position, row(each).mark) or 0.0 for each in (before, after))
    assert (account(after).wallet or 0.0) + new == pytest.approx(100.0 + old)
