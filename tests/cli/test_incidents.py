import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from adlwatch.domain.incident import Incident
from adlwatch.domain.snapshot import Severity, Snapshot, encode
from adlwatch.store import entries
from adlwatch.store.history import History
from tests.cli.conftest import Run
from tests.export.test_incident_report import INCIDENT

NOW = datetime.now(UTC).replace(microsecond=0)
RECENT = replace(INCIDENT, opened_at=NOW - timedelta(hours=1), last_at=NOW - timedelta(hours=1))
OTHER = replace(RECENT, id="main@20261123T000000", opened_at=NOW, last_at=NOW, closed_at=NOW, hedges=())


@pytest.fixture
def config(tmp_path: Path) -> Callable[..., str]:
    """A configuration whose history holds these incidents."""

    def write(*incidents: Incident) -> str:
        history = History(tmp_path / "h.sqlite3", lambda: NOW)
        history.put(entries.incidents(incidents))
        history.close()
        file = tmp_path / "config.toml"
        file.write_text(f'[history]\npath = "{tmp_path / "h.sqlite3"}"\n')
        return str(file)

    return write


def test_the_list_is_of_the_history_latest_first(run: Run, config: Callable[..., str]) -> None:
    code, out, _ = run("incidents", "--config", config(RECENT, OTHER))
    head, *rows = out.splitlines()
    assert code == 0
    assert head.split() == ["INCIDENT", "KIND", "HEDGES", "FILLS", "CLOSED", "GIVE-BACK", "NAKED", "$-SECONDS", "IN", "BALANCE"]
    assert [row.split()[0] for row in rows] == [OTHER.id, RECENT.id]
    assert rows[0].endswith(f"{NOW:%Y-%m-%d %H:%M:%S}Z")
    assert rows[1].endswith("not yet")


def test_one_incident_is_a_report_and_its_id_may_be_cut_short(run: Run, config: Callable[..., str]) -> None:
    file = config(RECENT, OTHER)
    code, out, _ = run("incidents", "main@20261122", "--config", file)
    assert code == 0
    assert out.startswith("# Auto-deleveraging: main at binance")
    assert "SELL 1.75 BTC/USDT:USDT at binance" in out
    assert run("incidents", RECENT.id, "--md", "--config", file)[1] == out


def test_as_a_table_and_as_json_all_of_them(run: Run, config: Callable[..., str]) -> None:
    file = config(RECENT, OTHER)
    assert len(run("incidents", "--csv", "--config", file)[1].splitlines()) == 1 + 2 * len(INCIDENT.legs)
    found = json.loads(run("incidents", "--json", "--config", file)[1])
    assert [each["id"] for each in found] == [RECENT.id, OTHER.id]


def test_an_id_that_names_none_or_several_says_which_there_are(run: Run, config: Callable[..., str]) -> None:
    file = config(RECENT, OTHER)
    code, _, err = run("incidents", "x", "--config", file)
    assert code == 2
    assert err == f"adlwatch: no incident 'x'; there are {RECENT.id}, {OTHER.id}\n"
    assert "several incidents begin with 'main@'" in run("incidents", "main@", "--config", file)[2]


def test_without_incidents_it_says_so_and_without_a_history_where_it_would_be(
    run: Run, config: Callable[..., str], tmp_path: Path
) -> None:
    assert run("incidents", "--config", config())[:2] == (0, "no incidents\n")
    assert run("incidents", "x", "--config", config())[2] == "adlwatch: no incident 'x'; there are none\n"
    (tmp_path / "h.sqlite3").unlink()
    code, _, err = run("incidents", "--config", str(tmp_path / "config.toml"))
    assert (code, "no history yet" in err) == (2, True)


def test_a_history_that_is_none_is_named(run: Run, config: Callable[..., str], tmp_path: Path) -> None:
    file = config()
    (tmp_path / "h.sqlite3").write_text("not a database, but long enough to look like one " * 40)
    code, _, err = run("incidents", "--config", file)
    assert code == 2
    assert str(tmp_path / "h.sqlite3") in err
    assert len(err.splitlines()) == 1


def test_a_saved_snapshot_serves_as_well(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "snapshot.json"
    file.write_bytes(encode(Snapshot(as_of=NOW, severity=Severity.OK, incidents=(RECENT,))))
    assert RECENT.id in run("incidents", "--snapshot", str(file))[1]
    file.write_text('{"format": "other/1"}')
    code, _, err = run("incidents", "--snapshot", str(file))
    assert code == 2
    assert f"{file}: is no adlwatch-snapshot/1" in err
