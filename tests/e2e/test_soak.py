import asyncio
from pathlib import Path

import pytest

from adlwatch.adapters.mock import SCENARIOS
from benchmarks.soak import soak

MINUTES = 2.0


@pytest.mark.parametrize("name", [scenario.name for scenario in SCENARIOS])
def test_minutes_of_every_scenario_leave_nothing_behind(name: str, tmp_path: Path) -> None:
    """The short form of `benchmarks/soak.py`, which runs six hours of each."""
    found = asyncio.run(soak(name, MINUTES * 60, 20.0, tmp_path))
    assert found.leaks == []
    assert found.snapshots > MINUTES * 60 / 20.0
