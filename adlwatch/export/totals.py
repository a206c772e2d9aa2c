"""What only grows, as counters must: a snapshot forgets incidents after a day, and measures some of them anew."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from adlwatch.domain.snapshot import Snapshot

Place = tuple[str, str]
"""Account and venue."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Counted since the start, by account and venue: 0 for those that are watched and were never hit."""

    incidents: Mapping[Place, float] = field(default_factory=dict)
    dollar_seconds: Mapping[Place, float] = field(default_factory=dict)
    measured: Mapping[str, float] = field(default_factory=dict)
    """The most dollar-seconds seen of each incident still shown, by its id."""


def count(totals: Totals, snapshot: Snapshot) -> Totals:
    """The totals after one more snapshot."""
    places = dict.fromkeys([(view.account, view.venue) for view in snapshot.positions], 0.0)
    incidents, seconds = places | dict(totals.incidents), places | dict(totals.dollar_seconds)
    measured: dict[str, float] = {}
    for each in snapshot.incidents:
        place, known = (each.account, each.venue), totals.measured.get(each.id)
        incidents[place] = incidents.get(place, 0.0) + (known is None)
        measured[each.id] = max(each.dollar_seconds, known or 0.0)
        seconds[place] = seconds.get(place, 0.0) + measured[each.id] - (known or 0.0)
    return Totals(incidents, seconds, measured)
