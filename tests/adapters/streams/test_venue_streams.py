"""What each venue is asked for and what its documented pushes mean. Each sample stands beside the page it comes from."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlwatch.adapters.ccxt.venues import binance, bybit, okx
from adlwatch.adapters.ccxt.venues.binance import stream as binance_stream
from adlwatch.adapters.ccxt.venues.bybit import stream as bybit_stream
from adlwatch.adapters.ccxt.venues.okx import stream as okx_stream
from adlwatch.adapters.hyperliquid import stream as hyperliquid_stream
from adlwatch.adapters.stream import NOTHING, Feed
from adlwatch.domain.model import Contract, Position, Side

NOW = datetime(2026, 1, 2, tzinfo=UTC)
HYPERLIQUID = hyperliquid_stream.feed("https://api.hyperliquid.xyz")
FEEDS = (*binance.VENUE.feeds, *bybit.VENUE.feeds, *okx.VENUE.feeds, HYPERLIQUID)

# https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/Mark-Price-Stream
BINANCE: Any = {
    "e": "markPriceUpdate", "E": 1562305380000, "s": "BTCUSDT", "p": "11794.15000000", "i": "11784.62659091",
    "P": "11784.25641265", "r": "0.00038167", "T": 1562306400000,
}  # fmt: skip
# https://developers.binance.com/docs/derivatives/coin-margined-futures/websocket-market-streams/Mark-Price-Stream
BINANCE_COIN: Any = {
    "e": "markPriceUpdate", "E": 1596095725000, "s": "BTCUSD_201225", "p": "10934.62615417", "P": "10962.17178236",
    "i": "10933.62615417", "r": "", "T": 0,
}  # fmt: skip
# https://bybit-exchange.github.io/docs/v5/websocket/public/ticker (shortened)
BYBIT: Any = {
    "topic": "tickers.BTCUSDT", "type": "snapshot", "ts": 1673272861686, "cs": 24987956059,
    "data": {"symbol": "BTCUSDT", "lastPrice": "17216.00", "markPrice": "17217.33", "indexPrice": "17227.36"},
}  # fmt: skip
BYBIT_DELTA: Any = {**BYBIT, "type": "delta", "data": {"symbol": "BTCUSDT", "bid1Price": "17215.50"}}
# https://bybit-exchange.github.io/docs/v5/websocket/public/adl-alert (two of its rows)
BYBIT_ALERT: Any = {
    "topic": "adlAlert.USDT", "type": "snapshot", "ts": 1757736794000,
    "data": [
        {"c": "USDT", "s": "FWOGUSDT", "b": -5421.29889888, "mb": -5421.29889888, "i_pr": -0.3, "pr": 0, "adl_tt": 10000,
         "adl_sr": -0.25},
        {"c": "USDT", "s": "ZORAUSDT", "b": 19873.46255153, "mb": 19874.97612833, "i_pr": -0.3, "pr": 0.000174, "adl_tt": 10000,
         "adl_sr": -0.25},
    ],
}  # fmt: skip
# https://www.okx.com/docs-v5/en/#public-data-websocket-mark-price-channel: the push data example
OKX: Any = {
    "arg": {"channel": "mark-price", "instId": "LTC-USD-190628"},
    "data": [{"instType": "FUTURES", "instId": "LTC-USD-190628", "markPx": "0.1", "ts": "1597026383085"}],
}
# https://www.okx.com/docs-v5/en/#public-data-websocket-adl-warning-channel: the push data example as of 2026-07-19, of futures
OKX_FUTURES_WARNING: Any = {
    "arg": {"channel": "adl-warning", "instType": "FUTURES", "instFamily": "BTC-USDT"},
    "data": [{"instType": "FUTURES", "instFamily": "BTC-USDT", "state": "warning", "bal": "280784384.9564228289548144", "ccy": "",
              "maxBal": "", "maxBalTs": "", "adlType": "", "adlBal": "", "adlRecBal": "", "ts": "1700210763001", "decRate": "",
              "adlRate": "", "adlRecRate": ""}],
}  # fmt: skip
OKX_WARNING: Any = {
    "arg": {**OKX_FUTURES_WARNING["arg"], "instType": "SWAP"},
    "data": [{**OKX_FUTURES_WARNING["data"][0], "instType": "SWAP"}],
}
# ccxt 4.5.90 (ccxt/pro/hyperliquid.py, `handle_active_asset_ctx`, MIT, (c) 2024 Igor Kroitor); the type is WsActiveAssetCtx of
# https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/subscriptions
HYPER: Any = {
    "channel": "activeAssetCtx",
    "data": {"coin": "BTC", "ctx": {"dayNtlVlm": "1169046.29406", "prevDayPx": "15.322", "markPx": "14.3161", "midPx": "14.314",
             "oraclePx": "14.32", "funding": "0.0000125", "openInterest": "688.11", "premium": "0.00031774",
             "impactPxs": ["14.3047", "14.3444"]}},
}  # fmt: skip
HYPER_HIP3: Any = {
    "channel": "activeAssetCtx",
    "data": {"coin": "xyz:XYZ100", "ctx": {**HYPER["data"]["ctx"], "midPx": None, "premium": None, "impactPxs": None}},
}
# As HYPER, `handle_ws_tickers`: another channel, which nobody asked for
HYPER_MIDS: Any = {"channel": "allMids", "data": {"dex": "flx", "mids": {"flx:COIN": "270.075", "flx:CRCL": "78.8175"}}}
OKX_SUBSCRIBED: Any = {
    "id": "1512", "event": "subscribe", "connId": "48d8960a",
    "arg": {"channel": "adl-warning", "instType": "FUTURES", "instFamily": "BTC-USDT"},
}  # fmt: skip
OKX_REFUSED: Any = {
    "id": "1512", "event": "error", "code": "60012", "connId": "48d8960a",
    "msg": 'Illegal request: { "event": "subscribe", "arg": { "channel": "adl-warning", "instType": "FUTURES" } }',
}  # fmt: skip
ACKNOWLEDGED: tuple[tuple[Feed, list[Any]], ...] = (
    (FEEDS[0], [{"result": None, "id": 1}]),
    (bybit.VENUE.feeds[0], [{"success": True, "ret_msg": "subscribe", "op": "subscribe"}, {"op": "ping", "ret_msg": "pong"}]),
    (
        okx.VENUE.feeds[0],
        [OKX_SUBSCRIBED, OKX_REFUSED],
    ),
    (
        HYPERLIQUID,
        [{"channel": "subscriptionResponse", "data": {}}, {"channel": "pong"}, {"channel": "error", "data": "x"}, HYPER_MIDS],
    ),
)


def position(native: str, contract: Contract = Contract.LINEAR, field: str = "id") -> Position:
    return Position(
        account="a", venue="v", symbol="S", side=Side.LONG, size=1, entry_price=1, contract=contract, raw=((field, native),)
    )


def marks(feed: Feed, document: Any) -> list[tuple[str, float | None, int]]:
    push = feed.parse(msgspec.json.encode(document), NOW)
    return [(mark.id, mark.price, round(mark.at.timestamp() * 1000)) for mark in push.marks]


def test_documented_pushes_are_marks_at_the_venues_own_time() -> None:
    assert marks(FEEDS[0], BINANCE) == [("BTCUSDT", 11794.15, 1562305380000)]
    assert marks(FEEDS[1], BINANCE_COIN) == [("BTCUSD_201225", 10934.62615417, 1596095725000)]
    assert marks(FEEDS[2], BYBIT) == [("BTCUSDT", 17217.33, 1673272861686)]
    assert marks(FEEDS[4], OKX) == [("LTC-USD-190628", 0.1, 1597026383085)]


def test_hyperliquid_gives_no_time_so_a_mark_is_as_old_as_its_arrival() -> None:
    arrived = round(NOW.timestamp() * 1000)
    assert marks(HYPERLIQUID, HYPER) == [("BTC", 14.3161, arrived)]
    assert marks(HYPERLIQUID, HYPER_HIP3) == [("xyz:XYZ100", 14.3161, arrived)]


def test_a_bybit_delta_without_a_mark_confirms_the_last_but_one_with_an_unreadable_mark_does_not() -> None:
    assert marks(FEEDS[2], BYBIT_DELTA) == [("BTCUSDT", None, 1673272861686)]
    assert marks(FEEDS[2], {**BYBIT_DELTA, "data": {"symbol": "BTCUSDT", "markPrice": "0"}}) == []
    assert marks(FEEDS[2], {**BYBIT, "data": {"symbol": "BTCUSDT"}}) == []


def test_bybit_alerts_name_their_drawdown_and_an_empty_pool_is_a_trigger() -> None:
    push = bybit_stream.parse(msgspec.json.encode(BYBIT_ALERT), NOW)
    assert [(alert.id, alert.state, alert.value, alert.trigger) for alert in push.alerts] == [
        ("FWOGUSDT", "triggered", 0.0, -0.3),
        ("ZORAUSDT", "normal", 0.000174, -0.3),
    ]


def test_an_okx_warning_of_a_family_is_one_of_its_swap() -> None:
    (alert,) = okx_stream.parse(msgspec.json.encode(OKX_WARNING), NOW).alerts
    assert (alert.id, alert.state, alert.value) == ("BTC-USDT-SWAP", "warning", None)
    assert okx_stream.parse(msgspec.json.encode(OKX_FUTURES_WARNING), NOW).alerts == ()  # only that of swaps is asked for
    assert okx_stream.parse(b"pong", NOW) == NOTHING


@pytest.mark.parametrize(("feed", "documents"), ACKNOWLEDGED, ids=lambda value: getattr(value, "name", ""))
def test_acknowledgements_errors_and_pongs_bring_nothing(feed: Feed, documents: list[Any]) -> None:
    assert [feed.parse(msgspec.json.encode(document), NOW) for document in documents] == [NOTHING] * len(documents)


def test_what_is_asked_for() -> None:
    asked = {
        feed.name: [topic.fill(id_) for topic in feed.topics]
        for feed, id_ in zip(FEEDS, ("BTCUSDT", "BTCUSD_PERP", "BTCPERP", "BTCUSD", "BTC-USDT-SWAP", "xyz:XYZ100"), strict=True)
    }
    assert asked == {
        "binance USD-M": ['{"method":"SUBSCRIBE","params":["btcusdt@markPrice@1s"],"id":1}'],
        "binance COIN-M": ['{"method":"SUBSCRIBE","params":["btcusd_perp@markPrice@1s"],"id":1}'],
        "bybit linear": [
            '{"op":"subscribe","args":["tickers.BTCPERP"]}',
            None,
            '{"op":"subscribe","args":["adlAlert.USDC"]}',
        ],
        "bybit inverse": ['{"op":"subscribe","args":["tickers.BTCUSD"]}', '{"op":"subscribe","args":["adlAlert.inverse"]}'],
        "okx public": [
            '{"op":"subscribe","args":[{"channel":"mark-price","instId":"BTC-USDT-SWAP"}]}',
            '{"op":"subscribe","args":[{"channel":"adl-warning","instType":"SWAP","instFamily":"BTC-USDT"}]}',
        ],
        "hyperliquid": ['{"method":"subscribe","subscription":{"type":"activeAssetCtx","coin":"xyz:XYZ100"}}'],
    }
    assert okx.VENUE.feeds[0].topics[1].fill("BTC-USDT-250627") is None


def test_each_position_belongs_to_the_stream_of_its_kind() -> None:
    linear, inverse = position("BTCUSDT"), position("BTCUSD", Contract.INVERSE)
    for one, other in (binance.VENUE.feeds, bybit.VENUE.feeds):
        assert [feed.id_of(row) for feed in (one, other) for row in (linear, inverse)] == ["BTCUSDT", None, None, "BTCUSD"]
    assert HYPERLIQUID.id_of(position("BTC", field="coin")) == "BTC"
    assert HYPERLIQUID.id_of(position("BTC")) is None


def test_every_stream_is_encrypted_and_a_loopback_one_stays_on_loopback() -> None:
    assert all(feed.url.startswith("wss://") for feed in FEEDS)
    assert hyperliquid_stream.feed("http://127.0.0.1:80/").url == "ws://127.0.0.1:80/ws"
    assert "/market/" in binance_stream.FEEDS[0].url


VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 0, 1e400, -1e400, "", "x", "NaN", "inf", "-inf", "1e400", [], {}, "1" * 400]
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(range(5)), st.sampled_from(["p", "E", "s", "ts", "data", "markPrice", "markPx", "coin", "pr", "b"]), VALUES
)
def test_whatever_is_pushed_is_refused_or_a_finite_price(which: int, key: str, value: Any) -> None:
    feed, document = ((FEEDS[0], BINANCE), (FEEDS[2], BYBIT), (FEEDS[2], BYBIT_ALERT), (FEEDS[4], OKX), (HYPERLIQUID, HYPER))[
        which
    ]
    try:
        push = feed.parse(_json(_changed(document, key, value)), NOW)
    except (msgspec.DecodeError, ValueError, TypeError):
        return
    assert all(mark.price is None or 0 < mark.price < 1e300 for mark in push.marks)
    assert all(number is None or abs(number) < 1e300 for alert in push.alerts for number in (alert.value, alert.trigger))


def _changed(document: Any, key: str, value: Any) -> Any:
    if isinstance(document, dict):
        return {k: value if k == key else _changed(v, key, value) for k, v in document.items()}
    return [_changed(row, key, value) for row in document] if isinstance(document, list) else document


def _json(document: Any) -> bytes:
    """JSON with numbers beyond every float, as a broken venue may send them."""
    import json  # noqa: PLC0415 -- the one encoder that writes infinities

    return json.dumps(document).replace("Infinity", "1e999").encode()
