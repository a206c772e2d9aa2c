"""Own fills: why each changed the position, and by how much."""

from typing import Any

import msgspec
import pytest

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.hyperliquid.fills import fills
from adlwatch.adapters.hyperliquid.parse import Settle, Wallet
from adlwatch.adapters.hyperliquid.symbols import HIP3_VENUE, VENUE
from adlwatch.adapters.hyperliquid.types import Abstraction, FillRow, SpotState
from adlwatch.domain.model import Fill, FillKind, Side
from adlwatch.venues import profiles
from tests.adapters.conformance.hyperliquid import NOW
from tests.adapters.emulators.hyperliquid import ADDRESS
from tests.adapters.hyperliquid.rows import adl, fill

WALLET = Wallet("desk", Abstraction("disabled"), {}, {"": Settle(), "xyz": Settle()}, SpotState([]), NOW)


def read(*rows: dict[str, Any]) -> tuple[Fill, ...]:
    return fills(msgspec.convert(list(rows), list[FillRow], strict=False), ADDRESS, WALLET)


def test_the_documented_opening_fill() -> None:
    (found,) = read(fill())
    assert (found.id, found.symbol, found.side, found.size) == ("118906512037719", "AVAX/USDC:USDC", Side.LONG, 93.53)
    assert (found.kind, found.closes, found.realized_pnl) == (FillKind.ORDER, False, None)


def test_the_real_adl_fill_of_the_tenth_of_october() -> None:
    (found,) = read(adl())
    assert (found.kind, found.side, found.closes, found.size) == (FillKind.ADL, Side.SHORT, True, 28.53)
    assert found.mark_price == 22.025
    assert found.time.isoformat() == "2025-10-10T21:16:04.831000+00:00"


LIQUIDATED = {"liquidatedUser": ADDRESS.upper().replace("0X", "0x"), "markPx": "4.69", "method": "market"}
SOMEBODY = {"liquidatedUser": "0x" + "9" * 40, "markPx": "4.69", "method": "market"}


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"dir": "Close Long"}, FillKind.ORDER),
        ({"dir": "Long > Short"}, FillKind.ORDER),
        ({"dir": "Close Long", "twapId": 12}, FillKind.ORDER),
        ({"dir": "Close Long", "liquidation": SOMEBODY}, FillKind.ORDER),
        ({"dir": "Close Long", "liquidation": LIQUIDATED}, FillKind.LIQUIDATION),
        ({"dir": "Close Long", "liquidation": {}}, FillKind.ORDER),
        ({"dir": "Liquidated Cross Long"}, FillKind.LIQUIDATION),
        ({"dir": "Liquidated Isolated Short"}, FillKind.LIQUIDATION),
        ({"dir": "Settlement"}, FillKind.SETTLEMENT),
        ({"dir": "Auto-Deleveraging", "liquidation": SOMEBODY}, FillKind.ADL),
        ({"dir": "Quantum Close"}, FillKind.UNKNOWN),
    ],
)
def test_the_reason_is_the_venues_own_word(fields: dict[str, Any], kind: FillKind) -> None:
    assert read(fill(**fields))[0].kind is kind


@pytest.mark.parametrize(
    ("side", "start", "size", "parts"),
    [
        ("B", "0.0", "2", [(Side.LONG, 2.0, False)]),
        ("A", "-1", "2", [(Side.SHORT, 2.0, False)]),
        ("A", "5", "2", [(Side.LONG, 2.0, True)]),
        ("B", "-0.3", "0.3", [(Side.SHORT, 0.3, True)]),
        ("B", "-3", "5", [(Side.SHORT, 3.0, True), (Side.LONG, 2.0, False)]),
        ("A", "3", "5", [(Side.LONG, 3.0, True), (Side.SHORT, 2.0, False)]),
    ],
)
def test_a_fill_tells_which_position_it_closed_and_which_it_opened(
    side: str, start: str, size: str, parts: list[tuple[Side, float, bool]]
) -> None:
    found = read(fill(side=side, startPosition=start, sz=size, fee="1.0", closedPnl="9"))
    assert [(f.side, f.size, f.closes) for f in found] == parts
    assert len({f.id for f in found}) == len(parts)
    assert sum(f.fee or 0 for f in found) == pytest.approx(1.0)
    assert sum(f.realized_pnl or 0 for f in found) == (9 if any(closes for _, _, closes in parts) else 0)


def test_a_fill_on_a_hip3_dex_belongs_to_its_account() -> None:
    (found,) = read(fill(coin="xyz:XYZ100"))
    assert (found.account, found.venue, found.symbol) == ("desk/xyz", "hyperliquid-hip3", "xyz:XYZ100/USDC:USDC")


def test_fills_without_a_trade_id_are_told_apart() -> None:
    first, second = read(adl(tid=0, sz="8.53"), adl(tid=0, sz="20", startPosition="-20"))
    assert first.id != second.id


def test_an_unknown_side_fails() -> None:
    with pytest.raises(BadPayload, match="a side we do not know: 'X'"):
        read(fill(side="X"))


def test_both_venues_have_a_profile() -> None:
    assert {VENUE, HIP3_VENUE} <= set(profiles())
