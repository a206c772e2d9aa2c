"""Alerts are acknowledged and snoozed where they are seen; channels show what they took, and can be tested."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from adlwatch.domain.alert import Alert, RuleName
from adlwatch.store.reader import Delivery
from adlwatch.tui.alert_rows import about
from adlwatch.tui.app import Options
from adlwatch.tui.channel_rows import CHANNELS, ChannelRow, log_lines
from adlwatch.tui.control import Backend
from adlwatch.tui.screens.channels import ChannelsScreen
from adlwatch.tui.spans import plain
from tests.tui.harness import Feed, watching
from tests.tui.samples import BTC_SHORT, NOW, SNAPSHOT, SOL
from tests.tui.test_incidents import ADL


def alert(subject: str, rule: RuleName = RuleName.NAKED, **changes: object) -> Alert:
    made = Alert(key=f"||{subject}|{rule}", rule=rule, level=1, text=f"about {subject}", opened_at=NOW, subject=subject)
    return replace(made, **changes)


HEDGE, LEG, OTHER = alert("btc-carry"), alert(BTC_SHORT.key, RuleName.HEDGED_LIGHT), alert(SOL.key, RuleName.UNHEDGED_LIGHT)
TOLD = replace(SNAPSHOT, alerts=(HEDGE, LEG, OTHER))
LOG = (
    Delivery(NOW, "||btc-carry|naked@20261122T162031.000000#1", "phone", delivered=False, detail="HTTP 502"),
    Delivery(NOW + timedelta(seconds=5), "||btc-carry|naked@20261122T162031.000000#1", "phone", delivered=True, detail=None),
)


def test_a_hedge_gathers_the_alerts_of_its_legs_and_a_leg_only_its_own() -> None:
    assert about(TOLD, "hedge:btc-carry") == (HEDGE, LEG)
    assert about(TOLD, BTC_SHORT.key) == (LEG,)
    assert about(TOLD, SOL.key) == (OTHER,)
    assert about(replace(TOLD, alerts=(replace(LEG, resolved_at=NOW),)), BTC_SHORT.key) == ()


def test_an_incident_belongs_to_the_hedge_it_hit() -> None:
    hit = alert(ADL.id, RuleName.INCIDENT)
    assert about(replace(TOLD, incidents=(ADL,), alerts=(hit,)), "hedge:btc-carry") == (hit,)


@pytest.mark.asyncio
async def test_the_board_acknowledges_and_snoozes_what_is_under_the_cursor() -> None:
    feed = Feed()
    async with watching(TOLD, feed=feed, backend=Backend(feed, user="ann")) as watch:
        await watch.press("a")
        assert feed.decided == [(HEDGE.key, "ann"), (LEG.key, "ann")]
        assert "Acknowledged 2 alerts" in watch.text()
        await watch.press("j", "j", "Z")
        assert feed.decided[2:] == [(LEG.key, "17:20")]


@pytest.mark.asyncio
async def test_the_alerts_screen_decides_about_the_one_under_the_cursor_and_snoozing_again_adds_an_hour() -> None:
    feed = Feed()
    snoozed = replace(OTHER, snoozed_until=NOW + timedelta(minutes=30))
    async with watching(replace(TOLD, alerts=(HEDGE, snoozed)), feed=feed, backend=Backend(feed)) as watch:
        await watch.press("4", "a", "j", "Z")
        assert feed.decided == [(HEDGE.key, "somebody"), (OTHER.key, "17:50")]


@pytest.mark.asyncio
async def test_where_nothing_is_open_the_key_says_so() -> None:
    async with watching(SNAPSHOT) as watch:
        await watch.press("a")
        assert "Nothing to acknowledge here" in watch.text()


@pytest.mark.asyncio
async def test_the_drill_down_and_the_incident_acknowledge_too_and_the_incident_is_exported(tmp_path: Path) -> None:
    feed = Feed()
    backend = Backend(feed, report=lambda incident: {"md": f"# {incident.account}", "csv": "a,b"})
    hit = replace(TOLD, incidents=(replace(ADL, id="bin/main 1"),), alerts=(HEDGE, alert("bin/main 1", RuleName.INCIDENT)))
    async with watching(hit, feed=feed, backend=backend, options=Options(folder=tmp_path)) as watch:
        await watch.press("enter", "a", "i", "a", "e")
    assert [key for key, _ in feed.decided] == [HEDGE.key, hit.alerts[1].key] * 2
    assert (tmp_path / "adlwatch-incident-bin-main-1.md").read_text(encoding="utf-8") == "# bin-main"
    assert (tmp_path / "adlwatch-incident-bin-main-1.csv").read_text(encoding="utf-8") == "a,b"


def test_a_channel_shows_its_last_message_and_its_log_newest_first() -> None:
    row = ChannelRow("phone", LOG)
    cells = {column.id: plain(getattr(row, column.id)(column.width)).strip() for column in CHANNELS}
    assert cells == {"name": "phone", "state": "● taken", "at": "16:20:36", "taken": "1", "refused": "1", "words": ""}
    assert "not taken" in plain(ChannelRow("phone", LOG[:1]).state(16))
    assert "nothing sent" in plain(ChannelRow("phone", ()).state(16))
    lines = [plain(line) for line in log_lines(LOG)]
    assert "16:20:36  ● taken      ||btc-carry|naked" in lines[0]
    assert "HTTP 502" in lines[1]


@pytest.mark.asyncio
async def test_channels_are_listed_with_their_log_and_can_be_tested() -> None:
    feed, tried = Feed(), []

    def try_channel(name: str) -> None:
        tried.append(name)
        if name == "pager":
            raise OSError("no route [/b]")

    backend = Backend(feed, channels=("phone", "pager"), deliveries=lambda: LOG, try_channel=try_channel)
    async with watching(TOLD, feed=feed, backend=backend) as watch:
        await watch.press("4", "c")
        await watch.worked("deliveries")
        assert watch.in_front(ChannelsScreen)
        assert "● taken" in watch.line("phone")
        assert "HTTP 502" in watch.text()
        await watch.press("t", "j", "t")
        await watch.worked("try")
        assert "● test taken" in watch.line("phone  ")
        assert "no route [/b]" in watch.text()
    assert tried == ["phone", "pager"]


@pytest.mark.asyncio
async def test_without_channels_the_screen_says_how_to_add_one_and_an_unreadable_log_is_an_error() -> None:
    feed = Feed()

    def broken() -> tuple[Delivery, ...]:
        raise OSError("history.sqlite3: not ours")

    async with watching(TOLD, feed=feed, backend=Backend(feed, deliveries=broken)) as watch:
        await watch.press("4", "c")
        await watch.worked("deliveries")
        await watch.pilot.pause()
        assert "Nobody is told" in watch.text()
        assert "history.sqlite3: not ours" in watch.text()
