"""BingX perpetuals, linear (USDT, USDC) and coin-margined, with spot and fund balances: https://bingx-api.github.io/docs."""

from adlwatch.adapters.ccxt.options import kind
from adlwatch.adapters.ccxt.venue import Capabilities, Venue, no, yes
from adlwatch.adapters.ccxt.venues.bingx.read import ENDPOINTS, TIME, parts, refused, symbol_parts

VENUE = Venue(
    name="bingx",
    ccxt_id="bingx",
    endpoints=ENDPOINTS,
    capabilities=Capabilities(
        lines=("linear", "coin", "spot"),
        positions=yes("perpetuals; standard contracts are not read"),
        equity=yes("equity of each asset"),
        maintenance=yes("linear, by position from the tiers at the mark (second reading on); not coin-margined, not by account"),
        light=no("no ADL field in the API"),
        marks=yes("premiumIndex"),
        funding=yes("premiumIndex"),
        open_interest=yes("linear, from USDT at the mark; the unit of coin-margined contracts is documented twice, differently"),
        candles=yes("1 h; volumes of coin-margined contracts in coins at the close"),
        book=yes("20 levels"),
        insurance=no("none in the API"),
        warnings=no("none public"),
        fills=yes("forceOrders name ADL and liquidation; own trades of linear contracts, up to 1,000 a day"),
        holdings=yes("futures wallets; spot and fund accounts"),
        sub_accounts=no("a master key is told balances only; each sub-account needs its own key"),
        key_permissions=yes("apiPermissions"),
    ),
    parts=parts,
    default_lines=("linear", "coin", "spot"),
    tables={"coin contracts": float},
    symbol_parts=symbol_parts,
    refused=refused,
    time=(TIME, ("data", "serverTime")),
)

KIND = kind(VENUE)
