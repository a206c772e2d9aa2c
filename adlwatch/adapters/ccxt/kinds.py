"""The entry points: one kind a venue, each importing its module only when a source of it is built."""

from importlib import import_module

from adlwatch.adapters.base import Kind
from adlwatch.adapters.ccxt.options import kind
from adlwatch.adapters.ccxt.venue import Venue

NAMES = ("binance", "bybit", "okx")


def find(name: str) -> Venue:
    """Import one venue's module."""
    venue = import_module(f"adlwatch.adapters.ccxt.venues.{name}").VENUE
    if not isinstance(venue, Venue):
        raise TypeError(f"{name} declares no Venue")
    return venue


def _kind(name: str) -> Kind:
    return kind(name, lambda: find(name))


binance = _kind("binance")
bybit = _kind("bybit")
okx = _kind("okx")
