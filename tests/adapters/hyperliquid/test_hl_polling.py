"""What is asked, how often, and what it costs."""

import asyncio
from datetime import UTC, datetime

import pytest

from adlwatch.adapters.base import RateLimited, Retry
from adlwatch.domain.model import Book, FillKind, Side
from tests.adapters.emulators.hyperliquid import ADDRESS
from tests.adapters.emulators.server import HANG, SERVER_ERROR
from tests.adapters.hyperliquid.conftest import Desk
from tests.adapters.hyperliquid.rows import adl, candle, fill, market, markets, position, state

pytestmark = pytest.mark.asyncio
OTHER = "0x" + "1" * 40
HOUR = 3_600_000
START = int(datetime(2024, 2, 22, 17, 0, tzinfo=UTC).timestamp() * 1000)


async def test_an_ordinary_poll_costs_two_and_four_when_the_spot_legs_are_looked_at_again(desk: Desk) -> None:
    source = desk.source()
    await source.fetch()
    assert (
        desk.venue.weight == 20 + 20 + 2 + 2 + 2 + 20 + 40 + 2 + 6
    )  # mode, dexs, 2 states, spot, markets, candles, book, 3 vaults
    weights = []
    for _ in range(3):
        await desk.after(5, source)
        weights.append(desk.venue.weight)
    assert weights == [2, 2, 4]


async def test_a_spot_leg_keeps_the_time_it_was_looked_at(desk: Desk) -> None:
    source = desk.source()
    first, second = await source.fetch(), await desk.after(5, source)
    assert second.holdings[0].as_of == first.holdings[0].as_of == first.received_at
    assert (await desk.after(10, source)).holdings[0].as_of == desk.now[0]


async def test_a_balance_that_is_margin_is_asked_for_at_every_poll(desk: Desk) -> None:
    desk.venue.mode = "unifiedAccount"
    source = desk.source()
    await source.fetch()
    await desk.after(5, source)
    assert desk.venue.count("spotClearinghouseState") == 1
    desk.venue.faults = {"spotClearinghouseState": SERVER_ERROR}
    with pytest.raises(Retry):
        await desk.after(5, source)


async def test_what_is_public_is_asked_once_for_all_addresses(desk: Desk) -> None:
    first, second = desk.source("one"), desk.source("two", OTHER)
    await first.fetch()
    desk.venue.asked.clear()
    await second.fetch()
    assert {kind for kind in ("metaAndAssetCtxs", "perpDexs") if desk.venue.count(kind)} == set()
    assert desk.venue.count("clearinghouseState") == 2


async def test_our_count_of_the_weight_is_the_venues(desk: Desk) -> None:
    source = desk.source()
    await source.fetch()
    assert desk.shared.http.limiter.used() == desk.venue.weight


async def test_a_dex_is_found_by_the_first_fill_in_it_and_asked_from_then_on(desk: Desk) -> None:
    desk.venue.dexs = [None, {"name": "xyz"}]
    desk.venue.markets |= {"xyz": markets(market("xyz:XYZ100", 200))}
    source = desk.source()
    await source.fetch()
    desk.venue.states[ADDRESS, "xyz"] = state(position("xyz:XYZ100", 1, 190, 200))
    desk.venue.fills = [fill(coin="xyz:XYZ100", startPosition="0.0", sz="1", time=START + HOUR)]
    opened = await desk.after(121, source)
    assert [(f.symbol, f.closes, f.account) for f in opened.fills] == [("xyz:XYZ100/USDC:USDC", False, "desk/xyz")]
    seen = await desk.after(5, source)
    assert [p.symbol for p in seen.positions] == ["ETH/USDC:USDC", "xyz:XYZ100/USDC:USDC"]


async def test_all_dexs_are_looked_through_every_hour(desk: Desk) -> None:
    desk.venue.dexs = [None, {"name": "xyz"}]
    desk.venue.markets |= {"xyz": markets(market("xyz:XYZ100", 200))}
    source = desk.source()
    await source.fetch()
    desk.venue.states[ADDRESS, "xyz"] = state(position("xyz:XYZ100", 1, 190, 200))
    assert len((await desk.after(60, source)).positions) == 1
    assert len((await desk.after(3600, source)).positions) == 2


async def test_a_fixed_list_of_dexs_is_all_that_is_asked(desk: Desk) -> None:
    source = desk.source(dexs=())
    await source.fetch()
    assert desk.venue.count("perpDexs") == 0
    assert [r.get("dex") for r in desk.venue.asked if r.get("user") == ADDRESS and r["type"] == "clearinghouseState"] == [None]


async def test_a_shrunk_position_has_its_fills_asked_for_at_once(desk: Desk) -> None:
    desk.venue.states[ADDRESS, ""] = state(position("AVAX", -28.53, 28.8845, 22.025))
    source = desk.source()
    await source.fetch()
    desk.venue.states[ADDRESS, ""] = state()
    desk.venue.fills = [adl(time=START + HOUR)]
    reading = await desk.after(5, source)
    (found,) = reading.fills
    assert (found.kind, found.side, found.size, found.price) == (FillKind.ADL, Side.SHORT, 28.53, 22.075)
    assert (found.closes, found.mark_price, found.fee, found.realized_pnl) == (True, 22.025, 0.0, 194.275035)
    assert (await desk.after(5, source)).fills == ()
    assert (await desk.after(121, source)).fills == ()


async def test_fills_that_are_listed_late_are_asked_for_again(desk: Desk) -> None:
    source = desk.source()
    await source.fetch()
    desk.venue.states[ADDRESS, ""] = state()
    assert (await desk.after(5, source)).fills == ()
    desk.venue.fills = [adl(time=START + HOUR)]
    assert len((await desk.after(5, source)).fills) == 1


async def test_fills_that_cannot_be_had_are_noted_and_asked_for_again(desk: Desk) -> None:
    source = desk.source()
    await source.fetch()
    desk.venue.states[ADDRESS, ""] = state()
    desk.venue.fills = [adl(time=START + HOUR)]
    desk.venue.faults = {"userFillsByTime": SERVER_ERROR}
    reading = await desk.after(5, source)
    assert reading.fills == ()
    assert any(note.startswith("userFillsByTime: HTTP 503") for note in reading.notes)
    desk.venue.faults = {}
    assert len((await desk.after(5, source)).fills) == 1


async def test_fills_are_asked_for_more_rarely_while_the_budget_is_tight_but_not_after_a_shrink(desk: Desk) -> None:
    source = desk.source()
    await source.fetch()
    desk.shared.http.limiter.budget = 9600.0
    desk.shared.http.limiter.charge(5000)
    await desk.after(121, source)
    assert desk.venue.count("userFillsByTime") == 0
    await desk.after(481, source)
    assert desk.venue.count("userFillsByTime") == 1
    desk.venue.states[ADDRESS, ""] = state()
    await desk.after(5, source)
    assert desk.venue.count("userFillsByTime") == 1


async def test_every_fill_is_told_once_even_one_listed_a_little_late(desk: Desk) -> None:
    source = desk.source()
    await source.fetch()
    told = []
    for tid, late in ((1, 0), (2, 0), (3, 9_000), (4, -20_000)):
        desk.venue.fills.append(fill(tid=tid, time=START + HOUR - late))
        desk.venue.fills.append(fill(tid=tid + 10, coin="@107", time=START + HOUR + tid))
        told.append([f.id for f in (await desk.after(121, source)).fills])
    assert told == [["1"], ["2"], ["3"], ["4"]]
    assert set(source._activity._told) == {"4"}
    assert desk.venue.asked[-1]["startTime"] == START + HOUR + 3 - 10_000


async def test_more_fills_than_a_page_holds_are_all_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adlwatch.adapters.hyperliquid.activity.FILLS_PER_PAGE", 3)
    desk.venue.page = 3
    source = desk.source()
    await source.fetch()
    desk.venue.fills = [adl(tid=n, time=START + HOUR + n // 2) for n in range(1, 12)]
    assert [f.id for f in (await desk.after(121, source)).fills] == [str(n) for n in range(1, 12)]


async def test_a_fill_whose_reason_we_do_not_know_is_kept_and_noted(desk: Desk) -> None:
    source = desk.source()
    await source.fetch()
    desk.venue.fills = [fill(dir="Quantum Close", time=START + HOUR)]
    reading = await desk.after(121, source)
    assert reading.fills[0].kind is FillKind.UNKNOWN
    assert "fills with a reason we do not know: Quantum Close" in reading.notes


@pytest.mark.parametrize("kind", ["userAbstraction", "perpDexs"])
async def test_what_hardly_changes_is_kept_when_it_cannot_be_had_again(desk: Desk, kind: str) -> None:
    source = desk.source()
    await source.fetch()
    desk.venue.faults = {kind: SERVER_ERROR}
    reading = await desk.after(3601, source)
    assert reading.positions
    assert any(note.startswith(f"{kind}: HTTP 503") for note in reading.notes)


@pytest.mark.parametrize("kind", ["metaAndAssetCtxs", "candleSnapshot", "l2Book"])
async def test_what_is_only_context_never_fails_a_reading_and_is_not_asked_for_at_every_poll(desk: Desk, kind: str) -> None:
    desk.venue.faults = {kind: SERVER_ERROR}
    source = desk.source()
    reading = await source.fetch()
    assert reading.positions
    assert any(note.startswith(f"{kind}: HTTP 503") for note in reading.notes)
    again = await desk.after(5, source)
    assert desk.venue.count(kind) == 0
    assert any(note.startswith(f"{kind}: HTTP 503") for note in again.notes)


async def test_old_market_figures_keep_their_own_time(desk: Desk) -> None:
    source = desk.source()
    first = await source.fetch()
    desk.venue.faults = {"metaAndAssetCtxs": SERVER_ERROR}
    later = await desk.after(60, source)
    assert later.markets[0].as_of == first.markets[0].as_of


async def test_markets_are_those_held_and_those_that_price_a_spot_leg(desk: Desk) -> None:
    desk.venue.markets[""] = markets(market("ETH", 2986), market("PURR", 1), market("BTC", 3), market("DOGE", 4))
    desk.venue.spot["balances"].append({"coin": "UBTC", "token": 197, "total": "1"})
    reading = await desk.source().fetch()
    assert [m.symbol.partition("/")[0] for m in reading.markets] == ["ETH", "PURR", "BTC"]
    eth = reading.markets[0]
    assert (eth.funding_rate, eth.funding_interval_hours, eth.maintenance_rate) == (0.0000125, 1.0, 0.025)


async def test_candles_are_fetched_once_then_extended_and_merged_into_hours(desk: Desk) -> None:
    desk.venue.candles = [candle(START - n * HOUR, 60, 100 + n) for n in range(300, 23, -1)]
    desk.venue.candles += [candle(START - n * 300_000, 5, 50 + n, volume=2) for n in range(288, -1, -1)]
    source = desk.source()
    bars = (await source.fetch()).markets[0].candles
    assert [bar.time for bar in bars] == sorted({bar.time for bar in bars})
    assert (bars[0].close, bars[-1].close, bars[-1].volume) == (400, 50, 2)
    desk.venue.candles.append(candle(START + 1_200_000, 5, 7))
    later = (await desk.after(1201, source)).markets[0].candles
    assert desk.venue.count("candleSnapshot") == 1
    assert later[-1].close == 7
    merged = (await desk.after(24 * 3600, source)).markets[0].candles
    hour = next(bar for bar in merged if bar.time == datetime(2024, 2, 22, 16, tzinfo=UTC))
    assert (hour.open, hour.high, hour.low, hour.close, hour.volume) == (62, 63, 50, 51, 24)


async def test_the_depth_of_what_is_held_is_looked_at_twice_a_minute(desk: Desk) -> None:
    source = desk.source()
    book = (await source.fetch()).markets[0].book
    assert book == Book(
        bids=((113377.0, 7.6699), (113376.0, 4.13714)),
        asks=((113397.0, 0.11543),),
        as_of=datetime(2025, 8, 6, 3, 29, 34, 231000, tzinfo=UTC),
    )
    counts = []
    for _ in range(6):
        await desk.after(5, source)
        counts.append(desk.venue.count("l2Book"))
    assert counts == [0, 0, 0, 0, 0, 1]


async def test_the_liquidator_vaults_are_shown_as_pools(desk: Desk) -> None:
    liquidator = "0x2e3d94f0562703b25c83308a05046ddaf9a8dd14"
    desk.venue.states[liquidator, ""] = state(equity=-10_930_000.0)
    pools = (await desk.source().fetch()).pools
    assert (pools[0].name, pools[0].balance) == ("HLP Liquidator", -10_930_000.0)


async def test_a_ban_of_one_address_is_a_ban_of_all(desk: Desk) -> None:
    one, two = desk.source("one"), desk.source("two", OTHER)
    await one.fetch()
    desk.shared.http.limiter.ban(30)
    desk.venue.asked.clear()
    with pytest.raises(RateLimited):
        await two.fetch()
    assert desk.venue.asked == []


async def test_connections_close_when_the_last_source_does(desk: Desk) -> None:
    one, two = desk.source("one"), desk.source("two", OTHER)
    await one.fetch()
    await two.fetch()
    await one.close()
    assert desk.shared.http._session is not None
    await two.close()
    assert desk.shared.http._session is None


@pytest.mark.parametrize("kind", ["userFillsByTime", "metaAndAssetCtxs"])
async def test_a_fetch_that_is_given_up_loses_no_fill(desk: Desk, kind: str) -> None:
    source = desk.source()
    await source.fetch()
    desk.venue.states[ADDRESS, ""] = state(position("BTC", 1, 100, 100))
    desk.venue.fills = [adl(time=START + HOUR)]
    desk.venue.faults = {kind: HANG}
    fetch = asyncio.create_task(desk.after(60, source))
    await asyncio.wait_for(desk.venue.hanging.wait(), 5)
    fetch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetch
    desk.venue.faults = {}
    assert len((await desk.after(5, source)).fills) == 1
