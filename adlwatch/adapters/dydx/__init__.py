"""dYdX v4, read by public address from an indexer: sub-accounts, positions, equity, fills, markets. No key, ever."""

from adlwatch.adapters.base import Adapter, Context, Kind
from adlwatch.adapters.dydx.options import DydxOptions


def _create(source_id: str, options: DydxOptions, context: Context) -> Adapter:
    """One source; those on the same indexer share connections, budget and public facts, as the first one set them."""
    from adlwatch.adapters.dydx.shared import DydxShared  # noqa: PLC0415 -- checking a configuration needs none of it
    from adlwatch.adapters.dydx.source import DydxSource  # noqa: PLC0415 -- as above
    from adlwatch.adapters.keyless import share  # noqa: PLC0415 -- as above

    shared = share(context, f"dydx {options.api_url}", lambda: DydxShared(options, context.clock))
    return DydxSource(source_id, options, shared, context.before.get(source_id))


KIND = Kind("dydx", DydxOptions, _create)

__all__ = ["KIND", "DydxOptions"]
