from datetime import UTC, datetime

import numpy as np
import pytest

from adlwatch.domain.light import LightSource, LightState
from adlwatch.domain.model import Side
from adlwatch.domain.queue import QueueKey
from adlwatch.domain.queue_calibration import Observation
from adlwatch.domain.queue_exact import from_everyone, from_thresholds
from adlwatch.domain.score import Inputs, evaluate

NOW = datetime(2026, 1, 10, tzinfo=UTC)
KEY = QueueKey("v", "COIN", Side.LONG)
ENTRIES = np.linspace(80.0, 120.0, 400)


def everyone(count: int = 400) -> Inputs:
    """Longs of one unit from entries of 80 to 120, each with 50 of wallet; the mark is 100."""
    entry = ENTRIES[:count]
    return Inputs.of(
        sign=1.0, entry=entry, mark=100.0, size=np.where(entry < 82.0, 50.0, 1.0), isolated=0.0, equity=50.0 + (100.0 - entry)
    )


def test_a_whole_population_gives_the_exact_place_of_each_of_its_members() -> None:
    queue = from_everyone(KEY, "equity-entry", everyone(), NOW)
    scores = evaluate("equity-entry", everyone()).value
    order = scores.argsort().argsort()
    assert queue.place(scores, 100.0) == pytest.approx((order + 0.5) / 400, abs=0.01)
    light = queue.light(float(scores.max()), 100.0, NOW)
    assert (light.level, light.source, light.interval) == (5, LightSource.EXACT, (5, 5))
    assert light.note == "the whole population, 400 traders"


def test_it_is_repriced_at_other_marks_and_learns_from_no_light() -> None:
    queue = from_everyone(KEY, "binance-2025", everyone(), NOW)
    assert queue.place(0.1, 110.0) < queue.place(0.1, 100.0)
    assert queue.observe([Observation(0.1, 100.0, 0.8, 1.0, NOW)], NOW) is queue


def test_counted_by_quantity_the_large_push_the_rest_back() -> None:
    users = from_everyone(KEY, "equity-entry", everyone(), NOW)
    quantity = from_everyone(KEY, "equity-entry", everyone(), NOW, basis="quantity")
    middle = float(np.median(evaluate("equity-entry", everyone()).value))
    assert quantity.place(middle, 100.0) < users.place(middle, 100.0)


@pytest.mark.parametrize("basis", ["users", "quantity"])
def test_an_empty_population_is_unknown_not_safe(basis: str) -> None:
    queue = from_everyone(KEY, "equity-entry", everyone(0), NOW, basis=basis)  # type: ignore[arg-type]  # parametrised
    assert queue.light(0.1, 100.0, NOW).state is LightState.UNKNOWN


@pytest.mark.parametrize(
    ("score", "level", "interval", "own"),
    [
        (-3000.0, 1, (1, 2), 1),
        (-5.0, 1, (1, 2), 1),
        (-2.0, 2, (2, 3), 2),
        (-0.5, 4, (3, 4), 3),
        (0.0, 5, (4, 5), 4),
        (0.4, 5, (4, 5), 4),
    ],
)
def test_published_thresholds_give_the_venues_own_level(score: float, level: int, interval: tuple[int, int], own: int) -> None:
    """Bounds of Extended's documented sample, short side."""
    light = from_thresholds(score, (-815.7788, -2.1328, -0.9297, 0.0), age_seconds=3.0)
    assert (light.level, light.interval, light.raw, light.source) == (level, interval, own, LightSource.EXACT)
    assert light.age_seconds == 3.0
    assert light.note == f"level {own} of 4 by the venue's published thresholds"


@pytest.mark.parametrize(("score", "bounds"), [(None, (0.0,)), (float("nan"), (0.0,)), (1.0, ()), (1.0, (2.0, 1.0))])
def test_without_score_or_sound_thresholds_the_light_is_unknown(score: float | None, bounds: tuple[float, ...]) -> None:
    assert from_thresholds(score, bounds).state is LightState.UNKNOWN


def test_five_published_levels_are_our_own_scale() -> None:
    light = from_thresholds(0.35, (0.0, 0.1, 0.2, 0.3, 0.4))
    assert (light.level, light.interval) == (4, (4, 4))
