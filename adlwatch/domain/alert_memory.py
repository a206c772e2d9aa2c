"""What alert rules have to remember of earlier snapshots: the course of each light, and shields that once held."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from adlwatch.domain.alert import AlertBook
from adlwatch.domain.light import LightState
from adlwatch.domain.shield import HOLDING
from adlwatch.domain.snapshot import Snapshot

Trail = tuple[tuple[datetime, int], ...]
"""(time, level) whenever it changed: all within the time looked back, and the one that held when that began."""


def remembered(previous: AlertBook, snapshot: Snapshot, within: timedelta) -> AlertBook:
    """The book with the lights and shields of the snapshot; the same book where none has changed."""
    held = {view.name for view in snapshot.hedges if view.shield.state in HOLDING}
    shielded = frozenset(held | (previous.shielded & {view.name for view in snapshot.hedges}))
    lights = _lights(previous, snapshot, snapshot.as_of - within)
    if shielded == previous.shielded and lights is None:
        return previous
    return replace(previous, shielded=shielded, lights=previous.lights if lights is None else lights)


def _lights(previous: AlertBook, snapshot: Snapshot, since: datetime) -> dict[str, Trail] | None:
    """Every trail, None where none has changed. A light that cannot be seen leaves its trail as it is."""
    known, changed, present = previous.lights, {}, 0
    for view in snapshot.positions:
        trail = known.get(view.key, ())
        present += bool(trail)
        level = view.light.level if view.light.state is LightState.LIT else None
        if level is not None and (not trail or trail[-1][1] != level):
            trail = (*trail, (snapshot.as_of, level))
        elif len(trail) < 2 or trail[1][0] > since:
            continue
        changed[view.key] = _recent(trail, since)
    if not changed and present == len(known):
        return None
    keys = {view.key for view in snapshot.positions}
    return {key: trail for key, trail in known.items() if key in keys} | changed


def _recent(trail: Trail, since: datetime) -> Trail:
    before = sum(time <= since for time, _ in trail)
    return trail[max(0, before - 1) :]
