"""Raw fields with their ages, plots out of the kept history, time to the next light."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import isnan

import pytest
from msgspec.structs import replace

from adlwatch.domain.light import LightSource, LightState
from adlwatch.domain.model import Account, Book, Market, Position, Side, VenueLight
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.samples import Sample
from adlwatch.domain.snapshot import Severity
from adlwatch.tui.control import Backend
from adlwatch.tui.detail_history import longer
from adlwatch.tui.past import CELLS, past
from adlwatch.tui.raw_text import raw_lines, raw_parts
from adlwatch.tui.screens.raw import RawScreen
from adlwatch.tui.spans import plain
from tests.tui.harness import Feed, watching
from tests.tui.samples import BTC_SHORT, NOW, SNAPSHOT

POSITION = Position(
    account="bin-main",
    venue="binance",
    symbol="BTC/USDT:USDT",
    side=Side.SHORT,
    size=1.5,
    entry_price=60_000.0,
    venue_light=VenueLight(3, NOW - timedelta(seconds=20)),
    as_of=NOW - timedelta(seconds=2),
    raw=(("positionAmt", "-1.5"), ("notional [/b]", "-81000")),
)
SOURCE = SourceState(
    id="bin-main",
    kind="binance",
    interval=5.0,
    reading=Reading(
        source="bin-main",
        as_of=NOW,
        received_at=NOW,
        accounts=(Account(id="bin-main", venue="binance", equity=61_200.0), Account(id="another", venue="binance")),
        positions=(POSITION,),
        markets=(
            Market(venue="binance", symbol="BTC/USDT:USDT", mark_price=54_000.0, book=Book(), as_of=NOW - timedelta(seconds=9)),
            Market(venue="binance", symbol="ETH/USDT:USDT"),
        ),
    ),
)


def sample(at: datetime, level: int | None = 3) -> Sample:
    return Sample(
        at=at,
        key=BTC_SHORT.key,
        state=LightState.LIT,
        level=level,
        source=LightSource.VENUE,
        estimate=None,
        low=None,
        high=None,
        score=0.1,
        mark=54_000.0,
        notional=None,
        distance=None,
        severity=Severity.OK,
    )


def test_every_part_of_the_raw_view_has_its_own_age_and_unknown_stays_unknown() -> None:
    shown = "\n".join(plain(line) for line in raw_lines(raw_parts((SOURCE,), POSITION.key), NOW, 100))
    for words in ("THE VENUE'S OWN FIELDS, 2s old", "VENUE LIGHT, 20s old", "ACCOUNT, 0s old", "MARKET, 9s old", "positionAmt"):
        assert words in shown, words
    assert "-81000" in shown
    assert shown.count("61200.0") == 1
    assert "unknown" in next(line for line in shown.splitlines() if "mark_price" in line)
    assert "another" not in shown


def test_a_position_that_nobody_tells_of_has_no_raw_fields() -> None:
    silent = SourceState(id="quiet", kind="book", interval=1.0)
    assert "No source tells" in plain(raw_lines(raw_parts((silent, SOURCE), "gone"), NOW, 80)[0])


@pytest.mark.asyncio
async def test_the_raw_fields_open_from_the_drill_down_and_close_again() -> None:
    feed = Feed()
    async with watching(SNAPSHOT, feed=feed, backend=Backend(feed, sources=lambda: (SOURCE,))) as watch:
        await watch.press("j", "j", "enter", "r")
        assert watch.in_front(RawScreen)
        assert "notional [/b]" in watch.text()
        await watch.press("escape")
        assert watch.line("LADDER")


def test_where_nobody_watched_the_past_has_a_gap() -> None:
    start = NOW - timedelta(days=1)
    watched = [sample(start + timedelta(minutes=i)) for i in range(361)]
    later = [sample(NOW - timedelta(minutes=i), level=None) for i in range(60, -1, -1)]
    marks, scores, levels = past([*watched, *later], "a day", start, NOW).series
    assert len(marks) == len(scores) == len(levels) == CELLS
    known = [not isnan(mark) for mark in marks]
    assert all(known[:60])
    assert not any(known[62:229])
    assert all(known[231:])
    assert all(isnan(level) for level in levels[100:])


def test_thinned_samples_still_make_a_line_and_an_empty_past_is_no_line() -> None:
    start = NOW - timedelta(days=7)
    hourly = [sample(start + timedelta(minutes=10 * i)) for i in range(1009)]
    assert not any(isnan(mark) for mark in past(hourly, "a week", start, NOW).series[0][1:])
    assert "no history yet" in plain(longer(past([], "a week", start, NOW), 80)[1])


@pytest.mark.asyncio
async def test_the_plots_look_back_over_a_day_and_a_week_and_return() -> None:
    feed, asked = Feed(), []

    def read(key: str, since: datetime) -> Sequence[Sample]:
        asked.append((key, NOW - since))
        return [sample(NOW - timedelta(minutes=i)) for i in range(600, -1, -1)]

    async with watching(SNAPSHOT, feed=feed, backend=Backend(feed, past=read)) as watch:
        await watch.press("j", "j", "enter", "h")
        await watch.worked("past")
        await watch.pilot.pause()
        assert "HISTORY: a day" in watch.text()
        assert "21 Nov 16:20" in watch.text()
        assert "22 Nov 16:20" in watch.text()
        await watch.press("h")
        await watch.worked("past")
        await watch.press("h")
        assert "HISTORY:" not in watch.text()
    assert asked == [(BTC_SHORT.key, timedelta(days=1)), (BTC_SHORT.key, timedelta(days=7))]


@pytest.mark.asyncio
async def test_the_time_to_the_next_light_is_told_where_the_drift_leads_there() -> None:
    assert BTC_SHORT.next_light is not None
    soon = replace(BTC_SHORT, next_light=replace(BTC_SHORT.next_light, minutes=200.0))
    async with watching(replace(SNAPSHOT, positions=(soon, *SNAPSHOT.positions[1:]))) as watch:
        await watch.press("j", "j", "enter")
        assert "in 3.3 h at this drift" in watch.text()
