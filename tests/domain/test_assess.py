import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from adlwatch.domain.assess import States, assess
from adlwatch.domain.light import LightState
from adlwatch.domain.model import (
    Account,
    Candle,
    Contract,
    HedgeSpec,
    Holding,
    MarginMode,
    Market,
    Position,
    Side,
    VenueLight,
)
from adlwatch.domain.queue import QueueKey
from adlwatch.domain.queue_build import build
from adlwatch.domain.queue_priors import default_priors
from adlwatch.domain.reading import Failure, FailureKind, Health, Reading, SourceState
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import Severity, Snapshot, decode, encode
from adlwatch.venues import profiles

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SEEN = NOW - timedelta(seconds=20)
SETTINGS = Settings(profiles=profiles())

# The example of the book format: 1.5 BTC long in spot against 1.5 BTC short, sold at 60,000, mark 54,000.
ACCOUNT = Account(id="bin-main", venue="binance", equity=61_200.0, wallet=52_000.0, maintenance_margin=900.0)
SHORT = Position(
    account="bin-main",
    venue="binance",
    symbol="BTC/USDT:USDT",
    side=Side.SHORT,
    size=1.5,
    entry_price=60_000.0,
    mark_price=54_000.0,
    margin_mode=MarginMode.CROSS,
    leverage=5.0,
    maintenance_margin=400.0,
    liquidation_price=71_000.0,
    venue_light=VenueLight(raw=3, as_of=SEEN),
)
SPOT = Holding(account="bin-main", venue="binance", asset="BTC", amount=1.5)
MARKET = Market(venue="binance", symbol="BTC/USDT:USDT", mark_price=54_000.0, index_price=54_010.0)


def source(id_: str = "bin-main", age: float = 1.0, **parts: object) -> SourceState:
    given_ = {"accounts": (ACCOUNT,), "positions": (SHORT,), "holdings": (SPOT,), "markets": (MARKET,)} | parts
    at = NOW - timedelta(seconds=age)
    reading = Reading(source=id_, as_of=at, received_at=at, **given_)  # type: ignore[arg-type]  # a test's free choice of parts
    return SourceState(id=id_, kind="book", interval=5.0, reading=reading)


def assessed(*sources: SourceState, settings: Settings = SETTINGS) -> Snapshot:
    return assess(States(sources), settings, NOW)


def test_the_example_of_the_book_format() -> None:
    snapshot = assessed(source())
    (position,) = snapshot.positions
    assert (position.notional, position.unrealized_pnl) == (81_000.0, 9_000.0)
    assert position.score.rule == "binance-2025"
    assert position.score.value == pytest.approx(9_000 / 61_200)  # U / A
    assert position.score.pnl_ratio == pytest.approx(9_000 / 81_000)  # U / N
    assert position.score.effective_leverage == pytest.approx(81_000 / 61_200)  # N / A
    assert (position.light.state, position.light.level, position.light.age_seconds) == (LightState.LIT, 4, 20.0)
    assert position.liquidation.distance == pytest.approx((71_000 - 54_000) / 54_000)
    (hedge,) = snapshot.hedges
    assert (hedge.kind, hedge.net_delta, hedge.hedge_ratio) == ("cash-and-carry", 0.0, 1.0)
    assert (hedge.worst_leg, hedge.naked_usd) == ("bin-main:BTC/USDT:USDT:short", 81_000.0)
    assert position.hedge == hedge.name == snapshot.holdings[0].hedge
    assert snapshot.severity is Severity.WARNING
    assert snapshot.holdings[0].value_usd == pytest.approx(1.5 * 54_010)


def test_a_snapshot_survives_its_own_encoding() -> None:
    snapshot = assessed(source())
    assert decode(encode(snapshot)) == snapshot
    assert json.loads(encode(snapshot))["format"] == "adlwatch-snapshot/1"


@given(st.permutations([0, 1, 2]))
def test_the_order_of_sources_changes_nothing(order: list[int]) -> None:
    other = replace_position(SHORT, account="b", venue="hyperliquid", side=Side.LONG)
    sources = [source("one"), source("two", positions=(other,), holdings=()), source("three", age=500.0, positions=())]
    assert assessed(*(sources[i] for i in order)) == assessed(*sources)


def replace_position(position: Position, **changes: object) -> Position:
    fields = {name: getattr(position, name) for name in position.__struct_fields__}
    return Position(**(fields | changes))


def test_a_source_that_turned_stale_blinds_its_positions_and_keeps_the_last_level() -> None:
    snapshot = assessed(source(age=120.0))
    (position,) = snapshot.positions
    assert (position.light.state, position.light.level) == (LightState.STALE, 4)
    assert position.severity is Severity.BLIND
    assert snapshot.sources[0].health is Health.STALE


def test_a_failed_source_drops_nothing_and_shows_its_error() -> None:
    failure = Failure(source="bin-main", kind=FailureKind.CREDENTIALS, message="key refused", at=NOW)
    state = source()
    failed = SourceState(id=state.id, kind=state.kind, interval=5.0, reading=state.reading, failure=failure, failures=1)
    snapshot = assessed(failed)
    assert [p.light.state for p in snapshot.positions] == [LightState.STALE]
    assert (snapshot.sources[0].health, snapshot.sources[0].error) == (Health.AUTH, "key refused")
    assert snapshot.severity is Severity.BLIND


def test_no_source_at_all_is_ok_and_a_source_without_a_reading_is_blind() -> None:
    assert assessed().severity is Severity.OK
    never = SourceState(id="x", kind="book", interval=5.0)
    snapshot = assessed(never)
    assert (snapshot.severity, snapshot.sources[0].age_seconds) == (Severity.BLIND, None)


def test_a_venue_nobody_described_has_no_score_and_no_light() -> None:
    (position,) = assessed(source(positions=(replace_position(SHORT, venue="nowhere"),))).positions
    assert (position.score.value, position.score.missing) == (None, ("venue profile",))
    assert position.light.state is LightState.UNKNOWN
    assert "nowhere" in (position.light.note or "")


def test_a_venue_without_a_queue_has_a_state_and_a_venue_without_a_known_rule_says_so() -> None:
    random = replace_position(SHORT, venue="dydx", venue_light=None)
    unpublished = replace_position(SHORT, venue="woo", side=Side.LONG)
    by_venue = {p.venue: p for p in assessed(source(positions=(random, unpublished))).positions}
    assert by_venue["dydx"].light.state is LightState.RANDOM
    assert by_venue["dydx"].score.note == "no queue: random"
    assert by_venue["woo"].score.missing == ("published ranking rule",)


def test_two_competing_rules_are_shown_side_by_side() -> None:
    (position,) = assessed(source(positions=(replace_position(SHORT, venue="hyperliquid", venue_light=None),))).positions
    assert position.score.rule == "hyperliquid-engine"
    assert [score.rule for score in position.other_scores] == ["hyperliquid-docs"]
    assert position.light.state is LightState.UNKNOWN


def test_hedges_of_the_user_come_before_those_of_a_book() -> None:
    legs = ("bin-main:BTC", "bin-main:BTC/USDT:USDT:short")
    theirs = source(hedges=(HedgeSpec("book-carry", legs),))
    assert [h.name for h in assessed(theirs).hedges] == ["book-carry"]
    ours = replace(SETTINGS, hedges=(HedgeSpec("mine", legs),))
    assert [h.name for h in assessed(theirs, settings=ours).hedges] == ["mine"]


def test_a_hedge_whose_only_perp_leg_is_gone_is_naked_now() -> None:
    legs = ("bin-main:BTC", "bin-main:BTC/USDT:USDT:short")
    snapshot = assessed(source(positions=(), hedges=(HedgeSpec("carry", legs),)))
    (hedge,) = snapshot.hedges
    assert hedge.worst_leg is None
    assert hedge.naked_usd == pytest.approx(1.5 * 54_010)
    assert hedge.severity is Severity.CRITICAL
    assert assessed(source(positions=())).hedges[0].naked_usd is None  # a plain holding is nobody's lost hedge


def test_a_leg_not_seen_yet_is_not_a_leg_lost() -> None:
    legs = ("bin-main:BTC", "other:BTC/USDT:USDT:short")
    awaited = SourceState(id="other", kind="book", interval=5.0)
    (hedge,) = assessed(source(positions=(), hedges=(HedgeSpec("carry", legs),)), awaited).hedges
    assert (hedge.severity, hedge.naked_usd) == (Severity.BLIND, None)
    assert hedge.reasons[0] == "not seen yet: other:BTC/USDT:USDT:short"


def test_cash_is_worth_its_face_and_what_nobody_prices_has_no_value() -> None:
    held = (
        Holding(account="a", venue="binance", asset="USDT", amount=5.0),
        Holding(account="a", venue="binance", asset="XYZ", amount=2.0),
    )
    values = {h.asset: h.value_usd for h in assessed(source(positions=(), holdings=held)).holdings}
    assert values == {"USDT": 5.0, "XYZ": None}


@pytest.mark.parametrize(
    ("markets", "price"),
    [
        ((), 54_000.0),  # the perp's own mark
        ((Market(venue="okx", symbol="BTC/USDT:USDT", index_price=53_990.0), MARKET), 53_990.0),  # equally dated: the last venue
        ((Market(venue="okx", symbol="BTC/USDT:USDT-261225", index_price=55_000.0), MARKET), 54_010.0),  # a perp before a future
        ((Market(venue="okx", symbol="1000BTC/USDT:USDT", mark_price=5e7),), 50_000.0),
        ((Market(venue="okx", symbol="BTC/USDT:USDT", mark_price=0.0),), 54_000.0),
    ],
)
def test_what_is_held_is_priced_by_an_index_then_a_mark(markets: tuple[Market, ...], price: float) -> None:
    assert assessed(source(markets=markets)).holdings[0].price == pytest.approx(price)


def test_an_unpriced_inverse_position_keeps_its_quote_size_and_unknown_values() -> None:
    inverse = replace_position(SHORT, symbol="BTC/USD:BTC", contract=Contract.INVERSE, size=900.0, mark_price=None)
    (position,) = assessed(source(positions=(inverse,), holdings=(), markets=())).positions
    assert (position.size, position.notional, position.unrealized_pnl) == (900.0, 900.0, None)
    assert position.score.value is None
    assert "mark_price" in position.score.missing


def test_an_inverse_position_is_shown_in_base_units() -> None:
    inverse = replace_position(SHORT, symbol="BTC/USD:BTC", contract=Contract.INVERSE, size=108_000.0)
    (position,) = assessed(source(positions=(inverse,), markets=())).positions
    assert (position.size, position.notional) == (2.0, 108_000.0)
    assert position.unrealized_pnl == pytest.approx(108_000.0 * (1 - 54_000 / 60_000))


def test_an_estimated_queue_gives_its_light_beside_the_venues() -> None:
    path = tuple(
        Candle(NOW - timedelta(hours=h), 60_000.0, 60_500.0, 59_000.0, 60_000.0 - 20 * h, 100.0) for h in range(200, 0, -1)
    )
    market = Market(
        venue="binance", symbol="BTC/USDT:USDT", mark_price=54_000.0, candles=path, open_interest=5_000.0, volume_24h=20_000.0
    )
    key = QueueKey("binance", "BTC/USDT:USDT", Side.SHORT)
    queue = build("binance-2025", default_priors(profiles()["binance"].kind), market, Side.SHORT, NOW, 0)
    other = replace_position(SHORT, symbol="ETH/USDT:USDT", venue_light=None)
    snapshot = assess(States((source(positions=(SHORT, other)),), {key: queue}), SETTINGS, NOW)
    by_symbol = {p.symbol: p for p in snapshot.positions}
    assert by_symbol["BTC/USDT:USDT"].estimate.state is LightState.LIT
    assert by_symbol["ETH/USDT:USDT"].estimate.state is LightState.UNKNOWN


def test_assessing_nothing_gives_nothing() -> None:
    assert not assessed(source(positions=(), holdings=(), accounts=(), markets=())).hedges


def test_labels_of_all_sources_are_shown() -> None:
    mock = SourceState(id="m", kind="mock", interval=1.0, label="MOCK")
    assert assessed(mock, source()).label == "MOCK"


def test_a_source_that_waits_for_its_turn_says_when_its_first_data_can_be_expected() -> None:
    waiting = SourceState(id="a", kind="fake", interval=5.0, first_data_at=NOW + timedelta(seconds=12.4))
    (source,) = assess(States((waiting,)), SETTINGS, NOW).sources
    assert (source.health, source.error, source.notes) == (Health.NEVER, None, ("waiting for budget, first data in 12 s",))
    (late,) = assess(States((waiting,)), SETTINGS, NOW + timedelta(minutes=1)).sources
    assert late.notes == ("waiting for budget, first data soon",)
