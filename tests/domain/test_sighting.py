from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from adlwatch.domain.light import Light, LightSource, LightState
from adlwatch.domain.model import Position, Side, VenueLight
from adlwatch.domain.reading import Reading
from adlwatch.domain.sighting import Seen, Sighting, sightings
from adlwatch.venues import profiles

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = "a:BTC/USDT:USDT:short"
ESTIMATE = Light(state=LightState.LIT, level=4, source=LightSource.MODELLED, interval=(3, 5))


def reading(seconds: float, raw: float | None, venue: str = "binance") -> Reading:
    at = START + timedelta(seconds=seconds)
    position = Position(
        account="a",
        venue=venue,
        symbol="BTC/USDT:USDT",
        side=Side.SHORT,
        size=1.0,
        entry_price=10.0,
        venue_light=None if raw is None else VenueLight(raw, at),
    )
    return Reading(source="a", as_of=at, received_at=at, positions=(position,))


def follow(*readings: Reading, estimates: Mapping[str, Light] | None = None) -> list[Sighting]:
    seen: dict[str, Seen] = {}
    found = []
    for each in readings:
        for last, sighting in sightings(each, seen, estimates or {}, profiles()):
            seen[sighting.key] = last
            found.append(sighting)
    return found


def test_the_first_light_has_nothing_before_it() -> None:
    (first,) = follow(reading(0, 2))
    assert (first.at, first.key, first.venue, first.level) == (START, KEY, "binance", 3)
    assert (first.held, first.held_since, first.moved) == (None, None, False)
    assert (first.estimate, first.low, first.high) == (None, None, None)


def test_a_light_that_stays_is_kept_once_a_minute_and_one_that_moves_at_once() -> None:
    found = follow(*(reading(n, 2 if n < 70 else 3) for n in range(0, 80, 5)))
    assert [((each.at - START).total_seconds(), each.level, each.moved) for each in found] == [
        (0, 3, False),
        (60, 3, False),
        (70, 4, True),
    ]
    assert (found[2].held, found[2].held_since) == (3, START)


def test_the_estimate_beside_it_is_the_one_given_and_only_if_it_has_a_level() -> None:
    (lit,) = follow(reading(0, 2), estimates={KEY: ESTIMATE})
    assert (lit.estimate, lit.low, lit.high) == (4, 3, 5)
    (dark,) = follow(reading(0, 2), estimates={KEY: Light(state=LightState.UNKNOWN)})
    assert dark.estimate is None


def test_what_shows_no_light_or_no_readable_one_is_no_sighting() -> None:
    assert not follow(reading(0, None), reading(1, 9), reading(2, 2, venue="nobody-knows"), reading(3, 2, venue="dydx"))
