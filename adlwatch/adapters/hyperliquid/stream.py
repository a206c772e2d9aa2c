"""Hyperliquid's `activeAssetCtx`: the live figures of one coin, of HIP-3 dexs too. A push has no time of its own.

https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/subscriptions
https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/timeouts-and-heartbeats
"""

from datetime import datetime

import msgspec
from msgspec import Raw, Struct, field

from adlwatch.adapters.hyperliquid.symbols import VENUE
from adlwatch.adapters.hyperliquid.types import Name, Positive
from adlwatch.adapters.stream import NOTHING, Feed, Mark, Push, Topic, native_id


class Envelope(Struct):
    """Every push."""

    channel: str = ""
    data: Raw = Raw(b"null")


class Figures(Struct):
    """The part of them that we read."""

    mark_px: Positive = field(name="markPx")


class Context(Struct):
    """One coin."""

    coin: Name
    ctx: Figures


_ENVELOPE = msgspec.json.Decoder(Envelope)
_CONTEXT = msgspec.json.Decoder(Context, strict=False)


def parse(message: bytes, received: datetime) -> Push:
    """One mark, as of when we had it."""
    pushed = _ENVELOPE.decode(message)
    if pushed.channel != "activeAssetCtx":
        return NOTHING
    context = _CONTEXT.decode(pushed.data)
    return Push((Mark(context.coin, context.ctx.mark_px, received),))


def feed(api_url: str) -> Feed:
    """The stream beside one API address: https://… → wss://…/ws."""
    return Feed(
        name="hyperliquid",
        venue=VENUE,
        url=f"{api_url.replace('http', 'ws', 1).rstrip('/')}/ws",
        topics=(Topic('{"method":"subscribe","subscription":{"type":"activeAssetCtx","coin":"{id}"}}'),),
        parse=parse,
        id_of=lambda position: native_id(position, "coin"),
        ping='{"method":"ping"}',
    )
