from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from msgspec.structs import replace

from adlwatch.domain.model import Market, Side
from adlwatch.domain.queue_population import Population
from adlwatch.domain.queue_taking import KEPT, WINDOW, Shore, Taking, Tide, ebb

NOW = datetime(2026, 1, 10, tzinfo=UTC)
MARKET = Market(venue="v", symbol="COIN", mark_price=100.0, open_interest=1000.0)
VOLATILITY = 0.04
FALLEN = replace(MARKET, mark_price=95.0, open_interest=900.0)


def seen(market: Market, side: Side = Side.SHORT, seconds: float = 10.0, volatility: float = VOLATILITY) -> Taking | None:
    """What a reading says after one of `MARKET` at `NOW`."""
    tide, nothing = ebb(None, MARKET, side, volatility, NOW)
    assert nothing is None
    return ebb(tide, market, side, volatility, NOW + timedelta(seconds=seconds))[1]


def test_open_interest_lost_in_a_favourable_run_is_taken_from_the_front() -> None:
    taking = seen(FALLEN)
    assert taking is not None
    assert taking[:2] == (NOW + timedelta(seconds=10), 95.0)
    assert taking.share == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("market", "side", "seconds"),
    [
        (FALLEN, Side.LONG, 10.0),
        (replace(FALLEN, mark_price=99.0), Side.SHORT, 10.0),
        (replace(FALLEN, open_interest=990.0), Side.SHORT, 10.0),
        (replace(FALLEN, open_interest=1100.0), Side.SHORT, 10.0),
        (FALLEN, Side.SHORT, WINDOW.total_seconds() + 1.0),
        (replace(FALLEN, open_interest=None), Side.SHORT, 10.0),
        (replace(FALLEN, mark_price=None), Side.SHORT, 10.0),
    ],
)
def test_losers_small_moves_small_losses_and_slow_ones_take_nobody(market: Market, side: Side, seconds: float) -> None:
    assert seen(market, side, seconds) is None


def test_what_was_taken_is_not_taken_twice_and_more_of_it_counts_for_itself() -> None:
    shore = Shore().after(MARKET, Side.SHORT, VOLATILITY, NOW)
    for second, interest in enumerate((900.0, 900.0, 810.0)):
        shore = shore.after(replace(FALLEN, open_interest=interest), Side.SHORT, VOLATILITY, NOW + timedelta(seconds=second + 1))
    assert [taking.share for taking in shore.takings] == [pytest.approx(0.1)] * 2


def test_a_rise_before_the_fall_counts_from_its_top() -> None:
    tide, _ = ebb(None, MARKET, Side.SHORT, VOLATILITY, NOW)
    tide, _ = ebb(tide, replace(MARKET, open_interest=1200.0), Side.SHORT, VOLATILITY, NOW)
    _, taking = ebb(tide, FALLEN, Side.SHORT, VOLATILITY, NOW)
    assert taking is not None
    assert taking.share == pytest.approx(0.25)


def test_takings_are_forgotten_after_a_day() -> None:
    shore = Shore(Tide(NOW, 100.0, 1000.0), (Taking(NOW, 95.0, 0.1),))
    assert shore.after(MARKET, Side.SHORT, VOLATILITY, NOW + KEPT).takings
    assert not shore.after(MARKET, Side.SHORT, VOLATILITY, NOW + KEPT + timedelta(seconds=1)).takings


def test_the_front_of_every_hypothesis_goes_by_its_own_scores() -> None:
    entry = np.array([[110.0, 120.0, 130.0, 140.0], [150.0, 105.0, 115.0, 125.0]])
    flat = np.full_like(entry, 9.0)
    population = Population(-1, False, entry, 1000.0 / entry, flat * 100, flat * 0, flat, flat, 0.01)
    left = population.without_front("return-rate", 100.0, 0.5).entry
    assert np.isnan(left).tolist() == [[False, False, True, True], [True, False, False, True]]
    nobody = population.without_front("return-rate", 100.0, 1.0).without_front("return-rate", 100.0, 0.5)
    assert np.isnan(nobody.entry).sum() == 6
