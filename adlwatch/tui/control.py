"""What the terminal needs of whatever runs behind it: the engine, and in a simulation the handles of its world."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from adlwatch.domain.snapshot import Snapshot

if TYPE_CHECKING:
    from adlwatch.domain.incident import Incident
    from adlwatch.domain.reading import SourceState
    from adlwatch.domain.remedy import Remedy
    from adlwatch.domain.samples import Sample
    from adlwatch.tui.hypothesis import Hypothesis


class Engine(Protocol):
    """Polls, assesses, tells."""

    def subscribe(self, callback: Callable[[Snapshot], None]) -> Callable[[], None]:
        """Call back on the loop with every snapshot, until the returned function is called."""

    async def run(self) -> None:
        """Until cancelled."""

    def retry(self, source: str | None = None) -> tuple[str, ...]:
        """Ask now; returns which sources will be."""

    def acknowledge(self, key: str, by: str) -> bool:
        """Somebody has seen the open alert of that key; False where there is none, or it was acknowledged before."""

    def snooze(self, key: str, until: datetime) -> bool:
        """Hear nothing of the open alert of that key until then; False where there is none."""

    async def close(self) -> None:
        """Release everything."""


class Delivery(Protocol):
    """One attempt to tell a channel one transition of an alert."""

    @property
    def at(self) -> datetime:
        """When."""
        ...

    @property
    def transition(self) -> str:
        """Its id: the alert's key, `@` and when it was opened, `#` and a number."""
        ...

    @property
    def channel(self) -> str:
        """Whom."""
        ...

    @property
    def delivered(self) -> bool:
        """Whether it was taken."""
        ...

    @property
    def detail(self) -> str | None:
        """Why not."""
        ...


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


def meddle(world: World, what: str) -> str:
    """Do one thing to the world and say it."""
    if what in ("faster", "slower"):
        world.set_speed(world.speed * (2.0 if what == "faster" else 0.5))
        return f"World time runs {world.speed:g} times as fast"
    return _deeds(world)[what]()


def _deeds(world: World) -> dict[str, Callable[[], str]]:
    def deed(words: str, do: Callable[[], None]) -> Callable[[], str]:
        def done() -> str:
            do()
            return words

        return done

    return {
        "down": deed("Every price falls by 5 %", lambda: world.shock(percent=-5.0)),
        "up": deed("Every price rises by 5 %", lambda: world.shock(percent=5.0)),
        "drain": deed("Every insurance fund is empty", world.drain_fund),
        "cut": deed("Every private API answers 503", lambda: _cut_off(world, on=True)),
        "mend": deed("Every private API answers again", lambda: _cut_off(world, on=False)),
        "jump": deed("Skipped to just before the event", world.jump_to_event),
    }


def _cut_off(world: World, *, on: bool) -> None:
    for venue in world.venues:
        world.cut_off(venue, on=on)


class Backend(Struct, frozen=True):
    """What `start` hands over."""

    engine: Engine
    world: World | None = None
    what_if: "Callable[[Hypothesis], Snapshot] | None" = None
    """The book assessed as it would be."""
    remedies: Callable[[str, int], tuple["Remedy", ...]] | None = None
    """Ways for a position (by key) to come to at most that many lights. Takes up to seconds; called off the event loop."""
    user: str = "somebody"
    """Whose decisions are made here."""
    sources: "Callable[[], Sequence[SourceState]]" = tuple
    """Everything as last read, for the raw fields."""
    past: "Callable[[str, datetime], Sequence[Sample]] | None" = None
    """What a position (by key) looked like since a time, from the history. Blocks; raises OSError with one line."""
    report: "Callable[[Incident], Mapping[str, str]] | None" = None
    """An incident as files, by their suffix."""
    channels: tuple[str, ...] = ()
    """Who is told of alerts."""
    deliveries: Callable[[], Sequence[Delivery]] = tuple
    """Attempts to tell them, oldest first. Blocks; raises OSError with one line."""
    try_channel: Callable[[str], None] | None = None
    """Send a test message through a channel. Blocks; raises OSError with one line where it was not taken."""


Start = Callable[[], Backend]
"""Builds the backend; called off the event loop, once the first frame is on screen."""


class Refused(Exception):
    """An answer that leads nowhere; the message says why and what would do."""


class Offer(Struct, frozen=True):
    """One way to begin where nothing is configured."""

    name: str
    about: str
    choose: Callable[[str], Start | str]
    """Takes the answer to `question`; gives what to start, or a line to show. Raises Refused."""
    question: str = ""
    """Asked before it is chosen; empty: nothing to ask."""
