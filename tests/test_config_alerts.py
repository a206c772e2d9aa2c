"""`[alerts]` in the configuration: defaults under what is written, and one line that names the place of a mistake."""

import time as clock
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adlwatch.config import ConfigError
from adlwatch.config.read import parse
from adlwatch.domain.alert import RuleName
from adlwatch.domain.alert_rules import AlertRules

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def rules(text: str) -> AlertRules:
    return parse(text, Path("c.toml")).settings.alerts


def refused(text: str) -> str:
    with pytest.raises(ConfigError) as error:
        rules(text)
    return str(error.value)


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    clock.tzset()
    yield
    monkeypatch.undo()
    clock.tzset()


def test_without_a_table_the_defaults_hold() -> None:
    assert rules("") == AlertRules()


def test_what_is_written_lies_over_the_defaults() -> None:
    found = rules("[alerts]\nhedged_light = 5\n[alerts.rules.naked]\nescalate = 30\n[alerts.rules.incident]\nremind = false\n")
    naked, default = found.rules[RuleName.NAKED], AlertRules().rules[RuleName.NAKED]
    assert (found.hedged_light, naked.escalate, naked.hold) == (5, 30.0, default.hold)
    assert found.rules[RuleName.INCIDENT].remind is None
    assert found.rules[RuleName.STRESS] == AlertRules().rules[RuleName.STRESS]


@pytest.mark.parametrize(
    ("zone", "muted"), [("UTC", True), ("Europe/Zurich", False), ("America/New_York", False)], ids=["12:00", "14:00", "08:00"]
)
def test_quiet_hours_are_the_displays(zone: str, muted: object) -> None:
    found = rules(f'[display]\ntime_zone = "{zone}"\n[alerts]\nquiet_hours = "11:00-13:30"\n')
    assert found.muted(RuleName.STRESS, NOON) is muted
    assert not found.muted(RuleName.NAKED, NOON)


def test_local_quiet_hours_follow_the_machines_zone(tokyo: None) -> None:
    found = rules('[alerts]\nquiet_hours = "20:30-22:00"\n')
    assert found.muted(RuleName.STRESS, NOON)
    assert not found.muted(RuleName.STRESS, NOON.replace(hour=13))
    hours = found.quiet_hours
    assert hours is not None
    assert NOON.astimezone(hours.zone).isoformat() == "2026-07-01T21:00:00+09:00"
    assert f"{NOON.astimezone(hours.zone):%Z}" == "JST"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            '[alerts]\nquiet_hours = "all night"',
            'c.toml: [alerts] quiet_hours: "all night" are no hours; expected such as 22:00-07:00',
        ),
        ('[alerts]\nquiet_hours = "25:00-07:00"', 'c.toml: [alerts] quiet_hours: "25:00-07:00" are no hours; expected such as'),
        ('[alerts]\nquiet_hours = "07:00-07:00"', "c.toml: [alerts] quiet_hours: begin when they end"),
        ("[alerts.rules.nakd]", 'c.toml: [alerts] rules.nakd: no rule is called that; did you mean "naked"?'),
        ("[alerts.rules.naked]\nescalat = 3", "c.toml: [alerts] rules.naked.escalat"),
        ('[alerts.rules.naked]\nescalate = "soon"', "c.toml: [alerts] rules.naked.escalate: expected"),
        ("[alerts.rules.naked]\nclear = -1", "c.toml: [alerts] rules.naked"),
        ("[alerts.rules.naked]\nquiet = true", "c.toml: [alerts]: naked: cannot be muted by quiet hours"),
        ("[alerts]\nhedged_light = 7", "c.toml: [alerts]: hedged_light: expected a light, 1 to 5"),
        ("[alerts]\nhedged = 4", "c.toml: [alerts] hedged"),
    ],
)
def test_a_mistake_is_one_line_that_names_its_place(text: str, line: str) -> None:
    assert refused(text).startswith(line)
    assert "\n" not in refused(text)
