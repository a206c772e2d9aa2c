"""Sub-accounts read with the master's key: which, under which ids, and what is refused. Documents from the venues' own pages."""

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from adlwatch.adapters.base import BadPayload, Unsupported
from adlwatch.adapters.ccxt.options import CcxtOptions
from adlwatch.adapters.ccxt.venues import find, names
from adlwatch.domain.model import Contract, MarginMode, Side
from tests.adapters.ccxt.test_binance import usdm
from tests.adapters.ccxt.test_deribit import INVERSE as DERIBIT_BTC
from tests.adapters.ccxt.test_deribit import LINEAR as DERIBIT_USDC
from tests.adapters.ccxt.test_deribit import deribit
from tests.adapters.ccxt.test_htx import COIN as HTX_COIN
from tests.adapters.ccxt.test_htx import htx

pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Asked, Bench

WITHOUT = [name for name in names() if not find(name).subaccounts]


@pytest.mark.parametrize("venue", WITHOUT)
def test_a_venue_without_such_a_read_names_the_way_out(venue: str, bench: "Bench") -> None:
    with pytest.raises(Unsupported, match="own key"):
        bench.adapter(venue, subaccounts="all")


@pytest.mark.parametrize("venue", names())
def test_what_a_venue_says_of_sub_accounts_is_what_it_can_do(venue: str) -> None:
    assert find(venue).capabilities.sub_accounts.yes == bool(find(venue).subaccounts)


@pytest.mark.parametrize("wrong", [[], "some", 3])
def test_sub_accounts_are_all_or_named(wrong: object) -> None:
    keys = {"api_key": "env:A", "secret": "env:B"}
    assert msgspec.convert({**keys, "subaccounts": ["a"]}, CcxtOptions).subaccounts == ("a",)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**keys, "subaccounts": wrong}, CcxtOptions)


# https://developers.binance.com/docs/sub_account/account-management
STATUS = {"isSubUserEnabled": True, "isUserActive": True, "insertTime": 1570791523523, "isMarginEnabled": True, "mobile": 1}
HEDGE, QUIET = "hedge@example.com", "quiet@example.com"
LINEAR_ROW = {
    "entryPrice": "9975.12000", "leverage": "50", "maxNotional": "1000000", "liquidationPrice": "7963.54",
    "markPrice": "9973.50770517", "positionAmount": "0.010", "symbol": "BTCUSDT", "unrealizedProfit": "-0.01612295",
}  # fmt: skip
COIN_ROW = {
    "entryPrice": "9975.12000", "markPrice": "9973.50770517", "leverage": "20", "isolated": "true",
    "isolatedWallet": "0.5", "isolatedMargin": "0.49", "isAutoAddMargin": "false", "positionSide": "SHORT",
    "positionAmount": "-12", "symbol": "BTCUSD_PERP", "unrealizedProfit": "-0.01612295",
}  # fmt: skip
ASSET = {
    "asset": "USDT", "initialMargin": "0", "maintenanceMargin": "0.1", "marginBalance": "0.88308000",
    "maxWithdrawAmount": "0.88308000", "openOrderInitialMargin": "0", "positionInitialMargin": "0",
    "unrealizedProfit": "-0.01", "walletBalance": "0.89308000",
}  # fmt: skip
TOTALS = {"totalMarginBalance": "0.88308000", "totalWalletBalance": "0.89308000", "totalMaintenanceMargin": "0.1"}


def positions_of(asked: "Asked") -> dict[str, Any]:
    assert asked.params["email"] == HEDGE
    if asked.params["futuresType"] == "1":
        return {"futurePositionRiskVos": [LINEAR_ROW, {**LINEAR_ROW, "symbol": "ETHUSDT", "positionAmount": "0"}]}
    return {"deliveryPositionRiskVos": [COIN_ROW]}


def account_of(asked: "Asked") -> dict[str, Any]:
    if asked.params["futuresType"] == "1":
        return {"futureAccountResp": {"email": HEDGE, "assets": [ASSET], **TOTALS}}
    return {"deliveryAccountResp": {"email": HEDGE, "assets": [{**ASSET, "asset": "BTC"}, {**ASSET, "walletBalance": "0"}]}}


def binance(bench: "Bench") -> None:
    usdm(bench.emulator, [])
    contract = {"symbol": "BTCUSD_PERP", "contractSize": 100}
    bench.emulator.routes |= {
        "/dapi/v1/exchangeInfo": {"symbols": [contract]},
        "/dapi/v1/account": {"assets": [], "positions": []},
        "/dapi/v1/positionRisk": [],
        "/dapi/v1/premiumIndex": [{"symbol": "BTCUSD_PERP", "markPrice": "10000", "lastFundingRate": "0", "time": 1}],
        "/dapi/v1/fundingInfo": [],
        "/dapi/v1/forceOrders": [],
        "/api/v3/account": {"balances": []},
        "/sapi/v1/sub-account/status": [
            {**STATUS, "email": HEDGE, "isFutureEnabled": True}, {**STATUS, "email": QUIET, "isFutureEnabled": False},
        ],
        "/sapi/v2/sub-account/futures/positionRisk": positions_of,
        "/sapi/v2/sub-account/futures/account": account_of,
        "/sapi/v4/sub-account/assets": {"balances": [{"asset": "ADA", "free": "10000", "locked": "1", "freeze": 0}]},
    }  # fmt: skip


@pytest.mark.asyncio
async def test_binance_tells_positions_and_accounts_of_each_sub_account(bench: "Bench") -> None:
    binance(bench)
    reading = await bench.adapter("binance", subaccounts="all").fetch()
    linear, coin = reading.positions
    assert (linear.account, linear.symbol, linear.side, linear.size) == (f"acc/{HEDGE}", "BTC/USDT:USDT", Side.LONG, 0.01)
    assert (linear.margin_mode, linear.maintenance_margin, linear.venue_light) == (None, None, None)
    assert (coin.account, coin.side, coin.contract, coin.size) == (f"acc/{HEDGE}/BTC", Side.SHORT, Contract.INVERSE, 1200.0)
    assert coin.margin_mode is MarginMode.ISOLATED
    assert coin.isolated_margin == pytest.approx(0.5 * 9973.50770517)
    accounts = {a.id: (a.equity, a.wallet, a.maintenance_margin) for a in reading.accounts}
    assert accounts[f"acc/{HEDGE}"] == (0.88308, 0.89308, 0.1)
    assert accounts[f"acc/{HEDGE}/BTC"] == pytest.approx((8830.8, 8930.8, 1000.0))
    ada = [(h.account, h.amount, h.collateral) for h in reading.holdings if h.asset == "ADA"]
    assert ada == [(f"acc/{HEDGE}", 10001.0, False), (f"acc/{QUIET}", 10001.0, False)]
    assert not any("sub-account" in note for note in reading.notes)


@pytest.mark.asyncio
async def test_only_the_sub_accounts_that_are_named_are_read(bench: "Bench") -> None:
    binance(bench)
    reading = await bench.adapter("binance", lines=("spot",), subaccounts=(QUIET,)).fetch()
    assert [(h.account, h.asset) for h in reading.holdings] == [(f"acc/{QUIET}", "ADA")]
    assert "/sapi/v2/sub-account/futures/account" not in bench.emulator.paths()


@pytest.mark.asyncio
async def test_a_sub_account_that_does_not_exist_is_named_beside_those_that_do(bench: "Bench") -> None:
    binance(bench)
    with pytest.raises(Unsupported, match=f'no sub-account "desk-2"; this key knows: {HEDGE}, {QUIET}'):
        await bench.adapter("binance", subaccounts=("desk-2",)).fetch()


@pytest.mark.asyncio
@pytest.mark.parametrize("line", ["usdm", "coinm"])
async def test_a_reply_without_the_account_that_was_asked_for_is_not_flat(bench: "Bench", line: str) -> None:
    binance(bench)
    bench.emulator.routes["/sapi/v2/sub-account/futures/positionRisk"] = {"futurePositionRiskVos": None}
    with pytest.raises(BadPayload, match=f"account of {HEDGE}"):
        await bench.adapter("binance", lines=(line,), subaccounts="all").fetch()


@pytest.mark.asyncio
async def test_without_the_option_no_sub_account_is_asked_for(bench: "Bench") -> None:
    binance(bench)
    await bench.adapter("binance").fetch()
    assert not any("sub-account" in path for path in bench.emulator.paths())


@pytest.mark.asyncio
async def test_htx_tells_coin_margined_positions_of_each_sub_account(bench: "Bench") -> None:
    htx(bench.emulator, [], [])
    sub = {"sub_uid": 9910049, "list": [{"symbol": "BTC", "contract_code": "BTC-USD", "margin_balance": 0.5, "risk_rate": None}]}
    pool = {"symbol": "BTC", "contract_code": "BTC-USD", "margin_balance": 0.5, "margin_static": 0.4, "liquidation_price": 20000}

    def only(rows: list[Any]) -> Any:
        return lambda asked: {"status": "ok", "data": rows if json.loads(asked.body) == {"sub_uid": 9910049} else [], "ts": 1}

    bench.emulator.routes |= {
        "/swap-api/v1/swap_account_info": {"status": "ok", "data": [], "ts": 1},
        "/swap-api/v1/swap_sub_account_list": {"status": "ok", "data": [sub], "ts": 1},
        "/swap-api/v1/swap_sub_position_info": only([HTX_COIN]),
        "/swap-api/v1/swap_sub_account_info": only([pool]),
    }
    reading = await bench.adapter("htx", lines=("coin",), subaccounts="all").fetch()
    (position,) = reading.positions
    assert (position.account, position.symbol, position.size) == ("acc/9910049/BTC", "BTC/USD:BTC", 300.0)
    assert [(a.id, a.equity) for a in reading.accounts] == [("acc/9910049/BTC", 25000.0)]
    assert [(h.account, h.asset, h.amount) for h in reading.holdings] == [("acc/9910049", "BTC", 0.4)]


@pytest.mark.asyncio
async def test_htx_says_that_without_its_coin_line_it_tells_nothing_of_sub_accounts(bench: "Bench") -> None:
    htx(bench.emulator, [], [])
    notes = (await bench.adapter("htx", subaccounts="all").fetch()).notes
    assert any("which is not read here" in note for note in notes)


# https://docs.deribit.com/api-reference/account-management/private-get_subaccounts
WALLET = {
    "additional_reserve": 0, "available_funds": 5.0004, "balance": 5.0, "currency": "btc", "equity": 5.5,
    "initial_margin": 0.00015, "maintenance_margin": 0.0001, "margin_balance": 5.5,
}  # fmt: skip
SUB = {
    "email": "user_AAA@gmail.com", "id": 7, "is_password": True, "margin_model": "segregated_sm", "login_enabled": False,
    "portfolio": {"btc": WALLET, "eth": {**WALLET, "currency": "eth", "balance": 0, "equity": 0}}, "receive_notifications": False,
    "system_name": "user_1_1", "type": "subaccount", "username": "user_1_1",
}  # fmt: skip
CROSS_SUB = {**SUB, "id": 9, "username": "desk", "margin_model": "cross_pm"}


def deribit_subs(bench: "Bench", *subs: dict[str, Any]) -> None:
    deribit(bench.emulator, [])
    rows = {"BTC": [{"uid": 7, "positions": [DERIBIT_BTC]}, {"uid": 2, "positions": [DERIBIT_BTC]}],
            "USDC": [{"uid": 9, "positions": [DERIBIT_USDC, {**DERIBIT_USDC, "kind": "option"}]}]}  # fmt: skip
    bench.emulator.routes |= {
        "/api/v2/private/get_subaccounts": {"result": [{**SUB, "id": 2, "type": "main", "username": "user_1"}, *subs]},
        "/api/v2/private/get_subaccounts_details": lambda asked: {"result": rows.get(asked.params["currency"], [])},
    }


@pytest.mark.asyncio
async def test_deribit_tells_positions_and_pools_of_each_sub_account(bench: "Bench") -> None:
    deribit_subs(bench, SUB, CROSS_SUB)
    reading = await bench.adapter("deribit", subaccounts="all").fetch()
    btc, usdc = reading.positions
    assert (btc.account, btc.symbol, btc.size) == ("acc/user_1_1/BTC", "BTC/USD:BTC", 50.0)
    assert (usdc.account, usdc.symbol, usdc.side, usdc.size) == ("acc/desk", "ETH/USDC:USDC", Side.SHORT, 2.5)
    told = {a.id: (a.equity, a.wallet, a.maintenance_margin) for a in reading.accounts}
    assert told == {"acc/user_1_1/BTC": (275000.0, 250000.0, 5.0), "acc/desk": (275000.0, None, None)}
    assert [(h.account, h.asset, h.amount) for h in reading.holdings] == [("acc/user_1_1", "BTC", 5.0), ("acc/desk", "BTC", 5.0)]


@pytest.mark.asyncio
async def test_a_pool_of_which_one_coin_has_no_price_is_of_unknown_worth(bench: "Bench") -> None:
    deribit_subs(bench, CROSS_SUB)
    bench.emulator.routes["/api/v2/public/get_index_price"] = {"result": {"index_price": 0}}
    (account,) = (await bench.adapter("deribit", subaccounts=("desk",)).fetch()).accounts
    assert (account.id, account.equity) == ("acc/desk", None)


@pytest.mark.asyncio
async def test_without_sub_accounts_no_positions_are_asked_for(bench: "Bench") -> None:
    deribit_subs(bench)
    assert (await bench.adapter("deribit", subaccounts="all").fetch()).accounts == ()
    assert "/api/v2/private/get_subaccounts_details" not in bench.emulator.paths()
