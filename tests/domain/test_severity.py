"""Every cell of docs/severity.md."""

import pytest

from adlwatch.domain.light import UNKNOWN, Light, LightSource, LightState
from adlwatch.domain.severity import Assessment, book_severity, hedge_severity, light_severity, position_severity, rank, worst
from adlwatch.domain.snapshot import Severity
from adlwatch.domain.thresholds import Thresholds

OK, WATCH, WARNING, CRITICAL, BLIND = (
    Severity.OK,
    Severity.WATCH,
    Severity.WARNING,
    Severity.CRITICAL,
    Severity.BLIND,
)
LIMITS = Thresholds()
FAR = float("inf")


def lit(level: int, top: int | None = None) -> Light:
    source = LightSource.VENUE if top is None else LightSource.MODELLED
    return Light(state=LightState.LIT, level=level, source=source, interval=None if top is None else (1, top))


def judge(
    light: Light,
    *,
    hedged: bool = True,
    distance: float | None = FAR,
    minutes: float | None = None,
    blind: bool = False,
    shielded: bool = False,
    pressure: bool = False,
) -> Assessment:
    return position_severity(
        light,
        hedged=hedged,
        liq_distance=distance,
        liq_minutes=minutes,
        blind=blind,
        thresholds=LIMITS,
        shielded=shielded,
        pressure=pressure,
    )


@pytest.mark.parametrize(
    ("level", "hedged", "unhedged"),
    [(1, OK, OK), (2, OK, OK), (3, WATCH, OK), (4, WARNING, WATCH), (5, CRITICAL, WARNING)],
)
def test_lights(level: int, hedged: Severity, unhedged: Severity) -> None:
    assert judge(lit(level), hedged=True).severity is hedged
    assert judge(lit(level), hedged=False).severity is unhedged
    assert light_severity(level, hedged=True, thresholds=LIMITS) is hedged


@pytest.mark.parametrize(
    ("state", "hedged", "unhedged"),
    [
        (LightState.FLAT, OK, OK),
        (LightState.NO_QUEUE, OK, OK),
        (LightState.SOCIALISED, OK, OK),
        (LightState.RANDOM, WATCH, OK),
        (LightState.KEEPER, WATCH, OK),
        (LightState.UNKNOWN, BLIND, BLIND),
        (LightState.STALE, BLIND, BLIND),
    ],
)
def test_states_without_a_level(state: LightState, hedged: Severity, unhedged: Severity) -> None:
    assert judge(Light(state=state), hedged=True).severity is hedged
    assert judge(Light(state=state), hedged=False).severity is unhedged


@pytest.mark.parametrize(
    ("level", "top", "severity"),
    [(1, 3, OK), (2, 4, WATCH), (3, 5, WARNING), (4, 5, WARNING), (5, 5, CRITICAL), (3, 3, WATCH)],
)
def test_estimate_counts_one_step_below_its_top(level: int, top: int, severity: Severity) -> None:
    assert judge(lit(level, top)).severity is severity


@pytest.mark.parametrize(("level", "severity"), [(1, OK), (2, OK), (3, WARNING), (4, CRITICAL), (5, CRITICAL)])
def test_pressure_of_the_venue_raises_lights_from_3_on(level: int, severity: Severity) -> None:
    assert judge(lit(level), pressure=True).severity is severity


@pytest.mark.parametrize(("level", "severity"), [(1, OK), (3, OK), (4, WATCH), (5, WARNING)])
@pytest.mark.parametrize("pressure", [False, True])
def test_shield_lowers_a_light_by_one(level: int, severity: Severity, *, pressure: bool) -> None:
    assert judge(lit(level), shielded=True, pressure=pressure).severity is severity


@pytest.mark.parametrize(
    ("distance", "severity"),
    [
        (0.26, OK),
        (0.25, WATCH),
        (0.121, WATCH),
        (0.12, WARNING),
        (0.051, WARNING),
        (0.05, CRITICAL),
        (-0.1, CRITICAL),
        (None, WATCH),
    ],
)
@pytest.mark.parametrize("hedged", [True, False])
def test_liquidation_distance(distance: float | None, severity: Severity, *, hedged: bool) -> None:
    assert judge(lit(1), distance=distance, hedged=hedged).severity is severity


@pytest.mark.parametrize(("minutes", "severity"), [(31, OK), (30, WARNING), (5.1, WARNING), (5, CRITICAL)])
def test_liquidation_time(minutes: float, severity: Severity) -> None:
    assert judge(lit(1), minutes=minutes).severity is severity


def test_known_danger_outranks_blindness_and_blindness_the_rest() -> None:
    assert judge(lit(5), blind=True).severity is CRITICAL
    assert judge(lit(4), blind=True) == Assessment(BLIND, ("its source is stale or failing", "light 4 of 5 on a hedged leg"))
    assert judge(UNKNOWN, distance=0.01).severity is CRITICAL
    assert [rank(each) for each in (OK, WATCH, WARNING, BLIND, CRITICAL)] == [0, 1, 2, 3, 4]


def test_reasons_name_what_is_not_ok_worst_first() -> None:
    found = judge(lit(4), distance=0.04, minutes=12)
    assert found == Assessment(
        CRITICAL,
        ("liquidation 4.0% away", "light 4 of 5 on a hedged leg", "liquidation in 12 min at this drift"),
    )
    assert judge(lit(4, 5), shielded=False, pressure=True).reasons == (
        "light 4 of 5 on a hedged leg, the venue's ADL is near or running",
    )
    assert judge(lit(2, 4), hedged=True, shielded=False).reasons == ("light 2 of 5 on a hedged leg, may be 4",)
    assert judge(lit(5), hedged=False, shielded=True).reasons == ("light 5 of 5 on an unhedged position, shield on",)
    assert judge(lit(1)).reasons == ()
    assert judge(lit(1), distance=0.0).reasons == ("at or past its liquidation price",)


def hedge(
    *legs: Assessment,
    hedged: bool = True,
    explicit: bool = True,
    ratio: float | None = 1.0,
    net: float | None = 0.0,
    at_risk: bool = False,
    missing: tuple[str, ...] = (),
) -> Assessment:
    return hedge_severity(
        legs,
        hedged=hedged,
        explicit=explicit,
        hedge_ratio=ratio,
        net_usd=net,
        shield_at_risk=at_risk,
        missing=missing,
        thresholds=LIMITS,
    )


@pytest.mark.parametrize(
    ("ratio", "net", "named", "paired"),
    [
        (0.95, 9e9, OK, OK),
        (0.94, 5_000.0, WATCH, WATCH),
        (0.79, -5_000.0, WARNING, WATCH),
        (0.49, 5_000.0, CRITICAL, WATCH),
        (0.0, 999.0, OK, OK),
        (None, None, BLIND, BLIND),
        (0.9, None, BLIND, BLIND),
    ],
)
def test_balance(ratio: float | None, net: float | None, named: Severity, paired: Severity) -> None:
    assert hedge(ratio=ratio, net=net, explicit=True).severity is named
    assert hedge(ratio=ratio, net=net, explicit=False).severity is paired


def test_hedge_is_as_bad_as_its_worst_leg() -> None:
    calm, bad = Assessment(OK, ()), Assessment(WARNING, ("light 4", "other"))
    assert hedge(calm, bad) == Assessment(WARNING, ("light 4",))
    assert hedge(calm, Assessment(BLIND, ("gone",)), bad).severity is BLIND
    assert hedge() == Assessment(OK, ())


def test_missing_leg_is_a_warning_and_makes_imbalance_count() -> None:
    assert hedge(hedged=False, ratio=0.0, net=500.0, missing=("a:BTC",)) == Assessment(WARNING, ("missing: a:BTC",))
    found = hedge(hedged=False, ratio=0.0, net=81_000.0, missing=("a:BTC",))
    assert found == Assessment(CRITICAL, ("naked long $81,000, hedged 0%", "missing: a:BTC"))


def test_unhedged_entry_has_only_its_legs_findings() -> None:
    assert hedge(hedged=False, explicit=False, ratio=0.0, net=-9e6).severity is OK


def test_shield_at_risk_is_to_be_watched() -> None:
    assert hedge(at_risk=True) == Assessment(WATCH, ("delta-neutral shield at risk",))


def test_book() -> None:
    assert book_severity([], blind_sources=0) is OK
    assert book_severity([WATCH, WARNING], blind_sources=0) is WARNING
    assert book_severity([WARNING], blind_sources=1) is BLIND
    assert book_severity([CRITICAL], blind_sources=2) is CRITICAL
    assert worst([WATCH, BLIND, WARNING]) is BLIND


@pytest.mark.parametrize(
    "wrong",
    [
        {"hedged_watch": 5, "hedged_warning": 4},
        {"unhedged_watch": 5, "unhedged_warning": 4},
        {"liquidation_critical": 0.5},
        {"liquidation_minutes_critical": 60.0},
        {"hedge_ratio_watch": 1.5},
        {"naked_usd": -1.0},
    ],
)
def test_thresholds_that_contradict_each_other_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="thresholds: "):
        Thresholds(**wrong)  # type: ignore[arg-type]  # one table of ints and floats
