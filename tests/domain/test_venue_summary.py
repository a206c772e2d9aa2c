from msgspec import Struct
from msgspec.structs import replace

from adlwatch.domain.fact import Fact, Grade
from adlwatch.domain.venue_summary import summary, words
from adlwatch.venues import profiles


def test_indicators_run_from_last_to_first_closed() -> None:
    shown = {name: summary(profiles()[name]).indicator for name in profiles()}
    assert shown["binance"] == "0…4"
    assert shown["gate"] == "5…1"
    assert shown["krakenfutures"] == "100…20?"
    assert shown["kucoin"] == "0…1?"
    assert shown["extended"] == "0…100"
    assert shown["coinex"] == "n/N…1"
    assert shown["blofin"] == "1…5"
    assert shown["woo"] == "unclear"
    assert shown["hyperliquid"] == "none"
    assert shown["bitfinex"] == "?"


def test_a_falling_fraction_is_written_the_other_way_round() -> None:
    kucoin = profiles()["kucoin"]
    turned = replace(kucoin, light=replace(kucoin.light, rising=False, direction=Grade.OFFICIAL))
    assert summary(turned).indicator == "1…0"


def test_one_line_a_venue() -> None:
    binance = summary(profiles()["binance"])
    assert (binance.formula, binance.grade, binance.cadence, binance.closing_price) == (
        "binance-2025",
        "quoted",
        "30 s",
        "bankruptcy",
    )
    assert (binance.fund, binance.warning, binance.log, binance.protection) == ("yes", "yes", "no", "L−S gap <0.05")
    assert summary(profiles()["bybit"]).protection == "coin Δ ≤0.05"
    assert summary(profiles()["bitget"]).protection == "whitelist"
    btse = summary(profiles()["btse"])
    assert {btse.formula, btse.cadence, btse.closing_price, btse.fund, btse.log, btse.warning, btse.protection} == {"?"}
    assert summary(profiles()["hyperliquid"]).closing_price == "prev-mark"


def test_a_fact_is_told_in_words() -> None:
    facts = profiles()["binance"].facts
    assert words(facts.rule) == "binance-2025"
    assert words(replace(facts.rule, value=None)) == "unknown"
    assert words(Fact(value=("a", "b"), grade=Grade.OFFICIAL, sources=())) == "a; b"
    assert words(Fact(value=Two(one=1), grade=Grade.OFFICIAL, sources=())) == "one 1"


class Two(Struct, frozen=True):
    one: int | None = None
    other: int | None = None
