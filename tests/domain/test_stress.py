"""Pools, their drain and the venue's own triggers."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from adlwatch.domain.model import AdlWarning, Market, Pool, Position, Side
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.snapshot import StressLevel, StressView
from adlwatch.domain.stress import Histories, by_market, market_stress, pool_stress, stress_views

NOW = datetime(2026, 1, 2, tzinfo=UTC)
CALM, WATCH, WARNING, CRITICAL, UNKNOWN = StressLevel


def ago(**how: float) -> datetime:
    return NOW - timedelta(**how)


def pool(balance: float | None = 100.0, symbols: tuple[str, ...] = ("A", "B"), age: float | None = 60.0) -> Pool:
    as_of = None if age is None else ago(seconds=age)
    return Pool(venue="v", name="p", balance=balance, symbols=symbols, as_of=as_of)


def seen(*points: tuple[float, float]) -> Histories:
    return Histories(balances={("v", "p"): [(ago(hours=hours), value) for hours, value in points]})


@pytest.mark.parametrize(
    ("balance", "level"),
    [(100.0, CALM), (91.0, CALM), (90.0, WATCH), (80.0, WARNING), (70.0, CRITICAL), (0.0, CRITICAL), (-5_421.0, CRITICAL)],
)
def test_pool_is_judged_by_its_fall_from_the_peak_of_eight_hours(balance: float, level: StressLevel) -> None:
    view = pool_stress(pool(balance), [], seen((9.0, 500.0), (7.0, 100.0), (0.5, 95.0)), NOW)
    assert view.level is level
    assert view.age_seconds == 60.0


def test_drain_and_hours_to_empty() -> None:
    view = pool_stress(pool(94.0), [], seen((3.0, 120.0), (2.0, 100.0), (0.2, 95.0)), NOW)
    assert view.drain_per_hour == pytest.approx(0.03)  # 6 of 100 in two hours
    assert view.hours_to_empty == pytest.approx(1 / 0.03)
    assert view.reasons == ("22% below its peak of 8 h",)
    grown = pool_stress(pool(110.0), [], seen((1.0, 100.0)), NOW)
    assert grown.drain_per_hour == pytest.approx(-0.1)
    assert grown.hours_to_empty is None
    assert pool_stress(pool(), [], seen((1.0, 0.0)), NOW).drain_per_hour is None


def test_coverage_counts_the_members_that_are_known() -> None:
    def market(symbol: str, interest: float | None, venue: str = "v") -> Market:
        return Market(venue=venue, symbol=symbol, mark_price=10.0, open_interest=interest)

    markets = [market("A", 100.0), market("B", None), market("C", 900.0), market("A", 5.0, "w")]
    assert pool_stress(pool(), markets, Histories(), NOW).coverage == pytest.approx(0.1)  # 100 of 1,000
    assert pool_stress(pool(symbols=()), markets, Histories(), NOW).coverage == pytest.approx(0.01)
    assert pool_stress(pool(), [], Histories(), NOW).coverage is None


def test_unknown_or_old_balance_is_unknown_not_calm() -> None:
    assert pool_stress(pool(None), [], Histories(), NOW).level is UNKNOWN
    old = pool_stress(pool(age=27 * 3600.0), [], Histories(), NOW)
    assert (old.level, old.reasons) == (UNKNOWN, ("balance too old",))
    assert pool_stress(pool(age=None), [], Histories(), NOW).level is CALM


def warning(state: str, value: float | None = None, trigger: float | None = None, age: float = 60.0) -> AdlWarning:
    return AdlWarning(venue="v", symbol="A", state=state, value=value, trigger=trigger, as_of=ago(seconds=age))


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("LOW", CALM),
        ("normal", CALM),
        ("medium", WATCH),
        ("high", WARNING),
        ("warning", WARNING),
        ("adl", CRITICAL),
        ("adl_risk", CRITICAL),
        ("triggered", CRITICAL),
        ("sideways", WATCH),
    ],
)
def test_the_venues_own_word(word: str, level: StressLevel) -> None:
    view = market_stress(Market(venue="v", symbol="A"), warning(word), Histories(), NOW)
    assert (view.level, view.warning) == (level, word)


@pytest.mark.parametrize(
    ("ratio", "level"), [(-0.19, CALM), (-0.21, WATCH), (-0.26, WARNING), (-0.3, CRITICAL), (-0.4, CRITICAL)]
)
def test_distance_to_bybits_trigger(ratio: float, level: StressLevel) -> None:
    # pnlRatio - insurancePnlRatio: -0.26 - -0.3 = 0.04
    view = market_stress(Market(venue="v", symbol="A"), warning("normal", ratio, -0.3), Histories(), NOW)
    assert view.trigger_distance == pytest.approx(ratio + 0.3)
    assert view.level is level


def test_old_warning_says_nothing() -> None:
    view = market_stress(Market(venue="v", symbol="A"), warning("adl", age=7201.0), Histories(), NOW)
    assert (view.level, view.warning) == (UNKNOWN, None)


@pytest.mark.parametrize(("mark", "level"), [(100.5, CALM), (98.9, WATCH), (103.1, WARNING)])
def test_gap_of_mark_and_index(mark: float, level: StressLevel) -> None:
    assert market_stress(Market(venue="v", symbol="A", mark_price=mark, index_price=100.0), None, Histories(), NOW).level is level


def test_the_basis_of_a_dated_future_is_no_stress() -> None:
    dated = Market(venue="v", symbol="BTC/USDT:USDT-261225", mark_price=110.0, index_price=100.0)
    assert market_stress(dated, None, Histories(), NOW).index_gap is None
    assert market_stress(dated, None, Histories(), NOW).level is UNKNOWN


def test_funding_extreme_against_thirty_days() -> None:
    rates = [(ago(hours=8.0 * (i + 1)), 0.0001 + 0.00001 * (-1) ** i) for i in range(30)]
    market = Market(venue="v", symbol="A", funding_rate=0.00014, as_of=ago(seconds=5.0))
    view = market_stress(market, None, Histories(funding={("v", "A"): rates}), NOW)
    assert view.funding_z == pytest.approx(4.0)
    assert (view.level, view.reasons) == (WATCH, ("funding +4.0 standard deviations from 30 days",))
    assert view.age_seconds == 5.0
    few = Histories(funding={("v", "A"): rates[:10]})
    old = Histories(funding={("v", "A"): [(time - timedelta(days=31), rate) for time, rate in rates]})
    assert market_stress(market, None, old, NOW).funding_z is None
    assert market_stress(market, None, few, NOW).funding_z is None
    flat = Histories(funding={("v", "A"): [(ago(hours=1.0), 0.0001)] * 40})
    assert market_stress(market, None, flat, NOW).funding_z is None


def test_open_interest_jump() -> None:
    history = Histories(open_interest={("v", "A"): [(ago(hours=2.0), 80.0), (ago(hours=1.0), 100.0), (ago(minutes=5.0), 120.0)]})
    view = market_stress(Market(venue="v", symbol="A", open_interest=125.0), None, history, NOW)
    assert view.open_interest_jump == pytest.approx(0.25)
    assert view.level is WATCH
    assert market_stress(Market(venue="v", symbol="A", open_interest=101.0), None, history, NOW).level is CALM


def test_market_without_a_backstop_is_watched() -> None:
    view = market_stress(Market(venue="hyperliquid", symbol="xyz:XYZ100/USDC:USDC"), None, Histories(), NOW)
    assert (view.level, view.reasons) == (WATCH, ("no backstop vault: ADL is expected",))
    assert market_stress(Market(venue="hyperliquid", symbol="BTC/USDC:USDC"), None, Histories(), NOW).level is UNKNOWN


def test_a_positions_stress_is_the_worst_of_its_pools_and_market() -> None:
    worst = by_market(
        [
            StressView(venue="v", level=CALM, pool="p"),
            StressView(venue="v", level=WARNING, symbols=("A", "C")),
            StressView(venue="v", level=WATCH, symbols=("A",)),
            StressView(venue="v", level=CRITICAL, symbols=("B",)),
            StressView(venue="w", level=UNKNOWN, pool="q"),
        ]
    )
    found = [worst(*of) for of in [("v", "A"), ("v", "B"), ("v", "D"), ("w", "A"), ("x", "A")]]
    assert [view and view.level for view in found] == [WARNING, CRITICAL, CALM, UNKNOWN, None]


def test_every_pool_and_every_market_held_is_judged() -> None:
    held = Position(account="a", venue="v", symbol="A", side=Side.LONG, size=1.0, entry_price=1.0)
    bare = Position(account="a", venue="v", symbol="X", side=Side.LONG, size=1.0, entry_price=1.0)
    reading = Reading(
        source="s",
        as_of=NOW,
        received_at=NOW,
        positions=(held, bare),
        markets=(Market(venue="v", symbol="A", mark_price=10.0, open_interest=5.0), Market(venue="v", symbol="C")),
        pools=(pool(),),
        warnings=(warning("adl"), AdlWarning(venue="v", symbol="C", state="adl")),
    )
    states = (SourceState(id="s", kind="mock", interval=1.0, reading=reading), SourceState(id="t", kind="mock", interval=1.0))
    fund, market = stress_views(states, {(each.venue, each.symbol): each for each in reading.markets}, NOW)
    assert (fund.pool, fund.coverage) == ("p", 2.0)
    assert (market.symbols, market.level) == (("A",), CRITICAL)
    warned = SourceState(id="s", kind="mock", interval=1.0, reading=replace(reading, markets=(), pools=()))
    assert [view.level for view in stress_views((warned,), {}, NOW)] == [CRITICAL]
