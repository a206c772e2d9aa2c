"""What an earlier run has left for this one to begin with."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from adlwatch.domain.alert import AlertBook
from adlwatch.domain.incident import Incident
from adlwatch.domain.reading import SourceState
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
