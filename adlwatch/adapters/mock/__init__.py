"""A simulated exchange with real deleveraging: three venues, some twenty thousand traders, and you. See docs/mock.md.

Importing this is cheap: numpy and the simulation come with the first fetch.
"""

from typing import Literal

from msgspec import Struct

from adlwatch.adapters.base import Adapter, Clock, Context, Kind, Unsupported
from adlwatch.adapters.mock.controls import Controls
from adlwatch.adapters.mock.scenarios import SCENARIOS, scenario
from adlwatch.adapters.mock.session import Session

Venue = Literal["mock-alpha", "mock-beta", "mock-gamma"]
VENUES: tuple[Venue, ...] = ("mock-alpha", "mock-beta", "mock-gamma")
DEFAULT_SCENARIO = "cascade"


class Options(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of a `[[source]]` of kind `mock`. Sources with the same scenario, seed and speed share one world."""

    venue: Venue = "mock-alpha"
    scenario: str = DEFAULT_SCENARIO
    seed: int = 1
    speed: float = 1.0
    """World seconds a second."""
    accounts: tuple[str, ...] = ()
    """Accounts of the venue to show; empty: all."""

    def __post_init__(self) -> None:
        try:
            scenario(self.scenario)
        except KeyError as error:
            raise ValueError(error.args[0]) from None
        if not self.speed > 0:
            raise ValueError(f"speed {self.speed:g}: expected a number above 0")


def session(name: str, seed: int, speed: float, clock: Clock) -> Session:
    """A world that is built with the first fetch; `Unsupported` for a scenario that is not there or a speed of 0 or less."""
    try:
        found = scenario(name)
    except KeyError as error:
        raise Unsupported(str(error.args[0])) from None
    if not speed > 0:
        raise Unsupported(f"speed {speed}: expected a number above 0")
    return Session(found, seed, speed, clock)


def create(source: str, options: Options, context: Context) -> Adapter:
    """One source on the world that its options name."""
    from adlwatch.adapters.mock.adapter import MockAdapter  # noqa: PLC0415  # msgspec models wait for their use

    key = f"mock/{options.scenario}/{options.seed}/{options.speed:g}"
    if key not in context.shared:
        context.shared[key] = session(options.scenario, options.seed, options.speed, context.clock)
    return MockAdapter(source, context.shared[key], options.venue, frozenset(options.accounts))


def adapters_for_demo(scenario_name: str, seed: int, speed: float, clock: Clock) -> tuple[list[Adapter], Controls]:
    """What `--mock` shows: one source a venue, all on one world, and the handles of that world."""
    from adlwatch.adapters.mock.adapter import MockAdapter  # noqa: PLC0415  # as above

    world = session(scenario_name, seed, speed, clock)
    return [MockAdapter(venue, world, venue, frozenset()) for venue in VENUES], Controls(world)


KIND = Kind("mock", Options, create)

__all__ = ["KIND", "SCENARIOS", "Options", "adapters_for_demo", "session"]
