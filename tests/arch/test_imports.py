"""What each way of starting the program imports, looked at from outside: deferred imports are invisible to import-linter."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BOOK = {"format": "adlwatch-book/1", "accounts": [{"venue": "binance", "positions": []}]}
PROGRAM = """
import sys, json
from adlwatch.cli import run
code = run(json.loads(sys.argv[1]))
sys.stdout.flush()
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""
NETWORK = {"aiohttp", "ccxt"}
SCREEN = {"textual", "rich"}
HEAVY = {"numpy", "asyncio"}


def modules_after(code: str, *arguments: str, home: Path) -> tuple[int, set[str]]:
    """Run a program in a fresh interpreter; it prints [exit code, modules] as the last line on stderr."""
    environment = {"HOME": str(home), "PATH": "", "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True, check=True)  # noqa: S603  # our own interpreter
    exit_code, modules = json.loads(done.stderr.splitlines()[-1])
    return exit_code, set(modules)


def started(*arguments: str, home: Path) -> set[str]:
    code, modules = modules_after(PROGRAM, json.dumps(arguments), home=home)
    assert code == 0
    return modules


@pytest.mark.parametrize("arguments", [("--help",), ("--version",)])
def test_help_and_version_import_next_to_nothing(arguments: tuple[str, ...], tmp_path: Path) -> None:
    modules = started(*arguments, home=tmp_path)
    assert not modules & (NETWORK | SCREEN | HEAVY | {"msgspec", "tomllib", "adlwatch.config", "adlwatch.domain"})


def test_checking_a_book_needs_no_network_no_screen_and_no_event_loop(tmp_path: Path) -> None:
    (tmp_path / "book.json").write_text(json.dumps(BOOK))
    assert not started("check", "--book", str(tmp_path / "book.json"), home=tmp_path) & (NETWORK | SCREEN | {"asyncio"})


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
def test_numpy_starts_no_threads_with_its_import(tmp_path: Path) -> None:
    (tmp_path / "book.json").write_text(json.dumps(BOOK))
    program = PROGRAM.replace(
        "sys.stdout.flush()", "import os; assert 'numpy' in sys.modules; code = len(os.listdir('/proc/self/task'))"
    )
    threads, _ = modules_after(program, json.dumps(["check", "--book", str(tmp_path / "book.json")]), home=tmp_path)
    assert threads == 1


def test_checking_the_mock_exchange_stays_offline(tmp_path: Path) -> None:
    code, modules = modules_after(PROGRAM, json.dumps(["check", "--mock"]), home=tmp_path)
    assert code in range(4)
    assert not modules & (NETWORK | SCREEN)


def test_the_table_of_venues_needs_no_network_and_no_screen(tmp_path: Path) -> None:
    assert not started("venues", home=tmp_path) & (NETWORK | SCREEN | {"numpy"})


def test_what_the_terminal_needs_before_its_first_frame_is_light(tmp_path: Path) -> None:
    program = """
import sys, json
from adlwatch.cli.compose import configuration
from adlwatch.cli.options import Launch
configuration(Launch(mock=True))
print(json.dumps([0, sorted(sys.modules)]), file=sys.stderr)
"""
    _, modules = modules_after(program, home=tmp_path)
    assert not modules & (NETWORK | SCREEN | {"numpy"})


def test_building_every_kind_of_source_imports_no_network_library(tmp_path: Path) -> None:
    program = """
import sys, json
from adlwatch.adapters import registry
for name in registry.names():
    registry.load(name)
print(json.dumps([0, sorted(sys.modules)]), file=sys.stderr)
"""
    _, modules = modules_after(program, home=tmp_path)
    assert not modules & (NETWORK | SCREEN | {"numpy"})
