"""Losses on their way through the engine: from the reading that shows them to the snapshot that tells of them."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from adlwatch.domain.alert import Change, Transition
from adlwatch.domain.incident import IncidentKind
from adlwatch.domain.model import Fill, FillKind, Holding, Position, Side
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import Severity, Snapshot
from adlwatch.engine.engine import BREATH, SHORTEST, Engine
from adlwatch.engine.ledger import KEPT, Ledger
from tests.engine.fakes import START, FrozenClock, Source, inline, running

KEY = "main:BTC/USDT:USDT:short"


def reading(t: float, size: float, *fills: Fill) -> Reading:
    short = Position(
        account="main",
        venue="binance",
        symbol="BTC/USDT:USDT",
        side=Side.SHORT,
        size=size,
        entry_price=60_000.0,
        mark_price=50_000.0,
    )
    at = START + timedelta(seconds=t)
    return Reading(
        source="a",
        as_of=at,
        received_at=at,
        positions=(short,) if size else (),
        holdings=(Holding(account="main", venue="binance", asset="BTC", amount=2.0),),
        fills=fills,
    )


def adl(id_: str, size: float, t: float) -> Fill:
    return Fill(
        id=id_,
        account="main",
        venue="binance",
        symbol="BTC/USDT:USDT",
        side=Side.SHORT,
        size=size,
        price=51_000.0,
        time=START + timedelta(seconds=t),
        kind=FillKind.ADL,
    )


class Playing(Source):
    """A source that gives these readings, the last one for ever."""

    def __init__(self, clock: FrozenClock, *readings: Reading) -> None:
        super().__init__(clock)
        self.readings = list(readings)

    async def fetch(self) -> Reading:
        return self.readings.pop(0) if len(self.readings) > 1 else self.readings[0]


def state(found: Reading, kind: str = "mock") -> SourceState:
    return SourceState(id="a", kind=kind, interval=1.0, reading=found)


def test_the_first_reading_only_primes_whatever_fills_it_brings() -> None:
    ledger = Ledger()
    assert not ledger.hear([state(reading(0, 2.0, adl("1", 1.0, -5)))], dict)
    assert ledger.incidents == ()


def test_a_source_that_has_never_answered_is_passed_over() -> None:
    assert not Ledger().hear([SourceState(id="a", kind="mock", interval=1.0)], dict)


def test_a_book_edited_by_its_owner_makes_no_incident() -> None:
    ledger = Ledger()
    ledger.hear([state(reading(0, 2.0), "book")], dict)
    assert not ledger.hear([state(reading(1, 0.5), "book")], dict)


def test_a_reading_heard_again_counts_once() -> None:
    ledger, after = Ledger(), reading(1, 0.5, adl("1", 1.5, 0.5))
    ledger.hear([state(reading(0, 2.0))], dict)
    assert ledger.hear([state(after)], dict)
    assert not ledger.hear([state(after)], dict)
    assert not ledger.hear([state(reading(2, 0.5, adl("1", 1.5, 0.5)))], dict)
    assert [incident.fills for incident in ledger.incidents] == [1]


def test_closed_incidents_are_let_go_after_a_day() -> None:
    ledger = Ledger()
    ledger.hear([state(reading(0, 2.0))], dict)
    ledger.hear([state(reading(1, 1.0, adl("1", 1.0, 0.5)))], dict)
    ledger.incidents = tuple(replace(each, closed_at=START) for each in ledger.incidents)
    later = KEPT.total_seconds() + 10
    ledger.hear([state(reading(later, 0.5, adl("2", 0.5, later)))], dict)
    assert [incident.last_at for incident in ledger.incidents] == [START + timedelta(seconds=later)]


@pytest.mark.asyncio
async def test_a_loss_is_in_the_next_snapshot_with_the_hedge_as_it_stood() -> None:
    clock = FrozenClock()
    source = Playing(clock, reading(0, 2.0), reading(2, 0.0, adl("1", 2.0, 1.0)))
    engine = Engine([source], Settings(), clock, offload=inline)
    seen: list[Snapshot] = []
    told: list[tuple[float, Transition]] = []
    engine.subscribe(seen.append)
    engine.on_transition(lambda each: told.append(((clock.now() - START).total_seconds(), each)))
    async with running(engine.run()):
        await clock.advance(5)
    first = next(snapshot for snapshot in seen if snapshot.incidents)
    (incident,) = first.incidents
    assert (first.as_of - START).total_seconds() <= 2 + SHORTEST
    assert (incident.kind, incident.hedges[0].units, incident.hedges[0].units_before) == (IncidentKind.ADL, 2.0, 0.0)
    assert first.severity is Severity.CRITICAL
    assert [(ticket.title, ticket.hedge) for ticket in incident.tickets] == [
        ("Reopen the closed leg", "btc"),
        ("Close the other leg", "btc"),
    ]
    assert engine.snapshot.incidents[0].dollar_seconds > incident.dollar_seconds
    at, transition = next((at, each) for at, each in told if each.alert.rule == "incident")
    assert at <= 2 + SHORTEST
    assert (transition.change, transition.alert.level) == (Change.RAISED, 3)


@pytest.mark.asyncio
async def test_an_incident_goes_through_acknowledgement_and_closes_when_the_leg_is_back() -> None:
    clock = FrozenClock()
    again = [reading(4 + 2 * n, 2.0) for n in range(60)]
    source = Playing(clock, reading(0, 2.0), reading(2, 0.0, adl("1", 2.0, 1.0)), *again)
    engine = Engine([source], Settings(), clock, offload=inline)
    told: list[Transition] = []
    engine.on_transition(told.append)
    async with running(engine.run()):
        await clock.advance(2 + BREATH)
        key = next(alert.key for alert in engine.snapshot.alerts if alert.rule == "incident")
        assert engine.acknowledge(key, "ann")
        assert not engine.acknowledge(key, "bob")
        assert engine.snooze(key, clock.now() + timedelta(minutes=5))
        await clock.advance(1)
        assert next(alert for alert in engine.snapshot.alerts if alert.key == key).acknowledged_by == "ann"
        await clock.advance(60)
        assert engine.snapshot.incidents[0].closed_at is not None
    changes = [each.change for each in told if each.alert.key == key]
    assert changes == [Change.RAISED, Change.ACKNOWLEDGED, Change.SNOOZED, Change.RESOLVED]
    assert len({each.id for each in told}) == len(told)


class Quick(Playing):
    """The same, asked every tenth of a second."""

    def __init__(self, clock: FrozenClock, *readings: Reading) -> None:
        super().__init__(clock, *readings)
        self.interval = 0.1


async def snapshots_of(*readings: Reading) -> list[tuple[float, int]]:
    """When each snapshot of half a second was made, and how many fills of incidents it tells of."""
    clock = FrozenClock()
    engine = Engine([Quick(clock, *readings)], Settings(), clock, offload=inline)
    seen: list[Snapshot] = []
    engine.subscribe(seen.append)
    async with running(engine.run()):
        await clock.advance(0.5)
    return [((each.as_of - START).total_seconds(), sum(incident.fills for incident in each.incidents)) for each in seen]


@pytest.mark.asyncio
async def test_a_loss_is_told_with_the_reading_that_shows_it_and_what_follows_so_soon_waits() -> None:
    once, twice = adl("1", 0.5, 0.05), adl("2", 0.5, 0.15)
    found = await snapshots_of(reading(0, 2.0), reading(0.1, 1.5, once), reading(0.2, 1.0, once, twice))
    assert found == [(0.0, 0), (pytest.approx(0.1 + BREATH), 1), (pytest.approx(0.1 + 2 * BREATH + SHORTEST), 2)]


@pytest.mark.asyncio
async def test_a_reading_without_a_loss_waits_for_the_next_assessment() -> None:
    found = await snapshots_of(reading(0, 2.0), reading(0.1, 2.0))
    assert found == [(0.0, 0), (SHORTEST, 0), (2 * SHORTEST, 0)]
