"""Real minutes of the real program: `python -m benchmarks.soak --real-minutes 30 [--terminal]`.

Four simulated worlds at once, history on disk, alerts into a receiver that is down for half a minute in every four, a scraper
every two seconds, and `adlwatch stream` with a reader beside it. With `--terminal` the screen in a pseudo-terminal instead, with
keys pressed: its own mock exchange is shocked again and again.
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import urlopen

import msgspec

from adlwatch.domain.channel import part
from adlwatch.store.reader import Reader
from benchmarks.live_table import drain
from benchmarks.witness import Noted
from tests.e2e.terminal import terminal as on_terminal
from tests.engine.receiver import Request, receiving

EVERY = 10.0
MOST_GROWTH = 0.05
DOWN, CYCLE = 30.0, 240.0
CONFIG = """
[[source]]
id = "burst"
kind = "mock"
venue = "mock-alpha"
scenario = "burst"
fills = 11279

[[source]]
id = "flap"
kind = "mock"
venue = "mock-beta"
scenario = "flap"

[[source]]
id = "cascade"
kind = "mock"
venue = "mock-gamma"
scenario = "cascade"
speed = 10.0
accounts = ["gamma-main"]

[[source]]
id = "cliff"
kind = "mock"
venue = "mock-gamma"
scenario = "shield-cliff"
speed = 3.0
accounts = ["gamma-neutral"]

[[channel]]
name = "hook"
url = "env:SOAK_HOOK"

[history]
path = "{history}"
"""
KEYS = ("2", "3", "4", "5", "1", "j", "j", "\r", "\x1b", "x", "\x1b", "?", "\x1b", "G", "g", "k")
"""Every screen in turn."""
SHOCKS = "DUXOMUD+-"
"""What can be done to the mock exchange, prices coming back to where they were."""


def judge(name: str, file: Path, exit_code: int) -> bool:
    """Print what one program held, from the first third (its warm-up left out) to the end; whether it held more in the end."""
    noted = [msgspec.json.decode(line, type=Noted) for line in file.read_bytes().splitlines()]
    n = len(noted)
    third, end = noted[n // 6 : n // 3], noted[-n // 6 :]

    def middle(part: list[Noted], of: Callable[[Noted], float]) -> float:
        return median(of(each) for each in part)

    before, after = (middle(part, lambda each: each.held.bytes) for part in (third, end))
    most = max(each.held.bytes for each in noted)
    print(f"{name}: exit code {exit_code}, {n} samples, {noted[-1].processor:.0f} s of processor time")
    figures = f"first third {before / 1e6:.1f}, end {after / 1e6:.1f} ({after / before - 1:+.1%}), most {most / 1e6:.1f}"
    print(f"  memory, MB: {figures}")
    grown = [] if after <= before * (1 + MOST_GROWTH) else ["memory"]
    for what in ("tasks", "threads", "handles"):
        was, is_ = (min(getattr(each.held, what) for each in part) for part in (third, end))  # a screen has some of its own
        print(f"  {what}: first third {was:g}, end {is_:g}, most {max(getattr(each.held, what) for each in noted)}")
        grown += [what] if is_ > was else []
    if grown:
        print(f"  GREW: {', '.join(grown)}")
    return bool(grown) or exit_code != 0


def program(folder: Path, name: str, *arguments: str, **streams: Any) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "HOME": str(folder), "XDG_STATE_HOME": str(folder)}
    command = [sys.executable, "-m", "benchmarks.witness", str(folder / f"{name}.jsonl"), str(EVERY), *arguments]
    return subprocess.Popen(command, env=environment | streams.pop("environment", {}), **streams)


def headless(minutes: float, folder: Path) -> int:
    """Watch, scrape, read and receive for that long; 1 where anything grew, was lost, or was told twice."""
    config, log = folder / "config.toml", (folder / "log").open("wb")
    config.write_text(CONFIG.format(history=folder / "history.sqlite3"), encoding="utf-8")
    at, begun, scrapes, lines = "", datetime.now(UTC), 0, [0]
    with receiving() as receiver, log:
        hook = {"SOAK_HOOK": f"json://127.0.0.1:{receiver.port}/"}
        watch = program(
            folder,
            "watch",
            "watch",
            "--headless",
            "--config",
            str(config),
            "--metrics",
            "127.0.0.1:0",
            environment=hook,
            stderr=log,
        )
        stream = program(folder, "stream", "stream", "--config", str(config), environment=hook, stdout=subprocess.PIPE)
        threading.Thread(target=_count, args=(stream, lines), daemon=True).start()
        end = time.monotonic() + minutes * 60
        while time.monotonic() < end and watch.poll() is None:
            time.sleep(2)
            cycle, second = divmod(time.monotonic() - end + minutes * 60, CYCLE)
            receiver.status = 503 if cycle and second < DOWN else 200
            at = at if scrapes else _address(folder / "log")
            with suppress(OSError), urlopen(at, timeout=5) as page:  # noqa: S310  # our own page on this machine
                scrapes += bool(page.read())
        codes = [_ended(each) for each in (watch, stream)]
    grew = [judge(name, folder / f"{name}.jsonl", code) for name, code in zip(("watch", "stream"), codes, strict=True)]
    print(f"{scrapes} scrapes, {lines[0]:,} lines read, history {(folder / 'history.sqlite3').stat().st_size / 1e6:.1f} MB")
    return int(any(grew) or not _told(Reader(str(folder / "history.sqlite3")), begun, receiver.requests))


def _told(history: Reader, begun: datetime, requests: list[Request]) -> bool:
    """Print and judge what became of the transitions."""
    changes = history.alert_changes(begun - timedelta(minutes=1))
    transitions = [each.id for each in changes if each.alert.subject != part("hook")]  # that it fails it is not told itself
    delivered = Counter(each.transition for each in history.deliveries(begun - timedelta(minutes=1)) if each.delivered)
    taken = Counter(each.headers["Idempotency-Key"] for each in requests if each.status == 200)
    twice = sum(count > 1 for count in (*taken.values(), *delivered.values()))
    missing = set(transitions) - set(delivered)
    print(f"{len(transitions)} transitions in {len(taken)} messages; {len(requests) - len(taken)} refusals on the way")
    print(f"  told twice: {twice}; never told: {len(missing)} {sorted(missing)[:3]}")
    return not twice and not missing


def in_terminal(minutes: float, folder: Path) -> int:
    """The screen with keys pressed, for that long; 1 where anything grew."""
    command = ("-m", "benchmarks.witness", str(folder / "terminal.jsonl"), str(EVERY), "--mock", "--scenario", "cascade")
    end, keys, painted = time.monotonic() + minutes * 60, 0, 0
    with on_terminal(command, environ={"HOME": str(folder), "XDG_STATE_HOME": str(folder)}) as tty:
        with suppress(OSError):  # it closes its end
            painted += drain(tty, 5.0, None)
            while time.monotonic() < end:
                tty.press(KEYS[keys % len(KEYS)] if keys % 5 else SHOCKS[keys // 5 % len(SHOCKS)])
                painted += drain(tty, 0.7, None)
                keys += 1
            tty.press("\x03")
            drain(tty, 5.0, None)
        code = tty.process.wait(10)
    print(f"{keys} keys, {painted / 1e6:.1f} MB painted")
    return int(judge("terminal", folder / "terminal.jsonl", code))


def _count(process: "subprocess.Popen[bytes]", lines: list[int]) -> None:
    for _ in process.stdout or ():
        lines[0] += 1


def _address(log: Path) -> str:
    words = log.read_text(encoding="utf-8").split()
    return next((word for word in words if word.startswith("http://127.0.0.1")), "http://127.0.0.1:9/")


def _ended(process: "subprocess.Popen[bytes]") -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(30)


def main(minutes: float, *, terminal: bool) -> int:
    with tempfile.TemporaryDirectory() as directory:
        return (in_terminal if terminal else headless)(minutes, Path(directory))
