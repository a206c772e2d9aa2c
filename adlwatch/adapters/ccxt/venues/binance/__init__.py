"""Binance: USD-M, COIN-M, portfolio margin, spot and cross margin balances."""

from adlwatch.adapters.ccxt.options import kind
from adlwatch.adapters.ccxt.venue import Capabilities, Venue, yes
from adlwatch.adapters.ccxt.venues.binance import endpoints as e
from adlwatch.adapters.ccxt.venues.binance.read import parts, symbol_parts
from adlwatch.adapters.ccxt.venues.binance.refuse import refused
from adlwatch.adapters.ccxt.venues.binance.stream import FEEDS
from adlwatch.adapters.ccxt.venues.binance.subaccounts import PARTS

CAPABILITIES = Capabilities(
    lines=("usdm", "coinm", "pm", "spot", "margin"),
    positions=yes("positionRisk of each line; hedge mode kept apart by side"),
    equity=yes("totalMarginBalance; COIN-M: one account a coin; portfolio margin: accountEquity"),
    maintenance=yes("per position and account; portfolio margin: account only"),
    light=yes("adl of positionRisk v3, else adlQuantile per side; 0..4, refreshed every 30 s"),
    marks=yes("premiumIndex; every second by websocket"),
    funding=yes("premiumIndex; intervals from fundingInfo"),
    open_interest=yes("USD-M in base units; COIN-M contracts converted at the mark"),
    candles=yes("1 h"),
    book=yes("20 levels"),
    insurance=yes("insuranceBalance, USD-M pools in stable coins"),
    warnings=yes("symbolAdlRisk, every 30 min"),
    fills=yes("userTrades of symbols that shrank; forceOrders names ADL and liquidation"),
    holdings=yes("spot, cross margin, futures wallets"),
    sub_accounts=yes("USD-M, COIN-M and spot with the master's key, every 15 s; no lights, fills or margin modes"),
    key_permissions=yes("apiRestrictions"),
)

VENUE = Venue(
    name="binance",
    ccxt_id="binance",
    endpoints=e.ALL,
    capabilities=CAPABILITIES,
    parts=parts,
    symbol_parts=symbol_parts,
    refused=refused,
    time=(e.TIME, ("serverTime",)),
    default_lines=("usdm", "coinm", "spot"),
    tables={"coinm sizes": float},
    feeds=FEEDS,
    subaccounts=PARTS,
)

KIND = kind(VENUE)
