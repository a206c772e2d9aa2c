from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from adlwatch.adapters.aster import KIND, AsterOptions, parse
from adlwatch.adapters.aster.parse import Wallet
from adlwatch.adapters.aster.types import Balance, FundingInfo, PremiumIndex
from adlwatch.adapters.base import BadPayload, Unsupported
from adlwatch.domain.light import LightState, normalise
from adlwatch.domain.model import FillKind, MarginMode, Side
from adlwatch.venues import profiles
from tests.adapters.emulators.aster import ADDRESS, BALANCE, FILL, POSITION, Aster
from tests.adapters.emulators.server import SERVER_ERROR
from tests.adapters.keyless.desk import SAMPLES, Desk, samples

START = datetime(2026, 3, 21, 12, tzinfo=UTC)
MILLIS = int(START.timestamp() * 1000)


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk[Aster]]:
    async with Aster().open() as venue:
        made = Desk(venue, KIND, {"address": ADDRESS, "market_url": venue.url}, START)
        yield made
        for common in made.shared.values():
            await common.market_http.close()
        await made.close()


def balance(*rows: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**BALANCE, "positions": [{"tradingProduct": "perps", "positions": list(rows)}], **fields}


def wallet(*rows: dict[str, Any], **fields: Any) -> Wallet:
    return Wallet("desk", msgspec.convert(balance(*rows, **fields), Balance, strict=False), START)


@pytest.mark.asyncio
async def test_the_documented_balance_becomes_a_reading_with_the_venues_light(desk: Desk[Aster]) -> None:
    reading = await desk.source().fetch()
    (position,) = reading.positions
    assert (position.symbol, position.side, position.size) == ("BTC/USDT:USDT", Side.LONG, 1.34)
    assert (position.entry_price, position.mark_price) == (84490.74932115, 74050.21351863)
    assert (position.margin_mode, position.leverage, position.maintenance_margin) == (MarginMode.CROSS, 1.0, None)
    assert position.venue_light is not None
    light = normalise(profiles()["aster"], position.venue_light.raw, side=position.side, size=1.34, as_of=START, now=START)
    assert (position.venue_light.raw, light.state, light.level) == (1, LightState.LIT, 2)
    usdt, usd1 = reading.accounts
    assert (usdt.id, usdt.wallet) == ("desk", 9049204461.84438644)
    assert usdt.equity == pytest.approx(9049204461.84438644 - 13990.31797537)
    assert (usd1.id, usd1.equity) == ("desk/USD1", 200.0)
    assert any("inferred" in note for note in reading.notes)


@pytest.mark.asyncio
async def test_the_market_held_carries_mark_funding_depth_and_candles(desk: Desk[Aster]) -> None:
    desk.venue.klines = [[MILLIS - 300_000, "1", "3", "1", "2", "7", MILLIS - 1, "14", 3, "1", "2", "0"]]
    reading = await desk.source().fetch()
    (market,) = reading.markets
    assert (market.mark_price, market.index_price) == (106729.84047826, 106775.72673913)
    assert (market.funding_rate, market.funding_interval_hours) == (0.0001, 8.0)
    assert market.as_of == datetime.fromtimestamp(1750146970, UTC)
    assert [candle.volume for candle in market.candles] == [7.0]
    assert market.book is not None
    assert market.book.asks == ((74051.0, 2.0),)


@pytest.mark.asyncio
async def test_privacy_mode_is_a_failure_and_never_flat(desk: Desk[Aster]) -> None:
    desk.venue.balance = balance(accountPrivacy="enabled", positions=[])
    with pytest.raises(Unsupported, match="privacy"):
        await desk.source().fetch()
    desk.venue.balance = balance(accountPrivacy="partly")
    with pytest.raises(BadPayload, match="partly"):
        await desk.source().fetch()


@pytest.mark.asyncio
async def test_an_rpc_error_is_a_failure(desk: Desk[Aster]) -> None:
    desk.venue.error = {"code": -32602, "message": "invalid params\n"}
    with pytest.raises(BadPayload, match="-32602: invalid params"):
        await desk.source().fetch()


def test_sides_come_from_the_sign_in_one_way_and_from_the_word_in_hedge_mode() -> None:
    short = {**POSITION, "positionAmount": "-1.340", "unrealizedProfit": "13990.31797537"}
    rows = [{**short, "symbol": "ETHUSDT"}, {**short, "positionSide": "SHORT"}, {**POSITION, "positionSide": "LONG"}]
    assert [p.side for p in parse.positions(wallet(*rows))] == [Side.SHORT, Side.SHORT, Side.LONG]


@pytest.mark.parametrize(
    "change",
    [
        {"positionAmount": "-1.340"},  # its PnL is a long's
        {"positionSide": "HEDGE"},
        {"positionSide": "LONG", "positionAmount": "-1.340"},
        {"entryPrice": "0"},
        {"markPrice": "0"},
    ],
)
def test_a_position_at_odds_with_itself_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadPayload, match="BTCUSDT"):
        parse.positions(wallet({**POSITION, **change}))
    with pytest.raises(BadPayload, match="twice"):
        parse.positions(wallet(POSITION, POSITION))


def test_isolated_margin_is_taken_out_of_the_cross_equity_and_a_missing_balance_is_unknown() -> None:
    row = {**POSITION, "isolated": True, "isolatedWallet": "500"}
    held = wallet(
        row, {**POSITION, "symbol": "ETHUSDC", "collateral": "USDC"}, perpAssets=[{"asset": "USDT", "walletBalance": 2000}]
    )
    usdt, usdc = parse.accounts(held)
    assert (usdt.equity, usdt.wallet, usdc.equity, usdc.wallet) == (1500.0, 1500.0, None, None)
    isolated, cross = parse.positions(held)
    assert (isolated.isolated_margin, isolated.margin_mode) == (500.0, MarginMode.ISOLATED)
    assert (cross.symbol, cross.account, cross.isolated_margin) == ("ETH/USDC:USDC", "desk/USDC", None)


def test_coins_are_legs_and_other_products_are_named_and_empty_rows_are_none() -> None:
    products = [{"tradingProduct": "shield", "positions": [POSITION]}]
    held = wallet(positions=products, perpAssets=[{"asset": "BNB", "walletBalance": 3}])
    assert [(h.asset, h.amount, h.collateral) for h in parse.holdings(held)] == [("BNB", 3.0, True)]
    assert any("shield" in note for note in parse.notes(held))
    assert parse.positions(held) == ()
    assert parse.positions(wallet({**POSITION, "positionAmount": "0", "entryPrice": "0"})) == ()


@pytest.mark.asyncio
@pytest.mark.parametrize("restarted", [False, True], ids=["in one run", "between two runs"])
async def test_fills_behind_a_shrink_have_no_reason_and_are_told_once(desk: Desk[Aster], *, restarted: bool) -> None:
    source = await desk.first(restarted=restarted)
    desk.venue.balance = balance(positions=[])
    desk.venue.fills = [{**FILL, "time": MILLIS + 1000}, {**FILL, "time": MILLIS + 1000}, FILL]
    one, two = (await desk.after(5, source)).fills
    assert (one.kind, one.side, one.size, one.closes, one.account) == (FillKind.UNKNOWN, Side.LONG, 1.34, True, "desk")
    assert one.id != two.id
    assert (await desk.after(5, source)).fills == ()
    assert (await desk.after(130, source)).fills == ()
    assert desk.venue.count("aster_userFills") == 1


@pytest.mark.asyncio
async def test_failing_market_data_and_fills_leave_the_positions(desk: Desk[Aster]) -> None:
    desk.venue.faults = {"/fapi": SERVER_ERROR, "aster_userFills": SERVER_ERROR}
    source = desk.source()
    await source.fetch()
    reading = await desk.after(130, source)
    assert len(reading.positions) == 1
    assert reading.markets == ()
    assert {note.partition(":")[0] for note in reading.notes} >= {"premiumIndex", "depth", "aster_userFills"}


def test_what_is_no_address_is_refused() -> None:
    for text in ("0x" + "ab" * 32, "0x12", "word " * 12):
        with pytest.raises(ValueError, match="address") as error:
            AsterOptions(address=text)
        assert "ababab" not in str(error.value)


@pytest.mark.skipif(not SAMPLES.exists(), reason="venue samples are not beside the repository")
def test_the_market_samples_are_read() -> None:
    (rows,) = samples("aster", "fetch_funding_rates")
    assert msgspec.convert(rows, list[PremiumIndex], strict=False)[0].mark_price == 106729.84047826
    infos = [row for row in samples("aster", "parse_funding_rate") if "fundingIntervalHours" in row]
    assert msgspec.convert(infos, list[FundingInfo], strict=False)[0].funding_interval_hours == 8.0
