"""Lights by published bounds: those of Extended's BTC-USD (https://api.docs.extended.exchange, a sample of ccxt 4.5.90)."""

from datetime import UTC, datetime, timedelta

import pytest

from adlwatch.domain.estimate import estimates
from adlwatch.domain.gather import PositionRow
from adlwatch.domain.light import Light, LightSource, LightState
from adlwatch.domain.model import LevelBounds, Market, Position, Side
from adlwatch.domain.position_score import Score
from adlwatch.domain.reading import Health

NOW = datetime(2026, 4, 29, tzinfo=UTC)
BOUNDS = LevelBounds(
    long=((1, -47234.9095), (2, -0.0030), (3, 0.0020), (4, 0.0033)),
    short=((1, -815.7788), (2, -2.1328), (3, -0.9297), (4, 0.0)),
    levels=4,
)


def light(score: float | None, side: Side, *, bounds: LevelBounds | None = BOUNDS, age: float | None = 0.0) -> Light:
    position = Position(account="a", venue="extended", symbol="BTC/USDC:USDC", side=side, size=1.0, entry_price=1.0)
    as_of = None if age is None else NOW - timedelta(seconds=age)
    market = Market(venue="extended", symbol="BTC/USDC:USDC", as_of=as_of, level_bounds=bounds)
    row = PositionRow(position.key, position, "desk", Health.LIVE, 1.0, NOW, market, 0.0)
    (found,) = estimates([row], [None if score is None else Score(rule="levels", value=score)], {}, NOW)
    return found


@pytest.mark.parametrize(
    ("side", "score", "own"),
    [
        (Side.LONG, 0.001025641, 2),
        (Side.LONG, 0.0041025641, 4),
        (Side.SHORT, 1e-8, 4),
        (Side.SHORT, -0.641025641, 3),
    ],
)
def test_a_score_finds_its_level_among_the_published_bounds(side: Side, score: float, own: int) -> None:
    found = light(score, side)
    assert (found.state, found.source, found.raw) == (LightState.LIT, LightSource.EXACT, own)
    assert found.note == f"level {own} of 4 by the venue's published thresholds"
    assert found.age_seconds == 0.0


def test_bounds_that_leave_out_levels_keep_their_numbers() -> None:
    """Level 2 of four is no front of the queue, even where the venue lists two levels only."""
    found = light(0.1, Side.LONG, bounds=LevelBounds(long=((1, -3.0), (2, 0.0)), levels=4))
    assert (found.raw, found.level, found.interval) == (2, 2, (2, 3))


def test_without_a_score_or_a_bound_the_light_is_unknown() -> None:
    assert light(None, Side.LONG).state is LightState.UNKNOWN
    assert light(0.1, Side.LONG, bounds=LevelBounds(levels=4)).state is LightState.UNKNOWN
    assert light(0.1, Side.LONG, bounds=None).state is LightState.UNKNOWN


@pytest.mark.parametrize(("age", "words"), [(121.0, "121 s old"), (None, "of an unknown time")])
def test_old_bounds_are_stale_and_say_so(age: float | None, words: str) -> None:
    found = light(0.1, Side.LONG, age=age)
    assert (found.state, found.level) == (LightState.STALE, 5)
    assert found.note is not None
    assert words in found.note
