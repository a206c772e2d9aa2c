from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from adlwatch.domain.model import Candle, Market
from adlwatch.domain.queue_path import Path, walk

NOW = datetime(2026, 1, 10, tzinfo=UTC)


def bars(*closes: float, volume: float | None = 10.0, hours: float = 1.0) -> tuple[Candle, ...]:
    start = NOW - timedelta(hours=hours * len(closes))
    return tuple(
        Candle(start + timedelta(hours=hours * i), close, close * 1.01, close * 0.99, close, volume)
        for i, close in enumerate(closes)
    )


def path_of(candles: tuple[Candle, ...], **facts: float | None) -> Path:
    path = walk(Market(venue="v", symbol="s", candles=candles, **facts), NOW)  # type: ignore[arg-type]  # facts are numbers only
    assert path is not None
    return path


def test_without_candles_there_is_no_path() -> None:
    assert walk(Market(venue="v", symbol="s"), NOW) is None


def test_candles_that_cannot_be_true_are_left_out() -> None:
    good = bars(100.0)
    broken = (
        Candle(NOW + timedelta(hours=1), 1, 2, 1, 1, 1),
        Candle(NOW - timedelta(hours=9), 1, 1, 2, 1, 1),
        Candle(NOW - timedelta(hours=8), 1, float("inf"), 1, 1, 1),
        Candle(NOW - timedelta(hours=7), 1, 2, 0, 1, 1),
        Candle(NOW - timedelta(hours=6), 1, 2, 1, float("nan"), 1),
    )
    assert len(path_of(broken + good).low) == 1


def test_of_two_bars_that_open_together_the_finer_one_counts() -> None:
    opening = NOW - timedelta(hours=1)
    coarse, fine = Candle(opening, 100, 120, 90, 100, 50), Candle(opening, 100, 101, 99, 100, 5)
    assert path_of((coarse, fine)).high[0] == path_of((fine, coarse)).high[0] == 101


def test_activity_follows_volume_and_falls_back_to_time() -> None:
    quiet_then_busy = (*bars(100.0, 100.0)[:1], *bars(100.0, volume=30.0))
    assert path_of(quiet_then_busy).edges == pytest.approx([0.0, 0.5, 2.0])
    timed = path_of(bars(100.0, 100.0, volume=None))
    assert not timed.weighted_by_volume
    assert timed.edges == pytest.approx([0.0, 1.0, 2.0])


def test_a_bar_without_volume_counts_as_an_average_one() -> None:
    first, second, third = bars(100.0, 100.0, 100.0)
    holed = (first, Candle(second.time, 100.0, 100.0, 100.0, 100.0), third)
    assert path_of(holed).edges == pytest.approx([0.0, 1.0, 2.0, 3.0])


def test_activity_beyond_the_bars_goes_on_at_the_average_rate() -> None:
    path = path_of(bars(100.0, 100.0))
    assert path.activity_at(np.array([-1.0, 0.0, 1.0, 2.0, 5.0])) == pytest.approx([-1.0, 0.0, 1.0, 2.0, 5.0])


def test_extremes_after_a_bar_include_the_latest_mark() -> None:
    path = path_of(bars(100.0, 110.0, 90.0), mark_price=80.0)
    assert path.lowest_after == pytest.approx([80.0, 80.0, 80.0])
    assert path.highest_after == pytest.approx([111.1, 90.9, 80.0])
    assert path.last == 80.0
    assert path_of(bars(100.0), mark_price=float("nan")).last == 100.0


def test_turnover_is_open_interest_over_hourly_volume() -> None:
    candles = bars(*[100.0] * 48)
    assert path_of(candles, open_interest=100.0).turnover_hours == pytest.approx(10.0)
    assert path_of(candles, open_interest=100.0, volume_24h=480.0).turnover_hours == pytest.approx(5.0)
    assert path_of(bars(100.0, volume=None), open_interest=100.0, volume_24h=240.0).turnover_hours == pytest.approx(10.0)


@pytest.mark.parametrize("interest", [None, 0.0, -1.0, float("nan")])
def test_without_open_interest_there_is_no_turnover(interest: float | None) -> None:
    assert path_of(bars(100.0), open_interest=interest, volume_24h=5.0).turnover_hours is None


def test_without_any_volume_there_is_no_turnover() -> None:
    assert path_of(bars(100.0, volume=None), open_interest=100.0, volume_24h=0.0).turnover_hours is None
    assert path_of(bars(100.0, volume=0.0), open_interest=100.0).turnover_hours is None


def test_a_stated_volume_does_not_scale_a_day_in_which_the_candles_saw_none() -> None:
    old, silent = bars(*[100.0] * 48), bars(*[100.0] * 24, volume=0.0)
    assert path_of(old[:24] + silent, open_interest=100.0, volume_24h=240.0).turnover_hours == pytest.approx(20.0)


def test_trend_is_the_move_of_the_day_before_in_daily_deviations() -> None:
    rising = path_of(bars(*np.exp(np.linspace(0.0, 0.5, 100)).tolist()))
    assert rising.trend[-1] == pytest.approx(2.0)
    assert np.all(np.abs(rising.trend) <= 2.0)
    assert rising.daily_volatility > 0


def test_drift_is_the_move_of_the_last_hour() -> None:
    assert path_of(bars(100.0, 100.0, 90.0), mark_price=90.0).drift == pytest.approx(np.log(0.9))
    assert path_of(bars(100.0), mark_price=110.0).drift == pytest.approx(np.log(1.1))


def grown(*open_interest: float, unit: float = 1.0, hours_apart: float = 6.0) -> list[float] | None:
    """Growth over four bars of six hours, with such a history that ends now."""
    count = len(open_interest)
    history = tuple((NOW - timedelta(hours=hours_apart * (count - 1 - i)), unit * each) for i, each in enumerate(open_interest))
    candles = bars(100.0, 100.0, 100.0, 100.0, hours=6.0)
    market = Market(venue="v", symbol="s", candles=candles, open_interest=20.0, open_interest_history=history)
    path = walk(market, NOW)
    assert path is not None
    return None if path.grown is None else path.grown.tolist()


def test_growth_of_open_interest_is_in_hours_of_volume_whatever_its_unit() -> None:
    """20 units at 10 / 6 units an hour turn over in 12 hours, so half of them in 6."""
    assert grown(10.0, 10.0, 20.0, 20.0, 20.0) == pytest.approx([0.0, 6.0, 0.0, 0.0])
    assert grown(10.0, 10.0, 20.0, 20.0, 20.0, unit=1e6) == pytest.approx([0.0, 6.0, 0.0, 0.0])


def test_before_the_history_of_open_interest_nothing_grew() -> None:
    assert grown(10.0, 20.0) == pytest.approx([0.0, 0.0, 0.0, 6.0])


def test_too_short_a_history_of_open_interest_says_nothing() -> None:
    assert grown() is None
    assert grown(20.0) is None
    assert grown(10.0, 20.0, hours_apart=1.0) is None
    assert grown(0.0, float("inf"), float("nan")) is None


def test_without_turnover_growth_of_open_interest_has_no_measure() -> None:
    history = ((NOW - timedelta(hours=9), 1.0), (NOW, 2.0))
    market = Market(venue="v", symbol="s", candles=bars(*[100.0] * 9), open_interest_history=history)
    path = walk(market, NOW)
    assert path is not None
    assert path.grown is None
