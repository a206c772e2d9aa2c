"""Deribit: inverse and linear perpetuals and futures of every currency: https://docs.deribit.com."""

from adlwatch.adapters.ccxt.options import kind
from adlwatch.adapters.ccxt.venue import Capabilities, Venue, no, yes
from adlwatch.adapters.ccxt.venues.deribit.read import ENDPOINTS, TIME, parts, symbol_parts
from adlwatch.adapters.ccxt.venues.deribit.subaccounts import PARTS

VENUE = Venue(
    name="deribit",
    ccxt_id="deribit",
    endpoints=ENDPOINTS,
    capabilities=Capabilities(
        lines=("futures",),
        positions=yes("perpetuals and futures of every currency; options are named, not read"),
        equity=yes("by currency, at Deribit's index; total_equity_usd with cross collateral"),
        maintenance=yes("by position and account"),
        light=no("Deribit publishes no queue"),
        marks=yes("with the positions, and ticker"),
        funding=yes("ticker, over eight hours"),
        open_interest=yes("ticker"),
        candles=yes("1 h"),
        book=yes("20 levels"),
        insurance=no("not in the API used"),
        warnings=no("none public"),
        fills=yes("trades of a day; liquidations are marked, an ADL transfer is told by websocket only"),
        holdings=yes("balances of every currency"),
        sub_accounts=yes("positions and pools with the main account's key, every 15 s; no fills"),
        key_permissions=no("list_api_keys needs a wider key than one that reads"),
    ),
    parts=parts,
    default_lines=("futures",),
    symbol_parts=symbol_parts,
    time=(TIME, ("result",)),
    subaccounts=PARTS,
)

KIND = kind(VENUE)
