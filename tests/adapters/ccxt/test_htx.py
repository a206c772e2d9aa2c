"""HTX through the real client: documents from www.htx.com/en-us/opend, expected values beside them."""

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import msgspec
import pytest

from adlwatch.adapters.base import BadPayload, Refused, SourceError
from adlwatch.adapters.ccxt.venues.htx import parse
from adlwatch.adapters.ccxt.venues.htx.types import CoinOrder, Trade
from adlwatch.domain.model import Contract, FillKind, MarginMode, Side

pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Asked, Bench, Emulator


def check(_: "Emulator", asked: "Asked") -> tuple[int, Any] | None:
    """Base64 HMAC-SHA256 over method, host, path and sorted query."""
    if "Signature" not in asked.params:
        return None
    query, signature = asked.query.split("&Signature=")
    text = f"{asked.method}\n{asked.host}\n{asked.path}\n{query}"
    right = base64.b64encode(hmac.new(b"emulated-secret", text.encode(), hashlib.sha256).digest()).decode()
    wrong = {"status": "error", "err-code": "api-signature-not-valid", "err-msg": "Signature not valid", "data": None}
    return None if right == unquote(signature) else (200, wrong)


def v5(data: Any) -> dict[str, Any]:
    return {"code": 200, "message": "Success", "data": data, "ts": 1780903761300}


def ok(data: Any) -> dict[str, Any]:
    return {"status": "ok", "data": data, "ts": 1641109636572}


# https://www.htx.com/en-us/opend/newApiPages/?id=8cb89359-77b5-11ed-9966-1928f079ab6, v5 positions
LINEAR = {
    "contract_code": "BTC-USDT", "position_side": "long", "direction": "buy", "margin_mode": "cross", "open_avg_price": "63204.5",
    "volume": "1", "available": "1", "lever_rate": 20, "adl_risk_percent": 3, "liquidation_price": "-110163.844268282697306843",
    "margin": "3.158275", "initial_margin": "3.158275", "maintenance_margin": "0.2147627", "profit_unreal": "-0.039",
    "profit_rate": "-0.0123", "margin_rate": "0.0012", "mark_price": "63165.5", "last_price": "63163.3",
    "margin_currency": "USDT",
    "contract_type": "swap", "created_time": "1780903703234", "updated_time": "1780903703234",
}  # fmt: skip
DATED = {**LINEAR, "contract_code": "BTC-USDT-260123", "position_side": "both", "direction": "sell", "margin_mode": "isolated",
         "adl_risk_percent": None}  # fmt: skip
COIN = {
    "symbol": "BTC", "contract_code": "BTC-USD", "volume": "3.000000000000000000", "available": "1", "frozen": "0E-18",
    "cost_open": "47150.000000000012353300", "cost_hold": "47150.0", "profit_unreal": "0E-54", "lever_rate": "3",
    "position_margin": "0.000706963591375044", "direction": "buy", "profit": "0E-54", "last_price": "47150",
    "adl_risk_percent": "2",
}  # fmt: skip
BALANCE = {
    "state": "normal", "equity": "174.2", "profit_unreal": "4.2", "maintenance_margin": "0.5",
    "details": [{"currency": "USDT", "equity": "174.2", "profit_unreal": "4.2", "maintenance_margin": "0"}],
}  # fmt: skip
BAR = {"id": 1641106800, "open": 47000, "high": 48000, "low": 46000, "close": 50000, "amount": 12.5, "vol": 5}


# https://huobiapi.github.io/docs/coin_margined_swap/v1/en/ (swap_risk_info, swap_hisorders) and spot/v1/en/ (user/api-key)
RISK = {"contract_code": "BTC-USD", "insurance_fund": 3806.4615259197324414715719, "estimated_clawback": 0.0023}
KEY = {
    "accessKey": "4ba5cdf2-4a92c5da-718ba144-dbuqg6hkte", "status": "normal", "note": "62924133", "permission": "readOnly",
    "ipAddresses": "1.1.1.1", "validDays": -1, "createTime": 1591348751000, "updateTime": 1591348751000,
}  # fmt: skip
# v5/trade/order/details
TRADE = {
    "id": "1513834754679549965", "contract_code": "BTC-USDT", "order_id": "1513834754585190400", "trade_id": "152022944",
    "side": "sell", "position_side": "long", "order_type": "1", "margin_mode": "cross", "type": "market", "role": "TAKER",
    "trade_price": "62688.2", "trade_volume": "2", "trade_turnover": "125.3764", "created_time": "1780967931197",
    "order_source": "api", "fee_currency": "USDT", "trade_fee": "0.07522584", "profit": "-0.3656", "contract_type": "swap",
}  # fmt: skip
COIN_ORDER = {
    "symbol": "BTC", "contract_code": "BTC-USD", "volume": 1, "price": 9000, "order_type": 22, "direction": "sell",
    "offset": "close", "lever_rate": 20, "order_id": 773131315209248768, "create_date": 1604370469629, "trade_volume": 1,
    "trade_turnover": 100, "fee": 0, "trade_avg_price": 9100.5, "profit": 0, "status": 6, "liquidation_type": "0",
}  # fmt: skip


def htx(emulator: "Emulator", linear: list[Any], coin: list[Any]) -> None:
    emulator.check = check
    size = {"BTC-USDT": 0.001, "BTC-USDT-260123": 0.001, "BTC-USD": 100}

    def contract(asked: "Asked") -> Any:
        code = asked.params["contract_code"]
        return ok([{"symbol": "BTC", "contract_code": code, "contract_size": size[code]}] if code in size else [])

    emulator.routes = {
        "/api/v1/timestamp": lambda _: {"status": "ok", "ts": emulator.now_ms()},
        "/v5/trade/position/opens": v5(linear),
        "/v5/account/balance": v5(BALANCE),
        "/linear-swap-api/v1/swap_contract_info": contract,
        "/swap-api/v1/swap_contract_info": contract,
        "/swap-api/v1/swap_position_info": ok(coin),
        "/swap-api/v1/swap_account_info": ok([
            {"symbol": "BTC", "contract_code": "BTC-USD", "margin_balance": 0.5, "margin_static": 0.4,
             "liquidation_price": 20000},
            {"symbol": "ETH", "contract_code": "ETH-USD", "margin_balance": 0, "margin_static": 0, "liquidation_price": None}]),
        "/index/market/history/swap_mark_price_kline": {"ch": "market.BTC-USD.mark_price.1min", "status": "ok",
        "data": [BAR], "ts": 1},
        "/v1/account/accounts": ok([{"id": 1, "type": "point", "state": "working"}, {"id": 77, "type": "spot",
        "state": "working"}]),
        "/v1/account/accounts/77/balance": ok({"id": 77, "type": "spot", "list": [
            {"currency": "btc", "type": "trade", "balance": "1"}, {"currency": "btc", "type": "frozen", "balance": "0.5"},
            {"currency": "usdt", "type": "loan-available", "balance": "200"}]}),
        "/v2/user/uid": v5(63628520),
        "/v2/user/api-key": lambda asked: v5([KEY] if asked.params["uid"] == "63628520" else []),
        "/linear-swap-api/v1/swap_risk_info": ok([{**RISK, "contract_code": "BTC-USDT"}, RISK]),
        "/swap-api/v1/swap_risk_info": ok([RISK, {**RISK, "contract_code": "ETH-USD"}]),
        "/v5/market/funding_rate": v5([{"contract_code": "BTC-USDT", "funding_rate": "0.00008", "funding_time": "1781251200000",
                                        "next_funding_time": "1781280000000"}]),
        "/v5/market/open_interest": v5({"amount": "32476.092", "volume": "32476092", "contract_code": "BTC-USDT"}),
        "/swap-api/v1/swap_funding_rate": ok({"funding_rate": "0.0001", "contract_code": "BTC-USD",
        "funding_time": "1781280000000",
                                              "next_funding_time": None}),
        "/swap-api/v1/swap_open_interest": ok([{"volume": 518018.0, "amount": 2769.67, "symbol": "BTC",
        "contract_code": "BTC-USD"}]),
        "/linear-swap-ex/market/history/kline": {"ch": "x", "status": "ok", "data": [BAR], "ts": 1},
        "/swap-ex/market/history/kline": {"ch": "x", "status": "ok", "data": [BAR], "ts": 1},
        "/linear-swap-ex/market/depth": {"status": "ok", "tick": {"asks": [[50001, 1000]], "bids": [[50000, 2000]]}},
        "/swap-ex/market/depth": {"status": "ok", "tick": {"asks": [[50000, 10]], "bids": []}},
    }  # fmt: skip


@pytest.mark.asyncio
async def test_linear_positions_take_a_negative_liquidation_price_for_none(bench: "Bench") -> None:
    htx(bench.emulator, [LINEAR, DATED, {**LINEAR, "volume": "0"}], [])
    reading = await bench.adapter("htx").fetch()
    swap, future = reading.positions
    assert (swap.symbol, swap.side, swap.size, swap.liquidation_price) == ("BTC/USDT:USDT", Side.LONG, 0.001, None)
    assert (swap.margin_mode, swap.maintenance_margin, swap.mark_price) == (MarginMode.CROSS, 0.2147627, 63165.5)
    assert swap.venue_light is not None
    assert swap.venue_light.raw == 3
    assert (future.symbol, future.side, future.isolated_margin, future.venue_light) == (
        "BTC/USDT:USDT-260123", Side.SHORT, 3.158275, None,
    )  # fmt: skip
    assert [(a.id, a.equity, a.wallet, a.maintenance_margin) for a in reading.accounts] == [("acc", 174.2, 170.0, 0.5)]
    assert [(h.asset, h.amount, h.collateral) for h in reading.holdings] == [("USDT", 170.0, True), ("BTC", 1.5, False)]


@pytest.mark.asyncio
async def test_coin_swaps_are_read_by_post_and_get_a_mark(bench: "Bench") -> None:
    htx(bench.emulator, [], [COIN])
    reading = await bench.adapter("htx", lines=("coin",)).fetch()
    (position,) = reading.positions
    assert (position.account, position.symbol, position.contract, position.size) == (
        "acc/BTC",
        "BTC/USD:BTC",
        Contract.INVERSE,
        300.0,
    )
    assert (position.mark_price, position.liquidation_price) == (50000.0, 20000.0)
    assert position.venue_light is not None
    assert position.venue_light.raw == 2
    assert [(a.id, a.equity, a.wallet) for a in reading.accounts] == [("acc/BTC", 25000.0, 20000.0)]
    assert {a.method for a in bench.emulator.asked if "position_info" in a.path} == {"POST"}


@pytest.mark.asyncio
async def test_markets_are_told_in_base_units(bench: "Bench") -> None:
    htx(bench.emulator, [LINEAR], [COIN])
    markets = {m.symbol: m for m in (await bench.adapter("htx", lines=("linear", "coin")).fetch()).markets}
    linear, coin = markets["BTC/USDT:USDT"], markets["BTC/USD:BTC"]
    assert (linear.open_interest, linear.funding_rate, linear.funding_interval_hours) == (32476.092, 0.00008, 8.0)
    assert linear.candles[0].volume == 12.5
    assert linear.book is not None
    assert linear.book.asks == ((50001.0, 1.0),)
    assert (coin.open_interest, coin.funding_rate, coin.mark_price) == (2769.67, 0.0001, 50000.0)
    assert coin.book is not None
    assert coin.book.asks == ((50000.0, 0.02),)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("change", "said"),
    [({"margin_mode": "new"}, "margin_mode of BTC-USDT"), ({"contract_code": "NEW-USDT"}, "no contract NEW-USDT"),
     ({"position_side": "both", "direction": "x"}, "direction of BTC-USDT")],
)  # fmt: skip
async def test_what_cannot_be_read_for_certain_fails(bench: "Bench", change: dict[str, str], said: str) -> None:
    htx(bench.emulator, [{**LINEAR, **change}], [])
    with pytest.raises(BadPayload, match=said):
        await bench.adapter("htx").fetch()


@pytest.mark.asyncio
async def test_an_error_of_v5_with_status_200_is_an_error(bench: "Bench") -> None:
    htx(bench.emulator, [], [])
    bench.emulator.routes["/v5/trade/position/opens"] = {"code": 403, "message": "Verification failure", "data": [], "ts": 1}
    with pytest.raises(SourceError, match="Verification failure"):
        await bench.adapter("htx").fetch()


@pytest.mark.asyncio
async def test_trades_of_what_shrank_tell_an_adl_by_its_order_type(bench: "Bench") -> None:
    htx(bench.emulator, [LINEAR], [COIN])
    adapter = bench.adapter("htx", lines=("linear", "coin"))
    await adapter.fetch()
    one_way = {**TRADE, "id": "2", "position_side": "both", "order_type": "3", "profit": "0"}
    opened = {**TRADE, "id": "3", "position_side": "both", "profit": "0", "order_type": 99}
    bench.emulator.routes |= {
        "/v5/trade/position/opens": v5([]),
        "/swap-api/v1/swap_position_info": ok([]),
        "/v5/trade/order/details": v5([{**TRADE, "order_type": "22"}, one_way, opened]),
        "/swap-api/v3/swap_hisorders": ok([COIN_ORDER, {**COIN_ORDER, "order_id": 1, "trade_volume": 0}]),
    }
    fills = {f.id: f for f in (await adapter.fetch()).fills}
    told = {id_: (f.kind, f.account, f.side, f.size, f.closes) for id_, f in fills.items()}
    assert told == {
        "1513834754679549965": (FillKind.ADL, "acc", Side.LONG, 0.002, True),
        "2": (FillKind.LIQUIDATION, "acc", Side.LONG, 0.002, True),
        "3": (FillKind.UNKNOWN, "acc", Side.SHORT, 0.002, False),
        "773131315209248768": (FillKind.ADL, "acc/BTC", Side.LONG, 100.0, True),
    }
    assert (fills["2"].fee, fills["3"].realized_pnl) == (0.07522584, None)


@pytest.mark.parametrize("change", [{"direction": "up"}, {"offset": "turn"}])
def test_an_order_that_cannot_be_read_for_certain_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(BadPayload, match=r"BTC-USD is '(up|turn)'"):
        parse.coin_fill(msgspec.convert({**COIN_ORDER, **change}, CoinOrder), "a", 100.0)


def test_a_trade_that_neither_buys_nor_sells_is_refused() -> None:
    with pytest.raises(BadPayload, match="side of a trade"):
        parse.fill(msgspec.convert({**TRADE, "side": "hold"}, Trade), "a", 0.001)


@pytest.mark.asyncio
async def test_insurance_is_told_by_contract_in_usd(bench: "Bench") -> None:
    htx(bench.emulator, [LINEAR], [COIN])
    reading = await bench.adapter("htx", lines=("linear", "coin")).fetch()
    assert [(p.name, p.symbols) for p in reading.pools] == [("BTC-USDT", ("BTC/USDT:USDT",)), ("BTC-USD", ("BTC/USD:BTC",))]
    assert [p.balance for p in reading.pools] == pytest.approx([3806.46152592, 3806.46152592 * 50000])


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("keys", "may"),
    [
        ([KEY], False),
        ([KEY, {**KEY, "permission": "readOnly,trade", "status": "expired"}], False),
        ([KEY, {**KEY, "permission": "readOnly,trade"}], None),
        ([{**KEY, "accessKey": "emulated-key"}, {**KEY, "permission": "readOnly,trade"}], False),
        ([{**KEY, "permission": ""}], None),
    ],
)
async def test_a_key_is_only_cleared_where_it_or_all_keys_of_the_user_only_read(bench: "Bench", keys: Any, may: object) -> None:
    htx(bench.emulator, [], [])
    bench.emulator.routes["/v2/user/api-key"] = v5(keys)
    assert (await bench.adapter("htx").fetch()).key_may_trade is may


@pytest.mark.asyncio
async def test_a_writing_key_is_refused(bench: "Bench") -> None:
    htx(bench.emulator, [], [])
    bench.emulator.routes["/v2/user/api-key"] = v5([{**KEY, "permission": "readOnly,trade,withdraw"}])
    with pytest.raises(Refused, match="may trade and withdraw"):
        await bench.adapter("htx").fetch()


@pytest.mark.asyncio
async def test_a_key_that_may_not_ask_about_itself_still_reads(bench: "Bench") -> None:
    htx(bench.emulator, [LINEAR], [])
    bench.emulator.fail("/v2/user/uid", status=403, body=b'{"code": 1002, "message": "forbidden"}')
    reading = await bench.adapter("htx").fetch()
    assert len(reading.positions) == 1
    assert reading.key_may_trade is None
