"""The lines of the board: one class a kind of line, one method a column, formatted only when a line is on screen.

Every method takes the width of its column in cells and returns spans; `order` values are what a column sorts by.
"""

from dataclasses import dataclass

from adlwatch.domain.model import Side
from adlwatch.domain.reading import Health
from adlwatch.domain.snapshot import HedgeView, HoldingView, IfClosed, Liquidation, NextLight, PositionView, Severity
from adlwatch.tui import format as fmt
from adlwatch.tui.lights import WAITING, hedge_light, naked_light, position_light, severity_mark
from adlwatch.tui.more_cells import UNKNOWN, HedgeCells, HoldingCells, PositionCells, value_or_dash
from adlwatch.tui.quotes import quoted
from adlwatch.tui.spans import Role, Spans, text

KIND_WORDS = {
    "cash-and-carry": "carry",
    "reverse-carry": "reverse carry",
    "perp-perp": "perp–perp",
    "calendar": "calendar",
    "unhedged": "unhedged",
}
NEAR_LIQUIDATION = 0.15
CLOSE_LIQUIDATION = 0.05


def signed(value: float | None, shown: str) -> Spans:
    """A gain or a loss; the sign is in the text as well."""
    if value is None:
        return UNKNOWN
    return text(shown, Role.GAIN if value > 0 else Role.LOSS if value < 0 else Role.TEXT)


def liquidation_cell(distance: float | None) -> Spans:
    """The move to liquidation; `!` marks a near one, as on the venue's own screens."""
    if distance is None:
        return (*UNKNOWN, ("  ", Role.TEXT))
    if distance < CLOSE_LIQUIDATION:
        return text(f"{fmt.percent(distance)} ‼", Role.CRITICAL)
    return text(f"{fmt.percent(distance)} !", Role.WARNING) if distance < NEAR_LIQUIDATION else text(f"{fmt.percent(distance)}  ")


def next_cell(following: NextLight | None, decimals: int | None = None) -> Spans:
    """The mark and the move at which the light goes up: `51,900 −3.9%`."""
    if following is None:
        return UNKNOWN
    return ((fmt.price(following.mark, decimals), Role.TEXT), (f" {fmt.move(following.move)}", Role.DIM))


def age_cell(seconds: float | None, health: Health | None) -> Spans:
    """How old the data is; a source that may no longer be trusted says so."""
    shown = fmt.age(seconds)
    if health is None or health is Health.LIVE:
        return text(shown, Role.DIM)
    return text(f"◌{shown}", Role.BLIND) if health.blind else text(f"{shown}!", Role.WARNING)


@dataclass(frozen=True, slots=True)
class HedgeRow(HedgeCells):
    """A hedge's own line."""

    hedge: HedgeView
    open: bool
    health: Health | None = None
    naked: bool = False
    """Whether it has lost a leg, or a part of one, already."""

    @property
    def key(self) -> str:
        """Stable identity across snapshots."""
        return f"hedge:{self.hedge.name}"

    @property
    def severity(self) -> Severity:
        """What its colour and mark say."""
        return self.hedge.severity

    def name(self, _cells: int) -> Spans:
        """Fold mark, name, underlying."""
        role = Role.BLIND if self.health is not None and self.health.blind else Role.STRONG
        return (("▾" if self.open else "▸", Role.DIM), (self.hedge.name, role), (f"  {self.hedge.underlying}", Role.DIM))

    def side(self, _cells: int) -> Spans:
        """The kind of hedge."""
        return text(KIND_WORDS.get(self.hedge.kind, self.hedge.kind))

    def size(self, _cells: int) -> Spans:
        """Net delta in units of the underlying, shown only where the hedge is off balance."""
        delta = self.hedge.net_delta
        if delta is None or self.hedge.hedge_ratio is None or self.hedge.hedge_ratio > 0.99:
            return ()
        return text(f"Δ{fmt.size(delta)}", Role.WATCH)

    def notional(self, _cells: int) -> Spans:
        """Gross of all legs."""
        return value_or_dash(fmt.usd_short(self.hedge.gross_usd))

    def mark(self, _cells: int) -> Spans:
        """A hedge has no one mark."""
        return ()

    def pnl(self, _cells: int) -> Spans:
        """Unrealized, all legs together."""
        return signed(self.hedge.unrealized_pnl, fmt.usd(self.hedge.unrealized_pnl, plus=True))

    def score(self, _cells: int) -> Spans:
        """Scores belong to legs."""
        return text("·", Role.DIM)

    def lights(self, cells: int) -> Spans:
        """The worst of the legs, and the hedge's severity; that a leg is gone stands before any light."""
        if self.naked:
            return naked_light(self.hedge.light, cells)
        if self.hedge.awaited and self.hedge.light is None:
            return WAITING
        return hedge_light(self.hedge.light, self.hedge.severity, rising=self.hedge.rising)

    def next_light(self, _cells: int) -> Spans:
        """The nearest among the legs."""
        return next_cell(self.hedge.next_light)

    def liquidation(self, _cells: int) -> Spans:
        """The nearest among the legs."""
        return liquidation_cell(self.hedge.liquidation_distance)

    def if_closed(self, _cells: int) -> Spans:
        """What is left if the worst leg goes; of a hedge that is naked already, what is left now."""
        if self.naked:
            return value_or_dash(fmt.exposure(self.hedge.net_usd), Role.CRITICAL)
        return value_or_dash(fmt.exposure(self.hedge.naked_usd))

    def age(self, _cells: int) -> Spans:
        """The oldest of the legs."""
        return age_cell(self.hedge.age_seconds, self.health)


@dataclass(frozen=True, slots=True)
class PositionRow(PositionCells):
    """A position: a leg below its hedge, or a line of its own (depth 0)."""

    position: PositionView
    hedge: HedgeView | None
    depth: int
    health: Health | None = None

    @property
    def key(self) -> str:
        """The position's own key."""
        return self.position.key

    @property
    def severity(self) -> Severity:
        """What its colour and mark say."""
        return self.hedge.severity if self.hedge is not None and not self.depth else self.position.severity

    @property
    def closed(self) -> IfClosed | None:
        """What is left of the hedge if all of this leg goes."""
        if self.hedge is None:
            return None
        return next((c for c in self.hedge.if_closed if c.leg == self.position.key and c.fraction >= 1), None)

    def name(self, _cells: int) -> Spans:
        """Account and kind of instrument for a leg, hedge name and underlying otherwise."""
        role = Role.BLIND if self.health is not None and self.health.blind else Role.TEXT
        if self.depth:
            return (
                ("  ", Role.TEXT),
                (self.position.account, role),
                (f"  {_below(leg_symbol(self.position), self.position.underlying)}", Role.DIM),
            )
        name = self.hedge.name if self.hedge is not None else self.position.symbol
        strong = Role.STRONG if role is Role.TEXT else role
        return (severity_mark(self.severity), (name, strong), (f"  {self.position.underlying}", Role.DIM))

    def side(self, cells: int) -> Spans:
        """Long or short."""
        side = self.position.side.value
        return text(f"unhedged {side}" if not self.depth and cells >= 14 else side)

    def size(self, _cells: int) -> Spans:
        """Base units."""
        return text(fmt.size(self.position.size, self.position.contracts))

    def notional(self, _cells: int) -> Spans:
        """At the mark."""
        return value_or_dash(fmt.usd_short(self.position.notional))

    def mark(self, _cells: int) -> Spans:
        """Mark price."""
        return value_or_dash(fmt.price(self.position.mark_price, quoted(self.position)))

    def pnl(self, _cells: int) -> Spans:
        """Unrealized."""
        return signed(self.position.unrealized_pnl, fmt.usd(self.position.unrealized_pnl, plus=True))

    def score(self, _cells: int) -> Spans:
        """Under the venue's own rule; `?` where an input is missing."""
        value = self.position.score.value
        return text("?", Role.BLIND) if value is None and self.position.score.missing else value_or_dash(fmt.score(value))

    def lights(self, cells: int) -> Spans:
        """Level and where it comes from."""
        return position_light(self.position.light, self.position.estimate, cells, rising=self.position.rising)

    def next_light(self, _cells: int) -> Spans:
        """Where the light goes up."""
        return next_cell(self.position.next_light, quoted(self.position))

    def liquidation(self, _cells: int) -> Spans:
        """Distance to liquidation."""
        return liquidation_cell(self.position.liquidation.distance)

    def if_closed(self, _cells: int) -> Spans:
        """What is left of the hedge without this leg."""
        if self.closed is None:
            return text("flat") if self.hedge is None or len(self.hedge.legs) == 1 else UNKNOWN
        return value_or_dash(fmt.exposure(self.closed.naked_usd))

    def age(self, _cells: int) -> Spans:
        """Age of the position's data."""
        return age_cell(self.position.age_seconds, self.health)


@dataclass(frozen=True, slots=True)
class HoldingRow(HoldingCells):
    """A spot or collateral leg: it has a side, a size and a value, and no queue."""

    holding: HoldingView
    hedge: HedgeView | None
    health: Health | None = None

    severity = Severity.OK

    @property
    def key(self) -> str:
        """The holding's own key."""
        return self.holding.key

    def name(self, _cells: int) -> Spans:
        """Account and kind of balance."""
        role = Role.BLIND if self.health is not None and self.health.blind else Role.TEXT
        kind = "collateral" if self.holding.collateral else "spot"
        return (
            ("  ", Role.TEXT),
            (self.holding.account, role),
            (f"  {_below(f'{self.holding.asset} {kind}', self.holding.underlying)}", Role.DIM),
        )

    def side(self, _cells: int) -> Spans:
        """A borrow is short."""
        return text((Side.LONG if self.holding.amount >= 0 else Side.SHORT).value)

    def size(self, _cells: int) -> Spans:
        """Units of the asset."""
        return text(fmt.size(abs(self.holding.amount)))

    def notional(self, _cells: int) -> Spans:
        """At the price of the underlying."""
        value = self.holding.value_usd
        return value_or_dash(fmt.usd_short(abs(value) if value is not None else None))

    def mark(self, _cells: int) -> Spans:
        """The price used."""
        return value_or_dash(fmt.price(self.holding.price))

    def pnl(self, _cells: int) -> Spans:
        """A balance has no entry price."""
        return UNKNOWN

    def score(self, _cells: int) -> Spans:
        """No score."""
        return UNKNOWN

    def lights(self, _cells: int) -> Spans:
        """Nobody closes a spot balance by ADL."""
        return text("— no queue", Role.DIM)

    def next_light(self, _cells: int) -> Spans:
        """No light."""
        return UNKNOWN

    def liquidation(self, _cells: int) -> Spans:
        """Not liquidated as such."""
        return liquidation_cell(None)

    def if_closed(self, _cells: int) -> Spans:
        """It can't be taken away by ADL; what it leaves is shown where the snapshot says."""
        closed = (
            next((c for c in self.hedge.if_closed if c.leg == self.holding.key and c.fraction >= 1), None) if self.hedge else None
        )
        return UNKNOWN if closed is None else value_or_dash(fmt.exposure(closed.naked_usd))

    def age(self, _cells: int) -> Spans:
        """Age of the balance."""
        return age_cell(self.holding.age_seconds, self.health)


class FlatPositionRow(PositionRow):
    """A position in the table of all positions: account and instrument in full."""

    __slots__ = ()

    def name(self, _cells: int) -> Spans:
        """Account and symbol."""
        role = Role.BLIND if self.health is not None and self.health.blind else Role.STRONG
        return (severity_mark(self.position.severity), (self.position.account, role), (f"  {self.position.symbol}", Role.DIM))


class FlatHoldingRow(HoldingRow):
    """A balance in the table of all positions."""

    __slots__ = ()

    def name(self, _cells: int) -> Spans:
        """Account and asset."""
        role = Role.BLIND if self.health is not None and self.health.blind else Role.STRONG
        kind = "collateral" if self.holding.collateral else "spot"
        return ((f" {self.holding.account}", role), (f"  {self.holding.asset} {kind}", Role.DIM))


Row = HedgeRow | PositionRow | HoldingRow


def leg_symbol(position: PositionView) -> str:
    """`BTC perp`, `BTC 270326` for a dated future, else the venue's symbol as it is."""
    base, _, settle = position.symbol.partition(":")
    _, _, expiry = settle.partition("-")
    return f"{base.split('/')[0]} {expiry or 'perp'}" if settle else position.symbol


def _below(words: str, underlying: str) -> str:
    """A leg's instrument without the underlying that its hedge's line has already named."""
    return words.removeprefix(f"{underlying} ")


def liquidation_words(liquidation: Liquidation) -> str:
    """Price, distance and who computed it."""
    if liquidation.price is None:
        return "unknown"
    who = "computed here" if liquidation.computed else "the venue's"
    return f"{fmt.price(liquidation.price)}  {fmt.percent(liquidation.distance, 1)} away ({who})"
