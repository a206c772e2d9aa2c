"""The sample documents that ccxt quotes in its source, where they lie beside the repository, go through our parsers."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adlwatch.adapters.hyperliquid import parse
from adlwatch.adapters.hyperliquid.parse import Settle, Wallet
from adlwatch.adapters.hyperliquid.types import Abstraction, AssetContext, ClearinghouseState, FillRow, SpotState, Universe
from adlwatch.domain.model import MarginMode

NOW = datetime(2024, 2, 22, tzinfo=UTC)
SAMPLES = Path(__file__).parents[4] / "shared" / "venue-samples" / "hyperliquid.json"
pytestmark = pytest.mark.skipif(not SAMPLES.exists(), reason="venue samples are not beside the repository")


def samples(*methods: str) -> list[Any]:
    return [row["sample"] for row in json.loads(SAMPLES.read_text())["samples"] if row["method"] in methods]


def convert(document: Any, kind: Any) -> Any:
    return msgspec.convert(document, kind, strict=False)


def test_every_position_sample_becomes_a_position() -> None:
    (whole,) = samples("fetch_positions")
    states = [whole, *({**copy.deepcopy(whole), "assetPositions": [row]} for row in samples("parse_position"))]
    assert len(states) == 2
    for document in states:
        state = convert(document, ClearinghouseState)
        wallet = Wallet("desk", Abstraction("disabled"), {"": state}, {"": Settle()}, SpotState([]), NOW)
        (position,) = parse.positions(wallet)
        assert (position.size, position.entry_price, position.leverage) == (0.2259, 2213.9, 20)
        assert position.margin_mode is MarginMode.ISOLATED
        assert position.isolated_margin == 24.88097
        assert position.mark_price == pytest.approx(500.12001 / 0.2259)


def test_the_balance_sample_is_an_account_without_positions() -> None:
    (document,) = samples("fetch_balance")
    wallet = Wallet(
        "desk", Abstraction("default"), {"": convert(document, ClearinghouseState)}, {"": Settle()}, SpotState([]), NOW
    )
    assert parse.positions(wallet) == ()
    assert parse.accounts(wallet)[0].equity == 100.0


def test_every_market_sample_is_read() -> None:
    found = samples("fetch_hip3_markets", "fetch_swap_markets", "fetch_funding_rates")
    pairs = [row for row in found if isinstance(row[0], dict)]
    assert len(pairs) == 3
    for row in pairs:
        universe, contexts = convert(row, tuple[Universe, list[AssetContext]])
        assert (universe.universe[0].name, contexts[0].mark_px) == ("SOL", 108.04)
    for row in samples("parse_open_interest", "parse_funding_rate", "parse_ticker"):
        assert convert(row, AssetContext).open_interest > 0


def test_the_liquidation_sample_is_read() -> None:
    (document,) = samples("fetch_my_liquidations")
    (row,) = convert(document, list[FillRow])
    assert row.liquidation is not None
    assert row.liquidation.mark_px == 4.69112
