"""A source on the mock exchange: asks one venue about some accounts, and parses what it answers like any real adapter."""

from collections import deque
from datetime import datetime

from adlwatch.adapters.base import BadPayload, Retry
from adlwatch.adapters.mock import parse
from adlwatch.adapters.mock.session import Session
from adlwatch.adapters.wire import Asked, ask_plain, text
from adlwatch.domain.model import Candle, Market
from adlwatch.domain.reading import Reading

_CANDLES = 4_032
"""Candles kept of a market: a fortnight of five minutes."""


class MockAdapter:
    """Readings of one mock venue."""

    kind = "mock"
    interval = 1.0
    timeout = 5.0

    def __init__(self, source: str, session: Session, venue: str, accounts: frozenset[str]) -> None:
        self.id = source
        self._session, self._venue, self._accounts = session, venue, accounts
        self._candles: dict[str, deque[Candle]] = {}
        self._since: dict[str, int] = {}
        self._seen = self._told = 0
        self._last = 0
        self.label: str | None = session.label

    async def fetch(self) -> Reading:
        """What the venue says now; the world moves on as far as the clock has."""
        self.label = self._session.label
        asked = Asked(f"mock {self._venue}", self.id, text(self.id, *sorted(self._accounts)))
        reading = self._read(await ask_plain(asked, self._answer))
        self._seen = self._told
        return reading

    async def _answer(self) -> object:
        from adlwatch.adapters.mock import wire  # noqa: PLC0415  # numpy comes after the first frame

        session, venue = self._session, self._venue
        world = await session.world()
        while world.private[venue] == "hang":
            await session.reopened()
        if world.private[venue] == "fail":
            raise Retry(f"{venue} answered 503 Service Unavailable")
        answer = wire.reply(world, wire.Request(venue, self._accounts, self._since, self._seen), session.real)
        self._told = len(world.you.fills)
        return wire.corrupt(answer, world.corrupt[venue])

    def _read(self, answer: object) -> Reading:
        venue, raw = self._venue, parse.decode(self._venue, answer)
        if raw.time < self._last:
            raise BadPayload(f"{venue}: reply is {(self._last - raw.time) / 1000:.1f} s older than the one before")
        as_of = parse.time(raw.time)
        markets = tuple(self._market(m, parse.candles(m), as_of) for m in raw.markets)
        reading = Reading(
            source=self.id,
            as_of=as_of,
            received_at=max(as_of, self._session.clock()),
            accounts=tuple(parse.account(venue, a, as_of) for a in raw.accounts),
            positions=tuple(parse.position(venue, p, as_of) for p in raw.positions),
            holdings=tuple(parse.holding(venue, b, as_of) for b in raw.balances),
            markets=markets,
            fills=tuple(parse.fill(venue, f) for f in raw.fills),
            pools=tuple(parse.pool(venue, p, as_of) for p in raw.pools),
            warnings=tuple(parse.warning(venue, w, as_of) for w in raw.warnings),
            hedges=tuple(raw.hedges),
            notes=("simulated: no real market, no real money",),
        )
        self._last = raw.time
        return reading

    def _market(self, raw: parse.RawMarket, bars: list[Candle], as_of: datetime) -> Market:
        """Keep the candles seen so far: the first reply brings all, later ones those since the last."""
        kept = self._candles.setdefault(raw.symbol, deque(maxlen=_CANDLES))
        for bar in bars:
            if kept and kept[-1].time == bar.time:
                kept[-1] = bar
            elif not kept or bar.time > kept[-1].time:
                kept.append(bar)
        if raw.bars:
            self._since[raw.symbol] = raw.bars[-1][0]
        return parse.market(self._venue, raw, tuple(kept), as_of)

    async def close(self) -> None:
        """Nothing is held."""
