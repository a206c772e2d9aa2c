"""An assessment of ten times the book takes ten times the steps, not more.

Steps are counted, not timed: a busy machine changes nothing.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from types import FrameType
from typing import Any

from adlwatch.domain.assess import States, assess
from adlwatch.domain.model import Account, Holding, MarginMode, Market, Pool, Position, Side, VenueLight
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.settings import Settings
from adlwatch.venues import profiles

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SETTINGS = Settings(profiles=profiles())
VENUES = ("binance", "bybit", "okx", "hyperliquid")


def book(hedges: int) -> States:
    """Two legs a hedge and a balance in half of them, over eight accounts at four venues, with a pool at each venue."""
    accounts = [Account(id=f"a{i}", venue=VENUES[i % 4], equity=1e6, delta_neutral_mode=True) for i in range(8)]
    positions, holdings = [], []
    for i in range(hedges):
        for side, account in ((Side.LONG, accounts[i % 8]), (Side.SHORT, accounts[(i + 3) % 8])):
            position = Position(
                account=account.id,
                venue=account.venue,
                symbol=f"C{i}/USDT:USDT",
                side=side,
                size=1.0 + i % 7,
                entry_price=90.0 + i % 20,
                mark_price=100.0,
                margin_mode=MarginMode.CROSS,
                venue_light=VenueLight(raw=i % 5, as_of=NOW),
            )
            positions.append(position)
        if i % 2:
            holdings.append(Holding(account=accounts[0].id, venue="binance", asset=f"C{i}", amount=3.0))
    reading = Reading(
        source="s",
        as_of=NOW,
        received_at=NOW,
        accounts=tuple(accounts),
        positions=tuple(positions),
        holdings=tuple(holdings),
        markets=tuple(Market(venue=p.venue, symbol=p.symbol, mark_price=100.5, index_price=100.4, as_of=NOW) for p in positions),
        pools=tuple(Pool(venue=venue, name="fund", balance=1e6, as_of=NOW) for venue in VENUES),
    )
    return States((SourceState(id="s", kind="book", interval=1.0, reading=reading),))


def calls(work: Callable[[], object]) -> int:
    """How many functions are called, Python's own and C's, comparisons and loops within C not among them."""
    count = 0

    def counted(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def lines(work: Callable[[], object]) -> int:
    """How many lines of Python are run: also those of a loop that calls nothing."""
    count = 0

    def counted(_frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return counted

    before = sys.gettrace()
    sys.settrace(counted)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def test_the_steps_of_an_assessment_grow_with_the_book_and_no_faster() -> None:
    small, large = book(30), book(300)
    for each in (small, large):
        assess(each, SETTINGS, NOW)  # what is kept by symbol and venue is in memory
    for steps in (calls, lines):
        few, many = (steps(lambda each=each: assess(each, SETTINGS, NOW)) for each in (small, large))  # type: ignore[misc]  # bound at once
        assert few < many <= 10 * few
