from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adlwatch.domain.light import LightSource, LightState
from adlwatch.domain.light_scale import level_of
from adlwatch.domain.model import Candle, Contract, Market, Side
from adlwatch.domain.queue import MEMO, Queue
from adlwatch.domain.queue_build import build
from adlwatch.domain.queue_calibration import Observation
from adlwatch.domain.queue_curve import likely_levels
from adlwatch.domain.queue_population import HYPOTHESES, TRADERS, Population
from adlwatch.domain.queue_priors import Basis, VenueKind, default_priors
from adlwatch.domain.rules import RULES

NOW = datetime(2026, 1, 10, tzinfo=UTC)
MARK = 100.0
# A fortnight that wanders between 90 and 110, so that both sides have winners and losers.
CLOSES = [100.0 + 10.0 * np.sin(i / 17.0) for i in range(336)]
CANDLES = tuple(
    Candle(NOW - timedelta(hours=336 - i), close, close * 1.003, close * 0.997, close, 1000.0 + 500.0 * (i % 24 > 12))
    for i, close in enumerate(CLOSES)
)
MARKET = Market(
    venue="v", symbol="COIN", mark_price=MARK, candles=CANDLES, open_interest=8_000.0, volume_24h=24_000.0, maintenance_rate=0.01
)


@cache
def queue(rule: str = "binance-2025", side: Side = Side.SHORT, seed: int = 1, basis: Basis = "users") -> Queue:
    return build(rule, default_priors(), MARKET, side, NOW, seed, basis=basis)


def seen(score: float, level: int, *, seconds_ago: float = 0.0, mark: float = MARK) -> Observation:
    return Observation(score, mark, (level - 1) / 5, level / 5, NOW - timedelta(seconds=seconds_ago))


def at(queue_: Queue, score: float, now: datetime = NOW) -> float:
    return float(queue_.place(score, MARK, now))


SCORES = np.linspace(-1, 2, 2001)


def score_at_quantile(quantile: float) -> float:
    return float(SCORES[np.searchsorted(queue().place(SCORES, MARK), quantile)])


MIDDLE = score_at_quantile(0.5)


@pytest.mark.parametrize("rule", sorted(RULES))
@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("contract", Contract)
def test_every_rule_ranks_a_population_and_a_higher_score_is_never_further_back(
    rule: str, side: Side, contract: Contract
) -> None:
    found = build(rule, default_priors(), replace(MARKET, contract=contract), side, NOW, 1)
    places = found.place(np.linspace(-3, 3, 61), MARK)
    assert np.all(np.isfinite(places))
    assert np.all(np.diff(places) >= 0)
    assert 0 < places[0] <= places[-1] < 1


@given(
    scores=st.lists(st.floats(-5, 5), min_size=2, max_size=8),
    mark=st.floats(60, 160),
    lights=st.lists(st.tuples(st.floats(-0.5, 0.5), st.integers(1, 5), st.floats(0, 7200)), max_size=6),
)
@settings(max_examples=40, deadline=None)
def test_places_never_fall_with_the_score_whatever_was_learned(
    scores: Sequence[float], mark: float, lights: Sequence[tuple[float, int, float]]
) -> None:
    wiser = queue().observe([seen(s, level, seconds_ago=ago) for s, level, ago in lights], NOW)
    places = wiser.place(np.array(sorted(scores)), mark, NOW)
    assert np.all(np.diff(places) >= -1e-12)


@given(order=st.permutations(range(5)))
@settings(max_examples=20, deadline=None)
def test_the_order_of_observations_does_not_matter(order: list[int]) -> None:
    lights = [seen(MIDDLE + 0.01 * i, 2 + i % 3, seconds_ago=60.0 * i) for i in range(5)]
    together = queue().observe(lights, NOW)
    one_by_one = queue()
    for i in order:
        one_by_one = one_by_one.observe([lights[i]], NOW)
    assert at(one_by_one, MIDDLE) == at(together, MIDDLE)


@pytest.mark.parametrize("level", [1, 2, 4, 5])
def test_an_observation_moves_the_place_towards_it(level: int) -> None:
    before, after = at(queue(), MIDDLE), at(queue().observe([seen(MIDDLE, level)], NOW), MIDDLE)
    assert (after - before) * (level - 3) > 0
    assert abs(after - (level - 0.5) / 5) < abs(before - (level - 0.5) / 5)


def test_a_light_where_the_model_agrees_makes_it_surer() -> None:
    before = queue().locate(MIDDLE, MARK).deviation
    assert queue().observe([seen(MIDDLE, 3)], NOW).locate(MIDDLE, MARK, NOW).deviation < before


def test_what_was_learned_fades_with_time_and_faster_in_a_market_that_turns_over_faster() -> None:
    learned = queue().observe([seen(MIDDLE, 5)], NOW)
    plain = at(queue(), MIDDLE)
    shifts = [at(learned, MIDDLE, NOW + timedelta(hours=h)) - plain for h in (0, 6, 24, 240)]
    assert shifts == sorted(shifts, reverse=True)
    assert shifts[-1] == pytest.approx(0.0, abs=0.01)
    calm = build("binance-2025", default_priors(), replace(MARKET, volume_24h=None, open_interest=None), Side.SHORT, NOW, 1)
    middle = float(np.interp(0.5, calm.place(np.linspace(-1, 1, 999), MARK), np.linspace(-1, 1, 999)))
    before = float(calm.place(middle, MARK))
    slow = [float(calm.observe([seen(middle, 5)], NOW).place(middle, MARK, NOW + timedelta(hours=h))) - before for h in (0, 24)]
    assert slow[1] / slow[0] > shifts[2] / shifts[0]


def test_contradicting_lights_widen_the_interval_and_settle_between_them() -> None:
    agree = queue().observe([seen(MIDDLE, 3), seen(MIDDLE, 3, seconds_ago=30)], NOW)
    torn = queue().observe([seen(MIDDLE, 1), seen(MIDDLE, 5, seconds_ago=30)], NOW)
    assert torn.locate(MIDDLE, MARK, NOW).deviation > agree.locate(MIDDLE, MARK, NOW).deviation
    assert 0.25 < at(torn, MIDDLE) < 0.75
    again = torn.observe([seen(MIDDLE, 1, seconds_ago=60), seen(MIDDLE, 5, seconds_ago=90)], NOW)
    assert abs(at(again, MIDDLE) - at(torn, MIDDLE)) < 0.1


def test_lights_of_several_positions_count() -> None:
    low, high = score_at_quantile(0.3), score_at_quantile(0.7)
    both = queue().observe([seen(low, 1), seen(high, 3)], NOW)
    assert at(both, low) < at(queue(), low)
    assert at(both, high) < at(queue(), high)


def test_a_light_of_the_future_is_not_known_yet() -> None:
    assert queue().observe([seen(MIDDLE, 5, seconds_ago=-60)], NOW).evidence == ()


@cache
def unhedged() -> Queue:
    """Nobody in it survives a mark that takes all margins."""
    priors = default_priors()
    kinds = tuple(replace(kind, hedged=replace(kind.hedged, value=0.0)) for kind in priors.kinds)
    return build("binance-2025", replace(priors, kinds=kinds), MARKET, Side.SHORT, NOW, 1)


def test_what_cannot_be_placed_teaches_nothing() -> None:
    useless = [seen(float("nan"), 5), seen(MIDDLE, 5, mark=0.0), seen(MIDDLE, 5, mark=1e9)]
    assert unhedged().observe(useless, NOW) is unhedged()


def test_a_queue_remembers_only_the_newest_lights() -> None:
    scores = np.interp(np.linspace(0.02, 0.98, 40), queue().place(SCORES, MARK), SCORES)
    many = queue().observe([seen(s, 3, seconds_ago=30.0 * i) for i, s in enumerate(scores.tolist())], NOW)
    assert len(many.evidence) == 24
    assert many.evidence[-1].described_at == NOW


def test_a_light_repeated_is_no_second_witness() -> None:
    once = queue().observe([seen(MIDDLE, 4)], NOW)
    often = once.observe([seen(MIDDLE, 4, seconds_ago=30.0 * i) for i in range(20)], NOW)
    assert len(often.evidence) == 1
    assert at(often, MIDDLE) == at(once, MIDDLE)


def test_the_same_inputs_give_the_same_lights_and_another_seed_others() -> None:
    queue.cache_clear()
    once, again = at(queue(), MIDDLE), None
    queue.cache_clear()
    again = at(queue(), MIDDLE)
    assert once == again
    assert at(queue(seed=2), MIDDLE) != once


def test_traders_of_less_than_one_times_leverage_have_a_place_too() -> None:
    """Their bankruptcy price is at or below zero (linear long), or does not exist (inverse short)."""
    for side, contract in ((Side.LONG, Contract.LINEAR), (Side.SHORT, Contract.INVERSE)):
        cautious = default_priors(VenueKind.ONCHAIN)
        population = build("value", cautious, replace(MARKET, contract=contract), side, NOW, 1).population
        assert population is not None
        assert np.isnan(population.scores("value", MARK)).mean() < 0.05


def test_the_seed_matters_little() -> None:
    places = [at(queue(seed=seed), MIDDLE) for seed in range(6)]
    assert np.std(places) < 0.03


def test_every_step_down_the_ladder_is_named() -> None:
    def step(**facts: object) -> str:
        return build("value", default_priors(), replace(MARKET, **facts), Side.LONG, NOW, 1).step

    untimed = tuple(Candle(c.time, c.open, c.high, c.low, c.close) for c in CANDLES)
    assert step() == "entries weighted by volume; holding time from turnover"
    assert "weighted by time; holding time from turnover" in step(candles=untimed)
    assert "weighted by volume; no open interest" in step(open_interest=None)
    assert "weighted by time; no open interest" in step(candles=untimed, open_interest=None)
    assert step(candles=()) == "less than a day of candles: the queue is unknown"


def test_without_candles_the_light_stays_unknown_whatever_the_venue_shows() -> None:
    blind = build("value", default_priors(), replace(MARKET, candles=()), Side.LONG, NOW, 1).observe([seen(0.1, 5)], NOW)
    light = blind.light(0.5, MARK, NOW)
    assert (light.state, light.level, light.note) == (
        LightState.UNKNOWN,
        None,
        "less than a day of candles: the queue is unknown",
    )
    assert np.isnan(blind.place(0.5, MARK))
    assert blind.recalled(queue().observe([seen(MIDDLE, 3)], NOW).evidence, NOW).evidence == ()


@pytest.mark.parametrize(("score", "mark"), [(None, MARK), (0.1, None), (float("nan"), MARK), (0.1, -5.0), (0.1, float("inf"))])
def test_an_unknown_score_or_mark_is_an_unknown_light(score: float | None, mark: float | None) -> None:
    light = queue().light(score, mark, NOW)
    assert (light.state, light.quantile) == (LightState.UNKNOWN, None)
    assert light.note


def test_a_light_says_how_it_came_about() -> None:
    modelled = queue().light(MIDDLE, MARK, NOW)
    calibrated = queue().observe([seen(MIDDLE, 3)], NOW).light(MIDDLE, MARK, NOW)
    assert (modelled.source, modelled.observations) == (LightSource.MODELLED, 0)
    assert (calibrated.source, calibrated.observations) == (LightSource.CALIBRATED, 1)
    for light in (modelled, calibrated):
        assert light.quantile is not None
        assert light.interval is not None
        assert light.level == level_of(light.quantile)
        assert light.interval[0] <= light.level <= light.interval[1]
        assert light.note == queue().step


def test_lights_come_one_a_position_in_order() -> None:
    lights = queue().lights([2.0, None, -2.0], [MARK, MARK, MARK * 1.01], NOW)
    assert [light.level for light in lights] == [5, None, 1]


def test_a_falling_mark_brings_the_same_score_back_in_the_queue_of_shorts() -> None:
    """Everybody short gains: standing still is falling behind."""
    score = score_at_quantile(0.7)
    assert queue().place(score, [MARK * 0.9]) < queue().place(score, [MARK]) < queue().place(score, [MARK * 1.1])


def test_a_ladder_agrees_with_each_of_its_marks_alone() -> None:
    wiser = queue().observe([seen(MIDDLE, 4)], NOW)
    marks = MARK * np.linspace(0.8, 1.2, 21)
    ladder = wiser.place(MIDDLE, marks, NOW)
    alone = [float(wiser.place(MIDDLE, mark, NOW)) for mark in marks]
    assert ladder == pytest.approx(alone, abs=0.02)
    grid = wiser.place(np.array([[MIDDLE], [np.nan]]), np.append(marks, np.nan), NOW)
    assert grid.shape == (2, 22)
    assert np.isnan(grid[1]).all()
    assert np.isnan(grid[0, -1])


def test_marks_asked_for_are_forgotten_after_a_few() -> None:
    fresh = build("binance-2025", default_priors(), MARKET, Side.LONG, NOW, 3)
    for i in range(20):
        fresh.place(0.0, MARK * (1.0 + 0.00123 * (i + 1)))
    assert len(fresh._curves) == MEMO
    fresh.place(0.0, MARK)
    assert list(fresh._nodes) == [MARK]


def test_where_everyone_is_liquidated_there_is_no_place() -> None:
    assert np.isnan(unhedged().place(0.1, 1e9))
    ladder = unhedged().place(0.1, MARK * np.array([0.95, 1.0, 1.05, 1.1, 1e9]))
    assert np.isnan(ladder).tolist() == [False, False, False, False, True]


def test_a_queue_counted_by_quantity_differs_from_one_counted_by_users() -> None:
    assert at(queue(basis="quantity"), MIDDLE) != at(queue(), MIDDLE)


def test_leverage_brings_a_winner_forward_under_its_own_population() -> None:
    """Among traders with half the leverage the same score stands further in front."""
    priors = default_priors()
    kinds = tuple(replace(kind, leverage=replace(kind.leverage, value=kind.leverage.value / 2)) for kind in priors.kinds)
    calm = build("value", replace(priors, kinds=kinds), MARKET, Side.SHORT, NOW, 1)
    assert float(calm.place(0.1, MARK)) > float(queue("value").place(0.1, MARK))


def test_a_population_is_hypotheses_by_traders() -> None:
    population = queue().population
    assert population is not None
    scores = population.scores("binance-2025", MARK)
    assert scores.shape == (HYPOTHESES, TRADERS)
    assert np.isnan(scores).mean() < 0.05


@pytest.mark.parametrize(
    ("chance", "level", "expected"),
    [
        ([0.0, 0.05, 0.92, 0.03, 0.0], 3, (3, 3)),
        ([0.0, 0.32, 0.6, 0.08, 0.0], 3, (2, 3)),
        ([0.0, 0.08, 0.6, 0.32, 0.0], 3, (3, 4)),
        ([0.5, 0.25, 0.25, 0.0, 0.0], 1, (1, 3)),
        ([0.0, 0.0, 0.25, 0.25, 0.5], 5, (3, 5)),
        ([0.22, 0.2, 0.16, 0.2, 0.22], 3, (1, 5)),
        ([0.0, 0.12, 0.87, 0.01, 0.0], 3, (3, 3)),
        ([0.0, 0.3, 0.55, 0.14, 0.01], 3, (2, 3)),
    ],
)
def test_the_interval_is_that_around_the_level_which_comes_nearest_to_nine_tenths(
    chance: list[float], level: int, expected: tuple[int, int]
) -> None:
    assert likely_levels(np.array(chance), level) == expected


def test_an_estimated_light_says_how_uncertain_its_place_is() -> None:
    light = queue().light(MIDDLE, MARK, NOW)
    assert light.deviation == pytest.approx(float(queue().locate(MIDDLE, MARK, NOW).deviation), abs=1e-4)


def test_where_open_interest_grew_there_are_more_who_entered_then() -> None:
    """The price was 10 % lower in the last three days; a market that doubled there holds more of those entries."""
    closes = [100.0] * 264 + [90.0] * 72
    candles = tuple(
        Candle(NOW - timedelta(hours=336 - i), close, close * 1.001, close * 0.999, close, 1000.0)
        for i, close in enumerate(closes)
    )
    steady = replace(MARKET, candles=candles, mark_price=95.0)
    hours = range(336, -1, -24)
    doubled = tuple((NOW - timedelta(hours=h), 8_000.0 * (1.0 - min(h, 72) / 144.0)) for h in hours)
    grown = replace(steady, open_interest_history=doubled)

    def entered_low(market: Market) -> float:
        population = build("binance-2025", default_priors(), market, Side.SHORT, NOW, 1, basis="quantity").population
        assert isinstance(population, Population)
        return float((population.entry < 95.0).mean())

    assert entered_low(grown) > entered_low(steady) + 0.03
    assert build("binance-2025", default_priors(), grown, Side.SHORT, NOW, 1).step.startswith(
        "entries weighted by volume and growth of open interest"
    )


@settings(max_examples=15, deadline=None)
@example(history=[(300.0, 1e300), (0.0, 1e-300)], basis="users")
@given(
    history=st.lists(st.tuples(st.floats(-20.0, 400.0), st.floats(allow_nan=True, allow_infinity=True)), max_size=6),
    basis=st.sampled_from(("users", "quantity")),
)
def test_whatever_the_history_of_open_interest_says_higher_scores_are_nearer_to_the_front(
    history: list[tuple[float, float]], basis: Basis
) -> None:
    told = tuple((NOW - timedelta(hours=hours), value) for hours, value in history)
    market = replace(MARKET, open_interest_history=told)
    places = build("binance-2025", default_priors(), market, Side.SHORT, NOW, 1, basis=basis).place(SCORES, MARK)
    assert np.all(np.diff(places) >= 0.0)
    assert np.all((places > 0.0) & (places < 1.0))


@pytest.mark.parametrize(("quantile", "level"), [(0.0, 1), (0.2, 1), (0.2001, 2), (0.8, 4), (0.81, 5), (1.0, 5)])
def test_a_level_is_a_fifth(quantile: float, level: int) -> None:
    assert level_of(quantile) == level
