"""Incidents open by themselves, alerts list themselves, and tickets can be copied."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from adlwatch.domain.alert import Alert, RuleName
from adlwatch.domain.incident import HitHedge, Incident, IncidentKind, LostLeg, Ticket
from adlwatch.domain.model import Side
from adlwatch.domain.snapshot import Snapshot
from adlwatch.tui.alert_rows import ALERTS, AlertRow
from adlwatch.tui.app import Options
from adlwatch.tui.incident_text import KINDS, foremost, incident_lines
from adlwatch.tui.screens.board import BoardScreen
from adlwatch.tui.screens.incident import IncidentScreen
from adlwatch.tui.spans import plain
from tests.tui.harness import watching
from tests.tui.samples import BTC_SHORT, NOW, SNAPSHOT

LEG = LostLeg(
    key=BTC_SHORT.key,
    account="bin-main",
    venue="binance",
    symbol="BTC/USDT:USDT",
    side=Side.SHORT,
    units_before=1.5,
    hedge="btc-carry",
    adl_units=1.0,
    vanished_units=0.25,
    fills=3,
    priced_units=1.0,
    closed_usd=53_500.0,
    give_back_usd=500.0,
)
ADL = Incident(
    id="one",
    kind=IncidentKind.ADL,
    account="bin-main",
    venue="binance",
    opened_at=NOW,
    last_at=NOW + timedelta(seconds=20),
    legs=(LEG,),
    hedges=(HitHedge(name="btc-carry", underlying="BTC", units_before=0.0, units=1.25, usd=67_500.0, shield="lost"),),
    fills=3,
    closed_usd=53_500.0,
    give_back_usd=500.0,
    naked_usd=67_500.0,
    dollar_seconds=1_350_000.0,
    tickets=(
        Ticket(title="reopen the short", hedge="btc-carry", text="SELL 1.25 BTC/USDT:USDT", cost_usd=41.0),
        Ticket(title="sell the spot", hedge="btc-carry", text="SELL 1.25 BTC spot", cost_usd=68.0, from_depth=True),
    ),
)
HIT = replace(SNAPSHOT, incidents=(ADL,))


def page(incident: Incident) -> str:
    return "\n".join(plain(line) for line in incident_lines(incident, (1, 1), 100))


def test_the_page_tells_what_is_naked_what_was_taken_and_the_way_back() -> None:
    shown = page(ADL)
    for words in (
        "AUTO-DELEVERAGED",
        "$67,500",
        "$1.35M·s",
        "$53,500 in 3 fills",
        "0.25",
        "53,500",
        "shield lost",
        "0 → 1.25 BTC",
    ):
        assert words in shown, words
    assert "TICKET 1: reopen the short, costs $41 (assumed spread)" in shown
    assert "TICKET 2: sell the spot, costs $68 (from depth)" in shown


def test_unexplained_is_never_called_adl_and_unknown_exposure_is_not_zero() -> None:
    shown = page(replace(ADL, kind=IncidentKind.UNEXPLAINED, naked_usd=None))
    assert "AUTO-DELEVERAGED" not in shown
    assert "not known yet" in shown
    assert "every hedge is in balance again" in page(replace(ADL, closed_at=NOW))


def test_a_way_in_which_nothing_went_takes_no_room() -> None:
    leg = replace(LEG, symbol="ETH/USDT:USDT", units_before=40.0, adl_units=13.87509, vanished_units=0.0)
    lines = [plain(line) for line in incident_lines(replace(ADL, legs=(leg,)), (1, 1), 80)]
    (head,) = (line for line in lines if "give back" in line)
    assert "liquidated" not in head
    assert "unexplained" not in head
    assert len(head) < 80
    assert "unexplained" in page(ADL)


def test_every_kind_has_its_words() -> None:
    assert set(KINDS) == set(IncidentKind)


def test_what_is_open_and_most_naked_stands_in_front() -> None:
    small, closed = replace(ADL, id="two", naked_usd=10.0), replace(ADL, id="three", naked_usd=1e9, closed_at=NOW)
    assert foremost(replace(SNAPSHOT, incidents=(small, ADL, closed))) == ADL
    assert foremost(replace(SNAPSHOT, incidents=(replace(ADL, kind=IncidentKind.EXPLAINED), small))) == small
    assert foremost(None) is None


@pytest.mark.asyncio
async def test_an_incident_opens_itself_once_and_its_tickets_can_be_copied(tmp_path: Path) -> None:
    async with watching(SNAPSHOT, options=Options(folder=tmp_path)) as watch:
        await watch.tell(HIT)
        assert watch.in_front(IncidentScreen)
        await watch.press("Y")
        assert (tmp_path / "adlwatch-copy.txt").read_text(encoding="utf-8") == "SELL 1.25 BTC spot\n"
        await watch.press("escape")
        await watch.tell(replace(HIT, incidents=(replace(ADL, naked_usd=1.0),)))
        assert watch.in_front(BoardScreen)
        await watch.press("i")
        assert watch.in_front(IncidentScreen)


@pytest.mark.asyncio
async def test_an_incident_from_before_the_start_stays_on_its_key() -> None:
    async with watching(HIT) as watch:
        assert watch.in_front(BoardScreen)


@pytest.mark.asyncio
async def test_an_incident_does_not_take_the_filter_from_under_the_users_hands() -> None:
    async with watching(SNAPSHOT) as watch:
        await watch.press("slash", "e")
        await watch.tell(HIT)
        await watch.press("t")
        assert watch.in_front(BoardScreen)
        assert "position" not in watch.text().splitlines()[0]


ALERT = Alert(
    key="a|b|c|hedged-light", rule=RuleName.HEDGED_LIGHT, level=2, text="light 5 of 5 [/b]", opened_at=NOW - timedelta(minutes=3)
)


def alerted(*alerts: Alert) -> Snapshot:
    return replace(SNAPSHOT, alerts=alerts)


def test_the_state_of_an_alert_is_told_in_words() -> None:
    cases = {
        "▲ open": ALERT,
        "○ open, blind": replace(ALERT, blind=True),
        "◌ snoozed": replace(ALERT, snoozed_until=NOW + timedelta(minutes=1)),
        "◆ acknowledged": replace(ALERT, acknowledged_at=NOW),
        "✖ escalated": replace(ALERT, escalated=True),
        "● resolved": replace(ALERT, resolved_at=NOW),
    }
    for words, alert in cases.items():
        assert plain(AlertRow(alert, NOW).state(14)) == words
    cells = {column.id: plain(getattr(AlertRow(ALERT, NOW), column.id)(column.width)).strip() for column in ALERTS}
    assert (cells["lasting"], cells["opened"], cells["words"]) == ("3m", "16:17:31", "light 5 of 5 [/b]")


@pytest.mark.asyncio
async def test_the_alerts_screen_lists_them_or_says_that_there_are_none() -> None:
    async with watching(SNAPSHOT) as watch:
        await watch.press("4")
        assert "No alerts." in watch.text()
        await watch.tell(alerted(ALERT, replace(ALERT, key="x", text="second one")))
        assert "light 5 of 5 [/b]" in watch.text()
        await watch.press("j")
        assert watch.text().count("second one") == 2


def test_the_page_says_that_nobody_watched() -> None:
    assert "while adlwatch was not running" in page(replace(ADL, unwatched=True))
    assert "while adlwatch was not running" not in page(ADL)


@pytest.mark.asyncio
async def test_an_incident_that_opens_itself_is_there_at_once() -> None:
    async with watching(SNAPSHOT) as watch:
        watch.feed.tell(replace(SNAPSHOT, incidents=(ADL,)))
        await watch.pilot.pause()
        assert "AUTO-DELEVERAGED" in watch.text()


@pytest.mark.asyncio
async def test_a_worse_incident_is_told_of_and_shown_when_asked_for() -> None:
    worse = replace(ADL, id="worse", account="okx-2", naked_usd=500_000.0)
    async with watching(SNAPSHOT) as watch:
        await watch.tell(replace(SNAPSHOT, incidents=(ADL,)))
        await watch.tell(replace(SNAPSHOT, incidents=(ADL, worse)))
        assert "another leaves more naked: $500.0k at okx-2" in watch.text()
        assert "bin-main at binance" in watch.text()
        await watch.press("i")
        assert "okx-2 at binance" in watch.text()
        assert "another leaves" not in watch.text()
        await watch.press("escape")
        assert watch.in_front(BoardScreen)
