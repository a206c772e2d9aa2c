"""KuCoin classic futures in USDT, USDC and coin, with spot balances."""

from datetime import datetime

from adlwatch.adapters.ccxt.options import kind
from adlwatch.adapters.ccxt.venue import Capabilities, Venue, no, yes
from adlwatch.adapters.ccxt.venues.kucoin import parse, types
from adlwatch.adapters.ccxt.venues.kucoin.read import ENDPOINTS, TIME, parts, refused, symbol_parts
from adlwatch.adapters.ccxt.venues.kucoin.subaccounts import PARTS as SUBACCOUNTS

VENUE = Venue(
    name=parse.VENUE,
    ccxt_id="kucoin",
    endpoints=ENDPOINTS,
    capabilities=Capabilities(
        lines=("usdt", "usdc", "coin", "spot"),
        positions=yes("all in one call; classic account only, not the unified one"),
        equity=yes("accountEquity of each settle currency"),
        maintenance=yes("posMaint by position; not by account"),
        light=yes("delevPercentage, 0..1; direction presumed, 1 = closed first"),
        marks=yes("contract details"),
        funding=yes("contract details"),
        open_interest=yes("lots times multiplier"),
        candles=yes("1 h; no base volume for inverse contracts"),
        book=yes("20 levels"),
        insurance=no("none in the API"),
        warnings=no("none public"),
        fills=yes("the latest 100 of a day; tradeType adl"),
        holdings=yes("spot accounts of every type, futures wallets"),
        sub_accounts=yes("balances with the master's key, every 60 s; for positions each sub-account needs its own key"),
        key_permissions=yes("user/api-key: anything but General writes"),
    ),
    parts=parts,
    default_lines=("usdt", "spot"),
    tables={"contracts": tuple[datetime, types.ContractRow]},
    symbol_parts=symbol_parts,
    refused=refused,
    time=(TIME, ("data",)),
    needs=("api_key", "secret", "password"),
    subaccounts=SUBACCOUNTS,
)

KIND = kind(VENUE)
