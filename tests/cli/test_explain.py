import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., tuple[int, str, str]]


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
