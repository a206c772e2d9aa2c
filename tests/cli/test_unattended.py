"""The commands that run without a screen, as processes: how they start, speak, and end."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from adlwatch.domain.snapshot import decode
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]


@contextmanager
def started(home: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    environment = {"HOME": str(home), "PYTHONPATH": str(ROOT), "PATH": ""}
    command = [sys.executable, "-m", "adlwatch", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment) as process:  # noqa: S603  # our own interpreter
        try:
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str], error: bool = False) -> str:  # noqa: FBT001, FBT002  # one of two pipes
    stream = process.stderr if error else process.stdout
    assert stream is not None
    return stream.readline()


def test_stream_writes_one_snapshot_a_line_and_ends_after_the_count(tmp_path: Path) -> None:
    with started(tmp_path, "stream", "--mock", "--count", "3", "--interval", "0.25") as process:
        out, err = process.communicate(timeout=20)
    snapshots = [decode(each) for each in out.splitlines()]
    assert (process.returncode, err, len(snapshots)) == (0, "", 3)
    assert snapshots[0].as_of < snapshots[1].as_of < snapshots[2].as_of
    assert snapshots[2].positions
    assert "MOCK" in str(snapshots[2].label)


def test_a_stream_whose_reader_leaves_ends_with_0_and_without_a_word(tmp_path: Path) -> None:
    with started(tmp_path, "stream", "--mock", "--interval", "0.25") as process:
        assert json.loads(line(process))["format"] == "adlwatch-snapshot/1"
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(20) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


@pytest.mark.skipif(not hasattr(fcntl, "F_SETPIPE_SZ"), reason="needs a pipe smaller than a snapshot (Linux)")
def test_a_reader_that_stops_reading_holds_up_nothing_and_goes_on_with_the_newest(tmp_path: Path) -> None:
    with started(tmp_path, "stream", "--mock", "--interval", "0.25") as process:
        assert process.stdout is not None
        fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)
        first = decode(line(process))
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(2)  # nobody reads meanwhile
        waited, newest = decode(line(process)), decode(line(process))
        assert "passed over" in line(process, error=True)
        assert (waited.as_of - first.as_of).total_seconds() < 1.0
        assert (newest.as_of - waited.as_of).total_seconds() > 1.0
        process.send_signal(signal.SIGTERM)  # again nobody reads
        assert process.wait(20) == 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_being_told_to_stop_is_no_failure(how: signal.Signals, tmp_path: Path) -> None:
    with started(tmp_path, "watch", "--mock") as process:
        assert any(line(process).endswith("Z watching 7 positions in 5 hedges, from 3 sources\n") for _ in range(20))
        process.send_signal(how)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")


def test_headless_speaks_on_standard_error_only_and_answers_scrapers(tmp_path: Path) -> None:
    with started(tmp_path, "watch", "--headless", "--mock", "--metrics", "127.0.0.1:0") as process:
        address = line(process, error=True).removeprefix("adlwatch: metrics at ").strip()
        assert any("INFO adlwatch.watch: watching 7 positions" in line(process, error=True) for _ in range(20))
        with urlopen(address, timeout=10) as answer:  # noqa: S310  # our own page on this machine
            assert b"adlwatch_light_level{" in answer.read()
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "")


def test_what_is_simulated_leaves_no_history(tmp_path: Path) -> None:
    with started(tmp_path, "stream", "--mock", "--count", "2") as process:
        process.communicate(timeout=20)
    assert not list(tmp_path.rglob("*.sqlite3"))


@pytest.mark.parametrize("command", ["watch", "stream", "metrics"])
def test_nothing_to_watch_is_said_so(command: str, run: Run) -> None:
    code, out, err = run(command)
    assert (code, out) == (2, "")
    assert "nothing to watch: no [[source]]" in err


@pytest.mark.parametrize("command", [("metrics", "--listen"), ("watch", "--metrics")])
def test_other_machines_get_no_metrics_unless_that_is_asked_for(command: tuple[str, str], run: Run) -> None:
    code, _, err = run(command[0], "--mock", command[1], "0.0.0.0:9464")
    assert code == 2
    assert "other machines could read your positions there; --public allows it" in err


@pytest.mark.parametrize("address", ["9464", "example.com:9464", "127.0.0.1:http", "127.0.0.1:99999", ":9464"])
def test_an_address_that_is_none_is_refused_with_an_example(address: str, run: Run) -> None:
    code, _, err = run("metrics", "--mock", "--listen", address)
    assert code == 2
    assert "expected one such as 127.0.0.1:9464 or [::1]:9464" in err


def test_a_port_in_use_is_one_line(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = run("metrics", "--mock", "--listen", f"127.0.0.1:{port}")
    assert (code, err) == (2, f"adlwatch: --listen 127.0.0.1:{port}: {os.strerror(98)}\n")
