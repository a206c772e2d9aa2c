from datetime import UTC, datetime

import numpy as np
import pytest

from adlwatch.domain.inputs import Array
from adlwatch.domain.model import Side
from adlwatch.domain.queue import Queue, QueueKey
from adlwatch.domain.queue_exact import from_everyone
from adlwatch.domain.queue_marks import hours_until, next_marks
from adlwatch.domain.score import Inputs

NOW = datetime(2026, 1, 10, tzinfo=UTC)


def crowd() -> Queue:
    """Thousand shorts from 90 to 110 with 40 of wallet each."""
    entry = np.linspace(90.0, 110.0, 1000)
    x = Inputs.of(sign=-1.0, entry=entry, mark=100.0, size=1.0, isolated=0.0, equity=40.0 + (entry - 100.0))
    return from_everyone(QueueKey("v", "COIN", Side.SHORT), "binance-2025", x, NOW)


def levered(marks: Array) -> Array:
    """A short from 100 with 20 of wallet: it overtakes the crowd as the mark falls, and is gone at 120."""
    return np.where(marks < 120.0, (100.0 - marks) / (120.0 - marks), np.nan)


def test_the_next_marks_are_where_the_level_changes() -> None:
    queue = crowd()
    start = int(queue.light(0.0, 100.0, NOW).level or 0)
    found = next_marks(queue, levered, 100.0, NOW)
    assert [each.level for each in found] == list(range(start + 1, start + 1 + len(found)))
    assert found
    for each in found:
        assert each.move == pytest.approx(each.mark / 100.0 - 1.0)
        assert each.mark < 100.0
        for mark, level in ((each.mark * 0.9999, each.level), (each.mark * 1.0001, each.level - 1)):
            assert queue.light(float(levered(np.array([mark]))[0]), mark, NOW).level == level


def test_a_level_above_may_lie_upwards_too() -> None:
    """A short that is ranked by a score which grows with the mark."""
    found = next_marks(crowd(), lambda marks: (marks - 100.0) / 50.0, 100.0, NOW)
    assert found[0].move > 0


def test_no_next_mark_where_the_own_level_is_unknown_or_already_the_highest() -> None:
    assert next_marks(crowd(), lambda marks: np.full(len(marks), np.nan), 100.0, NOW) == ()
    assert next_marks(crowd(), lambda marks: np.full(len(marks), 9.0), 100.0, NOW) == ()


def test_levels_out_of_reach_are_left_out() -> None:
    assert next_marks(crowd(), lambda marks: np.full(len(marks), -9.0), 100.0, NOW) == ()


@pytest.mark.parametrize(
    ("target", "drift", "hours"),
    [(90.0, -0.05, 2.107), (110.0, 0.05, 1.906), (90.0, 0.05, None), (90.0, 0.0, None), (100.0, 0.1, None)],
)
def test_time_to_a_mark_is_known_only_when_drifting_towards_it(target: float, drift: float, hours: float | None) -> None:
    found = hours_until(100.0, target, drift)
    assert found == (None if hours is None else pytest.approx(hours, abs=1e-3))
