import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adlwatch.domain.changes import Change, ChangeKind
from adlwatch.domain.sighting import Sighting
from adlwatch.store import entries
from adlwatch.store.history import History
from tests.cli.conftest import Run

KEY = "bin-main:BTC/USDT:USDT:short"
NOW = datetime.now(UTC)


def kept(tmp_path: Path, *sightings: Sighting) -> str:
    path, file = tmp_path / "h.sqlite3", tmp_path / "config.toml"
    history = History(path, lambda: NOW)
    history.put(*entries.sightings(sightings))
    moved = Change(
        at=NOW - timedelta(seconds=90), kind=ChangeKind.ESTIMATE, subject=KEY, before="3", after="4 calibrated", level=4
    )
    history.put(entries.changes([moved]))
    history.close()
    file.write_text(f'[history]\npath = "{path}"\n')
    return str(file)


def sighting(seconds_ago: float, level: int, estimate: int, held: int) -> Sighting:
    at = NOW - timedelta(seconds=seconds_ago)
    since = at - timedelta(hours=1)
    return Sighting(at=at, key=KEY, venue="binance", level=level, held=held, held_since=since, estimate=estimate, low=3, high=4)


def test_the_report_is_a_row_a_venue_with_what_its_columns_mean(run: Run, tmp_path: Path) -> None:
    file = kept(tmp_path, sighting(200, 3, 3, 3), sighting(60, 4, 4, 3))
    code, out, err = run("accuracy", "--config", file)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[1].split() == [
        "binance",
        "1",
        "2",
        "100%",
        "100%",
        "100%",
        "50%",
        "1",
        "100%",
        "100%",
        "1",
        "of",
        "1",
        "30",
        "s",
    ]
    assert "what the estimate has to beat" in out


def test_json_has_the_counts(run: Run, tmp_path: Path) -> None:
    _, out, _ = run("accuracy", "--config", kept(tmp_path, sighting(60, 4, 4, 3)), "--json", "--since", "1h")
    (venue,) = json.loads(out)["venues"]
    assert (venue["venue"], venue["every"]["of"], venue["ups_led"], venue["lead_seconds"]) == ("binance", 1, 1, 30.0)


def test_without_any_light_there_is_nothing_to_compare(run: Run, tmp_path: Path) -> None:
    code, out, err = run("accuracy", "--config", kept(tmp_path))
    assert (code, out) == (2, "")
    assert "no venue has shown a light of yours since" in err
