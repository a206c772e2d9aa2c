"""A hedge that has lost a leg says so before anything else; one whose source has not answered yet only waits."""

import pytest
from msgspec.structs import replace

from adlwatch.domain.incident import HitHedge, Incident, IncidentKind
from adlwatch.domain.reading import Health
from adlwatch.domain.snapshot import HedgeView, Severity
from adlwatch.tui.naked import naked_now, worst_of
from adlwatch.tui.rows import HedgeRow
from adlwatch.tui.spans import Role, plain
from adlwatch.tui.topline import topline
from adlwatch.tui.viewmodel import Choice, board_rows
from tests.tui.samples import BTC_CARRY, ETH_ARB, ETH_LONG, NOW, SNAPSHOT, source

LOST = replace(
    BTC_CARRY,
    legs=BTC_CARRY.legs[:1],
    light=None,
    worst_leg=None,
    next_light=None,
    missing=("bin-main BTC/USDT:USDT",),
    severity=Severity.CRITICAL,
    naked_usd=195_000.0,
    net_usd=195_000.0,
)
AWAITED = replace(LOST, awaited=True, naked_usd=None, severity=Severity.BLIND)
BROKEN = replace(SNAPSHOT, hedges=(ETH_ARB, LOST), severity=Severity.CRITICAL)


def row(hedge: HedgeView) -> HedgeRow:
    rows = board_rows(replace(SNAPSHOT, hedges=(hedge,)), Choice())
    assert isinstance(rows[0], HedgeRow)
    return rows[0]


def incident(**changes: object) -> Incident:
    made = Incident(
        id="one",
        kind=IncidentKind.ADL,
        account="okx-2",
        venue="okx",
        opened_at=NOW,
        last_at=NOW,
        hedges=(HitHedge(name="eth-arb", underlying="ETH", units=-3.0, usd=-10_380.0),),
    )
    return replace(made, **changes)


def test_the_top_line_says_naked_now_in_red_before_what_would_be_naked() -> None:
    line = topline(BROKEN, cells=160)
    assert "NAKED NOW $195.0k long BTC   oldest data 4s   naked if worst leg closes $22.0k short ETH" in plain(line)
    assert next(role for word, role in line if word.startswith("NAKED NOW")) is Role.CRITICAL
    assert "NAKED NOW $195.0k long BTC" in plain(topline(BROKEN, cells=80))


def test_several_naked_hedges_are_counted() -> None:
    assert "NAKED NOW $195.0k long BTC and 1 more" in plain(topline(replace(BROKEN, incidents=(incident(),)), cells=160))


@pytest.mark.parametrize("cells", [10, 25])
def test_the_row_of_a_hedge_without_its_leg_says_naked_and_never_unknown(cells: int) -> None:
    shown = row(LOST)
    assert "NAKED" in plain(shown.lights(cells))
    assert "unknown" not in plain(shown.lights(cells))
    assert plain(shown.if_closed(13)) == "$195.0k long"


def test_a_position_left_alone_by_its_lost_counterpart_is_still_shown_as_the_hedge_it_was() -> None:
    alone = replace(ETH_ARB, legs=(ETH_LONG.key,), kind="unhedged", missing=("bybit-1 ETH",), net_usd=21_800.0)
    assert plain(row(alone).lights(25)) == "✖ NAKED  ▮▮▯▯▯ 2"


@pytest.mark.parametrize(
    ("changes", "naked"),
    [
        ({}, True),
        ({"closed_at": NOW}, False),
        ({"kind": IncidentKind.EXPLAINED}, False),
        ({"hedges": (HitHedge(name="eth-arb", underlying="ETH", usd=None),)}, True),
        ({"hedges": (HitHedge(name="eth-arb", underlying="ETH", usd=0.2),)}, False),
        ({"hedges": (HitHedge(name="eth-arb", underlying="ETH", usd=9.0, balanced=True),)}, False),
    ],
)
def test_an_open_incident_makes_its_hedges_naked_until_they_are_in_balance(changes: dict[str, object], *, naked: bool) -> None:
    assert ("eth-arb" in naked_now(replace(SNAPSHOT, incidents=(incident(**changes),)))) is naked


def test_what_is_naked_by_an_unknown_amount_is_named_but_never_outranks_a_known_one() -> None:
    unknown = incident(hedges=(HitHedge(name="eth-arb", underlying="ETH", usd=None),))
    assert "NAKED NOW unknown ETH" in plain(topline(replace(SNAPSHOT, incidents=(unknown,)), cells=160))
    worst = worst_of(naked_now(replace(BROKEN, incidents=(unknown,))))
    assert worst is not None
    assert worst.hedge == "btc-carry"


def test_a_hedge_whose_source_has_not_answered_yet_waits_and_alarms_nobody() -> None:
    snapshot = replace(SNAPSHOT, hedges=(AWAITED,), sources=(source("bin-main", Health.NEVER, None),))
    shown = plain(topline(snapshot, cells=160))
    assert "1 waiting for a source" in shown
    assert "NAKED" not in shown
    assert "blind" not in shown
    assert plain(row(AWAITED).lights(25)) == "… waiting"


def test_labels_shorten_the_words_and_never_push_the_age_of_the_data_off_the_line() -> None:
    assert "oldest 4s" in plain(topline(SNAPSHOT, cells=140, labels=("WHAT-IF all −10.0%", "MOCK cascade ×1")))
    assert "oldest data 4s" in plain(topline(SNAPSHOT, cells=140, labels=("MOCK cascade ×1",)))
