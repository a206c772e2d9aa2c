"""A snapshot as Prometheus metrics (text format 0.0.4, https://prometheus.io/docs/instrumenting/exposition_formats/).

Base units, few labels. What is unknown has no sample: a zero would read as safe.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from adlwatch import __version__
from adlwatch.domain.alert_findings import ASSESSMENT, OWN
from adlwatch.domain.light import Light, LightState
from adlwatch.domain.snapshot import HedgeView, PositionView, Severity, Snapshot
from adlwatch.export.totals import Totals, count

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Labels = tuple[tuple[str, str], ...]
Sample = tuple[Labels, float | None]
"""Labels and a value; None: unknown, and left out."""


class Metric(NamedTuple):
    """One family of samples."""

    name: str
    type: str
    help: str
    samples: Callable[[Snapshot], Iterable[Sample]]


def render(snapshot: Snapshot, totals: Totals) -> str:
    """Every metric of a snapshot, and the totals counted so far.

    After a failed assessment nothing is left of positions and hedges: what the snapshot still shows of them is from before.
    """
    if any(source.kind == OWN and source.id == ASSESSMENT for source in snapshot.sources):
        snapshot = replace(snapshot, positions=(), hedges=())
    counted = (_counter(name, about, values) for name, about, values in _counters(totals))
    return "".join("".join(_family(metric, snapshot)) for metric in (*METRICS, *counted))


class Exposition:
    """The metrics of one process: a snapshot as it stands, and what was counted of all of them."""

    def __init__(self) -> None:
        self._totals = Totals()

    def count(self, snapshot: Snapshot) -> None:
        """Take note of a snapshot, so that no incident is missed between two scrapes."""
        self._totals = count(self._totals, snapshot)

    def text(self, snapshot: Snapshot) -> str:
        """What a scraper gets."""
        return render(snapshot, self._totals)


def _family(metric: Metric, snapshot: Snapshot) -> Iterator[str]:
    known = [(labels, value) for labels, value in metric.samples(snapshot) if value is not None and math.isfinite(value)]
    rows = dict(reversed(known))  # one sample a series: of two views of one thing the first counts
    if rows:
        yield f"# HELP {metric.name} {metric.help}\n# TYPE {metric.name} {metric.type}\n"
    for labels, value in reversed(rows.items()):
        inner = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels)
        yield f"{metric.name}{{{inner}}} {float(value)!r}\n" if inner else f"{metric.name} {float(value)!r}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _counters(totals: Totals) -> Iterator[tuple[str, str, Mapping[tuple[str, str], float]]]:
    yield "adlwatch_incidents_total", "Incidents since this process started.", totals.incidents
    yield (
        "adlwatch_incident_dollar_seconds_total",
        "Naked US dollars times the seconds they stood, of the incidents since this process started.",
        totals.dollar_seconds,
    )


def _counter(name: str, about: str, values: Mapping[tuple[str, str], float]) -> Metric:
    return Metric(
        name,
        "counter",
        about,
        lambda _: (((("account", account), ("venue", venue)), value) for (account, venue), value in values.items()),
    )


def _positions(read: Callable[[PositionView], float | None]) -> Callable[[Snapshot], Iterator[Sample]]:
    def samples(snapshot: Snapshot) -> Iterator[Sample]:
        for view in snapshot.positions:
            labels = ("account", view.account), ("venue", view.venue), ("symbol", view.symbol), ("side", view.side.value)
            yield labels, read(view)

    return samples


def _hedges(read: Callable[[HedgeView], float | None]) -> Callable[[Snapshot], Iterator[Sample]]:
    def samples(snapshot: Snapshot) -> Iterator[Sample]:
        for view in snapshot.hedges:
            yield (("hedge", view.name), ("underlying", view.underlying)), read(view)

    return samples


def _level(light: Light) -> float | None:
    return light.level if light.state is LightState.LIT else None


def _severity(snapshot: Snapshot) -> Iterator[Sample]:
    for each in Severity:
        yield (("severity", each.value),), float(snapshot.severity is each)


def _counts(snapshot: Snapshot) -> Iterator[Sample]:
    for each in Severity:
        yield (("severity", each.value),), sum(view.severity is each for view in snapshot.hedges)


def _alerts(snapshot: Snapshot) -> Iterator[Sample]:
    for rule in dict.fromkeys(alert.rule for alert in snapshot.alerts):
        yield (("rule", rule.value),), sum(alert.rule is rule and alert.resolved_at is None for alert in snapshot.alerts)


def _source_ages(snapshot: Snapshot) -> Iterator[Sample]:
    for source in snapshot.sources:
        yield (("source", source.id),), source.age_seconds


def _sources_up(snapshot: Snapshot) -> Iterator[Sample]:
    for source in snapshot.sources:
        yield (("source", source.id),), float(not source.health.blind)


METRICS = (
    Metric("adlwatch_build_info", "gauge", "Always 1; the version is a label.", lambda _: [((("version", __version__),), 1.0)]),
    Metric("adlwatch_snapshot_timestamp_seconds", "gauge", "Time of the assessment.", lambda s: [((), s.as_of.timestamp())]),
    Metric("adlwatch_simulated", "gauge", "1 where anything in here is not real.", lambda s: [((), float(s.label is not None))]),
    Metric("adlwatch_severity", "gauge", "1 for the severity of the whole book, 0 for the others.", _severity),
    Metric("adlwatch_hedges", "gauge", "Hedges and unhedged positions of each severity.", _counts),
    Metric("adlwatch_alerts_open", "gauge", "Open alerts of each rule.", _alerts),
    Metric("adlwatch_light_level", "gauge", "Light from 1 to 5, 5 is closed first; none while unknown or stale.",
           _positions(lambda view: _level(view.light))),
    Metric("adlwatch_light_age_seconds", "gauge", "Time since what the light describes.",
           _positions(lambda view: view.light.age_seconds)),
    Metric("adlwatch_light_estimate_level", "gauge", "Our own estimate of the light.",
           _positions(lambda view: _level(view.estimate))),
    Metric("adlwatch_light_chance_up", "gauge", "Estimated probability that the venue's light goes up within a minute.",
           _positions(lambda view: view.chance_up)),
    Metric("adlwatch_score", "gauge", "Ranking score under the venue's rule.", _positions(lambda view: view.score.value)),
    Metric("adlwatch_position_notional_usd", "gauge", "Size at the mark price.", _positions(lambda view: view.notional)),
    Metric("adlwatch_liquidation_distance_ratio", "gauge", "Fraction the mark has to move to the liquidation price.",
           _positions(lambda view: view.liquidation.distance)),
    Metric("adlwatch_hedge_naked_usd", "gauge", "Exposure left if the worst leg is closed in full; positive is long.",
           _hedges(lambda view: view.naked_usd)),
    Metric("adlwatch_hedge_net_usd", "gauge", "Exposure now; positive is long.", _hedges(lambda view: view.net_usd)),
    Metric("adlwatch_source_age_seconds", "gauge", "Age of the source's data.", _source_ages),
    Metric("adlwatch_source_up", "gauge", "1 while the source may be trusted.", _sources_up),
)  # fmt: skip
NAMES = (*(metric.name for metric in METRICS), *(name for name, _, _ in _counters(Totals())))
