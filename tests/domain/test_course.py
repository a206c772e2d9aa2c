import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adlwatch.domain.course import UNKNOWN_COURSE, WANDER, Course, chance_up, crossing
from adlwatch.domain.light import UNKNOWN, Light, LightSource, LightState

SHOWN = Light(state=LightState.LIT, level=3, source=LightSource.VENUE)
ESTIMATE = Light(state=LightState.LIT, level=3, source=LightSource.CALIBRATED, quantile=0.55, deviation=0.2)


@pytest.mark.parametrize(
    ("gap", "since", "ahead"), [(0.1, 0.0, 0.05), (0.3, 0.05, 0.1), (0.5, 0.0, -0.1), (-0.05, 0.1, 0.02), (0.1, -0.2, 0.1)]
)
def test_the_chance_is_that_of_crossing_the_end_for_a_place_below_it_at_the_light(gap: float, since: float, ahead: float) -> None:
    dice = np.random.default_rng(3)
    now = dice.normal(-gap, 0.2, 400_000)
    now = now[now - since <= 0.0]
    crossed = np.mean(now + dice.normal(ahead, WANDER, len(now)) > 0.0)
    assert crossing(gap, 0.2, since, ahead) == pytest.approx(crossed, abs=0.02, rel=0.15)


def test_a_light_that_the_place_has_left_behind_no_longer_counts() -> None:
    assert crossing(-0.4, 0.2, 0.1, -1.0) == pytest.approx(0.977, abs=1e-3)


@settings(max_examples=50)
@given(gap=st.floats(-5, 5), deviation=st.floats(0.01, 3), since=st.floats(-1, 1), ahead=st.floats(-2, 2), faster=st.floats(0, 2))
def test_the_chance_is_a_probability_that_grows_with_the_drift(
    gap: float, deviation: float, since: float, ahead: float, faster: float
) -> None:
    slow, fast = (crossing(gap, deviation, since, each) for each in (ahead, ahead + faster))
    assert 0.0 <= slow <= fast <= 1.0


def test_the_venue_s_light_rises_with_the_chance_of_the_place_leaving_its_level() -> None:
    calm, falling, fallen = (
        chance_up(SHOWN, ESTIMATE, Course(-5.0, pace, before), 100.0)
        for pace, before in ((0.0, 100.0), (-0.02, 100.0), (-0.02, 102.0))
    )
    assert calm is not None
    assert falling is not None
    assert fallen is not None
    assert 0.0 < calm < falling < fallen < 1.0
    assert calm == chance_up(SHOWN, ESTIMATE, UNKNOWN_COURSE, 100.0)
    assert chance_up(replace(SHOWN, level=5), ESTIMATE, UNKNOWN_COURSE, 100.0) == 0.0


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
    assert chance_up(shown, estimate, UNKNOWN_COURSE, 100.0) is None
    assert chance_up(SHOWN, ESTIMATE, UNKNOWN_COURSE, None) is None
