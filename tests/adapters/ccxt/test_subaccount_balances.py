"""Sub-accounts of which a master key is told balances only. Documents from the venues' own pages."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import pytest

from adlwatch.adapters.ccxt.subaccounts import NO_POSITIONS
from adlwatch.adapters.ccxt.venue import Endpoint, Reader, Reply
from adlwatch.adapters.ccxt.venues.bitget.read import SUB_FUTURES
from adlwatch.adapters.ccxt.venues.bitget.subaccounts import futures
from tests.adapters.ccxt.test_bitget import bitget
from tests.adapters.ccxt.test_bitget import ok as bitget_ok
from tests.adapters.ccxt.test_bybit import XRP as BYBIT_XRP
from tests.adapters.ccxt.test_bybit import ok as bybit_ok
from tests.adapters.ccxt.test_bybit import positions as bybit
from tests.adapters.ccxt.test_gate import gate
from tests.adapters.ccxt.test_kucoin import kucoin
from tests.adapters.ccxt.test_kucoin import ok as kucoin_ok
from tests.adapters.ccxt.test_okx import ok as okx_ok
from tests.adapters.ccxt.test_okx import okx

pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Asked, Bench

T = TypeVar("T")


def held(reading: Any) -> list[tuple[str, str, float, bool]]:
    return [(h.account, h.asset, h.amount, h.collateral) for h in reading.holdings if "/" in h.account]


# https://www.okx.com/docs-v5/en/#sub-account-rest-api
OKX_SUB = {"enable": True, "gAuth": False, "label": "test", "subAcct": "desk", "type": "1", "uid": "4464", "ts": "1597026383085"}


def okx_subs(bench: "Bench") -> None:
    okx(bench.emulator, [])
    named = {"desk": ("BTC", "0.5"), "carry": ("USDT", "900")}

    def balance(asked: "Asked") -> dict[str, Any]:
        coin, amount = named[asked.params["subAcct"]]
        return okx_ok({"adjEq": "", "totalEq": "47000", "details": [{"ccy": coin, "cashBal": amount, "eq": amount, "upl": "0"}]})

    bench.emulator.routes |= {
        "/api/v5/users/subaccount/list": okx_ok(OKX_SUB, {**OKX_SUB, "subAcct": "carry"}, {**OKX_SUB, "enable": False}),
        "/api/v5/account/subaccount/balances": balance,
        "/api/v5/asset/subaccount/balances": okx_ok({"availBal": "37.1", "bal": "37.2", "ccy": "USDT", "frozenBal": "0.1"}),
    }


@pytest.mark.asyncio
async def test_okx_tells_balances_and_says_that_positions_are_not_told(bench: "Bench") -> None:
    okx_subs(bench)
    reading = await bench.adapter("okx", subaccounts="all").fetch()
    assert held(reading) == [
        ("acc/desk", "BTC", 0.5, False), ("acc/desk", "USDT", 37.2, False),
        ("acc/carry", "USDT", 900.0, False), ("acc/carry", "USDT", 37.2, False),
    ]  # fmt: skip
    assert [a.id for a in reading.accounts] == ["acc"]
    assert NO_POSITIONS in reading.notes


@pytest.mark.asyncio
async def test_okx_reads_named_sub_accounts_and_the_funding_account_where_it_is_read_at_all(bench: "Bench") -> None:
    okx_subs(bench)
    reading = await bench.adapter("okx", lines=("derivatives",), subaccounts=("carry",)).fetch()
    assert held(reading) == [("acc/carry", "USDT", 900.0, False)]
    wrong = await bench.adapter("okx", subaccounts=("nobody",)).fetch()
    assert any('no sub-account "nobody"; this key knows: desk, carry' in note for note in wrong.notes)


# https://www.gate.com/docs/developers/apiv4/en/#query-sub-account-balance-information
GATE_SPOT = {"uid": "10003", "available": {"BTC": "0.1", "GT": "2000", "USDT": "0"}}
GATE_FUTURES = {
    "uid": "10003",
    "available": {
        "usdt": {"total": "9707.8", "unrealised_pnl": "3371.2", "currency": "USDT", "available": "9669.1", "point": "0"},
        "btc": {"total": "0", "unrealised_pnl": "0", "currency": "BTC", "available": "0"},
    },
}


def gate_subs(bench: "Bench") -> None:
    gate(bench.emulator, [])
    other = {"uid": "10004", "available": {"usdt": {**GATE_FUTURES["available"]["usdt"], "total": "5"}}}  # type: ignore[index]  # JSON
    bench.emulator.routes |= {
        "/api/v4/wallet/sub_account_balances": [GATE_SPOT],
        "/api/v4/wallet/sub_account_futures_balances": [GATE_FUTURES, other],
    }


@pytest.mark.asyncio
async def test_gate_tells_spot_and_margin_balances_by_user_id(bench: "Bench") -> None:
    gate_subs(bench)
    reading = await bench.adapter("gate", subaccounts="all").fetch()
    assert held(reading) == [
        ("acc/10003", "BTC", 0.1, False), ("acc/10003", "GT", 2000.0, False), ("acc/10003", "USDT", 9707.8, True),
        ("acc/10004", "USDT", 5.0, True),
    ]  # fmt: skip
    assert NO_POSITIONS in reading.notes


@pytest.mark.asyncio
async def test_a_named_sub_account_of_which_nothing_is_told_is_named_in_a_note(bench: "Bench") -> None:
    gate_subs(bench)
    reading = await bench.adapter("gate", lines=("btc", "usdt"), subaccounts=("10004", "1")).fetch()
    assert held(reading) == [("acc/10004", "USDT", 5.0, True)]
    assert 'sub-accounts: nothing is told of "1"' in reading.notes


@pytest.mark.asyncio
async def test_without_sub_accounts_there_is_nothing_to_note(bench: "Bench") -> None:
    gate_subs(bench)
    bench.emulator.routes["/api/v4/wallet/sub_account_futures_balances"] = []
    assert NO_POSITIONS not in (await bench.adapter("gate", lines=("usdt",), subaccounts="all").fetch()).notes


# https://www.bitget.com/api-doc/contract/account/Get-Sub-Account-Contract-Assets
BITGET_POOL = {"marginCoin": "USDT", "locked": "0", "available": "200", "accountEquity": "201.5", "usdtEquity": "201.5",
               "btcEquity": "0.003", "unrealizedPL": "1.5", "coupon": None}  # fmt: skip
# https://www.bitget.com/api-doc/spot/account/Get-Subaccount-Assets
BITGET_SPOT = {"coin": "BTC", "available": "1", "limitAvailable": "0", "frozen": "0.5", "locked": "0", "uTime": "1337"}
# https://www.bitget.com/api-doc/uta/account/Get-SubAccount-Unified-Assets
BITGET_UNIFIED = {"coin": "USDT", "equity": "1", "usdValue": "0.99", "balance": "1", "available": "1", "debt": "0", "locked": "0"}


def bitget_subs(bench: "Bench") -> None:
    bitget(bench.emulator, {})

    def pools(asked: "Asked") -> dict[str, Any]:
        coin = {"USDT-FUTURES": "USDT", "USDC-FUTURES": "USDC", "COIN-FUTURES": "BTC"}[asked.params["productType"]]
        return bitget_ok([{"userId": "7", "assetList": [{**BITGET_POOL, "marginCoin": coin}]}])

    def spots(asked: "Asked") -> dict[str, Any]:
        first = [{"id": i, "userId": str(1000 + i), "assetsList": [BITGET_SPOT] if i == 51 else []} for i in range(100, 50, -1)]
        return bitget_ok([{"id": 3, "userId": "7", "assetsList": [BITGET_SPOT]}] if "idLessThan" in asked.params else first)

    bench.emulator.routes |= {
        "/api/v2/mix/account/sub-account-assets": pools,
        "/api/v2/spot/account/subaccount-assets": spots,
        "/api/v3/account/sub-unified-assets": bitget_ok([{"subUid": "7", "cursor": "58", "assets": [BITGET_UNIFIED]}]),
    }


@pytest.mark.asyncio
async def test_bitget_tells_margin_coins_and_all_pages_of_spot(bench: "Bench") -> None:
    bitget_subs(bench)
    reading = await bench.adapter("bitget", subaccounts="all").fetch()
    assert held(reading) == [("acc/7", "USDT", 200.0, True), ("acc/7", "BTC", 1.5, False), ("acc/1051", "BTC", 1.5, False)]
    assert NO_POSITIONS in reading.notes


class Bitget:
    """Answers for the futures of sub-accounts, and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def call(self, endpoint: Endpoint, reply: type[T], **params: Any) -> Reply[T]:
        assert endpoint is SUB_FUTURES
        self.asked.append(params["productType"])
        rows = {
            "code": "00000",
            "data": [{"userId": "7", "assetList": [{**BITGET_POOL, "marginCoin": params["productType"][:4]}]}],
        }
        return Reply(msgspec.convert(rows, reply), datetime(2026, 1, 2, tzinfo=UTC))

    def owns(self, shown: str) -> bool:
        raise NotImplementedError(shown)


@pytest.mark.asyncio
async def test_bitget_is_asked_for_one_product_type_with_each_turn_and_the_others_are_kept() -> None:
    told = Bitget()
    reader = Reader(told, "acc", ("usdt", "usdc", "coin"), datetime(2026, 1, 2, tzinfo=UTC))
    for _ in range(4):
        await futures(reader)
    found = await futures(reader)
    assert told.asked == ["USDT-FUTURES", "USDC-FUTURES", "COIN-FUTURES", "USDT-FUTURES", "USDC-FUTURES"]
    assert [holding.asset for _, rows in found for holding in rows] == ["COIN", "USDT", "USDC"]


@pytest.mark.asyncio
async def test_bitget_tells_coins_of_unified_sub_accounts(bench: "Bench") -> None:
    bitget_subs(bench)
    reading = await bench.adapter("bitget", lines=("unified",), subaccounts=("7",)).fetch()
    assert held(reading) == [("acc/7", "USDT", 1.0, True)]


# https://www.kucoin.com/docs-new/rest/account-info/sub-account/get-subaccount-list-spot-balance-v2
KUCOIN_COIN = {"currency": "BTC", "balance": "0.01", "available": "0.01", "holds": "0", "baseCurrency": "BTC", "tag": "DEFAULT"}
KUCOIN_SUB = {"subUserId": "63743f07e0c5230001761d08", "subName": "testapi6", "mainAccounts": [KUCOIN_COIN],
              "tradeAccounts": [{**KUCOIN_COIN, "balance": "0.02"}], "marginAccounts": [], "tradeHFAccounts": []}  # fmt: skip
# https://www.kucoin.com/docs-new/rest/account-info/sub-account/get-subaccount-list-futures-balance-v2
KUCOIN_POOL = {"accountName": "testapi6", "accountEquity": 23.5, "unrealisedPNL": 0.5, "marginBalance": 23.0, "currency": "USDT"}


@pytest.mark.asyncio
async def test_kucoin_tells_spot_and_futures_balances_by_name_over_all_pages(bench: "Bench") -> None:
    kucoin(bench.emulator, [])
    other = {"subUserId": "6", "subName": "carry", "mainAccounts": None, "tradeHFAccounts": [{**KUCOIN_COIN, "currency": "XBT"}]}
    pages = {"1": [KUCOIN_SUB], "2": [other]}
    bench.emulator.routes |= {
        "/api/v2/sub-accounts": lambda asked: kucoin_ok({"totalPage": 2, "items": pages[asked.params["currentPage"]]}),
        "/api/v1/account-overview-all": kucoin_ok(
            {"summary": {}, "accounts": [{**KUCOIN_POOL, "accountName": "main"}, KUCOIN_POOL]}
        ),
    }
    reading = await bench.adapter("kucoin", subaccounts="all").fetch()
    assert held(reading) == [
        ("acc/testapi6", "BTC", 0.03, False), ("acc/testapi6", "USDT", 23.0, True), ("acc/carry", "BTC", 0.01, False),
    ]  # fmt: skip
    assert NO_POSITIONS in reading.notes
    futures_only = await bench.adapter("kucoin", lines=("usdt",), subaccounts=("testapi6",)).fetch()
    assert held(futures_only) == [("acc/testapi6", "USDT", 23.0, True)]


# https://bybit-exchange.github.io/docs/v5/user/subuid-list
BYBIT_SUB = {"uid": "53888000", "username": "xxxxx", "memberType": 1, "status": 1, "remark": "test", "accountMode": 3}


@pytest.mark.asyncio
async def test_bybit_is_asked_for_named_coins_of_a_unified_and_all_of_a_funding_account(bench: "Bench") -> None:
    bybit(bench.emulator, {"USDT": [BYBIT_XRP]})
    own = bench.emulator.routes["/v5/asset/transfer/query-account-coins-balance"]
    coins: list[str] = []

    def balances(asked: "Asked") -> Any:
        if asked.params.get("memberId") != "53888000" or asked.params["accountType"] == "FUND":
            return own
        coins.append(asked.params["coin"])
        return bybit_ok({"accountType": "UNIFIED", "balance": [{"coin": "XRP", "walletBalance": "70", "transferBalance": "7"}]})

    bench.emulator.routes |= {
        "/v5/user/query-sub-members": bybit_ok({"subMembers": [BYBIT_SUB]}),
        "/v5/asset/transfer/query-account-coins-balance": balances,
    }
    reading = await bench.adapter("bybit", subaccounts="all").fetch()
    assert held(reading) == [("acc/xxxxx", "XRP", 70.0, True), ("acc/xxxxx", "BTC", 0.25, False)]
    assert coins == ["USDT,USDC,BTC,ETH,XRP"]
    assert NO_POSITIONS in reading.notes
    unified = await bench.adapter("bybit", lines=("usdt",), subaccounts=("xxxxx",)).fetch()
    assert held(unified) == [("acc/xxxxx", "XRP", 70.0, True)]
