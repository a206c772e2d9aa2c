"""Options of a ccxt source, and how one is built: no network library is imported before its first fetch."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from adlwatch.adapters.base import Adapter, Context, Kind, Unsupported
from adlwatch.adapters.ccxt.adapter import CcxtAdapter
from adlwatch.adapters.ccxt.client import Client
from adlwatch.adapters.ccxt.meters import shared_meters
from adlwatch.adapters.ccxt.replies import shared_replies
from adlwatch.adapters.ccxt.tables import tables
from adlwatch.adapters.ccxt.venue import Venue
from adlwatch.adapters.streamed import streamed
from adlwatch.strict import nearest


class CcxtOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One account. Credentials are references (`env:`, `file:`, `cmd:`, `keyring:`), never the secret itself."""

    api_key: str
    secret: str
    password: str | None = None
    """The passphrase some venues add to a key."""
    lines: tuple[str, ...] = ()
    """Product lines to read; empty means the venue's usual ones."""
    subaccounts: Literal["all"] | Annotated[tuple[str, ...], Meta(min_length=1)] | None = None
    """Sub-accounts to read with this master key, by the venue's name for them; each is an account `source/name`."""
    interval: float = 5.0
    """Seconds between the end of one fetch and the start of the next."""
    timeout: float = 30.0
    """Seconds after which one fetch is given up."""
    request_timeout: float = 10.0
    """Seconds after which one request is given up."""
    allow_trading_keys: bool = False
    """Accept a key that may do more than read, with a warning on screen."""
    stream: bool = True
    """Take marks between two fetches from the venue's public stream, where we read it."""


def kind(venue: Venue) -> Kind:
    """The kind of source for one venue."""

    def create(source: str, options: Any, context: Context) -> Adapter:
        return streamed(build(source, venue, options, context), venue.feeds if options.stream else (), context)

    return Kind(venue.name, CcxtOptions, create)


def build(
    source: str, venue: Venue, options: CcxtOptions, context: Context, reroute: Callable[[str], str] | None = None
) -> CcxtAdapter:
    """An adapter, or `Unsupported` where the options ask for what the venue has not."""
    if options.subaccounts is not None and not venue.subaccounts:
        raise Unsupported(f"{source}: {venue.name}: {venue.capabilities.sub_accounts.note}, as a source of its own")
    lines = options.lines or venue.default_lines
    for line in lines:
        if line not in venue.capabilities.lines:
            raise Unsupported(f'{source}: {venue.name} has no line "{line}"{nearest(line, venue.capabilities.lines)}')
    login = {name: value for name in venue.needs if (value := getattr(options, name)) is not None}
    if missing := [name for name in venue.needs if name not in login]:
        raise Unsupported(f"{source}: {venue.name} needs {', '.join(missing)}")
    meters = shared_meters(context.shared, venue.name)
    client = Client(
        venue,
        source,
        login,
        meters,
        context.clock,
        replies=shared_replies(context.shared, venue.name),
        timeout=options.request_timeout,
        reroute=reroute,
    )
    return CcxtAdapter(
        source,
        client,
        lines,
        context.clock,
        interval=options.interval,
        timeout=options.timeout,
        may_trade=options.allow_trading_keys,
        tables=tables(venue, context),
        subaccounts=() if options.subaccounts == "all" else options.subaccounts,
        before=context.before.get(source),
        identity=f"{venue.name} {options.api_key} {' '.join(sorted(lines))}",
    )
