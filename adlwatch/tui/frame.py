"""What a screen is handed to show: one snapshot and what the program itself has to say about it. Frozen."""

from datetime import tzinfo

from msgspec import Struct

from adlwatch.domain.snapshot import Snapshot
from adlwatch.tui.history import History
from adlwatch.tui.tape import Event

NO_HISTORY = History()


class Frame(Struct, frozen=True):
    """One picture's worth. `live` runs on while `snapshot` is held by pause; in a what-if both are the supposed book."""

    snapshot: Snapshot | None = None
    live: Snapshot | None = None
    events: tuple[Event, ...] = ()
    """Newest first."""
    labels: tuple[str, ...] = ()
    """MOCK, FROZEN …: always on screen."""
    trouble: str = ""
    zone: tzinfo | None = None
    history: History = NO_HISTORY
