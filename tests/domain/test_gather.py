from datetime import UTC, datetime, timedelta
from math import inf, nan

import pytest

from adlwatch.domain.gather import gather
from adlwatch.domain.model import Account, Contract, HedgeSpec, Holding, Market, Position, Side
from adlwatch.domain.reading import Failure, FailureKind, Health, Reading, SourceState

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BEFORE = NOW - timedelta(seconds=10)


def position(account: str = "a", **changes: object) -> Position:
    fields: dict[str, object] = {"account": account, "venue": "v", "symbol": "BTC/USDT:USDT", "side": Side.SHORT, "size": 2.0}
    fields |= {"entry_price": 100.0, "mark_price": 90.0}
    return Position(**(fields | changes))  # type: ignore[arg-type]  # a test's free choice of fields


def state(id_: str = "s", failure: Failure | None = None, failures: int = 0, **parts: tuple[object, ...]) -> SourceState:
    reading = Reading(source=id_, as_of=BEFORE, received_at=BEFORE, **parts)  # type: ignore[arg-type]  # as above
    return SourceState(id=id_, kind="book", interval=60.0, reading=reading, failure=failure, failures=failures)


def market(mark: float | None, as_of: datetime | None, venue: str = "v") -> Market:
    return Market(venue=venue, symbol="BTC/USDT:USDT", mark_price=mark, as_of=as_of)


def test_a_source_without_a_reading_adds_nothing() -> None:
    found = gather([SourceState(id="x", kind="book", interval=1.0)], NOW)
    assert found.positions == () == found.holdings
    assert not found.accounts


def test_a_failed_source_keeps_its_rows_and_their_health_tells() -> None:
    failure = Failure(source="s", kind=FailureKind.RETRY, message="503", at=NOW)
    found = gather([state(positions=(position(),), failure=failure, failures=5)], NOW)
    assert [row.health for row in found.positions] == [Health.FAILING]


@pytest.mark.parametrize(("seconds", "failures"), [(121, 0), (0, 1)])
def test_a_source_past_two_intervals_or_one_failure_is_late_but_not_blind(seconds: int, failures: int) -> None:
    found = gather([state(positions=(position(),), failures=failures)], BEFORE + timedelta(seconds=seconds))
    assert [(row.health, row.health.blind) for row in found.positions] == [(Health.LATE, False)]


def test_rows_do_not_depend_on_the_order_of_sources() -> None:
    one = state("one", positions=(position("b"),), holdings=(Holding(account="b", venue="v", asset="BTC", amount=1.0),))
    two = state("two", positions=(position("a"),), markets=(market(95.0, NOW),), hedges=(HedgeSpec("h", ("a:BTC",)),))
    assert gather([one, two], NOW) == gather([two, one], NOW)
    assert [row.position.account for row in gather([one, two], NOW).positions] == ["a", "b"]


@pytest.mark.parametrize(
    ("mark", "as_of", "expected", "row_as_of"),
    [
        (95.0, NOW, 95.0, BEFORE),  # fresher than the position's own: taken, but the row is as old as its older part
        (95.0, BEFORE - timedelta(seconds=1), 90.0, BEFORE),
        (95.0, None, 90.0, BEFORE),
        (None, NOW, 90.0, BEFORE),
        (nan, NOW, 90.0, BEFORE),
        (0.0, NOW, 90.0, BEFORE),
    ],
)
def test_a_position_is_priced_at_the_freshest_usable_mark(
    mark: float | None, as_of: datetime | None, expected: float, row_as_of: datetime
) -> None:
    (row,) = gather([state(positions=(position(),), markets=(market(mark, as_of),))], NOW).positions
    assert (row.mark, row.as_of) == (expected, row_as_of)


def test_a_position_without_a_mark_takes_an_undated_market_mark() -> None:
    (row,) = gather([state(positions=(position(mark_price=inf),), markets=(market(95.0, None),))], NOW).positions
    assert (row.mark, row.as_of) == (95.0, BEFORE)


def test_the_freshest_of_several_markets_is_kept() -> None:
    found = gather([state("a", markets=(market(1.0, NOW),)), state("b", markets=(market(2.0, BEFORE), market(3.0, None)))], NOW)
    assert found.markets["v", "BTC/USDT:USDT"].mark_price == 1.0


def test_equity_moves_with_the_mark_since_the_venue_said_it() -> None:
    # short 2 from 100: the venue said 500 at mark 90; at 80 the position has won 20 more
    account = Account(id="a", venue="v", equity=500.0)
    found = gather([state(accounts=(account,), positions=(position(),), markets=(market(80.0, NOW),))], NOW)
    assert found.equity["a"] == pytest.approx(520.0)


def test_equity_is_wallet_plus_all_unrealized_pnl_where_the_venue_gives_none() -> None:
    account = Account(id="a", venue="v", wallet=500.0)
    inverse = position(symbol="BTC/USD:BTC", contract=Contract.INVERSE, size=100.0, side=Side.LONG)
    found = gather([state(accounts=(account,), positions=(position(), inverse))], NOW)
    assert found.equity["a"] == pytest.approx(500.0 + 20.0 - 10.0)


def test_equity_stays_unknown_where_it_cannot_be_known() -> None:
    account = Account(id="a", venue="v", wallet=500.0)
    unpriced = position(mark_price=None)
    assert gather([state(accounts=(account,), positions=(unpriced,))], NOW).equity == {"a": None}
    assert gather([state(accounts=(Account(id="a", venue="v"),), positions=(position(),))], NOW).equity == {"a": None}


def test_an_unpriced_position_does_not_move_the_venues_equity() -> None:
    account = Account(id="a", venue="v", equity=500.0)
    found = gather([state(accounts=(account,), positions=(position(mark_price=None), position("nobody")))], NOW)
    assert found.equity == {"a": 500.0}
