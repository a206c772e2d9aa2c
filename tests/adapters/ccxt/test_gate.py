"""Gate through the real client: documents from www.gate.com/docs/developers/apiv4, expected values beside them."""

import hashlib
import hmac
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from adlwatch.adapters.base import Refused, Unsupported
from adlwatch.domain.model import Contract, FillKind, MarginMode, Side

pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Asked, Bench, Emulator


def check(emulator: "Emulator", asked: "Asked") -> tuple[int, Any] | None:
    """HMAC-SHA512 over method, path, query, the body's hash and the time in seconds."""
    if "KEY" not in asked.headers:
        return None
    stamp = asked.headers["Timestamp"]
    lines = [asked.method, asked.path, unquote(asked.query), hashlib.sha512(asked.body).hexdigest(), stamp]
    if hmac.new(b"emulated-secret", "\n".join(lines).encode(), hashlib.sha512).hexdigest() != asked.headers["SIGN"]:
        return 401, {"label": "INVALID_SIGNATURE", "message": "Signature mismatch"}
    if abs(emulator.now_ms() / 1000 - int(stamp)) > 60:
        return 403, {"label": "REQUEST_EXPIRED", "message": "gap between request Timestamp and server time exceeds 60"}
    return None


# https://www.gate.com/docs/developers/apiv4/en/#list-all-positions-of-a-user
POSITION = {
    "value": "4.60516", "leverage": "0", "mode": "single", "contract": "BTC_USDT", "entry_price": "46030.3",
    "mark_price": "46051.6",
    "close_order": None, "size": 1, "cross_leverage_limit": "0", "adl_ranking": 5, "maintenance_rate": "0.004",
    "unrealised_pnl": "0.00213", "leverage_max": "125", "margin": "8.997698485", "liq_price": "0", "update_time": 1705034246,
    "initial_margin": "0", "maintenance_margin": "0",
}  # fmt: skip
CONTRACTS = {
    "BTC_USDT": {"name": "BTC_USDT", "type": "direct", "quanto_multiplier": "0.0001", "maintenance_rate": "0.005",
                 "funding_interval": 28800},
    "BTC_USD": {"name": "BTC_USD", "type": "inverse", "quanto_multiplier": "0", "maintenance_rate": "0.005",
    "funding_interval": 28800},
    "ETH_USD": {"name": "ETH_USD", "type": "inverse", "quanto_multiplier": "0.000001", "maintenance_rate": "0.01"},
    "BTC_USDT_20250627": {"name": "BTC_USDT_20250627", "type": "direct", "quanto_multiplier": "0.0001",
    "expire_time": 1751011200},
}  # fmt: skip


# https://www.gate.com/docs/developers/apiv4/en/#query-all-main-account-key-information, and the ADL risk states of public clients
STATES = {
    "BTC_USDT": {"state": "normal", "calculated_at_ms": 1786695185345},
    "GT_USDT": {"state": "warning", "calculated_at_ms": 1786695185345},
    "HYPE_USDT": {"state": "adl_risk", "calculated_at_ms": 1786695185345},
}
KEY = {
    "state": 1, "mode": 1, "name": "test1", "user_id": 1, "key": "c5dcfbf1f3a7*****", "created_at": 1753030929,
    "perms": [{"name": "account", "read_only": True}, {"name": "futures", "read_only": True}], "ip_whitelist": [],
}  # fmt: skip


def gate(emulator: "Emulator", usdt: list[Any], btc: list[Any] | None = None, mode: str = "classic") -> None:
    emulator.check = check
    v4 = "/api/v4"
    emulator.routes = {
        f"{v4}/spot/time": lambda _: {"server_time": emulator.now_ms()},
        f"{v4}/unified/unified_mode": {"mode": mode},
        f"{v4}/unified/accounts": {
            "unified_account_total_equity": "100016.1", "total_maintenance_margin": "205.01",
            "balances": {"ETH": {"available": "1", "freeze": "0", "borrowed": "0.25"}, "POINT": {"available": "99",
            "freeze": "0"}},
        },
        f"{v4}/futures/usdt/positions": lambda asked: usdt if asked.params["offset"] == "0" else [],
        f"{v4}/futures/btc/positions": btc or [],
        f"{v4}/futures/usdt/accounts": {"total": "12.5", "unrealised_pnl": "13.3", "currency": "USDT",
        "maintenance_margin": "0.5"},
        f"{v4}/futures/btc/accounts": {"total": "0.5", "unrealised_pnl": "0.1", "currency": "BTC"},
        f"{v4}/spot/accounts": [{"currency": "BTC", "available": "1", "locked": "0.5"}],
        f"{v4}/futures/usdt/insurance": [{"t": 1550028000, "b": "83.0031"}],
        f"{v4}/futures/btc/insurance": [],
        f"{v4}/futures/usdt/adl_risk_states": {"settle": "usdt", "states": STATES},
        f"{v4}/futures/btc/adl_risk_states": {"settle": "btc", "states": {}},
        f"{v4}/account/main_keys": [KEY],
        f"{v4}/futures/usdt/tickers": [
            {"contract": "BTC_USDT", "mark_price": "6534", "funding_rate": "0.0001", "index_price": "6531",
             "total_size": "32323904",
             "volume_24h_base": "28613220"}],
        f"{v4}/futures/btc/tickers": [
            {"contract": "BTC_USD", "mark_price": "50000", "funding_rate": "0.0001", "index_price": "50001",
             "total_size": "100000"}],
        **{f"{v4}/futures/{s}/{what}": [] for s in ("usdt", "btc") for what in ("auto_deleverages", "liquidates",
        "my_trades_timerange")},
        f"{v4}/futures/usdt/candlesticks": [{"t": 1539852480, "v": "97151", "c": "1032", "h": "1032", "l": "1032", "o": "1032"}],
        f"{v4}/futures/btc/candlesticks": [],
        f"{v4}/futures/usdt/contract_stats": [{"time": 1603865400, "open_interest": 5, "lsr_taker": 1},
                                              {"time": 1603861800, "open_interest": "4"}],
        f"{v4}/futures/btc/contract_stats": [],
        f"{v4}/futures/usdt/order_book": {"asks": [{"p": "6535", "s": 200}], "bids": [{"p": "6533", "s": "100"}]},
        f"{v4}/futures/btc/order_book": {"asks": [], "bids": [{"p": "50000", "s": 100}]},
    }  # fmt: skip
    for settle in ("usdt", "btc"):
        emulator.routes |= {f"{v4}/futures/{settle}/contracts/{name}": row for name, row in CONTRACTS.items()}


@pytest.mark.asyncio
async def test_a_classic_account_is_read_by_settle_currency(bench: "Bench") -> None:
    inverse = {**POSITION, "contract": "BTC_USD", "size": "-300", "mark_price": "50000", "leverage": "5", "margin": "0.01"}
    gate(bench.emulator, [POSITION, {**POSITION, "size": 0}], [inverse])
    reading = await bench.adapter("gate").fetch()
    linear, coin = reading.positions
    assert (linear.symbol, linear.side, linear.size, linear.entry_price) == ("BTC/USDT:USDT", Side.LONG, 0.0001, 46030.3)
    assert (linear.margin_mode, linear.isolated_margin, linear.leverage, linear.liquidation_price) == (
        MarginMode.CROSS,
        None,
        None,
        None,
    )
    assert linear.maintenance_margin == pytest.approx(4.60516 * 0.004)
    assert linear.venue_light is not None
    assert linear.venue_light.raw == 5
    assert (coin.account, coin.symbol, coin.contract, coin.side, coin.size) == (
        "acc/btc", "BTC/USD:BTC", Contract.INVERSE, Side.SHORT, 300.0,
    )  # fmt: skip
    assert (coin.margin_mode, coin.isolated_margin, coin.leverage) == (MarginMode.ISOLATED, 500.0, 5.0)
    assert [(a.id, a.equity, a.wallet) for a in reading.accounts] == [("acc", 25.8, 12.5), ("acc/btc", 30000.0, 25000.0)]
    assert [(h.asset, h.amount, h.collateral) for h in reading.holdings] == [
        ("USDT", 12.5, True), ("BTC", 0.5, True), ("BTC", 1.5, False),
    ]  # fmt: skip
    assert [(w.symbol, w.state, w.as_of) for w in reading.warnings] == [
        ("BTC/USDT:USDT", "normal", datetime(2026, 8, 14, 8, 13, 5, 345000, tzinfo=UTC)),
    ]  # fmt: skip
    assert reading.notes == ()


def perms(**read_only: bool) -> dict[str, Any]:
    return {**KEY, "perms": [{"name": name, "read_only": value} for name, value in read_only.items()]}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("keys", "may"),
    [
        (perms(futures=False), "trade"),
        ([perms(wallet=False, futures=True)], "withdraw"),
        ([perms(futures=False, wallet=False), perms(spot=False, withdrawal=False)], "trade and withdraw"),
    ],
)
async def test_a_key_that_may_do_more_than_read_is_refused(bench: "Bench", keys: Any, may: str) -> None:
    gate(bench.emulator, [])
    bench.emulator.routes["/api/v4/account/main_keys"] = keys
    with pytest.raises(Refused, match=f"may {may};"):
        await bench.adapter("gate").fetch()


@pytest.mark.asyncio
@pytest.mark.parametrize("keys", [[perms(futures=False), perms(futures=True)], [KEY, {"state": 1}], []])
async def test_one_of_several_keys_is_not_taken_for_ours(bench: "Bench", keys: Any) -> None:
    gate(bench.emulator, [])
    bench.emulator.routes["/api/v4/account/main_keys"] = keys
    assert (await bench.adapter("gate").fetch()).key_may_trade is None


@pytest.mark.asyncio
@pytest.mark.parametrize(("shown", "may"), [("emulated-k**", False), ("emulated-x**", None), ("emul********", None)])
async def test_of_several_keys_ours_is_known_by_what_is_shown_of_it(bench: "Bench", shown: str, may: object) -> None:
    gate(bench.emulator, [])
    bench.emulator.routes["/api/v4/account/main_keys"] = [
        {**perms(futures=False), "key": "fd01c4b2a7e9*****"},
        {**KEY, "key": shown},
    ]
    assert (await bench.adapter("gate").fetch()).key_may_trade is may


@pytest.mark.asyncio
async def test_a_key_that_may_not_ask_about_itself_still_reads(bench: "Bench") -> None:
    gate(bench.emulator, [])
    bench.emulator.fail("/api/v4/account/main_keys", status=403, body=b'{"label": "FORBIDDEN", "message": "no permission"}')
    reading = await bench.adapter("gate").fetch()
    assert reading.notes == ("what this key may do cannot be asked: make sure that it can only read",)


@pytest.mark.asyncio
async def test_markets_are_told_in_base_units(bench: "Bench") -> None:
    gate(bench.emulator, [POSITION], [{**POSITION, "contract": "BTC_USD"}])
    markets = {m.symbol: m for m in (await bench.adapter("gate").fetch()).markets}
    linear, inverse = markets["BTC/USDT:USDT"], markets["BTC/USD:BTC"]
    assert linear.open_interest == pytest.approx(3232.3904)
    assert (linear.mark_price, linear.funding_interval_hours, linear.maintenance_rate) == (6534.0, 8.0, 0.005)
    assert linear.candles[0].volume == pytest.approx(9.7151)
    assert [(time.timestamp(), value) for time, value in linear.open_interest_history] == [(1603861800, 4.0), (1603865400, 5.0)]
    assert linear.book is not None
    assert linear.book.asks[0][1] == pytest.approx(0.02)
    assert inverse.open_interest == 2.0
    assert inverse.book is not None
    assert inverse.book.bids == ((50000.0, 0.002),)


@pytest.mark.asyncio
async def test_a_unified_account_has_one_equity(bench: "Bench") -> None:
    gate(bench.emulator, [POSITION], mode="portfolio")
    reading = await bench.adapter("gate").fetch()
    (account,) = reading.accounts
    assert (account.id, account.equity, account.maintenance_margin, account.portfolio_margin) == ("acc", 100016.1, 205.01, True)
    assert [(h.asset, h.amount) for h in reading.holdings] == [("ETH", 0.75)]
    assert reading.positions[0].account == "acc"


@pytest.mark.asyncio
async def test_both_sides_of_a_hedge_stay_apart(bench: "Bench") -> None:
    gate(
        bench.emulator,
        [{**POSITION, "mode": "dual_long", "size": 5}, {**POSITION, "mode": "dual_short", "size": -3, "adl_ranking": 1}],
    )
    positions = (await bench.adapter("gate").fetch()).positions
    assert [(p.side, round(p.size, 8), p.venue_light and p.venue_light.raw) for p in positions] == [
        (Side.LONG, 0.0005, 5), (Side.SHORT, 0.0003, 1),
    ]  # fmt: skip


@pytest.mark.asyncio
async def test_a_quanto_contract_is_refused_by_name(bench: "Bench") -> None:
    gate(bench.emulator, [], [{**POSITION, "contract": "ETH_USD"}])
    with pytest.raises(Unsupported, match="ETH_USD is a quanto contract"):
        await bench.adapter("gate").fetch()


@pytest.mark.asyncio
async def test_adl_liquidation_and_own_trades_are_told_apart(bench: "Bench") -> None:
    gate(bench.emulator, [POSITION])
    now = bench.emulator.now_ms() // 1000
    futures = "/api/v4/futures/usdt"
    bench.emulator.routes |= {
        f"{futures}/auto_deleverages": [
            {"time": now, "order_id": 73873128, "contract": "BTC_USDT", "leverage": "0", "fill_price": "2790.8",
             "trade_size": -10}],
        f"{futures}/liquidates": [{"time": 1548654951, "contract": "BTC_USDT", "size": 600, "order_id": 1, "fill_price": "3424"}],
        f"{futures}/my_trades_timerange": [
            {"id": 5, "contract": "BTC_USDT", "order_id": "73873128", "size": -10, "price": "2790.8", "create_time": now,
             "close_size": -10},
            {"id": 6, "contract": "BTC_USDT", "order_id": "9", "size": 30, "price": "100", "create_time": now + 1,
             "close_size": 10}],
    }  # fmt: skip
    fills = (await bench.adapter("gate").fetch()).fills
    assert [(f.kind, f.side, f.closes, round(f.size, 6)) for f in fills] == [
        (FillKind.ADL, Side.LONG, True, 0.001),
        (FillKind.ORDER, Side.SHORT, True, 0.001),
        (FillKind.ORDER, Side.LONG, False, 0.002),
    ]


@pytest.mark.asyncio
async def test_a_clock_two_minutes_off_is_corrected(bench: "Bench") -> None:
    gate(bench.emulator, [POSITION])
    bench.emulator.ahead = 120
    assert len((await bench.adapter("gate").fetch()).positions) == 1
