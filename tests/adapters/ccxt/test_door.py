"""The one way out: what the environment may change about it, and what it may not."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from adlwatch.adapters.ccxt.door import Door

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Emulator


@pytest.mark.asyncio
async def test_passwords_of_netrc_are_sent_to_nobody(
    emulator: "Emulator", monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password swordfish\ndefault login me password swordfish\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    await emulator.door()("https://api.example/time", "GET", {"X-KEY": "k"}, None)
    (asked,) = emulator.asked
    assert asked.headers["X-KEY"] == "k"
    assert "Authorization" not in asked.headers


@pytest.mark.asyncio
async def test_the_environments_proxy_is_used(emulator: "Emulator", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{emulator.port}")
    monkeypatch.setenv("no_proxy", "")
    door = Door(2, lambda url: url.replace("https://", "http://"))
    emulator.doors.append(door)
    await door("https://api.example/time", "GET", {}, None)
    assert [asked.headers["Host"] for asked in emulator.asked] == ["api.example"]
