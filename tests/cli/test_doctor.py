import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from adlwatch.adapters.base import Adapter, Context, Kind, RateLimited, Refused, Retry, SourceError
from adlwatch.adapters.budget import limiters
from adlwatch.adapters.dydx import KIND as DYDX
from adlwatch.adapters.dydx import DydxOptions
from adlwatch.adapters.limiter import Limiter
from adlwatch.cli.doctor import storage, terminal
from adlwatch.cli.doctor.finding import Finding, Level
from adlwatch.cli.doctor.sources import budget
from adlwatch.config import Config, HistoryTable
from adlwatch.domain.reading import Reading

Run = Callable[..., tuple[int, str, str]]
Doctor = Callable[..., tuple[int, dict[str, Any]]]


class Options(Struct, frozen=True, forbid_unknown_fields=True):
    """Of a source whose answers the test chooses."""

    api_key: str | None = None
    allow_trading_keys: bool = False
    may_trade: bool | None = None
    old: float = 0.0
    ahead: float | None = None
    fails: str | None = None


class Source:
    kind = "tried"
    interval = 5.0
    timeout = 1.0
    label: str | None = None

    def __init__(self, id_: str, options: Options) -> None:
        self.id = id_
        self.options = options
        self.clock_ahead = options.ahead

    async def fetch(self) -> Reading:
        failures: dict[str, SourceError] = {
            "retry": Retry("no route"),
            "refused": Refused("key expired"),
            "rate": RateLimited("wait"),
        }
        if self.options.fails:
            raise failures[self.options.fails]
        now = datetime.now(UTC)
        as_of = now - timedelta(seconds=self.options.old)
        return Reading(source=self.id, as_of=as_of, received_at=now, key_may_trade=self.options.may_trade)

    async def close(self) -> None: ...


def create(id_: str, options: Any, _: Context) -> Adapter:
    return Source(id_, options)


@pytest.fixture
def doctor(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """Run `adlwatch doctor --json` on a configuration with sources of kind `tried`."""
    tried = Kind("tried", Options, create)
    monkeypatch.setattr("adlwatch.adapters.registry.names", lambda: ("tried",))
    monkeypatch.setattr("adlwatch.adapters.registry.load", lambda _: tried)
    for place in ("adlwatch.log", "adlwatch.store.history", "adlwatch.cli.doctor.storage"):
        monkeypatch.setattr(f"{place}.state_directory", lambda: tmp_path / "state")

    def go(*tables: str, mode: int = 0o600) -> tuple[int, dict[str, Any]]:
        path = tmp_path / "config.toml"
        path.write_text("".join(f'[[source]]\nid = "s{n}"\nkind = "tried"\n{table}\n' for n, table in enumerate(tables)))
        path.chmod(mode)
        code, out, _ = run("doctor", "--json", "--config", str(path))
        report: dict[str, Any] = json.loads(out)
        return code, report

    return go


def said(report: dict[str, Any], about: str) -> list[tuple[str, str]]:
    return [(finding["level"], finding["said"]) for finding in report["findings"] if finding["about"].startswith(about)]


def test_all_well_is_zero(doctor: Doctor) -> None:
    code, report = doctor('api_key = "env:PATH"\nmay_trade = false\nahead = 0.1')
    assert (code, report["level"], report["format"]) == (0, "ok", "adlwatch-doctor/1")
    assert [level for level, _ in said(report, "source s0")] == ["ok", "ok", "ok"]
    assert said(report, "secret source.0.api_key") == [("ok", "env: there, and only for you")]
    assert all(finding["do"] is None for finding in report["findings"])


@pytest.mark.parametrize(
    ("table", "level", "words"),
    [
        ('fails = "retry"', "fail", "no route"),
        ('fails = "refused"', "fail", "key expired"),
        ('fails = "rate"', "warn", "wait"),
        ("old = 60.0", "warn", "60 s old"),
        ("old = -60.0", "warn", "ahead of our clock"),
        ("ahead = -4.0", "warn", "-4.0 s"),
        ('api_key = "env:PATH"\nmay_trade = true', "fail", "may do more than read"),
        ('api_key = "env:PATH"\nmay_trade = true\nallow_trading_keys = true', "warn", "allow_trading_keys"),
        ('api_key = "env:PATH"', "warn", "does not say"),
    ],
)
def test_what_is_wrong_with_a_source_is_said_with_what_to_do(doctor: Doctor, table: str, level: str, words: str) -> None:
    code, report = doctor(table, "")
    (finding,) = [found for found in report["findings"] if found["about"] == "source s0" and found["level"] != "ok"]
    assert (finding["level"], code) == (level, {"warn": 1, "fail": 2}[level])
    assert words in finding["said"]
    assert finding["do"]
    assert said(report, "source s1")[0][0] == "ok"


@pytest.mark.parametrize(("mode", "level"), [(0o600, "ok"), (0o644, "warn"), (0o666, "fail")])
def test_who_may_read_and_change_the_file_is_checked(doctor: Doctor, mode: int, level: str) -> None:
    _, report = doctor("", mode=mode)
    assert said(report, "configuration")[1][0] == level


def test_a_secret_that_others_may_read_or_that_is_not_there_is_a_failure(doctor: Doctor, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("hunter2hunter2")
    path.chmod(0o644)
    code, report = doctor(f'api_key = "file:{path}"', 'api_key = "env:ADLWATCH_NOT_THERE"')
    assert code == 2
    assert [level for level, _ in said(report, "secret")] == ["fail", "fail"]
    assert "hunter2" not in json.dumps(report)


def test_a_broken_configuration_ends_with_its_line(doctor: Doctor) -> None:
    code, report = doctor("typo = 1")
    assert code == 2
    ((level, line),) = said(report, "configuration")
    assert level == "fail"
    assert "typo" in line
    assert said(report, "source") == []


def test_without_a_file_it_names_the_wizard(run: Run) -> None:
    code, out, _ = run("doctor")
    assert code == 1
    assert "adlwatch init" in out


def test_the_report_for_people_has_a_line_each_and_what_to_do_below(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("dust_usd = 1\n")
    path.chmod(0o600)
    code, out, err = run("doctor", "--config", str(path))
    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert lines[0].startswith("warn  configuration: ")
    assert lines[1].startswith("      → ")


def levels(findings: Iterator[Finding]) -> list[Level]:
    return [finding.level for finding in findings]


def test_the_budget_counts_every_poll_and_once_what_only_the_first_takes() -> None:
    polls = [(5.0, {"v": 2.0}), (10.0, {"v": 4.0})]  # 24 and 24 a minute; 50 more at first
    first, full = {"v": 56.0}, 98.0
    for allowed, expected in ((full * 1.3, Level.OK), (full * 1.1, Level.WARN), (full * 0.9, Level.FAIL)):
        assert levels(budget(first, polls, {"v": (allowed, 60.0)})) == [expected]
    (finding,) = budget(first, polls, {"v": (196.0, 60.0)})
    assert finding.said.startswith("50%")
    assert levels(budget({}, [], {"idle": (10.0, 60.0)})) == [Level.OK]


def test_every_kind_of_shared_thing_tells_its_budgets() -> None:
    class Meters:
        limiters = {"a": Limiter("a", 1.0)}  # noqa: RUF012 -- as ccxt's meters have it

    shared: dict[str, Any] = {"meters": Meters(), "other": object()}
    DYDX.create("desk", DydxOptions(address="dydx1" + "q" * 38), Context(lambda: datetime.now(UTC), shared))
    assert set(limiters(shared)) == {"a", "indexer.dydx.trade"}


@pytest.mark.parametrize(
    ("environ", "size", "encoding", "expected"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, (120, 40), "utf-8", ["ok", "ok", "ok"]),
        ({"TERM": "tmux-256color", "TMUX": "/run/tmux"}, (120, 40), "utf-8", ["ok", "ok", "ok"]),
        ({"TERM": "screen", "TMUX": "/run/tmux"}, (120, 40), "utf-8", ["ok", "warn", "ok"]),
        ({"TERM": "linux"}, (79, 24), "ascii", ["warn", "warn", "warn"]),
        ({"TERM": "xterm", "NO_COLOR": "1"}, (80, 24), "utf-8", ["ok", "ok", "ok"]),
        ({"TERM": "dumb"}, (80, 24), "utf-8", ["fail"]),
        ({}, (80, 24), "utf-8", ["fail"]),
    ],
)
def test_the_terminal_is_judged(environ: dict[str, str], size: tuple[int, int], encoding: str, expected: list[str]) -> None:
    assert levels(terminal.judge(environ, size, encoding, on_terminal=True)) == expected


def test_a_terminal_inside_tmux_is_told_how_to_get_all_colours() -> None:
    (_, colours, _) = terminal.judge({"TERM": "tmux-256color", "TMUX": "x"}, (99, 30), "utf-8", on_terminal=True)
    assert "terminal-features" in colours.said
    assert levels(terminal.judge({}, (1, 1), "", on_terminal=False)) == [Level.OK]


def test_places_that_cannot_be_written_are_failures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("adlwatch.cli.doctor.storage.state_directory", lambda: tmp_path / "file" / "below")
    broken = Config(history=HistoryTable(path=str(tmp_path / "file" / "history.sqlite3")))
    assert levels(storage.storage(broken)) == [Level.FAIL, Level.FAIL]
    off = Config(history=HistoryTable(enabled=False))
    assert levels(storage.storage(off)) == [Level.FAIL, Level.OK]


def test_a_history_that_is_no_database_is_said(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite3"
    path.write_text("this is no database, it is a text that is long enough to be told from one" * 20)
    assert levels(storage.storage(Config(history=HistoryTable(path=str(path)))))[1] is Level.WARN
    path.write_bytes(b"")
    assert levels(storage.storage(Config(history=HistoryTable(path=str(path)))))[1] is Level.OK
