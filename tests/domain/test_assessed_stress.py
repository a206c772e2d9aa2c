"""Stress and carry where they are shown: in the snapshot."""

from datetime import UTC, datetime

import pytest

from adlwatch.domain.assess import States, assess
from adlwatch.domain.give_back import GiveBack
from adlwatch.domain.model import Account, AdlWarning, Holding, Market, Pool, Position, Side, VenueLight
from adlwatch.domain.outlook import Outlook
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import Severity, Snapshot, StressLevel, decode, encode
from adlwatch.venues import profiles

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SYMBOL = "BTC/USDT:USDT"


def snapshot(*, state: str = "low", balance: float = 1e6, outlooks: dict[str, Outlook] | None = None) -> Snapshot:
    short = Position(
        account="a",
        venue="binance",
        symbol=SYMBOL,
        side=Side.SHORT,
        size=1.0,
        entry_price=60_000.0,
        mark_price=54_000.0,
        liquidation_price=90_000.0,
        venue_light=VenueLight(2, NOW),
    )
    reading = Reading(
        source="s",
        as_of=NOW,
        received_at=NOW,
        positions=(short,),
        holdings=(Holding(account="a", venue="binance", asset="BTC", amount=1.0),),
        markets=(Market(venue="binance", symbol=SYMBOL, funding_rate=0.0001, funding_interval_hours=8.0),),
        pools=(Pool(venue="binance", name="majors", balance=balance, symbols=(SYMBOL,), as_of=NOW),),
        warnings=(AdlWarning(venue="binance", symbol=SYMBOL, state=state, as_of=NOW),),
    )
    source = SourceState(id="s", kind="binance", interval=5.0, reading=reading)
    return assess(States((source,), outlooks=outlooks or {}), Settings(profiles=profiles()), NOW)


def test_stress_of_pools_and_markets_is_in_the_snapshot() -> None:
    shot = snapshot()
    pool, market = shot.stress
    assert (pool.pool, pool.balance, pool.level) == ("majors", 1e6, StressLevel.CALM)
    assert (market.warning, market.level) == ("low", StressLevel.CALM)
    assert decode(encode(shot)) == shot


@pytest.mark.parametrize(("state", "balance"), [("adl", 1e6), ("low", 0.0)])
def test_adl_in_the_market_or_an_empty_pool_raises_a_light_from_3_on(state: str, balance: float) -> None:
    calm, pressed = snapshot(), snapshot(state=state, balance=balance)
    assert calm.positions[0].light.level == 3
    assert (calm.positions[0].severity, pressed.positions[0].severity) == (Severity.WATCH, Severity.WARNING)
    assert (calm.positions[0].stress, pressed.positions[0].stress) == (StressLevel.CALM, StressLevel.CRITICAL)
    assert pressed.positions[0].stress_age_seconds == 0.0
    assert "the venue's ADL is near or running" in pressed.positions[0].reasons[0]


def test_owner_group_of_an_account_keeps_its_legs_apart() -> None:
    legs = tuple(
        Position(account=name, venue="binance", symbol=SYMBOL, side=side, size=1.0, entry_price=1.0, mark_price=1.0)
        for name, side in (("a", Side.SHORT), ("b", Side.LONG))
    )
    accounts = (Account(id="a", venue="binance", owner="anna"), Account(id="b", venue="binance", owner="bob"))
    reading = Reading(source="s", as_of=NOW, received_at=NOW, positions=legs, accounts=accounts)
    source = SourceState(id="s", kind="binance", interval=5.0, reading=reading)
    assert [h.kind for h in assess(States((source,)), Settings(), NOW).hedges] == ["unhedged", "unhedged"]
    together = assess(States((source,)), Settings(owners={"a": "us", "b": "us"}), NOW)
    assert [(h.name, h.kind) for h in together.hedges] == [("us/btc", "perp-perp")]


def test_the_users_group_of_an_account_goes_before_what_a_source_says_of_its_pool() -> None:
    leg = Position(account="a/BTC", venue="binance", symbol=SYMBOL, side=Side.LONG, size=1.0, entry_price=1.0, mark_price=1.0)
    accounts = (Account(id="a/BTC", venue="binance", owner="anna"),)
    reading = Reading(source="s", as_of=NOW, received_at=NOW, positions=(leg,), accounts=accounts)
    source = SourceState(id="s", kind="binance", interval=5.0, reading=reading)
    owners = [assess(States((source,)), Settings(owners=each), NOW).hedges[0].name for each in ({}, {"a": "us"})]
    assert owners == ["anna/btc", "us/btc"]


def test_both_ends_of_a_hedge_stand_on_one_line() -> None:
    (hedge,) = snapshot().hedges
    assert hedge.light is not None
    assert hedge.light.level == 3
    assert (hedge.liquidation_leg, hedge.liquidation_minutes) == (f"a:{SYMBOL}:short", None)
    assert hedge.liquidation_distance == pytest.approx(36 / 54)


def test_price_of_a_closed_leg_is_in_the_snapshot() -> None:
    ahead = Outlook(NOW, (), GiveBack(0.001, 0.01, "range"))
    whole = snapshot(outlooks={f"a:{SYMBOL}:short": ahead}).hedges[0].if_closed[2]
    assert (whole.give_back_low_usd, whole.give_back_high_usd) == (54.0, 540.0)
    assert whole.rebuild_usd is not None
    assert whole.carry_days == pytest.approx((540.0 + whole.rebuild_usd) / 16.2)  # 54,000 * 3 bp a day
    assert snapshot().hedges[0].if_closed[2].give_back_high_usd is None


def test_carry_of_a_hedge_is_in_the_snapshot() -> None:
    (hedge,) = snapshot().hedges
    assert hedge.carry_apr == pytest.approx(0.1095)  # 1 bp three times a day
    assert hedge.carry_usd_per_day == pytest.approx(54_000 * 0.0003)
    assert hedge.carry_missing == ()
