import copy
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.extended import KIND, ExtendedOptions, parse
from adlwatch.adapters.extended.types import MarketRow, MarketStats, Reply
from adlwatch.domain.assess import States, assess
from adlwatch.domain.light import LightSource
from adlwatch.domain.model import Side
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import Snapshot
from adlwatch.venues import profiles
from tests.adapters.emulators.extended import LEVELS, MARKET, STATS, Extended
from tests.adapters.emulators.server import SERVER_ERROR
from tests.adapters.keyless.desk import SAMPLES, Desk, samples

START = datetime(2026, 4, 30, 3, tzinfo=UTC)
LONG = {"market": "BTC-USD", "side": "long", "size": 0.1, "entry_price": 39000.0}


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk[Extended]]:
    async with Extended().open() as venue:
        made = Desk(venue, KIND, {"positions": [LONG], "balance": 900.0}, START)
        yield made
        await made.close()


def market(**stats: Any) -> dict[str, Any]:
    return {**copy.deepcopy(MARKET), "marketStats": {**STATS, **stats}}


def assessed(reading: Reading) -> Snapshot:
    state = SourceState(id="desk", kind="extended", interval=10.0, reading=reading)
    return assess(States((state,)), Settings(profiles=profiles()), START)


@pytest.mark.asyncio
async def test_a_typed_position_is_priced_and_margined_by_the_public_market(desk: Desk[Extended]) -> None:
    reading = await desk.source().fetch()
    (position,) = reading.positions
    assert (position.symbol, position.side, position.size, position.entry_price) == ("BTC/USDC:USDC", Side.LONG, 0.1, 39000.0)
    assert position.mark_price == 77259.68025
    assert position.maintenance_margin == pytest.approx(7725.968025 * 0.01)  # half of a risk factor of 2 %
    (account,) = reading.accounts
    assert (account.id, account.wallet, account.equity) == ("desk", 900.0, None)
    assert any("typed" in note for note in reading.notes)
    assert any("inferred" in note for note in reading.notes)


@pytest.mark.asyncio
async def test_the_market_carries_its_bounds_funding_open_interest_depth_and_candles(desk: Desk[Extended]) -> None:
    (found,) = (await desk.source().fetch()).markets
    assert found.level_bounds is not None
    assert found.level_bounds.long == ((1, -47234.9095), (2, -0.0030), (3, 0.0020), (4, 0.0033))
    assert found.level_bounds.short[3] == (4, 0.0)
    assert (found.funding_rate, found.funding_interval_hours) == (0.000013, 1.0)
    assert (found.open_interest, found.volume_24h, found.maintenance_rate) == (1500.40958, 3025.00058, 0.01)
    assert found.book is not None
    assert found.book.bids == ((76214.0, 14.46084),)
    assert [candle.volume for candle in found.candles] == [3.0]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("side", "entry", "balance", "score", "own"),
    [  # at a mark of 40000, equity = balance + PnL; the arithmetic of the formula page with the sample's bounds
        ("long", 39000.0, 900.0, 0.001025641, 2),
        ("long", 39000.0, 150.0, 0.0041025641, 4),
        ("long", 36000.0, -150.0, 0.0177777778, 4),
        ("short", 39000.0, 1100.0, -0.641025641, 3),
    ],
)
async def test_the_light_is_exact_from_the_published_bounds(
    desk: Desk[Extended], side: str, entry: float, balance: float, *, score: float, own: int
) -> None:
    desk.venue.markets = [market(markPrice="40000")]
    typed = {**LONG, "side": side, "entry_price": entry}
    (view,) = assessed(await desk.source(positions=[typed], balance=balance).fetch()).positions
    assert view.score.value == pytest.approx(score)
    assert (view.light.source, view.light.note) == (LightSource.EXACT, f"level {own} of 4 by the venue's published thresholds")
    assert view.light.interval is not None


@pytest.mark.asyncio
async def test_without_a_balance_there_is_no_light_and_it_says_why(desk: Desk[Extended]) -> None:
    reading = await desk.source(balance=None).fetch()
    (view,) = assessed(reading).positions
    assert view.light.level is None
    assert any("balance" in note for note in reading.notes)


@pytest.mark.asyncio
async def test_markets_alone_serve_positions_of_another_source(desk: Desk[Extended]) -> None:
    desk.venue.markets = [MARKET, {**MARKET, "name": "ETH-USD"}]
    reading = await desk.source(positions=[], markets=["ETH-USD", "BTC-USD"]).fetch()
    assert [found.symbol for found in reading.markets] == ["ETH/USDC:USDC", "BTC/USDC:USDC"]
    assert (reading.positions, reading.accounts, reading.notes) == ((), (), ())


@pytest.mark.asyncio
async def test_a_missing_market_or_a_reply_that_says_no_is_a_failure(desk: Desk[Extended]) -> None:
    source = desk.source(markets=["NOPE-USD"])
    with pytest.raises(BadPayload, match="NOPE-USD"):
        await source.fetch()
    desk.venue.whole = {"status": "ERROR", "error": {"code": 1001, "message": "Market not\nfound"}}
    with pytest.raises(BadPayload, match="1001: Market not found"):
        await source.fetch()


@pytest.mark.asyncio
async def test_failing_depth_and_candles_leave_the_rest(desk: Desk[Extended]) -> None:
    desk.venue.faults = {"/api/v1/info/candles": SERVER_ERROR, "/api/v1/info/markets/BTC-USD/orderbook": SERVER_ERROR}
    reading = await desk.source().fetch()
    assert len(reading.positions) == 1
    assert {note.partition(":")[0] for note in reading.notes} >= {"candles", "orderbook"}


def rows(**stats: Any) -> MarketRow:
    return msgspec.convert(market(**stats), MarketRow, strict=False)


def test_lists_with_fewer_levels_keep_their_numbers_and_disorder_is_refused() -> None:
    two = {"shortPositions": LEVELS["shortPositions"][2:], "longPositions": []}
    bounds = parse.market(rows(deleverageLevels=two), None, None, START).level_bounds
    assert bounds is not None
    assert (bounds.short, bounds.long, bounds.levels) == (((3, -0.9297), (4, 0.0)), (), 4)
    assert parse.market(rows(deleverageLevels=None), None, None, START).level_bounds is None
    for wrong in ("-5000", "0.5"):
        levels = [{"level": 1, "rankingLowerBound": "0"}, {"level": 1 if wrong == "0.5" else 2, "rankingLowerBound": wrong}]
        with pytest.raises(BadPayload, match="deleverageLevels"):
            parse.market(rows(deleverageLevels={"longPositions": levels}), None, None, START)


def test_a_rate_comes_from_the_tier_of_the_value_or_is_unknown() -> None:
    tiers = [{"upperBound": "5000", "riskFactor": "0.02"}, {"upperBound": "8000", "riskFactor": "0.1"}]
    row = msgspec.convert({**market(), "tradingConfig": {"riskFactorConfig": tiers}}, MarketRow, strict=False)
    options = msgspec.convert({"positions": [LONG, {**LONG, "side": "short", "size": 1.0}]}, ExtendedOptions)
    held = parse.positions("desk", options, {"BTC-USD": row}, START)
    assert held[0].maintenance_margin == pytest.approx(7725.968025 * 0.05)
    assert held[1].maintenance_margin is None
    assert parse.account("desk", options, held, START).maintenance_margin is None


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"positions": [LONG, LONG]},
        {"positions": [{**LONG, "size": -1.0}]},
        {"positions": [{**LONG, "side": "LONG"}]},
        {"positions": [{**LONG, "market": "BTC/USD"}]},
        {"positions": [{**LONG, "typo": 1}]},
    ],
)
def test_what_cannot_be_meant_is_refused(table: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(table, ExtendedOptions)


@pytest.mark.skipif(not SAMPLES.exists(), reason="venue samples are not beside the repository")
def test_the_market_samples_are_read() -> None:
    (document,) = samples("extended", "fetch_markets")
    reply = msgspec.convert(document, Reply[list[MarketRow]], strict=False)
    assert reply.data is not None
    assert parse.market(reply.data[0], None, None, START) == parse.market(rows(), None, None, START)
    for row in samples("extended", "parse_ticker"):
        assert msgspec.convert(row, MarketStats, strict=False).deleverage_levels is not None
