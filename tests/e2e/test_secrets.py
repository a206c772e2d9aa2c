"""No planted secret is in anything the real program writes, says or shows, nor on any command line: in good times and bad.

The program runs as itself, against a loopback OKX that repeats the credentials it was sent, as careless venues do. One seam is
cut into it: where requests leave, their address is turned to the loopback.
"""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from tests.adapters.ccxt import test_okx
from tests.adapters.ccxt.conftest import Emulator
from tests.e2e.terminal import terminal

pytest.importorskip("ccxt", reason="ccxt is not installed")
pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc to read command lines"),
]
KEY, SECRET, PASSWORD = "planted-key-4711", "planted/secret+0815==", "planted pass phrase 1234"
SECRETS = (KEY, SECRET, PASSWORD, "planted%2Fsecret%2B0815%3D%3D", "planted%20pass%20phrase")
SEAM = """
import os
from adlwatch.adapters.ccxt import door
from adlwatch.engine.engine import Engine

made, assess = door.Door.__init__, Engine.assess_once

def rerouted(self, timeout, reroute=None):
    made(self, timeout, lambda url: f"http://127.0.0.1:{os.environ['LOOPBACK']}/" + url.removeprefix("https://"))

async def crashed(self):
    await assess(self)
    raise RuntimeError("boom " + os.environ["CRASH_WITH"])

door.Door.__init__ = rerouted
if "CRASH_WITH" in os.environ:
    Engine.assess_once = crashed
"""


@dataclass
class Home:
    """A user's home with a configuration that names its secrets in three ways, and everything the program said there."""

    folder: Path
    emulator: Emulator
    said: list[str] = field(default_factory=list)
    lines: set[str] = field(default_factory=set)
    """Command lines of all processes, as seen while the program ran."""

    def prepare(self) -> None:
        (self.folder / "seam").mkdir()
        (self.folder / "seam" / "sitecustomize.py").write_text(SEAM)
        kept = self.folder.parent / f"{self.folder.name}-kept"
        kept.mkdir()
        for name, text in (("secret", SECRET), ("password", PASSWORD)):
            (kept / name).write_text(text)
            (kept / name).chmod(0o600)
        (self.folder / "config.toml").write_text(
            f'[[source]]\nid = "desk"\nkind = "okx"\ninterval = 0.2\nstream = false\napi_key = "env:PLANTED"\n'
            f'secret = "file:{kept / "secret"}"\npassword = "cmd:cat {kept / "password"}"\n'
        )

    def environ(self, **more: str) -> dict[str, str]:
        root = Path(__file__).parents[2]
        own = {"HOME": str(self.folder), "XDG_STATE_HOME": str(self.folder / "state"), "PATH": "/usr/bin:/bin", "NO_COLOR": "1"}
        seam = {"PYTHONPATH": f"{self.folder / 'seam'}:{root}", "LOOPBACK": str(self.emulator.port)}
        return {**own, **seam, "PLANTED": KEY, **more}

    async def run(self, *arguments: str, asked: int = 0, **environ: str) -> int:
        """Run it to its end, or until the venue was asked so many times; its exit code."""
        before = len(self.emulator.asked)
        program = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "adlwatch", *arguments, "--config", str(self.folder / "config.toml")),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.environ(**environ),
        )
        talking = asyncio.create_task(program.communicate())
        async with asyncio.timeout(60):
            while not talking.done() and (not asked or len(self.emulator.asked) < before + asked):
                await asyncio.wait({talking}, timeout=0.05)
                self.lines |= set(command_lines())
            if not talking.done():
                program.send_signal(signal.SIGTERM)
            self.said += [text.decode() for text in await talking]
        return program.returncode or 0

    def leaks(self) -> list[str]:
        """Where a secret is: files under the home, what was said, command lines."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        texts = [(str(path.relative_to(self.folder)), path.read_bytes().decode(errors="replace")) for path in files]
        texts += [("said", text) for text in self.said] + [("command line", line) for line in self.lines]
        return [f"{where}: {secret}" for where, text in texts for secret in SECRETS if secret in text]

    def files(self, pattern: str) -> list[Path]:
        return sorted(self.folder.rglob(pattern))


def command_lines() -> Iterable[str]:
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Not yet served."""
    folder = tmp_path / "home"
    folder.mkdir()
    return Home(folder, Emulator())


@asynccontextmanager
async def served(home: Home) -> AsyncIterator[Home]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", home.emulator.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    home.emulator.port = runner.addresses[0][1]
    test_okx.okx(home.emulator, [test_okx.CROSS])
    home.emulator.check = lambda *_: None
    home.prepare()
    try:
        yield home
    finally:
        await runner.cleanup()


def sent(home: Home) -> bool:
    """Whether the credentials really went out, so that there was something to leak."""
    return any(
        (a.headers.get("OK-ACCESS-KEY"), a.headers.get("OK-ACCESS-PASSPHRASE")) == (KEY, PASSWORD) for a in home.emulator.asked
    )


def careless(emulator: Emulator) -> None:
    """From now on errors repeat what was sent, plain, quoted and in an address."""
    said = {
        "code": "50111",
        "msg": f"Invalid OK-ACCESS-KEY {KEY} {SECRET}",
        "data": [f"https://x.test/?p={SECRETS[3]}", PASSWORD],
    }
    emulator.fail("*", status=401, body=json.dumps(said).encode())


async def test_a_check_that_works_and_one_that_is_refused(home: Home) -> None:
    async with served(home):
        assert await home.run("check") in {0, 1, 2, 3}
        assert "BTC" in home.said[0]
        assert sent(home)
        careless(home.emulator)
        assert await home.run("check", "--json") == 3
    assert "50111" in home.said[2] + home.said[3] or "Invalid" in home.said[2] + home.said[3]
    assert home.leaks() == []


async def test_a_crash_report_with_the_secrets_in_its_error(home: Home) -> None:
    async with served(home):
        assert await home.run("check", CRASH_WITH=f"{KEY} {SECRET} https://u:{PASSWORD}@x.test/?k={KEY}") == 3
    assert len(home.files("crash-*.txt")) == 1
    assert "stopped by an error" in home.said[1]
    assert home.leaks() == []


async def test_a_service_its_log_its_history_and_a_recording(home: Home) -> None:
    async with served(home):
        await home.run("watch", "--headless", asked=40)
        await home.run("record", str(home.folder / "tape.jsonl"), asked=40)
        careless(home.emulator)
        await home.run("watch", "--plain", asked=1)
    assert sent(home)
    assert home.files("*.db") + home.files("*.sqlite*")
    assert home.files("*.log")
    assert home.files("tape.jsonl*")
    assert home.leaks() == []
    assert any("adlwatch" in line for line in home.lines)


async def test_the_screen_and_a_picture_of_it(home: Home) -> None:
    def look() -> None:
        arguments = ("-m", "adlwatch", "--config", str(home.folder / "config.toml"))
        with terminal(arguments, environ=home.environ()) as tty:
            tty.wait_for("desk")
            tty.press("5")
            home.said.append(tty.wait_for("desk", "HEALTH", "Invalid"))
            tty.press("\x13")
            tty.wait_for("Saved")
            tty.press("q")
            tty.ended()

    async with served(home):
        careless(home.emulator)
        await asyncio.to_thread(look)
    assert len(home.files("*.svg")) == 1
    assert home.leaks() == []
