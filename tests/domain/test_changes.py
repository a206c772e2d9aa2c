from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from adlwatch.domain.changes import Change, ChangeKind, changes, light_word
from adlwatch.domain.light import Light, LightSource, LightState
from adlwatch.domain.model import Side
from adlwatch.domain.position_score import Score
from adlwatch.domain.reading import Health
from adlwatch.domain.samples import sample
from adlwatch.domain.snapshot import (
    HedgeView,
    Liquidation,
    PositionView,
    Severity,
    Shield,
    Snapshot,
    SourceView,
    StressLevel,
    StressView,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
THREE = Light(state=LightState.LIT, level=3, source=LightSource.VENUE, interval=(3, 3), age_seconds=2.0)
FOUR = Light(state=LightState.LIT, level=4, source=LightSource.CALIBRATED, interval=(3, 4), note="after 7 lights")
SHORT = PositionView(
    key="a:BTC:short",
    account="a",
    venue="binance",
    symbol="BTC",
    side=Side.SHORT,
    size=1.0,
    notional=90.0,
    entry_price=100.0,
    mark_price=90.0,
    unrealized_pnl=10.0,
    score=Score(rule="value", value=0.2),
    light=THREE,
    estimate=THREE,
    liquidation=Liquidation(price=120.0, distance=0.33),
    severity=Severity.OK,
)
HEDGE = HedgeView(
    name="btc",
    underlying="BTC",
    kind="unhedged",
    legs=(SHORT.key,),
    net_delta=-1.0,
    hedge_ratio=0.0,
    if_closed=(),
    shield=Shield(state="on"),
    severity=Severity.OK,
)
SOURCE = SourceView(id="a", health=Health.LIVE, age_seconds=1.0, error=None)
STRESS = StressView(venue="binance", pool="main", level=StressLevel.CALM)
SNAPSHOT = Snapshot(as_of=NOW, severity=Severity.OK, positions=(SHORT,), hedges=(HEDGE,), sources=(SOURCE,), stress=(STRESS,))


def brief(before: Snapshot | None, after: Snapshot) -> list[tuple[ChangeKind, str, str | None, str | None]]:
    return [(each.kind, each.subject, each.before, each.after) for each in changes(before, after)]


def test_nothing_has_changed_between_equal_snapshots_and_growing_older_is_no_change() -> None:
    older = replace(SHORT, light=replace(THREE, age_seconds=9.0), estimate=replace(THREE, interval=(2, 4)), mark_price=91.0)
    assert not brief(SNAPSHOT, replace(SNAPSHOT, positions=(older,)))


def test_a_light_that_moves_is_told_with_its_level_and_why() -> None:
    after = replace(SNAPSHOT, positions=(replace(SHORT, light=FOUR),))
    assert list(changes(SNAPSHOT, after)) == [
        Change(
            at=NOW,
            kind=ChangeKind.LIGHT,
            subject="a:BTC:short",
            before="3 venue",
            after="4 calibrated 3-4",
            level=4,
            detail="after 7 lights",
        )
    ]


def test_every_kind_of_change_is_told() -> None:
    worse = replace(SHORT, estimate=FOUR, severity=Severity.WARNING, reasons=("light 4 of 5", "and more"))
    hedge = replace(HEDGE, severity=Severity.CRITICAL, shield=Shield(state="off", note="ratio 0.3"))
    source = replace(SOURCE, health=Health.FAILING, error="HTTP 502")
    stress = replace(STRESS, level=StressLevel.WARNING, reasons=("drained",))
    after = Snapshot(as_of=NOW, severity=Severity.BLIND, positions=(worse,), hedges=(hedge,), sources=(source,), stress=(stress,))
    assert brief(SNAPSHOT, after) == [
        (ChangeKind.BOOK, "", "ok", "blind"),
        (ChangeKind.HEDGE, "btc", "ok", "critical"),
        (ChangeKind.SHIELD, "btc", "on", "off"),
        (ChangeKind.SEVERITY, "a:BTC:short", "ok", "warning"),
        (ChangeKind.ESTIMATE, "a:BTC:short", "3 venue", "4 calibrated 3-4"),
        (ChangeKind.STRESS, "binance main", "calm", "warning"),
        (ChangeKind.HEALTH, "a", "live", "failing"),
    ]
    told = {each.kind: each.detail for each in changes(SNAPSHOT, after)}
    assert told[ChangeKind.SEVERITY] == "light 4 of 5; and more"
    assert told[ChangeKind.HEALTH] == "HTTP 502"
    assert told[ChangeKind.SHIELD] == "ratio 0.3"
    assert told[ChangeKind.BOOK] is None


def test_without_a_snapshot_before_everything_appears_and_what_is_gone_changes_to_nothing() -> None:
    empty = Snapshot(as_of=NOW, severity=Severity.OK)
    appeared, gone = brief(None, SNAPSHOT), brief(SNAPSHOT, empty)
    assert {before for _, _, before, _ in appeared} == {None}
    assert {(kind, subject) for kind, subject, _, _ in gone} == {
        (kind, subject) for kind, subject, _, _ in appeared if kind is not ChangeKind.BOOK
    }
    assert {after for _, _, _, after in gone} == {None}


@pytest.mark.parametrize(
    ("light", "word"),
    [
        (THREE, "3 venue"),
        (FOUR, "4 calibrated 3-4"),
        (Light(state=LightState.LIT, level=2), "2"),
        (Light(state=LightState.STALE, level=2, source=LightSource.VENUE), "stale 2"),
        (Light(state=LightState.NO_QUEUE), "no-queue"),
    ],
)
def test_a_light_in_words(light: Light, word: str) -> None:
    assert light_word(light) == word


def test_a_market_without_a_pool_is_named_by_its_symbols() -> None:
    market = StressView(venue="okx", symbols=("BTC", "ETH"), level=StressLevel.CALM)
    assert brief(None, Snapshot(as_of=NOW, severity=Severity.OK, stress=(market,)))[-1][1] == "okx BTC,ETH"
    assert brief(None, Snapshot(as_of=NOW, severity=Severity.OK, stress=(StressView(venue="okx", level=StressLevel.CALM),)))[-1][
        1
    ] == ("okx")


def test_a_sample_has_the_figures_worth_plotting_and_leaves_the_unknown_unknown() -> None:
    taken = sample(replace(SHORT, estimate=FOUR), NOW)
    assert (taken.level, taken.estimate, taken.low, taken.high) == (3, 4, 3, 4)
    assert (taken.score, taken.mark, taken.notional, taken.distance) == (0.2, 90.0, 90.0, 0.33)
    dark = Light(state=LightState.UNKNOWN)
    unknown = sample(replace(SHORT, light=dark, estimate=dark, mark_price=None, score=Score(rule="value")), NOW)
    assert (unknown.state, unknown.level, unknown.estimate, unknown.low, unknown.high) == (LightState.UNKNOWN, *[None] * 4)
    assert (unknown.mark, unknown.score) == (None, None)
