"""One module (or package) a venue: the endpoints it may call, its raw types, and pure parsers into our words.

Each declares a `VENUE`, and the `KIND` that its entry point names.
"""

from importlib import import_module
from pkgutil import iter_modules

from adlwatch.adapters.ccxt.venue import Venue


def names() -> tuple[str, ...]:
    """Every venue here, in alphabetical order."""
    return tuple(sorted(module.name for module in iter_modules(__path__)))


def find(name: str) -> Venue:
    """One venue's declaration."""
    venue = import_module(f"{__name__}.{name}").VENUE
    if not isinstance(venue, Venue):
        raise TypeError(f"{name} declares no Venue")
    return venue
