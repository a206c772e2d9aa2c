"""What an earlier run has left for this one to begin with."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from adlwatch.domain.alert import AlertBook
from adlwatch.domain.incident import Incident
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.snapshot import Snapshot


class Resumed(NamedTuple):
    """Nothing, unless it says so."""

    sources: Mapping[str, SourceState] = MappingProxyType({})
    """By id."""
    incidents: tuple[Incident, ...] = ()
    """Those that are still shown."""
    alerts: AlertBook | None = None
    snapshot: Snapshot | None = None
    """The last one."""

    def readings(self, kinds: Mapping[str, str]) -> Mapping[str, Reading]:
        """The last good answer of each source that is still there, and of the same kind; `kinds` by id."""
        known = ((state.reading, kinds.get(id_) == state.kind) for id_, state in self.sources.items())
        return {reading.source: reading for reading, same in known if reading is not None and same}
