from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlwatch.domain.inputs import Array
from adlwatch.domain.queue_calibration import Evidence, Residual, Spot, cdf, covariance, fit, logit, posterior, variance

NOW = datetime(2026, 1, 10, tzinfo=UTC)
RESIDUAL = Residual(0.5, 0.05)
SPREAD = np.linspace(-0.3, 0.3, 8)


def light(place: float, level: int, *, hours_ago: float = 0.0) -> Evidence:
    bounds = logit(np.array([(level - 1) / 5, level / 5]))
    return Evidence(place + SPREAD, 0.0, float(bounds[0]), float(bounds[1]), NOW - timedelta(hours=hours_ago))


def spot(place: float, clock: float = 0.0, log_mark: float = 0.0) -> Spot:
    return Spot((place + SPREAD)[:, None], np.array([log_mark]), np.array([clock]))


def corrected(seen: list[Evidence], at: Spot, clock: Array | None = None) -> tuple[float, float]:
    found = fit(seen, np.zeros(len(seen)) if clock is None else clock, RESIDUAL)
    shift, left = posterior(found, at, RESIDUAL)
    return float(shift[0]), float(left[0])


def test_the_covariance_of_a_place_with_itself_is_its_variance() -> None:
    at = spot(0.4)
    assert covariance(at, at, RESIDUAL)[0, 0] == pytest.approx(variance(at.logits, RESIDUAL)[0])


def test_a_single_hypothesis_has_only_the_residual() -> None:
    one = np.zeros((1, 3))
    assert variance(one, RESIDUAL) == pytest.approx([0.25, 0.25, 0.25])
    alone = Spot(one, np.zeros(3), np.zeros(3))
    assert covariance(alone, alone, RESIDUAL)[0, 0] == pytest.approx(0.25)


@given(place=st.floats(-3, 3), level=st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_a_light_pulls_towards_its_interval_and_never_past_it(place: float, level: int) -> None:
    seen = light(place, level)
    shift, left = corrected([seen], spot(place))
    assert left < variance(spot(place).logits, RESIDUAL)[0]
    if place < seen.lowest - 0.1:
        assert 0 < shift < seen.highest - place + 0.1
    if place > seen.highest + 0.1:
        assert 0 > shift > seen.lowest - place - 0.1


def test_a_light_far_from_the_model_still_pulls_the_right_way() -> None:
    up, _ = corrected([light(-6.0, 5)], spot(-6.0))
    down, _ = corrected([light(6.0, 1)], spot(6.0))
    assert up > 3
    assert down < -3


def test_what_a_light_says_fades_with_time_distance_and_mark() -> None:
    seen = [light(0.0, 5)]
    here = corrected(seen, spot(0.0))[0]
    for elsewhere in (spot(0.0, clock=1.0), spot(1.5), spot(0.0, log_mark=0.1)):
        assert 0 <= corrected(seen, elsewhere)[0] < here
    assert corrected(seen, spot(0.0, clock=40.0))[0] == pytest.approx(0.0, abs=1e-3)


def test_contradicting_lights_meet_in_the_middle_and_leave_more_doubt_than_agreeing_ones() -> None:
    agree, sure = corrected([light(0.0, 4), light(0.0, 4)], spot(0.0))
    middle, unsure = corrected([light(0.0, 5), light(0.0, 1)], spot(0.0))
    assert abs(middle) < 0.1
    assert agree > 0.3
    assert unsure > sure
    assert fit([light(0.0, 5), light(0.0, 1)], np.zeros(2), RESIDUAL).conflict > 0
    assert fit([light(0.0, 4)], np.zeros(1), RESIDUAL).conflict == 0


def test_more_lights_that_agree_leave_less_doubt() -> None:
    one = corrected([light(0.5, 3)], spot(0.5))[1]
    crossing = corrected([light(0.5, 3), light(0.6, 4)], spot(0.5))[1]
    assert crossing < one


def test_the_order_of_evidence_is_canonical() -> None:
    assert light(0.0, 2, hours_ago=2.0).order < light(0.0, 2, hours_ago=1.0).order
    assert light(0.0, 2).order < light(0.5, 2).order


def test_the_normal_distribution_is_right_in_the_tails() -> None:
    assert cdf(np.array([-np.inf, -1.959964, 0.0, np.inf])) == pytest.approx([0.0, 0.025, 0.5, 1.0], abs=1e-6)


def test_a_fit_that_has_not_settled_still_gives_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adlwatch.domain.queue_calibration.SWEEPS", 1)
    shift, left = corrected([light(0.0, 5)], spot(0.0))
    assert 0 < shift < 3
    assert left > 0
