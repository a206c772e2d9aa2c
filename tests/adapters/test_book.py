import copy
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adlwatch.adapters.base import BadPayload, Context, Retry
from adlwatch.adapters.book import KIND, BookOptions, BookSource, load, parse
from adlwatch.domain.model import Candle, Contract, HedgeSpec, Side, VenueLight

NOW = datetime(2026, 11, 22, 12, 5, tzinfo=UTC)
TIME = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
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
                    "isolated_margin": None,
                    "venue_light": {"raw": 3, "as_of": "2026-11-22T11:59:40Z"},
                }
            ],
            "holdings": [{"asset": "BTC", "amount": 1.5}],
        }
    ],
    "markets": [
        {
            "venue": "binance",
            "symbol": "BTC/USDT:USDT",
            "mark_price": 54000.0,
            "candles": [["2026-11-22T11:00:00Z", 54100.0, 54300.0, 53800.0, 54000.0, 5200.0]],
        }
    ],
    "hedges": [{"name": "btc-carry", "legs": ["bin-main:BTC", "bin-main:BTC/USDT:USDT:short"]}],
}
Change = Callable[[dict[str, Any], dict[str, Any]], object]


def written(change: Change | None = None) -> bytes:
    book = copy.deepcopy(BOOK)
    if change:
        change(book, book["accounts"][0]["positions"][0])
    return json.dumps(book).encode()


def test_reads_everything_a_book_states() -> None:
    reading = parse(written(), "book.json", NOW)
    (position,) = reading.positions
    assert (reading.source, reading.as_of, reading.received_at) == ("book.json", TIME, NOW)
    assert (position.key, position.side, position.size) == ("bin-main:BTC/USDT:USDT:short", Side.SHORT, 1.5)
    assert position.venue_light == VenueLight(3, datetime(2026, 11, 22, 11, 59, 40, tzinfo=UTC))
    assert [(h.key, h.amount) for h in reading.holdings] == [("bin-main:BTC", 1.5)]
    assert reading.markets[0].candles == (Candle(datetime(2026, 11, 22, 11, tzinfo=UTC), 54100, 54300, 53800, 54000, 5200),)
    assert reading.hedges == (HedgeSpec("btc-carry", ("bin-main:BTC", "bin-main:BTC/USDT:USDT:short")),)


def test_what_a_book_leaves_out_is_unknown() -> None:
    reading = parse(written(), "book.json", NOW)
    position, account = reading.positions[0], reading.accounts[0]
    assert (position.mark_price, position.isolated_margin, position.leverage, position.margin_mode) == (None, None, None, None)
    assert (account.equity, account.wallet, account.maintenance_margin) == (61200.0, None, None)


@pytest.mark.parametrize(
    ("own", "market", "quote"), [(50000.0, 54000.0, 50000.0), (None, 54000.0, 54000.0), (None, None, 60000.0)]
)
def test_an_inverse_size_becomes_quote_value_at_the_best_known_price(own: float, market: float, quote: float) -> None:
    def change(book: dict[str, Any], position: dict[str, Any]) -> None:
        position.update(contract="inverse", mark_price=own)
        book["markets"][0]["mark_price"] = market

    reading = parse(written(change), "book.json", NOW)
    assert reading.positions[0].size == 1.5 * quote
    assert reading.markets[0].contract is Contract.INVERSE


def test_an_account_without_id_is_named_after_its_venue() -> None:
    data = b'{"format": "adlwatch-book/1", "accounts": [{"venue": "okx"}]}'
    assert parse(data, "b", NOW).accounts[0].id == "okx"


P = "accounts[0].positions[0]"
WRONG: list[tuple[Change, str]] = [
    (lambda b, p: p.update(size=-1.5), f"{P}.size: expected a number > 0.0, got -1.5"),
    (lambda b, p: p.update(size=0), f"{P}.size: expected a number > 0.0, got 0"),
    (lambda b, p: p.update(size="1.5"), f'{P}.size: expected a number, got "1.5"'),
    (lambda b, p: p.update(size=True), f"{P}.size: expected a number, got true"),
    (lambda b, p: p.update(size=float("nan")), f"{P}.size: expected a finite number, got nan"),
    (lambda b, p: p.update(mark_price=float("inf")), f"{P}.mark_price: expected a finite number, got inf"),
    (lambda b, p: p.update(size=10**400), f"{P}.size: expected a finite number, got inf"),
    (lambda b, p: p.pop("size"), f"{P}.size: is required"),
    (lambda b, p: p.update(entry_price=None), f"{P}.entry_price: expected a number, got null"),
    (lambda b, p: p.update(sise=1), f'{P}.sise: unknown key; did you mean "size"?'),
    (lambda b, p: p["venue_light"].update(x=1), f"{P}.venue_light.x: unknown key; known here: as_of, raw"),
    (lambda b, p: p.update(side="Short"), f'{P}.side: expected one of "long", "short", got "Short"'),
    (lambda b, p: p.update(contract="x"), f'{P}.contract: expected one of "linear", "inverse", got "x"'),
    (lambda b, p: p.update(symbol=""), f'{P}.symbol: expected a text of length >= 1, got ""'),
    (
        lambda b, p: p["venue_light"].update(as_of="x"),
        f'{P}.venue_light.as_of: expected a time with its zone, such as 2026-11-22T12:00:00Z, got "x"',
    ),
    (
        lambda b, p: b.update(as_of="2026-11-22T12:00:00"),
        "as_of: expected a time with its zone, such as 2026-11-22T12:00:00Z, got",
    ),
    (lambda b, p: b.update(format="adlwatch-book/2"), 'format: expected one of "adlwatch-book/1", got "adlwatch-book/2"'),
    (lambda b, p: b.pop("format"), "format: is required"),
    (lambda b, p: b.update(account=[]), 'account: unknown key; did you mean "accounts"?'),
    (lambda b, p: b["accounts"].append(b["accounts"][0]), 'accounts[1].id: "bin-main" is already at accounts[0].id'),
    (
        lambda b, p: b["accounts"][0]["positions"].append(p),
        f'accounts[0].positions[1]: "bin-main:BTC/USDT:USDT:short" is already at {P}',
    ),
    (
        lambda b, p: b["accounts"][0]["holdings"].append({"asset": "BTC", "amount": 1}),
        'accounts[0].holdings[1]: "bin-main:BTC" is already',
    ),
    (lambda b, p: b["markets"].append(b["markets"][0]), 'markets[1]: "binance BTC/USDT:USDT" is already at markets[0]'),
    (lambda b, p: b["hedges"].append(b["hedges"][0]), 'hedges[1].name: "btc-carry" is already at hedges[0].name'),
    (
        lambda b, p: b["hedges"][0]["legs"].append("bin-main:BTV"),
        'hedges[0].legs[2]: names no position or holding: "bin-main:BTV"; did',
    ),
    (lambda b, p: b["hedges"][0].update(legs=[]), "hedges[0].legs: expected a list of length >= 1, got []"),
    (
        lambda b, p: b["markets"][0]["candles"].append([1]),
        "markets[0].candles[1]: expected a list of at least length 5, got [1]",
    ),
    (
        lambda b, p: b["markets"][0]["candles"].append(b["markets"][0]["candles"][0]),
        "markets[0].candles[1]: must be later than the one before it",
    ),
]


@pytest.mark.parametrize(("change", "line"), WRONG, ids=[line for _, line in WRONG])
def test_what_is_wrong_is_one_line_naming_file_and_place(change: Change, line: str) -> None:
    with pytest.raises(BadPayload) as error:
        parse(written(change), "book.json", NOW)
    assert str(error.value).startswith(f"book.json: {line}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", "is empty"),
        (b"null", "expected a table, got null"),
        (b"{", "line 1 column 2: is not JSON"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (b"[" * 100_000, "is nested too deeply"),
        (b'{"format": "adlwatch-book/1", "format": "adlwatch-book/1"}', 'the key "format" is written twice'),
        (b'{"format": "adlwatch-book/1", "x": 1e999}', "x: expected a finite number"),
    ],
)
def test_what_is_no_book_at_all_is_said_so(data: bytes, line: str) -> None:
    with pytest.raises(BadPayload) as error:
        parse(data, "book.json", NOW)
    assert str(error.value).startswith(f"book.json: {line}")


def places(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield (*path, key)
        yield from places(value, (*path, key))


@pytest.mark.parametrize(
    "value", [None, True, -1, 0, 1e300, "", "x", [], {}, [None], {"a": 1}, [[]], "2026-11-22", "☃\n"], ids=repr
)
def test_any_value_anywhere_is_read_or_refused_in_one_line(value: Any) -> None:
    for *way, last in places(BOOK):
        book = copy.deepcopy(BOOK)
        parent: Any = book
        for key in way:
            parent = parent[key]
        parent[last] = value
        try:
            parse(json.dumps(book).encode(), "book.json", NOW)
        except BadPayload as error:
            line = str(error)
            assert line.startswith("book.json: ")
            assert "\n" not in line
            assert str(last) in line or "names no position" in line or "is already" in line or "unknown key" in line


def source(path: Path, *, current: bool = False) -> BookSource:
    made = KIND.create("desk", BookOptions(path=str(path), current=current), Context(lambda: NOW, {}))
    assert isinstance(made, BookSource)
    return made


@pytest.mark.asyncio
async def test_a_source_rereads_only_a_changed_file(tmp_path: Path) -> None:
    path = tmp_path / "book.json"
    path.write_bytes(written())
    desk = source(path)
    first, again = await desk.fetch(), await desk.fetch()
    assert again.positions is first.positions
    path.write_bytes(written(lambda b, p: p.update(size=2)))
    os.utime(path, ns=(1, 1))
    assert (await desk.fetch()).positions[0].size == 2
    assert first.source == "desk"


@pytest.mark.asyncio
async def test_a_half_written_file_fails_and_recovers(tmp_path: Path) -> None:
    path = tmp_path / "book.json"
    desk = source(path)
    with pytest.raises(Retry, match="cannot be read: No such file"):
        await desk.fetch()
    path.write_bytes(written()[:100])
    with pytest.raises(BadPayload, match="is not JSON"):
        await desk.fetch()
    path.write_bytes(written())
    assert len((await desk.fetch()).positions) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize(("current", "as_of"), [(False, datetime(2020, 1, 1, tzinfo=UTC)), (True, NOW)])
async def test_a_file_without_time_is_as_old_as_its_last_change_unless_kept_by_hand(
    tmp_path: Path, *, current: bool, as_of: datetime
) -> None:
    path = tmp_path / "book.json"
    path.write_bytes(written(lambda b, p: b.pop("as_of")))
    stamp = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp())
    os.utime(path, (stamp, stamp))
    assert (await source(path, current=current).fetch()).as_of == as_of


def test_load_names_the_file_as_it_was_given(tmp_path: Path) -> None:
    path = tmp_path / "book.json"
    path.write_bytes(written())
    assert load(str(path)).source == str(path)
    with pytest.raises(Retry, match=r"nowhere\.json: cannot be read"):
        load("nowhere.json")
