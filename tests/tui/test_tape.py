"""Events are what two snapshots differ by."""

from msgspec.structs import replace

from adlwatch.domain.reading import Health
from adlwatch.domain.snapshot import PositionView, Snapshot
from adlwatch.tui.spans import Role
from adlwatch.tui.tape import events
from tests.tui.samples import BTC_SHORT, SNAPSHOT, SOL, lit, source


def told(after: Snapshot, before: Snapshot | None = SNAPSHOT) -> list[str]:
    return [event.text for event in events(before, after)]


def instead(changed: PositionView) -> Snapshot:
    return replace(SNAPSHOT, positions=tuple(changed if p.key == changed.key else p for p in SNAPSHOT.positions))


def test_the_first_snapshot_is_no_event() -> None:
    assert told(SNAPSHOT, before=None) == []


def test_the_same_again_is_no_event() -> None:
    assert told(SNAPSHOT) == []


def test_a_light_that_changes_names_whose_light_it_is() -> None:
    assert told(instead(replace(BTC_SHORT, light=lit(5)))) == ["bin-main BTC short: venue light 4 → 5"]


def test_a_position_that_shrinks_is_critical() -> None:
    (event,) = events(SNAPSHOT, instead(replace(BTC_SHORT, size=1.0)))
    assert (event.text, event.role) == ("bin-main BTC short: shrank 1.5 → 1", Role.CRITICAL)


def test_growing_is_told_without_alarm() -> None:
    (event,) = events(SNAPSHOT, instead(replace(BTC_SHORT, size=2.0)))
    assert (event.text, event.role) == ("bin-main BTC short: grew 1.5 → 2", Role.TEXT)


def test_a_position_that_is_gone_is_told_only_while_its_source_can_be_trusted() -> None:
    without = replace(SNAPSHOT, positions=SNAPSHOT.positions[:-1])
    assert told(without) == ["okx-2 SOL short: position is gone (was 68)"]
    blind = replace(without, sources=(source("bin-main"), source("okx-2", Health.STALE), source("bybit-1")))
    assert told(blind) == ["okx-2: live → stale (2s)"]


def test_positions_of_a_source_heard_for_the_first_time_are_not_new() -> None:
    before = replace(SNAPSHOT, positions=(), sources=(source("okx-2", Health.NEVER, None),))
    assert not any("new position" in text for text in told(replace(SNAPSHOT, positions=(SOL,)), before))
    assert "okx-2 SOL short: new position 68" in told(replace(SNAPSHOT, positions=(SOL,)), replace(SNAPSHOT, positions=()))


def test_a_failing_source_says_why() -> None:
    after = replace(SNAPSHOT, sources=(source("bin-main", Health.FAILING, error="HTTP 503"), *SNAPSHOT.sources[1:]))
    assert told(after) == ["bin-main: live → failing (HTTP 503)"]
