"""What in a snapshot needs an alert by the default rules, and what is not known."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from adlwatch.domain.alert import AlertBook, RuleName
from adlwatch.domain.alert_findings import Finding, Scan, scan
from adlwatch.domain.alert_memory import remembered
from adlwatch.domain.alert_rules import AlertRules, Rule
from adlwatch.domain.incident import HitHedge, Incident, IncidentKind, LostLeg
from adlwatch.domain.light import UNKNOWN, Light, LightSource, LightState
from adlwatch.domain.model import Side
from adlwatch.domain.reading import Health
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import Liquidation, Shield, StressLevel, StressView
from tests.domain.views import SHORT, START, at, hedge, lit, position, snapshot, source

WITHIN = timedelta(seconds=300)


def found(memory: AlertBook | None = None, faults: dict[str, str] | None = None, t: float = 0.0, **changes: Any) -> Scan:
    return scan(snapshot(t, **changes), memory or AlertBook(), Settings(), faults or {})


def only(seen: Scan) -> Finding:
    (finding,) = seen.findings.values()
    return finding


def test_a_calm_book_needs_nothing() -> None:
    assert found() == Scan({}, frozenset(), frozenset())


@pytest.mark.parametrize(("level", "expected"), [(3, None), (4, 1), (5, 2)])
def test_a_light_is_told_from_four_on_hedged_or_not(level: int, expected: int | None) -> None:
    for kind, rule in (("cash-and-carry", RuleName.HEDGED_LIGHT), ("unhedged", RuleName.UNHEDGED_LIGHT)):
        seen = found(positions=(position(light=lit(level)),), hedges=(hedge(kind=kind),)).findings
        assert [(each.rule, each.level) for each in seen.values()] == ([(rule, expected)] if expected else [])


def test_the_key_names_account_venue_subject_and_rule_and_no_figure() -> None:
    seen = found(positions=(position(light=lit(4)),)).findings
    assert list(seen) == [f"main|binance|{SHORT}|hedged-light"]
    assert only(found(positions=(position(light=lit(4)),))).sources == ("s",)


def trail(*lights: tuple[float, Light]) -> AlertBook:
    book = AlertBook()
    for t, light in lights:
        book = remembered(book, snapshot(t, positions=(position(light=light),)), WITHIN)
    return book


def test_a_light_that_comes_up_by_two_within_five_minutes_is_told_although_it_is_still_low() -> None:
    low = (position(light=lit(3)),)
    jumped = only(found(trail((0, lit(1)), (200, lit(3))), t=200, positions=low))
    assert (jumped.rule, jumped.text) == (RuleName.LIGHT_JUMP, f"light 1 → 3 within 5 min: {SHORT}")
    assert not found(trail((0, lit(2)), (200, lit(3))), t=200, positions=low).findings
    slow = trail((0, lit(1)), (10, lit(2)), (311, lit(3)))
    assert not found(slow, t=311, positions=low).findings


def test_a_light_one_below_that_is_told_as_rising_where_the_rule_is_on() -> None:
    rules = AlertRules(rules={**AlertRules().rules, RuleName.LIGHT_RISING: Rule()})
    learned = replace(lit(3), source=LightSource.CALIBRATED)

    def told(level: int, chance: float) -> list[str]:
        view = position(light=lit(level), estimate=learned, chance_up=chance)
        seen = scan(snapshot(positions=(view,)), AlertBook(), Settings(alerts=rules), {})
        return [each.text for each in seen.findings.values()]

    assert told(3, 0.5) == [f"light 3 of 5, 4 within a minute at 50%: {SHORT}"]
    assert told(2, 0.5) == told(3, 0.01) == []
    assert not found(positions=(position(light=lit(3), estimate=learned, chance_up=0.5),)).findings


def test_beside_a_high_light_its_jump_is_no_second_alert() -> None:
    high = (position(light=lit(4)),)
    assert only(found(trail((0, lit(1)), (10, lit(4))), t=10, positions=high)).rule is RuleName.HEDGED_LIGHT


def test_what_is_remembered_of_a_light_is_no_longer_than_needed() -> None:
    book = trail((0, lit(1)), (100, lit(2)), (200, lit(3)))
    assert [level for _, level in book.lights[SHORT]] == [1, 2, 3]
    assert trail((0, lit(1)), (100, lit(2)), (410, lit(2))).lights[SHORT] == ((at(100), 2),)
    assert remembered(book, snapshot(210, positions=(position(light=lit(3)),)), WITHIN) is book
    assert remembered(book, snapshot(210, positions=(position(light=UNKNOWN),)), WITHIN) is book
    assert remembered(book, snapshot(210, positions=()), WITHIN).lights == {}


def test_a_light_that_was_there_and_cannot_be_seen_any_more_is_blindness() -> None:
    unseen = (position(light=UNKNOWN),)
    assert not found(positions=unseen).findings
    blind = found(trail((0, lit(1))), positions=unseen)
    assert (only(blind).rule, only(blind).subject) == (RuleName.BLIND, SHORT)
    rules = ("hedged-light", "unhedged-light", "light-jump", "light-rising")
    assert {f"main|binance|{SHORT}|{rule}" for rule in rules} == blind.unknown
    failing = found(trail((0, lit(1))), positions=unseen, sources=(source(Health.FAILING),))
    assert [each.subject for each in failing.findings.values()] == ["s"]


def test_a_venue_without_a_queue_is_neither_high_nor_unknown() -> None:
    random = Light(state=LightState.RANDOM)
    assert found(positions=(position(light=random),)) == Scan({}, frozenset(), frozenset())


@pytest.mark.parametrize(("distance", "level"), [(0.13, None), (0.12, 1), (0.05, 2), (-0.01, 2)])
def test_liquidation_is_told_by_its_distance(distance: float, level: int | None) -> None:
    seen = found(positions=(position(liquidation=Liquidation(price=1.0, distance=distance)),)).findings
    assert [each.level for each in seen.values()] == ([level] if level else [])


def test_an_unknown_liquidation_price_is_not_seen_and_one_that_nothing_reaches_is_safe() -> None:
    assert found(positions=(position(liquidation=Liquidation()),)).unknown == {f"main|binance|{SHORT}|liquidation"}
    assert not found(positions=(position(liquidation=Liquidation(unreachable=True)),)).unknown


@pytest.mark.parametrize(("ratio", "level"), [(0.94, 1), (0.79, 2), (0.4, 3)])
def test_a_hedge_of_the_users_own_is_told_when_it_is_naked(ratio: float, level: int) -> None:
    naked = only(found(hedges=(hedge(-2.0, ratio, explicit=True, owner="fund"),)))
    assert (naked.key, naked.level, naked.sources) == ("fund||btc-carry|naked", level, ("s",))
    assert naked.text == f"btc-carry is naked short $100,000, hedged {ratio:.0%}"


def test_an_imbalance_that_may_be_meant_is_not_told_nor_one_too_small() -> None:
    assert not found(hedges=(hedge(2.0, 0.5),)).findings
    assert not found(hedges=(hedge(0.019, 0.5, explicit=True),)).findings
    assert not found(hedges=(hedge(2.0, 0.96, explicit=True),)).findings


def test_an_unknown_exposure_is_not_seen() -> None:
    assert found(hedges=(hedge(None, None, explicit=True),)).unknown == {"||btc-carry|naked"}


LEG = LostLeg(
    key=SHORT, account="main", venue="binance", symbol="BTC/USDT:USDT", side=Side.SHORT, units_before=2.0, adl_units=2.0
)
INCIDENT = Incident(
    id="main@1",
    kind=IncidentKind.ADL,
    account="main",
    venue="binance",
    opened_at=START,
    last_at=START,
    legs=(replace(LEG, priced_units=2.0, closed_usd=102_000.0),),
    hedges=(HitHedge(name="btc-carry", underlying="BTC"),),
    naked_usd=100_000.0,
)


def test_a_hedge_that_an_incident_hit_is_told_whoever_paired_it() -> None:
    seen = found(hedges=(hedge(2.0, 0.0),), incidents=(INCIDENT,)).findings
    assert [each.rule for each in seen.values()] == [RuleName.NAKED, RuleName.INCIDENT]


@pytest.mark.parametrize(
    ("kind", "level", "words"),
    [
        (IncidentKind.UNEXPLAINED, 1, "unexplained: lost"),
        (IncidentKind.LIQUIDATION, 2, "liquidation took"),
        (IncidentKind.ADL, 3, "ADL took"),
    ],
)
def test_an_incident_is_told_with_what_it_took(kind: IncidentKind, level: int, words: str) -> None:
    told = only(found(t=60, incidents=(replace(INCIDENT, kind=kind),)))
    assert (told.level, told.key) == (level, "main|binance|main@1|incident")
    assert told.text == f"{words} 2 of {SHORT} at 51,000, naked $100,000"


def test_several_legs_and_unknown_prices_are_said() -> None:
    two = replace(INCIDENT, legs=(LEG, replace(LEG, key="main:ETH/USDT:USDT:short")), naked_usd=None)
    assert only(found(incidents=(two,))).text == f"ADL took 2 of {SHORT} and 1 more"


def test_an_incident_from_before_the_start_is_told_with_its_time() -> None:
    told = only(found(t=60, incidents=(replace(INCIDENT, unwatched=True),)))
    assert told.text.endswith(f", naked $100,000 on {START:%Y-%m-%d %H:%M}Z, while adlwatch was not running")


def test_the_venue_gets_a_moment_to_explain_a_shrink() -> None:
    unexplained = replace(INCIDENT, kind=IncidentKind.UNEXPLAINED)
    assert not found(t=9, incidents=(unexplained,)).findings
    assert found(t=10, incidents=(unexplained,)).findings


def test_an_incident_that_is_over_at_once_is_told_all_the_same_and_an_explained_one_is_not() -> None:
    over = replace(INCIDENT, closed_at=START)
    assert found(t=5, incidents=(over,)).findings
    assert not found(t=6, incidents=(over,)).findings
    assert not found(incidents=(replace(INCIDENT, kind=IncidentKind.EXPLAINED),)).findings


def shielded(state: str) -> dict[str, Any]:
    return {"hedges": (hedge(shield=Shield(state=state, account="main")),)}


def test_a_shield_is_told_when_it_is_at_risk_and_when_it_is_lost_but_not_where_there_was_none() -> None:
    held = remembered(AlertBook(), snapshot(0, **shielded("on")), WITHIN)
    assert held.shielded == {"btc-carry"}
    assert [each.level for each in found(**shielded("at-risk")).findings.values()] == [1]
    assert [each.level for each in found(held, **shielded("off")).findings.values()] == [2]
    assert not found(**shielded("off")).findings
    assert found(**shielded("unknown")).unknown == {"main||btc-carry|shield"}
    assert remembered(held, snapshot(1, hedges=()), WITHIN).shielded == frozenset()


def stress(level: StressLevel, **changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {"venue": "binance", "level": level, "pool": "majors"}
    return {"stress": (StressView(**fields | changes),)}


def test_stress_is_told_where_something_is_held() -> None:
    told = only(found(**stress(StressLevel.CRITICAL, reasons=("drained",))))
    assert (told.level, told.text, told.key, told.sources) == (2, "binance majors: drained", "|binance|majors|stress", ("s",))
    assert only(found(**stress(StressLevel.WARNING))).text == "binance majors: warning"
    assert not found(**stress(StressLevel.WATCH)).findings
    assert not found(**stress(StressLevel.CRITICAL, venue="okx")).findings
    assert not found(**stress(StressLevel.CRITICAL, symbols=("ETH/USDT:USDT",))).findings
    assert found(**stress(StressLevel.UNKNOWN)).unknown == {"|binance|majors|stress"}
    market = stress(StressLevel.CRITICAL, pool=None, symbols=("BTC/USDT:USDT",))
    assert list(found(**market).findings) == ["|binance|BTC/USDT:USDT|stress"]


def test_a_blind_source_is_told_and_refused_credentials_are_worse() -> None:
    stale = found(sources=(source(Health.STALE),))
    assert (only(stale).text, only(stale).level, set(stale.blind)) == ("s is stale", 1, {"s"})
    refused = only(found(sources=(replace(source(Health.AUTH), error="key expired"),)))
    assert (refused.text, refused.level) == ("s is auth: key expired", 2)
    assert not found(sources=(source(Health.LATE),)).findings


def test_parts_of_our_own_that_fail_are_told() -> None:
    own = replace(source(Health.FAILING, "queues", kind="adlwatch"), error="bug")
    seen = found(faults={"telegram": "HTTP 401"}, sources=(own,)).findings
    assert [(each.rule, each.text) for each in seen.values()] == [
        (RuleName.FAULT, "queues: bug"),
        (RuleName.FAULT, "telegram: HTTP 401"),
    ]


def test_where_the_assessment_failed_nothing_else_is_believed() -> None:
    own = replace(source(Health.FAILING, "assessment", kind="adlwatch"), error="bug")
    seen = found(sources=(source(), own), positions=(position(light=lit(5)),))
    assert [each.rule for each in seen.findings.values()] == [RuleName.FAULT]
    assert seen.nothing_seen


def test_a_key_that_may_trade_is_told() -> None:
    assert only(found(sources=(source(key_may_trade=True),))).rule is RuleName.PERMISSION
