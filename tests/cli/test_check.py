import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adlwatch import cli
from adlwatch.domain.snapshot import decode

BOOK: dict[str, Any] = {
    "format": "adlwatch-book/1",
    "as_of": "2026-11-22T12:00:00Z",
    "accounts": [
        {
            "id": "bin-main",
            "venue": "binance",
            "equity": 61200.0,
            "positions": [
                {
                    "symbol": "BTC/USDT:USDT",
                    "side": "short",
                    "size": 1.5,
                    "entry_price": 60000.0,
                    "mark_price": 54000.0,
                    "margin_mode": "cross",
                    "liquidation_price": 71000.0,
                    "venue_light": {"raw": 3, "as_of": "2026-11-22T11:59:40Z"},
                }
            ],
            "holdings": [{"asset": "BTC", "amount": 1.5}],
        }
    ],
    "hedges": [{"name": "btc-carry", "legs": ["bin-main:BTC", "bin-main:BTC/USDT:USDT:short"]}],
}
Check = Callable[..., tuple[int, str, str]]


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Check:
    """Run `adlwatch check …` in this process, without anybody's configuration: (exit code, stdout, stderr)."""
    monkeypatch.delenv("ADLWATCH_CONFIG", raising=False)
    monkeypatch.setattr("adlwatch.config.read.default_path", lambda: tmp_path / "none.toml")
    monkeypatch.setattr("adlwatch.log.start", lambda level: None)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.run(["check", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., str]:
    """A book file with some keys of its only position changed."""

    def write(**changes: Any) -> str:
        data = json.loads(json.dumps(BOOK))
        data["accounts"][0]["positions"][0].update(changes)
        path = tmp_path / "book.json"
        path.write_text(json.dumps(data))
        return str(path)

    return write


def test_the_table_shows_the_hedge_its_legs_and_what_would_be_left(check: Check, book: Callable[..., str]) -> None:
    _, out, err = check("--book", book())
    assert out.splitlines() == [
        "WARNING  2026-11-22 12:00:00Z",
        "         1 hedge, 1 position, 1 of 1 source live",
        "         HEDGE / LEG                      LIGHT         SCORE  LIQ IF CLOSED",
        "warning  btc-carry  BTC cash-and-carry",
        "         light 4 of 5 on a hedged leg",
        "           bin-main BTC $81.0k            spot                     $81.0k short",
        "warning    short bin-main BTC/USDT:USDT   4 venue 20s   0.147  31% $81.0k long",
    ]
    assert err == ""


@pytest.mark.parametrize(
    ("raw", "code", "severity"), [(0, 0, "ok"), (1, 0, "ok"), (2, 0, "watch"), (3, 1, "warning"), (4, 2, "critical")]
)
def test_the_exit_code_is_that_of_a_monitoring_plug_in(
    check: Check, book: Callable[..., str], raw: int, code: int, severity: str
) -> None:
    path = book(venue_light={"raw": raw, "as_of": "2026-11-22T11:59:40Z"})
    assert check("--book", path)[0] == code
    assert json.loads(check("--book", path, "--json")[1])["severity"] == severity


def test_what_cannot_be_known_is_3(check: Check, book: Callable[..., str]) -> None:
    assert check("--book", book(venue_light=None))[0] == 3


def test_json_is_one_snapshot_on_one_line(check: Check, book: Callable[..., str]) -> None:
    _, out, _ = check("--book", book(), "--json")
    assert out.count("\n") == 1
    snapshot = decode(out)
    assert snapshot.positions[0].light.level == 4
    assert snapshot.positions[0].light.age_seconds == 20.0
    assert snapshot.sources[0].age_seconds == 0.0


def test_a_book_is_read_from_standard_input(check: Check, book: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(book()).open(encoding="utf-8") as file:
        monkeypatch.setattr("sys.stdin", file)
        code, out, _ = check("--book", "-")
    assert (code, out.splitlines()[0]) == (1, "WARNING  2026-11-22 12:00:00Z")


def test_a_book_too_old_for_its_reader_is_3(check: Check, book: Callable[..., str]) -> None:
    code, out, err = check("--book", book(), "--max-age", "60")
    assert (code, out) == (3, "")
    assert "s old, more than --max-age 60" in err


def test_a_fresh_book_passes_its_age_limit(check: Check, tmp_path: Path) -> None:
    path = tmp_path / "fresh.json"
    moment = (datetime.now(UTC) - timedelta(seconds=5)).isoformat()
    path.write_text(re.sub(r"2026-11-22T[\d:]+Z", moment, json.dumps(BOOK)))
    assert check("--book", str(path), "--max-age", "3600")[0] == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("{", "is not JSON"),
        ('{"format": "adlwatch-book/1", "acounts": []}', 'did you mean "accounts"?'),
        ('{"format": "adlwatch-book/2"}', 'expected one of "adlwatch-book/1"'),
    ],
)
def test_a_wrong_book_is_one_line_and_3(check: Check, tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "book.json"
    path.write_text(content)
    code, out, err = check("--book", str(path))
    assert (code, out, err.count("\n")) == (3, "", 1)
    assert err.startswith(f"adlwatch: {path}: ")
    assert said in err


def test_a_missing_book_is_one_line_and_3(check: Check, tmp_path: Path) -> None:
    code, _, err = check("--book", str(tmp_path / "absent.json"))
    assert (code, err) == (3, f"adlwatch: {tmp_path}/absent.json: cannot be read: No such file or directory\n")


@pytest.mark.parametrize("arguments", [["--jsn"], ["--max-age", "old"], ["--seed", "3"], ["surplus"]])
def test_wrong_usage_is_3_and_not_critical(check: Check, arguments: list[str]) -> None:
    code, out, err = check(*arguments)
    assert (code, out, err.count("\n")) == (3, "", 1)
    assert "adlwatch check --help" in err


def test_without_any_source_there_is_nothing_to_check(check: Check) -> None:
    code, _, err = check()
    assert code == 3
    assert err == "adlwatch: nothing to check: no [[source]] in any configuration, and none named here\n"


def test_configured_sources_are_checked_and_a_failing_one_is_named(check: Check, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    (tmp_path / "desk.json").write_text(re.sub(r'"as_of": "[^"]+"', '"as_of": null', json.dumps(BOOK)))
    path.write_text(
        f'[[source]]\nid = "desk"\nkind = "book"\npath = "{tmp_path}/desk.json"\n'
        f'[[source]]\nid = "gone"\nkind = "book"\npath = "{tmp_path}/gone.json"\n'
    )
    code, out, err = check("--config", str(path))
    assert code == 3
    assert err == f"adlwatch: gone: {tmp_path}/gone.json: cannot be read: No such file or directory\n"
    assert "1 of 2 sources live" in out


def test_a_wrong_configuration_is_3_before_and_after_the_command(
    tmp_path: Path, check: Check, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[dispaly]")
    line = f'adlwatch: {path}: [dispaly]: unknown key; did you mean "display"?\n'
    assert check("--config", str(path)) == (3, "", line)
    assert cli.run(["--config", str(path), "check"]) == 3
    assert capsys.readouterr().err == line


def test_thresholds_of_the_configuration_judge_a_book_too(check: Check, book: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[thresholds]\nhedged_critical = 4\n[[source]]\nkind = 'no-such-kind'")
    assert check("--book", book(), "--config", str(path))[0] == 2


def test_what_could_steer_the_terminal_is_taken_out_of_names(check: Check, tmp_path: Path) -> None:
    path = tmp_path / "book.json"
    path.write_text(json.dumps(BOOK).replace("btc-carry", "\\u001b[31mred\\n"))
    _, out, _ = check("--book", str(path))
    assert "\x1b" not in out
    assert "?[31mred?" in out


def test_no_line_is_wider_than_a_small_terminal(check: Check, tmp_path: Path) -> None:
    path = tmp_path / "book.json"
    path.write_text(json.dumps(BOOK).replace("bin-main", "an-account-with-a-very-long-name-" * 4))
    assert max(map(len, check("--book", str(path))[1].splitlines())) <= 80
