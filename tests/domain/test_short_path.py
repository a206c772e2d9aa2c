"""Where the public path is too short to tell who entered where, the venue's own fresh light is the answer."""

from datetime import UTC, datetime, timedelta

import pytest

from adlwatch.domain.assess import States, assess
from adlwatch.domain.light import LightSource, LightState
from adlwatch.domain.model import Account, Candle, MarginMode, Market, Position, Side, VenueLight
from adlwatch.domain.queue_update import Queues, update
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import PositionView
from adlwatch.venues import profiles

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def position(hours: int) -> PositionView:
    """The example of the book format, with so many hours of candles."""
    reading = Reading(
        source="s",
        as_of=NOW,
        received_at=NOW,
        accounts=(Account(id="a", venue="binance", equity=61_200.0),),
        positions=(
            Position(
                account="a",
                venue="binance",
                symbol="BTC/USDT:USDT",
                side=Side.SHORT,
                size=1.5,
                entry_price=60_000.0,
                mark_price=54_000.0,
                margin_mode=MarginMode.CROSS,
                venue_light=VenueLight(raw=3, as_of=NOW - timedelta(seconds=20)),
            ),
        ),
        markets=(
            Market(
                venue="binance",
                symbol="BTC/USDT:USDT",
                mark_price=54_000.0,
                open_interest=82_000.0,
                volume_24h=310_000.0,
                candles=tuple(
                    Candle(NOW - timedelta(hours=h), 54_100.0, 54_300.0, 53_800.0, 54_000.0, 5_200.0) for h in range(hours, 0, -1)
                ),
            ),
        ),
    )
    book = (SourceState(id="s", kind="book", interval=1.0, reading=reading),)
    settings = Settings(profiles=profiles())
    return assess(States(book, update(Queues(), book, settings, NOW).by_key), settings, NOW).positions[0]


@pytest.mark.parametrize("hours", [1, 23])
def test_less_than_a_day_of_candles_makes_no_estimate(hours: int) -> None:
    found = position(hours)
    assert found.estimate.state is LightState.UNKNOWN
    assert (found.light.level, found.light.source) == (4, LightSource.VENUE)


def test_a_light_just_learned_is_not_contradicted_while_nothing_has_moved() -> None:
    found = position(200)
    assert found.estimate.state is LightState.LIT
    assert (found.light.level, found.light.source) == (4, LightSource.VENUE)
