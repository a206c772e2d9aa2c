"""Every request budget of one run, wherever the adapters keep it among what they share."""

from collections.abc import Iterator, Mapping
from typing import Any

from adlwatch.adapters.limiter import Limiter


def limiters(shared: Mapping[str, Any]) -> dict[str, Limiter]:
    """Limiters by the name of their scope, as far as they have been used."""
    return {limiter.scope: limiter for limiter in _all(shared)}


def _all(shared: Mapping[str, Any]) -> Iterator[Limiter]:
    for value in shared.values():
        found = getattr(value, "limiters", ())
        yield from found.values() if isinstance(found, Mapping) else found
