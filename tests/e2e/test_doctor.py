"""`adlwatch doctor` and `adlwatch init` as themselves: over the real ccxt client at a loopback OKX, and in a real terminal."""

import asyncio
import json
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from adlwatch.cli.doctor.finding import Level, Report
from adlwatch.config import load
from tests.adapters.ccxt import test_okx
from tests.adapters.ccxt.conftest import Asked, Emulator
from tests.e2e.terminal import terminal
from tests.e2e.test_secrets import SECRET, Home, served

if TYPE_CHECKING:
    from adlwatch.cli.doctor.finding import Finding

pytest.importorskip("ccxt", reason="ccxt is not installed")
pytestmark = pytest.mark.asyncio
ADDRESS = "0x0000000000000000000000000000000000000001"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Not yet served."""
    folder = tmp_path / "home"
    folder.mkdir()
    return Home(folder, Emulator())


def configure(home: Home, **sources: str) -> None:
    """Sources by their keys, each with what else its table says; a key's name is what the venue knows it by."""
    kept = home.folder.parent / f"{home.folder.name}-kept"
    tables = (
        f'[[source]]\nid = "{name}"\nkind = "okx"\nstream = false\napi_key = "env:KEY_{name.upper()}"\n'
        f'secret = "file:{kept / "secret"}"\npassword = "file:{kept / "password"}"\n{more}\n'
        for name, more in sources.items()
    )
    path = home.folder / "config.toml"
    path.write_text("".join(tables))
    path.chmod(0o600)


def keys(home: Home, *names: str) -> dict[str, str]:
    return home.environ(**{f"KEY_{name.upper()}": f"key-of-{name}" for name in names})


async def doctor(home: Home, environ: dict[str, str]) -> tuple[int, dict[str, list["Finding"]]]:
    """Exit code, and findings by what they are about, out of `--json`."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "adlwatch", "doctor", "--json", "--config", str(home.folder / "config.toml")),
        stdout=asyncio.subprocess.PIPE,
        env=environ,
    )
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    assert out.count(b"\n") == 1
    report = msgspec.json.decode(out, type=Report)
    assert (report.format, set(json.loads(out))) == ("adlwatch-doctor/1", {"format", "level", "findings"})
    assert all(set(row) == {"level", "about", "said", "do"} for row in json.loads(out)["findings"])
    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        assert (finding.level is Level.OK) == (finding.do is None)
        found.setdefault(finding.about, []).append(finding)
    assert process.returncode is not None
    return process.returncode, found


def permissions(asked: Asked) -> Any:
    """What each key may do."""
    perm = "read_only" if asked.headers["OK-ACCESS-KEY"] == "key-of-reader" else "read_only,trade"
    return test_okx.ok({"acctLv": "3", "perm": perm, "posMode": "long_short_mode"})


async def test_each_source_is_judged_by_what_the_venue_answers(home: Home) -> None:
    async with served(home):
        home.emulator.routes["/api/v5/account/config"] = permissions
        home.emulator.ahead = 30.0
        configure(home, reader="interval = 0.1", trader="", allowed="allow_trading_keys = true", wrong='lines = ["moon"]')
        code, found = await doctor(home, keys(home, "reader", "trader", "allowed", "wrong"))
    assert code == 2
    reader = [(finding.level, finding.said) for finding in found["source reader"]]
    assert reader[0][0] is Level.OK
    assert "1 accounts, 1 positions" in reader[0][1]
    assert (reader[1][0], reader[1][1][:30]) == (Level.WARN, "its clock differs from ours by")
    assert 25 < float(reader[1][1].split()[-2]) < 35  # half of a slow round trip is in it
    assert reader[2] == (Level.OK, "its key can only read")
    (trader,) = found["source trader"]
    assert trader.level is Level.FAIL
    assert "may trade; use a read-only key, or set allow_trading_keys = true" in trader.said
    assert [finding.level for finding in found["source allowed"]] == [Level.OK, Level.WARN, Level.WARN]
    assert (found["source wrong"][0].level, 'no line "moon"' in found["source wrong"][0].said) == (Level.FAIL, True)
    assert found["requests to okx uid/reader"][0].level is Level.FAIL  # ten polls a second are more than its budget
    assert found["requests to okx uid/allowed"][0].level is Level.OK
    assert found["market lists"][1].said.startswith("1 kept: okx contracts 0 min old")
    assert home.leaks() == []


async def test_a_venue_that_cannot_be_reached_and_one_that_answers_nonsense(home: Home) -> None:
    async with served(home):
        configure(home, reader="")
        home.emulator.fail("*", drop=True)
        code, found = await doctor(home, keys(home, "reader"))
        home.emulator.fail("*", body=b"<html>just a moment</html>")
        nonsense_code, nonsense = await doctor(home, keys(home, "reader"))
    assert (code, nonsense_code) == (2, 2)
    assert (found["source reader"][0].level, found["source reader"][0].said.count("\n")) == (Level.FAIL, 0)
    assert "ServerDisconnected" in found["source reader"][0].said
    assert "a web page instead of JSON" in nonsense["source reader"][0].said


async def test_in_a_terminal_it_says_what_that_can_show(home: Home) -> None:
    def look(**environ: str) -> str:
        arguments = ("-m", "adlwatch", "doctor", "--config", str(home.folder / "config.toml"))
        with terminal(arguments, size=(110, 20), environ={**home.environ(), **environ}) as tty:
            tty.ended()
            return tty.text()

    (home.folder / "config.toml").write_text("")
    home.prepare_seam()
    full = await asyncio.to_thread(look, NO_COLOR="", COLORTERM="truecolor")
    assert "terminal: 110 × 20 is small" in full
    assert "terminal: Unicode" in full
    poor = await asyncio.to_thread(look, TERM="linux", COLORTERM="", PYTHONUTF8="0", LC_ALL="C", PYTHONIOENCODING="ascii")
    assert "terminal: its characters are ascii" in poor


def last(text: str) -> str:
    """The question that waits for its answer, and the line before it."""
    return "\n".join([line for line in text.splitlines() if line][-2:])


async def test_the_wizard_in_a_terminal_writes_references_only_and_for_its_owner_only(home: Home) -> None:
    path = home.folder / "new" / "config.toml"
    named = (("secret (", "cmd:pass show okx"), ("Other options", ""))
    dialogue = (
        *(("Kind (", "okx"), ("Name [okx]", "desk"), ("api_key (", SECRET), *named, ("never written", "okx")),
        *(("Name [okx]", "desk"), ("api_key (", "env:PLANTED"), *named, ("No: desk: okx needs password", "okx")),
        *(("Name [okx]", "desk"), ("api_key (", "env:PLANTED"), named[0]),
        *(("Other options", 'password=keyring:okx/pass lines=["derivatives"]'), ("Another one?", "y")),
        *(("[hyperliquid]:", ""), ("Name [hyperliquid]", "vault"), ("address:", ADDRESS), ("Other options", "")),
        ("Another one?", "n"),
    )

    def talk() -> int:
        with terminal(("-m", "adlwatch", "init", "--path", str(path)), size=(260, 60), environ=home.environ()) as tty:
            for question, answer in dialogue:
                tty.until(lambda text, asked=question: asked in last(text), f"{question} never came")  # type: ignore[misc]  # a default
                tty.press(f"{answer}\n")
            return tty.ended()

    home.prepare_seam()
    assert await asyncio.to_thread(talk) == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [(spec.id, spec.kind, spec.problem) for spec in load(path).sources] == [
        ("desk", "okx", None),
        ("vault", "hyperliquid", None),
    ]
    text = path.read_text()
    assert 'api_key = "env:PLANTED"' in text
    assert SECRET not in text
