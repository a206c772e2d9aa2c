import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., tuple[int, str, str]]
SHORT = "bin-main:BTC/USDT:USDT:short"
END = datetime(2026, 11, 22, 12, tzinfo=UTC)


def falling(first: float, last: float) -> list[list[Any]]:
    hours = 48
    prices = [first + (last - first) * i / (hours - 1) for i in range(hours)]
    return [[(END - timedelta(hours=hours - i)).isoformat(), p, p * 1.003, p * 0.997, p, 5_000.0] for i, p in enumerate(prices)]


@pytest.fixture
def book(tmp_path: Path) -> str:
    positions = [
        {
            "symbol": "BTC/USDT:USDT",
            "side": "short",
            "size": 1.5,
            "entry_price": 60_000.0,
            "mark_price": 54_000.0,
            "margin_mode": "cross",
            "maintenance_margin": 400.0,
        }
    ]
    account = {
        "id": "bin-main",
        "venue": "binance",
        "equity": 61_200.0,
        "positions": positions,
        "holdings": [{"asset": "BTC", "amount": 1.5}],
    }
    market = {
        "venue": "binance",
        "symbol": "BTC/USDT:USDT",
        "mark_price": 54_000.0,
        "funding_rate": 0.0001,
        "funding_interval_hours": 8,
        "open_interest": 82_000.0,
        "volume_24h": 310_000.0,
        "candles": falling(61_000.0, 54_000.0),
    }
    path = tmp_path / "book.json"
    path.write_text(
        json.dumps({"format": "adlwatch-book/1", "as_of": END.isoformat(), "accounts": [account], "markets": [market]})
    )
    return str(path)


def test_what_if_moves_the_marks_and_says_what_happens_on_the_way(run: Run, book: str) -> None:
    code, out, err = run("what-if", "--book", book, "--move", "BTC=+80%")
    assert (code, err) == (0, "")
    text = " ".join(out.split())
    assert "WHAT-IF BTC +80.0%" in text
    # short 1.5 from 54,000 to 97,200: 1.5 * 43,200 lost; 61,200 - 64,800 is left
    assert "97,200 −$64,800" in text
    assert "PAST −$3,600" in text
    # 61,200 - 81,000 x = 400 (1 + x): x = 60,800 / 81,400 of 0.8
    assert f"93% of way LIQUIDATED: {SHORT} at 94,334 (+74.7%)" in text


def test_what_if_as_json(run: Run, book: str) -> None:
    _, out, _ = run("what-if", "--book", book, "--move", "BTC=-0.1", "--json")
    answer = json.loads(out)
    assert answer["label"] == "WHAT-IF"
    (moved,) = answer["positions"]
    assert moved["key"] == SHORT
    assert moved["moved_mark"] == pytest.approx(48_600.0)
    assert moved["moved_score"] == pytest.approx(1.5 * 11_400 / (61_200 + 1.5 * 5_400))
    assert moved["moved_level"] in {1, 2, 3, 4, 5}


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        ("BTC", "'BTC' is not COIN=MOVE, for example BTC=-15%"),
        ("DOGE=-1%", "move of DOGE: the book holds none; it holds BTC"),
        ("BTC=-100%", "move of BTC: -100% is not above -100%"),
    ],
)
def test_what_if_names_a_wrong_move(run: Run, book: str, move: str, expected: str) -> None:
    code, out, err = run("what-if", "--book", book, "--move", move)
    assert (code, out) == (2, "")
    assert expected in err
    assert err.count("\n") == 1


def test_what_if_of_a_calm_move(run: Run, book: str) -> None:
    _, out, _ = run("what-if", "--book", book, "--move", "BTC=0")
    assert "On the way: no light goes up, nothing is liquidated." in out


def test_fix_lists_remedies_cheapest_first(run: Run, book: str) -> None:
    code, out, err = run("fix", SHORT, "--to", "1", "--book", book)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == f"{SHORT}: to at most 1 of 5 lights (estimated), cheapest first"
    assert lines[2].split() == ["REMEDY", "HOW", "MUCH", "LIGHT", "COST", "CARRY", "NAKED", "NOTE"]
    kinds = [line.split()[0] for line in lines[3:]]
    assert sorted(kinds) == ["add-collateral", "add-margin", "cut", "move-margin", "reset"]
    assert "not reachable" in lines[-1]
    assert "$81,000 for 3 s" in out


def test_fix_as_json_is_verified_and_never_negative(run: Run, book: str) -> None:
    _, out, _ = run("fix", SHORT, "--to", "1", "--book", book, "--json")
    found = json.loads(out)
    reachable = [each for each in found if each["reachable"]]
    assert reachable
    assert all(each["level"] == 1 and each["cost_usd"] >= 0 and each["cost_days"] >= 0 for each in reachable)
    assert all(each["reason"] for each in found if not each["reachable"])
    assert all("edits" not in each for each in found)


def test_fix_says_so_where_nothing_is_to_be_done(run: Run, book: str) -> None:
    code, out, _ = run("fix", SHORT, "--to", "4", "--book", book)
    assert (code, out) == (0, f"{SHORT}: the estimated light is 4 or lower already\n")


def test_fix_without_a_queue_reaches_nothing(run: Run, book: str) -> None:
    content = json.loads(Path(book).read_text())
    content["markets"][0]["candles"] = []
    Path(book).write_text(json.dumps(content))
    code, out, _ = run("fix", SHORT, "--to", "2", "--book", book)
    assert code == 1
    assert out.count("not reachable") == 5


def test_fix_names_the_nearest_position(run: Run, book: str) -> None:
    code, _, err = run("fix", "bin-main:BTC", "--to", "2", "--book", book)
    assert code == 2
    assert f"no position 'bin-main:BTC'; did you mean {SHORT}?" in err
    content = json.loads(Path(book).read_text())
    content["accounts"][0]["positions"] = []
    Path(book).write_text(json.dumps(content))
    assert "there are none" in run("fix", SHORT, "--to", "2", "--book", book)[2]
