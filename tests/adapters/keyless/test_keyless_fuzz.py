"""The venues read without a key: whatever a documented reply is bent into, it is a failure of one line or the whole truth."""

import asyncio
import copy
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adlwatch.adapters import aster, dydx, extended, lighter
from adlwatch.adapters.base import Context, Kind, SourceError
from adlwatch.adapters.http import Call, decode
from adlwatch.domain.reading import Reading
from tests.adapters.emulators import aster as aster_emulator
from tests.adapters.emulators import dydx as dydx_emulator
from tests.adapters.emulators import extended as extended_emulator
from tests.adapters.emulators import lighter as lighter_emulator
from tests.adapters.emulators.server import Server
from tests.adapters.mutations import finite, labelled, several, single


@dataclass(frozen=True)
class Venue:
    """A venue at its documented replies: which of them are asked for, the first being that of the account."""

    kind: Kind
    options: dict[str, Any]
    made: Callable[[], Server]
    replies: tuple[str, ...]
    now: datetime
    rows: str = ""
    """What the list of positions is called: what is gone from it has been closed."""
    size: str = ""
    """What a position's size is called: one of 0 has been closed."""
    named: str = ""
    """A word that decides whether a position is read; left out for another one, it is named in a note."""


VENUES = {
    "dydx": Venue(
        dydx.KIND,
        {"address": dydx_emulator.ADDRESS},
        dydx_emulator.Dydx,
        ("/v4/addresses", "/v4/height", "/v4/perpetualMarkets", "/v4/fills", "/v4/candles", "/v4/orderbooks"),
        datetime(2025, 10, 22, 12, 0, 1, tzinfo=UTC),
        "openPerpetualPositions",
        "size",
    ),
    "lighter": Venue(
        lighter.KIND,
        {"address": lighter_emulator.ADDRESS},
        lighter_emulator.Lighter,
        tuple(
            f"/api/v1/{name}"
            for name in ("account", "orderBookDetails", "funding-rates", "recentTrades", "candles", "orderBookOrders")
        ),
        datetime(2026, 1, 6, 12, tzinfo=UTC),
        "positions",
        "position",
    ),
    "aster": Venue(
        aster.KIND,
        {"address": aster_emulator.ADDRESS},
        aster_emulator.Aster,
        (
            "aster_getBalance",
            "aster_userFills",
            "/fapi/v3/premiumIndex",
            "/fapi/v3/fundingInfo",
            "/fapi/v3/klines",
            "/fapi/v3/depth",
        ),
        datetime(2026, 3, 21, 12, tzinfo=UTC),
        "positions",
        "positionAmount",
        "tradingProduct",
    ),
    "extended": Venue(
        extended.KIND,
        {"positions": [{"market": "BTC-USD", "side": "long", "size": 0.1, "entry_price": 70000.0}], "balance": 1000.0},
        extended_emulator.Extended,
        ("/api/v1/info/markets", "/api/v1/info/candles", "/api/v1/info/markets/BTC-USD/orderbook"),
        datetime(2026, 4, 29, 6, tzinfo=UTC),
    ),
}


class Bent:
    """One source over a venue in this process, one of whose replies can be given; the real client without a socket."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.now = venue.now
        self.made = venue.made()
        self.given: tuple[str, Any] | None = None
        self.replied: dict[str, Any] = {}
        shared: dict[str, Any] = {}
        options = msgspec.convert({**venue.options, "api_url": "http://nowhere"}, venue.kind.options)
        self.source = venue.kind.create("desk", options, Context(lambda: self.now, shared))
        (common,) = shared.values()
        common.http.call = self.call
        if hasattr(common, "market_http"):
            common.market_http.call = self.call

    async def call(self, made: Call[Any]) -> Any:
        path, _, query = made.path.partition("?")
        params = {**dict(parse_qsl(query)), **(made.params or {})}
        asked = {"type": path, **params} if made.body is None else {"type": made.body["method"], **made.body}
        kind = max((each for each in self.venue.replies if asked["type"].startswith(each)), key=len)
        reply = self.made.reply(asked)
        self.replied.setdefault(kind, reply)
        if self.given is not None and self.given[0] == kind and asked.get("value") != str(lighter_emulator.FUND):
            reply = self.given[1]
        return decode(made.name, msgspec.json.encode(reply), made.decoder)

    async def outcome(self, kind: str, reply: Any, *, shrunk: bool = False) -> Reading | SourceError:
        """The second reading, after a good one an hour before; what was held may be gone by then, so that fills are asked for."""
        await self.source.fetch()
        if shrunk:
            SHRINK[type(self.made)](self.made)
        self.given = (kind, reply)
        self.now += timedelta(hours=1)
        try:
            return await self.source.fetch()
        except SourceError as error:
            return error


def good(venue: Venue) -> tuple[dict[str, Any], int]:
    """Every documented reply by its kind, and the number of positions they make."""
    bent = Bent(venue)
    reading = asyncio.run(bent.source.fetch())
    for row in reading.positions:
        assert row.size > 0
    return copy.deepcopy(bent.replied), len(reading.positions)


GOOD = {name: good(venue) for name, venue in VENUES.items()}


def closes(venue: Venue, place: tuple[Any, ...], action: str, value: Any) -> bool:
    """Whether a change is what a venue writes when a position is closed."""
    if action == "drop":
        return len(place) > 1 and place[-2] == venue.rows
    return bool(place) and ((place[-1] == venue.rows and value == []) or (place[-1] == venue.size and value == 0))


def holds(outcome: Reading | SourceError, count: int) -> None:
    """One line, or every position there is with finite numbers only."""
    if isinstance(outcome, SourceError):
        line = str(outcome)
        assert line
        assert "\n" not in line
        assert len(line) < 400
    else:
        assert finite(outcome)
        assert len(outcome.positions) == count


@pytest.mark.asyncio
@pytest.mark.parametrize("name", VENUES)
async def test_any_one_thing_wrong_with_an_account_fails_or_hides_no_position(name: str) -> None:
    venue, (replies, count) = VENUES[name], GOOD[name]
    kind = venue.replies[0]
    for place, action, value, reply in labelled(replies[kind]):
        outcome = await Bent(venue).outcome(kind, reply)
        if isinstance(outcome, Reading) and place and place[-1] == venue.named:
            assert outcome.positions or any("are not read" in note for note in outcome.notes)
        elif not closes(venue, place, action, value):
            holds(outcome, count)


SECONDARY = [(name, kind) for name, venue in VENUES.items() for kind in venue.replies[1:] if kind in GOOD[name][0]]


SHRINK: dict[type[Server], Callable[[Any], None]] = {
    dydx_emulator.Dydx: lambda made: setattr(made, "subaccounts", [dydx_emulator.empty()]),
    lighter_emulator.Lighter: lambda made: made.accounts[0].update(positions=[]),
    aster_emulator.Aster: lambda made: made.balance.update(positions=[]),
}
FILLS = {
    "dydx": ("/v4/fills", {"fills": [dydx_emulator.fill("OFFSETTING", createdAt="2025-10-22T12:30:00.000Z")]}),
    "lighter": ("/api/v1/recentTrades", {"code": 200, "trades": [{**lighter_emulator.TRADE, "type": "deleverage"}]}),
    "aster": ("aster_userFills", {"id": 1, "jsonrpc": "2.0", "result": {"address": "0x", "fills": [aster_emulator.FILL]}}),
}


def test_every_kind_of_reply_is_bent() -> None:
    kinds = {(name, kind) for name, venue in VENUES.items() for kind in venue.replies[1:]}
    assert kinds == {*SECONDARY, *((name, kind) for name, (kind, _) in FILLS.items())}


@pytest.mark.asyncio
@pytest.mark.parametrize("name", FILLS)
async def test_fills_that_cannot_be_read_are_noted_and_hide_no_shrink(name: str) -> None:
    kind, good_reply = FILLS[name]
    for reply in single(good_reply):
        outcome = await Bent(VENUES[name]).outcome(kind, reply, shrunk=True)
        assert isinstance(outcome, Reading)
        assert outcome.positions == ()
        assert finite(outcome)
        assert all("\n" not in note for note in outcome.notes)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(which=st.sampled_from(SECONDARY), seed=st.integers(0, 2**32))
def test_what_is_only_context_never_costs_a_position(which: tuple[str, str], seed: int) -> None:
    (name, kind), draw = which, random.Random(seed)
    replies, count = GOOD[name]
    bent = draw.choice([several(replies[kind], draw), draw.choice(list(single(replies[kind])))])
    holds(asyncio.run(Bent(VENUES[name]).outcome(kind, bent)), count)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(list(VENUES)), seed=st.integers(0, 2**32))
def test_many_things_wrong_with_an_account_never_raise_anything_unforeseen(name: str, seed: int) -> None:
    replies, _ = GOOD[name]
    kind = VENUES[name].replies[0]
    outcome = asyncio.run(Bent(VENUES[name]).outcome(kind, several(replies[kind], random.Random(seed))))
    assert isinstance(outcome, SourceError) or finite(outcome)
