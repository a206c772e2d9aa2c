import json
from collections.abc import Callable
from typing import Any

import pytest

from adlwatch.venues import profiles

Run = Callable[..., tuple[int, str, str]]


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


def test_an_inferred_direction_is_said(run: Run) -> None:
    assert "direction: inferred" in run("venues", "krakenfutures")[1]
    assert "direction" not in run("venues", "binance")[1]
