"""Extended without a key: the public bounds of its ADL levels, held against positions that you type in. No key, ever."""

from adlwatch.adapters.base import Adapter, Context, Kind
from adlwatch.adapters.extended.options import ExtendedOptions


def _create(source_id: str, options: ExtendedOptions, context: Context) -> Adapter:
    """One source; those on the same API address share connections and budget, as the first one set them."""
    from adlwatch.adapters.extended.shared import ExtendedShared  # noqa: PLC0415 -- checking a configuration needs none of it
    from adlwatch.adapters.extended.source import ExtendedSource  # noqa: PLC0415 -- as above
    from adlwatch.adapters.keyless import share  # noqa: PLC0415 -- as above

    shared = share(context, f"extended {options.api_url}", lambda: ExtendedShared(options, context.clock))
    return ExtendedSource(source_id, options, shared)


KIND = Kind("extended", ExtendedOptions, _create)

__all__ = ["KIND", "ExtendedOptions"]
