import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adlwatch.domain.course import UNKNOWN_COURSE, WANDER, Course, chance_up, course, crossing
from adlwatch.domain.light import UNKNOWN, Light, LightSource, LightState

SHOWN = Light(state=LightState.LIT, level=3, source=LightSource.VENUE)
ESTIMATE = Light(state=LightState.LIT, level=3, source=LightSource.CALIBRATED, quantile=0.55, deviation=0.2)


def test_the_mark_s_drift_and_restlessness_move_a_place_as_far_as_it_leans() -> None:
    heading = course(5.0, 0.12, 0.04)
    assert heading.mean == pytest.approx(5.0 * 0.12 / 60)
    assert heading.spread == pytest.approx(np.hypot(5.0 * 0.04 / np.sqrt(1440), WANDER))
    assert course(0.0, 0.12, 0.04) == UNKNOWN_COURSE


@pytest.mark.parametrize(("gap", "mean"), [(0.1, 0.05), (0.3, 0.1), (0.5, -0.1), (-0.1, 0.02)])
def test_the_chance_is_that_of_crossing_the_end_for_a_place_below_it(gap: float, mean: float) -> None:
    dice = np.random.default_rng(3)
    below = dice.normal(-gap, 0.2, 400_000)
    below = below[below <= 0.0]
    crossed = np.mean(below + dice.normal(mean, 0.08, len(below)) > 0.0)
    assert crossing(gap, 0.2, Course(mean, 0.08)) == pytest.approx(crossed, abs=0.03, rel=0.2)


def test_a_light_that_the_mark_has_left_behind_no_longer_counts() -> None:
    assert crossing(-0.4, 0.2, Course(-1.0, 0.05)) == pytest.approx(0.977, abs=1e-3)


@settings(max_examples=50)
@given(gap=st.floats(-5, 5), deviation=st.floats(0.01, 3), mean=st.floats(-2, 2), faster=st.floats(0, 2), spread=st.floats(0, 1))
def test_the_chance_is_a_probability_that_grows_with_the_drift(
    gap: float, deviation: float, mean: float, faster: float, spread: float
) -> None:
    slow, fast = (crossing(gap, deviation, Course(each, spread)) for each in (mean, mean + faster))
    assert 0.0 <= slow <= fast <= 1.0


def test_the_venue_s_light_rises_with_the_chance_of_the_place_leaving_its_level() -> None:
    calm, falling = (chance_up(SHOWN, ESTIMATE, Course(mean, WANDER)) for mean in (0.0, 0.1))
    assert calm is not None
    assert falling is not None
    assert 0.0 < calm < falling < 1.0
    assert chance_up(replace(SHOWN, level=5), ESTIMATE, UNKNOWN_COURSE) == 0.0


@pytest.mark.parametrize(
    ("shown", "estimate"),
    [
        (ESTIMATE, ESTIMATE),
        (replace(SHOWN, state=LightState.STALE), ESTIMATE),
        (replace(SHOWN, level=None), ESTIMATE),
        (SHOWN, replace(ESTIMATE, deviation=None)),
        (SHOWN, UNKNOWN),
    ],
)
def test_without_the_venue_s_light_or_an_uncertain_place_there_is_no_chance_to_tell(shown: Light, estimate: Light) -> None:
    assert chance_up(shown, estimate, UNKNOWN_COURSE) is None
