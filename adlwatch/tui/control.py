"""What the terminal needs of whatever runs behind it: the engine, and in a simulation the handles of its world."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from adlwatch.domain.snapshot import Snapshot


class Engine(Protocol):
    """Polls, assesses, tells."""

    def subscribe(self, callback: Callable[[Snapshot], None]) -> Callable[[], None]:
        """Call back on the loop with every snapshot, until the returned function is called."""

    async def run(self) -> None:
        """Until cancelled."""

    def retry(self, source: str | None = None) -> tuple[str, ...]:
        """Ask now; returns which sources will be."""

    async def close(self) -> None:
        """Release everything."""


class World(Protocol):
    """A simulated exchange in the user's hands."""

    @property
    def speed(self) -> float:
        """World seconds a second."""

    @property
    def venues(self) -> tuple[str, ...]:
        """Its venues."""

    def shock(self, underlying: str = "*", percent: float = -5.0) -> None:
        """Move prices."""

    def drain_fund(self, venue: str = "*") -> None:
        """Empty insurance pools."""

    def cut_off(self, venue: str, *, on: bool = True) -> None:
        """Let a venue fail, or answer again."""

    def set_speed(self, factor: float) -> None:
        """World seconds a second."""

    def jump_to_event(self) -> None:
        """Skip ahead to just before what the scenario is about."""


@dataclass(frozen=True, slots=True)
class Backend:
    """What `start` hands over."""

    engine: Engine
    world: World | None = None


Start = Callable[[], Backend]
