"""Units and precision of the user's own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from adlwatch.config import ConfigError, parse
from adlwatch.config.units import Units
from adlwatch.domain.model import Book, Market
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.tui import format as fmt
from adlwatch.tui import quotes
from adlwatch.tui.app import Options
from adlwatch.tui.columns import BOARD, MORE, POSITIONS, chosen
from tests.tui.harness import watching
from tests.tui.samples import BTC_SHORT, NOW, SNAPSHOT


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    yield
    fmt.use(Units())


@pytest.mark.parametrize(
    ("units", "show", "shown"),
    [
        (Units(notional="full"), lambda: fmt.usd_short(-1_234_567.8), "−$1,234,568"),
        (Units(notional="full"), lambda: fmt.exposure(81_000.0), "$81,000 long"),
        (Units(notional="k"), lambda: fmt.usd_short(1_234_567.8), "$1,234.6k"),
        (Units(notional="k"), lambda: fmt.usd(4.0, plus=True), "+$4"),
        (Units(notional="M"), lambda: fmt.usd(81_000.0), "$0.08M"),
        (Units(notional="M"), lambda: fmt.usd(8_100.0), "$8.1k"),
        (Units(notional="full", thousands="'"), lambda: fmt.usd(1_234_567.0), "$1'234'567"),
        (Units(thousands=""), lambda: fmt.price(54_010.0), "54010"),
        (Units(thousands=" "), lambda: fmt.size(12_345.0), "12 345"),
        (Units(price_decimals=2), lambda: fmt.price(54_010.4), "54,010.40"),
        (Units(price_decimals=2), lambda: fmt.price(0.000_012), "0.000012"),
        (Units(price_decimals=2), lambda: fmt.price(0.0), "0.00"),
        (Units(price_decimals=0, price="venue"), lambda: fmt.price(54_010.4, 1), "54,010"),
        (Units(price="venue"), lambda: fmt.price(54_010.4, 1), "54,010.4"),
        (Units(price="venue"), lambda: fmt.price(54_010.4), "54,010"),
        (Units(), lambda: fmt.price(54_010.4, 1), "54,010"),
        (Units(percent_decimals=2), lambda: fmt.percent(0.315), "31.50%"),
        (Units(percent_decimals=0), lambda: fmt.move(-0.0389), "−4%"),
        (Units(size="contracts"), lambda: fmt.size(1.5, 1500.0), "1,500ct"),
        (Units(size="contracts"), lambda: fmt.size(1.5), "1.5"),
        (Units(size="contracts"), lambda: fmt.size(None, None), "—"),
    ],
)
def test_numbers_are_shown_as_the_user_wants_them(units: Units, show: Callable[[], str], shown: str) -> None:
    fmt.use(units)
    assert show() == shown


@pytest.mark.parametrize(
    "units",
    [
        Units(notional="full"),
        Units(notional="k", thousands=""),
        Units(price_decimals=6, percent_decimals=4),
        Units(size="contracts", price="venue"),
    ],
)
def test_columns_are_as_wide_as_the_users_numbers(units: Units) -> None:
    fmt.use(units)
    widths = {column.id: column.least for column in chosen(POSITIONS, tuple(c.id for c in (*BOARD[1:], *MORE)))}
    samples = {
        "notional": fmt.usd_short(12_345_678.0),
        "pnl": fmt.usd(-12_345_678.0, plus=True),
        "mark": fmt.price(54_010.4, 2),
        "liquidation": fmt.percent(0.315) + " !",
        "next_light": f"{fmt.price(54_010.4, 2)} {fmt.move(-0.389)}",
        "if_closed": fmt.exposure(-12_345_678.0),
        "carry": fmt.percent(-0.315, 1, plus=True),
        "size": fmt.size(12_345.0, 12_345.0),
    }
    assert {id_: text for id_, text in samples.items() if len(text) > widths[id_]} == {}


def test_the_widths_stay_as_designed_with_the_usual_units() -> None:
    assert chosen(BOARD, ()) == BOARD


def source(*books: Book | None) -> SourceState:
    markets = tuple(Market(venue="binance", symbol=BTC_SHORT.symbol, book=book) for book in books)
    return SourceState(id="a", kind="b", interval=1.0, reading=Reading(source="a", markets=markets, as_of=NOW, received_at=NOW))


def test_a_venue_quotes_with_the_decimals_of_its_book_the_most_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotes, "_seen", {})
    assert quotes.quoted(BTC_SHORT) is None
    quotes.note([source(Book(bids=((54_000.1, 1.0), (54_000.0, 1.0)), asks=((54_000.25, 1.0),))), source(None)])
    assert quotes.quoted(BTC_SHORT) == 2
    quotes.note([source(Book(bids=((54_000.0, 1.0),)))])
    assert quotes.quoted(BTC_SHORT) == 2
    assert quotes.quoted(replace(BTC_SHORT, symbol="other")) is None
    quotes.note([source(Book(bids=((54_000.123456789012, 1.0),)))])
    assert quotes.quoted(BTC_SHORT) is None


@pytest.mark.asyncio
async def test_units_reach_the_screen() -> None:
    units = Units(notional="full", price_decimals=1, percent_decimals=1, size="contracts", thousands="_")
    counted = replace(SNAPSHOT, positions=(replace(BTC_SHORT, contracts=1500.0), *SNAPSHOT.positions[1:]))
    async with watching(counted, options=Options(units=units), size=(200, 40)) as watch:
        line = watch.line("bin-main  perp")
        for shown in ("1_500ct", "$81_000", "54_000.0", "51_900.0 −3.9%", "31.5%"):
            assert shown in line


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('notionl = "k"', '[display] notionl: unknown key; did you mean "notional"?'),
        ('notional = "K"', '[display] notional: expected one of "compact", "full", "k", "M", got "K"'),
        ('size = "lots"', '[display] size: expected one of "base", "contracts", got "lots"'),
        ("price_decimals = 12", "[display] price_decimals: expected a whole number <= 10, got 12"),
        ("percent_decimals = -1", "[display] percent_decimals: expected a whole number >= 0, got -1"),
        ('thousands = "."', "[display] thousands: expected one of"),
        ('columns = { bord = ["age"] }', '[display] columns.bord: unknown key; did you mean "board"?'),
    ],
)
def test_a_wrong_unit_is_one_line_with_what_would_do(text: str, told: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse(f"[display]\n{text}\n", Path("config.toml"))
    assert told in str(error.value)
