"""BloFin perpetuals, linear and inverse, with the balances of the other accounts: https://docs.blofin.com."""

from adlwatch.adapters.ccxt.options import kind
from adlwatch.adapters.ccxt.venue import Capabilities, Venue, no, yes
from adlwatch.adapters.ccxt.venues.blofin import types
from adlwatch.adapters.ccxt.venues.blofin.read import ENDPOINTS, parts, refused, symbol_parts

VENUE = Venue(
    name="blofin",
    ccxt_id="blofin",
    endpoints=ENDPOINTS,
    capabilities=Capabilities(
        lines=("futures", "spot"),
        positions=yes("linear and inverse perpetuals"),
        equity=yes("totalEquity; coin-margined pools of a classic account by equityUsd"),
        maintenance=yes("by position; not by account"),
        light=yes("adl, 1..5, 5 = strongest"),
        marks=yes("with the positions, and mark-price"),
        funding=yes("funding-rate, interval from the payment before"),
        open_interest=no("none in the API"),
        candles=yes("1 h"),
        book=yes("20 levels"),
        insurance=no("none in the API"),
        warnings=no("none public"),
        fills=yes("completed orders of a day, up to 1,000; orderCategory names ADL and liquidation"),
        holdings=yes("futures, funding and spot accounts"),
        sub_accounts=no("the API tells a master key nothing of them; each sub-account needs its own key"),
        key_permissions=yes("query-apikey: read only or not"),
    ),
    parts=parts,
    default_lines=("futures", "spot"),
    tables={"instruments": types.Instrument},
    symbol_parts=symbol_parts,
    refused=refused,
    needs=("api_key", "secret", "password"),
)

KIND = kind(VENUE)
