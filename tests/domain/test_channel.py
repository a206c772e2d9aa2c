from datetime import UTC, datetime, timedelta

import pytest

from adlwatch.domain.alert import Alert, Change, RuleName, Transition
from adlwatch.domain.channel import Channel, Tone, message, part

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ALERT = Alert(
    key="a|binance|btc-carry|naked",
    rule=RuleName.NAKED,
    level=2,
    text="btc-carry is naked long $81,000",
    opened_at=NOW,
    subject="btc-carry",
)


def told(change: Change, number: int = 1, *, alert: Alert = ALERT, page: bool = False, quiet: bool = False) -> Transition:
    return Transition(
        id=f"{alert.id}#{number}", change=change, at=NOW + timedelta(seconds=5), alert=alert, page=page, quiet=quiet
    )


RAISED, RESOLVED = told(Change.RAISED), told(Change.RESOLVED, 2)


@pytest.mark.parametrize(
    ("channel", "wanted"),
    [
        (Channel(name="c"), True),
        (Channel(name="c", rules=(RuleName.NAKED,)), True),
        (Channel(name="c", rules=(RuleName.BLIND,)), False),
        (Channel(name="c", least_level=2), True),
        (Channel(name="c", least_level=3), False),
        (Channel(name="c", escalations_only=True), False),
    ],
)
def test_a_channel_hears_of_a_new_alert_by_its_rules_and_level(channel: Channel, wanted: bool) -> None:  # noqa: FBT001  # a table's column
    assert channel.wants(RAISED, told=False) is wanted


def test_what_follows_goes_to_whoever_was_told_and_to_nobody_else() -> None:
    picky = Channel(name="c", least_level=3)
    assert picky.wants(RESOLVED, told=True)
    assert not Channel(name="c").wants(RESOLVED, told=False)


def test_a_pager_hears_of_what_nobody_acknowledged_and_then_how_it_goes_on() -> None:
    pager = Channel(name="c", escalations_only=True)
    assert pager.wants(told(Change.ESCALATED, page=True), told=False)
    assert pager.wants(told(Change.STEPPED_UP), told=True)
    assert not pager.wants(told(Change.STEPPED_UP), told=False)


def test_quiet_hours_and_a_channels_own_failure_are_not_for_it() -> None:
    own = Alert(key="||channel c|fault", rule=RuleName.FAULT, level=1, text="x", opened_at=NOW, subject=part("c"))
    assert not Channel(name="c").wants(told(Change.RAISED, quiet=True), told=False)
    assert not Channel(name="c").wants(told(Change.RAISED, alert=own), told=False)
    assert Channel(name="d").wants(told(Change.RAISED, alert=own), told=False)


def test_a_message_says_what_when_and_under_which_key_to_acknowledge_it() -> None:
    sent = message((RAISED,))
    assert sent.title == "adlwatch ALERT: naked"
    assert sent.body.splitlines() == [
        "btc-carry is naked long $81,000",
        "2026-11-22 12:00:05Z, open since 12:00:00Z",
        "key: a|binance|btc-carry|naked",
    ]
    assert sent.tone is Tone.BAD


def test_what_is_not_real_says_so_first() -> None:
    assert message((RAISED,), "MOCK cascade").title == "[MOCK cascade, not real] adlwatch ALERT: naked"


def test_several_are_one_message_with_each_of_them_in_it() -> None:
    sent = message((RAISED, RESOLVED))
    assert sent.title == "adlwatch 2 changes: naked"
    assert sent.body.count(ALERT.text) == 2
    assert [line for line in sent.body.splitlines() if line.endswith(": naked")] == ["ALERT: naked", "resolved: naked"]


def test_the_key_of_a_message_is_that_of_its_transitions_and_of_no_others() -> None:
    assert message((RAISED,)).key == message((RAISED,), "MOCK").key
    assert len({message(sent).key for sent in ((RAISED,), (RESOLVED,), (RAISED, RESOLVED))}) == 3


def test_who_acknowledged_and_until_when_it_is_snoozed_are_told() -> None:
    seen = Alert(**{name: getattr(ALERT, name) for name in ALERT.__struct_fields__} | {"acknowledged_by": "ann"})
    assert "by ann" in message((told(Change.ACKNOWLEDGED, alert=seen),)).body
    later = Alert(
        **{name: getattr(ALERT, name) for name in ALERT.__struct_fields__} | {"snoozed_until": NOW + timedelta(hours=1)}
    )
    assert "until 2026-11-22 13:00Z" in message((told(Change.SNOOZED, alert=later),)).body
    assert "until" not in message((told(Change.SNOOZED),)).body


@pytest.mark.parametrize(
    ("changes", "tone"),
    [
        ((Change.RESOLVED, Change.STEPPED_DOWN), Tone.GOOD),
        ((Change.RESOLVED, Change.RAISED), Tone.BAD),
        ((Change.REMINDED,), Tone.BAD),
        ((Change.ACKNOWLEDGED,), Tone.NOTE),
        ((Change.ACKNOWLEDGED, Change.RESOLVED), Tone.NOTE),
    ],
)
def test_the_tone_is_that_of_the_worst(changes: tuple[Change, ...], tone: Tone) -> None:
    assert message([told(change) for change in changes]).tone is tone
