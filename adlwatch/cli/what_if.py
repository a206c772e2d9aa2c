"""`adlwatch what-if`: move the marks of a book and see which lights, liquidations and shields go, in order."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click
import msgspec

from adlwatch.cli.assessed import known, with_config
from adlwatch.cli.grid import Column, grid, paragraph, width
from adlwatch.cli.options import SOURCE_OPTIONS, Launch, launch_options
from adlwatch.cli.output import write
from adlwatch.tui.format import UNKNOWN, move, percent, price, usd

if TYPE_CHECKING:
    from adlwatch.domain.crossing import Event
    from adlwatch.domain.what_if_report import MovedPosition, WhatIf

_MOVE = re.compile(r"([^=\s]+)=([-+−]?[0-9]*\.?[0-9]+)(%?)")
_COLUMNS = (
    Column("POSITION"),
    Column("MOVE", right=True),
    Column("MARK", right=True),
    Column("PNL", right=True),
    Column("LIGHT (EST.)"),
    Column("LIQUIDATION", right=True),
    Column("EQUITY", right=True, from_width=100),
)


class Move(click.ParamType[tuple[str, float]]):
    """`BTC=-15%` (or the fraction, `BTC=-0.15`) as (coin, fraction)."""

    name = "COIN=MOVE"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, float]:
        """Raises `click.BadParameter` with what was expected."""
        found = _MOVE.fullmatch(value)
        if found is None:
            self.fail(f"{value!r} is not COIN=MOVE, for example BTC=-15%", param, ctx)
        amount = float(found[2].replace("−", "-"))
        return found[1].upper(), amount / 100.0 if found[3] else amount


@click.command("what-if")
@launch_options(*SOURCE_OPTIONS)
@click.option(
    "--move", "moves", type=Move(), multiple=True, required=True, help="How far a coin moves; repeat it for a joint shock."
)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as one line of JSON.")
@click.pass_context
def command(context: click.Context, launch: Launch, moves: tuple[tuple[str, float], ...], *, as_json: bool) -> None:
    """Move the marks and see which lights, liquidations and shields go, in order.

    Coins not named follow BTC by their beta, where BTC is named.
    """
    from adlwatch.domain.what_if_report import what_if  # noqa: PLC0415  # numpy, which --help does not need

    asked = known(with_config(launch, context.obj))
    try:
        answer = what_if(asked.states, asked.settings, asked.now, dict(moves))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--move") from None
    write(msgspec.json.encode(answer).decode() if as_json else "\n".join(_page(answer, width())))


def _page(answer: "WhatIf", wide: int) -> Iterator[str]:
    moved = ", ".join(f"{coin} {move(by)}" for coin, by in sorted(answer.moves.items()))
    yield paragraph(answer.label, moved or "nothing to move: no positions", wide)
    if answer.assumed_betas:
        yield paragraph("", f"beta unknown, moved like BTC: {', '.join(sorted(answer.assumed_betas))}", wide)
    yield ""
    yield grid(_COLUMNS, [_row(each) for each in sorted(answer.positions, key=_danger)], wide)
    yield ""
    yield from ([_event(each, wide) for each in answer.events] or ["On the way: no light goes up, nothing is liquidated."])


def _danger(each: "MovedPosition") -> tuple[bool, int, str]:
    return not each.liquidated, -(each.moved_level or 0), each.key


def _row(each: "MovedPosition") -> tuple[str, ...]:
    lights = f"{each.level or UNKNOWN} → {each.moved_level or UNKNOWN}"
    left = "none" if each.liquidation.unreachable else price(each.liquidation.price)
    return (
        each.key,
        move(each.move),
        price(each.moved_mark),
        usd(each.pnl_change, plus=True),
        lights,
        "PAST" if each.liquidated else left,
        usd(each.account_equity),
    )


def _event(each: "Event", wide: int) -> str:
    what = {"light": f"light {each.level}", "liquidation": "LIQUIDATED", "shield-lost": "shield lost"}[each.kind]
    at = "" if each.mark is None else f" at {price(each.mark)}"
    return paragraph(f"{percent(each.at):>5} of way", f"{what}: {each.key}{at} ({move(each.move)})", wide)
