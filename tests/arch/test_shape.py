"""The shape that docs/architecture.md promises, checked: sizes, names, and what may never be written."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = sorted((ROOT / "adlwatch").rglob("*.py"))
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", PACKAGE, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_file_outgrows_400_lines_and_no_function_50(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
    too_long = {f.name: f.end_lineno - f.lineno + 1 for f in functions(path) if f.end_lineno and f.end_lineno - f.lineno >= 50}
    assert not too_long


def test_no_module_is_named_after_nothing() -> None:
    assert not [p for p in PACKAGE if p.stem in NAMELESS or p.parent.name in NAMELESS]


def test_no_class_is_a_manager() -> None:
    manager = re.compile(r"^class \w*Manager\b", re.MULTILINE)
    assert not [p.name for p in PACKAGE if manager.search(p.read_text(encoding="utf-8"))]


def test_the_domain_reads_no_clock_and_does_no_io() -> None:
    modules = "asyncio|random|os|pathlib|time"
    forbidden = re.compile(rf"datetime\.now|time\.time|perf_counter|\bopen\(|import ({modules})\b|from ({modules}) ")
    found = [p.name for p in PACKAGE if p.parent.name == "domain" and forbidden.search(p.read_text(encoding="utf-8"))]
    assert not found


def test_nothing_tracked_names_the_machine_it_was_written_on() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)  # noqa: S607  # git of the checkout
    if listed.returncode:
        pytest.skip("not a git checkout")
    leaks = re.compile(rb"/[w]ork/|/[r]oot/|/home/\w+/(?!\.)|files\.python[h]osted|registry\.npm[j]s")
    tracked = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    assert not [str(p.relative_to(ROOT)) for p in tracked if p.is_file() and leaks.search(p.read_bytes())]
