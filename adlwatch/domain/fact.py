"""A fact with its sources and how well it is known."""

from enum import StrEnum
from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Grade(StrEnum):
    """How well a fact is known, best first."""

    OFFICIAL = "official"
    """The venue's own page, API documentation or repository."""
    QUOTED_COPY = "quoted-copy"
    """A mirror or a quotation of the venue's own text."""
    CODE = "code"
    """Read from source code that speaks to the venue or runs it."""
    SAMPLE = "sample"
    """Seen in a published sample reply."""
    INFERRED = "inferred"
    """Our reading, or a third party's word, with nothing of the venue's behind it."""
    UNKNOWN = "unknown"
    """Looked for in the sources named, not found."""


class Fact(Struct, Generic[T], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fact about a venue. `value` is None exactly where `grade` is unknown."""

    grade: Grade
    sources: tuple[str, ...]
    """URLs."""
    value: T | None = None
    note: str | None = None
