from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from adlwatch.domain.assess import States, assess
from adlwatch.domain.model import Account, Candle, Holding, Market, Position, Side, VenueLight
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import PositionView
from adlwatch.domain.what_if import Suppose, supposed
from adlwatch.venues import profiles

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SETTINGS = Settings(profiles=profiles())
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
    return seen(Suppose(moves=moves), state(*positions, markets=markets))


def seen(what: Suppose, book: SourceState) -> dict[str, PositionView]:
    states = States(sources=supposed([book], what, SETTINGS, NOW))
    return {p.underlying: p for p in assess(states, SETTINGS, NOW).positions}


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
    assert supposed([silent], Suppose(moves={"*": -0.5}), SETTINGS, NOW) == (silent,)


def test_collateral_in_coin_falls_with_the_coin() -> None:
    book = state(SHORT)
    assert book.reading is not None
    coin = Holding(account="a", venue="binance", asset="BTC", amount=0.4, collateral=True)
    book = replace(book, reading=replace(book.reading, holdings=(coin,)))
    assert seen(Suppose(moves={"BTC": -0.1}), book)["BTC"].score.value == pytest.approx(15_000 / (25_000 - 0.4 * 5_001))
    assert seen(Suppose(moves={"ETH": -0.1}), book)["BTC"].score.value == pytest.approx(10_000 / 20_000)


def test_another_size_and_more_margin_change_the_position_and_what_stands_behind_it() -> None:
    book = state(SHORT)
    half = seen(Suppose(sizes={SHORT.key: 0.5}), book)["BTC"]
    assert half.size == 0.5
    assert half.unrealized_pnl == pytest.approx(5_000.0)
    assert seen(Suppose(margins={SHORT.key: 5_000.0}), book)["BTC"].score.value == pytest.approx(10_000 / 25_000)
    assert seen(Suppose(sizes={SHORT.key: 0.0, "not there": 2.0}), book) == {}


def test_the_others_follow_bitcoin_by_their_beta_where_it_is_known_and_like_bitcoin_where_not() -> None:
    closes = [100.0 * 1.01 ** (i % 5) for i in range(60)]
    lead = tuple(Candle(NOW - timedelta(hours=60 - i), c, c, c, c) for i, c in enumerate(closes))
    twice = tuple(Candle(bar.time, 0.0, 0.0, 0.0, bar.close**2) for bar in lead)
    markets = (
        replace(BTC, candles=lead),
        Market(venue="binance", symbol="ETH/USDT:USDT", mark_price=3_000.0, candles=twice, as_of=NOW),
    )
    sol = replace(UNMARKED, mark_price=100.0)
    book = state(SHORT, ETH, sol, markets=markets)
    joint = seen(Suppose(moves={"BTC": -0.1}, follow=True), book)
    assert [joint[coin].mark_price for coin in ("BTC", "ETH", "SOL")] == pytest.approx([45_000.0, 2_400.0, 90.0])
    alone = seen(Suppose(moves={"*": -0.1, "ETH": 0.0}, follow=True), book)
    assert [alone[coin].mark_price for coin in ("BTC", "ETH", "SOL")] == pytest.approx([45_000.0, 3_000.0, 90.0])
