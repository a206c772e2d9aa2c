"""What stands on a board without rows. Empty, loading, blind, failing and filtered out each say so in words. Pure."""

from adlwatch.domain.reading import Health
from adlwatch.domain.snapshot import Snapshot, SourceView
from adlwatch.tui import format as fmt
from adlwatch.tui.spans import Role, Spans, text


def board_notice(snapshot: Snapshot | None, *, filtered: str = "", at_risk: bool = False) -> tuple[Spans, ...]:
    """The lines shown where there is no row to show."""
    if snapshot is None:
        return (text("Starting: no reading yet.", Role.DIM),)
    if (filtered or at_risk) and snapshot.hedges:
        return _filtered(snapshot, filtered, at_risk=at_risk)
    if not snapshot.sources:
        return (text("No sources are configured.", Role.WARNING), text("Press ? for how to add one.", Role.DIM))
    return _empty(snapshot)


def _empty(snapshot: Snapshot) -> tuple[Spans, ...]:
    failing = [s for s in snapshot.sources if s.health in (Health.FAILING, Health.AUTH)]
    if failing:
        return (text("We cannot know what is open: a source is failing.", Role.CRITICAL), *map(_failure, failing), *_retry_hint())
    waiting = [s for s in snapshot.sources if s.health is Health.NEVER]
    if waiting:
        return (text("Waiting for the first reading.", Role.DIM), *map(_waiting, waiting))
    stale = [s for s in snapshot.sources if s.health.blind]
    if stale:
        return (
            text("No position known, but the data is stale: this is not “flat”.", Role.WARNING),
            *map(_waiting, stale),
            *_retry_hint(),
        )
    return (
        text("No open positions.", Role.STRONG),
        text(f"{fmt.plural(len(snapshot.sources), 'source')} answering; every one says there is nothing open.", Role.DIM),
    )


def _filtered(snapshot: Snapshot, filtered: str, *, at_risk: bool) -> tuple[Spans, ...]:
    what = " and ".join(
        part for part in (f"the filter “{filtered}”" if filtered else "", "“at risk only”" if at_risk else "") if part
    )
    return (
        text(f"{fmt.plural(len(snapshot.hedges), 'hedge')} hidden by {what}.", Role.STRONG),
        text("esc clears it.", Role.DIM),
    )


def _failure(source: SourceView) -> Spans:
    return ((f"✖ {source.id}: ", Role.CRITICAL), (source.error or source.health.value, Role.TEXT))


def _waiting(source: SourceView) -> Spans:
    age = f", last reading {fmt.age(source.age_seconds)} ago" if source.age_seconds is not None else ""
    reason = source.error or next(iter(source.notes), None)
    return ((f"◌ {source.id}: {source.health.value}{age}{f': {reason}' if reason else ''}", Role.BLIND),)


def _retry_hint() -> tuple[Spans, ...]:
    return (text("r tries again now, 5 shows every source.", Role.DIM),)
