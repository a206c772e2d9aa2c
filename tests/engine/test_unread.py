import logging
from datetime import UTC, datetime

import pytest

from adlwatch.domain.model import Position, Side, VenueLight
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.engine.unread import UnreadLights
from adlwatch.venues import profiles

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def sources(raw: str | float | None, venue: str = "binance") -> tuple[SourceState, ...]:
    light = VenueLight(raw, NOW)
    position = Position(account="a", venue=venue, symbol="BTC", side=Side.SHORT, size=1.0, entry_price=1.0, venue_light=light)
    bare = Position(account="b", venue=venue, symbol="BTC", side=Side.SHORT, size=1.0, entry_price=1.0)
    reading = Reading(source="main", as_of=NOW, received_at=NOW, positions=(position, bare))
    silent = SourceState(id="silent", kind="book", interval=1.0)
    return silent, SourceState(id="main", kind="book", interval=1.0, reading=reading)


def test_an_unreadable_light_is_logged_once_until_it_changes(caplog: pytest.LogCaptureFixture) -> None:
    unread = UnreadLights(profiles())
    with caplog.at_level(logging.WARNING):
        for raw in (9, 9, "4.3335", 3, 9):
            unread.heard(sources(raw))
    said = [record.getMessage() for record in caplog.records]
    line = "main: a:BTC:short at binance: unreadable light: raw {} is not on the venue's scale"
    assert said == [line.format(9), line.format("4.3335"), line.format(9)]


@pytest.mark.parametrize(("raw", "venue"), [(3, "binance"), (None, "binance"), (9, "mtgox"), (9, "dydx")])
def test_what_can_be_read_and_what_is_no_light_is_not_logged(
    raw: float | None, venue: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        UnreadLights(profiles()).heard(sources(raw, venue))
    assert not caplog.records
