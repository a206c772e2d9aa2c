from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adlwatch.domain.fact import Grade
from adlwatch.domain.light import UNKNOWN, Light, LightSource, LightState, best, normalise
from adlwatch.domain.light_scale import LightScale, level_of, read
from adlwatch.domain.model import Side
from adlwatch.venues import profiles

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PROFILES = profiles()
READABLE = sorted(name for name in PROFILES if PROFILES[name].light.readable)


def normal(venue: str, raw: Any, side: Side = Side.SHORT, size: float | None = 1.5, age: float | None = 20.0) -> Light:
    as_of = None if age is None else NOW - timedelta(seconds=age)
    return normalise(PROFILES[venue], raw, side=side, size=size, as_of=as_of, now=NOW)


# Raw values from the back to the front of the queue, from the venues' own documentation (see each profile's sources).
# The last one is the worst: it has to be level 5. Written by hand, so that a scale turned upside down is caught here.
FROM_BACK_TO_FRONT: dict[str, list[Any]] = {
    "aster": [0, 1, 2, 3, 4],
    "binance": [0, 1, 2, 3, 4],
    "binancecoinm": [0, 1, 2, 3, 4],
    "bitget": ["0.0009", "0.21", "0.4872", "0.75", "1"],
    "bitmex": [0.0, 0.3, 0.5423, 0.7, 1.0],
    "blofin": ["1", "2", "3", "4", "5"],
    "bybit": [1, 2, 3, 4, 5],
    "coinex": ["4661/4661", "3396/4661", "2000/4661", "1000/4661", "1/4661"],
    "extended": ["2.5", "30", "55", "75", "100"],
    "gate": [5, 4, 3, 2, 1],
    "htx": ["1", 2, "3", 4, 5],
    "krakenfutures": [100, 80, 60, 40, 20],
    "kucoin": [0.0, 0.25, 0.5, 0.75, 1.0],
    "mexc": [1, 2, 3, 4, 5],
    "okx": ["1", "2", "3", "4", "5"],
    "phemex": ["0", "0.25", "0.5", "0.75", "1"],
    "whitebit": [0, 1, 2, 3, 4],
    "mock-alpha": [0, 1, 2, 3, 4],
    "mock-beta": [5, 4, 3, 2, 1],
    "mock-gamma": [0.2, 0.4, 0.6, 0.8, 1.0],
}


def test_the_table_of_directions_covers_every_readable_venue() -> None:
    assert sorted(FROM_BACK_TO_FRONT) == READABLE


@pytest.mark.parametrize("venue", FROM_BACK_TO_FRONT)
def test_no_light_is_upside_down(venue: str) -> None:
    levels = [normal(venue, raw).level for raw in FROM_BACK_TO_FRONT[venue]]
    assert levels == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("venue", READABLE)
def test_a_worse_raw_value_never_gives_a_lower_level(venue: str) -> None:
    scale = PROFILES[venue].light
    if scale.levels is not None:
        raws: list[Any] = sorted(scale.levels, key=float, reverse=not scale.rising)
    elif scale.rank:
        raws = [f"{place}/23" for place in range(23, 0, -1)]
    else:
        raws = [(scale.full or 1.0) * i / 200 for i in range(201)]
    levels = [normal(venue, raw).level or 0 for raw in raws]
    assert levels == sorted(levels)
    assert levels[0] == 1
    assert levels[-1] == 5


UNREADABLE = [None, "", "  ", "abc", -1, 1e9, float("nan"), "inf", True, "1/0", "0/5", "6/5"]


@pytest.mark.parametrize("venue", sorted(FROM_BACK_TO_FRONT))
@pytest.mark.parametrize("raw", UNREADABLE)
def test_what_is_not_on_the_scale_is_unknown_and_stays_visible(venue: str, raw: Any) -> None:
    light = normal(venue, raw)
    assert light.state is LightState.UNKNOWN
    assert light.level is None
    assert light.raw is raw
    assert light.note


@pytest.mark.parametrize("venue", ["binance", "bybit", "okx", "gate", "krakenfutures", "htx", "mexc", "whitebit"])
def test_a_value_between_two_steps_is_not_rounded_to_one(venue: str) -> None:
    assert normal(venue, "4.3335").state is LightState.UNKNOWN
    assert normal(venue, 7).state is LightState.UNKNOWN


@pytest.mark.parametrize(("raw", "level"), [("4.0", 5), (" 3 ", 4), (2.0, 3)])
def test_numbers_come_as_text_and_as_floats(raw: Any, level: int) -> None:
    assert normal("binance", raw).level == level


@pytest.mark.parametrize("venue", ["woo", "delta", "poloniex", "btse", "edgex", "apex"])
def test_an_undocumented_scale_is_never_read(venue: str) -> None:
    light = normal(venue, "4.3335")
    assert (light.state, light.level, light.raw) == (LightState.UNKNOWN, None, "4.3335")
    assert "not documented" in (light.note or "")


@pytest.mark.parametrize(
    ("venue", "raw", "words"),
    [
        ("gate", 6, "no position, or in liquidation"),
        ("bybit", 0, "default of an empty position"),
        ("mexc", 0, "not refreshed yet"),
    ],
)
def test_values_that_mean_none_say_what_they_mean(venue: str, raw: Any, words: str) -> None:
    light = normal(venue, raw)
    assert light.state is LightState.UNKNOWN
    assert words in (light.note or "")


# Values of published sample replies: comments of ccxt 4.5.90 (python/ccxt/<venue>.py), venues' documentation; None is unknown.
@pytest.mark.parametrize(
    ("venue", "raw", "level"),
    [
        ("aster", 1, 2),
        ("binance", "2", 3),
        ("bitget", "0.0009", 1),
        ("bitget", "0.4872", 3),
        ("bitmex", 0.5423, 3),
        ("bybit", 2, 2),
        ("coinex", "3396/4661", 2),
        ("coinex", "1/6", 5),
        ("coinex", "4/4", 2),
        ("coinex", "44/49", 1),
        ("extended", "2.5", 1),
        ("gate", 5, 1),
        ("htx", 3, 3),
        ("htx", "3", 3),
        ("krakenfutures", 100, 1),
        ("krakenfutures", 20, 5),
        ("krakenfutures", 80, 2),
        ("kucoin", 0.0, 1),
        ("kucoin", 0.86, 5),
        ("okx", "3", 3),
        ("phemex", "0E-8", 1),
        ("phemex", "0.1", 1),
        ("apex", "", None),
        ("blofin", "4", 4),
        ("btse", 1, None),
        ("delta", None, None),
        ("delta", 0, None),
        ("edgex", 3, None),
        ("poloniex", "0.3007", None),
        ("woo", 3, None),
    ],
)
def test_published_samples(venue: str, raw: Any, level: int | None) -> None:
    assert normal(venue, raw).level == level


def test_zero_at_binance_is_a_level_with_a_position_and_flat_without_one() -> None:
    assert normal("binance", 0).level == 1
    flat = normal("binance", 0, size=0.0)
    assert (flat.state, flat.level) == (LightState.FLAT, None)
    assert normal("binance", 0, size=None).level == 1


@pytest.mark.parametrize(
    ("venue", "rows", "long", "short"),
    [
        ("binance", {"LONG": 1, "SHORT": 2, "BOTH": 0}, 2, 3),
        ("binance", {"LONG": 3, "SHORT": 3, "HEDGE": 0}, 4, 4),
        ("binance", {"LONG": 0, "SHORT": 0, "BOTH": 1}, 2, 2),
        ("binance", {"BOTH": "4"}, 5, 5),
        ("aster", {"LONG": 4, "SHORT": 4, "HEDGE": 0}, 5, 5),
        ("whitebit", {"long": 4, "short": None}, 5, None),
        ("binance", {"LONG": 4}, 5, None),
        ("binance", {"HEDGE": 4}, None, None),
        ("binance", {}, None, None),
        ("gate", {"LONG": 1}, None, None),
    ],
)
def test_each_side_has_its_own_row(venue: str, rows: dict[str, Any], long: int | None, short: int | None) -> None:
    assert normal(venue, rows, Side.LONG).level == long
    assert normal(venue, rows, Side.SHORT).level == short


def test_a_direction_that_is_only_inferred_is_shown_with_its_raw_value() -> None:
    inferred = normal("krakenfutures", 20)
    assert (inferred.level, inferred.raw) == (5, 20)
    assert "raw 20" in (inferred.note or "")
    assert normal("binance", 4).note is None


@pytest.mark.parametrize(
    ("venue", "state"),
    [
        ("dydx", LightState.RANDOM),
        ("paradex", LightState.SOCIALISED),
        ("drift", LightState.SOCIALISED),
        ("nado", LightState.SOCIALISED),
        ("cryptocom", LightState.SOCIALISED),
        ("gmx", LightState.KEEPER),
        ("deribit", LightState.NO_QUEUE),
    ],
)
def test_a_venue_without_a_queue_has_a_state_whatever_it_sends(venue: str, state: LightState) -> None:
    for raw in (None, 5, {"LONG": 5}):
        light = normal(venue, raw)
        assert (light.state, light.level) == (state, None)
        assert light.note


def test_a_venue_without_a_light_is_unknown() -> None:
    light = normal("hyperliquid", None)
    assert (light.state, light.note) == (LightState.UNKNOWN, "the venue shows no light")


def test_age_is_the_time_since_the_venue_said_so() -> None:
    assert normal("binance", 3, age=25.0).age_seconds == 25.0
    assert normal("binance", 3, age=-5.0).age_seconds == 0.0
    assert normal("binance", 3, age=None).age_seconds is None


def test_a_fraction_carries_its_quantile() -> None:
    assert normal("bitget", "0.4872").quantile == 0.4872
    assert normal("coinex", "1/4").quantile == 1.0
    assert normal("binance", 3).quantile is None


def test_a_falling_fraction_is_turned_round() -> None:
    """As Bitget's older adlRank was."""
    scale = LightScale(grade=Grade.OFFICIAL, sources=("https://a.b",), field="x", full=1.0, rising=False)
    assert [read(scale, raw).level for raw in (0.0, 0.7, 1.0)] == [5, 2, 1]
    assert read(scale, 0.75).quantile == 0.25


@pytest.mark.parametrize(
    ("quantile", "level"), [(0.0, 1), (0.2, 1), (0.2001, 2), (0.4, 2), (0.6, 3), (0.8, 4), (0.81, 5), (1.0, 5)]
)
def test_each_level_is_a_fifth(quantile: float, level: int) -> None:
    assert level_of(quantile) == level


# best()

ESTIMATE = Light(state=LightState.LIT, level=4, source=LightSource.CALIBRATED, quantile=0.7, interval=(4, 5), observations=3)
NOTHING = Light(state=LightState.UNKNOWN)


def test_a_fresh_venue_light_that_the_estimate_agrees_with_stands() -> None:
    venue = normal("binance", 3, age=25.0)
    assert best(venue, ESTIMATE, 30.0) == venue


def test_a_venue_light_that_the_price_has_left_behind_gives_way_and_the_note_says_both() -> None:
    venue = normal("binance", 2, age=25.0)
    light = best(venue, ESTIMATE, 30.0)
    assert (light.level, light.source, light.raw) == (4, LightSource.CALIBRATED, 2)
    assert light.note == "3 venue 25 s → est 4–5"


def test_an_estimate_that_never_saw_a_light_cannot_contradict_a_fresh_one() -> None:
    modelled = replace(ESTIMATE, source=LightSource.MODELLED, observations=0)
    light = best(normal("binance", 2, age=25.0), modelled, 30.0)
    assert (light.level, light.source, light.note) == (3, LightSource.VENUE, "3 venue 25 s, est 4–5 without having seen one")
    inferred = best(normal("krakenfutures", 60, age=5.0), modelled, None)
    assert (inferred.note or "").startswith("3 venue 5 s, est 4–5 without having seen one; raw 60: which end")
    assert best(normal("binance", 2, age=300.0), modelled, 30.0).level == 4


@pytest.mark.parametrize(
    ("cadence", "age", "stands"), [(30.0, 60.0, True), (30.0, 61.0, False), (None, 60.0, True), (5.0, 36.0, False)]
)
def test_fresh_is_one_cadence_and_a_poll_old(cadence: float | None, age: float, *, stands: bool) -> None:
    venue = normal("binance", 3, age=age)
    light = best(venue, ESTIMATE, cadence)
    assert (light == venue) is stands
    if not stands:
        assert light.note == f"4 venue {age:.0f} s → est 4–5"


def test_an_expired_venue_light_with_nothing_to_replace_it_is_stale_and_keeps_its_level() -> None:
    light = best(normal("binance", 4, age=300.0), NOTHING, 30.0)
    assert (light.state, light.level, light.source) == (LightState.STALE, 5, LightSource.VENUE)
    assert light.note == "last seen 300 s ago"


def test_a_light_of_unknown_age_is_not_fresh() -> None:
    venue = normal("binance", 4, age=None)
    assert best(venue, NOTHING, 30.0).state is LightState.STALE
    assert best(venue, ESTIMATE, 30.0).note == "5 venue of unknown age → est 4–5"


@pytest.mark.parametrize(
    ("said", "told"), [(None, "est 4 from candles of 3 h ago"), ("no row", "no row; est 4 from candles of 3 h ago")]
)
def test_where_the_venue_says_nothing_a_stale_estimate_gives_its_reason_and_no_level(said: str | None, told: str) -> None:
    stale = replace(ESTIMATE, state=LightState.STALE, note="est 4 from candles of 3 h ago")
    light = best(replace(UNKNOWN, note=said), stale, 30.0)
    assert (light.state, light.level, light.note) == (LightState.UNKNOWN, None, told)
    assert best(replace(UNKNOWN, note=said), replace(stale, note=None), 30.0).note == said


def test_a_fresh_light_without_an_estimate_stands() -> None:
    venue = normal("binance", 4, age=5.0)
    assert best(venue, NOTHING, 30.0) == venue


def test_unknown_stays_unknown_unless_there_is_an_estimate() -> None:
    unread = normal("delta", "4.3335")
    assert best(unread, NOTHING, None) == unread
    light = best(unread, ESTIMATE, None)
    assert (light.level, light.raw) == (4, "4.3335")
    assert "not documented" in (light.note or "")


def test_an_estimate_never_overrides_a_venue_without_a_queue_or_a_flat_position() -> None:
    for venue in (normal("dydx", None), normal("binance", 4, size=0.0)):
        assert best(venue, ESTIMATE, 30.0) == venue


def test_an_estimate_without_an_interval_contradicts_nothing() -> None:
    venue = normal("binance", 0, age=5.0)
    bare = Light(state=LightState.LIT, level=5, source=LightSource.MODELLED)
    assert best(venue, bare, 30.0) == venue
    assert best(normal("binance", 0, age=500.0), bare, 30.0).note == "1 venue 500 s → est 5"


levels = st.integers(1, 5)


@settings(max_examples=60, deadline=None)
@given(raw=st.integers(0, 4), age=st.floats(0, 500), low=levels, high=levels, lit=st.booleans())
def test_the_best_light_is_never_calmer_than_both(raw: int, age: float, low: int, high: int, *, lit: bool) -> None:
    low, high = sorted((low, high))
    estimate = Light(state=LightState.LIT, level=low, source=LightSource.MODELLED, interval=(low, high)) if lit else NOTHING
    venue = normal("binance", raw, age=age)
    light = best(venue, estimate, 30.0)
    assert light.level in (venue.level, estimate.level)
    assert light.state is LightState.LIT or (not lit and age > 60)
