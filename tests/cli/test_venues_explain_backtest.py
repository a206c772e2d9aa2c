import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adlwatch import cli
from adlwatch.venues import profiles

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `adlwatch …` in this process, without anybody's configuration: (exit code, stdout, stderr)."""
    monkeypatch.delenv("ADLWATCH_CONFIG", raising=False)
    monkeypatch.setattr("adlwatch.config.read.default_path", lambda: tmp_path / "none.toml")
    monkeypatch.setenv("COLUMNS", "120")

    def go(*arguments: str) -> tuple[int, str, str]:
        code = cli.run(arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return go


@pytest.mark.parametrize(
    ("columns", "titles"),
    [
        (80, ["VENUE", "FORMULA", "GRADE", "LIGHT", "EVERY", "CLOSES AT"]),
        (100, ["VENUE", "FORMULA", "GRADE", "LIGHT", "EVERY", "CLOSES AT", "FUND", "LOG", "PROTECTION"]),
        (120, ["VENUE", "FORMULA", "GRADE", "LIGHT", "EVERY", "CLOSES AT", "FUND", "LOG", "PROTECTION", "WARNS"]),
    ],
)
def test_venues_side_by_side_fit_the_terminal(run: Run, monkeypatch: pytest.MonkeyPatch, columns: int, titles: list[str]) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    code, out, err = run("venues")
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert all(title in lines[0] for title in titles)
    assert len(lines[0].split("  ")) >= len(titles)
    assert [line.split()[0] for line in lines[1 : len(profiles()) + 1]] == list(profiles())
    assert max(map(len, lines)) <= columns
    assert "…" not in "".join(line[-1:] for line in lines)


def test_one_venue_with_every_source_and_grade(run: Run) -> None:
    code, out, _ = run("venues", "gate")
    assert code == 0
    assert "Gate (gate)" in out
    assert "1 = 5, 2 = 4, 3 = 3, 4 = 2, 5 = 1" in out
    assert "raw 6: no position, or in liquidation" in out
    assert "risk-rate" in out
    assert "inferred" in out
    assert "https://www.gateex.cc/help/futures/futures-logic/22082" in out
    assert "not found" in out


def test_structured_facts_read_as_words(run: Run) -> None:
    _, out, _ = run("venues", "bybit")
    assert "measure coin-delta, eligible" in " ".join(out.split())
    assert "execType=AdlTrade; order createType" in " ".join(out.split())


def test_venues_as_json(run: Run) -> None:
    _, out, _ = run("venues", "--json")
    everything = {profile["id"]: profile for profile in json.loads(out)}
    assert list(everything) == list(profiles())
    _, out, _ = run("venues", "okx", "--json")
    assert json.loads(out) == everything["okx"]
    assert everything["okx"]["facts"]["closing_price"]["value"] == "mark"
    assert everything["okx"]["facts"]["closing_price"]["grade"] == "quoted-copy"


def test_an_unknown_venue_is_one_line(run: Run) -> None:
    code, out, err = run("venues", "mtgox")
    assert (code, out) == (2, "")
    assert err.startswith("adlwatch: no venue 'mtgox'; known here: aevo, apex, ")
    assert err.count("\n") == 1
    assert run("venues", "krakenfuture") == (2, "", "adlwatch: no venue 'krakenfuture'; did you mean \"krakenfutures\"?\n")


def test_a_broken_profile_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from adlwatch.cli import venues  # noqa: PLC0415  # the command's module is imported by no other test
    from adlwatch.venues.profile_toml import ProfileError  # noqa: PLC0415  # as above

    class Broken(dict[str, Any]):
        def __missing__(self, key: str) -> Any:
            raise ProfileError(f"{key}.toml: [light] grade: is required")

    monkeypatch.setattr(venues, "profiles", Broken)
    assert run("venues", "x") == (2, "", "adlwatch: x.toml: [light] grade: is required\n")


def book(tmp_path: Path, **changes: Any) -> str:
    position = {
        "symbol": "ETH/USDC:USDC",
        "side": "short",
        "size": 3.0,
        "entry_price": 3000.0,
        "mark_price": 2800.0,
        "margin_mode": "cross",
    }
    account = {"id": "hl", "venue": "hyperliquid", "equity": 4200.0, "positions": [position]} | changes
    path = tmp_path / "book.json"
    path.write_text(json.dumps({"format": "adlwatch-book/1", "as_of": "2026-11-22T12:00:00Z", "accounts": [account]}))
    return str(path)


KEY = "hl:ETH/USDC:USDC:short"


def test_explain_shows_both_competing_rules_with_their_terms(run: Run, tmp_path: Path) -> None:
    code, out, err = run("explain", KEY, "--book", book(tmp_path))
    assert (code, err) == (0, "")
    text = " ".join(out.split())
    assert "short 3 ETH, linear, margin cross; entry 3,000, mark 2,800, leverage set unknown" in text
    assert "score 0.133333 hyperliquid-engine" in text
    assert "score 2.14286 hyperliquid-docs" in text
    assert "unrealized_pnl 600" in text
    assert "equity 4,200" in text
    assert "max(N / A, 1e-8) × max(U / EV, 1e-8)" in text
    assert "version 2026-06-22, inferred" in text
    assert "https://osec.io/blog/2026-06-22-hyperliquid-risk-engine" in text


def test_explain_names_what_is_missing(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("explain", KEY, "--book", book(tmp_path, equity=None))
    assert code == 0
    assert "missing equity" in " ".join(out.split())
    assert "score unknown hyperliquid-engine" in " ".join(out.split())


def test_explain_says_why_there_is_no_score(run: Run, tmp_path: Path) -> None:
    _, out, _ = run("explain", KEY, "--book", book(tmp_path, venue="dydx"))
    assert "dYdX v4 ranks nobody: random" in out
    assert "light           random" in out


def test_explain_as_json(run: Run, tmp_path: Path) -> None:
    _, out, _ = run("explain", KEY, "--book", book(tmp_path), "--json")
    found = json.loads(out)
    assert [each["score"]["rule"] for each in found["scores"]] == ["hyperliquid-engine", "hyperliquid-docs"]
    assert found["scores"][0]["score"]["value"] == pytest.approx(600 / 9000 * 8400 / 4200)
    assert found["key"] == KEY


def test_explain_of_a_position_that_is_not_there_names_the_nearest(run: Run, tmp_path: Path) -> None:
    code, _, err = run("explain", "hl:ETH", "--book", book(tmp_path))
    assert (code, err) == (2, f"adlwatch: no position 'hl:ETH'; did you mean {KEY}?\n")
    code, _, err = run("explain", KEY, "--book", book(tmp_path, positions=[]))
    assert (code, err) == (2, f"adlwatch: no position '{KEY}'; there are none\n")


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
