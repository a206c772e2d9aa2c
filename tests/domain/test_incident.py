"""Losses grouped into incidents, with totals that add up."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adlwatch.domain.incident import Incident, IncidentKind, LostLeg, Standing, record
from adlwatch.domain.loss import Compared, Loss, LossKind, Tally
from adlwatch.domain.model import Contract, Side

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
BTC = "main:BTC/USDT:USDT:short"
STOOD = {BTC: Standing("btc-carry", "BTC", 0.1, "on")}


def loss(
    t: float,
    size: float,
    kind: LossKind = LossKind.ADL,
    *,
    account: str = "main",
    symbol: str = "BTC/USDT:USDT",
    price: float | None = 51_000.0,
    mark: float | None = 50_000.0,
    contract: Contract = Contract.LINEAR,
    told: bool = True,
) -> Loss:
    return Loss(
        key=f"{account}:{symbol}:short",
        account=account,
        venue="binance",
        symbol=symbol,
        side=Side.SHORT,
        kind=kind,
        size=size,
        before=10.0,
        time=START + timedelta(seconds=t),
        contract=contract,
        price=price if told else None,
        mark=mark,
        fill=f"{t}" if told else None,
    )


def found(*losses: Loss, explained: dict[str, float] | None = None) -> Compared:
    ordered = tuple(sorted(losses, key=lambda each: each.time))
    return Compared(ordered, explained or {}, Tally(START))


def one(incidents: tuple[Incident, ...]) -> Incident:
    (incident,) = incidents
    return incident


def leg_of(incident: Incident) -> LostLeg:
    (leg,) = incident.legs
    return leg


def test_a_burst_is_one_incident_with_running_totals() -> None:
    incident = one(record((), found(*(loss(n, 0.5) for n in range(4))), STOOD))
    assert (incident.kind, incident.fills, incident.closed_usd, incident.give_back_usd) == (
        IncidentKind.ADL,
        4,
        102_000.0,
        2_000.0,
    )
    leg = leg_of(incident)
    assert (leg.hedge, leg.adl_units, leg.lost_units, leg.average_price, leg.units_before) == (
        "btc-carry",
        2.0,
        2.0,
        51_000.0,
        10.0,
    )
    (hit,) = incident.hedges
    assert (hit.name, hit.underlying, hit.units_before, hit.shield_before) == ("btc-carry", "BTC", 0.1, "on")
    assert incident.opened_at == START
    assert incident.id == "main@20261122T120000"


def test_a_short_closed_below_the_mark_gives_nothing_back_but_gains() -> None:
    assert one(record((), found(loss(0, 1.0, price=49_000.0)), STOOD)).give_back_usd == -1_000.0


def test_without_a_mark_the_give_back_is_unknown_and_without_a_price_so_is_the_average() -> None:
    incident = one(record((), found(loss(0, 1.0, mark=None)), {}))
    assert incident.give_back_usd is None
    assert leg_of(incident).give_back_usd is None
    assert leg_of(one(record((), found(loss(0, 1.0, LossKind.UNEXPLAINED, told=False)), {}))).average_price is None


def test_an_unhedged_position_hits_no_hedge() -> None:
    incident = one(record((), found(loss(0, 1.0)), {}))
    assert incident.hedges == ()
    assert leg_of(incident).hedge is None


def test_what_follows_within_a_minute_joins_and_what_comes_later_is_another_incident() -> None:
    first = record((), found(loss(0, 1.0)), STOOD)
    joined = record(first, found(loss(59, 1.0)), STOOD)
    assert one(joined).id == one(first).id
    assert len(record(joined, found(loss(130, 1.0)), STOOD)) == 2
    assert len(record((), found(loss(0, 1.0), loss(61, 1.0)), STOOD)) == 2


def test_accounts_have_incidents_of_their_own() -> None:
    assert [each.account for each in record((), found(loss(0, 1.0), loss(0, 1.0, account="other")), {})] == ["main", "other"]


def test_another_leg_of_the_account_joins_its_incident() -> None:
    incident = one(record((), found(loss(0, 1.0), loss(1, 2.0, symbol="ETH/USDT:USDT")), STOOD))
    assert [leg.hedge for leg in incident.legs] == ["btc-carry", None]
    assert len(incident.hedges) == 1


def test_two_legs_of_one_hedge_hit_it_once_as_it_stood_before() -> None:
    other = "main:BTC/USDC:USDC:short"
    first = record((), found(loss(0, 1.0)), STOOD)
    after = Standing("btc-carry", "BTC", 1.0, "off")
    incident = one(record(first, found(loss(1, 1.0, symbol="BTC/USDC:USDC")), {other: after, BTC: after}))
    assert [(hit.name, hit.units_before) for hit in incident.hedges] == [("btc-carry", 0.1)]
    assert [leg.hedge for leg in incident.legs] == ["btc-carry", "btc-carry"]


def test_a_leg_keeps_the_hedge_it_was_first_hit_in() -> None:
    first = record((), found(loss(0, 1.0)), {})
    assert one(record(first, found(loss(1, 1.0)), STOOD)).hedges == ()


def test_a_loss_that_follows_opens_a_closed_incident_again() -> None:
    (first,) = record((), found(loss(0, 1.0)), STOOD)
    closed = replace(first, closed_at=START)
    assert one(record((closed,), found(loss(5, 1.0)), STOOD)).closed_at is None


def test_two_incidents_of_one_second_have_two_ids() -> None:
    (first,) = record((), found(loss(0, 1.0)), STOOD)
    elsewhere = Incident(id=first.id, kind=first.kind, account="other", venue="binance", opened_at=START, last_at=START)
    again = Incident(id=f"{first.id}-2", kind=first.kind, account="other", venue="binance", opened_at=START, last_at=START)
    assert [each.id for each in record((elsewhere, again), found(loss(0, 1.0)), STOOD)][-1] == f"{first.id}-3"


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ((LossKind.UNEXPLAINED, LossKind.LIQUIDATION, LossKind.ADL), IncidentKind.ADL),
        ((LossKind.UNEXPLAINED, LossKind.LIQUIDATION), IncidentKind.LIQUIDATION),
        ((LossKind.UNEXPLAINED,), IncidentKind.UNEXPLAINED),
    ],
)
def test_an_incident_is_called_by_the_worst_thing_known(kinds: tuple[LossKind, ...], expected: IncidentKind) -> None:
    assert one(record((), found(*(loss(n, 1.0, kind) for n, kind in enumerate(kinds))), {})).kind is expected


def test_a_fill_whose_reason_is_unknown_stays_unexplained_although_it_has_a_price() -> None:
    leg = leg_of(one(record((), found(loss(0, 1.0, LossKind.UNEXPLAINED)), {})))
    assert (leg.unnamed_units, leg.vanished_units, leg.unexplained_units, leg.fills) == (1.0, 0.0, 1.0, 1)


def test_what_fills_explain_later_is_taken_off_and_an_incident_without_a_rest_is_explained() -> None:
    first = record((), found(loss(0, 2.0, LossKind.UNEXPLAINED, told=False)), STOOD)
    half = one(record(first, found(explained={BTC: 0.5}), STOOD))
    assert (half.kind, leg_of(half).vanished_units) == (IncidentKind.UNEXPLAINED, 1.0)
    whole = one(record((half,), found(explained={BTC: 1.0}), STOOD))
    assert (whole.kind, whole.dollar_seconds) == (IncidentKind.EXPLAINED, 0.0)


def test_what_is_explained_leaves_other_legs_and_incidents_alone() -> None:
    both = found(
        loss(0, 2.0, LossKind.UNEXPLAINED, told=False), loss(0, 2.0, LossKind.UNEXPLAINED, told=False, symbol="ETH/USDT:USDT")
    )
    other = found(loss(0, 1.0, account="other"))
    first = record(record((), both, {}), other, {})
    after = record(first, found(explained={BTC: 1.0}), {})
    assert [leg.vanished_units for leg in after[0].legs] == [0.0, 2.0]
    assert after[1] == first[1]


def test_late_adl_fills_turn_an_unexplained_incident_into_adl_however_late_they_are() -> None:
    first = record((), found(loss(600, 2.0, LossKind.UNEXPLAINED, told=False)), STOOD)
    incident = one(record(first, found(loss(0, 2.0), explained={BTC: 1.0}), STOOD))
    assert (incident.kind, leg_of(incident).lost_units, incident.opened_at) == (IncidentKind.ADL, 2.0, START)
    assert incident.id == one(first).id


def test_an_inverse_leg_is_counted_in_coins_at_the_price_it_was_closed_at() -> None:
    coin = {"contract": Contract.INVERSE, "symbol": "BTC/USD:BTC"}
    incident = one(record((), found(loss(0, 102_000.0, **coin), loss(1, 50_000.0, LossKind.UNEXPLAINED, told=False, **coin)), {}))  # type: ignore[arg-type]  # mixed keywords
    leg = leg_of(incident)
    assert (leg.adl_units, leg.vanished_units, leg.closed_usd) == (2.0, 1.0, 102_000.0)
    nothing = loss(0, 100.0, LossKind.UNEXPLAINED, told=False, mark=None, contract=Contract.INVERSE)
    assert leg_of(one(record((), found(nothing), {}))).vanished_units == 0.0


LOSSES = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 50), st.sampled_from(["a", "b"])), min_size=1, max_size=40)


def adl(incidents: Iterable[Incident]) -> float:
    return sum(leg.adl_units for incident in incidents for leg in incident.legs)


@settings(max_examples=80, deadline=None)
@given(LOSSES, st.data())
def test_totals_depend_neither_on_the_order_nor_on_how_losses_are_spread_over_readings(
    events: list[tuple[int, int, str]], data: st.DataObject
) -> None:
    losses = [loss(float(t), float(size), account=account) for t, size, account in events]
    at_once = record((), found(*losses), {})
    spread: tuple[Incident, ...] = ()
    for each in data.draw(st.permutations(losses)):
        spread = record(spread, found(each), {})
    for incidents in (at_once, spread):
        assert adl(incidents) == sum(each.size for each in losses)
        assert sum(incident.fills for incident in incidents) == len(losses)
        assert sum(incident.closed_usd for incident in incidents) == sum(each.size * 51_000.0 for each in losses)
        assert len({incident.id for incident in incidents}) == len(incidents)


def test_11279_fills_within_a_second_are_one_incident_an_account() -> None:
    losses = [loss(n / 11_279, 1.0, account=f"a{n % 7}") for n in range(11_279)]
    incidents = record((), found(*losses), {})
    assert [incident.account for incident in incidents] == [f"a{n}" for n in range(7)]
    assert adl(incidents) == 11_279
    assert sum(incident.fills for incident in incidents) == 11_279


def test_what_is_found_at_the_start_is_said_to_have_been_unwatched_and_what_was_known_before_is_not() -> None:
    known = record((), found(loss(0, 1.0)), STOOD)
    both = record(known, found(loss(3600, 1.0)), STOOD, unwatched=True)
    assert [incident.unwatched for incident in both] == [False, True]
    assert [incident.unwatched for incident in record(both, found(loss(7200, 1.0)), STOOD)] == [False, True, False]
