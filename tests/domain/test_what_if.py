from datetime import UTC, datetime

import pytest

from adlwatch.domain.assess import States, assess
from adlwatch.domain.model import Account, Market, Position, Side, VenueLight
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import PositionView
from adlwatch.domain.what_if import moved
from adlwatch.venues import profiles

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BTC = Market(venue="binance", symbol="BTC/USDT:USDT", mark_price=50_000.0, index_price=50_010.0, as_of=NOW)
SHORT = Position(
    account="a",
    venue="binance",
    symbol="BTC/USDT:USDT",
    side=Side.SHORT,
    size=1.0,
    entry_price=60_000.0,
    mark_price=50_000.0,
    liquidation_price=70_000.0,
    venue_light=VenueLight(3, NOW),
)
ETH = Position(
    account="a", venue="binance", symbol="ETH/USDT:USDT", side=Side.LONG, size=10.0, entry_price=3_000.0, mark_price=3_000.0
)
UNMARKED = Position(account="a", venue="binance", symbol="SOL/USDT:USDT", side=Side.LONG, size=1.0, entry_price=100.0)


def state(*positions: Position, markets: tuple[Market, ...] = (BTC,)) -> SourceState:
    accounts = (Account(id="a", venue="binance", equity=20_000.0),)
    reading = Reading(source="s", as_of=NOW, received_at=NOW, accounts=accounts, positions=positions, markets=markets)
    return SourceState(id="s", kind="book", interval=5.0, reading=reading)


def after(moves: dict[str, float], *positions: Position, markets: tuple[Market, ...] = (BTC,)) -> dict[str, PositionView]:
    states = States(sources=moved([state(*positions, markets=markets)], moves, {}, NOW))
    return {p.underlying: p for p in assess(states, Settings(profiles=profiles()), NOW).positions}


def test_a_move_changes_mark_profit_and_the_equity_behind_the_score() -> None:
    before, then = after({}, SHORT)["BTC"], after({"BTC": -0.1}, SHORT)["BTC"]
    assert then.mark_price == pytest.approx(45_000.0)
    assert then.unrealized_pnl == pytest.approx(15_000.0)
    assert before.score.value == pytest.approx(10_000 / 20_000)
    assert then.score.value == pytest.approx(15_000 / 25_000)


def test_the_other_underlyings_stay_unless_everything_moves() -> None:
    assert after({"BTC": -0.1}, SHORT, ETH)["ETH"].mark_price == 3_000.0
    assert after({"*": -0.1}, SHORT, ETH)["ETH"].mark_price == pytest.approx(2_700.0)
    assert after({"*": -0.1, "ETH": 0.0}, SHORT, ETH)["ETH"].mark_price == 3_000.0


def test_what_the_venue_derived_from_its_marks_is_dropped_only_where_they_move() -> None:
    assert after({}, SHORT)["BTC"].light.raw == 3
    then = after({"BTC": 0.01}, SHORT)["BTC"]
    assert then.light.raw is None
    assert then.liquidation.price != 70_000.0


def test_a_position_without_a_mark_stays_without_one() -> None:
    assert after({"*": 0.1}, UNMARKED)["SOL"].mark_price is None


def test_a_market_without_an_index_moves_as_well() -> None:
    bare = Market(venue="binance", symbol="BTC/USDT:USDT", mark_price=50_000.0, as_of=NOW)
    assert after({"BTC": 0.1}, SHORT, markets=(bare,))["BTC"].mark_price == pytest.approx(55_000.0)


def test_a_source_that_never_answered_stays_so() -> None:
    silent = SourceState(id="quiet", kind="book", interval=5.0)
    assert moved([silent], {"*": -0.5}, {}, NOW) == (silent,)
