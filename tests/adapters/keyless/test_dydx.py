from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from adlwatch.adapters.base import BadPayload, SourceError
from adlwatch.adapters.dydx import KIND, DydxOptions, parse
from adlwatch.adapters.dydx.fills import fills
from adlwatch.adapters.dydx.parse import Wallet
from adlwatch.adapters.dydx.types import Address, FillRow, PerpetualMarkets, PerpetualPosition, Subaccount
from adlwatch.domain.model import FillKind, MarginMode, Side
from tests.adapters.emulators.dydx import ADDRESS, MARKET, SUBACCOUNT, Dydx, empty, fill, isolated
from tests.adapters.emulators.server import SERVER_ERROR
from tests.adapters.keyless.desk import SAMPLES, Desk, samples

START = datetime(2025, 10, 22, 12, 0, 1, tzinfo=UTC)


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk[Dydx]]:
    async with Dydx().open() as venue:
        made = Desk(venue, KIND, {"address": ADDRESS}, START)
        yield made
        await made.close()


def wallet(*documents: Any) -> Wallet:
    return Wallet("desk", msgspec.convert(documents, tuple[Subaccount, ...], strict=False), START)


def fill_rows(*documents: Any) -> list[FillRow]:
    return msgspec.convert(documents, list[FillRow], strict=False)


@pytest.mark.asyncio
async def test_the_documented_subaccount_becomes_a_reading(desk: Desk[Dydx]) -> None:
    reading = await desk.source().fetch()
    eth, btc = reading.positions
    assert (btc.symbol, btc.side, btc.size, btc.margin_mode) == ("BTC/USDC:USDC", Side.SHORT, 4.1368, MarginMode.CROSS)
    assert btc.entry_price == pytest.approx(112196.878488)
    assert btc.mark_price == pytest.approx(112196.878488 - 17002.285719484425 / 4.1368)
    assert btc.maintenance_margin == pytest.approx(4.1368 * (btc.mark_price or 0) * 0.012)
    assert (eth.side, eth.size) == (Side.LONG, 0.001)
    (account,) = reading.accounts
    assert account.equity == 161451.040416029
    assert account.wallet == pytest.approx(161451.040416029 - 17002.285719484 + 0.044675155)
    assert account.maintenance_margin == pytest.approx((btc.maintenance_margin or 0) + (eth.maintenance_margin or 0))
    assert reading.as_of == datetime(2025, 10, 22, 12, tzinfo=UTC)
    assert any("random" in note for note in reading.notes)


@pytest.mark.asyncio
async def test_markets_carry_mark_funding_open_interest_depth_and_candles(desk: Desk[Dydx]) -> None:
    bar = {"ticker": "BTC-USD", "low": "1", "high": "3", "open": "2", "close": "2", "baseTokenVolume": "7", "usdVolume": "14"}
    desk.venue.candles = [
        {**bar, "resolution": "1HOUR", "startedAt": "2025-10-20T10:00:00.000Z"},
        {**bar, "resolution": "5MINS", "startedAt": "2025-10-22T11:55:00.000Z"},
    ]
    reading = await desk.source().fetch()
    btc = next(market for market in reading.markets if market.symbol == "BTC/USDC:USDC")
    assert (btc.mark_price, btc.funding_rate, btc.funding_interval_hours) == (118976.5376, 0.0, 1.0)
    assert (btc.open_interest, btc.maintenance_rate) == (52.0691, 0.012)
    assert btc.volume_24h == pytest.approx(1292729.3605 / 118976.5376)
    assert btc.book is not None
    assert btc.book.bids == ((108080.0, 0.5),)
    assert [(candle.time.hour, candle.volume) for candle in btc.candles] == [(10, 7.0), (11, 7.0)]


@pytest.mark.asyncio
async def test_what_is_public_is_asked_once_for_all_sources_and_only_when_due(desk: Desk[Dydx]) -> None:
    first, second = desk.source("one"), desk.source("two")
    await first.fetch()
    await second.fetch()
    assert desk.venue.count("/v4/perpetualMarkets") == 1
    assert desk.venue.count("/v4/candles") == 4  # two markets, two resolutions
    await desk.after(5, first)
    assert {request["type"] for request in desk.venue.asked} == {f"/v4/addresses/{ADDRESS}", "/v4/height"}


@pytest.mark.asyncio
async def test_an_isolated_position_is_an_account_of_its_own_and_empty_children_are_left_out(desk: Desk[Dydx]) -> None:
    done = {**empty(), "subaccountNumber": 256, "equity": "0", "assetPositions": {}}
    desk.venue.subaccounts = [isolated(), done, SUBACCOUNT]
    reading = await desk.source().fetch()
    assert [account.id for account in reading.accounts] == ["desk", "desk/128"]
    child = reading.positions[-1]
    assert (child.account, child.symbol, child.mark_price) == ("desk/128", "SOL/USDC:USDC", 90.0)
    assert child.maintenance_margin is None  # its market is not in the list
    assert reading.accounts[1].maintenance_margin is None
    assert reading.accounts[1].wallet == 1000.0


@pytest.mark.asyncio
async def test_named_subaccounts_are_watched_and_a_missing_one_is_a_failure(desk: Desk[Dydx]) -> None:
    desk.venue.subaccounts = [SUBACCOUNT, isolated()]
    reading = await desk.source(subaccounts=[128]).fetch()
    assert [account.id for account in reading.accounts] == ["desk/128"]
    with pytest.raises(BadPayload, match="no sub-account 5"):
        await desk.source(subaccounts=[5]).fetch()


@pytest.mark.asyncio
async def test_an_unknown_address_is_a_failure_and_never_flat(desk: Desk[Dydx]) -> None:
    with pytest.raises(BadPayload, match="404"):
        await desk.source(address="dydx1" + "q" * 38).fetch()
    desk.venue.subaccounts = []
    with pytest.raises(BadPayload, match="no sub-account"):
        await desk.source().fetch()


@pytest.mark.asyncio
@pytest.mark.parametrize("restarted", [False, True], ids=["in one run", "between two runs"])
async def test_an_adl_is_told_at_the_poll_that_shows_the_shrink_and_once(desk: Desk[Dydx], *, restarted: bool) -> None:
    source = await desk.first(restarted=restarted)
    desk.venue.subaccounts = [empty()]
    desk.venue.fills = {0: [fill("OFFSETTING", size="4.1368"), fill(id="old", createdAt="2025-10-21T00:00:00.000Z")]}
    reading = await desk.after(5, source)
    (taken,) = reading.fills
    assert (taken.kind, taken.side, taken.size, taken.closes) == (FillKind.ADL, Side.SHORT, 4.1368, True)
    assert taken.account == "desk"
    assert (await desk.after(5, source)).fills == ()


@pytest.mark.asyncio
@pytest.mark.parametrize("restarted", [False, True], ids=["in one run", "between two runs"])
async def test_the_fills_of_a_child_account_that_went_are_still_asked_for(desk: Desk[Dydx], *, restarted: bool) -> None:
    desk.venue.subaccounts = [SUBACCOUNT, isolated()]
    source = await desk.first(restarted=restarted)
    desk.venue.subaccounts = [SUBACCOUNT, {**empty(), "subaccountNumber": 128, "equity": "0", "assetPositions": {}}]
    desk.venue.fills = {128: [fill("OFFSETTING", market="SOL-USD", size="10")]}
    reading = await desk.after(5, source)
    assert [(f.account, f.symbol, f.kind) for f in reading.fills] == [("desk/128", "SOL/USDC:USDC", FillKind.ADL)]


@pytest.mark.asyncio
async def test_fills_that_fill_several_pages_are_all_told_in_their_order(desk: Desk[Dydx]) -> None:
    source = desk.source()
    await source.fetch()
    times = [START + timedelta(milliseconds=10 * n) for n in range(250)]
    desk.venue.fills = {
        0: [fill(id=f"f{n}", createdAt=at.isoformat(timespec="milliseconds")[:23] + "Z") for n, at in enumerate(times)]
    }
    reading = await desk.after(130, source)
    assert [f.id for f in reading.fills] == [f"f{n}" for n in range(250)]


@pytest.mark.asyncio
async def test_failing_fills_markets_and_depth_leave_the_positions(desk: Desk[Dydx]) -> None:
    source = desk.source()
    desk.venue.faults = dict.fromkeys(("/v4/perpetualMarkets", "/v4/candles", "/v4/orderbooks", "/v4/fills"), SERVER_ERROR)
    await source.fetch()
    desk.venue.subaccounts = [empty(), isolated()]
    reading = await desk.after(60, source)
    assert [position.symbol for position in reading.positions] == ["SOL/USDC:USDC"]
    assert any("fills" in note for note in reading.notes)
    assert any("perpetualMarkets" in note for note in reading.notes)
    desk.venue.faults = {}
    desk.venue.fills = {0: [fill("OFFSETTING")]}
    assert [f.kind for f in (await desk.after(60, source)).fills] == [FillKind.ADL]


@pytest.mark.asyncio
async def test_a_lagging_indexer_dates_its_positions_and_is_said(desk: Desk[Dydx]) -> None:
    desk.venue.height["time"] = "2025-10-22T11:58:00.000Z"
    reading = await desk.source().fetch()
    assert reading.as_of == datetime(2025, 10, 22, 11, 58, tzinfo=UTC)
    assert any("121 s" in note for note in reading.notes)


@pytest.mark.asyncio
async def test_a_failing_height_fails_the_reading(desk: Desk[Dydx]) -> None:
    desk.venue.faults = {"/v4/height": SERVER_ERROR}
    with pytest.raises(SourceError):
        await desk.source().fetch()


def test_kinds_follow_the_indexers_types() -> None:
    types = ["OFFSETTING", "DELEVERAGED", "LIQUIDATED", "LIQUIDATION", "LIMIT", "NEW_WORD"]
    told = fills(fill_rows(*(fill(type_) for type_ in types)), "desk", {})
    kinds = [FillKind.ADL, FillKind.LIQUIDATION, FillKind.LIQUIDATION, FillKind.ORDER, FillKind.ORDER, FillKind.UNKNOWN]
    assert [f.kind for f in told] == kinds


def test_a_fill_through_zero_is_told_as_its_closing_and_its_opening_part() -> None:
    row = fill(size="3", price="90", positionSizeBefore="2", positionSideBefore="SHORT", entryPriceBefore="100", fee="3")
    closing, opening = fills(fill_rows(row), "desk", {})
    assert (closing.side, closing.size, closing.closes, closing.realized_pnl, closing.fee) == (Side.SHORT, 2.0, True, 20.0, 2.0)
    assert (opening.side, opening.size, opening.closes, opening.realized_pnl) == (Side.LONG, 1.0, False, None)
    assert closing.id != opening.id


def test_a_fill_that_does_not_say_what_it_changed_is_judged_by_what_was_held() -> None:
    rows = fill_rows(fill())
    assert [f.closes for f in fills(rows, "desk", {"BTC/USDC:USDC": Side.SHORT})] == [True]
    assert [f.closes for f in fills(rows, "desk", {})] == [False]
    with pytest.raises(BadPayload, match="side"):
        fills(fill_rows(fill(side="HOLD")), "desk", {})


@pytest.mark.parametrize(
    "change",
    [
        {"size": "4.1368"},
        {"side": "LONG"},
        {"status": "CLOSED"},
        {"unrealizedPnl": "-900000000"},
        {"size": "-4.0"},
        {"entryPrice": "100000"},
    ],
)
def test_a_position_at_odds_with_itself_or_with_the_equity_is_refused(change: dict[str, str]) -> None:
    row = {**SUBACCOUNT["openPerpetualPositions"]["BTC-USD"], **change}
    held = wallet({**SUBACCOUNT, "openPerpetualPositions": {"BTC-USD": row}})
    with pytest.raises(BadPayload):
        (parse.accounts(held, {}), parse.positions(held, {}))


def test_a_long_tail_market_keeps_its_base_only() -> None:
    assert parse.symbol("BTC-USD") == "BTC/USDC:USDC"
    assert parse.symbol("PEPE,raydium,abc123-USD") == "PEPE/USDC:USDC"


@pytest.mark.parametrize("text", ["0x" + "ab" * 32, "ab" * 32, " ".join(["word"] * 24), " ".join(["word"] * 12)])
def test_keys_and_seed_phrases_are_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="private key") as error:
        DydxOptions(address=text)
    assert text not in str(error.value)


@pytest.mark.parametrize("text", ["", "dydx1", "0x31ca8395cf837de08b24da3f660e77761dfb974b", ADDRESS.upper(), ADDRESS + "/x"])
def test_what_is_no_dydx_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="public address"):
        DydxOptions(address=text)


@pytest.mark.skipif(not SAMPLES.exists(), reason="venue samples are not beside the repository")
def test_every_sample_document_is_read() -> None:
    rows = [*samples("dydx", "parse_position"), *(row for d in samples("dydx", "fetch_positions") for row in d["positions"])]
    assert len(rows) == 2
    for row in msgspec.convert(rows, list[PerpetualPosition], strict=False):
        (position,) = parse.positions(wallet({**empty(), "openPerpetualPositions": {row.market: msgspec.to_builtins(row)}}), {})
        assert (position.side, position.size) == (Side.SHORT, 0.407)
        assert position.mark_price == pytest.approx(118692.04840909 + 57.26681734 / 0.407)
    (address,) = samples("dydx", "fetch_accounts")
    held = Wallet("desk", parse.chosen(msgspec.convert(address, Address, strict=False).subaccounts, None), START)
    assert parse.accounts(held, {})[0].equity == 25346.73993597
    assert len(parse.positions(held, {})) == 1
    (balance,) = samples("dydx", "fetch_balance")
    assert balance["subaccount"] == SUBACCOUNT
    (markets,) = samples("dydx", "fetch_markets")
    assert markets["markets"]["BTC-USD"] == MARKET
    assert msgspec.convert(markets, PerpetualMarkets, strict=False).markets["BTC-USD"].volume == 1292729.3605
