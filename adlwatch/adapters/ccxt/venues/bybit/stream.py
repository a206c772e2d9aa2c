"""Bybit's public streams: tickers (a snapshot, then what has changed), and each second the ADL alerts of all symbols of a coin.

https://bybit-exchange.github.io/docs/v5/websocket/public/ticker ("if a response param is not found in the message, then its
value has not changed") and https://bybit-exchange.github.io/docs/v5/websocket/public/adl-alert
"""

from datetime import datetime

import msgspec
from msgspec import Raw, Struct, field

from adlwatch.adapters.ccxt.decode import Num, number, positive, when
from adlwatch.adapters.ccxt.venues.bybit import types as b
from adlwatch.adapters.ccxt.venues.bybit.parse import VENUE, triggered
from adlwatch.adapters.stream import NOTHING, Alert, Feed, Mark, Push, Topic, native_id
from adlwatch.domain.model import Contract


class Envelope(Struct):
    """Every push; acknowledgements and pongs lack the topic."""

    topic: str = ""
    type: str = ""
    ts: Num = None
    data: Raw = Raw(b"null")


class Ticker(Struct):
    """The part of a ticker we read; a delta may lack the mark."""

    symbol: str
    mark_price: Num = field(name="markPrice", default=None)


class AlertRow(Struct):
    """One row of `adlAlert`, in the names of the stream."""

    symbol: str = field(name="s")
    balance: Num = field(name="b", default=None)
    pnl_ratio: Num = field(name="pr", default=None)
    insurance_pnl_ratio: Num = field(name="i_pr", default=None)
    adl_trigger_threshold: Num = field(name="adl_tt", default=None)


_ENVELOPE = msgspec.json.Decoder(Envelope)
_TICKER = msgspec.json.Decoder(Ticker)
_ALERTS = msgspec.json.Decoder(list[AlertRow])


def parse(message: bytes, _: datetime) -> Push:
    """One mark, or all alerts of a coin."""
    pushed = _ENVELOPE.decode(message)
    at = when(pushed.ts)
    if at is None:
        return NOTHING
    if pushed.topic.startswith("tickers."):
        return _mark(_TICKER.decode(pushed.data), pushed.type, at)
    if pushed.topic.startswith("adlAlert."):
        return Push(alerts=tuple(_alert(row, at) for row in _ALERTS.decode(pushed.data)))
    return NOTHING


def _mark(row: Ticker, kind: str, at: datetime) -> Push:
    """A delta without a mark confirms the last one; one that cannot be read does not."""
    price = positive(row.mark_price)
    unchanged = kind == "delta" and row.mark_price is None
    return Push((Mark(row.symbol, price, at),)) if price is not None or unchanged else NOTHING


def _alert(row: AlertRow, at: datetime) -> Alert:
    known = b.Alert(row.symbol, "", row.balance, row.pnl_ratio, row.insurance_pnl_ratio, row.adl_trigger_threshold)
    state = "triggered" if triggered(known) else "normal"
    return Alert(row.symbol, state, at, number(row.pnl_ratio), number(row.insurance_pnl_ratio))


def _feed(line: str, path: str, contract: Contract, topics: tuple[Topic, ...]) -> Feed:
    return Feed(
        name=f"bybit {line}",
        venue=VENUE,
        url=f"wss://stream.bybit.com/v5/public/{path}",
        topics=(Topic('{"op":"subscribe","args":["tickers.{id}"]}'), *topics),
        parse=parse,
        id_of=lambda position: native_id(position) if position.contract is contract else None,
        ping='{"op":"ping"}',
    )


def _in_usdt(id_: str) -> str | None:
    return "USDT" if "USDT" in id_ else None


def _in_usdc(id_: str) -> str | None:
    return "USDC" if "USDT" not in id_ else None


_ALERT = '{"op":"subscribe","args":["adlAlert.{id}"]}'
FEEDS = (
    _feed("linear", "linear", Contract.LINEAR, (Topic(_ALERT, _in_usdt), Topic(_ALERT, _in_usdc))),
    _feed("inverse", "inverse", Contract.INVERSE, (Topic(_ALERT, lambda _: "inverse"),)),
)
