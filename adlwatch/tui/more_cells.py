"""The cells of columns that stand hidden until the user chooses them (`columns.MORE`), for hedges, positions and balances."""

from adlwatch.domain.snapshot import HedgeView, HoldingView, IfClosed, PositionView, StressLevel
from adlwatch.tui import format as fmt
from adlwatch.tui.fields import NUMBERS
from adlwatch.tui.lights import SHORT_SOURCE, bars, span_of
from adlwatch.tui.quotes import quoted
from adlwatch.tui.spans import Role, Spans, text

UNKNOWN: Spans = ((fmt.UNKNOWN, Role.DIM),)
STRESS_ROLES = {
    StressLevel.CALM: Role.OK,
    StressLevel.WATCH: Role.WATCH,
    StressLevel.WARNING: Role.WARNING,
    StressLevel.CRITICAL: Role.CRITICAL,
    StressLevel.UNKNOWN: Role.BLIND,
}
SHIELD_ROLES = {"on": Role.OK, "at-risk": Role.WARNING, "off": Role.WATCH}


def value_or_dash(shown: str, role: Role = Role.TEXT) -> Spans:
    """A formatted value; unknown is dimmed."""
    return UNKNOWN if shown == fmt.UNKNOWN else text(shown, role)


class MoreCells:
    """What a line shows where a column has nothing to say of its kind."""

    __slots__ = ()

    def venue(self, _cells: int) -> Spans:
        """Where it is."""
        return ()

    def entry(self, _cells: int) -> Spans:
        """Entry price."""
        return ()

    def margin(self, _cells: int) -> Spans:
        """Margin mode and leverage set."""
        return ()

    def estimate(self, _cells: int) -> Spans:
        """Our own light."""
        return ()

    def next_in(self, _cells: int) -> Spans:
        """Time to the next light."""
        return ()

    def liq_price(self, _cells: int) -> Spans:
        """Liquidation price."""
        return ()

    def liq_in(self, _cells: int) -> Spans:
        """Time to liquidation."""
        return ()

    def net(self, _cells: int) -> Spans:
        """Net exposure."""
        return ()

    def loss(self, _cells: int) -> Spans:
        """Lost per 1 %."""
        return ()

    def rebuild(self, _cells: int) -> Spans:
        """Cost of opening again."""
        return ()

    def carry(self, _cells: int) -> Spans:
        """A year."""
        return ()

    def basis(self, _cells: int) -> Spans:
        """Between the legs."""
        return ()

    def shield(self, _cells: int) -> Spans:
        """Delta-neutral protection."""
        return ()

    def stress(self, _cells: int) -> Spans:
        """Of pool and market."""
        return ()


class HedgeCells(MoreCells):
    """A hedge's own line."""

    __slots__ = ()
    hedge: HedgeView

    def next_in(self, _cells: int) -> Spans:
        """The nearest among the legs."""
        following = self.hedge.next_light
        return value_or_dash(fmt.minutes(following.minutes if following is not None else None))

    def liq_in(self, _cells: int) -> Spans:
        """The nearest among the legs."""
        return value_or_dash(fmt.minutes(self.hedge.liquidation_minutes))

    def net(self, _cells: int) -> Spans:
        """As it is."""
        return value_or_dash(fmt.exposure(self.hedge.net_usd))

    def loss(self, _cells: int) -> Spans:
        """Without the leg that would cost most."""
        return value_or_dash(fmt.usd(NUMBERS[HedgeView]["loss"](self.hedge)))

    def rebuild(self, _cells: int) -> Spans:
        """Of the dearest leg."""
        return value_or_dash(fmt.usd_short(NUMBERS[HedgeView]["rebuild"](self.hedge)))

    def carry(self, _cells: int) -> Spans:
        """At present rates; marked where something in it is not known."""
        shown = fmt.percent(self.hedge.carry_apr, 1, plus=True)
        return value_or_dash(f"{shown}?" if self.hedge.carry_missing and self.hedge.carry_apr is not None else shown)

    def basis(self, _cells: int) -> Spans:
        """Between the legs."""
        return value_or_dash(fmt.percent(self.hedge.basis, 2, plus=True))

    def shield(self, _cells: int) -> Spans:
        """In the venue's own words."""
        state = self.hedge.shield.state
        return UNKNOWN if state == "unknown" else text(state, SHIELD_ROLES.get(state, Role.TEXT))


class PositionCells(MoreCells):
    """A position, as a leg or alone."""

    __slots__ = ()
    position: PositionView

    @property
    def closed(self) -> IfClosed | None:
        """What is left of its hedge without it."""
        raise NotImplementedError

    def venue(self, _cells: int) -> Spans:
        """As its profile names it."""
        return text(self.position.venue)

    def entry(self, _cells: int) -> Spans:
        """As the venue gives it."""
        return value_or_dash(fmt.price(self.position.entry_price, quoted(self.position)))

    def margin(self, _cells: int) -> Spans:
        """`cross 5×`; the leverage is the one set, not the effective one."""
        mode, leverage = self.position.margin_mode, self.position.leverage
        parts = (mode.value if mode is not None else "", f"{fmt.size(leverage)}×" if leverage is not None else "")
        return value_or_dash(" ".join(part for part in parts if part) or fmt.UNKNOWN)

    def estimate(self, cells: int) -> Spans:
        """Our level, how it was come by, and between which levels it may be."""
        light = self.position.estimate
        if light.source is None:
            return bars(light)
        tail = f" {SHORT_SOURCE[light.source]} {span_of(light)}"
        return (*bars(light), (tail if len(tail) + 7 <= cells else "", Role.DIM))

    def next_in(self, _cells: int) -> Spans:
        """At the drift of the last hour."""
        following = self.position.next_light
        return value_or_dash(fmt.minutes(following.minutes if following is not None else None))

    def liq_price(self, _cells: int) -> Spans:
        """The venue's, or computed here."""
        return value_or_dash(fmt.price(self.position.liquidation.price, quoted(self.position)))

    def liq_in(self, _cells: int) -> Spans:
        """At the drift of the last hour."""
        return value_or_dash(fmt.minutes(self.position.liquidation.minutes))

    def loss(self, _cells: int) -> Spans:
        """Without this leg."""
        return value_or_dash(fmt.usd(self.closed.loss_per_1pct if self.closed is not None else None))

    def rebuild(self, _cells: int) -> Spans:
        """Of this leg."""
        return value_or_dash(fmt.usd_short(self.closed.rebuild_usd if self.closed is not None else None))

    def stress(self, _cells: int) -> Spans:
        """The worse of the two."""
        level = self.position.stress
        return UNKNOWN if level is None else text(level.value, STRESS_ROLES[level])


class HoldingCells(MoreCells):
    """A balance: of these columns it has only a place."""

    __slots__ = ()
    holding: HoldingView

    def venue(self, _cells: int) -> Spans:
        """As its profile names it."""
        return text(self.holding.venue)
