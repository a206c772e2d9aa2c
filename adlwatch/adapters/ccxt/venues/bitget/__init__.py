"""Bitget: USDT, USDC and coin futures of the classic account, or the unified account."""

from adlwatch.adapters.ccxt.options import kind
from adlwatch.adapters.ccxt.venue import Capabilities, Venue, no, yes
from adlwatch.adapters.ccxt.venues.bitget.read import ENDPOINTS, TIME, parts, refused, symbol_parts
from adlwatch.adapters.ccxt.venues.bitget.subaccounts import PARTS as SUBACCOUNTS

VENUE = Venue(
    name="bitget",
    ccxt_id="bitget",
    endpoints=ENDPOINTS,
    capabilities=Capabilities(
        lines=("usdt", "usdc", "coin", "spot", "unified"),
        positions=yes("coin futures are sized in coin; taken as that many coins at the entry price"),
        equity=yes("usdtEquity of each margin coin; unified: accountEquity"),
        maintenance=yes("value times keepMarginRate; account: crossedRiskRate times equity"),
        light=yes("rank of adlRank, 0..1, near 1 = closed first; not where only the older, inverted adlRank is sent"),
        marks=yes("tickers"),
        funding=yes("tickers, interval from current-fund-rate"),
        open_interest=yes("holdingAmount"),
        candles=yes("1 h"),
        book=yes("50 levels"),
        insurance=yes("risk-reserve-all, funds in stable coins"),
        warnings=no("none public"),
        fills=yes("the latest 100 of a day; dte_sys_adl_… is ADL"),
        holdings=yes("spot, margin coins, unified assets less debt"),
        sub_accounts=yes("balances with the main account's key, every 15 to 120 s; for positions each needs its own key"),
        key_permissions=yes("authorities ending in ow may write (inferred); unified: permType"),
    ),
    parts=parts,
    default_lines=("usdt", "usdc", "coin", "spot"),
    symbol_parts=symbol_parts,
    refused=refused,
    time=(TIME, ("data", "serverTime")),
    subaccounts=SUBACCOUNTS,
    needs=("api_key", "secret", "password"),
)

KIND = kind(VENUE)
