from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.lighter import KIND, LighterOptions, parse
from adlwatch.adapters.lighter.activity import kind
from adlwatch.adapters.lighter.parse import Wallet
from adlwatch.adapters.lighter.types import AccountRow, Accounts, FundingRates, Markets, PositionRow, TradeRow
from adlwatch.domain.model import FillKind, MarginMode, Side
from tests.adapters.emulators.lighter import ACCOUNT, ADDRESS, FUND, INDEX, MARKET, POSITION, TRADE, Lighter
from tests.adapters.emulators.server import SERVER_ERROR
from tests.adapters.keyless.desk import SAMPLES, Desk, samples

START = datetime(2026, 1, 6, 12, tzinfo=UTC)
MILLIS = int(START.timestamp() * 1000)


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk[Lighter]]:
    async with Lighter().open() as venue:
        made = Desk(venue, KIND, {"address": ADDRESS}, START)
        yield made
        await made.close()


def wallet(*accounts: Any) -> Wallet:
    return Wallet("desk", msgspec.convert(accounts, tuple[AccountRow, ...], strict=False), START)


def isolated(**fields: Any) -> dict[str, Any]:
    return {**POSITION, "sign": -1, "margin_mode": 1, "allocated_margin": "500", "unrealized_pnl": "-6197.829558", **fields}


def trade(type_: str = "deleverage", **fields: Any) -> dict[str, Any]:
    """Account 1077 sold."""
    return {**TRADE, "type": type_, "size": "18.0193", "ask_account_id": INDEX, "timestamp": MILLIS + 1000, **fields}


@pytest.mark.asyncio
async def test_the_documented_account_becomes_a_reading(desk: Desk[Lighter]) -> None:
    reading = await desk.source().fetch()
    (position,) = reading.positions
    assert (position.symbol, position.side, position.size, position.entry_price) == ("ETH/USDC:USDC", Side.LONG, 18.0193, 2669.84)
    assert position.mark_price == pytest.approx(54306.566340 / 18.0193)
    assert (position.margin_mode, position.isolated_margin, position.leverage) == (MarginMode.CROSS, None, 20.0)
    assert position.maintenance_margin == pytest.approx(54306.566340 * 0.012)
    assert position.liquidation_price == 2191.1107231380406
    (account,) = reading.accounts
    assert (account.id, account.equity) == ("desk", 15298.072264000002)
    assert account.wallet == pytest.approx(9100.242706)
    assert account.maintenance_margin == pytest.approx(54306.566340 * 0.012)
    assert not any("collateral" in note for note in reading.notes)


@pytest.mark.asyncio
async def test_the_market_held_carries_its_own_funding_depth_candles_and_insurance(desk: Desk[Lighter]) -> None:
    desk.venue.candles[0] = {**desk.venue.candles[0], "t": MILLIS - 300_000}
    reading = await desk.source().fetch()
    (market,) = reading.markets
    assert market.funding_rate == pytest.approx(0.000012)  # 0.000096 per 8 h; not Binance's
    assert market.funding_interval_hours == 1.0
    assert (market.open_interest, market.volume_24h, market.maintenance_rate) == (39559.3278, 481297.3509, 0.012)
    assert market.mark_price == reading.positions[0].mark_price
    assert market.book is not None
    assert (market.book.bids, market.book.asks) == (((3429.8, 1.3237),), ((3430.0, 0.2),))
    assert [candle.close for candle in market.candles] == [3235.39]
    assert [(pool.name, pool.balance) for pool in reading.pools] == [(f"insurance fund {FUND}", 7_000_000.0)]


def test_the_sign_and_not_the_size_says_the_side() -> None:
    (short,) = parse.positions(wallet({**ACCOUNT, "positions": [isolated()]}), {})
    assert (short.side, short.size, short.margin_mode, short.isolated_margin) == (Side.SHORT, 18.0193, MarginMode.ISOLATED, 500.0)
    assert short.maintenance_margin is None  # the market is not known


def test_an_isolated_position_is_not_behind_the_cross_equity() -> None:
    held = wallet({**ACCOUNT, "positions": [POSITION, isolated(market_id=1, symbol="BTC")]})
    (account,) = parse.accounts(held, {})
    assert account.equity == 15298.072264000002
    assert account.wallet == pytest.approx(9100.242706)


def test_rows_of_past_positions_are_no_positions() -> None:
    past = {**POSITION, "position": "0.0000", "avg_entry_price": "0.0000", "position_value": "0.000000", "sign": 0}
    assert parse.positions(wallet({**ACCOUNT, "positions": [past]}), {}) == ()


@pytest.mark.parametrize(
    "change", [{"sign": 0}, {"margin_mode": 2}, {"avg_entry_price": "0"}, {"position_value": "0"}, {"position": "1e-300"}]
)
def test_a_position_that_cannot_be_understood_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadPayload, match="ETH"):
        parse.positions(wallet({**ACCOUNT, "positions": [{**POSITION, **change}]}), {})


def test_a_doubled_row_is_refused() -> None:
    with pytest.raises(BadPayload, match="twice"):
        parse.positions(wallet({**ACCOUNT, "positions": [POSITION, POSITION]}), {})


@pytest.mark.asyncio
async def test_sub_accounts_of_an_address_are_accounts_of_one_owner(desk: Desk[Lighter]) -> None:
    desk.venue.accounts = [{**ACCOUNT, "index": 90000, "account_type": 1}, ACCOUNT]
    reading = await desk.source().fetch()
    assert [account.id for account in reading.accounts] == ["desk", "desk/90000"]
    assert [position.account for position in reading.positions] == ["desk", "desk/90000"]


@pytest.mark.asyncio
async def test_one_account_can_be_watched_by_its_index(desk: Desk[Lighter]) -> None:
    reading = await desk.source(address=None, index=INDEX).fetch()
    assert [account.id for account in reading.accounts] == ["desk"]
    assert desk.venue.asked[0]["by"] == "index"


@pytest.mark.asyncio
async def test_a_reply_about_nobody_or_somebody_else_is_a_failure(desk: Desk[Lighter]) -> None:
    source = desk.source()
    for accounts in ([], [{**ACCOUNT, "l1_address": "0x" + "0" * 40}], [ACCOUNT, ACCOUNT]):
        desk.venue.accounts = accounts
        with pytest.raises(BadPayload):
            await source.fetch()
    desk.venue.accounts = [ACCOUNT]
    with pytest.raises(BadPayload, match="another account"):
        await desk.source("other", address=None, index=5).fetch()


@pytest.mark.asyncio
@pytest.mark.parametrize("body", [{"code": 21100, "message": "account not found"}, {"code": 200}, {}, []])
async def test_a_200_that_says_no_or_lacks_its_list_is_a_failure(desk: Desk[Lighter], body: Any) -> None:
    desk.venue.whole["account"] = body
    with pytest.raises(BadPayload):
        await desk.source().fetch()


@pytest.mark.asyncio
async def test_spot_balances_are_legs_but_cash_is_not(desk: Desk[Lighter]) -> None:
    assets = [{"symbol": "ETH", "asset_id": "1", "balance": "3.0"}, {"symbol": "USDC", "asset_id": "3", "balance": "1000.0"}]
    desk.venue.accounts = [{**ACCOUNT, "assets": assets, "positions": [], "cross_asset_value": "9536.8", "collateral": "9000"}]
    reading = await desk.source().fetch()
    assert [(holding.asset, holding.amount) for holding in reading.holdings] == [("ETH", 3.0)]
    assert any("collateral" in note for note in reading.notes)
    assert (reading.markets, reading.pools) == ((), ())


@pytest.mark.asyncio
@pytest.mark.parametrize("restarted", [False, True], ids=["in one run", "between two runs"])
async def test_an_adl_is_found_among_the_public_trades_once_a_position_shrank(desk: Desk[Lighter], *, restarted: bool) -> None:
    source = await desk.first(restarted=restarted)
    assert desk.venue.count("recentTrades") == 0
    desk.venue.accounts = [{**ACCOUNT, "positions": []}]
    earlier = trade(timestamp=MILLIS - 60_000, trade_id=1)
    desk.venue.trades = [trade(), {**TRADE, "timestamp": MILLIS + 500}, earlier]
    reading = await desk.after(5, source)
    (taken,) = reading.fills
    assert (taken.kind, taken.side, taken.size, taken.price) == (FillKind.ADL, Side.LONG, 18.0193, 2385.57)
    assert (taken.closes, taken.account, taken.symbol) == (True, "desk", "ETH/USDC:USDC")
    assert (await desk.after(5, source)).fills == ()
    assert desk.venue.count("recentTrades") == 0


@pytest.mark.asyncio
async def test_trades_listed_late_or_failing_are_asked_for_again(desk: Desk[Lighter]) -> None:
    source = desk.source()
    await source.fetch()
    desk.venue.accounts = [{**ACCOUNT, "positions": []}]
    desk.venue.faults = {"/api/v1/recentTrades": SERVER_ERROR}
    assert any("recentTrades" in note for note in (await desk.after(5, source)).notes)
    desk.venue.faults = {}
    assert (await desk.after(5, source)).fills == ()
    desk.venue.trades = [trade()]
    assert [fill.kind for fill in (await desk.after(5, source)).fills] == [FillKind.ADL]


@pytest.mark.asyncio
async def test_a_window_of_trades_that_is_too_short_is_said(desk: Desk[Lighter]) -> None:
    source = desk.source()
    await source.fetch()
    desk.venue.accounts = [{**ACCOUNT, "positions": []}]
    desk.venue.trades = [{**TRADE, "trade_id": n, "timestamp": MILLIS + 4000} for n in range(100)]
    assert any("do not reach back" in note for note in (await desk.after(5, source)).notes)


@pytest.mark.parametrize(
    ("type_", "maker_ask", "sound", "expected"),
    [
        ("deleverage", False, True, FillKind.ADL),
        ("deleverage", False, False, FillKind.LIQUIDATION),
        ("liquidation", False, True, FillKind.LIQUIDATION),
        ("liquidation", True, True, FillKind.ORDER),
        ("trade", False, True, FillKind.ORDER),
        ("market-settlement", False, True, FillKind.SETTLEMENT),
        ("new-word", False, True, FillKind.UNKNOWN),
    ],
)
def test_the_reason_of_a_fill(type_: str, maker_ask: bool, sound: bool, expected: FillKind) -> None:  # noqa: FBT001 -- a table
    row = msgspec.convert(trade(type_, is_maker_ask=maker_ask), TradeRow, strict=False)
    assert kind(row, sold=True, sound=sound) is expected


def test_what_is_no_account_is_refused() -> None:
    for options in ({}, {"address": ADDRESS, "index": 1}, {"address": "0x12"}, {"address": "0x" + "ab" * 32}):
        with pytest.raises(ValueError, match="address") as error:
            LighterOptions(**options)
        assert "ababab" not in str(error.value)


@pytest.mark.skipif(not SAMPLES.exists(), reason="venue samples are not beside the repository")
def test_every_sample_document_is_read() -> None:
    rows = [row for d in samples("lighter", "fetch_positions") for a in d["accounts"] for row in a["positions"]]
    rows += samples("lighter", "parse_position")
    assert rows == [POSITION, POSITION]
    assert len(msgspec.convert(rows, list[PositionRow], strict=False)) == 2
    for document in samples("lighter", "fetch_balance", "fetch_accounts", "fetch_positions"):
        (row,) = parse.chosen(msgspec.convert(document, Accounts, strict=False).accounts or [], ADDRESS, INDEX)
        assert row.cross_asset_value > 9000
    for document in samples("lighter", "fetch_markets", "fetch_ticker"):
        found = msgspec.convert(document, Markets, strict=False).order_book_details
        assert found is not None
        assert found[0].symbol == "ETH"
    assert samples("lighter", "fetch_ticker")[0]["order_book_details"] == [MARKET]
    (rates,) = samples("lighter", "fetch_funding_rates")
    assert msgspec.convert(rates, FundingRates, strict=False).funding_rates is not None
