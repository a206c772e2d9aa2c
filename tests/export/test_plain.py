from datetime import timedelta

from msgspec.structs import replace

from adlwatch.domain.alert import Alert, Change, RuleName, Transition
from adlwatch.domain.incident import Incident, IncidentKind, LostLeg
from adlwatch.domain.light import LightSource
from adlwatch.domain.model import Side
from adlwatch.domain.reading import Health
from adlwatch.domain.snapshot import Severity, Snapshot
from adlwatch.export.plain import alert, lines
from tests.tui.samples import BTC_SHORT, NOW, SNAPSHOT, lit, source

LEG = LostLeg(
    key=BTC_SHORT.key,
    account="bin-main",
    venue="binance",
    symbol="BTC/USDT:USDT",
    side=Side.SHORT,
    units_before=1.5,
    adl_units=1.5,
)
LOST = Incident(
    id="bin-main@1",
    kind=IncidentKind.ADL,
    account="bin-main",
    venue="binance",
    opened_at=NOW,
    last_at=NOW,
    legs=(LEG,),
    naked_usd=81e3,
)


def since(after: Snapshot) -> list[str]:
    return list(lines(SNAPSHOT, after))


def test_nothing_changed_is_not_a_word() -> None:
    assert since(replace(SNAPSHOT, as_of=NOW + timedelta(seconds=9))) == []


def test_the_first_lines_say_what_is_watched_that_it_is_not_real_and_what_needs_attention() -> None:
    told = list(lines(None, SNAPSHOT))
    assert told[:3] == [
        "watching 4 positions in 3 hedges, from 3 sources",
        "MOCK cascade ×10: nothing of this is real",
        "the whole book is warning",
    ]
    assert "hedge btc-carry is warning: light 4 of 5 on a hedged leg" in told
    assert not [line for line in told if "source" in line and "live" in line]


def test_a_light_that_moves_is_told_with_its_scale_and_where_it_comes_from() -> None:
    higher = replace(BTC_SHORT, light=lit(5, LightSource.CALIBRATED, (4, 5)))
    assert since(replace(SNAPSHOT, positions=(higher, *SNAPSHOT.positions[1:]))) == [
        f"ADL light of {BTC_SHORT.key} went from 4 of 5 (venue) to 5 of 5 (calibrated 4-5)"
    ]


def test_blind_says_what_it_means_and_a_failing_source_says_why() -> None:
    failing = source("bin-main", Health.FAILING, error="no answer within 10 s")
    told = since(replace(SNAPSHOT, severity=Severity.BLIND, sources=(failing, *SNAPSHOT.sources[1:])))
    assert told == [
        "the whole book went from warning to blind, we cannot know",
        "source bin-main went from live to failing: no answer within 10 s",
    ]


def test_a_position_that_is_gone_is_said_to_be_gone() -> None:
    told = since(replace(SNAPSHOT, positions=SNAPSHOT.positions[1:]))
    assert f"position {BTC_SHORT.key} is gone, was warning" in told


def test_an_incident_is_told_when_it_happens_when_it_grows_and_when_it_is_over_and_not_in_between() -> None:
    hit = replace(SNAPSHOT, incidents=(LOST,))
    over = replace(SNAPSHOT, incidents=(replace(LOST, closed_at=NOW, dollar_seconds=4_321.0, naked_usd=0.0),))
    running = replace(SNAPSHOT, incidents=(replace(LOST, dollar_seconds=99.0, naked_usd=82e3),))
    assert since(hit) == [f"incident bin-main@1: auto-deleveraged: 1.5 of {BTC_SHORT.key}; naked now $81,000"]
    assert list(lines(hit, running)) == []
    assert list(lines(running, over)) == ["incident bin-main@1: back in balance, 4,321 naked dollar-seconds"]


def test_an_alert_is_told_with_its_change_rule_and_level() -> None:
    raised = Alert(key="k", rule=RuleName.NAKED, level=3, text="btc-carry is naked\nlong", opened_at=NOW)
    told = alert(Transition(id="k#1", change=Change.STEPPED_UP, at=NOW, alert=raised))
    assert told == "alert stepped-up, naked level 3: btc-carry is naked?long"


def test_foreign_text_cannot_forge_a_line_or_steer_the_terminal() -> None:
    bad = source("bin-main", Health.FAILING, error="x\n2026-11-22 all is well\x1b[2J")
    (told,) = since(replace(SNAPSHOT, sources=(bad, *SNAPSHOT.sources[1:])))
    assert told.endswith("x?2026-11-22 all is well?[2J")


def test_what_happened_between_two_runs_is_told_so() -> None:
    (line,) = since(replace(SNAPSHOT, incidents=(replace(LOST, unwatched=True),)))
    assert "while adlwatch was not running: " in line
