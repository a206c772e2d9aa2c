"""Hyperliquid, read by public address over plain HTTP: positions, equity, spot legs, fills, markets. No key, ever."""

from adlwatch.adapters.base import Adapter, Context, Kind
from adlwatch.adapters.hyperliquid.options import HyperliquidOptions


def _create(source_id: str, options: HyperliquidOptions, context: Context) -> Adapter:
    """One source; those on the same API address share connections, budget and public facts, as the first one set them."""
    from adlwatch.adapters.hyperliquid.shared import Shared  # noqa: PLC0415 -- checking a configuration needs none of it
    from adlwatch.adapters.hyperliquid.source import HyperliquidSource  # noqa: PLC0415 -- as above
    from adlwatch.adapters.hyperliquid.stream import feed  # noqa: PLC0415 -- as above
    from adlwatch.adapters.streamed import streamed  # noqa: PLC0415 -- as above

    name = f"hyperliquid {options.api_url}"
    if name not in context.shared:
        context.shared[name] = Shared(options.api_url, context.clock, keep_free=options.keep_free, timeout=options.timeout)
    source = HyperliquidSource(source_id, options, context.shared[name], context.before.get(source_id))
    return streamed(source, [feed(options.api_url)] if options.stream else [], context)


KIND = Kind("hyperliquid", HyperliquidOptions, _create)

__all__ = ["KIND", "HyperliquidOptions"]
