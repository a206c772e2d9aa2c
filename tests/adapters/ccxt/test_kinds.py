"""Every venue is a kind of source, named in the project file, that builds without a network library."""

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import msgspec
import pytest

from adlwatch.adapters.base import Kind
from adlwatch.adapters.ccxt.options import CcxtOptions
from adlwatch.adapters.ccxt.venues import find, names

ROOT = Path(__file__).parents[3]


def test_every_venue_has_its_entry_point() -> None:
    points = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["adlwatch.adapters"]
    for name in names():
        module, _, attribute = points[name].partition(":")
        kind = getattr(import_module(module), attribute)
        assert isinstance(kind, Kind)
        assert kind.name == name
    assert points["ccxt"] == "adlwatch.adapters.ccxt.generic:KIND"


@pytest.mark.parametrize("name", names())
def test_a_venue_declares_what_it_uses(name: str) -> None:
    venue = find(name)
    assert set(venue.default_lines) <= set(venue.capabilities.lines)
    assert venue.parts(venue.default_lines)
    assert any(part.required for part in venue.parts(venue.default_lines))
    assert venue.time is None or venue.time[0] in venue.endpoints
    assert all(able.note for able in msgspec.structs.astuple(venue.capabilities)[1:])


def test_private_keys_and_unknown_options_have_no_place() -> None:
    for word in ("private_key", "wallet_address", "privateKey"):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"api_key": "env:A", "secret": "env:B", word: "0x1"}, CcxtOptions)


def test_declaring_venues_imports_no_network_library() -> None:
    script = (
        "import sys, adlwatch.adapters.ccxt.generic; from adlwatch.adapters.ccxt.venues import find, names;"
        "[find(n) for n in names()]; print(sorted({'ccxt', 'aiohttp'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603 - our own interpreter
    assert done.stdout.strip() == "[]"
