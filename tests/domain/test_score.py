import math
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from adlwatch.domain.inputs import Inputs
from adlwatch.domain.position_score import RuleId
from adlwatch.domain.score import NEEDS, RULES, evaluate

WINNER: dict[str, Any] = {
    "sign": 1,
    "entry": 100.0,
    "mark": 110.0,
    "size": 10.0,
    "isolated": 0,
    "margin": 300.0,
    "equity": 500.0,
    "wallet": 400.0,
    "maintenance": 5.0,
    "account_maintenance": 25.0,
    "bankruptcy": 60.0,
    "leverage": 5.0,
}


def score(rule: str, **changes: Any) -> float:
    return float(evaluate(rule, Inputs.of(**WINNER | changes)).value)


def position(side: int, entry: float, move: float, leverage: float, *, inverse: bool = False) -> Inputs:
    """An isolated position of one account, as it stands after its price moved by `move` (in logs) in its favour."""
    mark = entry * math.exp(side * move)
    size = 1_000.0 * entry if inverse else 1_000.0 / entry
    value = size / entry if inverse else size * entry
    notional = size / mark if inverse else size * mark
    pnl = side * ((value - notional) if inverse else (notional - value))
    margin = value / leverage
    return Inputs.of(
        sign=[side],
        entry=[entry],
        mark=[mark],
        size=[size],
        inverse=[inverse],
        isolated=[1],
        margin=[margin],
        equity=[margin + pnl],
        wallet=[margin],
        maintenance=[notional * 0.01],
        account_maintenance=[notional * 0.01],
        leverage=[leverage],
    )


moves = st.floats(-0.04, 0.4)
leverages = st.floats(1.0, 20.0)
entries = st.floats(0.01, 100_000.0)


def test_every_rule_id_has_its_rule() -> None:
    assert set(RULES) == set(get_args(RuleId))
    assert all(need in NEEDS for rule in RULES.values() for need in rule.needs)
    assert all(rule.profit and rule.loss and rule.version and rule.title for rule in RULES.values())


@settings(max_examples=40, deadline=None)
@given(entry=entries, move=moves, leverage=leverages)
def test_long_and_short_mirror_where_value_moves_alike(entry: float, move: float, leverage: float) -> None:
    """A linear long and an inverse short of the same entry value gain the same when the price rises and falls alike."""
    for rule in set(RULES) - {"risk-rate", "hyperliquid-docs", "coinex"}:
        long = evaluate(rule, position(1, entry, move, leverage)).value
        short = evaluate(rule, position(-1, entry, move, leverage, inverse=True)).value
        np.testing.assert_allclose(long, short, rtol=1e-6, atol=1e-12, err_msg=rule)


@settings(max_examples=40, deadline=None)
@given(entry=entries, move=moves, leverage=leverages)
def test_price_ratios_mirror(entry: float, move: float, leverage: float) -> None:
    for rule in ("hyperliquid-docs", "coinex"):
        for side, inverse in ((1, False), (-1, False), (1, True), (-1, True)):
            ratio = evaluate(rule, position(side, entry, move, leverage, inverse=inverse)).pnl_ratio
            np.testing.assert_allclose(ratio, math.exp(move), rtol=1e-9, err_msg=rule)


@pytest.mark.parametrize(("side", "inverse"), [(1, 0), (-1, 0), (1, 1), (-1, 1)])
@settings(max_examples=40, deadline=None)
@given(entry=entries, marks=st.tuples(moves, moves), leverage=leverages)
def test_score_rises_with_the_mark_in_favour(
    side: int, inverse: int, entry: float, marks: tuple[float, float], leverage: float
) -> None:
    """Equity is held in place: what is tested is the profit, not that profit also feeds the equity.

    Hyperliquid's engine floors every loser's profit, which leaves the shrinking or growing notional: it is tested in profit.
    Where only leverage counts profit does not.
    """
    low, high = sorted(marks)
    assume(high - low > 1e-3)
    fixed = {"isolated": 0, "equity": 1e9, "margin": 1e9, "bankruptcy": entry * (1e-6 if side == 1 else 1e6), "wallet": 100.0}
    for rule in set(RULES) - {"leverage-first"} - ({"hyperliquid-engine"} if low < 0 else set()):
        scores = [_with(position(side, entry, move, leverage, inverse=bool(inverse)), rule, fixed) for move in (low, high)]
        assert scores[0] <= scores[1] * (1 + 1e-12 * np.sign(scores[1])), rule


def _with(x: Inputs, rule: str, fixed: dict[str, Any]) -> float:
    columns = {name: getattr(x, name) for name in Inputs.__struct_fields__} | fixed
    return float(evaluate(rule, Inputs.of(**columns)).value[0])


@settings(max_examples=40, deadline=None)
@given(side=st.sampled_from([1, -1]), entry=entries, move=st.floats(0.001, 0.4), leverages=st.tuples(leverages, leverages))
def test_a_winners_score_rises_with_leverage(side: int, entry: float, move: float, leverages: tuple[float, float]) -> None:
    low, high = sorted(leverages)
    assume(high - low > 1e-3)
    for rule in (
        "value",
        "equity-entry",
        "bitget-2025-05",
        "hyperliquid-engine",
        "hyperliquid-docs",
        "coinex",
        "binance-2025",
        "leverage-first",
    ):
        scores = [evaluate(rule, position(side, entry, move, leverage)).value[0] for leverage in (low, high)]
        assert scores[0] < scores[1], rule


@pytest.mark.parametrize("rule", ["value", "equity-entry"])
def test_leverage_sends_a_loser_back(rule: str) -> None:
    losers = [float(evaluate(rule, position(1, 100.0, -0.03, leverage)).value[0]) for leverage in (2.0, 10.0)]
    assert losers[0] < losers[1] < 0


@pytest.mark.parametrize("rule", sorted(RULES))
def test_order_of_the_rows_does_not_matter(rule: str) -> None:
    rng = np.random.default_rng(1)
    columns = {
        name: rng.uniform(1.0, 2.0, 50) for name in ("entry", "mark", "size", "margin", "equity", "wallet", "account_maintenance")
    }
    columns |= {"sign": rng.choice([-1.0, 1.0], 50), "isolated": rng.choice([0.0, 1.0], 50), "maintenance": rng.uniform(1, 2, 50)}
    columns |= {"inverse": rng.choice([0.0, 1.0], 50), "leverage": rng.uniform(1, 20, 50), "equity": rng.uniform(-1, 5, 50)}
    order = rng.permutation(50)
    straight = evaluate(rule, Inputs.of(**columns))
    shuffled = evaluate(rule, Inputs.of(**{name: column[order] for name, column in columns.items()}))
    np.testing.assert_array_equal(straight.value[order], shuffled.value)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_marks_broadcast_against_traders(rule: str) -> None:
    columns = {name: np.full(3, value) for name, value in WINNER.items()}
    marks = np.array([[105.0], [110.0]])
    together = evaluate(rule, Inputs.of(**columns | {"mark": marks})).value
    assert together.shape == (2, 3)
    np.testing.assert_allclose(together[1], score(rule))


@pytest.mark.parametrize(
    ("rule", "lost", "name"),
    [
        ("value", {"bankruptcy": np.nan}, "bankruptcy_price"),
        ("value", {"bankruptcy": 115.0}, "mark within bankruptcy"),
        ("value", {"mark": np.nan}, "mark_price"),
        ("equity-entry", {"equity": np.nan}, "equity"),
        ("equity-entry", {"equity": 0.0}, "equity>0"),
        ("equity-entry", {"isolated": np.nan}, "margin_mode"),
        ("equity-entry", {"isolated": 1, "margin": np.nan}, "isolated_margin"),
        ("equity-entry", {"isolated": 1, "margin": 50.0, "mark": 90.0}, "equity>0"),
        ("binance-2025", {"equity": np.nan}, "account_equity"),
        ("binance-2025", {"equity": -1.0}, "account_equity>0"),
        ("binance-legacy", {"wallet": np.nan}, "wallet"),
        ("binance-legacy", {"account_maintenance": np.nan}, "maintenance_margin"),
        ("risk-rate", {"isolated": 1}, "isolated formula"),
        ("risk-rate", {"account_maintenance": np.nan}, "account_maintenance_margin"),
        ("bitget-2025-05", {"margin": np.nan}, "position_margin"),
        ("bitget-2025-05", {"margin": -500.0}, "margin+pnl>0"),
        ("coinex", {"margin": np.nan}, "position_margin"),
        ("hyperliquid-engine", {"entry": 0.0}, "entry_price"),
        ("hyperliquid-docs", {"equity": np.nan}, "equity"),
        ("levels", {"maintenance": np.nan}, "position_maintenance_margin"),
        ("return-rate", {"size": np.nan}, "size"),
        ("set-leverage", {"leverage": np.nan}, "leverage"),
    ],
)
def test_an_unknown_input_is_named_and_never_zero(rule: str, lost: dict[str, float], name: str) -> None:
    both = {key: np.array([value, lost.get(key, value)]) for key, value in WINNER.items()}
    found = evaluate(rule, Inputs.of(**both))
    assert np.isfinite(found.value[0])
    assert np.isnan(found.value[1])
    assert [key for key, mask in found.missing.items() if mask[1]] == [name]
    assert not any(mask[0] for mask in found.missing.values())


@pytest.mark.parametrize("rule", sorted(RULES))
def test_nothing_known_gives_nothing(rule: str) -> None:
    nothing = Inputs.of(**dict.fromkeys(WINNER, np.nan))
    found = evaluate(rule, nothing)
    assert np.isnan(found.value)
    assert found.missing


def test_unknown_inputs_a_rule_does_not_use_do_no_harm() -> None:
    assert score(
        "binance-2025", margin=np.nan, bankruptcy=np.nan, wallet=np.nan, isolated=np.nan, leverage=np.nan
    ) == pytest.approx(100 / 500)


def test_levels_counts_equity_as_at_least_one() -> None:
    assert score("levels", equity=-20.0) == pytest.approx(0.1 * 5.0 / 1.0)


def test_an_isolated_position_stands_on_its_own_margin() -> None:
    assert score("equity-entry", isolated=1, margin=100.0) == pytest.approx(0.1 * 1100 / 200)


def test_bankruptcy_of_an_isolated_position_follows_from_its_margin() -> None:
    """W = q(E − B): the venue's bankruptcy price and the margin say the same."""
    by_price = score("value", isolated=1, margin=np.nan, bankruptcy=70.0)
    by_margin = score("value", isolated=1, margin=300.0, bankruptcy=np.nan)
    assert by_price == pytest.approx(by_margin)


def test_value_divides_by_current_notional_only_at_binance() -> None:
    """For one isolated position: Binance's score is BitMEX's times |EV| / |MV|."""
    bitmex = score("value", isolated=1, bankruptcy=np.nan)
    binance = score("binance-2025", equity=300.0 + 100.0)
    assert binance == pytest.approx(bitmex * 1000 / 1100)


def test_leverage_first_closes_nobody_at_a_loss() -> None:
    assert score("leverage-first") == pytest.approx(1100 / 500)
    assert score("leverage-first", mark=90.0) == 0.0


def test_no_rule_of_that_name() -> None:
    with pytest.raises(KeyError):
        evaluate("adl", Inputs.of(**WINNER))
