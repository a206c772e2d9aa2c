"""A simulated exchange with real deleveraging: three venues, some twenty thousand traders, and you. See docs/mock.md.

Importing this is cheap: numpy and the simulation come with the first fetch.
"""

from math import inf
from typing import Literal

from msgspec import Struct

from adlwatch.adapters.base import Adapter, Clock, Context, Kind, Unsupported
from adlwatch.adapters.mock.controls import Controls
from adlwatch.adapters.mock.scenarios import SCENARIOS, burst, scenario
from adlwatch.adapters.mock.session import Session

Venue = Literal["mock-alpha", "mock-beta", "mock-gamma"]
VENUES: tuple[Venue, ...] = ("mock-alpha", "mock-beta", "mock-gamma")
DEFAULT_SCENARIO = "cascade"


class Options(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of a `[[source]]` of kind `mock`. Sources that differ only in venue and accounts share one world."""

    venue: Venue = "mock-alpha"
    scenario: str = DEFAULT_SCENARIO
    seed: int = 1
    speed: float = 1.0
    """World seconds a second."""
    accounts: tuple[str, ...] = ()
    """Accounts of the venue to show; empty: all."""
    fills: int | None = None
    """Only for the scenario `burst`: about how many ADL fills of yours it brings within a second."""

    def __post_init__(self) -> None:
        try:
            scenario(self.scenario)
        except KeyError as error:
            raise ValueError(error.args[0]) from None
        if not 0 < self.speed < inf:
            raise ValueError(f"speed {self.speed:g}: expected a number above 0")
        if self.seed < 0:
            raise ValueError(f"seed {self.seed}: expected 0 or more")
        if self.fills is not None and self.scenario != "burst":
            raise ValueError("fills: only the scenario burst has them")
        if self.fills is not None and self.fills < 1:
            raise ValueError(f"fills {self.fills}: expected 1 or more")


def session(options: Options, clock: Clock) -> Session:
    """A world that is built with the first fetch."""
    found = scenario(options.scenario) if options.fills is None else burst(options.fills)
    return Session(found, options.seed, options.speed, clock)


def create(source: str, options: Options, context: Context) -> Adapter:
    """One source on the world that its options name."""
    from adlwatch.adapters.mock.adapter import MockAdapter  # noqa: PLC0415  # msgspec models wait for their use

    key = f"mock/{options.scenario}/{options.seed}/{options.speed:g}/{options.fills}"
    world = context.shared.get(key) or session(options, context.clock)
    known = [spec.id for spec in world.scenario.you if spec.venue == options.venue]
    for account in options.accounts:
        if account not in known:
            raise Unsupported(f"no account '{account}' at {options.venue}; there are {', '.join(known) or 'none'}")
    context.shared[key] = world
    return MockAdapter(source, world, options.venue, frozenset(options.accounts))


def adapters_for_demo(name: str, seed: int, speed: float, clock: Clock) -> tuple[list[Adapter], Controls]:
    """What `--mock` shows: one source a venue, all on one world, and the handles of that world."""
    from adlwatch.adapters.mock.adapter import MockAdapter  # noqa: PLC0415  # as above

    world = session(Options(scenario=name, seed=seed, speed=speed), clock)
    return [MockAdapter(venue, world, venue, frozenset()) for venue in VENUES], Controls(world)


KIND = Kind("mock", Options, create)

__all__ = ["KIND", "SCENARIOS", "VENUES", "Options", "adapters_for_demo"]
