"""What contracts stand for is asked for once for all accounts, and kept for the next run."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from adlwatch.adapters.base import BadPayload, Context
from adlwatch.adapters.ccxt.options import CcxtOptions, build
from adlwatch.adapters.ccxt.venues import find
from adlwatch.adapters.shelf import Shelf
from adlwatch.domain.reading import Reading
from tests.adapters.ccxt import test_binance, test_gate, test_htx, test_kucoin, test_mexc, test_okx

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.adapters.ccxt.conftest import Bench, Emulator

pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")
INSTRUMENTS = "/api/v5/public/instruments"


class Run:
    """Accounts of one run over a shelf; each run has its own memory."""

    def __init__(self, bench: "Bench", folder: Path, venue: str = "okx", hours: float = 0.0) -> None:
        self.bench = bench
        self.venue = find(venue)
        self.context = Context(bench.clock, {}, Shelf(folder))
        bench.ahead += hours * 3600
        bench.emulator.check = lambda *_: None  # signatures are checked elsewhere, against the machine's own clock
        bench.emulator.asked.clear()

    async def fetch(self, source: str = "acc", **options: Any) -> Reading:
        references = {name: f"env:EMULATED_{name.upper()}" for name in self.venue.needs}
        chosen = CcxtOptions(**{**references, **options})
        adapter = build(source, self.venue, chosen, self.context, reroute=self.bench.emulator.reroute)
        self.bench.closing.append(adapter)
        return await adapter.fetch()

    def asked(self, path: str = INSTRUMENTS) -> int:
        return sum(path in each for each in self.bench.emulator.paths())


def corrupt(folder: Path, data: str) -> None:
    (kept,) = folder.glob("*.json")
    text = kept.read_text()
    kept.write_text(text[: text.index('"data":') + 7] + data + "}")


def said(reading: Reading) -> list[str]:
    return [note for note in reading.notes if "from disk" in note]


@pytest.mark.asyncio
async def test_a_second_account_and_the_next_run_need_not_ask(bench: "Bench", tmp_path: Path) -> None:
    test_okx.okx(bench.emulator, [test_okx.CROSS])
    first = Run(bench, tmp_path)
    one = await first.fetch("one")
    asked = first.asked()
    two = await first.fetch("two")
    assert asked > 0
    assert first.asked() == asked
    again = Run(bench, tmp_path, hours=5)
    reading = await again.fetch("one")
    assert again.asked() == 0
    assert [(p.symbol, p.size) for p in reading.positions] == [(p.symbol, p.size) for p in (*one.positions,)]
    assert (said(one), said(two), said(reading)) == ([], [], ["okx contracts: from disk, 5 h old"])


@pytest.mark.asyncio
async def test_old_tables_serve_one_reading_and_are_then_asked_for_again(bench: "Bench", tmp_path: Path) -> None:
    test_okx.okx(bench.emulator, [test_okx.CROSS])
    await Run(bench, tmp_path).fetch()
    later = Run(bench, tmp_path, hours=30)
    assert said(await later.fetch("one")) != []
    assert later.asked() == 0
    assert said(await later.fetch("two")) == []
    assert later.asked() == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("body", ["{", '{"specs": {"BTC-USDT-SWAP": {"size": "x"}}}'])
async def test_a_corrupt_table_is_asked_for_as_if_there_were_none(bench: "Bench", tmp_path: Path, body: str) -> None:
    test_okx.okx(bench.emulator, [test_okx.CROSS])
    await Run(bench, tmp_path).fetch()
    corrupt(tmp_path, body)
    again = Run(bench, tmp_path)
    assert len((await again.fetch()).positions) == 1
    assert again.asked() == 1


@pytest.mark.asyncio
async def test_a_reply_that_cannot_be_understood_has_the_tables_begun_anew(bench: "Bench", tmp_path: Path) -> None:
    test_okx.okx(bench.emulator, [test_okx.CROSS])
    await Run(bench, tmp_path).fetch()
    again = Run(bench, tmp_path)
    bench.emulator.fail("/api/v5/account/positions", body=b"null", times=1)
    with pytest.raises(BadPayload):
        await again.fetch("one")
    await again.fetch("two")
    assert again.asked() == 1


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("venue", "prepare", "path"),
    [
        ("gate", lambda e: test_gate.gate(e, [test_gate.POSITION]), "/futures/usdt/contracts/"),
        ("mexc", lambda e: test_mexc.mexc(e, [test_mexc.POSITION]), "/contract/detail"),
        ("kucoin", lambda e: test_kucoin.kucoin(e, [test_kucoin.ISOLATED]), "/contracts/"),
        ("binance", test_binance.coinm, "/dapi/v1/exchangeInfo"),
        ("htx", lambda e: test_htx.htx(e, [test_htx.LINEAR], []), "/swap_contract_info"),
    ],
)
async def test_entries_with_a_time_of_their_own_come_back_as_they_were(
    bench: "Bench", tmp_path: Path, venue: str, prepare: "Callable[[Emulator], None]", path: str
) -> None:
    prepare(bench.emulator)
    lines = ("coinm",) if venue == "binance" else ()
    one = await Run(bench, tmp_path, venue).fetch(lines=lines)
    again = Run(bench, tmp_path, venue)
    two = await again.fetch(lines=lines)
    assert again.asked(path) == 0
    assert [(p.symbol, p.size, p.contract) for p in two.positions] == [(p.symbol, p.size, p.contract) for p in one.positions]
    assert one.positions


@pytest.mark.asyncio
async def test_a_contract_that_binance_lists_later_has_its_size_asked_for(bench: "Bench") -> None:
    test_binance.coinm(bench.emulator)
    adapter = bench.adapter("binance", lines=("coinm",))
    await adapter.fetch()
    risk, info = (bench.emulator.routes[f"/dapi/v1/{name}"] for name in ("positionRisk", "exchangeInfo"))
    info["symbols"].append({"symbol": "BTCUSD_261225", "contractSize": 100})
    risk.append({**risk[0], "symbol": "BTCUSD_261225", "positionAmt": "-4"})
    bench.ahead += 15  # public replies are shared for ten seconds
    reading = await adapter.fetch()
    assert [(p.symbol, p.size) for p in reading.positions if "261225" in p.symbol] == [("BTC/USD:BTC-261225", 400.0)]
