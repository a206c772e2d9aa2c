"""Where the next bad things lie and what is left then: price ladder, if closed, shield, facts, source. Pure."""

from collections.abc import Sequence

from adlwatch.domain.snapshot import HedgeView, IfClosed, PositionView, Shield, SourceView
from adlwatch.tui import format as fmt
from adlwatch.tui.layout import described, heading, labelled, table
from adlwatch.tui.lights import level_role
from adlwatch.tui.quotes import quoted
from adlwatch.tui.rows import KIND_WORDS, liquidation_words, signed
from adlwatch.tui.spans import Role, Spans, text

SHIELD_ROLES = {"on": Role.OK, "at-risk": Role.WARNING, "off": Role.TEXT, "not-eligible": Role.DIM, "unknown": Role.BLIND}


def ladder(position: PositionView, cells: int) -> list[Spans]:
    """Every price that matters, highest first, with the move from the mark."""
    mark = position.mark_price
    steps: list[tuple[float, str, Role]] = [(position.entry_price, "entry", Role.DIM)]
    if mark is not None:
        steps.append((mark, "mark ◀", Role.STRONG))
    if position.liquidation.price is not None:
        words = "liquidation, computed" if position.liquidation.computed else "liquidation"
        steps.append((position.liquidation.price, words, Role.CRITICAL))
    if position.next_light is not None:
        level = position.next_light.level
        steps.append((position.next_light.mark, f"light {level}", level_role(level)))
    rows = [
        (text(fmt.price(price, quoted(position)), role), text(_from(mark, price), Role.DIM), text(words, role))
        for price, words, role in sorted(steps, key=lambda step: -step[0])
    ]
    return [heading("LADDER", cells), *table(rows, right=frozenset({0, 1}))]


def _from(mark: float | None, price: float) -> str:
    return "" if not mark or price == mark else fmt.move(price / mark - 1)


def if_closed(hedge: HedgeView, names: dict[str, str], cells: int, leg: str | None = None) -> list[Spans]:
    """What is left of the hedge when a leg goes, by fractions."""
    shown = [c for c in hedge.if_closed if leg is None or c.leg == leg]
    lines = [heading("IF CLOSED", cells)]
    if not shown:
        return [*lines, text("  nothing that ADL could take, or not known", Role.DIM)]
    rows: list[Sequence[Spans]] = [
        tuple(text(word, Role.DIM) for word in ("leg", "gone", "left", "per 1 %", "give back", "rebuild"))
    ]
    rows += [
        (
            text(names.get(closed.leg, closed.leg)),
            text(fmt.percent(closed.fraction)),
            text(fmt.exposure(closed.naked_usd), Role.STRONG if closed.fraction >= 1 else Role.TEXT),
            text(f"−{fmt.usd(closed.loss_per_1pct)}" if closed.loss_per_1pct else fmt.usd(closed.loss_per_1pct), Role.LOSS),
            text(_give_back(closed), Role.DIM),
            text(_rebuild(closed), Role.DIM),
        )
        for closed in shown
    ]
    if leg is not None:
        return [*lines, *table([row[1:] for row in rows], right=frozenset({0, 1, 2, 3, 4}))]
    return [*lines, *table(rows, right=frozenset({1, 2, 3, 4, 5}))]


def _give_back(closed: IfClosed) -> str:
    """What the venue's closing price would cost against the mark; a range where the venue's rule leaves one."""
    low, high = closed.give_back_low_usd, closed.give_back_high_usd
    return fmt.usd_short(low) if low == high else f"{fmt.usd_short(low)} to {fmt.usd_short(high)}"


def _rebuild(closed: IfClosed) -> str:
    """What opening it again would cost, and how many days of the hedge's carry that is."""
    days = f" {fmt.fixed(closed.carry_days, 1)} d" if closed.carry_days is not None else ""
    return fmt.usd_short(closed.rebuild_usd) + days


def shield(state: Shield, cells: int) -> list[Spans]:
    """Delta-neutral protection: state, ratio against threshold, headroom, cliff."""
    lines = [heading("SHIELD", cells), labelled("state", text(state.state, SHIELD_ROLES.get(state.state, Role.TEXT)))]
    if state.ratio is not None or state.threshold is not None:
        lines.append(labelled("ratio", f"{fmt.fixed(state.ratio, 3)} of at most {fmt.fixed(state.threshold, 3)}"))
    if state.headroom_units is not None:
        lines.append(labelled("headroom", f"{fmt.size(state.headroom_units)} units, {fmt.usd(state.headroom_usd)}"))
    for label, words in (("cliff", state.cliff), ("rule", state.rule), ("note", state.note)):
        if words:
            lines += described(label, (), words, cells)
    return lines


def position_facts(position: PositionView, cells: int) -> list[Spans]:
    """The position itself."""
    pnl, decimals = position.unrealized_pnl, quoted(position)
    margin = position.margin_mode.value if position.margin_mode is not None else "margin mode unknown"
    leverage = f", leverage set {fmt.size(position.leverage)}×" if position.leverage is not None else ""
    return [
        heading("POSITION", cells),
        labelled(
            "size", f"{fmt.size(position.size, position.contracts)}  {fmt.usd(position.notional)}  {position.contract.value}"
        ),
        labelled("entry → mark", f"{fmt.price(position.entry_price, decimals)} → {fmt.price(position.mark_price, decimals)}"),
        labelled("unrealized", signed(pnl, fmt.usd(pnl, plus=True))),
        labelled("liquidation", liquidation_words(position.liquidation)),
        labelled("margin", f"{margin}{leverage}"),
    ]


def hedge_facts(hedge: HedgeView, cells: int) -> list[Spans]:
    """The hedge as a whole."""
    pnl = hedge.unrealized_pnl
    return [
        heading("HEDGE", cells),
        labelled("kind", f"{KIND_WORDS.get(hedge.kind, hedge.kind)} on {hedge.underlying}"),
        labelled("net delta", f"{fmt.fixed(hedge.net_delta, 6)} {hedge.underlying}  {fmt.exposure(hedge.net_usd)}"),
        labelled("hedge ratio", fmt.percent(hedge.hedge_ratio, 1)),
        labelled("gross", fmt.usd(hedge.gross_usd)),
        labelled("unrealized", signed(pnl, fmt.usd(pnl, plus=True))),
        labelled("basis", fmt.percent(hedge.basis, 3, plus=True)),
        labelled("worst leg naked", text(fmt.exposure(hedge.naked_usd), Role.STRONG), cells=16),
    ]


def source_facts(source: SourceView | None, position: PositionView | None, cells: int) -> list[Spans]:
    """Where the data comes from and how fresh it is."""
    lines = [heading("SOURCE", cells)]
    if source is None:
        return [*lines, text("  unknown", Role.BLIND)]
    role = Role.BLIND if source.health.blind else Role.TEXT
    lines.append(labelled("source", ((source.id, Role.TEXT), (f"  {source.health.value}", role))))
    age = position.age_seconds if position is not None else source.age_seconds
    lines.append(labelled("age of data", fmt.age(age)))
    if source.error:
        lines.append(labelled("last error", text(source.error, Role.WARNING)))
    return lines
