"""A row of things that is made when somebody looks: of a large book most details are never asked for."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias, TypeVar, overload

K = TypeVar("K")
T = TypeVar("T")

if TYPE_CHECKING:
    Row: TypeAlias = Sequence[T]
else:
    Row = tuple[T, ...]
"""Type of a field that may be lazy: to its readers a sequence; to whoever decodes it, a tuple."""


class Lazy(Sequence[T]):
    """Stands for the tuple of what `make(of)` gives, is equal to it, and makes it once.

    `make` is pure and what it is given is frozen, so that it does not matter when, or in which thread, it is asked.
    """

    __slots__ = ("_made", "_make", "_of")

    def __init__(self, make: Callable[[K], Iterable[T]], of: K) -> None:
        self._make: Callable[..., Iterable[T]] = make
        self._of = of
        self._made: tuple[T, ...] | None = None

    def _all(self) -> tuple[T, ...]:
        made = self._made
        if made is None:
            made = self._made = tuple(self._make(self._of))
        return made

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[T, ...]: ...
    def __getitem__(self, at: int | slice) -> T | tuple[T, ...]:
        return self._all()[at]

    def __len__(self) -> int:
        return len(self._all())

    def __eq__(self, other: object) -> bool:
        return self._all() == (other._all() if isinstance(other, Lazy) else other)

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return repr(self._all())
