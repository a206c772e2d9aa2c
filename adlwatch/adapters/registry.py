"""Which kinds of sources there are: the entry points of group `adlwatch.adapters`, ours and those of other installed packages.

Names are listed without importing anything; one kind is imported when it is asked for.
"""

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from adlwatch.adapters.base import Adapter, Context, Kind, Refused, SourceError, SourceSpec, Unsupported
from adlwatch.credentials import CredentialError
from adlwatch.domain.reading import Reading

GROUP = "adlwatch.adapters"


@cache
def _found() -> dict[str, EntryPoint]:
    """Entry points by name; where another package uses one of our names, ours stands."""
    points = sorted(entry_points(group=GROUP), key=lambda point: point.value.startswith("adlwatch."))
    return {point.name: point for point in points}


def names() -> tuple[str, ...]:
    """Every kind that a `[[source]]` may name, in alphabetical order."""
    return tuple(sorted(_found()))


def is_ours(name: str) -> bool:
    """Whether it is one of the kinds that come with this program; another package's asks in ways we do not know."""
    return name in _found() and _found()[name].value.startswith("adlwatch.")


def load(name: str) -> Kind:
    """Import one kind. Raises `KeyError` where there is none, `Unsupported` where its package is broken."""
    point = _found()[name]
    try:
        kind = point.load()
    except Exception as error:
        raise Unsupported(f"{_named(point)} cannot be loaded: {type(error).__name__}: {error}") from error
    if not isinstance(kind, Kind):
        raise Unsupported(f"{_named(point)} is no adlwatch.adapters.base.Kind but {type(kind).__name__}")
    return kind


def build(spec: SourceSpec, context: Context) -> Adapter:
    """One adapter. What cannot be built becomes a source that says so on screen, and leaves the others alone."""
    if spec.problem is not None:
        return Unbuilt(spec, Unsupported(spec.problem))
    try:
        return load(spec.kind).create(spec.id, spec.options, context)
    except SourceError as error:
        return Unbuilt(spec, error)
    except CredentialError as error:
        return Unbuilt(spec, Refused(str(error)))
    except Exception as error:  # noqa: BLE001  # third-party code: its bug is this source's failure
        return Unbuilt(spec, Unsupported(f"cannot be built: {type(error).__name__}: {error}"))


class Unbuilt:
    """The place of a source whose adapter could not be built: every fetch says why."""

    interval = 60.0
    timeout = 1.0
    label: str | None = None

    def __init__(self, spec: SourceSpec, error: SourceError) -> None:
        self.id = spec.id
        self.kind = spec.kind
        self.error = error
        """What went wrong."""

    async def fetch(self) -> Reading:
        """Raise what went wrong when it was built."""
        raise type(self.error)(str(self.error))

    async def close(self) -> None:
        """Nothing was opened."""


def _named(point: EntryPoint) -> str:
    package = f" of package {point.dist.name} {point.dist.version}" if point.dist else ""
    return f'adapter "{point.name}"{package}'
