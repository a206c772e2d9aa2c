"""Alerts from snapshot to snapshot: raised once, never flapping, never resolved by silence."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adlwatch.domain.alert import Alert, AlertBook, Change, RuleName, Transition
from adlwatch.domain.alert_rules import AlertRules, QuietHours, Rule
from adlwatch.domain.alerts import KEPT, acknowledge, evaluate, shown, snooze
from adlwatch.domain.light import UNKNOWN
from adlwatch.domain.reading import Health
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import Severity, Snapshot, decode, encode
from tests.domain.views import SHORT, START, at, lit, position, snapshot, source

HIGH = f"main|binance|{SHORT}|hedged-light"
NO_DATA = UNKNOWN
PLAIN = Rule(clear=120.0, cool_down=600.0)


def rules(rule: Rule | None = None, *, quiet: QuietHours | None = None, **others: Rule) -> Settings:
    """Only hedged-light, with that rule, and `others` by name."""
    named = {RuleName.HEDGED_LIGHT: rule or PLAIN} | {RuleName(name.replace("_", "-")): each for name, each in others.items()}
    off = {name: replace(each, on=False) for name, each in AlertRules().rules.items()}
    return Settings(alerts=AlertRules(rules=MappingProxyType({**off, **named}), quiet_hours=quiet))


class Course:
    """One book of alerts over a course of snapshots."""

    def __init__(self, chosen: Settings | None = None, book: AlertBook | None = None) -> None:
        self.settings = chosen or rules()
        self.book = book or AlertBook()
        self.told: list[Transition] = []

    def see(self, t: float, light: int | None = None, **changes: Any) -> list[str]:
        """The transitions that this snapshot brings, as words."""
        if light is not None:
            changes["positions"] = (position(light=lit(light)),)
        return self.look(snapshot(t, **changes))

    def look(self, shot: Snapshot, faults: dict[str, str] | None = None) -> list[str]:
        found = evaluate(self.book, shot, self.settings, faults or {})
        self.book = msgspec.json.decode(msgspec.json.encode(found.book), type=AlertBook)
        assert self.book == found.book
        self.told += found.transitions
        return [f"{each.change} {each.alert.level}" + (" page" if each.page else "") for each in found.transitions]

    def alert(self, key: str = HIGH) -> Alert:
        return self.book.alerts[key]


def test_a_high_light_is_told_once_and_not_again_while_it_stays() -> None:
    course = Course()
    assert course.see(0, 3) == []
    assert course.see(1, 4) == ["raised 1"]
    assert [course.see(t, 4) for t in range(2, 2000, 500)] == [[]] * 4
    assert course.alert().text == f"light 4 of 5 on a hedged leg: {SHORT}"


def test_it_is_resolved_only_when_it_has_been_lower_for_the_time_set() -> None:
    course = Course()
    course.see(0, 4)
    assert course.see(10, 3) == []
    assert course.see(129, 3) == []
    assert course.see(130, 3) == ["resolved 1"]
    assert course.see(140, 3) == []


def test_a_light_that_swings_around_its_limit_is_one_alert() -> None:
    course = Course()
    told = [course.see(60.0 * n, 4 if n % 2 else 3) for n in range(40)]
    assert [each for each in told if each] == [["raised 1"]]


def test_a_step_up_is_told_at_once_and_steps_down_are_not_hurried() -> None:
    course = Course()
    course.see(0, 4)
    assert course.see(1, 5) == ["stepped-up 2"]
    assert course.see(2, 4) == []
    assert course.see(122, 4) == ["stepped-down 1"]
    assert course.see(123, 5) == ["stepped-up 2"]


def test_it_steps_down_to_the_highest_level_of_the_time_it_was_lower() -> None:
    course = Course()
    course.see(0, 5)
    course.see(1, 4)
    assert course.see(121, 3) == ["stepped-down 1"]
    course.see(122, 3)
    assert course.see(242, 3) == ["resolved 1"]


def test_raised_again_at_the_same_level_it_waits_for_the_cool_down_and_above_it_does_not() -> None:
    course = Course()
    course.see(0, 4)
    course.see(10, 3)
    assert course.see(130, 3) == ["resolved 1"]
    assert course.see(200, 4) == []
    assert course.alert().resolved_at is None
    assert course.see(729, 4) == []
    assert course.see(730, 4) == ["raised 1"]
    higher = Course()
    for t, level in ((0, 4), (10, 3), (130, 3)):
        higher.see(t, level)
    assert higher.see(200, 5) == ["raised 2"]


def test_an_occurrence_that_was_never_told_is_not_told_to_be_over() -> None:
    course = Course()
    for t, level in ((0, 4), (10, 3), (130, 3), (200, 4), (210, 3)):
        course.see(t, level)
    assert course.see(330, 3) == []


def test_a_condition_has_to_hold_before_it_is_raised() -> None:
    course = Course(rules(replace(PLAIN, hold=10.0)))
    assert course.see(0, 4) == []
    assert shown(course.book) == ()
    assert course.see(5, 3) == []
    assert course.see(6, 4) == []
    assert course.see(15, 4) == []
    assert course.see(16, 4) == ["raised 1"]


def test_while_it_cannot_be_seen_a_condition_goes_on_waiting_and_is_not_raised() -> None:
    course = Course(rules(replace(PLAIN, hold=10.0)))
    course.see(0, 4)
    assert course.see(20, positions=(position(light=NO_DATA),)) == []
    assert course.see(21, 4) == ["raised 1"]


@pytest.mark.parametrize(
    "unseen",
    [
        {"positions": (position(light=NO_DATA),)},
        {"positions": (), "sources": (source(Health.FAILING),)},
        {"positions": (position(light=lit(1)),), "sources": (source(), source(id_="assessment", kind="adlwatch"))},
    ],
    ids=["light unknown", "source failing", "assessment failed"],
)
def test_no_data_never_resolves_an_alert(unseen: dict[str, Any]) -> None:
    course = Course()
    course.see(0, 4)
    course.see(100, 3)
    told = [course.see(200 + t, **unseen) for t in range(0, 4000, 100)]
    assert told == [[]] * 40
    assert course.alert().blind
    assert course.see(5000, 3) == []
    assert not course.alert().blind
    assert course.see(5120, 3) == ["resolved 1"]


def test_a_position_that_is_gone_resolves_its_alert_as_its_source_can_be_seen() -> None:
    course = Course()
    course.see(0, 4)
    course.see(1, positions=())
    assert course.see(121, positions=()) == ["resolved 1"]


def test_not_acknowledged_it_is_escalated_and_repeated_until_somebody_does() -> None:
    course = Course(rules(replace(PLAIN, escalate=60.0, remind=300.0)))
    course.see(0, 4)
    assert course.see(59, 4) == []
    assert course.see(60, 4) == ["escalated 1 page"]
    assert course.see(359, 4) == []
    assert course.see(360, 4) == ["reminded 1 page"]
    done = acknowledge(course.book, HIGH, "ann", at(400))
    assert [each.change for each in done.transitions] == [Change.ACKNOWLEDGED]
    course.book = done.book
    assert course.see(5000, 4) == []
    assert course.alert().acknowledged_by == "ann"
    assert course.see(5001, 5) == ["stepped-up 2"]
    assert course.alert().acknowledged_at is None
    assert course.see(5061, 5) == ["escalated 2 page"]


def test_escalated_without_reminders_it_is_not_repeated() -> None:
    course = Course(rules(replace(PLAIN, escalate=60.0)))
    course.see(0, 4)
    course.see(60, 4)
    assert course.see(99_999, 4) == []


def test_an_alert_is_acknowledged_once_and_only_while_it_is_open() -> None:
    course = Course()
    assert acknowledge(course.book, HIGH, "ann", START).transitions == ()
    course.see(0, 4)
    once = acknowledge(course.book, HIGH, "ann", START)
    assert acknowledge(once.book, HIGH, "bob", START) == (once.book, ())
    course.see(1, 3)
    course.see(121, 3)
    assert acknowledge(course.book, HIGH, "ann", START).transitions == ()


def test_snoozed_it_is_silent_until_then_and_told_again_if_it_is_still_open() -> None:
    course = Course(rules(replace(PLAIN, escalate=60.0)))
    course.see(0, 4)
    done = snooze(course.book, HIGH, at(1000), at(10))
    assert [each.change for each in done.transitions] == [Change.SNOOZED]
    course.book = done.book
    assert course.see(999, 4) == []
    assert course.see(1000, 4) == ["reminded 1"]
    assert course.see(1060, 4) == ["escalated 1 page"]


def test_a_step_up_ends_a_snooze() -> None:
    course = Course()
    course.see(0, 4)
    course.book = snooze(course.book, HIGH, at(1000), at(10)).book
    assert course.see(20, 5) == ["stepped-up 2"]
    assert course.alert().snoozed_until is None


def test_a_snooze_outlasts_the_occurrence_it_was_made_for() -> None:
    course = Course(rules(replace(PLAIN, cool_down=0.0)))
    course.see(0, 4)
    course.book = snooze(course.book, HIGH, at(1000), at(10)).book
    course.see(20, 3)
    assert course.see(140, 3) == ["resolved 1"]
    assert course.see(200, 4) == []
    assert course.see(1000, 4) == ["raised 1"]


def test_what_is_not_open_or_already_past_cannot_be_snoozed() -> None:
    course = Course()
    assert snooze(course.book, HIGH, at(9), START).transitions == ()
    course.see(0, 4)
    assert snooze(course.book, HIGH, START, START).transitions == ()
    course.see(1, 3)
    course.see(121, 3)
    assert snooze(course.book, HIGH, at(900), at(130)).transitions == ()


NIGHT = QuietHours(time(22), time(7))


def test_quiet_hours_span_midnight_and_follow_their_zone() -> None:
    day = datetime(2026, 11, 22, tzinfo=UTC)
    inside = [hour for hour in range(24) if NIGHT.at(day + timedelta(hours=hour))]
    assert inside == [0, 1, 2, 3, 4, 5, 6, 22, 23]
    assert [hour for hour in range(24) if QuietHours(time(9), time(11)).at(day + timedelta(hours=hour))] == [9, 10]


def test_in_quiet_hours_a_muted_rule_waits_for_the_morning() -> None:
    course = Course(rules(replace(PLAIN, escalate=60.0), quiet=QuietHours(time(12), time(13))))
    assert [course.see(t, level) for t, level in ((0, 4), (100, 5), (3599, 5))] == [[], [], []]
    assert course.see(3600, 5) == ["raised 2"]


def test_what_somebody_has_acknowledged_in_quiet_hours_is_not_told_in_the_morning_unless_it_steps_up() -> None:
    course = Course(rules(quiet=QuietHours(time(12), time(13))))
    course.see(0, 4)
    course.book = acknowledge(course.book, HIGH, "ann", at(10)).book
    assert course.see(3600, 4) == []
    assert course.see(3601, 5) == ["stepped-up 2"]
    snoozed = Course(rules(quiet=QuietHours(time(12), time(13))))
    snoozed.see(0, 4)
    snoozed.book = snooze(snoozed.book, HIGH, at(7200), at(10)).book
    assert snoozed.see(3600, 4) == []
    assert snoozed.see(7200, 4) == ["reminded 1"]


def test_in_quiet_hours_steps_wait_and_what_is_over_is_only_kept() -> None:
    course = Course(rules(quiet=QuietHours(time(13), time(14))))
    course.see(0, 4)
    assert course.see(3600, 5) == []
    assert course.see(3700, 3) == []
    assert course.see(3820, 3) == ["resolved 2"]
    assert course.told[-1].quiet


@pytest.mark.parametrize("name", [RuleName.NAKED, RuleName.INCIDENT, RuleName.BLIND, RuleName.FAULT])
def test_quiet_hours_can_never_mute_the_worst(name: RuleName) -> None:
    defaults = AlertRules().rules
    with pytest.raises(ValueError, match="cannot be muted"):
        AlertRules(rules={**defaults, name: replace(defaults[name], quiet=True)})
    quiet = AlertRules(quiet_hours=QuietHours(time(0), time(23, 59)))
    assert not quiet.muted(name, START)
    assert quiet.muted(RuleName.STRESS, START)


def test_rules_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="clear must not be negative"):
        Rule(clear=-1.0)
    with pytest.raises(ValueError, match="hedged_light: expected a light"):
        AlertRules(hedged_light=6)
    with pytest.raises(ValueError, match="jump_within: must not be negative"):
        AlertRules(jump_within=-1.0)


def test_a_rule_that_is_off_tells_nothing() -> None:
    assert Course(rules(replace(PLAIN, on=False))).see(0, 5) == []


def test_ids_are_the_same_whoever_computes_them_and_differ_from_occurrence_to_occurrence() -> None:
    course, again = Course(rules(replace(PLAIN, cool_down=0.0))), Course(rules(replace(PLAIN, cool_down=0.0)))
    for each in (course, again):
        for t, level in ((0, 4), (1, 5), (2, 3), (122, 3), (200, 4)):
            each.see(t, level)
    assert [each.id for each in course.told] == [each.id for each in again.told]
    assert len({each.id for each in course.told}) == len(course.told) == 4


def test_looking_twice_at_one_snapshot_tells_nothing_twice() -> None:
    course = Course()
    for t, level in ((0, 4), (1, 3), (121, 3)):
        course.see(t, level)
        assert course.see(t, level) == []


def test_a_book_handed_over_to_another_run_raises_nothing_again() -> None:
    course = Course()
    course.see(0, 4)
    starting = snapshot(50, positions=(), hedges=(), holdings=(), sources=(source(Health.NEVER),))
    resumed = Course(book=course.book)
    assert resumed.look(starting) == []
    assert resumed.see(60, 4) == []


def test_resolved_alerts_are_shown_for_a_day_after_the_open_ones() -> None:
    both = rules(unhedged_light=PLAIN)
    free = position(key="main:SOL/USDT:USDT:long", hedge=None, light=lit(5))
    course = Course(both)
    course.see(0, positions=(position(light=lit(4)), free))
    assert [alert.level for alert in shown(course.book)] == [2, 1]
    course.book = acknowledge(course.book, shown(course.book)[0].key, "ann", START).book
    assert [alert.level for alert in shown(course.book)] == [1, 2]
    course.see(1, positions=(position(light=lit(1)), free))
    course.see(121, positions=(position(light=lit(1)), free))
    assert [alert.resolved_at is None for alert in shown(course.book)] == [True, False]
    course.see(130 + KEPT.total_seconds(), positions=(free,))
    assert [alert.subject for alert in shown(course.book)] == [free.key]


def test_alerts_come_back_from_json_with_their_snapshot() -> None:
    course = Course(Settings())
    course.see(0, 5)
    shot = snapshot(0, alerts=shown(course.book), severity=Severity.CRITICAL)
    assert decode(encode(shot)) == shot


LEVELS = st.lists(st.tuples(st.integers(1, 200), st.sampled_from([None, 1, 2, 3, 4, 5])), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(LEVELS)
def test_told_are_transitions_only_and_each_step_up_reaches_the_reader(course: list[tuple[int, int | None]]) -> None:
    run, t = Course(rules(replace(PLAIN, cool_down=0.0))), 0.0
    for seconds, level in course:
        t += seconds
        run.see(t, positions=(position(light=NO_DATA if level is None else lit(level)),))
        open_ = run.book.alerts.get(HIGH)
        if level is not None and level >= 4:
            assert open_ is not None
            assert open_.resolved_at is None
            assert open_.announced == open_.level >= level - 3
    told = [(each.change, each.alert.level) for each in run.told]
    assert len({each.id for each in run.told}) == len(told)
    for before, after in pairwise(told):
        assert before != after
        assert (after[0] is Change.RAISED) == (before[0] is Change.RESOLVED)


def test_settings_carry_the_rules() -> None:
    assert replace(Settings(), alerts=AlertRules(hedged_light=5)).alerts.hedged_light == 5
