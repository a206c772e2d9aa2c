"""OKX's public streams: mark prices, and the ADL warning of swaps, which says nothing in normal times.

https://www.okx.com/docs-v5/en/#public-data-websocket-mark-price-channel (every 200 ms where it changes, else every 10 s)
https://www.okx.com/docs-v5/en/#public-data-websocket-adl-warning-channel (since 2026-06-09 pushed in `warning` and `adl` only,
every second; all figures but the balance may be empty)
"""

from datetime import datetime

import msgspec
from msgspec import Struct, field

from adlwatch.adapters.ccxt.decode import Num, positive, when
from adlwatch.adapters.ccxt.venues.okx.parse import VENUE
from adlwatch.adapters.stream import NOTHING, Alert, Feed, Mark, Push, Topic, native_id

SWAP = "-SWAP"


class Row(Struct, rename="camel"):
    """A row of either channel."""

    inst_id: str = ""
    inst_type: str = ""
    inst_family: str = ""
    mark_px: Num = None
    state: str = ""
    ts: Num = None


class Arg(Struct):
    """Which channel it is."""

    channel: str = ""


class Envelope(Struct):
    """Every push; acknowledgements and errors have an `event` and no data."""

    arg: Arg = field(default_factory=Arg)
    data: list[Row] = field(default_factory=list)


_DECODER = msgspec.json.Decoder(Envelope)


def parse(message: bytes, _: datetime) -> Push:
    """Marks or warnings."""
    if message == b"pong":
        return NOTHING
    pushed = _DECODER.decode(message)
    if pushed.arg.channel == "mark-price":
        return Push(marks=tuple(mark for row in pushed.data if (mark := _mark(row)) is not None))
    if pushed.arg.channel == "adl-warning":
        return Push(alerts=tuple(alert for row in pushed.data if (alert := _alert(row)) is not None))
    return NOTHING


def _mark(row: Row) -> Mark | None:
    price, at = positive(row.mark_px), when(row.ts)
    return None if price is None or at is None else Mark(row.inst_id, price, at)


def _alert(row: Row) -> Alert | None:
    at = when(row.ts)
    return Alert(row.inst_family + SWAP, row.state, at) if at is not None and row.inst_type == "SWAP" and row.state else None


def _family(id_: str) -> str | None:
    return id_.removesuffix(SWAP) if id_.endswith(SWAP) else None


FEEDS = (
    Feed(
        name="okx public",
        venue=VENUE,
        url="wss://ws.okx.com:8443/ws/v5/public",
        topics=(
            Topic('{"op":"subscribe","args":[{"channel":"mark-price","instId":"{id}"}]}'),
            Topic('{"op":"subscribe","args":[{"channel":"adl-warning","instType":"SWAP","instFamily":"{id}"}]}', _family),
        ),
        parse=parse,
        id_of=native_id,
        ping="ping",
    ),
)
