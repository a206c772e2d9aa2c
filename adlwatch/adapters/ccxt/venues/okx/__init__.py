"""OKX v5: swaps and dated futures in every margin mode, trading and funding account."""

from adlwatch.adapters.ccxt.options import kind
from adlwatch.adapters.ccxt.venue import Capabilities, Venue, yes
from adlwatch.adapters.ccxt.venues.okx import parse
from adlwatch.adapters.ccxt.venues.okx.read import ENDPOINTS, TIME, parts, refused, symbol_parts
from adlwatch.adapters.ccxt.venues.okx.stream import FEEDS
from adlwatch.adapters.ccxt.venues.okx.subaccounts import PARTS as SUBACCOUNTS

VENUE = Venue(
    name="okx",
    ccxt_id="okx",
    endpoints=ENDPOINTS,
    capabilities=Capabilities(
        lines=("derivatives", "funding"),
        positions=yes("swaps and dated futures of every settle currency; options and isolated margin loans are named, not read"),
        equity=yes("totalEq; in futures mode one account a currency"),
        maintenance=yes("per position; per account except in spot mode"),
        light=yes("adl, 0..5"),
        marks=yes("public mark-price; every 200 ms by websocket"),
        funding=yes("funding-rate, interval from the next two payments"),
        open_interest=yes("oiCcy, base units"),
        candles=yes("1 h"),
        book=yes("50 levels"),
        insurance=yes("by instrument family, renewed daily by OKX"),
        warnings=yes("adl-warning of swaps, by websocket: silent in normal times"),
        fills=yes("trade/fills of a day; sub-types 125 to 128 are ADL"),
        holdings=yes("trading and funding account"),
        sub_accounts=yes("balances with the master's key, every 60 s; for positions each sub-account needs its own key"),
        key_permissions=yes("account/config"),
    ),
    parts=parts,
    default_lines=("derivatives", "funding"),
    tables={"specs": parse.Spec},
    symbol_parts=symbol_parts,
    refused=refused,
    time=(TIME, ("data", 0, "ts")),
    needs=("api_key", "secret", "password"),
    feeds=FEEDS,
    subaccounts=SUBACCOUNTS,
)

KIND = kind(VENUE)
