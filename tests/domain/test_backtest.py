import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlwatch.domain.adl_events import AdlFill, EventError, read
from adlwatch.domain.backtest import Check, agreement, carry_over, outcome, partial_last, scores
from adlwatch.domain.model import Side

SAMPLE = Path(__file__).parents[3] / "shared" / "event-data" / "adl_events_2025-10-10_sample.csv.gz"

HEADER = "run_id,coin,time_ms,user_id,side,fill_px,fill_sz,pos_before,entry_px,av_est,seq_from_run_start,clean,ignored"
ROWS = [
    "r1,BTC,1,u1,short,90,1,-1,120,50,True,True,x",
    "r1,BTC,1,u2,short,90,2,-2,110,500,True,False,x",
    "r1,BTC,1,u3,short,90,1,-4,100,1000,True,True,x",
    "r2,BTC,1,u3,short,90,3,-3,100,500,True,True,x",
    "r3,ETH,1,u4,long,11,5,5,10,,False,True,x",
]


def table(*rows: str, header: str = HEADER) -> list[str]:
    return [header, *rows]


def test_rows_become_runs_in_the_order_of_the_table() -> None:
    runs = read(table(*ROWS))
    assert [[fill.user for fill in run] for run in runs] == [["u1", "u2", "u3"], ["u3"], ["u4"]]
    first, last = runs[0][0], runs[2][0]
    assert (first.side, first.entry, first.price, first.closed, first.before, first.equity) == (Side.SHORT, 120, 90, 1, 1, 50)
    assert (first.market, first.time, first.clean, runs[0][1].clean, last.from_start) == ("BTC", "1", True, False, False)
    assert np.isnan(last.equity)
    assert [fill.partial for run in runs for fill in run] == [False, False, True, False, False]


def test_optional_columns_may_be_absent() -> None:
    (run,) = read(table("r1,short,90,1,-1,120,50", header="run_id,side,fill_px,fill_sz,pos_before,entry_px,av_est"))
    assert (run[0].market, run[0].user, run[0].from_start, run[0].clean) == ("", "", True, True)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "row 1, column run_id: the column is missing"),
        (["run_id,side"], "row 1, column entry_px: the column is missing"),
        (table(ROWS[0], "r1,BTC,1,u1,short"), "row 3, column side: 5 cells, expected 13"),
        (table(ROWS[0] + ",more"), "row 2, column ignored: 14 cells, expected 13"),
        (table(ROWS[0].replace("short", "flat")), "row 2, column side: expected long or short, got 'flat'"),
        (table(ROWS[0].replace(",90,", ",ninety,")), "row 2, column fill_px: expected a number, got 'ninety'"),
        (table(ROWS[0].replace(",90,", ",nan,")), "row 2, column fill_px: expected a number, got 'nan'"),
        (table(ROWS[0].replace(",90,", ",,")), "row 2, column fill_px: expected a number above 0, got ''"),
        (table(ROWS[0].replace("-1,120", "-1,0")), "row 2, column entry_px: expected a number above 0, got '0'"),
        (table(ROWS[0].replace("-1,120", "0,120")), "row 2, column pos_before: expected a position, got '0'"),
        (table(ROWS[0].replace("120,50", "120,inf")), "row 2, column av_est: expected a number, got 'inf'"),
    ],
)
def test_a_bad_table_is_one_line_naming_row_and_column(lines: list[str], message: str) -> None:
    with pytest.raises(EventError) as caught:
        read(lines)
    assert str(caught.value) == message


def test_scores_are_those_of_the_rule_and_unknown_without_equity() -> None:
    runs = read(table(*ROWS))
    np.testing.assert_allclose(scores("hyperliquid-engine", runs[0]), [0.25 * 90 / 50, 20 / 110 * 180 / 500, 0.1 * 360 / 1000])
    assert np.isnan(scores("hyperliquid-engine", runs[2])).all()
    assert scores("hyperliquid-engine", [runs[0][0]]) > scores("hyperliquid-engine", [runs[0][1]])


def test_perfect_reversed_and_tied_orders() -> None:
    perfect = agreement(np.array([5.0, 4.0, 3.0, 2.0]))
    assert [perfect.concordance, perfect.spearman, perfect.kendall] == pytest.approx([1.0, 1.0, 1.0])
    reverse = agreement(np.array([1.0, 2.0, np.nan, 3.0]))
    assert (reverse.rows, reverse.pairs) == (3, 3)
    assert [reverse.concordance, reverse.spearman, reverse.kendall] == pytest.approx([0.0, -1.0, -1.0])
    tied = agreement(np.array([1.0, 1.0, 1.0]))
    assert (tied.pairs, tied.concordance, tied.spearman, tied.kendall) == (3, 0.5, None, None)
    single = agreement(np.array([1.0]))
    assert (single.rows, single.pairs, single.concordance) == (1, 0, None)


def test_known_rank_correlations() -> None:
    """Order 1..5, scores 3 1 4 1 5 from the front: by hand, 2.5 of 10 pairs agree (one tie)."""
    found = agreement(np.array([3.0, 1.0, 4.0, 1.0, 5.0]))
    assert found.concordance == pytest.approx((3 + 0.5) / 10)
    assert found.kendall == pytest.approx((3 - 6) / np.sqrt(9 * 10))
    ranks, order = np.array([3.0, 1.5, 4.0, 1.5, 5.0]), np.array([5.0, 4.0, 3.0, 2.0, 1.0])
    assert found.spearman == pytest.approx(np.corrcoef(ranks, order)[0, 1])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-10, 10), min_size=2, max_size=30))
def test_turning_the_order_round_mirrors_every_measure(values: list[float]) -> None:
    there, back = agreement(np.array(values)), agreement(np.array(values[::-1]))
    assert there.concordance is not None
    assert back.concordance == pytest.approx(1 - there.concordance)
    if there.spearman is not None and there.kendall is not None:
        assert back.spearman == pytest.approx(-there.spearman, abs=1e-9)
        assert back.kendall == pytest.approx(-there.kendall)


def test_pooling_weighs_by_pairs_and_by_rows_and_leaves_short_runs_out() -> None:
    runs = read(table(*ROWS))
    found = outcome("hyperliquid-engine", runs, least=1)
    assert [run for run, _ in found.runs] == ["r1", "r2", "r3"]
    assert (found.pooled.rows, found.pooled.pairs, found.pooled.concordance) == (4, 3, 1.0)
    assert found.pooled.spearman == pytest.approx(1.0)
    assert outcome("hyperliquid-engine", runs).runs == ()
    assert outcome("hyperliquid-engine", runs).pooled.concordance is None


def test_mechanics() -> None:
    runs = read(table(*ROWS))
    assert partial_last(runs) == Check(held=1, cases=1)
    assert carry_over(runs) == Check(held=1, cases=1)
    another = read(table(*ROWS[:3], ROWS[3].replace("u3", "u9"), ROWS[4]))
    assert carry_over(another) == Check(held=0, cases=1)
    early = read(table(ROWS[2], ROWS[0]))
    assert partial_last(early) == Check(held=0, cases=1)


@pytest.fixture(scope="module")
def real() -> tuple[tuple[AdlFill, ...], ...]:
    """Fills of Hyperliquid on 10 October 2025: powered by HyperReplay, (c) ConejoCapital; read where it is, never copied."""
    if not SAMPLE.exists():
        pytest.skip(f"no {SAMPLE.name} here: the figures on real fills are not checked")
    with gzip.open(SAMPLE, "rt", encoding="utf-8", newline="") as lines:
        return read(lines)


@pytest.mark.parametrize(
    ("rule", "everything", "clean"), [("hyperliquid-engine", 0.620, 0.628), ("hyperliquid-docs", 0.563, 0.526)]
)
def test_concordance_on_real_fills(real: tuple[tuple[AdlFill, ...], ...], rule: str, everything: float, clean: float) -> None:
    assert sum(map(len, real)) == 426
    found = outcome(rule, real).pooled
    assert (found.pairs, round(found.concordance or 0, 3)) == (9469, everything)
    undisturbed = [[fill for fill in run if fill.clean] for run in real if len(run) >= 8]
    assert round(outcome(rule, undisturbed, least=1).pooled.concordance or 0, 3) == clean


def test_mechanics_on_real_fills(real: tuple[tuple[AdlFill, ...], ...]) -> None:
    assert partial_last(real) == Check(held=12, cases=12)
    assert carry_over(real) == Check(held=1, cases=1)
