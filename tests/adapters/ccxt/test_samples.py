"""Every documented position of the samples beside the repository through our own parsers: read, or refused in words."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.venues import (
    backpack,
    bingx,
    blofin,
    delta,
    deribit,
    krakenfutures,
    kucoin,
    mexc,
    phemex,
    whitebit,
    woo,
)
from adlwatch.adapters.ccxt.venues.bitget import parse as bitget
from adlwatch.adapters.ccxt.venues.bitget import types as bitget_types
from adlwatch.adapters.ccxt.venues.bybit import parse as bybit
from adlwatch.adapters.ccxt.venues.bybit import types as bybit_types
from adlwatch.adapters.ccxt.venues.gate import parse as gate
from adlwatch.adapters.ccxt.venues.gate import types as gate_types
from adlwatch.adapters.ccxt.venues.htx import parse as htx
from adlwatch.adapters.ccxt.venues.htx import types as htx_types
from adlwatch.adapters.ccxt.venues.okx import parse as okx
from adlwatch.adapters.ccxt.venues.okx import types as okx_types
from adlwatch.adapters.ccxt.venues.phemex import types as phemex_types
from adlwatch.domain.model import Contract, Position

NOW = datetime(2026, 11, 22, tzinfo=UTC)
Parsed = Position | None
SPEC = okx.Spec("X/USDT:USDT", Contract.LINEAR, 0.01, "X-USDT")
GATE = gate.Spec("BTC/USDT:USDT", Contract.LINEAR, 0.0001, 0.005, 8)
LOT = kucoin.ContractRow("ETHUSDTM", "ETH", "USDT", "USDT", 0.01, is_inverse=False)
DETAIL = mexc.Detail("ETH_USDT", "ETH", "USDT", "USDT", 0.01)
INSTRUMENT = blofin.Instrument("LTC-USDT", "LTC", "USDT", "0.1")


def as_(kind: type[Any]) -> Callable[[dict[str, Any]], Any]:
    return lambda row: msgspec.convert(row, kind, strict=False)


READERS: dict[str, list[tuple[str, Callable[[dict[str, Any]], Any], Callable[[Any], Parsed]]]] = {
    "backpack": [("netQuantity", as_(backpack.PositionRow), lambda r: backpack.position(r, "a", NOW))],
    "bingx": [("positionId", as_(bingx.PositionRow), lambda r: bingx.position(r, "a", NOW))],
    "bitget": [
        ("openPriceAvg", as_(bitget_types.PositionRow), lambda r: bitget.classic(r, "a", {}, NOW)),
        ("positionBalance", as_(bitget_types.UnifiedPosition), lambda r: bitget.unified(r, "a", {}, NOW)),
    ],
    "blofin": [("positionId", as_(blofin.PositionRow), lambda r: blofin.position(r, INSTRUMENT, "a", NOW))],
    "bybit": [("positionValue", as_(bybit_types.PositionRow), lambda r: bybit.position(r, bybit.Around("a", NOW)))],
    "delta": [("product_symbol", as_(delta.PositionRow), lambda r: delta.position(r, "a", NOW))],
    "deribit": [("average_price", as_(deribit.PositionRow), lambda r: deribit.position(r, "a", NOW))],
    "gate": [("adl_ranking", as_(gate_types.PositionRow), lambda r: gate.position(r, "a", GATE, NOW))],
    "htx": [
        ("open_avg_price", as_(htx_types.LinearRow), lambda r: htx.linear(r, "a", 0.001, NOW)),
        ("cost_open", as_(htx_types.CoinRow), lambda r: htx.inverse(r, "a", NOW, pool=None, size=100.0, mark=50000.0)),
    ],
    "krakenfutures": [("fillTime", as_(krakenfutures.PositionRow), lambda r: krakenfutures.position(r, "a", NOW, {}, {}))],
    "kucoin": [("avgEntryPrice", as_(kucoin.PositionRow), lambda r: kucoin.position(r, LOT, "a", NOW))],
    "mexc": [("holdVol", as_(mexc.PositionRow), lambda r: mexc.position(r, DETAIL, "a", 1.0, NOW))],
    "okx": [("avgPx", as_(okx_types.PositionRow), lambda r: okx.position(r, "a", {r.inst_id: SPEC}, NOW))],
    "phemex": [
        ("avgEntryPriceRp", as_(phemex_types.Row), lambda r: phemex.linear(r, "a", NOW)),
        ("avgEntryPriceEp", as_(phemex_types.CoinRow), lambda r: phemex.inverse(r, "a", NOW)),
    ],
    "whitebit": [("basePrice", as_(whitebit.PositionRow), lambda r: whitebit.position(r, {}, "a", NOW))],
    "woo": [("averageOpenPrice", as_(woo.PositionRow), lambda r: woo.position(r, "a", NOW))],
}
REFUSED = {
    "delta": "a schema with the word 'string' for numbers, without a product",
    "htx": "coin-margined futures",
    "phemex": "ETHUSD of the old API",
}
"""Where a sample is no position that can be read, and why."""
ABSENT = {"whitebit"}


def rows(document: Any, mark: str) -> Iterator[dict[str, Any]]:
    """Every object that holds the field, however deep."""
    if isinstance(document, dict):
        if mark in document:
            yield document
        else:
            for value in document.values():
                yield from rows(value, mark)
    elif isinstance(document, list):
        for value in document:
            yield from rows(value, mark)


@pytest.mark.parametrize("venue", sorted(set(READERS) - ABSENT))
def test_every_documented_position_is_read_or_refused_in_words(
    venue: str, samples: Callable[[str], list[dict[str, Any]]]
) -> None:
    about = [s for s in samples(venue) if "position" in s["method"] or "adl" in s["method"]]
    positions = [s for s in about if "history" not in f"{s['method']} {s['label']}".lower()]
    read, refused = 0, 0
    for mark, convert, parse in READERS[venue]:
        for sample in positions:
            for row in rows(sample["sample"], mark):
                try:
                    position = parse(convert(row))
                except (BadPayload, msgspec.ValidationError):
                    refused += 1
                    continue
                read += 1
                assert position is None or (position.size > 0 and position.entry_price > 0)
                assert position is None or position.liquidation_price is None or position.liquidation_price > 0
    assert read > 0
    assert refused == 0 or venue in REFUSED
