from typing import Any

import pytest

from adlwatch.domain.explain import explain
from adlwatch.domain.fact import Grade
from adlwatch.domain.light import Light, LightState
from adlwatch.domain.model import Side
from adlwatch.domain.position_score import Score
from adlwatch.domain.snapshot import Liquidation, PositionView, Severity
from adlwatch.venues import profiles

UNKNOWN = Light(state=LightState.UNKNOWN)


def view(venue: str, score: Score, **more: Any) -> PositionView:
    return PositionView(
        key="a:BTC:short",
        account="a",
        venue=venue,
        symbol="BTC",
        side=Side.SHORT,
        size=1.0,
        notional=90.0,
        entry_price=100.0,
        mark_price=90.0,
        unrealized_pnl=10.0,
        score=score,
        light=UNKNOWN,
        estimate=UNKNOWN,
        liquidation=Liquidation(),
        severity=Severity.OK,
        **more,
    )


def test_two_competing_rules_are_both_explained_each_with_its_own_grade() -> None:
    engine, docs = Score(rule="hyperliquid-engine", value=0.2), Score(rule="hyperliquid-docs", value=2.2)
    found = explain(view("hyperliquid", engine, other_scores=(docs,)), profiles()["hyperliquid"])
    assert [each.score for each in found.scores] == [engine, docs]
    assert [each.grade for each in found.scores] == [Grade.INFERRED, Grade.OFFICIAL]
    assert [each.version for each in found.scores] == ["2026-06-22", "undated"]
    assert all(each.sources and each.profit and each.loss and each.title for each in found.scores)
    assert found.silence is None


@pytest.mark.parametrize(
    ("venue", "words"),
    [
        ("dydx", "dYdX v4 ranks nobody: random. starts at a pseudo-random"),
        ("krakenfutures", "Kraken Futures has not published how it ranks. the ranking"),
        ("btse", "BTSE has not published how it ranks."),
    ],
)
def test_where_there_is_no_score_it_says_why(venue: str, words: str) -> None:
    found = explain(view(venue, Score(rule="none")), profiles()[venue])
    assert found.scores == ()
    assert (found.silence or "").startswith(words)


def test_a_venue_nobody_described() -> None:
    found = explain(view("mtgox", Score(rule="none")), None)
    assert found.silence == "no profile for venue mtgox"


def test_a_profile_without_a_version_leaves_the_rules_own() -> None:
    found = explain(view("bitmex", Score(rule="value", value=0.1)), profiles()["bitmex"])
    assert found.scores[0].version == "2025-07-16"
