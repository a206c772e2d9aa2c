"""A position whose account is delta-neutral and protected is ranked last, whatever its score."""

from datetime import UTC, datetime, timedelta

from adlwatch.domain.assess import States, assess
from adlwatch.domain.light import LightState
from adlwatch.domain.model import Account, Candle, Holding, MarginMode, Market, Position, Side, VenueLight
from adlwatch.domain.queue_update import Queues, update
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import PositionView
from adlwatch.venues import profiles

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SETTINGS = Settings(profiles=profiles())


def sources(spot: float, *, mode: bool | None, candles: bool = True) -> tuple[SourceState, ...]:
    """Short 1 BTC from 120 at 100 with 30 of equity: at the front of the queue, were it not for the shield."""
    path = tuple(Candle(NOW - timedelta(hours=h), 100.0, 102.0, 98.0, 100.0 + h % 5 - 2, 50.0) for h in range(100, 0, -1))
    reading = Reading(
        source="s",
        as_of=NOW,
        received_at=NOW,
        accounts=(Account(id="a", venue="bybit", equity=30.0, delta_neutral_mode=mode, as_of=NOW),),
        positions=(
            Position(
                account="a",
                venue="bybit",
                symbol="BTC/USDT:USDT",
                side=Side.SHORT,
                size=1.0,
                entry_price=120.0,
                mark_price=100.0,
                margin_mode=MarginMode.CROSS,
                venue_light=VenueLight(raw=1, as_of=NOW),
            ),
        ),
        holdings=(Holding(account="a", venue="bybit", asset="BTC", amount=spot, collateral=True),),
        markets=(Market(venue="bybit", symbol="BTC/USDT:USDT", mark_price=100.0, candles=path if candles else (), as_of=NOW),),
    )
    return (SourceState(id="s", kind="book", interval=1.0, reading=reading),)


def seen(spot: float, *, mode: bool | None, candles: bool = True) -> tuple[PositionView, Queues]:
    book = sources(spot, mode=mode, candles=candles)
    queues = update(Queues(), book, SETTINGS, NOW)
    return assess(States(book, queues.by_key), SETTINGS, NOW).positions[0], queues


def test_while_the_shield_holds_the_estimate_is_the_last_place_and_says_what_it_would_be_without() -> None:
    position, _ = seen(1.0, mode=True)
    assert (position.light.level, position.estimate.level) == (1, 1)
    assert "without it" in (position.estimate.note or "")


def test_the_light_of_a_shielded_position_teaches_the_queue_nothing() -> None:
    _, shielded = seen(1.0, mode=True)
    _, open_ = seen(1.0, mode=False)
    assert [len(queue.evidence) for queue in shielded.by_key.values()] == [0]
    assert [len(queue.evidence) for queue in open_.by_key.values()] == [1]


def test_without_the_shield_the_score_decides() -> None:
    position, _ = seen(0.5, mode=True)  # half hedged: far past the threshold
    assert position.estimate.level == 5


def test_a_shield_makes_no_estimate_out_of_nothing() -> None:
    position, _ = seen(1.0, mode=True, candles=False)
    assert position.estimate.state is LightState.UNKNOWN
