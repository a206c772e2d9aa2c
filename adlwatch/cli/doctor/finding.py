"""What a check found: how bad it is, what it is about, and what to do."""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


CODES = {Level.OK: 0, Level.WARN: 1, Level.FAIL: 2}
"""Exit codes."""


class Finding(Struct, frozen=True):
    """One line of the doctor's report."""

    level: Level
    about: str
    """What was looked at: `configuration`, `source desk`, `terminal` …"""
    said: str
    do: str | None = None
    """What to do about it; None where there is nothing to do."""


class Report(Struct, frozen=True, kw_only=True):
    """What `--json` prints."""

    format: str = "adlwatch-doctor/1"
    level: Level
    findings: tuple[Finding, ...]


def ok(about: str, said: str) -> Finding:
    """Nothing to do."""
    return Finding(Level.OK, about, said)


def warn(about: str, said: str, do: str) -> Finding:
    """It works, but not as it should."""
    return Finding(Level.WARN, about, said, do)


def fail(about: str, said: str, do: str) -> Finding:
    """It does not work, or is not safe."""
    return Finding(Level.FAIL, about, said, do)


def worst(findings: Iterable[Finding]) -> Level:
    """The level of the whole report."""
    return max((finding.level for finding in findings), key=CODES.__getitem__, default=Level.OK)


def text(findings: Iterable[Finding]) -> str:
    """The report for people: a line a finding, and under it what to do."""
    lines: list[str] = []
    for finding in findings:
        lines.append(f"{finding.level:<4}  {finding.about}: {finding.said}")
        if finding.do:
            lines.append(f"      → {finding.do}")
    return "\n".join(lines)
