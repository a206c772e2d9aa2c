"""Lighter's API on the loopback interface.

The account and its market are samples that ccxt 4.5.90 quotes from the venue (ccxt/async_support/lighter.py, `fetch_positions`,
`fetch_ticker`, `fetch_funding_rates`, `fetch_trades`, `fetch_ohlcv`, `fetch_order_book`, MIT, (c) 2024 Igor Kroitor).
"""

import copy
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.adapters.emulators.server import Server

ADDRESS = "0x15f43D1f2DeE81424aFd891943262aa90F22cc2A"
INDEX = 1077
FUND = 281474976710655
POSITION: dict[str, Any] = {
    "market_id": 0,
    "symbol": "ETH",
    "initial_margin_fraction": "5.00",
    "open_order_count": 0,
    "pending_order_count": 0,
    "position_tied_order_count": 0,
    "sign": 1,
    "position": "18.0193",
    "avg_entry_price": "2669.84",
    "position_value": "54306.566340",
    "unrealized_pnl": "6197.829558",
    "realized_pnl": "0.000000",
    "liquidation_price": "2191.1107231380406",
    "margin_mode": 0,
    "allocated_margin": "0.000000",
}
ACCOUNT: dict[str, Any] = {
    "code": 0,
    "account_type": 0,
    "index": INDEX,
    "l1_address": ADDRESS,
    "cancel_all_time": 0,
    "total_order_count": 0,
    "total_isolated_order_count": 0,
    "pending_order_count": 0,
    "available_balance": "12582.743947",
    "status": 1,
    "collateral": "9100.242706",
    "account_index": INDEX,
    "name": "",
    "description": "",
    "can_invite": True,
    "referral_points_percentage": "",
    "positions": [POSITION],
    "assets": [],
    "total_asset_value": "15298.072264000002",
    "cross_asset_value": "15298.072264000002",
    "shares": [],
}
MARKET: dict[str, Any] = {
    "symbol": "ETH",
    "market_id": 0,
    "status": "active",
    "taker_fee": "0.0000",
    "maker_fee": "0.0000",
    "liquidation_fee": "1.0000",
    "min_base_amount": "0.0050",
    "min_quote_amount": "10.000000",
    "order_quote_limit": "",
    "supported_size_decimals": 4,
    "supported_price_decimals": 2,
    "supported_quote_decimals": 6,
    "size_decimals": 4,
    "price_decimals": 2,
    "quote_multiplier": 1,
    "default_initial_margin_fraction": 500,
    "min_initial_margin_fraction": 200,
    "maintenance_margin_fraction": 120,
    "closeout_margin_fraction": 80,
    "last_trade_price": 3550.69,
    "daily_trades_count": 1197349,
    "daily_base_token_volume": 481297.3509,
    "daily_quote_token_volume": 1671431095.263844,
    "daily_price_low": 3402.41,
    "daily_price_high": 3571.45,
    "daily_price_change": 0.5294300840859545,
    "open_interest": 39559.3278,
    "daily_chart": {},
    "market_config": {
        "market_margin_mode": 0,
        "insurance_fund_account_index": FUND,
        "liquidation_mode": 0,
        "force_reduce_only": False,
        "trading_hours": "",
    },
}
RATES: list[dict[str, Any]] = [
    {"market_id": 0, "exchange": "binance", "symbol": "ETH", "rate": 0.5},
    {"market_id": 0, "exchange": "lighter", "symbol": "ETH", "rate": 9.599999999999999e-05},
]
TRADE: dict[str, Any] = {
    "trade_id": 35564491385,
    "type": "trade",
    "market_id": 0,
    "size": "0.0003",
    "price": "2385.57",
    "usd_amount": "0.715671",
    "ask_id": 281478054267183,
    "bid_id": 562946767299880,
    "ask_account_id": 723632,
    "bid_account_id": 317087,
    "is_maker_ask": False,
    "timestamp": 1792497687525,
}
CANDLE: dict[str, Any] = {
    "t": 1767700500000,
    "o": 3236.86,
    "h": 3237.78,
    "l": 3235.36,
    "c": 3235.39,
    "v": 55.1632,
    "V": 178530.793575,
    "i": 779870452,
}
ORDERS: dict[str, Any] = {
    "code": 200,
    "total_asks": 1,
    "asks": [{"order_index": 281475565888172, "remaining_base_amount": "0.2000", "price": "3430.00"}],
    "total_bids": 1,
    "bids": [{"order_index": 562949401225099, "remaining_base_amount": "1.3237", "price": "3429.80"}],
}


class Lighter(Server):
    """The venue: accounts of one address, an insurance fund, one market."""

    def __init__(self) -> None:
        super().__init__(self.answer)
        self.accounts: list[Any] = [copy.deepcopy(ACCOUNT)]
        self.fund: dict[str, Any] = {**ACCOUNT, "index": FUND, "positions": [], "total_asset_value": "7000000"}
        self.markets: list[Any] = [MARKET]
        self.trades: list[Any] = []
        self.candles: list[Any] = [CANDLE]
        self.whole: dict[str, Any] = {}
        """Name of a request → the whole reply in place of the usual one."""
        self._answers: dict[str, Callable[[Any], Any]] = {
            "account": self._accounts,
            "orderBookDetails": lambda _: {"code": 200, "order_book_details": self.markets, "spot_order_book_details": []},
            "funding-rates": lambda _: {"code": 200, "funding_rates": RATES},
            "recentTrades": lambda r: {"code": 200, "trades": self.trades[: int(r["limit"])]},
            "candles": self._candles,
            "orderBookOrders": lambda _: ORDERS,
        }

    def count(self, name: str) -> int:
        return sum(request["type"] == f"/api/v1/{name}" for request in self.asked)

    def answer(self, request: Any) -> Any:
        name = request["type"].removeprefix("/api/v1/")
        return self.whole[name] if name in self.whole else self._answers[name](request)

    def _accounts(self, request: Any) -> Any:
        rows = [self.fund] if request["value"] == str(FUND) else self.accounts
        return {"code": 200, "total": len(rows), "accounts": rows}

    def _candles(self, request: Any) -> Any:
        return {"code": 200, "r": request["resolution"], "c": self.candles if request["resolution"] == "5m" else []}

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Lighter"]:
        async with self.serve("/api/v1/{tail:.*}"):
            yield self
