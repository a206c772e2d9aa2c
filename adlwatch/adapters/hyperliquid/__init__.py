"""Hyperliquid, read by public address over plain HTTP: positions, equity, spot legs, fills, markets. No key, ever."""

from adlwatch.adapters.hyperliquid.source import KIND, HyperliquidOptions, HyperliquidSource

__all__ = ["KIND", "HyperliquidOptions", "HyperliquidSource"]
