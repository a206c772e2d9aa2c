"""`adlwatch check` on a Hyperliquid address: the real program, over real HTTP, against the emulator."""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.adapters.emulators.hyperliquid import ADDRESS, Hyperliquid
from tests.adapters.emulators.server import HTML
from tests.adapters.hyperliquid.rows import balance, candle, market, markets, position, state

HOUR = 3_600_000
pytestmark = pytest.mark.asyncio


async def check(venue: Hyperliquid, folder: Path) -> tuple[int, bytes]:
    """Exit code and output of `adlwatch check --json`, its home in `folder`."""
    config = folder / "config.toml"
    config.write_text(f'[[source]]\nid = "desk"\nkind = "hyperliquid"\naddress = "{ADDRESS}"\napi_url = "{venue.url}"\n')
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "adlwatch", "check", "--json", "--config", str(config)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"HOME": str(folder), "PATH": "", "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    out, _ = await asyncio.wait_for(program.communicate(), 60)
    return program.returncode or 0, out


async def test_a_public_address_is_assessed_with_its_scores_and_spot_leg(tmp_path: Path) -> None:
    async with Hyperliquid().open() as venue:
        venue.markets[""] = markets(market("BTC", 90_000))
        venue.spot = {"balances": [balance("BTC", 197, 0.5)]}
        now = int(time.time() * 1000)
        venue.candles = [candle(now - n * HOUR, 60, 100_000 - 30 * n) for n in range(330, 23, -1)]
        venue.states[ADDRESS, ""] = state(position("BTC", -0.5, 100_000, 90_000), equity=20_000.0, time=now)
        code, out = await check(venue, tmp_path)
    snapshot: dict[str, Any] = msgspec.json.decode(out)
    (row,) = snapshot["positions"]
    assert code in {0, 1, 2}
    assert (row["key"], row["venue"]) == ("desk:BTC/USDC:USDC:short", "hyperliquid")
    assert row["light"]["state"] == "lit"
    assert row["score"]["rule"] == "hyperliquid-engine"
    assert row["score"]["value"] == pytest.approx(45_000 / 20_000 * 5_000 / 50_000)
    assert [score["rule"] for score in row["other_scores"]] == ["hyperliquid-docs"]
    (hedge,) = snapshot["hedges"]
    assert (sorted(hedge["legs"]), hedge["net_delta"]) == (["desk:BTC", "desk:BTC/USDC:USDC:short"], 0.0)


async def test_a_web_page_instead_of_an_account_is_unknown_and_never_ok(tmp_path: Path) -> None:
    async with Hyperliquid().open() as venue:
        venue.faults = {"*": HTML}
        code, _ = await check(venue, tmp_path)
    assert code == 3
