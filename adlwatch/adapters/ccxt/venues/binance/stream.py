"""Binance's mark price streams, a push a second and symbol.

https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/Mark-Price-Stream and the same
page of coin-margined-futures. On USD-M marks come only under the path /market; without it the connection stays silent:
https://developers.binance.com/docs/products/caas/market-data-streams
"""

from datetime import datetime

import msgspec
from msgspec import Struct, field

from adlwatch.adapters.ccxt.decode import Num, positive, when
from adlwatch.adapters.ccxt.venues.binance.parse import COINM, VENUE
from adlwatch.adapters.stream import NOTHING, Feed, Mark, Push, Topic, native_id
from adlwatch.domain.model import Contract


class Update(Struct):
    """`markPriceUpdate`, or anything else, which lacks the symbol."""

    event: str = field(name="e", default="")
    time: Num = field(name="E", default=None)
    symbol: str = field(name="s", default="")
    price: Num = field(name="p", default=None)


_DECODER = msgspec.json.Decoder(Update)


def parse(message: bytes, _: datetime) -> Push:
    """One mark."""
    update = _DECODER.decode(message)
    price, at = positive(update.price), when(update.time)
    if update.event != "markPriceUpdate" or price is None or at is None:
        return NOTHING
    return Push((Mark(update.symbol, price, at),))


def _feed(name: str, venue: str, url: str, contract: Contract) -> Feed:
    return Feed(
        name=name,
        venue=venue,
        url=url,
        topics=(Topic('{"method":"SUBSCRIBE","params":["{id}@markPrice@1s"],"id":1}', str.lower),),
        parse=parse,
        id_of=lambda position: native_id(position) if position.contract is contract else None,
    )


FEEDS = (
    _feed("binance USD-M", VENUE, "wss://fstream.binance.com/market/ws", Contract.LINEAR),
    _feed("binance COIN-M", COINM, "wss://dstream.binance.com/ws", Contract.INVERSE),
)
