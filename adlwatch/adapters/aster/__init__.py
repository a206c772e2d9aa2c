"""Aster, read by public address from its chain RPC: positions with the venue's own ADL light, balances, markets. No key, ever."""

from adlwatch.adapters.aster.options import AsterOptions
from adlwatch.adapters.base import Adapter, Context, Kind


def _create(source_id: str, options: AsterOptions, context: Context) -> Adapter:
    """One source; those on the same RPC address share connections, budget and public facts, as the first one set them."""
    from adlwatch.adapters.aster.shared import AsterShared  # noqa: PLC0415 -- checking a configuration needs none of it
    from adlwatch.adapters.aster.source import AsterSource  # noqa: PLC0415 -- as above
    from adlwatch.adapters.keyless import share  # noqa: PLC0415 -- as above

    name = f"aster {options.api_url} {options.market_url}"
    shared = share(context, name, lambda: AsterShared(options, context.clock))
    return AsterSource(source_id, options, shared, context.before.get(source_id))


KIND = Kind("aster", AsterOptions, _create)

__all__ = ["KIND", "AsterOptions"]
