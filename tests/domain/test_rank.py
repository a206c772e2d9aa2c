from datetime import UTC, datetime

import pytest

from adlwatch.domain.gather import Gathered, gather
from adlwatch.domain.model import Account, Contract, MarginMode, Position, Side
from adlwatch.domain.position_score import Term
from adlwatch.domain.rank import score_rows
from adlwatch.domain.reading import Reading, SourceState

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def found(*positions: Position, equity: float | None = 1000.0) -> Gathered:
    accounts = (Account(id="a", venue="v", equity=equity, wallet=900.0),)
    reading = Reading(source="s", as_of=NOW, received_at=NOW, positions=positions, accounts=accounts)
    return gather([SourceState(id="s", kind="book", interval=1.0, reading=reading)], NOW)


SHORT = Position(
    account="a",
    venue="v",
    symbol="BTC/USDT:USDT",
    side=Side.SHORT,
    size=10.0,
    entry_price=100.0,
    mark_price=90.0,
    margin_mode=MarginMode.CROSS,
)


def test_each_row_is_scored_under_its_own_rule_and_rows_without_a_rule_get_none() -> None:
    long = Position(account="a", venue="v", symbol="ETH/USDT:USDT", side=Side.LONG, size=1.0, entry_price=50.0, mark_price=60.0)
    everything = found(SHORT, long)
    scores = score_rows(everything.positions, ["hyperliquid-engine", None], everything)
    assert scores[1] is None
    assert scores[0] is not None
    assert scores[0].rule == "hyperliquid-engine"
    assert scores[0].value == pytest.approx((100.0 / 1000.0) * (900.0 / 1000.0))
    assert scores[0].missing == ()
    assert Term("notional", 900.0) in scores[0].terms


def test_what_is_missing_is_named_and_nothing_is_filled_in() -> None:
    nobody = Position(account="nobody", venue="v", symbol="Y/USDT:USDT", side=Side.LONG, size=1.0, entry_price=1.0)
    everything = found(SHORT, nobody, equity=1000.0)
    known, unknown = score_rows(everything.positions, ["hyperliquid-engine"] * 2, everything)
    assert known is not None
    assert known.missing == ()
    assert unknown is not None
    assert unknown.value is None
    assert {"mark_price", "equity"} & set(unknown.missing)


def test_an_inverse_position_is_reckoned_in_coin() -> None:
    # 900 USD short from 100 at 90: 10 coins of notional, 1 coin won; equity 1000 USD is 11.11 coins
    inverse = Position(
        account="a", venue="v", symbol="BTC/USD:BTC", side=Side.SHORT, size=900.0, entry_price=100.0, mark_price=90.0,
        contract=Contract.INVERSE, margin_mode=MarginMode.CROSS,
    )  # fmt: skip
    everything = found(inverse)
    (score,) = score_rows(everything.positions, ["hyperliquid-engine"], everything)
    assert score is not None
    assert score.value == pytest.approx((1.0 / 9.0) * (10.0 / (1000.0 / 90.0)))
