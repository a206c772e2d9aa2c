"""What happened between two snapshots, in one line each: lights, sizes, sources, alerts. Pure."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from adlwatch.domain.light import Light, LightState
from adlwatch.domain.reading import Health
from adlwatch.domain.snapshot import PositionView, Snapshot, SourceView
from adlwatch.tui import format as fmt
from adlwatch.tui.lights import STATE_WORDS, level_role
from adlwatch.tui.spans import Role

LEAST_SHRINK = 1e-9


class Event(Struct, frozen=True):
    """One thing that happened."""

    at: datetime
    text: str
    role: Role


def events(before: Snapshot | None, after: Snapshot) -> list[Event]:
    """What the later snapshot shows that the earlier did not, worst kinds first."""
    if before is None:
        return []
    old = {p.key: p for p in before.positions}
    new = {p.key: p for p in after.positions}
    heard = {s.id for s in before.sources if s.health is not Health.NEVER}
    found = [*_gone(before, after, new), *_changed(old, after, heard), *_sources(before, after)]
    return [Event(after.as_of, text, role) for text, role in found]


def _name(position: PositionView) -> str:
    return f"{position.account} {position.underlying or position.symbol} {position.side.value}"


def _gone(before: Snapshot, after: Snapshot, new: dict[str, PositionView]) -> Iterator[tuple[str, Role]]:
    trusted = {s.id for s in after.sources if not s.health.blind}
    for position in before.positions:
        if position.key not in new and (not position.source or position.source in trusted):
            yield f"{_name(position)}: position is gone (was {fmt.size(position.size)})", Role.CRITICAL


def _changed(old: dict[str, PositionView], after: Snapshot, heard: set[str]) -> Iterator[tuple[str, Role]]:
    for position in after.positions:
        was = old.get(position.key)
        if was is None:
            if not position.source or position.source in heard:
                yield f"{_name(position)}: new position {fmt.size(position.size)}", Role.TEXT
            continue
        if position.size < was.size * (1 - LEAST_SHRINK):
            yield f"{_name(position)}: shrank {fmt.size(was.size)} → {fmt.size(position.size)}", Role.CRITICAL
        elif position.size > was.size * (1 + LEAST_SHRINK):
            yield f"{_name(position)}: grew {fmt.size(was.size)} → {fmt.size(position.size)}", Role.TEXT
        if position.light.level != was.light.level or position.light.state is not was.light.state:
            yield (
                f"{_name(position)}: {_whose(position.light)}light {_light(was.light)} → {_light(position.light)}",
                _light_role(position.light),
            )


def _light(light: Light) -> str:
    return str(light.level) if light.state is LightState.LIT else STATE_WORDS[light.state]


def _whose(light: Light) -> str:
    return f"{light.source.value} " if light.source is not None else ""


def _light_role(light: Light) -> Role:
    return level_role(light.level) if light.state is LightState.LIT else Role.BLIND


def _sources(before: Snapshot, after: Snapshot) -> Iterator[tuple[str, Role]]:
    old = {s.id: s for s in before.sources}
    for source in after.sources:
        was = old.get(source.id)
        if was is not None and was.health is not source.health:
            yield f"{source.id}: {was.health.value} → {source.health.value}{_why(source)}", _health_role(source.health)


def _why(source: SourceView) -> str:
    if source.error:
        return f" ({source.error})"
    return f" ({fmt.age(source.age_seconds)})" if source.age_seconds is not None else ""


def _health_role(health: Health) -> Role:
    if health is Health.LIVE:
        return Role.OK
    return Role.BLIND if health.blind else Role.WARNING
