import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]


EVENTS = "run_id,side,fill_px,fill_sz,pos_before,entry_px,av_est,clean\n" + "".join(
    f"r1,short,90,1,-{1 if n < 9 else 2},{130 - n},{100 + n},{n != 4}\n" for n in range(10)
)


def events(tmp_path: Path, text: str = EVENTS, name: str = "events.csv") -> str:
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return str(path)


@pytest.mark.parametrize("name", ["events.csv", "events.csv.gz"])
def test_backtest_of_a_perfect_order(run: Run, tmp_path: Path, name: str) -> None:
    code, out, err = run("backtest", "events", events(tmp_path, name=name), "--rule", "hyperliquid-engine")
    assert (code, err) == (0, "")
    pooled = next(line for line in out.splitlines() if line.startswith("hyperliquid-engine"))
    assert pooled.split()[1:3] == ["10", "45"]
    assert "10 fills in 1 run; compared: those of at least 8 fills, 1." in out
    assert "partial closes that are the last of their run: 1 of 1" in out
    assert "next account's run goes on with the same holder's rest: 0 of 0" in out


def test_backtest_of_clean_rows_and_short_runs(run: Run, tmp_path: Path) -> None:
    _, out, _ = run("backtest", "events", events(tmp_path), "--rule", "return-rate", "--clean")
    assert next(line for line in out.splitlines() if line.startswith("return-rate")).split()[1:3] == ["9", "36"]
    _, out, _ = run("backtest", "events", events(tmp_path), "--rule", "return-rate", "--least", "11")
    assert next(line for line in out.splitlines() if line.startswith("return-rate")).split()[1:] == ["0", "0", "—", "—", "—"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n", "row 1, column run_id: the column is missing"),
        (EVENTS.replace("short,90", "short,x", 1), "row 2, column fill_px: expected a number, got 'x'"),
    ],
)
def test_a_bad_table_is_one_line(run: Run, tmp_path: Path, text: str, message: str) -> None:
    file = events(tmp_path, text)
    assert run("backtest", "events", file) == (2, "", f"adlwatch: {file}: {message}\n")


def test_a_file_that_cannot_be_read_is_one_line(run: Run, tmp_path: Path) -> None:
    gone = str(tmp_path / "gone.csv")
    assert run("backtest", "events", gone) == (2, "", f"adlwatch: {gone}: No such file or directory\n")
    not_gzip = tmp_path / "events.csv.gz"
    not_gzip.write_text(EVENTS)
    code, _, err = run("backtest", "events", str(not_gzip))
    assert (code, err.count("\n")) == (2, 1)
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(gzip.compress(EVENTS.encode())[:-12])
    code, _, err = run("backtest", "events", str(cut))
    assert (code, err.count("\n")) == (2, 1)
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"run_id,\xff\n")
    assert "not UTF-8 text" in run("backtest", "events", str(binary))[2]


def test_an_unknown_rule_is_one_line(run: Run, tmp_path: Path) -> None:
    code, _, err = run("backtest", "events", events(tmp_path), "--rule", "adl")
    assert code == 2
    assert err.startswith("adlwatch: no rule 'adl'; known here: binance-2025, ")
