"""Every documented position of the samples beside the repository through our own parsers: read, or refused in words.

What is left out is named here with its reason, so a sample that nobody looked at fails.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.generic import position as unified_position
from adlwatch.adapters.ccxt.venues import (
    backpack,
    delta,
    krakenfutures,
    mexc,
    phemex,
    whitebit,
    woo,
)
from adlwatch.adapters.ccxt.venues.binance import parse as binance
from adlwatch.adapters.ccxt.venues.binance import types as binance_types
from adlwatch.adapters.ccxt.venues.bingx import parse as bingx
from adlwatch.adapters.ccxt.venues.bingx import types as bingx_types
from adlwatch.adapters.ccxt.venues.bitget import parse as bitget
from adlwatch.adapters.ccxt.venues.bitget import types as bitget_types
from adlwatch.adapters.ccxt.venues.blofin import parse as blofin
from adlwatch.adapters.ccxt.venues.blofin import types as blofin_types
from adlwatch.adapters.ccxt.venues.bybit import parse as bybit
from adlwatch.adapters.ccxt.venues.bybit import types as bybit_types
from adlwatch.adapters.ccxt.venues.deribit import parse as deribit
from adlwatch.adapters.ccxt.venues.deribit import types as deribit_types
from adlwatch.adapters.ccxt.venues.gate import parse as gate
from adlwatch.adapters.ccxt.venues.gate import types as gate_types
from adlwatch.adapters.ccxt.venues.htx import parse as htx
from adlwatch.adapters.ccxt.venues.htx import types as htx_types
from adlwatch.adapters.ccxt.venues.kucoin import parse as kucoin
from adlwatch.adapters.ccxt.venues.kucoin import types as kucoin_types
from adlwatch.adapters.ccxt.venues.okx import parse as okx
from adlwatch.adapters.ccxt.venues.okx import types as okx_types
from adlwatch.adapters.ccxt.venues.phemex import types as phemex_types
from adlwatch.domain.model import Contract, Position

ccxt: Any = pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")
NOW = datetime(2026, 11, 22, tzinfo=UTC)
Parsed = Position | None
SPEC = okx.Spec("X/USDT:USDT", Contract.LINEAR, 0.01, "X-USDT")
GATE = gate.Spec("BTC/USDT:USDT", Contract.LINEAR, 0.0001, 0.005, 8)
LOT = kucoin_types.ContractRow("ETHUSDTM", "ETH", "USDT", "USDT", 0.01, is_inverse=False)
DETAIL = mexc.Detail("ETH_USDT", "ETH", "USDT", "USDT", 0.01)
INSTRUMENT = blofin_types.Instrument("LTC-USDT", "LTC", "USDT", "0.1")


def as_(kind: type[Any]) -> Callable[[dict[str, Any]], Any]:
    return lambda row: msgspec.convert(row, kind, strict=False)


READERS: dict[str, list[tuple[str, Callable[[dict[str, Any]], Any], Callable[[Any], Parsed]]]] = {
    "backpack": [("netQuantity", as_(backpack.PositionRow), lambda r: backpack.position(r, "a", NOW))],
    "binance": [
        (
            "liquidationPrice",
            as_(binance_types.RiskRow),
            lambda r: (binance.coinm_position if "USD_" in r.symbol else binance.usdm_position)(
                r, binance.Around("a", NOW, sizes={r.symbol: 100.0})
            ),
        )
    ],
    "bingx": [("positionId", as_(bingx_types.PositionRow), lambda r: bingx.position(r, "a", NOW, size=10.0))],
    "bitget": [
        ("openPriceAvg", as_(bitget_types.PositionRow), lambda r: bitget.classic(r, "a", {}, NOW)),
        ("positionBalance", as_(bitget_types.UnifiedPosition), lambda r: bitget.unified(r, "a", {}, NOW)),
    ],
    "blofin": [("positionId", as_(blofin_types.PositionRow), lambda r: blofin.position(r, INSTRUMENT, "a", NOW))],
    "bybit": [("positionValue", as_(bybit_types.PositionRow), lambda r: bybit.position(r, bybit.Around("a", NOW)))],
    "delta": [("product_symbol", as_(delta.PositionRow), lambda r: delta.position(r, "a", NOW))],
    "deribit": [("average_price", as_(deribit_types.PositionRow), lambda r: deribit.position(r, "a", NOW))],
    "gate": [("adl_ranking", as_(gate_types.PositionRow), lambda r: gate.position(r, "a", GATE, NOW))],
    "htx": [
        ("open_avg_price", as_(htx_types.LinearRow), lambda r: htx.linear(r, "a", 0.001, NOW)),
        ("cost_open", as_(htx_types.CoinRow), lambda r: htx.inverse(r, "a", NOW, pool=None, size=100.0, mark=50000.0)),
    ],
    "krakenfutures": [("fillTime", as_(krakenfutures.PositionRow), lambda r: krakenfutures.position(r, "a", NOW, {}, {}))],
    "kucoin": [("avgEntryPrice", as_(kucoin_types.PositionRow), lambda r: kucoin.position(r, LOT, "a", NOW))],
    "mexc": [("holdVol", as_(mexc.PositionRow), lambda r: mexc.position(r, DETAIL, "a", 1.0, NOW))],
    "okx": [("avgPx", as_(okx_types.PositionRow), lambda r: okx.position(r, "a", {r.inst_id: SPEC}, NOW))],
    "phemex": [
        ("avgEntryPriceRp", as_(phemex_types.Row), lambda r: phemex.linear(r, "a", NOW)),
        ("avgEntryPriceEp", as_(phemex_types.CoinRow), lambda r: phemex.inverse(r, "a", NOW)),
    ],
    "whitebit": [("basePrice", as_(whitebit.PositionRow), lambda r: whitebit.position(r, {}, "a", NOW))],
    "woo": [("averageOpenPrice", as_(woo.PositionRow), lambda r: woo.position(r, "a", NOW))],
}
UNIFIED = {
    "apex": "entryPrice",
    "bitfinex": None,
    "cryptocom": "open_pos_cost",
    "derive": "average_price",
    "grvt": "entry_price",
    "hashkey": "avgPrice",
    "pacifica": "entry_price",
    "paradex": "average_entry_price",
    "woofipro": "average_open_price",
}
"""Venues without a module of their own, which ccxt's unified form and our generic adapter read, and a field of their rows."""
ELSEWHERE = {"aster", "dydx", "extended", "hyperliquid", "lighter"}
"""Venues read without a key: their samples are tested beside their adapters."""
REFUSED = {
    "bitfinex": "rows are lists of which ccxt makes no size",
    "cryptocom": "no entry price",
    "delta": "a schema with the word 'string' for numbers, without a product",
    "htx": "coin-margined futures",
    "phemex": "ETHUSD of the old API",
}
"""Where a sample is no position that can be read, and why."""
LEFT: dict[str, dict[str, str]] = {
    "binance": {
        "reducibleQty": "options",
        "adlRisk": "a market's risk",
        "adlQuantile": "lights, which come with the positions",
        "positionInitialMargin": "rows of the account endpoints, without marks",
    },
    "bingx": {"currentPrice": "standard contracts"},
    "bitget": {"clientOid": "an order", "closeAvgPrice": "closed", "list": "closed"},
    "delta": {"entry_price": "no product named"},
    "gate": {"vega": "options"},
    "htx": {"futures_contract_detail": "an account without positions"},
    "kucoin": {"positionValue": "the unified account"},
    "woo": {"average_open_price": "version 1 of the API"},
}
"""By a field of the document: what is not read there."""


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


def about_positions(samples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Open positions and their lights; not closed ones, nor settings."""
    about = [s for s in samples if "position" in s["method"] or "adl" in s["method"]]
    return [s for s in about if "history" not in f"{s['method']} {s['label']}".lower() and not s["method"].endswith("_mode")]


def left_out(venue: str, document: Any) -> bool:
    return any(True for field in LEFT.get(venue, {}) for _ in rows(document, field))


@pytest.mark.parametrize("venue", sorted(set(READERS) - {"whitebit"}))
def test_every_documented_position_is_read_or_refused_in_words(
    venue: str, samples: Callable[[str], list[dict[str, Any]]]
) -> None:
    read, refused = 0, 0
    for sample in about_positions(samples(venue)):
        found = [(row, convert, parse) for mark, convert, parse in READERS[venue] for row in rows(sample["sample"], mark)]
        assert found or left_out(venue, sample["sample"]), f"{sample['method']} {sample['label']}: nobody reads it"
        for row, convert, parse in found:
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


@pytest.mark.parametrize("venue", sorted(UNIFIED))
def test_every_position_of_a_venue_without_a_module_goes_through_the_generic_adapter(
    venue: str, samples: Callable[[str], list[dict[str, Any]]]
) -> None:
    exchange, mark = getattr(ccxt, venue)(), UNIFIED[venue]
    documents = [s["sample"] for s in about_positions(samples(venue))]
    found = [row for d in documents for row in (rows(d, mark) if mark else [d])]
    assert len(found) >= len(documents) > 0
    refused = 0
    for row in found:
        try:
            unified = exchange.parse_position(row)
            known = {unified["symbol"]: {"inverse": False, "contractSize": 1.0}}
            position = unified_position(unified, "a", venue, known, NOW)
        except BadPayload:
            refused += 1
            continue
        assert position is None or (position.size > 0 and position.entry_price > 0)
    assert refused == (len(found) if venue in REFUSED else 0)


def test_every_file_of_samples_belongs_to_somebody(samples: Callable[[str], list[dict[str, Any]]]) -> None:
    samples("binance")
    folder = Path(__file__).parents[4] / "shared" / "venue-samples"
    assert {path.stem for path in folder.glob("*.json")} == (set(READERS) - {"whitebit"}) | set(UNIFIED) | ELSEWHERE
