import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adlwatch.domain.changes import Change, ChangeKind
from adlwatch.domain.light import LightSource, LightState
from adlwatch.domain.samples import Sample
from adlwatch.domain.snapshot import Severity
from adlwatch.store import entries
from adlwatch.store.history import History
from tests.cli.conftest import Run

KEY = "bin-main:BTC/USDT:USDT:short"
NOW = datetime.now(UTC).replace(microsecond=0)


def sample(minutes_ago: float, level: int | None, mark: float | None, estimate: int | None = None) -> Sample:
    return Sample(
        at=NOW - timedelta(minutes=minutes_ago),
        key=KEY,
        state=LightState.LIT if level else LightState.UNKNOWN,
        level=level,
        source=LightSource.VENUE if level else None,
        estimate=estimate,
        low=estimate and estimate - 1,
        high=estimate,
        score=0.147,
        mark=mark,
        notional=81_000.0,
        distance=0.31,
        severity=Severity.WARNING if level == 4 else Severity.OK,
    )


@pytest.fixture
def config(tmp_path: Path) -> Callable[..., str]:
    """A configuration whose history holds these samples."""

    def write(*samples: Sample) -> str:
        path = tmp_path / "kept" / "h.sqlite3"
        history = History(path, lambda: NOW)
        history.put(*entries.samples(samples))
        history.put(
            entries.changes(
                [Change(at=s.at, kind=ChangeKind.LIGHT, subject=KEY, before=None, after="4 venue", level=4) for s in samples[-1:]]
            )
        )
        history.close()
        file = tmp_path / "config.toml"
        file.write_text(f'[history]\npath = "{path}"\n')
        return str(file)

    return write


def test_changes_are_rows_and_light_and_mark_are_strips(run: Run, config: Callable[..., str]) -> None:
    file = config(*(sample(60 - n, 3 if n < 30 else 4, 60_000.0 - n * 100, 4) for n in range(60)))
    code, out, err = run("history", KEY, "--config", file)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith(f"{KEY}  {NOW - timedelta(minutes=60):%Y-%m-%d %H:%M}Z")
    assert lines[0].endswith("60 samples")
    strip = lines[2].split()[1]
    assert set(strip) == {"3", "4"}
    assert strip == "".join(sorted(strip))
    assert lines[3].split()[1] == "".join(sorted(lines[3].split()[1], reverse=True))
    assert lines[4] == "        0 = 54,100, 9 = 60,000; a dot: not watched or not known"
    assert lines[6].split() == ["TIME", "(UTC)", "LIGHT", "ESTIMATE", "SCORE", "MARK", "NOTIONAL", "LIQ", "SEVERITY"]
    assert [line.split()[2:] for line in lines[7:]] == [
        ["3", "venue", "4", "(3-4)", "0.147", "60,000", "81,000", "31%", "ok"],
        ["4", "venue", "4", "(3-4)", "0.147", "57,000", "81,000", "31%", "warning"],
        ["4", "venue", "4", "(3-4)", "0.147", "54,100", "81,000", "31%", "warning"],
    ]
    assert max(map(len, lines)) <= 110


def test_where_nobody_watched_there_are_dots_and_a_row_says_so(run: Run, config: Callable[..., str]) -> None:
    file = config(sample(1200, 3, 60_000.0), sample(600, 3, 60_000.0), sample(1, None, None))
    _, out, _ = run("history", KEY, "--config", file)
    assert out.count("not watched for 10 h") == 2
    assert "." in out.splitlines()[2]
    assert "unknown" in out.splitlines()[-1]


def test_json_has_every_sample_and_change(run: Run, config: Callable[..., str]) -> None:
    code, out, _ = run(
        "history", KEY, "--config", config(sample(90, 3, 60_000.0), sample(30, 4, 54_000.0)), "--json", "--since", "1h"
    )
    found = json.loads(out)
    assert code == 0
    assert [each["level"] for each in found["samples"]] == [4]
    assert [each["after"] for each in found["changes"]] == ["4 venue"]


def test_only_the_latest_rows_are_shown(run: Run, config: Callable[..., str]) -> None:
    _, out, _ = run("history", KEY, "--config", config(*(sample(100 - n, 3 + n % 2, 60_000.0) for n in range(100))))
    assert "40 earlier changes are left out; --json has all" in out
    assert len(out.splitlines()) == 6 + 1 + 1 + 60


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("bin-main:BTC/USDT:USDT:shrt",), f'; did you mean "{KEY}"?'),
        ((KEY, "--since", "10m"), "nothing kept since"),
        ((KEY, "--since", "yesterday"), '"yesterday" is no span of time; expected one such as 90m'),
    ],
)
def test_what_cannot_be_answered_is_one_line(run: Run, config: Callable[..., str], arguments: tuple[str, ...], said: str) -> None:
    code, out, err = run("history", *arguments, "--config", config(sample(90, 3, 60_000.0)))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_without_a_history_and_with_an_unreadable_one_it_says_so(run: Run, tmp_path: Path) -> None:
    path, file = tmp_path / "h.sqlite3", tmp_path / "config.toml"
    file.write_text(f'[history]\npath = "{path}"\n')
    assert run("history", KEY, "--config", str(file)) == (
        2,
        "",
        f"adlwatch: {path}: no history yet; adlwatch keeps one while it watches\n",
    )
    path.write_bytes(b"nothing of ours" * 100)
    code, _, err = run("history", KEY, "--config", str(file))
    assert (code, err) == (2, f"adlwatch: {path}: cannot be read: file is not a database\n")
