"""No planted secret is in anything the real program writes, says or shows, nor on any command line: in good times and bad.

The program runs as itself, against a loopback OKX that repeats the credentials it was sent, as careless venues do. One seam is
cut into it: where requests leave, their address is turned to the loopback.
"""

import asyncio
import base64
import gzip
import hashlib
import hmac
import json
import signal
import sqlite3
import sys
import zlib
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import pytest
from aiohttp import web

from tests.adapters.ccxt import test_okx
from tests.adapters.ccxt.conftest import Asked, Emulator
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

    def prepare_seam(self) -> None:
        (self.folder / "seam").mkdir()
        (self.folder / "seam" / "sitecustomize.py").write_text(SEAM)

    def prepare(self) -> None:
        self.prepare_seam()
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

    async def run(self, *arguments: str, until: Callable[[], bool] = lambda: False, **environ: str) -> int:
        """Run it to its end, or until something has happened; its exit code."""
        program = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "adlwatch", *arguments, "--config", str(self.folder / "config.toml")),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.environ(**environ),
        )
        talking = asyncio.create_task(program.communicate())
        async with asyncio.timeout(60):
            while not talking.done() and not until():
                await asyncio.wait({talking}, timeout=0.05)
                self.lines |= set(command_lines())
            if not talking.done():
                program.send_signal(signal.SIGTERM)
            self.said += [text.decode() for text in await talking]
        return program.returncode or 0

    def leaks(self) -> list[str]:
        """Where a secret is: files under the home, what was said, command lines."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        texts = [(str(path.relative_to(self.folder)), text) for path in files for text in texts_in(path)]
        texts += [("said", text) for text in self.said] + [("command line", line) for line in self.lines]
        return [f"{where}: {secret}" for where, text in texts for secret in SECRETS if secret in text]

    def files(self, pattern: str) -> list[Path]:
        return sorted(self.folder.rglob(pattern))


def texts_in(path: Path) -> Iterable[str]:
    """A file as it is, unpacked where it is packed, and every value of a database, packed ones unpacked."""
    raw = path.read_bytes()
    yield raw.decode(errors="replace")
    if raw.startswith(b"\x1f\x8b"):
        yield zlib.decompressobj(wbits=31).decompress(raw).decode(errors="replace")
    if raw.startswith(b"SQLite format 3"):
        with closing(sqlite3.connect(path)) as database:
            for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                rows = database.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # our own file's table names
                for value in chain.from_iterable(rows):
                    yield unpacked(value) if isinstance(value, bytes) else str(value)


def unpacked(value: bytes) -> str:
    with suppress(zlib.error):
        value = zlib.decompress(value)
    return value.decode(errors="replace")


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
    """Whether all three really went out or signed something, so that there was something to leak."""
    return any(
        (a.headers.get("OK-ACCESS-KEY"), a.headers.get("OK-ACCESS-PASSPHRASE")) == (KEY, PASSWORD) and signed(a)
        for a in home.emulator.asked
    )


def signed(asked: Asked) -> bool:
    """Whether the signature was made with the planted secret."""
    query = f"?{asked.query}" if asked.query else ""
    text = f"{asked.headers.get('OK-ACCESS-TIMESTAMP')}{asked.method}{asked.path}{query}{asked.body.decode()}"
    digest = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest()
    return asked.headers.get("OK-ACCESS-SIGN") == base64.b64encode(digest).decode()


def logged(home: Home, words: str) -> bool:
    return any(words in log.read_text() for log in home.files("*.log"))


def careless(emulator: Emulator) -> None:
    """From now on errors repeat what was sent, plain, quoted and in an address."""
    said = {
        "code": "50111",
        "msg": f"Invalid OK-ACCESS-KEY {KEY} {SECRET}",
        "data": [f"https://x.test/?p={SECRETS[3]}", PASSWORD],
    }
    emulator.fail("*", status=401, body=json.dumps(said).encode())


async def test_whatever_is_planted_is_found(home: Home) -> None:
    plant(home.folder / "deep")
    home.said.append(f"said {KEY}")
    home.lines.add(f"curl -H {SECRET}")
    assert len(home.leaks()) == len(SECRETS) + 4


def plant(folder: Path) -> None:
    """In plain files, in a packed one, and packed in a database."""
    folder.mkdir()
    for number, secret in enumerate(SECRETS):
        (folder / f"{number}.log").write_text(f"x{secret}x")
    (folder / "tape").write_bytes(gzip.compress(f"x{KEY}x".encode()))
    with closing(sqlite3.connect(folder / "kept.db")) as database:
        database.execute("CREATE TABLE source (id, packed)")
        database.execute("INSERT INTO source VALUES (?, ?)", ("a", zlib.compress(f"x{SECRET}x".encode())))
        database.commit()


async def test_a_check_that_works_and_one_that_is_refused(home: Home) -> None:
    async with served(home):
        assert await home.run("check") in {0, 1, 2, 3}
        assert "BTC" in home.said[0]
        assert sent(home)
        careless(home.emulator)
        assert await home.run("check", "--json") == 3
    assert "Invalid OK-ACCESS-KEY [hidden]" in home.said[2] + home.said[3]
    assert home.files("market-lists/*.json")
    assert home.leaks() == []


async def test_a_crash_report_with_the_secrets_in_its_error(home: Home) -> None:
    async with served(home):
        assert await home.run("check", CRASH_WITH=f"{KEY} {SECRET} https://u:{PASSWORD}@x.test/?k={KEY}") == 3
    assert len(home.files("crash-*.txt")) == 1
    assert "stopped by an error" in home.said[1]
    assert "boom [hidden] [hidden]" in home.files("crash-*.txt")[0].read_text()
    assert home.leaks() == []


async def test_a_service_its_log_its_history_and_a_recording(home: Home) -> None:
    async with served(home):
        await home.run("watch", "--headless", until=lambda: len(home.emulator.asked) >= 20)
        await home.run("record", str(home.folder / "tape.jsonl"), until=lambda: len(home.emulator.asked) >= 40)
        careless(home.emulator)
        await home.run("watch", "--plain", until=lambda: logged(home, "Invalid OK-ACCESS-KEY"))
    assert sent(home)
    assert home.files("*.db") + home.files("*.sqlite*")
    assert logged(home, "Invalid OK-ACCESS-KEY [hidden]")
    assert any("BTC-USDT-SWAP" in text for tape in home.files("tape.jsonl*") for text in texts_in(tape))
    assert any("BTC/USDT:USDT" in text for kept in home.files("*.sqlite3") for text in texts_in(kept))
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
