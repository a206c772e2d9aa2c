"""Bybit v5: linear in USDT and USDC, inverse, the unified account."""

from adlwatch.adapters.ccxt.options import kind
from adlwatch.adapters.ccxt.venue import Capabilities, Venue, yes
from adlwatch.adapters.ccxt.venues.bybit import endpoints as e
from adlwatch.adapters.ccxt.venues.bybit.read import parts, refused, symbol_parts
from adlwatch.adapters.ccxt.venues.bybit.stream import FEEDS
from adlwatch.adapters.ccxt.venues.bybit.subaccounts import PARTS as SUBACCOUNTS

CAPABILITIES = Capabilities(
    lines=("usdt", "usdc", "inverse", "funding"),
    positions=yes("all pages of each line; dated futures included"),
    equity=yes("totalEquity of the unified account"),
    maintenance=yes("per position except in portfolio margin; per account except in isolated margin"),
    light=yes("adlRankIndicator, 0..5, 0 = empty position"),
    marks=yes("tickers; every 100 ms by websocket"),
    funding=yes("tickers"),
    open_interest=yes("tickers"),
    candles=yes("1 h"),
    book=yes("50 levels"),
    insurance=yes("in USD, by pool"),
    warnings=yes("adlAlert: pool drawdown against its trigger, every minute; every second by websocket"),
    fills=yes("execution list; AdlTrade, BustTrade, Settle, Delivery"),
    holdings=yes("coins of the unified account, less borrowing; funding account"),
    sub_accounts=yes(
        "with the master's key, every 60 s: balances of USDT, USDC, BTC, ETH and the coins of our own positions, and the funding "
        "account; for positions each sub-account needs its own key"
    ),
    key_permissions=yes("query-api"),
)

VENUE = Venue(
    name="bybit",
    ccxt_id="bybit",
    endpoints=e.ALL,
    capabilities=CAPABILITIES,
    parts=parts,
    default_lines=("usdt", "usdc", "inverse", "funding"),
    symbol_parts=symbol_parts,
    refused=refused,
    time=(e.TIME, ("time",)),
    feeds=FEEDS,
    subaccounts=SUBACCOUNTS,
)

KIND = kind(VENUE)
