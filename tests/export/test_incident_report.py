"""Reports: everything that is known is in them, unknown stays unknown, and foreign names cannot break out."""

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adlwatch.domain.incident import HitHedge, Incident, IncidentKind, LostLeg, Ticket
from adlwatch.domain.model import Side
from adlwatch.export.incident_report import COLUMNS, markdown, table

LEG = LostLeg(
    key="main:BTC/USDT:USDT:short",
    account="main",
    venue="binance",
    symbol="BTC/USDT:USDT",
    side=Side.SHORT,
    hedge="btc-carry",
    units_before=2.0,
    adl_units=1.5,
    vanished_units=0.25,
    fills=3,
    priced_units=1.5,
    closed_usd=76_500.0,
    give_back_usd=1_500.0,
)
INCIDENT = Incident(
    id="main@20261122T120000",
    kind=IncidentKind.ADL,
    account="main",
    venue="binance",
    opened_at=datetime(2026, 11, 22, 12, 0, 0, 250_000, tzinfo=UTC),
    last_at=datetime(2026, 11, 22, 12, 0, 1, tzinfo=UTC),
    legs=(LEG, replace(LEG, key="main:SOL/USDT:USDT:short", hedge=None, priced_units=0.0, closed_usd=0.0, give_back_usd=None)),
    hedges=(HitHedge(name="btc-carry", underlying="BTC", units=1.75, usd=87_500.0, shield="lost"),),
    fills=6,
    closed_usd=76_500.0,
    give_back_usd=-1_500.0,
    naked_usd=87_500.0,
    dollar_seconds=1_234_567.0,
    tickets=(Ticket(title="Reopen the closed leg", hedge="btc-carry", text="SELL 1.75 BTC/USDT:USDT at binance", cost_usd=80.5),),
)


def rows(*incidents: Incident) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table(incidents))))


def test_a_report_says_what_was_taken_what_is_left_and_the_ways_back() -> None:
    report = markdown(INCIDENT)
    for words in (
        "# Auto-deleveraging: main at binance",
        "- First loss: 2026-11-22 12:00:00.250 UTC",
        "- In balance again: not yet",
        "- Give-back: -$1,500.00",
        "- Naked dollar-seconds: 1,234,567",
        "| main:BTC/USDT:USDT:short | btc-carry | 2 | 1.5 | 0 | 0.25 | 51,000 | $76,500.00 | $1,500.00 |",
        "| main:SOL/USDT:USDT:short | unhedged | 2 | 1.5 | 0 | 0.25 | unknown | unknown | unknown |",
        "| btc-carry | unknown | 1.75 BTC | $87,500.00 | lost | no |",
        "## Reopen the closed leg of btc-carry: $80.50",
        "```text\nSELL 1.75 BTC/USDT:USDT at binance\n```",
    ):
        assert words in report


def test_a_closed_incident_without_hedges_says_when_it_was_over_and_no_more() -> None:
    closed = replace(INCIDENT, hedges=(), tickets=(), closed_at=INCIDENT.last_at, naked_usd=None)
    report = markdown(closed)
    assert "- In balance again: 2026-11-22 12:00:01.000 UTC" in report
    assert "- Naked: unknown" in report
    assert "left behind" not in report
    unpriced = replace(INCIDENT, tickets=(replace(INCIDENT.tickets[0], cost_usd=None),))
    assert "## Reopen the closed leg of btc-carry: unknown" in markdown(unpriced)


def test_the_table_has_a_row_a_position_with_unknown_empty() -> None:
    first, second = rows(INCIDENT)
    assert list(first) == list(COLUMNS)
    assert (first["adl_units"], first["unexplained_units"], first["average_price"]) == ("1.5", "0.25", "51000")
    assert (first["hedge_usd_now"], first["shield"], first["opened_at"]) == ("87500", "lost", "2026-11-22T12:00:00.250000+00:00")
    assert (second["hedge"], second["average_price"], second["closed_usd"], second["hedge_usd_now"]) == ("", "", "", "")
    assert first["closed_at"] == ""


@pytest.mark.parametrize("name", ["=1+1", "+cmd", "@x", "-2"])
def test_a_spreadsheet_takes_no_name_for_a_formula(name: str) -> None:
    assert rows(replace(INCIDENT, account=name))[0]["account"] == f"'{name}"


def test_a_foreign_name_cannot_break_the_table_of_a_report_nor_steer_the_terminal() -> None:
    report = markdown(replace(INCIDENT, legs=(replace(LEG, key="x|y\n# z`\x1b[31m"),), tickets=()))
    line = next(each for each in report.splitlines() if "51,000" in each)
    assert line.startswith("| x\\|y?\\# z\\`?\\[31m | btc-carry |")


@settings(max_examples=50)
@given(st.text(), st.text())
def test_any_name_comes_back_whole_from_the_table_as_one_row(account: str, venue: str) -> None:
    named = replace(INCIDENT, account=account, venue=venue, legs=(LEG,))
    (row,) = list(csv.reader(io.StringIO(table([named]), newline="")))[1:]
    assert row[2].removeprefix("'") == account.removeprefix("'")
    assert row[3].removeprefix("'") == venue.removeprefix("'")


def test_a_report_says_that_nobody_watched() -> None:
    assert "while adlwatch was not running" in markdown(replace(INCIDENT, unwatched=True))
    assert "while adlwatch was not running" not in markdown(INCIDENT)
