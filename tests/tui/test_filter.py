"""The filter language."""

import pytest

from adlwatch.tui.fields import Subject
from adlwatch.tui.filter import FilterError, parse
from tests.tui.samples import BTC_CARRY, BTC_SHORT, BTC_SPOT, ETH_ARB, NO_LIGHT

BTC = Subject((BTC_SHORT, BTC_CARRY))


@pytest.mark.parametrize(
    ("expression", "kept"),
    [
        ("btc", True),
        ("BTC-Carry", True),
        ("eth", False),
        ("!eth", True),
        ("!ok", True),
        ("warning", True),
        ("critical", False),
        ("venue:bin", True),
        ("venue:bybit", False),
        ("light>=4", True),
        ("light<4", False),
        ("liq<40%", True),
        ("liq<0.3", False),
        ("naked>80000", True),
        ("naked>80k", True),
        ("naked>0.1m", False),
        ("age<2m", True),
        ("age>=2", True),
        ("age>=2s", True),
        ("!venue:bybit light>=4", True),
        ("notional<1b", True),
        ("margin:cross", True),
        ("entry=60k", True),
        ("light=4 short btc", True),
        ("light=4 long-term", False),
        ("binance light>=4 !critical", True),
    ],
)
def test_terms_must_all_hold(expression: str, kept: bool) -> None:  # noqa: FBT001  # a table of cases
    test = parse(expression)
    assert test is not None
    assert test(BTC) is kept


def test_nothing_asked_is_no_filter() -> None:
    assert parse("   ") is None


def test_an_unknown_number_meets_no_comparison_in_either_direction() -> None:
    for expression in ("score>0", "score<1"):
        test = parse(expression)
        assert test is not None
        assert not test(Subject((NO_LIGHT,)))


def test_a_balance_can_be_found_and_takes_its_hedges_severity() -> None:
    test = parse("spot:x") or parse("warning btc")
    assert test is not None
    found = parse("warning symbol:btc")
    assert found is not None
    assert found(Subject((BTC_SPOT, BTC_CARRY)))
    assert not found(Subject((ETH_ARB,)))


@pytest.mark.parametrize(
    ("expression", "hint"),
    [
        ("light:4", "light>=4"),
        ("venue>3", "venue:3"),
        ("colour>3", "no number"),
        ("lihgt>3", 'did you mean "light"'),
        ("light>=high", "“high”"),
        ("light>=inf", "“inf”"),
        ("light>=", "needs something"),
        ("venue:", "needs something"),
        ("venu:bybit", "did you mean venue:"),
        ("age>soon", "90 2m 4h"),
        ("!", "!ok"),
    ],
)
def test_a_term_that_cannot_be_read_is_named_with_what_would_do(expression: str, hint: str) -> None:
    with pytest.raises(FilterError, match=hint):
        parse(expression)


def test_a_colon_that_is_no_field_belongs_to_a_symbol() -> None:
    test = parse("xyz:tsla")
    assert test is not None
    assert not test(BTC)
