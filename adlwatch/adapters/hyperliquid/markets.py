"""Markets and candles: the venue's live figures of an asset, and the bars of the coins that are held."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from adlwatch.adapters.cache import Dated
from adlwatch.adapters.hyperliquid.parse import moment
from adlwatch.adapters.hyperliquid.symbols import symbol, venue_of
from adlwatch.adapters.hyperliquid.types import AssetContext, CandleRow, L2Book, Universe
from adlwatch.domain.model import Book, Candle, Market

FUNDING_HOURS = 1.0
"""https://hyperliquid.gitbook.io/hyperliquid-docs/trading/funding"""


class Closer(NamedTuple):
    """What is known of single coins beyond the figures of the whole dex."""

    candles: Callable[[str], tuple[Candle, ...] | None]
    book: Callable[[str], Book | None]


def markets(
    dex: str, settle: str, figures: Dated[tuple[Universe, list[AssetContext]]], wanted: frozenset[str], closer: Closer
) -> tuple[Market, ...]:
    """The wanted coins of one dex, as of when we had the figures: the reply has no time of its own."""
    universe, contexts = figures.value
    return tuple(
        Market(
            venue=venue_of(dex),
            symbol=symbol(asset.name, settle),
            mark_price=context.mark_px,
            index_price=context.oracle_px,
            funding_rate=context.funding,
            funding_interval_hours=FUNDING_HOURS,
            open_interest=context.open_interest,
            volume_24h=_volume(context),
            candles=closer.candles(asset.name) or (),
            book=closer.book(asset.name),
            maintenance_rate=1 / (2 * asset.max_leverage),
            as_of=figures.at,
        )
        for asset, context in zip(universe.universe, contexts, strict=True)
        if asset.name in wanted
    )


def _volume(context: AssetContext) -> float | None:
    """In base units; older replies give it in USD only."""
    if context.day_base_vlm is None and context.day_ntl_vlm is not None:
        return context.day_ntl_vlm / context.mark_px
    return context.day_base_vlm


def wanted_coins(held: Iterable[str], assets: Iterable[str]) -> frozenset[str]:
    """Coins held as perps, and those that price a spot holding: HYPE, and BTC for the bridged UBTC."""
    return frozenset(held).union(*((asset, asset.removeprefix("U")) for asset in assets))


def depth(reply: L2Book) -> Book:
    """The order book of a reply."""
    bids, asks = (tuple((level.px, level.sz) for level in side) for side in reply.levels)
    return Book(bids=bids, asks=asks, as_of=moment(reply.time))


def bars(rows: Iterable[CandleRow]) -> tuple[Candle, ...]:
    """Candles of a reply."""
    return tuple(Candle(moment(row.t), row.o, row.h, row.l, row.c, row.v) for row in rows)
