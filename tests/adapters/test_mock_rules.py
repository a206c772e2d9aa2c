"""The mechanics of the mock exchange one by one, on numbers that can be checked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlwatch.adapters.mock import adl
from adlwatch.adapters.mock.book import Books
from adlwatch.adapters.mock.fund import Funds
from adlwatch.adapters.mock.lights import encode
from adlwatch.adapters.mock.liquidation import Liquidated, Liquidations
from adlwatch.adapters.mock.margin import Moment, largest, maintenance, margins
from adlwatch.adapters.mock.markets import MARKETS, REACH, VENUES
from adlwatch.adapters.mock.traders import Traders
from adlwatch.domain.inputs import Array
from adlwatch.domain.light import normalise
from adlwatch.domain.model import Side
from adlwatch.venues import profiles

ONES = np.ones(len(MARKETS))
amounts = st.lists(st.floats(0.001, 1_000), min_size=1, max_size=12)


def traders() -> Traders:
    return Traders(tuple(8 for _ in MARKETS), 1)


def put(book: Traders, size: float, entry: float, wallet: float) -> int:
    """One isolated position in the first market, with its own money."""
    row = book.place(0, None, size, entry, 5.0, isolated=True)
    book.endow(row, wallet)
    return row


def moment(book: Traders, mark: float) -> Moment:
    marks: Array = ONES * mark
    return Moment(0.0, marks, marks, marks, margins(book, marks))


@given(demand=amounts, supply=amounts)
def test_fills_use_up_both_lines_in_order(demand: list[float], supply: list[float]) -> None:
    j, i, size = adl.matches(np.array(demand), np.array(supply))
    assert (np.diff(j) >= 0).all()
    assert (np.diff(i) >= 0).all()
    assert float(size.sum()) == pytest.approx(min(sum(demand), sum(supply)))
    assert (np.bincount(j, weights=size, minlength=len(demand)) <= np.array(demand) * (1 + 1e-9)).all()
    assert (np.bincount(i, weights=size, minlength=len(supply)) <= np.array(supply) * (1 + 1e-9)).all()


def test_two_bankrupt_longs_walk_down_three_shorts() -> None:
    book = traders()
    lost_a, lost_b = put(book, 3.0, 100.0, 15.0), put(book, 2.0, 100.0, 16.0)
    first, second, third = put(book, -2.0, 120.0, 20.0), put(book, -2.0, 110.0, 20.0), put(book, -1.0, 101.0, 100.0)
    now = moment(book, 90.0)
    queue = adl.rank(book, now.margins, 0, -1, "value")
    assert queue.rows.tolist() == [first, second, third]
    prices = now.margins.bankruptcy(book, np.array([lost_a, lost_b]))
    assert prices.tolist() == [95.0, 92.0]

    done = adl.close(book, now, queue, np.array([lost_a, lost_b]), prices)

    assert done.bankrupt.tolist() == [lost_a, lost_a, lost_b, lost_b]
    assert done.winner.tolist() == [first, second, second, third]
    assert done.size.tolist() == [2.0, 1.0, 1.0, 1.0]
    assert done.price.tolist() == [95.0, 95.0, 92.0, 92.0]
    assert done.pnl.tolist() == [50.0, 15.0, 18.0, 9.0]
    assert not book.size[[lost_a, lost_b, first, second, third]].any()
    assert book.wallet[[lost_a, lost_b]].tolist() == [0.0, 0.0]


def test_the_last_trader_of_a_batch_is_closed_in_part_and_stays_in_the_queue() -> None:
    book = traders()
    lost, winner = put(book, 1.0, 100.0, 5.0), put(book, -4.0, 120.0, 50.0)
    now = moment(book, 90.0)
    adl.close(book, now, adl.rank(book, now.margins, 0, -1, "value"), np.array([lost]), np.array([95.0]))
    assert book.size[winner] == -3.0
    assert book.wallet[winner] == 75.0


def test_a_winner_who_could_not_pay_for_the_gap_is_passed_over() -> None:
    book = traders()
    lost, weak, strong = put(book, 1.0, 100.0, 30.0 - 25.0), put(book, -1.0, 91.0, 1.0), put(book, -1.0, 100.0, 80.0)
    now = moment(book, 90.0)
    queue = adl.rank(book, now.margins, 0, -1, "value")
    assert queue.rows.tolist() == [strong, weak] or queue.rows.tolist() == [weak, strong]
    done = adl.close(book, now, queue, np.array([lost]), np.array([95.0]))
    assert done.winner.tolist() == [strong]
    assert book.size[weak] == -1.0


def test_shielded_rows_come_after_everyone_else() -> None:
    book = traders()
    front, back = put(book, -1.0, 150.0, 10.0), put(book, -1.0, 91.0, 100.0)
    book.shielded[front] = True
    assert adl.rank(book, moment(book, 90.0).margins, 0, -1, "value").rows.tolist() == [back, front]


@given(notional=st.floats(1, 1e8))
def test_maintenance_is_each_tiers_rate_on_its_part(notional: float) -> None:
    for market in MARKETS:
        floors = [floor for floor, _ in market.tiers[1:]] + [float("inf")]
        by_hand = sum(
            rate * (min(notional, upper) - floor)
            for (floor, rate), upper in zip(market.tiers, floors, strict=True)
            if notional > floor
        )
        assert maintenance(market, np.array([notional]))[0] == pytest.approx(by_hand)
        assert largest(market, np.array([by_hand]), 1.0)[0] == pytest.approx(notional)


def test_a_sweep_pays_more_the_deeper_it_goes_and_the_far_end_beyond_the_book() -> None:
    books = Books(ONES * 1_000)
    rest = float(books.resting[0, 0])
    price, inside = books.quote(0, -1, np.array([rest / 2, rest / 2, rest]), 100.0)
    assert price.tolist() == pytest.approx([100 * (1 - REACH / 4), 100 * (1 - 3 * REACH / 4), 100 * (1 - REACH)])
    assert inside.tolist() == [True, True, False]
    books.take(0, -1, rest)
    assert books.resting[0, 0] == 0
    assert books.premium[0] < books.basis[0]
    for _ in range(400):
        books.step(0.25, 1.0)
    assert books.premium[0] == pytest.approx(books.basis[0], abs=1e-4)
    assert books.resting[0, 0] == pytest.approx(rest / 1.25, rel=0.01)


def test_an_account_with_two_legs_loses_the_larger_first_and_is_never_sold_twice_for_one_debt() -> None:
    book = traders()
    ledger = book.rows
    small = book.place(0, ledger, 1.0, 100.0, 10.0, isolated=False)
    large = book.place(1, ledger, 2.0, 100.0, 10.0, isolated=False)
    book.endow(ledger, 10.0)
    books, pools = Books(ONES * 1_000), Funds(ONES[:4] * 1_000)
    for market in (0, 1):
        row = book.maker(market)
        book.size[row], book.entry[row] = -float(book.size[[small, large][market]]), 100.0
        book.endow(row, 1_000.0)
    engine = Liquidations(book, books, pools)
    before = book.wallet.sum() + pools.balance.sum()

    first = engine.run(moment(book, 95.0))
    assert [event.market for event in first] == [1]
    assert book.size[small] == 1.0
    assert float(book.wallet[ledger]) + (95.0 - 100.0) == pytest.approx(0.0)
    second = engine.run(moment(book, 95.0))
    assert [event.market for event in second] == [0]
    assert float(book.wallet[ledger]) == pytest.approx(0.0)
    assert book.wallet.sum() + pools.balance.sum() == pytest.approx(before)
    assert not book.size[[small, large, book.maker(0), book.maker(1)]].any()


@pytest.mark.parametrize(("balance", "closed"), [(1_000.0, "liquidated"), (0.5, "deleveraged")])
def test_a_bankrupt_account_is_deleveraged_only_when_the_pool_cannot_pay(balance: float, closed: str) -> None:
    book = traders()
    lost, winner = put(book, 1.0, 100.0, 4.0), put(book, -1.0, 110.0, 50.0)
    pools = Funds(ONES[:4] * balance)
    events = Liquidations(book, Books(ONES * 1_000), pools).run(moment(book, 95.0))
    assert [type(event) for event in events] == [Liquidated if closed == "liquidated" else adl.Closed]
    assert book.size[lost] == 0
    assert book.size[winner] == (-1.0 if closed == "liquidated" else 0.0)
    assert (float(pools.balance[0]) < balance) == (closed == "liquidated")


def test_a_pool_never_goes_below_zero() -> None:
    pools = Funds(np.array([100.0]))
    pools.settle(0, -100.0)
    assert pools.balance.tolist() == [0.0]
    with pytest.raises(ArithmeticError, match="cannot pay"):
        pools.settle(0, -1.0)


def test_the_maker_takes_every_trade_with_its_own_money() -> None:
    book = traders()
    row = book.maker(0)
    for size, price in ((2.0, 100.0), (2.0, 110.0), (-6.0, 120.0), (2.0, 110.0)):
        book.trade_maker(0, size, price)
    assert book.size[row] == 0
    assert book.wallet[row] == pytest.approx(4 * (120 - 105) + 2 * (120 - 110))


@pytest.mark.parametrize("spec", VENUES, ids=lambda v: v.name)
def test_profiles_say_of_the_mock_venues_what_the_simulation_does(spec: object) -> None:
    place = next(v for v in VENUES if v is spec)
    profile = profiles()[place.name]
    assert profile.rule == place.rule
    assert profile.closing_price == place.closing
    assert profile.taker_fee == place.fee
    assert (profile.shield.threshold if profile.shield else None) == place.shield
    for level in range(1, 6):
        raw = encode(place.light, level)
        assert normalise(profile, raw, side=Side.LONG, size=1.0, as_of=None, now=None).level == level  # type: ignore[arg-type]  # ages are not asked for
