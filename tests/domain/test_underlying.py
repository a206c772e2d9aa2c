from datetime import date

import pytest

from adlwatch.domain.underlying import Underlying, is_cash, of_asset, of_symbol


@pytest.mark.parametrize(
    ("symbol", "asset", "multiplier", "expiry"),
    [
        ("BTC/USDT:USDT", "BTC", 1, None),
        ("BTC/USD:BTC", "BTC", 1, None),
        ("BTC/USDT:USDT-261225", "BTC", 1, date(2026, 12, 25)),
        ("BTC/USDT:USDT-261399", "BTC", 1, None),
        ("kPEPE/USDC:USDC", "PEPE", 1e3, None),
        ("KPEPE/USDC:USDC", "PEPE", 1e3, None),
        ("1000SHIB/USDT:USDT", "SHIB", 1e3, None),
        ("SHIB1000USDT", "SHIB", 1e3, None),
        ("1000000MOGUSDT", "MOG", 1e6, None),
        ("10000SATS/USDT:USDT", "SATS", 1e4, None),
        ("1MBABYDOGE/USDT:USDT", "BABYDOGE", 1e6, None),
        ("XBT/USD:BTC", "BTC", 1, None),
        ("PF_XBTUSD", "BTC", 1, None),
        ("XDG/USD:USD", "DOGE", 1, None),
        ("xyz:XYZ100/USDC:USDC", "XYZ100", 1, None),
        ("hyna:BTC", "BTC", 1, None),
        ("BTCUSDT", "BTC", 1, None),
        ("USDCUSDT", "USDC", 1, None),
        ("BTC-USDT-SWAP", "BTC", 1, None),
        ("PERP_BTC_USDC", "BTC", 1, None),
        ("BTC-PERP", "BTC", 1, None),
        ("PERP", "PERP", 1, None),
        ("PERP/USDT:USDT", "PERP", 1, None),
        ("btc", "BTC", 1, None),
        ("1INCH/USDT:USDT", "1INCH", 1, None),
        ("KAITO/USDT:USDT", "KAITO", 1, None),
        ("SPX6900/USDT:USDT", "SPX6900", 1, None),
        ("WBTC/USDT:USDT", "WBTC", 1, None),
    ],
)
def test_symbols_of_one_coin_have_one_underlying(symbol: str, asset: str, multiplier: float, expiry: date | None) -> None:
    assert of_symbol(symbol, {}) == Underlying(asset, multiplier, expiry)


def test_wrapped_forms_count_only_through_an_alias() -> None:
    assert of_asset("WBTC", {}).asset == "WBTC"
    assert of_asset("WBTC", {"WBTC": "BTC"}).asset == "BTC"
    assert of_symbol("STETH/USDT:USDT", {"STETH": "ETH"}).asset == "ETH"


def test_held_asset_is_taken_whole() -> None:
    assert of_asset("crvUSD", {}).asset == "CRVUSD"
    assert of_asset("1000SATS", {}) == Underlying("SATS", 1e3)


def test_stablecoins_are_cash_unless_the_user_says_otherwise() -> None:
    assert is_cash("USDT", {})
    assert is_cash("usdc", {})
    assert not is_cash("BTC", {})
    assert not is_cash("USDE", {"USDE": "USDE"})
