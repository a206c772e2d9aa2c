"""Lighter, read by public address or account index: positions, equity, spot legs, markets, insurance. No key, ever."""

from adlwatch.adapters.base import Adapter, Context, Kind
from adlwatch.adapters.lighter.options import LighterOptions


def _create(source_id: str, options: LighterOptions, context: Context) -> Adapter:
    """One source; those on the same API address share connections, budget and public facts, as the first one set them."""
    from adlwatch.adapters.keyless import share  # noqa: PLC0415 -- checking a configuration needs none of it
    from adlwatch.adapters.lighter.shared import LighterShared  # noqa: PLC0415 -- as above
    from adlwatch.adapters.lighter.source import LighterSource  # noqa: PLC0415 -- as above

    shared = share(context, f"lighter {options.api_url}", lambda: LighterShared(options, context.clock))
    return LighterSource(source_id, options, shared, context.before.get(source_id))


KIND = Kind("lighter", LighterOptions, _create)

__all__ = ["KIND", "LighterOptions"]
