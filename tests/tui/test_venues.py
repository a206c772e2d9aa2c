"""The venues screen: trouble first, unknown is not calm, facts with their sources."""

import pytest
from msgspec.structs import replace

from adlwatch.domain.snapshot import StressLevel, StressView
from adlwatch.tui.screens.venue import venue_lines
from adlwatch.tui.spans import plain
from adlwatch.tui.venue_rows import VENUES, VenueRow, venue_rows
from adlwatch.tui.venue_text import venue_summary, venue_text
from tests.tui.harness import watching
from tests.tui.samples import SNAPSHOT

POOL = StressView(
    venue="bybit",
    pool="USDT",
    level=StressLevel.WARNING,
    balance=41_000_000.0,
    drain_per_hour=0.041,
    hours_to_empty=24.0,
    trigger_distance=0.12,
    warning="adlAlert",
    reasons=("4.1 % lost in an hour",),
)
MARKET = StressView(venue="bybit", level=StressLevel.CALM, symbols=("BTC/USDT:USDT",), funding_z=0.4, index_gap=-0.0002)
STRESSED = replace(SNAPSHOT, stress=(MARKET, POOL))


def shown() -> list[str]:
    rows = venue_rows(STRESSED, venue_summary)
    return [" ".join(plain(getattr(row, c.id)(c.width)).strip() for c in VENUES) for row in rows]


def test_the_most_troubled_venue_comes_first_with_its_pools_below() -> None:
    lines = shown()
    assert lines[0].startswith("bybit ▲ warning")
    assert lines[1].startswith("USDT ▲ warning $41.00M −4.1% 1d 12.0%")
    assert "adlAlert" in lines[1]
    assert lines[2].startswith("BTC/USDT:USDT ● calm")


def test_a_venue_of_which_no_stress_is_known_is_unknown_and_not_calm() -> None:
    row = next(row for row in venue_rows(SNAPSHOT, venue_summary) if isinstance(row, VenueRow) and row.venue == "binance")
    assert plain(row.level(10)) == "○ unknown"


def test_a_venue_without_a_profile_says_so() -> None:
    row = VenueRow("nowhere", venue_summary("nowhere"), StressLevel.UNKNOWN)
    assert plain(row.about(90)) == "no profile of this venue"
    assert "no profile" in "".join(plain(line) for line in venue_lines(venue_text("nowhere"), 80))


def test_the_page_of_a_venue_gives_every_fact_its_grade_and_source() -> None:
    page = "\n".join(plain(line) for line in venue_lines(venue_text("binance"), 100))
    for words in ("rule", "binance-2025", "closing price", "https://", "(official)"):
        assert words in page, words


@pytest.mark.asyncio
async def test_from_the_strip_to_the_facts_and_back() -> None:
    async with watching(STRESSED) as watch:
        await watch.press("3")
        assert "−4.1%" in watch.text()
        await watch.press("enter")
        assert "HOW IT DELEVERAGES" in watch.text()
        await watch.press("q")
        assert "VENUE / POOL" in watch.text()
