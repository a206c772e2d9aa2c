from datetime import UTC, datetime, timedelta
from math import log

import pytest
from msgspec.structs import replace

from adlwatch.domain.course import UNKNOWN_COURSE
from adlwatch.domain.model import Account, Candle, MarginMode, Market, Position, Side
from adlwatch.domain.outlook import Outlook, current, look_ahead
from adlwatch.domain.queue_calibration import Observation
from adlwatch.domain.queue_update import Queues, update
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import NextLight
from adlwatch.venues import profiles

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SETTINGS = Settings(profiles=profiles())
SHORT = Position(
    account="a",
    venue="binance",
    symbol="BTC/USDT:USDT",
    side=Side.SHORT,
    size=1.0,
    entry_price=101.0,
    mark_price=100.0,
    margin_mode=MarginMode.CROSS,
)
NOWHERE = Position(account="a", venue="nowhere", symbol="X/USDT:USDT", side=Side.LONG, size=1.0, entry_price=1.0, mark_price=1.0)


def sources(*positions: Position, opened: float = 100.0) -> tuple[SourceState, ...]:
    path = tuple(Candle(NOW - timedelta(hours=h), opened, 102.0, 98.0, 100.0 + h % 5 - 2, 50.0) for h in range(100, 0, -1))
    reading = Reading(
        source="s",
        as_of=NOW,
        received_at=NOW,
        accounts=tuple(Account(id=name, venue="binance", equity=60.0, as_of=NOW) for name in ("a", "b")),
        positions=positions,
        markets=(Market(venue="binance", symbol="BTC/USDT:USDT", mark_price=100.0, candles=path, as_of=NOW),),
    )
    return (SourceState(id="s", kind="book", interval=1.0, reading=reading),)


def test_the_marks_of_the_next_lights_are_found_for_ranked_positions_only() -> None:
    book = sources(SHORT, NOWHERE)
    queues = update(Queues(), book, SETTINGS, NOW)
    ahead = look_ahead({}, queues.by_key, book, SETTINGS, NOW, count=5)
    assert set(ahead) == {SHORT.key}
    levels = [mark.level for mark in ahead[SHORT.key].marks]
    assert levels == sorted(levels)
    assert levels


def test_the_courses_of_all_are_seen_at_once_by_their_lean_the_mark_s_drift_and_the_newest_light() -> None:
    book = sources(SHORT, opened=101.0)
    queues = update(Queues(), book, SETTINGS, NOW).by_key
    known = {SHORT.key: Outlook(NOW, ())}
    assert look_ahead(known, queues, book, SETTINGS, NOW, count=0)[SHORT.key].course == UNKNOWN_COURSE
    lit = {key: queue.observe([Observation(0.0, 100.5, 0.2, 0.4, NOW)], NOW) for key, queue in queues.items()}
    found = look_ahead(known, lit, book, SETTINGS, NOW, count=0)[SHORT.key].course
    assert found.light_mark == pytest.approx(100.5)
    assert found.pace == pytest.approx(log(100.0 / 101.0) / 60.0)
    nearest = look_ahead({}, lit, book, SETTINGS, NOW, count=1)[SHORT.key].marks[0]
    assert found.lean * nearest.move > 0.0  # it leans towards the mark of its next light


def test_leans_are_found_in_turn_where_they_are_too_many_for_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adlwatch.domain.outlook.LEANS", 1)
    other = replace(SHORT, account="b", entry_price=103.0)
    book = sources(SHORT, other)
    queues = update(Queues(), book, SETTINGS, NOW).by_key
    lit = {key: queue.observe([Observation(0.0, 100.5, 0.2, 0.4, NOW)], NOW) for key, queue in queues.items()}
    first = look_ahead({}, lit, book, SETTINGS, NOW, count=0)
    second = look_ahead(first, lit, book, SETTINGS, NOW + timedelta(seconds=2), count=0)
    assert [outlook.course.lean != 0.0 for outlook in first.values()] == [True, False]
    assert [outlook.course.lean != 0.0 for outlook in second.values()] == [True, True]
    assert second[SHORT.key].course.lean == first[SHORT.key].course.lean


def test_the_outlook_of_a_closed_position_is_forgotten() -> None:
    known = {"gone": Outlook(NOW, ())}
    assert look_ahead(known, {}, sources(SHORT), SETTINGS, NOW, count=5) == {}


def test_the_distance_is_measured_from_the_present_mark_and_reached_levels_are_passed_over() -> None:
    marks = (NextLight(level=3, mark=99.0, move=-0.01), NextLight(level=4, mark=90.0, move=-0.1))
    outlook = Outlook(NOW, marks)
    ahead = current(outlook, 3, 95.0)
    assert ahead is not None
    assert ahead.minutes is None
    falling = current(outlook._replace(drift=-0.1), 3, 95.0)
    assert falling is not None
    assert falling.minutes == pytest.approx(600.0 * log(95.0 / 90.0))
    assert current(outlook._replace(drift=0.1), 3, 95.0) == ahead
    assert (ahead.level, ahead.mark) == (4, 90.0)
    assert ahead.move == pytest.approx(90 / 95 - 1)
    assert current(outlook, 4, 95.0) is None
    assert current(None, 3, 95.0) is None
    assert current(outlook, None, 95.0) is None
    assert current(outlook, 3, None) is None
