"""Gate: USDT and BTC settled perpetuals, delivery futures, classic and unified accounts."""

from datetime import datetime

from adlwatch.adapters.ccxt.options import kind
from adlwatch.adapters.ccxt.venue import Capabilities, Venue, yes
from adlwatch.adapters.ccxt.venues.gate import parse
from adlwatch.adapters.ccxt.venues.gate.read import ENDPOINTS, TIME, parts, symbol_parts
from adlwatch.adapters.ccxt.venues.gate.subaccounts import PARTS as SUBACCOUNTS

VENUE = Venue(
    name="gate",
    ccxt_id="gate",
    endpoints=ENDPOINTS,
    capabilities=Capabilities(
        lines=("usdt", "btc", "delivery", "spot"),
        positions=yes("all pages; quanto contracts (settled in BTC on another coin) are refused by name"),
        equity=yes("unified_account_total_equity, or total + unrealised PnL of each settle currency"),
        maintenance=yes("maintenance_margin, or value times maintenance rate where Gate shows 0"),
        light=yes("adl_ranking, 1 = closed first … 5, 6 = none"),
        marks=yes("tickers"),
        funding=yes("tickers, interval from the contract"),
        open_interest=yes("contracts times multiplier"),
        candles=yes("1 h; no base volume for inverse contracts"),
        book=yes("50 levels"),
        insurance=yes("by settle currency"),
        warnings=yes("adl_risk_states of perpetuals"),
        fills=yes("auto_deleverages, liquidates, own trades; not for delivery futures"),
        holdings=yes("spot, unified"),
        sub_accounts=yes(
            "balances with the main account's key, every 60 s, of spot what is free; for positions each needs its own key"
        ),
        key_permissions=yes("main_keys, where the key may read the account; ours by its first characters, else what all say"),
    ),
    parts=parts,
    default_lines=("usdt", "btc", "spot"),
    tables={"specs": tuple[datetime, parse.Spec]},
    symbol_parts=symbol_parts,
    time=(TIME, ("server_time",)),
    subaccounts=SUBACCOUNTS,
)

KIND = kind(VENUE)
