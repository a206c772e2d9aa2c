"""Two readings of one source: what was lost, what was not, and what turns out to have been explained."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adlwatch.domain.loss import PATIENCE, REPEATED, Compared, LossKind, Tally, compare, primed
from adlwatch.domain.model import Contract, Fill, FillKind, Market, Position, Side
from adlwatch.domain.reading import Reading

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = "main:BTC/USDT:USDT:short"


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def short(size: float, entry: float = 60_000.0, contract: Contract = Contract.LINEAR) -> Position:
    return Position(
        account="main",
        venue="binance",
        symbol="BTC/USDT:USDT",
        side=Side.SHORT,
        size=size,
        entry_price=entry,
        mark_price=50_000.0,
        contract=contract,
    )


def fill(id_: str, size: float, kind: FillKind = FillKind.ADL, *, t: float = 1.0, closes: bool = True) -> Fill:
    return Fill(
        id=id_,
        account="main",
        venue="binance",
        symbol="BTC/USDT:USDT",
        side=Side.SHORT,
        size=size,
        price=51_000.0,
        time=at(t),
        kind=kind,
        closes=closes,
    )


def reading(t: float, size: float | None, *fills: Fill, entry: float = 60_000.0, mark: float | None = 50_000.0) -> Reading:
    market = Market(venue="binance", symbol="BTC/USDT:USDT", mark_price=mark)
    positions = () if size is None else (short(size, entry),)
    return Reading(source="s", as_of=at(t), received_at=at(t), positions=positions, fills=fills, markets=(market,))


class Watch:
    """A source watched from one reading to the next."""

    def __init__(self, first: Reading) -> None:
        self.last, self.tally = first, primed(first)

    def then(self, after: Reading) -> Compared:
        found = compare(self.last, after, self.tally)
        self.last, self.tally = after, found.tally
        return found


def lost(found: Compared) -> list[tuple[LossKind, float]]:
    return [(loss.kind, loss.size) for loss in found.losses]


def test_an_adl_fill_is_a_loss_with_its_price_and_the_mark_of_that_time() -> None:
    found = Watch(reading(0, 2.0)).then(reading(2, 0.5, fill("1", 1.5)))
    (loss,) = found.losses
    assert (loss.key, loss.kind, loss.size, loss.before, loss.price, loss.mark) == (
        KEY,
        LossKind.ADL,
        1.5,
        2.0,
        51_000.0,
        50_000.0,
    )
    assert found.explained == {}


def test_a_fills_own_mark_counts_before_the_markets() -> None:
    own = replace(fill("1", 1.5), mark_price=49_000.0)
    assert Watch(reading(0, 2.0)).then(reading(2, 0.5, own)).losses[0].mark == 49_000.0


@pytest.mark.parametrize(
    ("kind", "expected"), [(FillKind.LIQUIDATION, LossKind.LIQUIDATION), (FillKind.UNKNOWN, LossKind.UNEXPLAINED)]
)
def test_other_takings_keep_their_kind_and_an_unknown_word_is_never_adl(kind: FillKind, expected: LossKind) -> None:
    assert lost(Watch(reading(0, 2.0)).then(reading(2, 0.0, fill("1", 2.0, kind)))) == [(expected, 2.0)]


@pytest.mark.parametrize("kind", [FillKind.ORDER, FillKind.SETTLEMENT])
def test_an_own_order_or_a_settlement_is_no_loss(kind: FillKind) -> None:
    assert not Watch(reading(0, 2.0)).then(reading(2, None, fill("1", 2.0, kind))).losses


def test_a_shrink_without_fills_is_unexplained() -> None:
    (loss,) = Watch(reading(0, 2.0)).then(reading(2, None)).losses
    assert (loss.kind, loss.size, loss.fill, loss.time, loss.mark) == (LossKind.UNEXPLAINED, 2.0, None, at(2), 50_000.0)


def test_without_a_market_the_mark_is_the_positions_own() -> None:
    before = replace(reading(0, 2.0), markets=())
    (loss,) = Watch(before).then(replace(reading(2, None), markets=())).losses
    assert loss.mark == 50_000.0


def test_the_market_of_the_reading_before_serves_where_the_later_one_has_no_mark() -> None:
    assert Watch(reading(0, 2.0, mark=48_000.0)).then(reading(2, None, mark=None)).losses[0].mark == 48_000.0


def test_only_the_part_that_no_fill_explains_is_unexplained() -> None:
    found = Watch(reading(0, 2.0)).then(reading(2, 0.5, fill("1", 1.0, FillKind.ORDER)))
    assert lost(found) == [(LossKind.UNEXPLAINED, 0.5)]


def test_a_venues_rounding_is_no_loss() -> None:
    assert not Watch(reading(0, 2.0)).then(reading(2, 2.0 - 1e-9)).losses


@pytest.mark.parametrize(("expiry", "losses"), [("261122", 0), ("261123", 1)])
def test_a_future_that_is_gone_on_its_last_day_was_settled(expiry: str, losses: int) -> None:
    dated = replace(short(2.0), symbol=f"BTC/USDT:USDT-{expiry}")
    before = replace(reading(0, None), positions=(dated,))
    assert len(Watch(before).then(reading(2, None)).losses) == losses


def test_growth_is_no_loss_and_neither_is_its_fill_that_comes_a_minute_later() -> None:
    watch = Watch(reading(0, 1.0))
    assert not watch.then(reading(2, 3.0)).losses
    assert not watch.then(reading(60, 3.0, fill("1", 2.0, FillKind.ORDER, t=2, closes=False))).losses
    assert watch.tally.unsettled == {}


def test_growth_without_a_fill_never_hides_a_later_shrink() -> None:
    watch = Watch(reading(0, 1.0))
    watch.then(reading(2, 3.0))
    assert lost(watch.then(reading(4, 1.0))) == [(LossKind.UNEXPLAINED, 2.0)]


def test_fills_that_come_before_the_position_shows_them_count_once() -> None:
    watch = Watch(reading(0, 2.0))
    assert lost(watch.then(reading(2, 2.0, fill("1", 2.0)))) == [(LossKind.ADL, 2.0)]
    assert not watch.then(reading(4, None)).losses
    opening = fill("2", 3.0, FillKind.ORDER, t=5, closes=False)
    assert not watch.then(reading(6, None, opening)).losses
    assert not watch.then(reading(8, 3.0)).losses
    assert watch.tally.unsettled == {}


def test_a_fill_told_too_early_does_not_excuse_a_shrink_for_ever() -> None:
    watch = Watch(reading(0, 2.0))
    watch.then(reading(2, 2.0, fill("1", 1.0, FillKind.ORDER)))
    later = PATIENCE.total_seconds() + 3
    assert lost(watch.then(reading(later, 1.0))) == [(LossKind.UNEXPLAINED, 1.0)]


@pytest.mark.parametrize("kind", [FillKind.ADL, FillKind.ORDER])
def test_a_late_fill_explains_an_earlier_shrink(kind: FillKind) -> None:
    watch = Watch(reading(0, 2.0))
    assert lost(watch.then(reading(2, None))) == [(LossKind.UNEXPLAINED, 2.0)]
    found = watch.then(reading(60, None, fill("1", 0.5, kind)))
    assert found.explained == {KEY: 0.25}
    assert lost(found) == ([(LossKind.ADL, 0.5)] if kind is FillKind.ADL else [])
    assert watch.then(reading(90, None, fill("2", 0.9, kind), fill("3", 0.6, kind))).explained == {KEY: 1.0}


def test_a_position_that_comes_back_as_it_was_had_never_gone() -> None:
    watch = Watch(reading(0, 2.0))
    watch.then(reading(2, None))
    assert watch.then(reading(4, 2.0)).explained == {KEY: 1.0}


def test_a_position_opened_again_at_another_price_explains_nothing() -> None:
    watch = Watch(reading(0, 2.0))
    watch.then(reading(2, None))
    assert watch.then(reading(4, 2.0, entry=50_000.0)).explained == {}


def test_a_shrink_and_an_opening_fill_that_is_ahead_are_told_apart() -> None:
    watch = Watch(reading(0, 2.0))
    found = watch.then(reading(2, 1.0, fill("1", 4.0, FillKind.ORDER, closes=False)))
    assert lost(found) == [(LossKind.UNEXPLAINED, 1.0)]
    assert watch.then(reading(4, 5.0, entry=52_000.0)).explained == {}


def test_fills_from_before_the_first_reading_are_no_losses_whenever_they_are_told() -> None:
    old = fill("1", 1.0, t=-5)
    assert not Watch(reading(0, 2.0, old)).then(reading(2, 2.0, old)).losses
    assert not Watch(reading(0, 2.0)).then(reading(2, 2.0, old)).losses


def test_a_fill_of_a_position_that_no_reading_showed_is_a_loss_of_its_own_size() -> None:
    opened, closed = fill("1", 2.0, FillKind.ORDER, closes=False), fill("2", 2.0, t=1.5)
    (loss,) = Watch(reading(0, None)).then(reading(2, None, opened, closed)).losses
    assert (loss.before, loss.contract) == (2.0, Contract.LINEAR)


def test_ids_count_per_account_symbol_and_side_as_some_venues_number_by_symbol() -> None:
    other = replace(fill("1", 1.0), symbol="ETH/USDT:USDT")
    found = Watch(reading(0, 1.0)).then(reading(2, None, fill("1", 1.0), other))
    assert len(found.losses) == 2


def test_what_was_seen_is_forgotten_when_no_venue_lists_it_any_more() -> None:
    watch = Watch(reading(0, 3.0))
    watch.then(reading(2, 2.0, fill("1", 1.0)))
    later = REPEATED.total_seconds() + 5
    watch.then(reading(later, 1.0, fill("2", 1.0, t=later)))
    assert list(watch.tally.seen) == [f"{KEY}:2"]


STEPS = st.lists(
    st.tuples(st.sampled_from([FillKind.ADL, FillKind.LIQUIDATION, FillKind.ORDER]), st.integers(1, 20)), min_size=1, max_size=12
)


@settings(max_examples=60, deadline=None)
@given(STEPS, st.data())
def test_nothing_is_lost_and_nothing_counts_twice_however_fills_are_told(
    steps: list[tuple[FillKind, int]], data: st.DataObject
) -> None:
    """Fills may come with, before or after their position, again and again, and in any order within a reading."""
    told = [fill(str(n), float(size), kind, t=n + 1) for n, (kind, size) in enumerate(steps)]
    left = float(sum(size for _, size in steps))
    watch, found = Watch(reading(0, left)), []
    shown: list[Fill] = []
    for n, each in enumerate(told):
        left -= each.size
        shown += data.draw(st.sampled_from([[], [each], told[: n + 1]]))
        found.append(watch.then(reading(n + 2, left or None, *data.draw(st.permutations(shown)))))
    found.append(watch.then(reading(len(told) + 2, None, *told)))
    losses = [loss for each in found for loss in each.losses if loss.fill is not None]
    for kind, same in ((LossKind.ADL, FillKind.ADL), (LossKind.LIQUIDATION, FillKind.LIQUIDATION)):
        assert sum(x.size for x in losses if x.kind is kind) == sum(x.size for x in told if x.kind is same)
    assert len(losses) == sum(each.kind is not FillKind.ORDER for each in told)
    assert watch.tally.unsettled == {}


def test_a_tally_is_a_value() -> None:
    first = reading(0, 1.0)
    assert primed(first) == Tally(first.as_of, {}, {})
