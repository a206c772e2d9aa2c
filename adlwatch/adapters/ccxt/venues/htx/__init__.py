"""HTX: linear swaps and futures (v5), coin-margined swaps, spot balances."""

from adlwatch.adapters.ccxt.options import kind
from adlwatch.adapters.ccxt.venue import Capabilities, Venue, no, yes
from adlwatch.adapters.ccxt.venues.htx.read import ENDPOINTS, TIME, parts, refused, symbol_parts
from adlwatch.adapters.ccxt.venues.htx.subaccounts import PARTS

VENUE = Venue(
    name="htx",
    ccxt_id="htx",
    endpoints=ENDPOINTS,
    capabilities=Capabilities(
        lines=("linear", "coin", "spot"),
        positions=yes("linear swaps and futures (v5), coin-margined swaps; coin-margined futures are not read"),
        equity=yes("v5 equity; margin_balance of each coin at the mark"),
        maintenance=yes("linear, by position and account; not coin-margined"),
        light=yes("adl_risk_percent, 1..5 or nothing"),
        marks=yes("with linear positions; coin-margined from mark price candles"),
        funding=yes("funding_rate"),
        open_interest=yes("in coins"),
        candles=yes("1 h"),
        book=yes("20 levels"),
        insurance=yes("swap_risk_info, by contract"),
        warnings=no("none public"),
        fills=yes("trades and orders of contracts that shrank; order_type 22 is ADL, 3 a liquidation"),
        holdings=yes("spot account, futures wallets"),
        sub_accounts=yes("coin-margined swaps, with the master's key, every 15 s; linear ones need the sub-account's own key"),
        key_permissions=yes("api-key; ours among several, else what all say"),
    ),
    parts=parts,
    default_lines=("linear", "spot"),
    tables={"sizes": float},
    symbol_parts=symbol_parts,
    refused=refused,
    time=(TIME, ("ts",)),
    subaccounts=PARTS,
)

KIND = kind(VENUE)
