from datetime import UTC, datetime, timedelta

import pytest

from adlwatch.domain.accuracy import Hits, accuracy, lead_seconds
from adlwatch.domain.changes import Change, ChangeKind
from adlwatch.domain.sighting import Sighting

START = datetime(2026, 11, 22, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def seen(
    seconds: float,
    level: int,
    estimate: int | None,
    held: int | None = None,
    *,
    key: str = "a:BTC:short",
    venue: str = "binance",
    interval: tuple[int, int] | None = None,
) -> Sighting:
    low, high = interval or (None, None)
    since = None if held is None else START
    return Sighting(
        at=at(seconds), key=key, venue=venue, level=level, held=held, held_since=since, estimate=estimate, low=low, high=high
    )


def estimated(seconds: float, level: int | None, key: str = "a:BTC:short") -> Change:
    return Change(at=at(seconds), kind=ChangeKind.ESTIMATE, subject=key, before=None, after=str(level), level=level)


def test_lights_are_compared_with_the_estimate_before_them() -> None:
    (report,) = accuracy(
        [
            seen(0, 3, None),
            seen(60, 3, 3, 3, interval=(2, 3)),
            seen(120, 4, 3, 3, interval=(3, 4)),
            seen(180, 2, 4, 4, interval=(3, 5)),
            seen(240, 2, 2, 2),
        ],
        [],
    )
    assert (report.venue, report.positions, report.lights) == ("binance", 1, 5)
    assert report.every == Hits(of=4, exact=2, within_one=3, inside=3, repeated=2)
    assert report.moves == Hits(of=2, exact=0, within_one=1, inside=1, repeated=0)
    assert (report.ups, report.ups_led, report.lead_seconds) == (1, 0, None)


def test_each_venue_has_its_own_report_in_order_of_name() -> None:
    reports = accuracy([seen(0, 3, 3, venue="okx", key="b"), seen(0, 3, 2), seen(0, 3, 2, key="c")], [])
    assert [(r.venue, r.positions, r.every.exact) for r in reports] == [("binance", 2, 0), ("okx", 1, 1)]
    assert accuracy([], []) == ()


@pytest.mark.parametrize(
    ("estimates", "lead"),
    [
        ((), None),
        (((10, 3),), None),
        (((10, 4),), 90.0),
        (((10, 4), (50, 5)), 90.0),
        (((10, 4), (50, 3), (80, 4)), 20.0),
        (((10, 4), (50, 3)), None),
        (((10, 4), (50, None), (70, 4)), 30.0),
        (((-500, 4),), 100.0),
        (((-500, 4), (-400, 5)), 100.0),
        (((100, 4),), None),
        (((140, 4),), None),
    ],
)
def test_the_lead_runs_from_when_the_estimate_came_to_stay(
    estimates: tuple[tuple[float, int | None], ...], lead: float | None
) -> None:
    assert lead_seconds(seen(100, 4, 4, 3), [estimated(*each) for each in estimates]) == lead


def test_without_knowing_since_when_the_venue_showed_the_level_before_the_whole_lead_counts() -> None:
    assert lead_seconds(seen(100, 4, 4), [estimated(-500, 5)]) == 600.0


def test_the_median_lead_is_over_the_moves_up_that_were_led_and_only_by_their_own_position() -> None:
    moves = [seen(100, 4, 4, 3), seen(200, 5, 5, 4), seen(300, 4, 4, 5), seen(100, 4, 3, 3, key="b")]
    (report,) = accuracy(moves, [estimated(70, 4), estimated(190, 5)])
    assert (report.ups, report.ups_led, report.lead_seconds) == (3, 2, 20.0)
