"""What a loss leaves behind, measured from snapshot to snapshot, and the two tickets back."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from adlwatch.domain.aftermath import standings, with_incidents
from adlwatch.domain.incident import HitHedge, Incident, IncidentKind, LostLeg
from adlwatch.domain.model import Book, Contract, Market, Side
from adlwatch.domain.reading import Health
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import Severity, Shield, Snapshot, decode, encode
from adlwatch.venues import profiles
from tests.domain.views import SHORT, SPOT, at, hedge, holding, position, snapshot, source

SETTINGS = Settings(profiles=profiles())
LEG = LostLeg(
    key=SHORT,
    account="main",
    venue="binance",
    symbol="BTC/USDT:USDT",
    side=Side.SHORT,
    hedge="btc-carry",
    units_before=2.0,
    adl_units=2.0,
    fills=1,
    priced_units=2.0,
    closed_usd=102_000.0,
)
HIT = HitHedge(name="btc-carry", underlying="BTC", units_before=0.0, shield_before="on")
INCIDENT = Incident(
    id="main@1",
    kind=IncidentKind.ADL,
    account="main",
    venue="binance",
    opened_at=at(0),
    last_at=at(0),
    legs=(LEG,),
    hedges=(HIT,),
)
BOOK = Book(bids=((49_990.0, 1.0), (49_980.0, 5.0)), asks=((50_010.0, 9.0),), as_of=at(0))
MARKETS = {("binance", "BTC/USDT:USDT"): Market(venue="binance", symbol="BTC/USDT:USDT", mark_price=50_000.0, book=BOOK)}
NAKED = snapshot(10, positions=(), hedges=(hedge(2.0, 0.0, kind="unhedged", legs=(SPOT,)),))


def measured(shown: Snapshot, incident: Incident = INCIDENT, markets: dict[tuple[str, str], Market] | None = None) -> Incident:
    (found,) = with_incidents(shown, (incident,), MARKETS if markets is None else markets, SETTINGS).incidents
    return found


def later(shown: Snapshot, t: float) -> Snapshot:
    return replace(shown, as_of=at(t))


def test_standings_are_those_of_hedged_legs_only() -> None:
    shown = snapshot(hedges=(hedge(0.1), hedge(name="sol", kind="unhedged", legs=("main:SOL/USDT:USDT:short",))))
    assert standings(shown) == dict.fromkeys((SHORT, SPOT), ("btc-carry", "BTC", 0.1, "not-eligible"))


def test_the_exposure_left_is_measured_and_its_dollar_seconds_run() -> None:
    first = measured(NAKED)
    assert (first.naked_usd, first.dollar_seconds, first.closed_at) == (100_000.0, 1_000_000.0, None)
    assert (first.hedges[0].units, first.hedges[0].usd) == (2.0, 100_000.0)
    half = snapshot(20, positions=(position(1.0),), hedges=(hedge(1.0, 0.5),))
    second = measured(half, first)
    assert (second.naked_usd, second.dollar_seconds) == (50_000.0, 1_000_000.0 + 750_000.0)


def test_dollar_seconds_do_not_depend_on_how_often_a_steady_exposure_is_measured() -> None:
    often = INCIDENT
    for t in range(11):
        often = measured(later(NAKED, t), often)
    assert often.dollar_seconds == pytest.approx(measured(NAKED).dollar_seconds)


def test_long_one_coin_does_not_offset_short_another() -> None:
    eth = replace(HIT, name="eth", underlying="ETH")
    shown = replace(NAKED, hedges=(*NAKED.hedges, hedge(-2.0, 0.0, name="eth", legs=())))
    assert measured(shown, replace(INCIDENT, hedges=(HIT, eth))).naked_usd == 200_000.0


def test_an_unknown_exposure_is_not_zero_and_the_integral_goes_on_when_it_is_known_again() -> None:
    unknown = replace(NAKED, hedges=(hedge(None, None),))
    first = measured(later(unknown, 5), measured(later(NAKED, 0)))
    assert (first.naked_usd, first.closed_at, first.dollar_seconds) == (None, None, 0.0)
    assert measured(later(NAKED, 10), first).dollar_seconds == 1_000_000.0


def test_where_the_market_went_with_the_position_the_last_mark_values_what_is_left() -> None:
    unpriced = replace(NAKED, hedges=(replace(NAKED.hedges[0], net_usd=None),), holdings=(holding(price=None),))
    marked = replace(INCIDENT, legs=(replace(LEG, mark=50_000.0),))
    found = measured(unpriced, marked, markets={})
    assert (found.naked_usd, found.hedges[0].estimated, found.dollar_seconds) == (100_000.0, True, 1_000_000.0)
    assert [ticket.text.split(": ")[1].split(",")[0] for ticket in found.tickets] == ["expect 49990", "expect 49990"]
    assert not measured(NAKED, found).hedges[0].estimated


def test_an_incident_closes_when_its_hedge_is_in_balance_and_stays_as_it_was() -> None:
    closed = measured(snapshot(30), measured(NAKED))
    assert (closed.closed_at, closed.tickets, closed.naked_usd) == (at(30), (), 0.0)
    assert measured(later(NAKED, 90), closed) == closed


@pytest.mark.parametrize(
    "left",
    [
        hedge(0.08, 0.96),
        hedge(0.5, 0.8),
        hedge(0.01, 0.2),
    ],
    ids=["nearly hedged", "as it was before", "too little to matter"],
)
def test_balance_is_the_holders_not_perfection(left: object) -> None:
    meant = replace(INCIDENT, hedges=(replace(HIT, units_before=0.5),))
    assert measured(snapshot(30, hedges=(left,)), meant).closed_at == at(30)


def test_a_hedge_that_is_gone_leaves_nothing_naked() -> None:
    gone = measured(snapshot(30, positions=(), holdings=(), hedges=()))
    assert (gone.naked_usd, gone.closed_at) == (0.0, at(30))


def test_an_unhedged_position_leaves_nothing_naked() -> None:
    assert measured(snapshot(30), replace(INCIDENT, hedges=())).closed_at == at(30)


def test_what_a_blind_source_last_told_is_no_proof_of_balance() -> None:
    assert measured(snapshot(30, sources=(source(Health.STALE),))).closed_at is None


def test_an_explained_incident_is_over() -> None:
    explained = measured(NAKED, replace(INCIDENT, kind=IncidentKind.EXPLAINED))
    assert (explained.closed_at, explained.dollar_seconds) == (at(10), 0.0)


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("on", "on", "kept"),
        ("at-risk", "on", "kept"),
        ("on", "off", "lost"),
        ("on", "not-eligible", None),
        ("on", "unknown", None),
        ("off", "off", None),
        (None, "on", None),
    ],
)
def test_whether_the_shield_was_kept(before: str | None, now: str, expected: str | None) -> None:
    incident = replace(INCIDENT, hedges=(replace(HIT, shield_before=before),))
    assert measured(snapshot(10, hedges=(hedge(1.0, 0.5, shield=Shield(state=now)),)), incident).hedges[0].shield == expected


def test_a_shield_once_lost_stays_lost_in_the_report() -> None:
    lost = replace(INCIDENT, hedges=(replace(HIT, shield="lost"),))
    assert measured(snapshot(10, hedges=(hedge(1.0, 0.5, shield=Shield(state="on")),)), lost).hedges[0].shield == "lost"


def test_a_hedge_left_naked_comes_first_and_is_critical() -> None:
    calm = hedge(name="eth", legs=(), severity=Severity.WARNING)
    shown = with_incidents(replace(NAKED, hedges=(calm, *NAKED.hedges)), (INCIDENT,), MARKETS, SETTINGS)
    assert [(view.name, view.severity) for view in shown.hedges] == [("btc-carry", "critical"), ("eth", "warning")]
    assert shown.hedges[0].reasons == ("a leg was taken: naked long $100,000",)
    assert shown.severity is Severity.CRITICAL
    unknown = with_incidents(replace(NAKED, hedges=(hedge(None, None),)), (INCIDENT,), MARKETS, SETTINGS)
    assert unknown.hedges[0].reasons[0] == "a leg was taken: naked an unknown amount"
    short = with_incidents(replace(NAKED, hedges=(hedge(-2.0, 0.0),)), (INCIDENT,), MARKETS, SETTINGS)
    assert short.hedges[0].reasons[0] == "a leg was taken: naked short $100,000"


def test_the_two_tickets_back_are_priced_from_depth_where_it_is_known() -> None:
    reopen, close = measured(NAKED).tickets
    assert (reopen.title, reopen.hedge, reopen.from_depth) == ("Reopen the closed leg", "btc-carry", True)
    assert reopen.text == ("SELL 2 BTC/USDT:USDT at binance, account main: expect 49985, costs $79.98, by its order book")
    assert reopen.cost_usd == pytest.approx(2 * 15.0 + 0.0005 * 2 * 49_985.0)
    assert (close.title, close.from_depth) == ("Close the other leg", False)
    assert close.text == "SELL 2 BTC spot at binance, account main: expect 49990, costs $120.00, by an assumed spread"


def test_a_partly_closed_leg_is_reopened_by_what_is_missing_and_a_perp_is_closed_reduce_only() -> None:
    long = position(2.0, key="other:BTC/USDC:USDC:long", account="other", symbol="BTC/USDC:USDC", side=Side.LONG)
    shown = snapshot(10, positions=(position(1.5), long), holdings=(), hedges=(hedge(0.5, 0.75, legs=(SHORT, long.key)),))
    reopen, close = measured(shown).tickets
    assert reopen.text.startswith("SELL 0.5 BTC/USDT:USDT at binance, account main: expect")
    assert close.text.startswith("SELL 0.5 BTC/USDC:USDC at binance, account other, reduce-only: expect")


def test_orders_are_spread_over_legs_the_largest_first() -> None:
    other = replace(LEG, key="main:BTC/USDC:USDC:short", symbol="BTC/USDC:USDC", adl_units=0.5)
    third = replace(LEG, key="main:BTC/FDUSD:FDUSD:short", symbol="BTC/FDUSD:FDUSD", adl_units=0.25)
    incident = replace(INCIDENT, legs=(other, third, replace(LEG, adl_units=1.5)))
    reopen = measured(NAKED, incident).tickets[0]
    assert [line.split(" at ")[0] for line in reopen.text.splitlines()] == ["SELL 1.5 BTC/USDT:USDT", "SELL 0.5 BTC/USDC:USDC"]
    assert not reopen.from_depth


def test_a_short_that_is_left_is_bought_back() -> None:
    shown = snapshot(10, holdings=(), hedges=(hedge(-2.0, 0.0, legs=(SHORT,)),))
    spot_gone = replace(LEG, key="x:BTC/USDT:USDT:long", side=Side.LONG)
    reopen, close = measured(shown, replace(INCIDENT, legs=(spot_gone,))).tickets
    assert reopen.text.startswith("BUY 2 BTC/USDT:USDT")
    assert close.text.startswith("BUY 2 BTC/USDT:USDT at binance, account main, reduce-only")


def test_a_thin_or_old_book_is_said_to_be_one() -> None:
    market = MARKETS["binance", "BTC/USDT:USDT"]
    thin = replace(market, book=replace(BOOK, bids=((49_990.0, 0.1),)))
    assert "at least $" in measured(NAKED, markets={("binance", "BTC/USDT:USDT"): thin}).tickets[0].text
    old = replace(market, book=replace(BOOK, as_of=at(0) - timedelta(minutes=5)))
    assert not measured(NAKED, markets={("binance", "BTC/USDT:USDT"): old}).tickets[0].from_depth


def test_without_the_market_the_closing_price_serves_and_without_any_price_the_ticket_says_so() -> None:
    assert "expect 50989.8" in measured(NAKED, markets={}).tickets[0].text
    nothing = replace(INCIDENT, legs=(replace(LEG, closed_usd=0.0, priced_units=0.0),))
    unpriced = replace(NAKED, holdings=(holding(price=None),), hedges=(replace(NAKED.hedges[0], net_usd=None),))
    reopen, close = measured(unpriced, nothing, markets={}).tickets
    assert reopen.text == "SELL 2 BTC/USDT:USDT at binance, account main: price unknown"
    assert (reopen.cost_usd, close.cost_usd) == (None, None)


def test_an_inverse_leg_is_reopened_in_quote_units_and_a_multiplier_counts() -> None:
    inverse = replace(INCIDENT, legs=(replace(LEG, symbol="BTC/USD:BTC", contract=Contract.INVERSE),))
    assert measured(NAKED, inverse).tickets[0].text.startswith("SELL 102000 USD of BTC/USD:BTC at binance")
    pepe = replace(LEG, symbol="1000PEPE/USDT:USDT", adl_units=2e6, closed_usd=20_000.0, priced_units=2e6)
    shown = replace(NAKED, hedges=(hedge(2e9, 0.0, legs=(SPOT,)),))
    assert measured(shown, replace(INCIDENT, legs=(pepe,))).tickets[0].text.startswith("SELL 2000000 1000PEPE/USDT:USDT")


def test_a_venue_without_a_profile_costs_what_is_assumed() -> None:
    incident = replace(INCIDENT, legs=(replace(LEG, venue="nowhere"),))
    (found,) = with_incidents(NAKED, (incident,), {}, replace(SETTINGS, profiles={})).incidents
    assert found.tickets[0].cost_usd == pytest.approx(2 * 51_000.0 * 0.0007)


def test_incidents_come_back_from_json_as_they_were() -> None:
    shown = with_incidents(NAKED, (INCIDENT,), MARKETS, SETTINGS)
    assert decode(encode(shown)) == shown
