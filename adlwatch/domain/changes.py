"""What differs between two snapshots, as events worth keeping: lights, estimates, severities, shields, sources, stress."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from msgspec import Struct

from adlwatch.domain.light import Light, LightState
from adlwatch.domain.snapshot import Snapshot, StressView


class ChangeKind(StrEnum):
    """What changed; in brackets, what its subject is."""

    BOOK = "book"
    """The severity of the whole book [empty]."""
    HEDGE = "hedge"
    """The severity of a hedge [its name]."""
    SHIELD = "shield"
    """Delta-neutral protection [the hedge's name]."""
    SEVERITY = "severity"
    """[position key]"""
    LIGHT = "light"
    """[position key]"""
    ESTIMATE = "estimate"
    """[position key]"""
    STRESS = "stress"
    """[venue, then its pool or symbols]"""
    HEALTH = "health"
    """[source id]"""


class Change(Struct, frozen=True, kw_only=True):
    """One thing that is not what it was. Words are those of the snapshot; None: the subject was not there."""

    at: datetime
    kind: ChangeKind
    subject: str
    before: str | None
    after: str | None
    level: int | None = None
    """The level after, for lights and estimates."""
    detail: str | None = None
    """Why, in words, where there is more to say."""


class _Facet(NamedTuple):
    """One thing that is followed: the rows it is found in by subject, what is compared, and why it is so."""

    kind: ChangeKind
    rows: Callable[[Snapshot], Mapping[str, Any]]
    value: Callable[[Any], Light | str]
    why: Callable[[Any], str | None]


def changes(before: Snapshot | None, after: Snapshot) -> Iterator[Change]:
    """Every change from one snapshot to the next; without one before, everything is a change from not being there."""
    for facet in _FACETS:
        old = facet.rows(before) if before is not None else {}
        new = facet.rows(after)
        for subject in dict.fromkeys((*new, *old)):
            was = facet.value(old[subject]) if subject in old else None
            is_ = facet.value(new[subject]) if subject in new else None
            if _essence(was) != _essence(is_):
                why = facet.why(new[subject]) if subject in new else None
                yield _change(after.as_of, facet.kind, subject, (was, is_), why)


def light_word(light: Light) -> str:
    """A light in a few words: `4 venue`, `3 calibrated 2-4`, `stale 3`, `no-queue`."""
    lit = light.state is LightState.LIT
    low, high = light.interval or (None, None)
    words = (
        None if lit else light.state.value,
        None if light.level is None else str(light.level),
        light.source if lit else None,
        f"{low}-{high}" if low != high else None,
    )
    return " ".join(word for word in words if word)


def _change(
    at: datetime, kind: ChangeKind, subject: str, values: tuple[Light | str | None, Light | str | None], why: str | None
) -> Change:
    before, after = (light_word(value) if isinstance(value, Light) else value for value in values)
    level = values[1].level if isinstance(values[1], Light) else None
    return Change(at=at, kind=kind, subject=subject, before=before, after=after, level=level, detail=why or None)


def _essence(value: Light | str | None) -> object:
    """What must differ for a change: a light that only grew older, or surer, is the same light."""
    return (value.state, value.level, value.source) if isinstance(value, Light) else value


def _by(rows: str, name: str) -> Callable[[Snapshot], Mapping[str, Any]]:
    return lambda snapshot: {getattr(row, name): row for row in getattr(snapshot, rows)}


def _place(stress: StressView) -> str:
    return f"{stress.venue} {stress.pool or ','.join(stress.symbols)}".strip()


def _reasons(row: Any) -> str:
    reasons: Iterable[str] = row.reasons
    return "; ".join(reasons)


_POSITIONS, _HEDGES = _by("positions", "key"), _by("hedges", "name")
_FACETS = (
    _Facet(ChangeKind.BOOK, lambda snapshot: {"": snapshot}, lambda book: book.severity.value, lambda _: None),
    _Facet(ChangeKind.HEDGE, _HEDGES, lambda hedge: hedge.severity.value, _reasons),
    _Facet(ChangeKind.SHIELD, _HEDGES, lambda hedge: hedge.shield.state, lambda hedge: hedge.shield.note),
    _Facet(ChangeKind.SEVERITY, _POSITIONS, lambda view: view.severity.value, _reasons),
    _Facet(ChangeKind.LIGHT, _POSITIONS, lambda view: view.light, lambda view: view.light.note),
    _Facet(ChangeKind.ESTIMATE, _POSITIONS, lambda view: view.estimate, lambda view: view.estimate.note),
    _Facet(
        ChangeKind.STRESS,
        lambda snapshot: {_place(stress): stress for stress in snapshot.stress},
        lambda stress: stress.level.value,
        _reasons,
    ),
    _Facet(ChangeKind.HEALTH, _by("sources", "id"), lambda source: source.health.value, lambda source: source.error),
)
