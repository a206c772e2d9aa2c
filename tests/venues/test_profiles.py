import sys
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

from adlwatch import venues
from adlwatch.domain.fact import Grade
from adlwatch.domain.light import LightState
from adlwatch.domain.light_scale import LightScale
from adlwatch.domain.position_score import RuleId
from adlwatch.domain.queue_priors import VenueKind, default_priors
from adlwatch.domain.venue import ClosingPrice, Facts, NoScore, VenueProfile, facts_of
from adlwatch.venues import Profiles, profiles
from adlwatch.venues.profile_toml import ProfileError, parse

NAMES = sorted(profiles())
REAL = [name for name in NAMES if not name.startswith("mock-")]
NOT_IN_ANY_REFERENCE = {"second_rule", "taker_fee"}

# Rule or state, as domain rules and references have it; "?" where the ranking is not published.
RANKING = {
    "aevo": "binance-legacy",
    "aster": "binance-2025",
    "binance": "binance-2025",
    "binancecoinm": "binance-2025",
    "bitget": "risk-rate",
    "bitmex": "value",
    "coinex": "coinex",
    "cryptocom": "socialised",
    "delta": "value",
    "deribit": "no-queue",
    "drift": "socialised",
    "dydx": "random",
    "ethereal": "leverage-first",
    "extended": "levels",
    "gate": "risk-rate",
    "gmx": "keeper",
    "grvt": "risk-rate",
    "htx": "equity-entry",
    "hyperliquid": "hyperliquid-engine",
    "hyperliquid-hip3": "hyperliquid-engine",
    "kucoin": "equity-entry",
    "mexc": "value",
    "nado": "socialised",
    "paradex": "socialised",
    "poloniex": "value",
} | dict.fromkeys(
    ("apex", "backpack", "bitfinex", "blofin", "btse", "derive", "edgex", "krakenfutures", "pacifica", "whitebit", "woo"), "?"
)


def test_there_are_at_least_35_venues() -> None:
    assert len(REAL) >= 35


@pytest.mark.parametrize("name", REAL)
def test_a_fact_that_nobody_published_is_written_down_as_unknown(name: str) -> None:
    assert set(Facts.__struct_fields__) - set(facts_of(profiles()[name])) <= NOT_IN_ANY_REFERENCE


@pytest.mark.parametrize("name", NAMES)
def test_every_fact_has_a_source_and_a_grade(name: str) -> None:
    profile = profiles()[name]
    for key, fact in facts_of(profile).items():
        assert fact.grade in Grade, key
        assert (fact.value is None) is (fact.grade is Grade.UNKNOWN), key
    assert profile.light.grade in Grade
    for sources in (profile.light.sources, *(fact.sources for fact in facts_of(profile).values())):
        assert sources
        assert all(url.startswith(("http://", "https://")) for url in sources)


@pytest.mark.parametrize("name", RANKING)
def test_rankings_are_those_of_the_references(name: str) -> None:
    found = profiles()[name].facts.rule
    assert (found.value or "?") == RANKING[name]


@pytest.mark.parametrize("name", sorted(set(REAL) - set(RANKING)))
def test_any_other_ranking_is_marked_as_our_reading(name: str) -> None:
    assert profiles()[name].facts.rule.grade is Grade.INFERRED
    assert profiles()[name].facts.rule.note


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_has_a_rule_or_a_state_never_both(name: str) -> None:
    profile = profiles()[name]
    assert not (profile.rule and profile.no_score_state)
    assert profile.rule is None or profile.rule in get_args(RuleId)
    assert profile.no_score_state is None or profile.no_score_state in get_args(NoScore)
    if profile.no_score_state is not None:
        assert not profile.light.readable
        assert profile.second_rule is None


def test_known_facts_of_one_venue() -> None:
    binance = profiles()["binance"]
    assert binance.cadence == 30.0
    assert binance.closing_price is ClosingPrice.BANKRUPTCY
    assert binance.quantile_basis == "users"
    assert binance.second_rule == "binance-legacy"
    assert binance.shield is not None
    assert (binance.shield.measure, binance.shield.threshold, binance.shield.inclusive) == ("long-short-gap", 0.05, False)
    assert binance.taker_fee is None
    assert binance.priors == default_priors(VenueKind.RETAIL)


def test_unknown_facts_are_none() -> None:
    kraken = profiles()["krakenfutures"]
    assert (kraken.rule, kraken.no_score_state, kraken.cadence, kraken.closing_price, kraken.shield) == (None,) * 5
    assert profiles()["dydx"].no_score_state is LightState.RANDOM


def test_an_unknown_venue_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        profiles()["mtgox"]
    assert "mtgox" not in profiles()
    assert profiles().get("mtgox") is None


def test_listing_venues_reads_no_profile() -> None:
    fresh = Profiles()
    assert len(list(fresh)) == len(fresh) >= 35
    assert not fresh._parsed
    assert fresh["gate"] is fresh["gate"]


MINIMAL = b"""
id = "satori"
title = "Satori"
kind = "onchain"

[sources]
docs = "https://docs.example.org/adl"

[light]
field = "bars"
levels = { 1 = 1, 2 = 2, 3 = 3, 4 = 4, 5 = 5 }
grade = "official"
sources = ["docs"]

[facts.rule]
grade = "unknown"
sources = ["docs"]
"""


def install(package: Path, monkeypatch: pytest.MonkeyPatch, **points: str) -> Profiles:
    """Profiles as they are with a distribution installed that has these entry points."""
    metadata = package / "other_venues-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: other-venues\nVersion: 1.0\n")
    lines = (f"{name} = {value}" for name, value in points.items())
    (metadata / "entry_points.txt").write_text("\n".join(["[adlwatch.venues]", *lines, ""]))
    monkeypatch.setattr(venues, "_added", cache(venues._added.__wrapped__))
    return Profiles()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An importable package of somebody else."""
    (tmp_path / "satori.toml").write_bytes(MINIMAL)
    (tmp_path / "other_venues.py").write_text(
        "from pathlib import Path\n"
        f"AS_BYTES = {MINIMAL!r}\n"
        "AS_PATH = Path(__file__).with_name('satori.toml')\n"
        "AS_TEXT = str(AS_PATH)\n"
        "GONE = Path(__file__).with_name('gone.toml')\n"
        "WRONG = 3\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "other_venues", raising=False)
    return tmp_path


@pytest.mark.parametrize("attribute", ["AS_BYTES", "AS_PATH", "AS_TEXT"])
def test_another_package_adds_a_venue(package: Path, monkeypatch: pytest.MonkeyPatch, attribute: str) -> None:
    found = install(package, monkeypatch, satori=f"other_venues:{attribute}")
    assert "satori" in found
    assert "satori" in list(found)
    assert "other_venues" not in sys.modules
    assert found["satori"].title == "Satori"


def test_a_fact_left_out_is_none(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile: VenueProfile = install(package, monkeypatch, satori="other_venues:AS_BYTES")["satori"]
    assert (profile.cadence, profile.closing_price, profile.second_rule, profile.quantile_basis) == (None,) * 4


def test_a_built_in_profile_cannot_be_replaced(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = install(package, monkeypatch, binance="other_venues:AS_BYTES")
    assert found["binance"].title.startswith("Binance")
    assert len(found) == len(NAMES)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("other_venues:GONE", "cannot be read"),
        ("other_venues:MISSING", "cannot be read"),
        ("no_such_module:X", "cannot be read"),
        ("other_venues:WRONG", "expected the TOML as bytes or a path, not int"),
    ],
)
def test_a_broken_entry_point_is_one_clear_line(package: Path, monkeypatch: pytest.MonkeyPatch, value: str, message: str) -> None:
    found = install(package, monkeypatch, satori=value)
    with pytest.raises(ProfileError, match=message) as caught:
        found["satori"]
    assert str(caught.value).startswith(f"satori ({value}): ")
    assert "\n" not in str(caught.value)


def test_a_profile_has_to_be_called_by_its_id(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ProfileError, match=r"satori2 .*: id: 'satori', expected 'satori2'"):
        install(package, monkeypatch, satori2="other_venues:AS_BYTES")["satori2"]


def test_the_guide_names_every_fact_rule_grade_and_key_and_its_example_works() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "venue-profiles.md").read_text(encoding="utf-8")
    words = {*Facts.__struct_fields__, *get_args(RuleId), *get_args(NoScore), *Grade, *LightScale.__struct_fields__}
    assert not [word for word in words - {"grade", "sources", "note"} if f"`{word}`" not in guide]
    example = guide.split("```toml\n")[1].split("```")[0]
    assert parse(example.encode(), "satori.toml").id == "satori"
