"""Numbers as text."""

from datetime import UTC, datetime, timedelta, timezone
from math import inf, nan

import pytest

from adlwatch.tui import format as fmt


@pytest.mark.parametrize(
    "show", [fmt.price, fmt.size, fmt.usd, fmt.usd_short, fmt.exposure, fmt.percent, fmt.move, fmt.score, fmt.term, fmt.age]
)
@pytest.mark.parametrize("value", [None, nan])
def test_unknown_is_a_dash_and_never_zero(show: object, value: float | None) -> None:
    assert callable(show)
    assert show(value) == "—"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (54_010.4, "54,010"),
        (3_210.0, "3,210.0"),
        (141.2, "141.20"),
        (0.820_23, "0.82023"),
        (0.000_012_3, "0.0000123"),
        (0.0, "0.00000"),
    ],
)
def test_prices_keep_about_five_figures(value: float, shown: str) -> None:
    assert fmt.price(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (81_000.0, "$81,000"),
        (-8_985.4, "−$8,985"),
        (99_999.6, "$100.0k"),
        (1_254_000.0, "$1.25M"),
        (0.4, "$0"),
        (-0.4, "$0"),
        (inf, "$∞"),
        (-inf, "−$∞"),
    ],
)
def test_dollars_carry_the_sign_before_the_currency(value: float, shown: str) -> None:
    assert fmt.usd(value) == shown


def test_gains_may_carry_a_plus_and_zero_has_no_sign() -> None:
    assert fmt.usd(120.0, plus=True) == "+$120"
    assert fmt.usd(0.0, plus=True) == "$0"
    assert fmt.fixed(-0.001, 1) == "0.0"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (950.0, "$950"),
        (44_100.0, "$44.1k"),
        (999_960.0, "$1.00M"),
        (123_456_789.0, "$123.5M"),
        (2.5e9, "$2.50B"),
        (-3e12, "−$3.00T"),
    ],
)
def test_short_dollars_fit_eight_cells(value: float, shown: str) -> None:
    assert fmt.usd_short(value) == shown
    assert len(fmt.usd_short(value)) <= 8


def test_an_exposure_says_its_direction_in_words() -> None:
    assert [fmt.exposure(v) for v in (81_000.0, -22_000.0, 0.2)] == ["$81.0k long", "$22.0k short", "flat"]


@pytest.mark.parametrize(
    ("value", "shown"), [(0.147, "0.147"), (123.4, "123.4"), (4e-8, "4.0e−08"), (-0.019, "−0.019"), (inf, "∞"), (0.0, "0.000")]
)
def test_scores_stay_within_seven_cells(value: float, shown: str) -> None:
    assert fmt.score(value) == shown
    assert len(fmt.score(value)) <= 7


def test_moves_are_always_signed_with_a_typographic_minus() -> None:
    assert (fmt.move(-0.0389), fmt.move(0.072)) == ("−3.9%", "+7.2%")


@pytest.mark.parametrize(
    ("seconds", "shown"), [(2.9, "2s"), (59.9, "59s"), (60, "1m"), (3_599, "59m"), (7_200, "2h"), (172_800, "2d"), (-1, "0s")]
)
def test_ages_round_down_to_the_largest_unit(seconds: float, shown: str) -> None:
    assert fmt.age(seconds) == shown


def test_clock_shows_the_chosen_zone() -> None:
    at = datetime(2026, 11, 22, 16, 20, 31, tzinfo=UTC)
    assert fmt.clock(at) == "16:20:31"
    assert fmt.clock(at, timezone(timedelta(hours=1))) == "17:20:31"
    assert fmt.clock(None) == "—"


def test_sizes_drop_trailing_zeros_but_no_digits_before_the_point() -> None:
    assert [fmt.size(v) for v in (1.5, 60_000.0, 0.0135, 120.0, 0.0)] == ["1.5", "60,000", "0.0135", "120", "0"]


def test_terms_keep_small_inputs_readable() -> None:
    assert [fmt.term(v) for v in (81_000.0, 1.3235, 0.1111, 4e-8, -inf)] == [
        "81,000.00",
        "1.3235",
        "0.111100",
        "4.00000e−08",
        "−∞",
    ]


def test_counts_agree_with_their_noun() -> None:
    assert (fmt.plural(1, "leg"), fmt.plural(2_000, "leg")) == ("1 leg", "2,000 legs")
