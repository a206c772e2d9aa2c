"""What a user may do to the mock world while watching: keys in mock mode, and tests, call this."""

from adlwatch.adapters.mock.markets import UNDERLYINGS, VENUES
from adlwatch.adapters.mock.scenarios import Event
from adlwatch.adapters.mock.session import Session

_BEFORE = 3.0
"""Seconds before the event at which a jump lands."""


class Controls:
    """Handles of one running mock world. Nothing here blocks; effects show in the next reading."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def shock(self, underlying: str = "*", percent: float = -5.0) -> None:
        """Move an underlying (`*`: all) by that many percent within two seconds."""
        self._session.do(Event(0.0, "move", underlying, percent / 100, 2.0))

    def drain_fund(self, venue: str = "*") -> None:
        """Empty the insurance pools of a venue (`*`: all)."""
        self._session.do(Event(0.0, "drain", venue, 1.0))

    def cut_off(self, venue: str, *, on: bool = True) -> None:
        """Let a venue's private API answer 503, or answer again."""
        self._session.do(Event(0.0, "private", venue, "fail" if on else "open"))

    def set_speed(self, factor: float) -> None:
        """World seconds a second, above 0; ValueError otherwise."""
        self._session.set_speed(factor)

    def jump_to_event(self) -> None:
        """Skip ahead to just before the scenario's event; nothing happens when it is past."""
        self._session.jump(max(0.0, self._session.scenario.event - _BEFORE))

    @property
    def speed(self) -> float:
        """World seconds a second."""
        return self._session.speed

    @property
    def venues(self) -> tuple[str, ...]:
        """Names that `drain_fund` and `cut_off` take."""
        return tuple(venue.name for venue in VENUES)

    @property
    def underlyings(self) -> tuple[str, ...]:
        """Names that `shock` takes."""
        return tuple(underlying.name for underlying in UNDERLYINGS)
