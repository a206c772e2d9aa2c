"""The hedges of everything gathered: whose they are, and the prices their legs are valued at."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from msgspec.structs import replace

from adlwatch.domain.gather import Gathered
from adlwatch.domain.hedge import Hedge, holding_legs, pair_legs
from adlwatch.domain.leg import position_leg
from adlwatch.domain.settings import Settings
from adlwatch.domain.shield import shields
from adlwatch.domain.snapshot import Shield
from adlwatch.domain.underlying import namer, of_asset
from adlwatch.domain.value import unrealized_pnl

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def hedges_of(found: Gathered, prices: Mapping[str, float], settings: Settings) -> tuple[Hedge, ...]:
    """All positions and holdings, paired; `settings` from `with_hedges`, `prices` from `leg_prices`."""
    legs, named = [], namer(settings.aliases)
    for row in found.positions:
        position, mark = row.position, prices.get(row.key, row.mark)
        pnl = row.pnl if mark == row.mark else unrealized_pnl(position, mark)
        legs.append(position_leg(position, row.key, mark, pnl, named(position.symbol)))
    return pair_legs(legs + holding_legs([row.holding for row in found.holdings], prices, settings), settings)


def with_hedges(settings: Settings, found: Gathered) -> Settings:
    """The user's own hedges and owner groups first, then those that came with a source."""
    named = ((account.id, account.owner) for account in found.accounts.values() if account.owner is not None)
    owners = {id_: owner for id_, owner in named if settings.owner_of(id_) is None}
    if not owners and not found.hedges:
        return settings
    return replace(settings, hedges=(*settings.hedges, *found.hedges), owners={**owners, **settings.owners})


def leg_prices(found: Gathered, settings: Settings) -> dict[str, float]:
    """Marks by position key, and USD per canonical unit by underlying for what is held: an index price before a mark."""
    prices = {row.key: row.mark for row in found.positions if row.mark is not None}
    held = {of_asset(row.holding.asset, settings.aliases).asset for row in found.holdings}
    best: dict[str, tuple[bool, datetime, str]] = {}
    named = namer(settings.aliases)
    for market in found.markets.values() if held else ():
        asset, multiplier, expiry = named(market.symbol)
        if asset not in held:
            continue
        price = market.index_price or market.mark_price
        if price is None or not price > 0:
            continue
        quality = (expiry is None and market.index_price is not None, market.as_of or _LONG_AGO, market.venue)
        if asset not in best or quality > best[asset]:
            best[asset] = quality
            prices[asset] = price / multiplier
    unpriced = held - best.keys()
    for row in found.positions if unpriced else ():
        asset, multiplier, expiry = named(row.position.symbol)
        if asset in unpriced and row.mark is not None and expiry is None:
            prices[asset] = row.mark / multiplier
    return prices


def shields_of(
    found: Gathered, hedges: Iterable[Hedge], settings: Settings, equity: Mapping[str, float | None] | None = None
) -> dict[tuple[str, str], Shield]:
    """The delta-neutral protection of each account and underlying; `equity` replaces that of the accounts."""
    profiles = {row.position.venue: settings.profiles.get(row.position.venue) for row in found.positions}
    rules = {venue: profile.shield if profile is not None else None for venue, profile in profiles.items()}
    legs = [leg for hedge in hedges for leg in hedge.legs]
    return shields(legs, found.accounts, rules, found.equity if equity is None else equity)
