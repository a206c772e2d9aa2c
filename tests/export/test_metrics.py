import math
from collections.abc import Iterator
from datetime import timedelta

from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from adlwatch import __version__
from adlwatch.domain.incident import Incident, IncidentKind
from adlwatch.domain.light import UNKNOWN, Light, LightState
from adlwatch.domain.position_score import Score
from adlwatch.domain.reading import Health
from adlwatch.domain.snapshot import Liquidation, Severity, Snapshot, SourceView
from adlwatch.export.metrics import NAMES, Exposition, render
from adlwatch.export.totals import Totals
from tests.tui.samples import BTC_CARRY, BTC_SHORT, NOW, SNAPSHOT, source

BTC = {"account": "bin-main", "venue": "binance", "symbol": "BTC/USDT:USDT", "side": "short"}
LOST = Incident(
    id="i1", kind=IncidentKind.ADL, account="bin-main", venue="binance", opened_at=NOW, last_at=NOW, dollar_seconds=10.0
)


def parsed(text: str) -> Iterator[Sample]:
    for family in text_string_to_metric_families(text):
        assert family.documentation
        assert family.type in ("gauge", "counter")
        yield from family.samples


def samples(snapshot: Snapshot, name: str) -> list[tuple[dict[str, str], float]]:
    return [(each.labels, each.value) for each in parsed(render(snapshot, Totals())) if each.name == name]


def counted(*snapshots: Snapshot) -> dict[str, float]:
    exposition = Exposition()
    for each in snapshots:
        exposition.count(each)
    found = parsed(exposition.text(snapshots[-1]))
    return {each.name: each.value for each in found if each.labels == {"account": "bin-main", "venue": "binance"}}


def test_a_snapshot_reads_as_prometheus_text_with_its_figures_in_base_units() -> None:
    assert (BTC, 4.0) in samples(SNAPSHOT, "adlwatch_light_level")
    assert (BTC, 20.0) in samples(SNAPSHOT, "adlwatch_light_age_seconds")
    assert (BTC, 0.04) in samples(SNAPSHOT, "adlwatch_light_chance_up")
    assert (BTC, 0.3148) in samples(SNAPSHOT, "adlwatch_liquidation_distance_ratio")
    assert (BTC, 81_000.0) in samples(SNAPSHOT, "adlwatch_position_notional_usd")
    assert ({"hedge": "btc-carry", "underlying": "BTC"}, 81_000.0) in samples(SNAPSHOT, "adlwatch_hedge_naked_usd")
    assert ({"source": "okx-2"}, 4.0) in samples(SNAPSHOT, "adlwatch_source_age_seconds")
    assert samples(SNAPSHOT, "adlwatch_snapshot_timestamp_seconds") == [({}, NOW.timestamp())]
    assert samples(SNAPSHOT, "adlwatch_build_info") == [({"version": __version__}, 1.0)]
    assert samples(SNAPSHOT, "adlwatch_simulated") == [({}, 1.0)]


def test_every_name_follows_the_conventions_and_has_a_sample_in_a_full_snapshot() -> None:
    assert all(name.startswith("adlwatch_") and name == name.lower() for name in NAMES)
    exposition = Exposition()
    exposition.count(SNAPSHOT)
    shown = {each.name for each in parsed(exposition.text(SNAPSHOT))}
    assert shown == set(NAMES) - {"adlwatch_alerts_open"}  # there are no alerts in the sample


def test_what_is_unknown_has_no_sample_and_is_never_zero() -> None:
    view = replace(
        BTC_SHORT,
        light=UNKNOWN,
        estimate=UNKNOWN,
        notional=None,
        score=Score(rule="x"),
        liquidation=Liquidation(),
        chance_up=None,
    )
    hedge = replace(BTC_CARRY, naked_usd=None, net_usd=None)
    bare = Snapshot(
        as_of=NOW, severity=Severity.BLIND, positions=(view,), hedges=(hedge,), sources=(source("a", Health.NEVER, None),)
    )
    names = {each.name for each in parsed(render(bare, Totals()))}
    assert not {
        name for name in names if name.startswith(("adlwatch_light", "adlwatch_score", "adlwatch_hedge_", "adlwatch_liq"))
    }
    assert "adlwatch_source_age_seconds" not in names
    assert samples(bare, "adlwatch_source_up") == [({"source": "a"}, 0.0)]


def test_a_stale_light_and_a_figure_that_is_not_finite_are_unknown() -> None:
    stale = replace(BTC_SHORT, light=Light(state=LightState.STALE, level=4), notional=math.inf)
    snapshot = replace(SNAPSHOT, positions=(stale,))
    assert samples(snapshot, "adlwatch_light_level") == []
    assert samples(snapshot, "adlwatch_position_notional_usd") == []


def test_blind_is_a_severity_of_its_own_and_no_number_on_a_scale() -> None:
    found = samples(replace(SNAPSHOT, severity=Severity.BLIND), "adlwatch_severity")
    assert {labels["severity"]: value for labels, value in found} == {
        "ok": 0.0,
        "watch": 0.0,
        "warning": 0.0,
        "critical": 0.0,
        "blind": 1.0,
    }


def test_foreign_names_are_escaped_and_come_back_as_they_were() -> None:
    name = 'a"b\\c\nd'
    assert ({**BTC, "account": name}, 4.0) in samples(
        replace(SNAPSHOT, positions=(replace(BTC_SHORT, account=name),)), "adlwatch_light_level"
    )


def test_two_views_of_one_position_are_one_series() -> None:
    twice = replace(SNAPSHOT, positions=(BTC_SHORT, replace(BTC_SHORT, notional=1.0)))
    assert samples(twice, "adlwatch_position_notional_usd") == [(BTC, 81_000.0)]


def test_after_a_failed_assessment_nothing_is_left_that_looks_assessed() -> None:
    failed = SourceView(id="assessment", kind="adlwatch", health=Health.FAILING, age_seconds=None, error="bug")
    snapshot = replace(SNAPSHOT, severity=Severity.BLIND, sources=(*SNAPSHOT.sources, failed))
    assert samples(snapshot, "adlwatch_light_level") == []
    assert samples(snapshot, "adlwatch_hedge_net_usd") == []
    assert ({"source": "assessment"}, 0.0) in samples(snapshot, "adlwatch_source_up")


def test_an_account_that_was_never_hit_counts_zero_so_that_its_first_incident_is_an_increase() -> None:
    assert counted(SNAPSHOT)["adlwatch_incidents_total"] == 0.0


def test_counters_never_fall_when_incidents_are_forgotten_or_explained_after_all() -> None:
    hit = replace(SNAPSHOT, incidents=(LOST,))
    longer = replace(hit, incidents=(replace(LOST, dollar_seconds=25.0),))
    explained = replace(hit, incidents=(replace(LOST, kind=IncidentKind.EXPLAINED, dollar_seconds=0.0),))
    second = replace(LOST, id="i2", opened_at=NOW + timedelta(days=2), dollar_seconds=5.0)
    course = [SNAPSHOT, hit, longer, explained, SNAPSHOT, replace(hit, incidents=(second,))]
    seen = [counted(*course[: n + 1]) for n in range(len(course))]
    assert [each["adlwatch_incidents_total"] for each in seen] == [0.0, 1.0, 1.0, 1.0, 1.0, 2.0]
    assert [each["adlwatch_incident_dollar_seconds_total"] for each in seen] == [0.0, 10.0, 25.0, 25.0, 25.0, 30.0]
