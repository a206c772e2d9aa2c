"""Canonical underlying of a symbol or asset, so that legs of the same coin find each other across venues' spellings.

A multiplier contract counts as that many coins: 1 kPEPE = 1000 PEPE. Two spellings of one coin (XBT, XDG) are the same by nature;
wrapped and staked forms are different assets and become the same only through `Settings.aliases`.
Multiplier names: https://hyperliquid.gitbook.io/hyperliquid-docs/trading/contract-specifications (k = 1000),
https://www.binance.com/en/futures/trading-rules (1000SHIB, 1MBABYDOGE),
https://www.bybit.com/en/announcement-info/transact-parameters (SHIB1000).
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache, partial
from typing import NamedTuple

CASH = frozenset(
    {
        *("USD", "USDT", "USDC", "USDE", "USDS", "USDD", "USDP", "USDG", "USDB", "USD0", "USD1", "USDF", "USDH"),
        *("BUSD", "TUSD", "FDUSD", "PYUSD", "GUSD", "LUSD", "RLUSD", "BFUSD", "DAI", "FRAX", "USDT0", "USDC.E"),
    }
)
"""Assets that count as cash when held; the user's alias turns one back into an underlying."""

_SPELLINGS = {"XBT": "BTC", "XDG": "DOGE"}
_UPPERCASED_THOUSANDS = frozenset({"KPEPE", "KSHIB", "KBONK", "KFLOKI", "KLUNC", "KDOGS", "KNEIRO"})
"""Hyperliquid's k-coins as some libraries spell them; any other name with a capital K is a name."""
_FACTORS = {"k": 1e3, "1M": 1e6}
_PREFIXED = re.compile(r"(k|1M|10{3,})([A-Z][A-Z0-9]{1,})")
_SUFFIXED = re.compile(r"([A-Z]{2,})(10{3,})")
_EXPIRY = re.compile(r"-(\d{2})(\d{2})(\d{2})$")
_WORDS = re.compile(r"[-_]")
_NOT_A_COIN = frozenset({"PERP", "SWAP", "PF", "PI", "FI", "FF"})
_GLUED = re.compile(r"(.{2,}?)(?:USDT|USDC|FDUSD|BUSD|USD)(?:M|PERP)?")


class Underlying(NamedTuple):
    """What a symbol is about: the canonical asset, how many of it one unit is, and when it expires (None: perpetual or spot)."""

    asset: str
    multiplier: float
    expiry: date | None = None


@lru_cache(maxsize=65_536)
def _market(symbol: str) -> Underlying:
    return _named(_base(symbol))._replace(expiry=_expiry(symbol))


@lru_cache(maxsize=65_536)
def _named(name: str) -> Underlying:
    if name in _UPPERCASED_THOUSANDS:
        return Underlying(name[1:], 1e3)
    if found := _PREFIXED.fullmatch(name):
        coin, factor = found[2], _FACTORS.get(found[1]) or float(found[1])
    elif found := _SUFFIXED.fullmatch(name):
        coin, factor = found[1], float(found[2])
    else:
        coin, factor = name.upper(), 1.0
    return Underlying(_SPELLINGS.get(coin, coin), factor)


def _base(symbol: str) -> str:
    """The base asset as spelled, out of `BASE/QUOTE:SETTLE`, `dex:BASE`, `BASE-QUOTE-SWAP`, `PF_BASEUSD` or `BASEQUOTE`."""
    pair, slash, _ = symbol.partition("/")
    pair = pair.rpartition(":")[2]
    if slash:
        return pair
    words = [word for word in _WORDS.split(pair) if word not in _NOT_A_COIN]
    first = words[0] if words else pair
    glued = _GLUED.fullmatch(first)
    return glued[1] if glued else first


def _expiry(symbol: str) -> date | None:
    found = _EXPIRY.search(symbol)
    if found is None:
        return None
    try:
        return date(2000 + int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def of_symbol(symbol: str, aliases: Mapping[str, str]) -> Underlying:
    """Canonical underlying of a market; `aliases` maps a canonical (upper-case) asset to what the user counts it as."""
    return _aliased(_market(symbol), aliases) if aliases else _market(symbol)


def namer(aliases: Mapping[str, str]) -> Callable[[str], Underlying]:
    """`of_symbol` under these aliases, for many symbols."""
    return partial(of_symbol, aliases=aliases) if aliases else _market


def of_asset(asset: str, aliases: Mapping[str, str]) -> Underlying:
    """Canonical underlying of a held asset, whose name is taken whole (CRVUSD is no CRV)."""
    return _aliased(_named(asset), aliases)


def is_cash(asset: str, aliases: Mapping[str, str]) -> bool:
    """Whether a held asset is cash and therefore no leg of anything."""
    return asset.upper() in CASH and asset.upper() not in aliases


def _aliased(plain: Underlying, aliases: Mapping[str, str]) -> Underlying:
    alias = aliases.get(plain.asset)
    return plain if alias is None else plain._replace(asset=alias)
