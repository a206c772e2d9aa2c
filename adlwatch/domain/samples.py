"""One position at one moment, in the few figures that are worth plotting later."""

from datetime import datetime

from msgspec import Struct

from adlwatch.domain.light import LightSource, LightState
from adlwatch.domain.snapshot import PositionView, Severity


class Sample(Struct, frozen=True, kw_only=True, gc=False):
    """What a position looked like. Unknown is None; `mark` and `notional` in USD terms as in the snapshot."""

    at: datetime
    key: str
    state: LightState
    level: int | None
    """Of the light shown: the best honest answer."""
    source: LightSource | None
    estimate: int | None
    low: int | None
    """Of the estimate's 90 % interval."""
    high: int | None
    score: float | None
    mark: float | None
    notional: float | None
    distance: float | None
    """To liquidation, as a fraction of the mark."""
    severity: Severity


def sample(view: PositionView, at: datetime) -> Sample:
    """The figures of one assessed position."""
    low, high = view.estimate.interval or (None, None)
    return Sample(
        at=at,
        key=view.key,
        state=view.light.state,
        level=view.light.level,
        source=view.light.source,
        estimate=view.estimate.level,
        low=low,
        high=high,
        score=view.score.value,
        mark=view.mark_price,
        notional=view.notional,
        distance=view.liquidation.distance,
        severity=view.severity,
    )
